using System.Globalization;
using Maintenance.Engine.Security.Audit;
using Maintenance.Engine.Tasks;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Maintenance.Engine.Reporting;

/// <summary>Writes findings as SARIF 2.1.0 (OASIS), for tools that show and compare the results of analyses.</summary>
internal static class SarifReportWriter
{
    /// <summary>How the fingerprints are made; another number when that changes.</summary>
    private const string Fingerprint = "maintenanceFinding/v1";

    public static string Write(IReadOnlyList<SarifAnalysis> analyses) => new JObject
    {
        ["$schema"] = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        ["version"] = "2.1.0",
        ["runs"] = new JArray(analyses.Select(Of)),
    }.ToString(Formatting.Indented) + "\n";

    private static JObject Of(SarifAnalysis analysis)
    {
        var findings = analysis.Findings.Concat(analysis.Fixed).ToList();
        var rules = findings.GroupBy(finding => finding.Id, StringComparer.Ordinal).OrderBy(group => group.Key, StringComparer.Ordinal).ToList();
        var index = rules.Select((group, number) => (group.Key, number)).ToDictionary(pair => pair.Key, pair => pair.number, StringComparer.Ordinal);
        var run = new JObject
        {
            ["tool"] = new JObject
            {
                ["driver"] = new JObject
                {
                    ["name"] = "Maintenance",
                    ["version"] = TaskService.ModuleVersion,
                    ["rules"] = new JArray(rules.Select(group => Rule(group.Key, [.. group]))),
                },
            },
            ["automationDetails"] = new JObject { ["id"] = $"{analysis.Kind}/{Segment(analysis.Target)}/" },
            ["columnKind"] = "utf16CodeUnits",
            ["results"] = new JArray(findings.Select(finding => Result(finding, index[finding.Id]))),
        };
        var gaps = analysis.Findings.Where(AuditGaps.IsOfPartOrScanner).ToList();
        if (analysis.BeganAt is not null || gaps.Count > 0)
        {
            run["invocations"] = new JArray(Invocation(analysis, [.. gaps.Select(finding => Notification(finding, index[finding.Id]))]));
        }

        return run;
    }

    // One check that could not tell is among the results, as open; a part or a scanner that came to nothing is a failure of the run.
    private static JObject Invocation(SarifAnalysis analysis, IReadOnlyList<JObject> notifications)
    {
        var invocation = new JObject { ["executionSuccessful"] = !notifications.Any(notification => (string?)notification["level"] == "error") };
        if (analysis.BeganAt is { } began)
        {
            invocation["startTimeUtc"] = Time(began);
            invocation["endTimeUtc"] = Time(began + analysis.Duration);
        }

        if (notifications.Count > 0)
        {
            invocation["toolExecutionNotifications"] = new JArray(notifications);
        }

        return invocation;
    }

    private static JObject Notification(Finding finding, int rule) => new()
    {
        // What nobody configured did not fail.
        ["level"] = AuditGaps.IsOfPart(finding) && finding.Severity < FindingSeverity.High ? "warning" : "error",
        ["message"] = new JObject { ["text"] = Message(finding.Message) },
        ["associatedRule"] = new JObject { ["id"] = finding.Id, ["index"] = rule },
    };

    private static JObject Rule(string id, IReadOnlyList<Finding> findings)
    {
        var worst = findings.MaxBy(finding => finding.Severity)!;
        var help = findings.Select(finding => finding.Recommendation).FirstOrDefault(text => !string.IsNullOrEmpty(text)) ?? "Look at the message.";
        var tags = findings.SelectMany(finding => finding.Mappings).Select(mapping => mapping.ToString()).Distinct(StringComparer.Ordinal);
        return new JObject
        {
            ["id"] = id,
            ["shortDescription"] = new JObject { ["text"] = Message(Title(id, findings)) },
            ["help"] = new JObject { ["text"] = Message(help) },
            ["defaultConfiguration"] = new JObject { ["level"] = Level(worst.Severity) },
            ["properties"] = new JObject
            {
                ["tags"] = new JArray(new[] { worst.Area }.Concat(tags).Select(Clean)),
                ["security-severity"] = Score(worst.Severity),
            },
        };
    }

