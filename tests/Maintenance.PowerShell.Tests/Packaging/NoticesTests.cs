using System.Security.Cryptography;
using System.Text.Json;
using Maintenance.Packager;

namespace Maintenance.ModuleTests.Packaging;

/// <summary>What is shipped of others, and what is told of it.</summary>
public sealed class NoticesTests : IDisposable
{
    private static readonly string ToolFolder = Path.GetDirectoryName(ModuleRunspace.HostPath)!;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("notices-");

    public static TheoryData<string> Shipped =>
        // The host as built is not what is handed on: only its package tells what it contains.
        File.Exists(Path.Combine(ToolFolder, "sbom.cdx.json")) ? [ModuleRunspace.ModuleFolder, ToolFolder] : [ModuleRunspace.ModuleFolder];

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [MemberData(nameof(Shipped))]
    public void The_bill_of_materials_lists_every_library_of_others_and_nothing_that_is_not_shipped(string folder)
    {
        var listed = Components(folder).SelectMany(component => component.Files).OrderBy(file => file.Path, StringComparer.Ordinal).ToArray();
        var shipped = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Where(file => Path.GetExtension(file) is ".dll" or ".exe" or ".so" or ".dylib" && !Path.GetFileName(file).StartsWith("Maintenance.", StringComparison.Ordinal))
            .Select(file => (Path: Path.GetRelativePath(folder, file).Replace('\\', '/'), Hash: Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file)))))
            .OrderBy(file => file.Path, StringComparer.Ordinal).ToArray();
        Assert.NotEmpty(shipped);
        Assert.Equal(shipped, listed);
    }

    [Theory]
    [MemberData(nameof(Shipped))]
    public void The_notices_name_each_component_with_its_version_its_licence_and_its_files(string folder)
    {
        var notices = File.ReadAllText(Path.Combine(folder, "THIRD-PARTY-NOTICES.txt"));
        Assert.All(Components(folder), component =>
        {
            Assert.Contains($"\n{component.Name} {component.Version}, {component.Licence}\n", notices, StringComparison.Ordinal);
            Assert.All(component.Files, file => Assert.Contains($"\n  {file.Path}\n", notices, StringComparison.Ordinal));
            Assert.Contains(component.Name, notices[notices.IndexOf("\nLicence of ", StringComparison.Ordinal)..], StringComparison.Ordinal);
        });
    }

    [Fact]
    public void Native_SQLite_is_there_for_every_system_that_PowerShell_supports_and_for_no_other()
    {
        var runtimes = Directory.GetDirectories(Path.Combine(ModuleRunspace.ModuleFolder, "lib", "runtimes")).Select(Path.GetFileName).Order();
        Assert.Equal(["linux-arm64", "linux-musl-arm64", "linux-musl-x64", "linux-x64", "osx-arm64", "osx-x64", "win-arm64", "win-x64"], runtimes);
    }

    [Fact]
    public void The_bill_of_materials_has_the_licence_that_the_build_is_given()
    {
        using var bill = JsonDocument.Parse(SbomWriter.Write("Product", "1.2.3", "Apache-2.0", []));
        Assert.Equal("Apache-2.0", bill.RootElement.GetProperty("metadata").GetProperty("component").GetProperty("licenses")[0].GetProperty("license").GetProperty("id").GetString());
    }

    [Fact]
    public void A_library_that_no_package_brings_is_not_shipped()
    {
        File.WriteAllText(Path.Combine(_folder.FullName, "Stranger.dll"), "");
        var error = Assert.Throws<PackagingException>(() => Read("""<license type="expression">MIT</license>"""));
        Assert.Contains("Stranger.dll", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""<license type="expression">GPL-3.0-only</license>""", "GPL-3.0-only")]
    [InlineData("""<license type="expression">MIT OR Apache-2.0</license>""", "does not say")]
    [InlineData("""<license type="file">terms.txt</license>""", "terms.txt")]
    [InlineData("""<licenseUrl>https://example.org/terms</licenseUrl>""", "does not say")]
    [InlineData("", "does not say")]
    public void A_licence_that_nobody_has_looked_at_is_not_shipped(string licence, string expected)
    {
        var error = Assert.Throws<PackagingException>(() => Read(licence));
        Assert.Contains("Some.Library 1.2.3", error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_licence_that_is_known_is_told_with_its_text()
    {
        var component = Assert.Single(Read("""<license type="expression">MIT</license>"""));
        Assert.Equal(("Some.Library", "1.2.3", "MIT", "Copyright (c) Somebody"), (component.Id, component.Version, component.Licence.Spdx, component.Copyright));
        Assert.StartsWith("Permission is hereby granted", component.Licence.Text, StringComparison.Ordinal);
        Assert.Equal("Library.dll", Assert.Single(component.Files).Path);
    }

    private IReadOnlyList<Component> Read(string licence)
    {
        var packages = Path.Combine(_folder.FullName, "packages");
        var package = Directory.CreateDirectory(Path.Combine(packages, "some.library", "1.2.3")).FullName;
        File.WriteAllText(Path.Combine(package, "terms.txt"), "Nobody may hand this on.");
        File.WriteAllText(Path.Combine(package, "some.library.nuspec"), $"""
            <package xmlns="http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd">
              <metadata><id>Some.Library</id><version>1.2.3</version><authors>Somebody</authors><description>Some.</description>{licence}</metadata>
            </package>
            """);
        var assets = Path.Combine(_folder.FullName, "project.assets.json");
        File.WriteAllText(assets, JsonSerializer.Serialize(new
        {
            packageFolders = new Dictionary<string, object> { [packages] = new() },
            targets = new Dictionary<string, object>
            {
                ["net10.0"] = new Dictionary<string, object>
                {
                    ["Some.Library/1.2.3"] = new { type = "package", runtime = new Dictionary<string, object> { ["lib/net10.0/Library.dll"] = new() } },
                },
            },
            libraries = new Dictionary<string, object> { ["Some.Library/1.2.3"] = new { path = "some.library/1.2.3" } },
        }));
        File.WriteAllText(Path.Combine(_folder.FullName, "Library.dll"), "");
        return ComponentReader.Read(_folder.FullName, [new PackagePart("", assets)]);
    }

    private static IEnumerable<(string Name, string Version, string Licence, (string Path, string Hash)[] Files)> Components(string folder)
    {
        using var bill = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "sbom.cdx.json")));
        Assert.Equal("CycloneDX", bill.RootElement.GetProperty("bomFormat").GetString());
        return
        [
            .. bill.RootElement.GetProperty("components").EnumerateArray().Select(component => (
                component.GetProperty("name").GetString()!,
                component.GetProperty("version").GetString()!,
                component.GetProperty("licenses")[0].GetProperty("license").GetProperty("id").GetString()!,
                component.GetProperty("components").EnumerateArray()
                    .Select(file => (file.GetProperty("name").GetString()!, file.GetProperty("hashes")[0].GetProperty("content").GetString()!)).ToArray())),
        ];
    }
}
