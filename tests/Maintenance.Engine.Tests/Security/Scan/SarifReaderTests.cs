using System.Text;
using Maintenance.Engine.Security.Scan;
using Maintenance.Engine.Security.Scan.Sarif;

namespace Maintenance.Engine.Tests.Security.Scan;

/// <summary>SARIF 2.1.0 as tools write it, and what only looks like it. The texts are made for these tests after the standard.</summary>
public sealed class SarifReaderTests
{
    private const string Root = "/srv/app";

    private static ScanReading Read(string text, ScanKind kind = ScanKind.Code) => SarifFile.Read(new MemoryStream(Encoding.UTF8.GetBytes(text)), kind, Root);

    private static string Run(string body, string driver = """ "name": "tool", "version": "1.2" """) => $$"""{ "version": "2.1.0", "runs": [ { "tool": { "driver": { {{driver}} } }, {{body}} } ] }""";

    private static string Result(string more = "", string uri = "src/a.js", int line = 3) =>
        $$"""{ "ruleId": "R1", "message": { "text": "Something is wrong" }, "locations": [ { "physicalLocation": { "artifactLocation": { "uri": "{{uri}}" }, "region": { "startLine": {{line}} } } } ]{{more}} }""";

    private static ScanFlaw Only(string text, ScanKind kind = ScanKind.Code)
    {
        var reading = Read(text, kind);
        Assert.Null(reading.Problem);
        return Assert.Single(reading.Flaws);
    }

    [Fact]
    public void A_result_has_file_line_rule_and_words()
    {
        var flaw = Only(Run($$""" "results": [ {{Result()}} ] """));
        Assert.Equal("src/a.js", flaw.Subject);
        Assert.Equal("src/a.js, line 3: Something is wrong.", flaw.Message);
        Assert.Equal("R1", flaw.Evidence["Rule"]);
        Assert.Equal(FindingSeverity.Medium, flaw.Severity);
        Assert.Equal(("tool", "1.2"), (Read(Run($$""" "results": [] """)).Tool, Read(Run($$""" "results": [] """)).Version));
    }

    [Theory]
    [InlineData(""" "level": "error" """, "", FindingSeverity.High)]
    [InlineData(""" "level": "note" """, "", FindingSeverity.Low)]
    [InlineData(""" "level": "none" """, "", FindingSeverity.Info)]
    [InlineData(""" "level": "none", "kind": "open" """, "", FindingSeverity.Medium)]
    [InlineData(""" "level": "none", "kind": "review" """, """ , "defaultConfiguration": { "level": "error" } """, FindingSeverity.High)]
    [InlineData(""" "rank": 95 """, "", FindingSeverity.Critical)]
    [InlineData(""" "rank": 95, "level": "note" """, "", FindingSeverity.Low)]
    [InlineData(""" "rank": -1 """, "", FindingSeverity.Medium)]
    [InlineData(""" "x": 1 """, """ , "defaultConfiguration": { "level": "error" } """, FindingSeverity.High)]
    [InlineData(""" "level": "note" """, """ , "properties": { "security-severity": "9.8" } """, FindingSeverity.Critical)]
    [InlineData(""" "level": "error" """, """ , "properties": { "security-severity": 3.9 } """, FindingSeverity.Low)]
    [InlineData(""" "properties": { "security-severity": "7.0" } """, """ , "properties": { "security-severity": "1.0" } """, FindingSeverity.High)]
    [InlineData(""" "level": "error" """, """ , "properties": { "security-severity": "very" } """, FindingSeverity.High)]
    public void Severity_is_the_score_else_the_level_else_the_rank_else_the_rule_s_level(string result, string rule, FindingSeverity expected) =>
        Assert.Equal(expected, Only(Run($$""" "results": [ {{Result("," + result)}} ] """, $$""" "name": "tool", "rules": [ { "id": "R1" {{rule}} } ] """)).Severity);

