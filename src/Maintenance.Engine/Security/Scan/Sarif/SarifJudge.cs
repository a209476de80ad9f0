using System.Globalization;
using System.Text.RegularExpressions;
using Maintenance.Engine.Security.Scan.Secrets;

namespace Maintenance.Engine.Security.Scan.Sarif;

/// <summary>Makes of what SARIF says what we say: severities, words, identities.</summary>
internal static partial class SarifJudge
{
    private static readonly string[] Adapted = ["semgrep", "gitleaks", "secretlint"];

    /// <summary>Judges the runs of a file.</summary>
    /// <param name="runs">The runs.</param>
    /// <param name="kind">What the tool looks for: words of those that look for secrets are not shown, since they may hold them.</param>
    /// <param name="root">What was scanned.</param>
    public static ScanReading Judge(IReadOnlyList<SarifRun> runs, ScanKind kind, string root)
    {
        var problems = runs.SelectMany(Problems).Distinct().Take(5).ToList();
        var results = runs.SelectMany(run => (run.Results ?? []).Where(Counts).Select(result => (Run: run, Result: result))).ToList();
        return new ScanReading
        {
            Tool = string.Join(" and ", runs.Select(run => NameOf(run)).Distinct().Order(StringComparer.Ordinal)),
            Version = runs.Select(run => run.Driver?.Version).FirstOrDefault(version => version is not null) is { } version ? ScanText.Clean(version, 50) : null,
            Flaws = FlawIdentity.Distinct(results.Where(pair => !pair.Result.IsSuppressed).Select(pair => Flaw(pair.Run, pair.Result, kind, root))),
            Suppressed = results.Count(pair => pair.Result.IsSuppressed),
            Problem = problems.Count > 0 ? string.Join("; ", problems) : null,
            Recommendation = problems.Count > 0 ? "Look at the tool's own output, mend what stopped it, and let it write its result again." : null,
        };
    }

    /// <summary>
    /// Severity of a result: the score of <c>security-severity</c> by the limits of CVSS, else its level, else its rank, else the level of its rule. What is open or to be reviewed has the
    /// level none by SARIF's own rule, which says nothing of how much it matters.
    /// </summary>
    public static FindingSeverity SeverityOf(SarifResult result, SarifRule? rule) =>
        (result.Score ?? rule?.Score) is { } score ? OfScore(score)
        : OfLevel(result.Kind is "open" or "review" && result.Level == "none" ? null : result.Level) ?? (result.Rank is { } rank ? OfScore(rank / 10) : OfLevel(rule?.Level) ?? FindingSeverity.Medium);

    /// <summary>Severity of a score from 0 to 10, by the limits of CVSS 3.</summary>
    public static FindingSeverity OfScore(double score) => score switch
    {
        >= 9 => FindingSeverity.Critical,
        >= 7 => FindingSeverity.High,
        >= 4 => FindingSeverity.Medium,
        > 0 => FindingSeverity.Low,
        _ => FindingSeverity.Info,
    };

    private static FindingSeverity? OfLevel(string? level) => level switch
    {
        "error" => FindingSeverity.High,
        "warning" => FindingSeverity.Medium,
        "note" => FindingSeverity.Low,
        "none" => FindingSeverity.Info,
        _ => null,
    };

    // What passed, does not apply or only informs is no flaw; what is open or to be reviewed is one until somebody has looked.
    private static bool Counts(SarifResult result) => !result.IsAbsent && result.Kind is null or "fail" or "open" or "review";

