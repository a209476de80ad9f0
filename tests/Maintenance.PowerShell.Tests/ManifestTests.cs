namespace Maintenance.ModuleTests;

public sealed class ManifestTests
{
    [Fact]
    public void The_manifest_is_clean()
    {
        using var runspace = new ModuleRunspace(import: false);
        var result = runspace.Run($"Test-ModuleManifest '{ModuleRunspace.ManifestPath}'");
        Assert.Null(result.Terminating);
        Assert.Empty(result.Errors);
        Assert.Empty(result.Warnings);
        Assert.Single(result.Output);
    }
}