    [Fact]
    public void A_rule_is_found_by_place_by_id_by_the_beginning_of_its_id_and_in_an_extension()
    {
        const string Rules = """ "rules": [ { "id": "A", "shortDescription": { "text": "of A" } }, { "id": "B", "shortDescription": { "text": "of B" } } ] """;
        string[] references = [""" "ruleIndex": 1 """, """ "ruleId": "B" """, """ "ruleId": "B/sub/sub" """, """ "rule": { "index": 1 } """, """ "rule": { "id": "B" } """];
        Assert.All(references, reference => Assert.Contains("of B", Only(Run($$""" "results": [ { {{reference}} } ] """, $$""" "name": "t", {{Rules}} """)).Message, StringComparison.Ordinal));

        string[] extended = [""" "rule": { "index": 1, "toolComponent": { "index": 0 } } """, """ "rule": { "id": "B", "toolComponent": { "name": "more" } } """, """ "ruleId": "B" """];
        Assert.All(extended, reference => Assert.Contains(
            "of B",
            Only($$"""{ "version": "2.1.0", "runs": [ { "results": [ { {{reference}} } ], "tool": { "extensions": [ { "name": "more", {{Rules}} } ], "driver": { "name": "t" } } } ] }""").Message,
            StringComparison.Ordinal));
        Assert.Contains("R9 holds", Only(Run(""" "results": [ { "ruleId": "R9", "ruleIndex": 99999 } ] """)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Words_can_be_the_rule_s_with_arguments()
    {
        var flaw = Only(Run(
            """ "results": [ { "ruleId": "R1", "message": { "id": "m", "arguments": ["x", "y"] } } ] """,
            """ "name": "t", "rules": [ { "id": "R1", "messageStrings": { "m": { "text": "{1} before {0}, {7}" } } } ] """));
        Assert.Equal("the whole: y before x, {7}.", flaw.Message);
    }

    [Fact]
    public void Weaknesses_come_from_taxa_relationships_and_tags_each_once()
    {
        var flaw = Only(Run(
            $$""" "results": [ {{Result(""", "taxa": [ { "id": "79", "toolComponent": { "name": "CWE" } }, { "id": "A1", "toolComponent": { "name": "OWASP" } } ] """)}} ] """,
            """
            "name": "t", "rules": [ { "id": "R1", "relationships": [ { "target": { "id": "CWE-89", "toolComponent": { "name": "CWE" } } } ],
              "properties": { "tags": [ "security", "external/cwe/cwe-079", "CWE-22: Path Traversal" ] } } ]
            """));
        Assert.Equal(["CWE-79", "CWE-89", "CWE-22"], flaw.Mappings.Select(mapping => mapping.Section));
        Assert.All(flaw.Mappings, mapping => Assert.Equal("CWE", mapping.Standard));
    }

    [Theory]
    [InlineData("src/a.js", "src/a.js")]
    [InlineData("./src/a.js", "src/a.js")]
    [InlineData("file:///srv/app/src/a.js", "src/a.js")]
    [InlineData("/srv/app/src/a.js", "src/a.js")]
    [InlineData("src/a%20b.js", "src/a b.js")]
    [InlineData("src\\\\a.js", "src/a.js")]
    [InlineData("file:///elsewhere/a.js", "/elsewhere/a.js")]
    [InlineData("file:///home/alice.private/proj/src/a.js", "~/proj/src/a.js")]
    [InlineData("file:///C:/Users/alice/proj/a.js", "~/proj/a.js")]
    [InlineData("/Users/alice/proj/a.js", "~/proj/a.js")]
    [InlineData("src/home/alice/a.js", "src/home/alice/a.js")]
    [InlineData("src/%zz.js", "src/%zz.js")]
    public void A_file_is_named_by_where_it_lies_below_what_was_scanned(string uri, string expected) =>
        Assert.Equal(expected, Only(Run($$""" "results": [ {{Result(uri: uri)}} ] """)).Subject);

    [Fact]
    public void Bases_of_addresses_are_followed_and_a_circle_ends()
    {
        const string Location = """ "locations": [ { "physicalLocation": { "artifactLocation": { "uri": "a.js", "uriBaseId": "SUB" } } } ] """;
        Assert.Equal("sub/a.js", Only(Run($$""" "originalUriBaseIds": { "ROOT": { "uri": "file:///srv/app/" }, "SUB": { "uri": "sub/", "uriBaseId": "ROOT" } }, "results": [ { "ruleId": "R", {{Location}} } ] """)).Subject);
        Assert.Equal("a.js", Only(Run($$""" "results": [ { "ruleId": "R", {{Location}} } ] """)).Subject);
        Assert.EndsWith("a.js", Only(Run($$""" "originalUriBaseIds": { "SUB": { "uri": "sub/", "uriBaseId": "SUB" } }, "results": [ { "ruleId": "R", {{Location}} } ] """)).Subject, StringComparison.Ordinal);
        Assert.Equal("b.js", Only(Run(""" "results": [ { "ruleId": "R", "locations": [ { "physicalLocation": { "artifactLocation": { "index": 1 } } } ] } ], "artifacts": [ { "location": { "uri": "a.js" } }, { "location": { "uri": "b.js" } } ] """)).Subject);
    }

    [Fact]
    public void What_is_suppressed_passed_or_gone_is_no_flaw_and_what_is_open_is()
    {
        var reading = Read(Run($$"""
            "results": [
              {{Result(""", "suppressions": [ { "kind": "inSource" } ] """)}},
              {{Result(""", "suppressions": [ { "kind": "external", "status": "accepted" }, { "kind": "external", "status": "rejected" } ] """, "rejected.js")}},
              {{Result(""", "suppressions": [] """, "none.js")}},
              {{Result(""", "kind": "pass" """)}}, {{Result(""", "kind": "notApplicable" """)}}, {{Result(""", "kind": "informational" """)}},
              {{Result(""", "kind": "review", "level": "none" """, "review.js")}},
              {{Result(""", "baselineState": "absent" """)}} ]
            """));
        Assert.Equal(["rejected.js", "none.js", "review.js"], reading.Flaws.Select(flaw => flaw.Subject));
        Assert.Equal(1, reading.Suppressed);
        Assert.Null(reading.Problem);
    }

    [Fact]
    public void It_is_the_same_flaw_on_another_line_and_another_where_the_code_is_another()
    {
        string With(string snippet, int line) => Run($$"""
            "results": [ { "ruleId": "R1", "locations": [ { "physicalLocation": { "artifactLocation": { "uri": "a.js" }, "region": { "startLine": {{line}}, "snippet": { "text": "{{snippet}}" } } } } ] } ]
            """);
        Assert.Equal(Only(With("eval(x)", 3)).Identity, Only(With("  eval( x )", 90)).Identity);
        Assert.NotEqual(Only(With("eval(x)", 3)).Identity, Only(With("eval(y)", 3)).Identity);
    }

    [Fact]
    public void A_tool_s_fingerprints_make_the_identity_but_not_words_that_stand_for_one()
    {
        string With(string print, string uri) => Run($$""" "results": [ {{Result($$""", {{print}} """, uri)}} ] """);
        Assert.Equal(Only(With(""" "fingerprints": { "v1": "abc" } """, "a.js")).Identity, Only(With(""" "fingerprints": { "v1": "abc" } """, "moved.js")).Identity);
        Assert.NotEqual(Only(With(""" "partialFingerprints": { "v1": "abc" } """, "a.js")).Identity, Only(With(""" "partialFingerprints": { "v1": "abc" } """, "b.js")).Identity);
        Assert.NotEqual(Only(With(""" "fingerprints": { "matchBasedId/v1": "requires login" } """, "a.js")).Identity, Only(With(""" "fingerprints": { "matchBasedId/v1": "requires login" } """, "b.js")).Identity);
        var twice = Read(Run($$""" "results": [ {{Result()}}, {{Result(line: 9)}} ] """)).Flaws;
        Assert.Equal(2, twice.Select(flaw => flaw.Identity).Distinct().Count());
    }

    [Theory]
    [InlineData(""" "invocations": [ { "executionSuccessful": false } ], "results": [] """, "did not end well")]
    [InlineData(""" "invocations": [ { "executionSuccessful": true, "toolExecutionNotifications": [ { "level": "error", "message": { "text": "out of memory" } } ] } ], "results": [] """, "out of memory")]
    [InlineData(""" "invocations": [ { "toolConfigurationNotifications": [ { "level": "error" } ] } ], "results": [] """, "without words")]
    [InlineData(""" "results": null """, "looked at nothing")]
    [InlineData(""" "x": 1 """, "looked at nothing")]
    [InlineData(""" "results": {} """, "looked at nothing")]
    [InlineData(""" "externalPropertyFileReferences": { "results": [ { "itemCount": 3 } ] } """, "other files")]
    [InlineData(""" "results": [ 7 ] """, "is none")]
    [InlineData(""" "results": [], "results": [] """, "two lists of results")]
    public void A_run_that_failed_or_looked_at_nothing_is_a_problem(string body, string problem) =>
        Assert.Contains(problem, Read(Run(body)).Problem, StringComparison.Ordinal);

    [Fact]
    public void A_warning_of_the_tool_is_none_and_a_failed_run_keeps_what_it_found()
    {
        Assert.Null(Read(Run(""" "invocations": [ { "executionSuccessful": true, "toolExecutionNotifications": [ { "level": "warning", "message": { "text": "slow" } } ] } ], "results": [] """)).Problem);
        var reading = Read(Run($$""" "invocations": [ { "executionSuccessful": false } ], "results": [ {{Result()}} ] """));
        Assert.NotNull(reading.Problem);
        Assert.Single(reading.Flaws);
    }

    [Fact]
    public void Several_runs_are_one_reading_and_one_of_them_that_failed_is_told()
    {
        var reading = Read($$"""
            { "runs": [
              { "results": [ {{Result()}} ], "tool": { "driver": { "name": "one" } } },
              { "tool": { "driver": { "name": "Semgrep OSS", "semanticVersion": "1.99.0" } }, "results": null } ], "version": "2.1.0" }
            """);
        Assert.Single(reading.Flaws);
        Assert.Equal("one and semgrep", reading.Tool);
        Assert.Contains("semgrep", reading.Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("\"runs\"")]
    [InlineData("<html><body>Sign in</body></html>")]
    [InlineData("{ \"version\": \"2.1.0\" }")]
    [InlineData("{ \"version\": \"2.1.0\", \"runs\": [] }")]
    [InlineData("{ \"version\": \"2.1.0\", \"runs\": {} }")]
    [InlineData("{ \"version\": \"2.0.0\", \"runs\": [ { \"tool\": { \"driver\": { \"name\": \"t\" } }, \"results\": [] } ] }")]
    [InlineData("{ \"runs\": [ { \"tool\": { \"driver\": { \"name\": \"t\" } }, \"results\": [] } ] }")]
    [InlineData("{ \"version\": \"2.1.0\", \"runs\": [ { \"results\": [] } ] }")]
    [InlineData("{ \"version\": \"2.1.0\", \"runs\": [ 1 ] }")]
    [InlineData("{ \"version\": \"2.1.0\", \"runs\": [ { \"tool\": { \"driver\": { \"name\": \"t\" } }, \"results\": [] } ] } trailing")]
    [InlineData("{ 'version': '2.1.0', 'runs': [ { 'tool': { 'driver': { 'name': 't' } }, 'results': [] } ] }")]
    [InlineData("{ \"version\": \"2.1.0\", \"runs\": [ { \"tool\": { \"driver\": { \"name\": \"t\" } }, \"results\": [")]
    public void What_is_no_SARIF_is_a_problem_and_never_an_empty_list(string text)
    {
        var reading = Read(text);
        Assert.NotNull(reading.Problem);
        Assert.Empty(reading.Flaws);
    }

    [Fact]
    public void Cut_anywhere_it_is_a_problem()
    {
        var whole = Run($$""" "results": [ {{Result()}} ] """);
        Assert.Null(Read(whole).Problem);
        Assert.All(Enumerable.Range(0, whole.Length - 1), length => Assert.NotNull(Read(whole[..length]).Problem));
    }

    [Fact]
    public void Deep_nesting_and_endless_numbers_are_problems()
    {
        Assert.NotNull(Read(Run($$""" "properties": {{new string('[', 100_000)}} """)).Problem);
        Assert.NotNull(Read(Run($$""" "results": [ { "rank": {{new string('9', 1_000_000)}} } ] """)).Problem);
        Assert.Null(Read(Run($$""" "results": [ { "ruleId": "{{new string('x', 1_000_000)}}" } ] """)).Problem);
    }

    [Fact]
    public void What_a_shell_writes_in_UTF_16_is_read_too()
    {
        var text = Run($$""" "results": [ {{Result()}} ] """);
        var reading = SarifFile.Read(new MemoryStream([.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes(text)]), ScanKind.Code, Root);
        Assert.Null(reading.Problem);
        Assert.Single(reading.Flaws);
    }

    [Fact]
    public void Hostile_words_and_names_come_out_as_one_harmless_line()
    {
        var flaw = Only(Run("""
            "results": [ { "ruleId": "R\n1\u001b[2J", "message": { "text": "one\r\ntwo \u001b[31mred\u001b[0m \u202egnp \u0007" },
              "locations": [ { "physicalLocation": { "artifactLocation": { "uri": "a\nb\u001b]0;title\u0007<b>'\".js" } } } ] } ]
            """));
        Assert.DoesNotContain(flaw.Subject + flaw.Message + flaw.Evidence["Rule"], character => char.IsControl(character) || character == '\u202e');
        Assert.Equal("a b<b>'\".js", flaw.Subject);
        Assert.Contains("one two red", flaw.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_a_secret_only_rule_and_place_are_shown()
    {
        var flaw = Only(Run("""
            "results": [ { "ruleId": "preset > @secretlint/secretlint-rule-slack", "level": "warning", "message": { "text": "found MARKER-secret-7Hq" },
              "locations": [ { "physicalLocation": { "artifactLocation": { "uri": "a.js" }, "region": { "startLine": 3, "snippet": { "text": "MARKER-secret-7Hq" } }, "contextRegion": { "snippet": { "text": "MARKER-secret-7Hq" } } } } ],
              "properties": { "match": "MARKER-secret-7Hq" } } ]
            """), ScanKind.Secrets);
        Assert.Equal("a.js, line 3: tool found a secret by its rule slack.", flaw.Message);
        Assert.Equal(FindingSeverity.High, flaw.Severity);
        Assert.DoesNotContain("MARKER", string.Join(' ', [flaw.ToString(), flaw.Identity, .. flaw.Evidence.Values.Select(value => $"{value}")]), StringComparison.Ordinal);
    }

    [Fact]
    public void A_code_scanner_s_words_are_masked_where_they_quote_a_secret()
    {
        var flaw = Only(Run(""" "results": [ { "ruleId": "R", "message": { "text": "Hard-coded postgres://app:s3cr3tMARKER@db/x here" } } ] """));
        Assert.DoesNotContain("MARKER", flaw.Message, StringComparison.Ordinal);
        Assert.Contains("[redacted, 12 characters]", flaw.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void More_results_than_anybody_reads_are_counted_and_told()
    {
        var reading = Read(Run($$""" "results": [ {{string.Join(',', Enumerable.Repeat("""{ "ruleId": "R" }""", SarifReader.MostResults + 5))}} ] """));
        Assert.Equal(SarifReader.MostResults, reading.Flaws.Count);
        Assert.Contains("5 results more", reading.Problem, StringComparison.Ordinal);
    }
}
