using Maintenance.Engine.Security.Scan.Dependencies;

namespace Maintenance.EngineTests.Security.Scan;

/// <summary>What dotnet list package writes: a clean list and a failed restore are as the SDK wrote them here, vulnerable packages as it documents them.</summary>
public class DotnetListTests
{
    private const string Report = """
        {"version":1,"parameters":"--vulnerable --include-transitive","sources":["https://user:pw@packages.example/v3/index.json"],"projects":[
         {"path":"/srv/app/a.csproj","frameworks":[{"framework":"net10.0",
           "topLevelPackages":[{"id":"Newtonsoft.Json","requestedVersion":"12.0.1","resolvedVersion":"12.0.1","vulnerabilities":[{"severity":"High","advisoryurl":"https://github.com/advisories/GHSA-5crp-9r3c-p9vr"}]}],
           "transitivePackages":[{"id":"System.Text.Json","resolvedVersion":"8.0.0","vulnerabilities":[{"severity":"Moderate","advisoryurl":"https://github.com/advisories/GHSA-8g4q-xg66-9fp4"}]}]}]},
         {"path":"/srv/app/b.csproj","frameworks":[{"framework":"net10.0","transitivePackages":[{"id":"Newtonsoft.Json","resolvedVersion":"11.0.2","vulnerabilities":[{"severity":"High","advisoryurl":"https://github.com/advisories/GHSA-5crp-9r3c-p9vr"}]}]}]}]}
        """;

    private static readonly DotnetList Dotnet = new(address => address.StartsWith("https://api.nuget.org/", StringComparison.Ordinal));

    [Fact]
    public void A_package_of_several_projects_is_one_finding()
    {
        var reading = Readings.Read(Dotnet, Report, 0, "/srv/app");

        Assert.Null(reading.Problem);
        Assert.Equal(["Newtonsoft.Json (GHSA-5crp-9r3c-p9vr)", "System.Text.Json (GHSA-8g4q-xg66-9fp4)"], reading.Flaws.Select(flaw => flaw.Subject));
        Assert.Equal([FindingSeverity.High, FindingSeverity.Medium], reading.Flaws.Select(flaw => flaw.Severity));
        Assert.Equal(["12.0.1", "11.0.2"], (IEnumerable<string>)reading.Flaws[0].Evidence["Installed"]!);
        Assert.Equal(["a.csproj", "b.csproj"], (IEnumerable<string>)reading.Flaws[0].Evidence["Places"]!);
        Assert.Equal(false, reading.Flaws[1].Evidence["Direct"]);
        // An address of a source may hold a login.
        Assert.Equal(["packages.example"], (IEnumerable<string>)reading.Evidence["Sources"]!);
    }

    [Theory]
    [InlineData("https://api.nuget.org/v3/index.json", null)]
    [InlineData("https://packages.example/v3/index.json", "packages.example may have none")]
    [InlineData("/srv/packages", "a folder may have none")]
    public void Nothing_found_counts_only_where_a_source_has_a_list_of_vulnerabilities(string source, string? problem)
    {
        var text = "{\"version\":1,\"parameters\":\"--vulnerable --include-transitive\",\"sources\":[\"" + source + "\"],\"projects\":[{\"path\":\"/srv/app/a.csproj\"}]}";

        Assert.Equal(problem is null ? FindingOutcome.Pass : FindingOutcome.Unknown, Assert.Single(Readings.Findings(Dotnet, text, 0)).Outcome);
        Assert.Contains(problem ?? "", Readings.Read(Dotnet, text, 0).Problem ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public void A_copy_that_answers_under_the_name_of_nuget_org_is_not_believed_and_of_a_file_no_address_is_asked()
    {
        const string Clean = """{"version":1,"parameters":"--vulnerable","sources":["https://api.nuget.org/v3/index.json"],"projects":[{"path":"a"}]}""";

        Assert.Contains("api.nuget.org may have none", Readings.Read(new DotnetList(_ => false), Clean, 0).Problem, StringComparison.Ordinal);
        Assert.Null(Readings.Read(new DotnetList(_ => throw new InvalidOperationException("It was asked.")), Clean).Problem);
    }

    [Theory]
    [InlineData("""{"version":1,"problems":[{"text":"Restore failed. Run `dotnet restore` for more details on the issue.","level":"error"}]}""", 1, "Restore failed")]
    [InlineData("""{"version":1,"parameters":"--vulnerable","problems":[{"project":"/srv/app/a.csproj","text":"No assets file was found.","level":"error"}],"sources":["https://api.nuget.org/v3/index.json"],"projects":[{"path":"/srv/app/a.csproj"}]}""", 0, "a.csproj: No assets file was found")]
    [InlineData("""{"version":1,"parameters":"--vulnerable","sources":["https://api.nuget.org/v3/index.json"],"projects":[]}""", 0, "it looked at no project")]
    [InlineData("""{"version":1,"parameters":"--outdated","sources":["https://api.nuget.org/v3/index.json"],"projects":[{"path":"a"}]}""", 0, "it was not asked for vulnerable packages")]
    [InlineData("""{"version":1,"parameters":"--vulnerable","sources":["https://api.nuget.org/v3/index.json"],"projects":[{"path":"a"}]}""", 134, "exit code 134")]
    public void Whatever_kept_it_from_looking_is_unknown(string text, int code, string said)
    {
        var finding = Assert.Single(Readings.Findings(Dotnet, text, code));

        Assert.Equal(FindingOutcome.Unknown, finding.Outcome);
        Assert.Contains(said, Readings.Read(Dotnet, text, code, "/srv/app/app.sln").Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"version":1}""")]
    [InlineData("MSBUILD : error MSB1009: Project file does not exist.")]
    [InlineData("""{"version":1,"parameters":"--vulnerable","projects":[{"path":"a","frameworks":[{"topLevelPackages":[{"vulnerabilities":[{}]}]}]}]}""")]
    [InlineData("""{"version":1,"parameters":"--vulnerable","projects":[{"path":"a"}""")]
    public void What_is_no_report_cannot_be_read(string text) => Assert.Throws<InvalidDataException>(() => Readings.Read(Dotnet, text, 0));

    [Fact]
    public void Projects_that_no_solution_names_are_looked_at_by_themselves()
    {
        using var scene = new SourceFolderScene();
        scene.Write("app.sln", "Project(\"{}\") = \"a\", \"src\\a\\a.csproj\", \"{}\"");
        scene.Write("src/a/a.csproj");
        scene.Write("tools/b.fsproj");
        scene.Write("tools/bin/Debug/b.csproj");

        Assert.Equal(["app.sln", "tools/b.fsproj"], scene.Below(Dotnet.Places(scene.Path)));
    }
}
