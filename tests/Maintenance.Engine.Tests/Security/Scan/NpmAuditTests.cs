using Maintenance.Engine.Security.Scan;
using Maintenance.Engine.Security.Scan.Dependencies;

namespace Maintenance.EngineTests.Security.Scan;

/// <summary>npm's reports. That of npm 7 and later is as npm 11 wrote it; that of npm 6, and errors of other registries, are as npm documents them.</summary>
public class NpmAuditTests
{
    private const string Report = """
        { "auditReportVersion": 2, "vulnerabilities": {
            "minimist": { "name": "minimist", "severity": "critical", "isDirect": false, "via": [
                { "source": 1097678, "name": "minimist", "dependency": "minimist", "title": "Prototype Pollution in minimist", "url": "https://github.com/advisories/GHSA-xvch-5gv4-984h",
                  "severity": "critical", "cwe": ["CWE-1321"], "cvss": { "score": 9.8, "vectorString": "CVSS:3.1/AV:N" }, "range": "<0.2.4" },
                { "source": 1, "name": "minimist", "dependency": "minimist", "title": "Another", "url": "https://github.com/advisories/GHSA-vh95-rmgr-6w4m", "severity": "moderate", "cwe": [], "cvss": { "score": 0, "vectorString": null }, "range": "<0.2.1" } ],
              "effects": ["mkdirp"], "range": "", "nodes": ["node_modules/mkdirp/node_modules/minimist"], "fixAvailable": { "name": "mkdirp", "version": "3.0.1", "isSemVerMajor": true } },
            "mkdirp": { "name": "mkdirp", "severity": "critical", "isDirect": true, "via": ["minimist"], "effects": [], "range": "", "nodes": ["node_modules/mkdirp"], "fixAvailable": true } },
          "metadata": { "vulnerabilities": { "info": 0, "low": 0, "moderate": 0, "high": 0, "critical": 2, "total": 2 }, "dependencies": { "prod": 2, "dev": 2, "optional": 0, "peer": 0, "peerOptional": 0, "total": 3 } } }
        """;

    private const string Nothing = """{"auditReportVersion":2,"vulnerabilities":{},"metadata":{"vulnerabilities":{"info":0,"total":0},"dependencies":{"prod":2,"total":3}}}""";

    private static readonly NpmAudit Npm = new();

    [Fact]
    public void Each_package_and_advisory_is_one_finding_and_what_only_depends_on_it_is_evidence()
    {
        using var scene = new SourceFolderScene();
        scene.Write("package-lock.json", """{"lockfileVersion":3,"packages":{"":{},"node_modules/mkdirp":{"version":"0.5.1","dev":true},"node_modules/mkdirp/node_modules/minimist":{"version":"0.0.8","dev":true,"dependencies":{"x":"1"}}}}""");

        var reading = Readings.Read(Npm, Report, 1, scene.Path);

        Assert.Null(reading.Problem);
        Assert.Equal(["minimist (GHSA-xvch-5gv4-984h)", "minimist (GHSA-vh95-rmgr-6w4m)"], reading.Flaws.Select(flaw => flaw.Subject));
        Assert.Equal([FindingSeverity.Critical, FindingSeverity.Medium], reading.Flaws.Select(flaw => flaw.Severity));
        var flaw = reading.Flaws[0];
        Assert.Equal("minimist 0.0.8 has a known vulnerability, GHSA-xvch-5gv4-984h: Prototype Pollution in minimist.", flaw.Message);
        Assert.Equal("Update mkdirp to 3.0.1, a new major version: read what it changes (npm audit fix --force).", flaw.Recommendation);
        Assert.Equal(["GHSA-xvch-5gv4-984h", "CWE-1321"], flaw.Mappings.Select(mapping => mapping.ToString()));
        Assert.Equal(true, flaw.Evidence["Development"]);
        Assert.Equal(9.8, flaw.Evidence["Cvss"]);
        Assert.Equal(["mkdirp"], (IEnumerable<string>)flaw.Evidence["Affects"]!);
        Assert.False(reading.Flaws[1].Evidence.ContainsKey("Cvss"));
    }

