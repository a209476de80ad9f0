using Maintenance.Engine.Security.Scan.Dependencies;

namespace Maintenance.EngineTests.Security.Scan;

/// <summary>pip-audit and Safety are not installed where this is built: their adapters are held to the output and the exit codes that they document.</summary>
public class PythonScannerTests
{
    private const string PipReport = """
        {"dependencies":[
          {"name":"flask","version":"0.5","vulns":[
            {"id":"PYSEC-2019-179","fix_versions":["1.0"],"aliases":["CVE-2019-1010083","GHSA-5wv5-4vpf-pj6m"],"description":"The Pallets Project Flask before 1.0 is affected by unexpected memory usage."},
            {"id":"PYSEC-2018-66","fix_versions":[],"aliases":["CVE-2018-1000656"],"description":"Improper input validation."}]},
          {"name":"jinja2","version":"3.0.2","vulns":[]}],
         "fixes":[]}
        """;

    private const string SafetyReport = """
        {"report_meta":{"scan_target":"files","packages_found":50,"safety_version":"2.3.5"},"announcements":[],
         "vulnerabilities":[
          {"vulnerability_id":"44742","package_name":"django","ignored":false,"vulnerable_spec":"<2.2.28","analyzed_version":"2.2","advisory":"Django 2.2.28 fixes a SQL injection.","fixed_versions":["2.2.28",""],
           "CVE":"CVE-2022-28346","severity":{"source":"CVE-2022-28346","cvssv2":{"base_score":7.5},"cvssv3":{"base_score":9.8,"impact_score":5.9}},"more_info_url":"https://data.safetycli.com/v/44742/"},
          {"vulnerability_id":"25853","package_name":"insecure-package","vulnerable_spec":["<0.2.0"],"analyzed_version":"0.1.0","advisory":"Insecure.","fixed_versions":[],"CVE":null,"severity":null,"more_info_url":"https://data.safetycli.com/v/25853/"}],
         "ignored_vulnerabilities":[{"vulnerability_id":"1"}],"remediations":{}}
        """;

    private static readonly PipAudit Pip = new();
    private static readonly SafetyCheck Safety = new();

    [Fact]
    public void Pip_audit_as_documented_gives_each_advisory_with_its_fix_and_aliases()
    {
        var reading = Readings.Read(Pip, PipReport, 1);

        Assert.Null(reading.Problem);
        Assert.Equal(2, reading.Examined);
        Assert.Equal(["flask (PYSEC-2018-66)", "flask (PYSEC-2019-179)"], reading.Flaws.Select(flaw => flaw.Subject));
        // It tells no severity, and one that is not known is not small.
        Assert.All(reading.Flaws, flaw => Assert.Equal(FindingSeverity.High, flaw.Severity));
        Assert.Equal("Update flask to 1.0, or later.", reading.Flaws[1].Recommendation);
        Assert.Equal(["PYSEC-2019-179", "CVE-2019-1010083", "GHSA-5wv5-4vpf-pj6m"], reading.Flaws[1].Mappings.Select(mapping => mapping.ToString()));
        Assert.StartsWith("No version without it is known", reading.Flaws[0].Recommendation, StringComparison.Ordinal);
    }

