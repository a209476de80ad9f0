using Maintenance.Engine.Programs;
using Maintenance.Engine.Security.Scan;

namespace Maintenance.EngineTests.Security.Scan;

public class ScanPlanTests
{
    [Theory]
    [InlineData(new[] { "npm", "pip-audit", "safety" }, new[] { "npm", "pip-audit" })]
    [InlineData(new[] { "npm", "safety" }, new[] { "npm", "safety" })]
    [InlineData(new[] { "npm" }, new[] { "npm", "pip-audit" })]
    public void Of_two_that_do_the_same_one_runs_that_is_installed(string[] installed, string[] expected)
    {
        using var scene = new SourceFolderScene();
        scene.Write("package-lock.json");
        scene.Write("requirements.txt");

        Assert.Equal(expected, ScanPlan.Of(ScannerCatalogue.All, scene.Path, "app", false, scanner => installed.Contains(scanner.Name)).Where(step => step.Scanner.Kind == ScanKind.Dependencies).Select(step => step.Scanner.Name));
    }

    [Fact]
    public void Places_are_named_by_where_they_lie_below_the_source()
    {
        using var scene = new SourceFolderScene();
        scene.Write("package-lock.json");
        scene.Write("web/package-lock.json");
        scene.Write("requirements.txt");

        var names = ScanPlan.Of(ScannerCatalogue.All, scene.Path, "app", false, _ => true).Where(step => step.Scanner.Kind == ScanKind.Dependencies).Select(step => step.Name);

        Assert.Equal(["app", "app/requirements.txt", "app/web"], names.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_scanner_that_was_named_has_a_step_even_with_nothing_to_read()
    {
        using var scene = new SourceFolderScene();

        Assert.All(ScanPlan.Of(ScannerCatalogue.All, scene.Path, "app", true, _ => false).Where(step => step.Scanner.Kind == ScanKind.Dependencies), step => Assert.Null(step.Path));
        Assert.DoesNotContain(ScanPlan.Of(ScannerCatalogue.All, scene.Path, "app", false, _ => false), step => step.Scanner.Kind == ScanKind.Dependencies);
    }

    [Fact]
    public void On_Windows_a_script_is_a_command_too()
    {
        using var scene = new SourceFolderScene();
        var script = scene.Write("one/npm.cmd");
        scene.Write("two/npm.exe");
        var folders = new[] { Path.Combine(scene.Path, "nowhere"), Path.Combine(scene.Path, "one"), Path.Combine(scene.Path, "two") };

        Assert.Equal(script, SearchPath.FindCommand(folders, "npm", windows: true));
        Assert.Null(SearchPath.FindCommand(folders, "node", windows: true));
    }

    [Fact]
    public void Elsewhere_a_command_can_be_executed_and_keeps_the_name_of_its_link()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There a command has an ending.");
        using var scene = new SourceFolderScene();
        scene.Write("one/npm");
        var shim = scene.Write("shim");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(shim, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }

        Directory.CreateDirectory(Path.Combine(scene.Path, "two"));
        File.CreateSymbolicLink(Path.Combine(scene.Path, "two", "npm"), shim);

        Assert.Equal(Path.Combine(scene.Path, "two", "npm"), SearchPath.FindCommand([Path.Combine(scene.Path, "one"), Path.Combine(scene.Path, "two")], "npm", windows: false));
    }

    [Theory]
    [InlineData("CVE-2020-7598", "CVE-2020-7598")]
    [InlineData("cwe-79", "CWE-79")]
    [InlineData("CVE-1\n<b>", null)]
    [InlineData("something", null)]
    public void Only_names_of_known_lists_are_mappings(string name, string? expected) =>
        Assert.Equal(expected, ScanMappings.Of(name, name, null).SingleOrDefault()?.ToString());
}