    [Theory]
    [InlineData("""{"lockfileVersion":1,"dependencies":{"mkdirp":{"version":"0.5.1","requires":{"minimist":"0.0.8"},"dependencies":{"minimist":{"version":"0.0.8","dev":true}}}}}""")]
    [InlineData("""{"lockfileVersion":2,"packages":{"":{},"node_modules/mkdirp/node_modules/minimist":{"version":"0.0.8","dev":true}},"dependencies":{"mkdirp":{"version":"9"}}}""")]
    [InlineData("""{"lockfileVersion":3,"packages":{"node_modules/mkdirp/node_modules/minimist":{"version":"0.0.8","dev":true}}}""")]
    public void Every_version_of_the_lock_file_tells_what_is_installed(string text)
    {
        using var scene = new SourceFolderScene();
        scene.Write("package-lock.json", text);

        var flaw = Readings.Read(Npm, Report, 1, scene.Path).Flaws[0];

        Assert.Equal(["0.0.8"], (IEnumerable<string>)flaw.Evidence["Installed"]!);
        Assert.Equal(true, flaw.Evidence["Development"]);
    }

    [Fact]
    public void A_lock_file_that_is_none_leaves_versions_out_and_the_vulnerabilities_in()
    {
        using var scene = new SourceFolderScene();
        scene.Write("package-lock.json", "{\"packages\":{\"node_modules/");

        var flaw = Readings.Read(Npm, Report, 1, scene.Path).Flaws[0];

        Assert.Equal("minimist has a known vulnerability, GHSA-xvch-5gv4-984h: Prototype Pollution in minimist.", flaw.Message);
        Assert.False(flaw.Evidence.ContainsKey("Development"));
    }

    [Fact]
    public void What_makes_it_the_same_the_next_time_is_the_advisory_and_the_package_and_not_the_version()
    {
        var before = Readings.Findings(Npm, Report, 1)[0];
        var after = Readings.Findings(Npm, Report.Replace("node_modules/mkdirp/node_modules/minimist", "node_modules/minimist", StringComparison.Ordinal).Replace("<0.2.4", "<0.2.5", StringComparison.Ordinal), 1)[0];

        Assert.Equal(before.Fingerprint, after.Fingerprint);
        Assert.NotEqual(before.Fingerprint, Readings.Findings(Npm, Report, 1)[1].Fingerprint);
        Assert.NotEqual(before.Fingerprint, Readings.Findings(Npm, Report, 1, "other")[0].Fingerprint);
    }

    [Fact]
    public void Nothing_found_is_a_pass_that_says_how_much_was_looked_at()
    {
        var finding = Assert.Single(Readings.Findings(Npm, Nothing, 0));

        Assert.Equal(FindingOutcome.Pass, finding.Outcome);
        Assert.Equal("npm found nothing in app, of 3 looked at.", finding.Message);
        Assert.Equal("npm: app", finding.Scope);
    }