    // A check that passed says what is so where all is well; the others say what is wrong with one thing.
    private static string Title(string id, IReadOnlyList<Finding> findings) =>
        findings.FirstOrDefault(finding => finding.Outcome == FindingOutcome.Pass && finding.Message.Length > 0) is { } passed ? Clean(passed.Message)
        : AuditParts.Of(id) is { } part ? $"{id}, of {AuditParts.Name(part)}" : id;

    private static JObject Result(Finding finding, int rule)
    {
        var failed = finding.Outcome == FindingOutcome.Fail;
        var result = new JObject
        {
            ["ruleId"] = finding.Id,
            ["ruleIndex"] = rule,
            ["kind"] = finding.Outcome switch
            {
                FindingOutcome.Fail => "fail",
                FindingOutcome.Pass => "pass",
                FindingOutcome.Manual => "review",
                _ => "open",
            },
            // The standard wants none for what did not fail.
            ["level"] = failed ? Level(finding.Severity) : "none",
            ["message"] = new JObject { ["text"] = Message(finding.Message) },
            ["locations"] = new JArray(new JObject
            {
                ["logicalLocations"] = new JArray(new JObject
                {
                    ["name"] = Clean(finding.Subject ?? finding.Scope ?? finding.Target ?? finding.Id),
                    ["fullyQualifiedName"] = Clean(string.Join("/", new[] { finding.Target, finding.Scope, finding.Subject }.OfType<string>())),
                }),
            }),
            ["partialFingerprints"] = new JObject { [Fingerprint] = finding.Fingerprint },
            ["properties"] = new JObject
            {
                ["severity"] = finding.Severity.ToString(),
                ["outcome"] = finding.Outcome.ToString(),
                ["state"] = finding.State.ToString(),
                ["recommendation"] = finding.Recommendation,
                ["fixSql"] = finding.FixSql,
                ["firstSeenAt"] = finding.FirstSeenAt is { } first ? Time(first) : null,
            },
        };
        if (Baseline(finding) is { } baseline)
        {
            result["baselineState"] = baseline;
        }

        if (finding is { State: FindingState.Accepted, Acceptance: { } acceptance })
        {
            result["suppressions"] = new JArray(new JObject { ["kind"] = "external", ["status"] = "accepted", ["justification"] = Clean(acceptance.ToString()) });
        }

        return result;
    }

    private static string? Baseline(Finding finding) => finding.State switch
    {
        FindingState.New => "new",
        FindingState.Known => "unchanged",
        FindingState.Fixed => "absent",
        // First seen by this audit or by one before.
        FindingState.Accepted when finding.FirstSeenAt is { } first => first >= finding.CollectedAt ? "new" : "unchanged",
        _ => null,
    };

    private static string Level(FindingSeverity severity) => severity switch
    {
        FindingSeverity.Critical or FindingSeverity.High => "error",
        FindingSeverity.Medium => "warning",
        _ => "note",
    };

    // Code scanning sorts by it as by a CVSS score.
    private static string Score(FindingSeverity severity) => severity switch
    {
        FindingSeverity.Critical => "9.5",
        FindingSeverity.High => "8.0",
        FindingSeverity.Medium => "5.5",
        FindingSeverity.Low => "2.0",
        _ => "0.0",
    };

    private static string Segment(string? text) => ReportText.OneLine(text ?? "target").Replace('/', '_');

    private static string Clean(string text) => ReportText.OneLine(text);

    // Braces would be places for arguments, and brackets before a parenthesis links (SARIF 3.11.5 and 3.11.6).
    private static string Message(string text) => Clean(text)
        .Replace("{", "{{", StringComparison.Ordinal)
        .Replace("}", "}}", StringComparison.Ordinal)
        .Replace("](", "\\](", StringComparison.Ordinal);

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}

/// <summary>What one analysis found.</summary>
/// <param name="Kind">Which analysis.</param>
/// <param name="Target">What was analysed.</param>
/// <param name="Findings">What was found.</param>
/// <param name="Fixed">What was found before and is gone.</param>
/// <param name="BeganAt">When it began; null if that is not known.</param>
/// <param name="Duration">How long it took.</param>
internal sealed record SarifAnalysis(string Kind, string? Target, IReadOnlyList<Finding> Findings, IReadOnlyList<Finding> Fixed, DateTimeOffset? BeganAt, TimeSpan Duration);