    [Fact]
    public void What_pip_audit_skipped_is_not_known_even_beside_what_it_found()
    {
        var text = PipReport.Replace("\"fixes\"", "\"x\"", StringComparison.Ordinal).Replace("{\"name\":\"jinja2\",\"version\":\"3.0.2\",\"vulns\":[]}", "{\"name\":\"own\",\"skip_reason\":\"Dependency not found on PyPI\"}", StringComparison.Ordinal);

        Assert.Equal([FindingOutcome.Fail, FindingOutcome.Fail, FindingOutcome.Unknown], Readings.Findings(Pip, text, 1).Select(finding => finding.Outcome));
        Assert.Contains("it skipped 1 of the dependencies: own (Dependency not found on PyPI)", Readings.Read(Pip, text, 1).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void The_list_of_older_versions_is_read_too() =>
        Assert.Single(Readings.Read(Pip, """[{"name":"flask","version":"0.5","vulns":[{"id":"PYSEC-2019-179","fix_versions":["1.0"],"description":"x"}]}]""", 1).Flaws);

    [Theory]
    [InlineData("""{"dependencies":[],"fixes":[]}""", 1, "exit code 1 and told of nothing")]
    [InlineData("""{"dependencies":[],"fixes":[]}""", 2, "exit code 2")]
    public void Exit_codes_of_pip_audit_are_understood(string text, int code, string said) => Assert.Contains(said, Readings.Read(Pip, text, code).Problem, StringComparison.Ordinal);

    [Theory]
    [InlineData("{}")]
    [InlineData("No known vulnerabilities found")]
    [InlineData("""{"dependencies":{}}""")]
    [InlineData("""{"dependencies":[{"name":"x"}]}""")]
    [InlineData("""{"dependencies":[{"name":"x","version":"1","vulns":[""")]
    public void What_is_no_report_of_pip_audit_cannot_be_read(string text) => Assert.Throws<InvalidDataException>(() => Readings.Read(Pip, text, 0));

    [Fact]
    public void Safety_check_as_documented_gives_severities_by_score_and_counts_what_was_ignored()
    {
        var reading = Readings.Read(Safety, SafetyReport, 64);

        Assert.Null(reading.Problem);
        Assert.Equal(("2.3.5", 50L, 1), (reading.Version, reading.Examined!.Value, reading.Suppressed));
        Assert.Equal(["django (Safety 44742)", "insecure-package (Safety 25853)"], reading.Flaws.Select(flaw => flaw.Subject));
        Assert.Equal([FindingSeverity.Critical, FindingSeverity.High], reading.Flaws.Select(flaw => flaw.Severity));
        Assert.Equal("Update django to 2.2.28, or later.", reading.Flaws[0].Recommendation);
        Assert.Equal("CVE-2022-28346", Assert.Single(reading.Flaws[0].Mappings).ToString());
    }

    [Fact]
    public void The_banner_that_safety_3_puts_around_its_json_is_passed_over()
    {
        var banner = "\n\n+=====+\n\n\nDEPRECATED: this command (`check`) has been DEPRECATED, and will be unsupported.\n\n+=====+\n\n\n";

        Assert.Equal(2, Readings.Read(Safety, banner + SafetyReport + banner, 64).Flaws.Count);
        Assert.Throws<InvalidDataException>(() => Readings.Read(Safety, banner, 0));
        Assert.Throws<InvalidDataException>(() => Readings.Read(Safety, banner + SafetyReport[..200] + banner, 0));
    }

    [Fact]
    public void Safety_scan_as_documented_can_be_read_from_a_file()
    {
        const string Scan = """
            {"meta":{"scan_type":"scan","version":"3.2.11","schema_version":"3.0"},"scan_results":{"base_domain":null,"projects":[{"id":"shop","location":"/srv/shop","files":[{"location":"/srv/shop/requirements.txt","type":"requirements.txt",
             "results":{"dependencies":[{"name":"django","specifications":[{"raw":"django==2.2","vulnerabilities":{"known_vulnerabilities":[{"id":"44742","ignored":null,"vulnerable_spec":"<2.2.28"},{"id":"39646","ignored":{"code":"manual"},"vulnerable_spec":"<2.2.20"}],
             "remediation":{"vulnerabilities_found":2,"recommended":"4.2.16","other_recommended":[]}}}]}]}}]}],"files":[]}}
            """;
        var reading = Readings.Read(Safety, Scan);

        var flaw = Assert.Single(reading.Flaws);
        Assert.Equal("django 2.2 has a known vulnerability, Safety 44742.", flaw.Message);
        Assert.Equal("Update django to 4.2.16, or later.", flaw.Recommendation);
        Assert.Equal(1, reading.Suppressed);
        Assert.True(Safety.Recognises(Scan));
    }

    [Fact]
    public void The_list_of_safety_1_is_read_as_documented()
    {
        const string Old = """[["django","<2.2.28","2.2","Django before 2.2.28.","44742"]]""";

        Assert.Equal("django (Safety 44742)", Assert.Single(Readings.Read(Safety, Old, 255).Flaws).Subject);
        Assert.True(Safety.Recognises(Old));
        Assert.Empty(Readings.Read(Safety, "[]", 0).Flaws);
    }

    [Theory]
    [InlineData(64, "as if it had found something")]
    [InlineData(65, "exit code 65 (login refused)")]
    [InlineData(68, "exit code 68 (no list of vulnerabilities)")]
    [InlineData(1, "exit code 1")]
    public void Exit_codes_of_safety_are_understood(int code, string said) =>
        Assert.Contains(said, Readings.Read(Safety, """{"report_meta":{},"vulnerabilities":[]}""", code).Problem, StringComparison.Ordinal);

    [Fact]
    public void No_package_looked_at_is_no_package_without_a_flaw()
    {
        Assert.Equal("it looked at no package", Readings.Read(Pip, """{"dependencies":[],"fixes":[]}""", 0).Problem);
        Assert.Equal("it looked at no package", Readings.Read(Pip, """{"dependencies":[],"fixes":[]}""").Problem);
        Assert.Equal("it looked at no package", Readings.Read(Safety, """{"report_meta":{"packages_found":0},"vulnerabilities":[]}""", 0).Problem);
    }

    [Fact]
    public void Requirements_without_a_version_were_not_looked_at()
    {
        var problem = Readings.Read(Safety, """{"announcements":[{"type":"warning","message":"Warning: 2 known vulnerabilities match unpinned requirements."}],"vulnerabilities":[]}""", 0).Problem;

        Assert.Contains("unpinned", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Requirements_are_found_by_their_names_and_not_in_virtual_environments()
    {
        using var scene = new SourceFolderScene();
        scene.Write("requirements.txt");
        scene.Write("requirements-dev.txt");
        scene.Write("requirements/prod.txt");
        scene.Write("notes.txt");
        scene.Write("env/pyvenv.cfg");
        scene.Write("env/requirements.txt");

        Assert.Equal(["requirements-dev.txt", "requirements.txt", "requirements/prod.txt"], scene.Below(Pip.Places(scene.Path)).Order(StringComparer.Ordinal));
        Assert.Contains(Path.Combine(scene.Path, "requirements.txt"), Pip.Command(Path.Combine(scene.Path, "requirements.txt"), "r").Arguments);
    }
}
