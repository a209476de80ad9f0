namespace Maintenance.ModuleTests.Help;

public sealed class BuildScriptTests
{
    /// <summary>A comment that touches its help, such as the first line, would hide it.</summary>
    [Fact]
    public void The_build_script_explains_itself()
    {
        var script = Path.GetFullPath(Path.Combine(ModuleRunspace.Metadata("HelpPages"), "..", "..", "build.ps1"));
        using var runspace = new ModuleRunspace(import: false);
        var help = runspace.Invoke("$help = Get-Help $script; $help.Synopsis; $help.Parameters.Parameter | ForEach-Object { \"$($_.Name): $($_.Description.Text)\" }", ("script", script))
            .Select(item => item.ToString()).ToArray();
        Assert.Equal("Builds, tests, packs or cleans the Maintenance module.", help[0]);
        Assert.All(help[1..], parameter => Assert.Matches(@"^\w+: .+", parameter));
        Assert.Equal(["Task", "Configuration"], help[1..].Select(parameter => parameter.Split(':')[0]));
    }
}