    [Fact]
    public void A_registry_that_refuses_the_audit_has_told_nothing()
    {
        var finding = Assert.Single(Readings.Findings(
            Npm, """{"message":"405 Method Not Allowed - POST https://registry.example/-/npm/v1/security/advisories/bulk","method":"POST","headers":{"allow":["GET,HEAD"]},"statusCode":405,"body":"","error":{"summary":"","detail":""}}""", 1));

        Assert.Equal((FindingOutcome.Unknown, HealthStatus.Unknown), (finding.Outcome, finding.Status));
        Assert.Contains("npm audit failed: 405 Method Not Allowed", finding.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"error":{"code":"ENOLOCK","summary":"This command requires an existing lockfile.","detail":"Try creating one first"}}""", "ENOLOCK: This command requires an existing lockfile.")]
    [InlineData("""{"error":{"code":"ENOAUDIT","summary":"Your configured registry does not support audit requests.","detail":""}}""", "ENOAUDIT: Your configured registry does not support audit requests")]
    [InlineData("""{"auditReportVersion":2,"vulnerabilities":{},"error":{"code":"EAUDIT","summary":"half of it"}}""", "EAUDIT: half of it")]
    [InlineData("""{"statusCode":500,"message":"500 Internal Server Error","error":{}}""", "500 Internal Server Error")]
    public void An_error_is_told_with_its_code_and_summary_and_never_taken_for_an_empty_list(string text, string said)
    {
        var finding = Assert.Single(Readings.Findings(Npm, text, 1));

        Assert.Equal(FindingOutcome.Unknown, finding.Outcome);
        Assert.Contains(said, finding.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Nothing, 1, "exit code 1 and told of nothing: words of the scanner")]
    [InlineData(Nothing, 137, "exit code 137: words of the scanner")]
    [InlineData("""{"auditReportVersion":2,"vulnerabilities":{},"metadata":{"vulnerabilities":{"total":4}}}""", 0, "counts 4 vulnerabilities and names none")]
    public void What_contradicts_itself_is_unknown(string text, int exitCode, string said) =>
        Assert.Contains(said, Readings.Read(Npm, text, exitCode).Problem, StringComparison.Ordinal);

    private const string Empty = """{"auditReportVersion":2,"vulnerabilities":{},"metadata":{"vulnerabilities":{"total":0},"dependencies":{"prod":1,"total":0}}}""";

    [Theory]
    [InlineData(Empty, "it looked at no package")]
    [InlineData("""{"auditReportVersion":2,"vulnerabilities":{}}""", "does not say that it looked at any package")]
    public void A_report_of_no_package_is_unknown_whoever_wrote_it(string text, string said)
    {
        Assert.Contains(said, Readings.Read(Npm, text, 0).Problem, StringComparison.Ordinal);
        Assert.Contains(said, Readings.Read(Npm, text).Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"dependencies":{"lodash":"4.17.4"}}""", """{"lockfileVersion":3,"packages":{}}""", "lodash is not in it as asked for")]
    [InlineData("""{"dependencies":{"lodash":"4.17.4"}}""", """{"lockfileVersion":3,"packages":{"":{"name":"x"}}}""", "lodash is not in it as asked for")]
    [InlineData("""{"dependencies":{"lodash":"4.17.4"}}""", """{"lockfileVersion":3,"packages":{"":{"dependencies":{"lodash":"4.17.21"}},"node_modules/lodash":{"version":"4.17.21"}}}""", "lodash is not in it as asked for")]
    [InlineData("""{"dependencies":{"lodash":"4.17.4"}}""", """{"lockfileVersion":3,"packages":{"":{"dependencies":{"lodash":"4.17.4"}}}}""", "lodash is not in it as asked for")]
    [InlineData("""{"devDependencies":{"a":"1","b":"1","c":"1","d":"1"}}""", """{"lockfileVersion":2,"packages":{"":{}}}""", "a, b, c and 1 more are not in it as asked for")]
    [InlineData("""{"dependencies":{"lodash":"4.17.4"}}""", """{"lockfileVersion":1,"dependencies":{"lodash":{"version":"4.17.21"}}}""", "lodash is not in it as asked for")]
    [InlineData("""{"dependencies":{"lodash":"4.17.4"}}""", """{"lockfileVersion":1,"dependencies":{"lodash":{"version":"4.17.4"}}}""", null)]
    [InlineData("""{"dependencies":{"lodash":"^4.0.0"},"peerDependencies":{"p":"1"}}""", """{"lockfileVersion":3,"packages":{"":{"dependencies":{"lodash":"^4.0.0"},"peerDependencies":{"p":"1"}},"node_modules/lodash":{"version":"4.17.21"}}}""", null)]
    public void A_lock_file_out_of_step_with_what_is_asked_for_says_nothing_of_it(string package, string lockFile, string? said)
    {
        using var scene = new SourceFolderScene();
        scene.Write("package.json", package);
        scene.Write("package-lock.json", lockFile);

        var reading = Readings.Read(Npm, Nothing, 0, scene.Path);

        Assert.Equal(said is null ? null : $"the lock file does not fit package.json: {said}", reading.Problem);
        Assert.Null(Readings.Read(Npm, Nothing, null, scene.Path).Problem);
    }

    [Fact]
    public void The_folders_of_a_workspace_are_compared_too()
    {
        using var scene = new SourceFolderScene();
        scene.Write("package.json", """{"workspaces":["web"]}""");
        scene.Write("package-lock.json", """{"lockfileVersion":3,"packages":{"":{"workspaces":["web"]},"web":{"dependencies":{"lodash":"4.17.21"}},"node_modules/web":{"resolved":"web","link":true},"node_modules/lodash":{"version":"4.17.21"}}}""");
        scene.Write("web/package.json", """{"dependencies":{"lodash":"4.17.21"}}""");
        Assert.Null(Readings.Read(Npm, Nothing, 0, scene.Path).Problem);

        scene.Write("web/package.json", """{"dependencies":{"lodash":"4.17.4"}}""");
        Assert.Contains("lodash", Readings.Read(Npm, Nothing, 0, scene.Path).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_project_that_asks_for_nothing_passes()
    {
        using var scene = new SourceFolderScene();
        scene.Write("package.json", """{"name":"x"}""");
        scene.Write("package-lock.json", """{"lockfileVersion":3,"packages":{"":{"name":"x"}}}""");

        var reading = Readings.Read(Npm, Empty, 0, scene.Path);

        Assert.Equal((null, "package.json asks for nothing"), (reading.Problem, reading.Note));
    }

    [Fact]
    public void A_package_json_stands_for_its_folder()
    {
        using var scene = new SourceFolderScene();
        var file = scene.Write("package.json", """{"dependencies":{"a":"1"}}""");
        Assert.Empty(Npm.Places(file));

        var lockFile = scene.Write("package-lock.json", "{}");

        Assert.Equal([scene.Path], Npm.Places(file));
        foreach (var named in new[] { file, lockFile, scene.Path })
        {
            Assert.Equal("shop", Assert.Single(ScanPlan.Of([Npm], named, named == scene.Path ? "shop" : Path.GetFileName(named), false, _ => true)).Name.Replace(Path.GetFileName(scene.Path), "shop", StringComparison.Ordinal));
        }

        Assert.Equal("web", Assert.Single(ScanPlan.Of([Npm], lockFile, "web", false, _ => true)).Name);
        Assert.Empty(UncoveredDependencies.In(file, "package.json", Readings.Now));
    }

    [Fact]
    public void Findings_and_a_failure_are_both_told()
    {
        var findings = Readings.Findings(Npm, Report, 137);

        Assert.Equal([FindingOutcome.Fail, FindingOutcome.Fail, FindingOutcome.Unknown], findings.Select(finding => finding.Outcome));
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("\"vulnerabilities\"")]
    [InlineData("npm error nothing here")]
    [InlineData("""{"auditReportVersion":2}""")]
    [InlineData("""{"auditReportVersion":2,"vulnerabilities":[]}""")]
    [InlineData("""{"auditReportVersion":2,"vulnerabilities":{"a":5}}""")]
    [InlineData("""{"auditReportVersion":2,"vulnerabilities":{},"metadata":{""")]
    [InlineData("""{"auditReportVersion":2,"vulnerabilities":{}} and more""")]
    public void What_is_no_report_cannot_be_read(string text) => Assert.Throws<InvalidDataException>(() => Readings.Read(Npm, text, 0));

    [Fact]
    public void A_report_cut_anywhere_is_never_a_clean_one()
    {
        for (var length = 0; length < Report.TrimEnd().Length; length++)
        {
            try
            {
                var reading = Readings.Read(Npm, Report[..length], 0);
                Assert.Fail($"Cut at {length} it gave {reading.Flaws.Count} flaws.");
            }
            catch (InvalidDataException)
            {
                // As it should.
            }
        }
    }

    [Fact]
    public void Hostile_names_stay_text_of_one_line()
    {
        var hostile = Report
            .Replace("Prototype Pollution in minimist", "\\u001b[31m<script>alert(1)</script>\\r\\n| \\u202e'; DROP TABLE x; --", StringComparison.Ordinal)
            .Replace("\"minimist\": {", "\"mini\\u0007\\nmist`\\u0000\": {", StringComparison.Ordinal);

        foreach (var finding in Readings.Findings(Npm, hostile, 1))
        {
            var texts = finding.Evidence.Values.OfType<string>().Concat(finding.Evidence.Values.OfType<IEnumerable<string>>().SelectMany(text => text));
            Assert.All(texts.Append(finding.Subject!).Append(finding.Message).Append(finding.Recommendation!), text => Assert.DoesNotContain(text, character => char.IsControl(character) || character == '\u202e'));
        }
    }

    [Fact]
    public void What_is_told_in_megabytes_is_shown_in_lines()
    {
        var finding = Readings.Findings(Npm, Report.Replace("Prototype Pollution in minimist", new string('x', 3_000_000), StringComparison.Ordinal), 1)[0];

        Assert.True(finding.Message.Length <= 1100);
    }

    [Fact]
    public void The_report_of_npm_6_is_read_as_documented()
    {
        var reading = Readings.Read(
            Npm,
            """
            {"actions":[],"advisories":{"1179":{"findings":[{"version":"0.0.8","paths":["mkdirp>minimist"],"dev":true}],"id":1179,"title":"Prototype Pollution","module_name":"minimist","cves":["CVE-2020-7598"],
             "vulnerable_versions":"<0.2.1 || >=1.0.0 <1.2.3","patched_versions":">=0.2.1 <1.0.0 || >=1.2.3","severity":"low","cwe":"CWE-471","url":"https://npmjs.com/advisories/1179"}},
             "muted":[],"metadata":{"vulnerabilities":{"info":0,"low":1,"moderate":0,"high":0,"critical":0},"dependencies":2,"devDependencies":1,"totalDependencies":3},"runId":"x"}
            """,
            1);

        var flaw = Assert.Single(reading.Flaws);
        Assert.Null(reading.Problem);
        Assert.Equal(("minimist (npm 1179)", FindingSeverity.Low), (flaw.Subject, flaw.Severity));
        Assert.Equal("Update minimist to >=0.2.1 <1.0.0 || >=1.2.3.", flaw.Recommendation);
        Assert.Equal(["CVE-2020-7598", "CWE-471"], flaw.Mappings.Select(mapping => mapping.ToString()));
        Assert.Equal(3, reading.Examined);
    }

    [Fact]
    public void A_report_of_hundreds_of_megabytes_is_read_piece_by_piece_and_what_is_not_kept_is_told()
    {
        using var report = new LongReport(200 * 1024 * 1024);
        var before = GC.GetTotalMemory(forceFullCollection: true);

        var reading = Npm.Read(report, null, Path.GetTempPath());

        Assert.Equal(DependencyFlaws.Most, reading.Flaws.Count);
        Assert.Equal($"it tells of more than {DependencyFlaws.Most} vulnerabilities, and only so many are kept", reading.Problem);
        Assert.True(report.Read200Megabytes && report.MostMemory - before < 150 * 1024 * 1024, $"It held {(report.MostMemory - before) / 1024 / 1024} MB.");
    }

    [Fact]
    public void Lock_files_are_found_below_a_folder_but_not_in_what_was_installed()
    {
        using var scene = new SourceFolderScene();
        scene.Write("package-lock.json");
        scene.Write("web/package-lock.json");
        scene.Write("web/npm-shrinkwrap.json");
        scene.Write("node_modules/x/package-lock.json");

        Assert.Equal([".", "web"], scene.Below(Npm.Places(scene.Path)).Order(StringComparer.Ordinal));
        Assert.Empty(Npm.Places(Path.Combine(scene.Path, "node_modules", "x", "nothing")));
    }

    [Fact]
    public void No_argument_holds_a_name_from_outside()
    {
        var command = Npm.Command("/srv/a & calc", "/tmp/r");

        Assert.DoesNotContain(command.Arguments, argument => argument.Contains("calc", StringComparison.Ordinal));
        Assert.Contains("--package-lock-only", command.Arguments);
        Assert.Contains("--include=dev", command.Arguments);
    }

    /// <summary>A report that is made while it is read.</summary>
    private sealed class LongReport(long length) : Stream
    {
        private byte[] _piece = """{"auditReportVersion":2,"vulnerabilities":{"first":{"via":[],"nodes":[]}"""u8.ToArray();
        private int _at;
        private int _number;
        private long _written;
        private bool _ended;

        public long MostMemory { get; private set; }

        public bool Read200Megabytes => _written >= length;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            if (_at == _piece.Length && !Next())
            {
                return 0;
            }

            var read = Math.Min(count, _piece.Length - _at);
            Array.Copy(_piece, _at, buffer, offset, read);
            (_at, _written) = (_at + read, _written + read);
            return read;
        }

        private bool Next()
        {
            if (_ended)
            {
                return false;
            }

            if (_number % 50_000 == 0)
            {
                MostMemory = Math.Max(MostMemory, GC.GetTotalMemory(forceFullCollection: true));
            }

            _number++;
            _ended = _written >= length;
            var text = _ended ? "}}" : $$""","p{{_number}}":{"severity":"high","via":[{"source":{{_number}},"title":"{{new string('t', 900)}}","url":"https://github.com/advisories/GHSA-{{_number}}","severity":"high","range":"<1"}],"nodes":["node_modules/p{{_number}}"],"fixAvailable":true}""";
            (_piece, _at) = (System.Text.Encoding.UTF8.GetBytes(text), 0);
            return true;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
