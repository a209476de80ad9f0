using System.Reflection;
using System.Text.Json;

namespace Maintenance.ModuleTests.Packaging;

public sealed class VersionTests
{
    private static readonly Version Built = new(ModuleRunspace.Metadata("Version"));

    [Theory]
    [InlineData("Maintenance.Contracts.dll")]
    [InlineData("Maintenance.PowerShell.dll")]
    [InlineData("lib/Maintenance.Engine.dll")]
    public void An_assembly_has_the_version_of_the_build(string file) =>
        Assert.Equal(Built, Short(AssemblyName.GetAssemblyName(Path.Combine(ModuleRunspace.ModuleFolder, file)).Version!));

    [Fact]
    public void The_host_has_the_version_of_the_build() =>
        Assert.Equal(Built, Short(AssemblyName.GetAssemblyName(ModuleRunspace.HostPath).Version!));

    [Fact]
    public void The_manifest_and_the_bill_of_materials_have_the_version_of_the_build()
    {
        using var runspace = new ModuleRunspace(import: false);
        Assert.Equal(Built, Version.Parse(runspace.Invoke($"(Test-ModuleManifest '{ModuleRunspace.ManifestPath}').Version")[0].ToString()!));
        using var bill = JsonDocument.Parse(File.ReadAllText(Path.Combine(ModuleRunspace.ModuleFolder, "sbom.cdx.json")));
        Assert.Equal(Built.ToString(), bill.RootElement.GetProperty("metadata").GetProperty("component").GetProperty("version").GetString());
    }

    private static Version Short(Version version) => new(version.Major, version.Minor, version.Build);
}