    private static IEnumerable<string> Problems(SarifRun run)
    {
        if (run.Driver?.Name is null)
        {
            yield return "a run does not say which tool it was of";
        }

        if (run.Results is null && run.Problems.Count == 0)
        {
            yield return $"{NameOf(run)} tells no list of results, which means that it looked at nothing";
        }

        foreach (var problem in run.Problems)
        {
            yield return problem;
        }

        if (run.Dropped > 0)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"it tells of {run.Dropped} results more than are kept");
        }
    }

    // One tool has one name, however its editions call themselves: else a finding of one would be new to the other.
    private static string NameOf(SarifRun run) => ScanText.Clean(run.Driver?.Name, 60) is { Length: > 0 } name
        ? Adapted.FirstOrDefault(known => name.StartsWith(known, StringComparison.OrdinalIgnoreCase)) ?? name
        : "a tool without a name";

    private static ScanFlaw Flaw(SarifRun run, SarifResult result, ScanKind kind, string root)
    {
        var rule = run.RuleOf(result);
        var id = ScanText.Clean(result.RuleId ?? rule?.Id ?? rule?.Name, 200) is { Length: > 0 } name ? name : "a rule without a name";
        var file = SarifPath.Of(run, result, root) ?? (ScanText.Clean(result.Logical, 200) is { Length: > 0 } logical ? logical : null);
        var where = file ?? "the whole";
        var severity = SeverityOf(result, rule);
        return new ScanFlaw(
            where,
            kind == ScanKind.Secrets ? SecretFlaws.Message(NameOf(run), SecretFlaws.ShortRule(id), where, result.Line) : Message(result, rule, id, where),
            kind == ScanKind.Secrets && severity < FindingSeverity.High ? FindingSeverity.High : severity,
            Identity(result, SecretFlaws.ShortRule(id), where, kind))
        {
            Evidence = Evidence(result, rule, id),
            Recommendation = kind == ScanKind.Secrets ? SecretFlaws.Recommendation : Recommendation(rule),
            Mappings = kind == ScanKind.Secrets ? SecretFlaws.Mappings : Weaknesses.Mappings([.. result.Weaknesses, .. rule?.Weaknesses ?? []]),
        };
    }

    private static string Message(SarifResult result, SarifRule? rule, string id, string where)
    {
        var text = result.Text ?? (result.MessageId is { } messageId && rule?.Messages.GetValueOrDefault(messageId) is { } pattern ? Fill(pattern, result.Arguments) : null) ?? rule?.Short ?? rule?.Full;
        var line = result.Line is { } number ? string.Create(CultureInfo.InvariantCulture, $", line {number}") : "";
        return ScanText.Sentence(text) is { Length: > 0 } sentence ? $"{where}{line}: {sentence}" : $"{where}{line}: {id} holds.";
    }

    private static string Fill(string pattern, IReadOnlyList<string> arguments) =>
        Placeholder().Replace(pattern, match => arguments.ElementAtOrDefault(int.Parse(match.Groups["n"].Value, CultureInfo.InvariantCulture)) ?? match.Value);

    private static string? Recommendation(SarifRule? rule) =>
        rule?.Help is { } help && Uri.TryCreate(help, UriKind.Absolute, out var address) && address.Scheme is "https" or "http"
            ? $"Read {ScanText.Clean(address.AbsoluteUri, 300)}."
            : ScanText.Sentence(rule?.Full ?? rule?.Short) is { Length: > 0 } sentence ? sentence : null;

    private static Dictionary<string, object?> Evidence(SarifResult result, SarifRule? rule, string id)
    {
        var evidence = new Dictionary<string, object?> { ["Rule"] = id };
        if (result.Line is { } line)
        {
            evidence["Line"] = line;
        }

        if ((result.Score ?? rule?.Score) is { } score)
        {
            evidence["Score"] = score;
        }

        if (result.Kind is "open" or "review")
        {
            evidence["Kind"] = result.Kind;
        }

        return evidence;
    }

    // A tool's whole fingerprint outlives renaming; a partial one counts within rule and file; without either it is the code itself, never its line.
    private static string Identity(SarifResult result, string id, string where, ScanKind kind) =>
        kind == ScanKind.Secrets ? SecretFlaws.Identity(id, where, null)
        : result.Fingerprints is { } whole ? $"{id}\n{whole}"
        : $"{id}\n{where}\n{result.PartialFingerprints ?? result.Context ?? result.Logical}";

    [GeneratedRegex(@"\{(?<n>[0-9]{1,2})\}")]
    private static partial Regex Placeholder();
}
