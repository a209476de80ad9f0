using System.Text;
using Maintenance.Engine.Security.Scan;
using Maintenance.Engine.Security.Scan.Code;

namespace Maintenance.Engine.Tests.Security.Scan;

/// <summary>
/// semgrep is not installed where this is tested. Its JSON and its exit codes are those that its documentation describes (version 1), written down by hand here; no run of the program is behind
/// them.
/// </summary>
public sealed class SemgrepTests
{
    private const string Documented = """
        { "version": "1.99.0",
          "results": [
            { "check_id": "javascript.lang.security.audit.sqli.node-sqli", "path": "src/db.js", "start": { "line": 12, "col": 3, "offset": 200 }, "end": { "line": 12, "col": 40, "offset": 237 },
              "extra": { "message": "Input reaches a statement.\n  Use parameters.", "severity": "ERROR", "is_ignored": false, "fingerprint": "requires login", "lines": "requires login", "validation_state": "NO_VALIDATOR", "engine_kind": "OSS",
                "metavars": { "$X": { "abstract_content": "MARKER7HqZk29" } },
                "metadata": { "cwe": [ "CWE-89: Improper Neutralization" ], "owasp": [ "A03:2021 - Injection" ], "confidence": "HIGH", "source": "https://semgrep.dev/r/javascript.lang.security.audit.sqli.node-sqli" } } },
            { "check_id": "rules.own", "path": "src/b.js", "start": { "line": 1 }, "extra": { "message": "x", "severity": "INFO", "is_ignored": true } } ],
          "errors": [], "paths": { "scanned": [ "src/db.js", "src/b.js" ] }, "skipped_rules": [] }
        """;

    [Fact]
    public void Rules_that_were_skipped_were_not_looked_for()
    {
        Assert.Equal("it skipped 2 rules", Read(With().Replace("\"errors\"", "\"skipped_rules\": [ { \"rule_id\": \"a\" }, {} ], \"errors\"", StringComparison.Ordinal), 0).Problem);
        Assert.Null(Read(With().Replace("\"errors\"", "\"skipped_rules\": [], \"errors\"", StringComparison.Ordinal), 0).Problem);
    }

    private static ScanReading Read(string report, int? exitCode = null, string errors = "it wrote nothing.") =>
        new SemgrepScanner().Read(new MemoryStream(Encoding.UTF8.GetBytes(report)), exitCode is { } code ? new ScanEnd(code, errors) : null, "/srv/app");

    private static string With(string errors = "[]", string scanned = """[ "a.js" ]""", string results = "[]") => $$"""{ "version": "1.99.0", "results": {{results}}, "errors": {{errors}}, "paths": { "scanned": {{scanned}} } }""";

    [Fact]
    public void Rule_place_words_and_standards_are_told_and_no_code()
    {
        var reading = Read(Documented, 0);
        var flaw = Assert.Single(reading.Flaws);
        Assert.Null(reading.Problem);
        Assert.Equal(("1.99.0", 2L, 1), (reading.Version!, reading.Examined!.Value, reading.Suppressed));
        Assert.Equal("src/db.js, line 12: Input reaches a statement. Use parameters.", flaw.Message);
        Assert.Equal(FindingSeverity.High, flaw.Severity);
        Assert.Equal(["CWE CWE-89", "OWASP A03:2021 - Injection"], flaw.Mappings.Select(mapping => $"{mapping.Standard} {mapping.Section}"));
        Assert.Equal("HIGH", flaw.Evidence["Confidence"]);
        Assert.DoesNotContain("MARKER", string.Join(' ', [flaw.ToString(), flaw.Identity, .. flaw.Evidence.Values.Select(value => $"{value}")]), StringComparison.Ordinal);
        Assert.DoesNotContain("requires login", flaw.Identity, StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_rule_is_the_same_wherever_its_file_lies()
    {
        string Result(string rule) => With(results: $$"""[ { "check_id": "{{rule}}", "path": "a.js", "start": { "line": 1 }, "extra": { "lines": "eval(x)" } } ]""");
        Assert.Equal(Read(Result("home.me.rules.no-eval")).Flaws[0].Identity, Read(Result("srv.ci.rules.no-eval")).Flaws[0].Identity);
    }

    [Theory]
    [InlineData(0, null)]
    [InlineData(1, null)]
    [InlineData(2, "a failure")]
    [InlineData(4, "pattern")]
    [InlineData(7, "did not find or could not get")]
    [InlineData(13, "a key")]
    [InlineData(139, "does not name")]
    public void Exit_codes_above_one_are_failures_whatever_the_result_says(int exitCode, string? problem)
    {
        var reading = Read(Documented, exitCode);
        Assert.Single(reading.Flaws);
        if (problem is null)
        {
            Assert.Null(reading.Problem);
        }
        else
        {
            Assert.Contains(problem, reading.Problem, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("""[ { "code": 2, "level": "error", "type": "Rule parse error", "message": "Invalid rule x" } ]""", "Rule parse error")]
    [InlineData("""[ { "code": 3, "level": "warn", "type": [ "PartialParsing", [ { "path": "a.js" } ] ], "message": "Syntax error at line 4", "path": "a.js" } ]""", "PartialParsing in a.js")]
    [InlineData("""[ { "level": "warn", "type": "Timeout", "path": "/srv/app/big.js" } ]""", "Timeout in big.js")]
    [InlineData("""[ {} ]""", "an error")]
    [InlineData("""[ 1 ]""", "an error")]
    public void What_it_could_not_read_or_run_is_told_since_nothing_was_looked_for_there(string errors, string problem)
    {
        var reading = Read(With(errors), 0);
        Assert.Contains(problem, reading.Problem, StringComparison.Ordinal);
        Assert.Empty(reading.Flaws);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{ "results": null }""")]
    [InlineData("""{ "results": [ {} ] }""")]
    [InlineData("""{ "results": [""")]
    [InlineData("Traceback (most recent call last):")]
    public void What_is_no_result_is_a_problem(string report) => Assert.NotNull(Read(report, 0).Problem);

    [Fact]
    public void No_file_looked_at_is_no_clean_result()
    {
        Assert.Contains("no file", Read(With(scanned: "[]"), 0).Problem, StringComparison.Ordinal);
        Assert.Null(Read(With(), 0).Problem);
    }

    [Fact]
    public void Many_errors_are_counted_and_not_all_told()
    {
        var errors = $"[{string.Join(',', Enumerable.Range(0, 5000).Select(index => $$"""{ "type": "Timeout", "path": "f{{index}}.js" }"""))}]";
        Assert.Contains("and 4995 more", Read(With(errors), 0).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Rules_are_those_asked_for_else_the_default_set_and_use_is_not_measured()
    {
        var command = new SemgrepScanner().Command("/srv/app", "/tmp/x").Arguments;
        Assert.Contains("--config=p/default", command);
        Assert.Contains("--metrics=off", command);
        Assert.Equal(["--", "/srv/app"], command.TakeLast(2));
        var query = new ScanQuery { Kind = ScanKind.Code, Path = "/srv/app", Rules = ["p/javascript", "--autofix"] };
        var asked = new SemgrepScanner().For(query).Command("/srv/app", "/tmp/x").Arguments;
        Assert.Contains("--config=p/javascript", asked);
        Assert.Contains("--config=--autofix", asked);
        Assert.DoesNotContain("--config=p/default", asked);
        Assert.DoesNotContain("--metrics=off", new SemgrepScanner(["auto"]).Command("/srv/app", "/tmp/x").Arguments);
    }

    [Fact]
    public void Its_results_are_recognised_and_others_are_not()
    {
        var scanner = new SemgrepScanner();
        Assert.True(scanner.Recognises(Documented));
        Assert.True(scanner.Recognises("""{"errors": [], "paths": {"scanned": []}, "results": [], "version": "1.68.0"}"""));
        Assert.False(scanner.Recognises("""{ "version": "2.1.0", "runs": [ { "tool": { "driver": { "name": "CodeQL" """));
        Assert.False(scanner.Recognises("""{ "results": [] }"""));
    }
}
