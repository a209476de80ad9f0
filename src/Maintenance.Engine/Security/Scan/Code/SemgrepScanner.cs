using System.Globalization;
using Maintenance.Engine.Security.Scan.Json;
using Maintenance.Engine.Security.Scan.Sarif;

namespace Maintenance.Engine.Security.Scan.Code;

/// <summary>semgrep, with the rules that are asked for, else the project's own, else the default set of its registry. It sends no measurements of its use.</summary>
internal sealed class SemgrepScanner(IReadOnlyList<string>? rules = null) : Scanner
{
    /// <summary>The registry's own choice by project, for which it wants to be told of the project.</summary>
    private const string Automatic = "auto";

    private const int MostProblems = 5;

    private static readonly string[] OwnRules = [".semgrep.yml", ".semgrep.yaml", ".semgrep"];

    public override string Name => "semgrep";

    public override ScanKind Kind => ScanKind.Code;

    public override string Program => "semgrep";

    public override bool AppliesTo(string path) => true;

    public override Scanner For(ScanQuery query) => query.Rules is { Count: > 0 } asked ? new SemgrepScanner(asked) : this;

    public override ScanCommand Command(string path, string resultFile)
    {
        var used = rules ?? Own(path) ?? ["p/default"];
        return new ScanCommand(
        [
            "scan", "--json", "--quiet", "--disable-version-check", .. used.Contains(Automatic) ? Array.Empty<string>() : ["--metrics=off"],
            .. used.Select(rule => $"--config={rule}"), "--", path,
        ]);
    }

    public override bool Recognises(string beginning) =>
        beginning.Contains("\"check_id\"", StringComparison.Ordinal)
        || (SarifFile.Recognises(beginning) && beginning.Contains("semgrep", StringComparison.OrdinalIgnoreCase))
        || (beginning.Contains("\"results\"", StringComparison.Ordinal) && (beginning.Contains("\"skipped_rules\"", StringComparison.Ordinal) || beginning.Contains("\"scanned\"", StringComparison.Ordinal)));

    public override ScanReading Read(Stream result, ScanEnd? end, string path)
    {
        ScanReading reading;
        using var peeked = new PeekedStream(result);
        try
        {
            using var walk = new JsonWalk(peeked);
            reading = ReadReport(walk, path);
        }
        catch (InvalidDataException exception)
        {
            reading = ScanReading.Failed($"its result cannot be read: {exception.Message}", "Let semgrep write its result again: semgrep scan --json --config p/default . > result.json");
        }

        // 0 is an end without errors, found or not; 1 says that something was found, where --error was given; all else is a failure.
        return end is { ExitCode: not 0 and not 1 }
            ? reading with { Problem = $"it ended with exit code {end.ExitCode}, {Meaning(end.ExitCode)}: {(reading.Flaws.Count > 0 || reading.Problem is null || end.Errors.Length > 0 ? ScanText.Clean(end.Errors) : reading.Problem)}", Recommendation = Advice(end.ExitCode) }
            : reading;
    }

    private static string[]? Own(string path) =>
        OwnRules.Select(name => Path.Combine(path, name)).FirstOrDefault(Path.Exists) is { } own ? [own] : null;

    private static string Meaning(int code) => code switch
    {
        2 => "a failure",
        3 => "code that it cannot parse",
        4 => "a rule with a pattern that is none",
        5 => "rules that are no YAML",
        7 => "rules that it did not find or could not get",
        8 => "a language that it does not know",
        13 => "a key that its service refuses",
        14 => "a failed scan",
        _ => "which its documentation does not name",
    };

    private static string Advice(int code) => code switch
    {
        4 or 5 or 8 => "Mend the rules: semgrep validate shows what is wrong with them.",
        7 => "Rules of the registry need a way to semgrep.dev. Give rules that lie on this machine with -Config.",
        13 => "Log out (semgrep logout) to use the public rules, or log in again.",
        _ => "Run semgrep by hand with --verbose to see what is wrong.",
    };

    private static ScanReading ReadReport(JsonWalk walk, string path)
    {
        var flaws = new FlawList();
        var problems = new List<string>();
        string? version = null;
        long? scanned = null;
        var (told, suppressed) = (false, 0);
        walk.Begin();
        foreach (var name in walk.Properties())
        {
            switch (name)
            {
                case "version":
                    version = ScanText.Clean(walk.Text, 50);
                    break;
                case "results" when walk.IsArray:
                    told = true;
                    foreach (var _ in walk.Items())
                    {
                        if (ReadResult(walk, path) is { } flaw)
                        {
                            flaws.Add(flaw);
                        }
                        else
                        {
                            suppressed++;
                        }
                    }

                    break;
                case "errors":
                    foreach (var _ in walk.Items())
                    {
                        problems.Add(ReadError(walk, path));
                    }

                    break;
                case "skipped_rules" when walk.IsArray && walk.Items().Count() is > 0 and var skipped:
                    problems.Add(string.Create(CultureInfo.InvariantCulture, $"it skipped {skipped} {(skipped == 1 ? "rule" : "rules")}"));
                    break;
                case "paths":
                    foreach (var part in walk.Properties())
                    {
                        if (part == "scanned" && walk.IsArray)
                        {
                            scanned = walk.Items().LongCount();
                        }
                    }

                    break;
                default:
                    break;
            }
        }

        walk.End();
        if (!told)
        {
            throw new InvalidDataException("it is no result of semgrep");
        }

        var reading = flaws.ToReading() with { Version = version, Examined = scanned, Suppressed = suppressed };
        return problems.Count > 0 ? reading with { Problem = Together(problems), Recommendation = "What it could not read or run was not looked at: exclude it in .semgrepignore, or mend it." }
            : scanned == 0 ? reading with { Problem = "it looked at no file", Recommendation = "In a git repository it looks at what git tracks; see also .semgrepignore." }
            : reading;
    }

    private static string Together(List<string> problems) =>
        string.Join("; ", problems.Distinct().Take(MostProblems)) + (problems.Distinct().Count() is > MostProblems and var all ? string.Create(CultureInfo.InvariantCulture, $"; and {all - MostProblems} more") : "");

    // A file that it parsed in part, or a rule that timed out on one, is an error of level warn: nothing was found there because nothing was looked for.
    private static string ReadError(JsonWalk walk, string path)
    {
        string? kind = null, message = null, file = null;
        foreach (var name in walk.Properties())
        {
            switch (name)
            {
                case "type":
                    kind = walk.Texts(1) is [var first, ..] ? first : null;
                    break;
                case "message" or "long_msg":
                    message ??= walk.Text;
                    break;
                case "path":
                    file = walk.Text;
                    break;
                default:
                    break;
            }
        }

        var about = file is null ? "" : $" in {ScanPath.Below(file, path)}";
        return $"{(ScanText.Clean(kind, 60) is { Length: > 0 } name2 ? name2 : "an error")}{about}{(ScanText.Clean(message, 150) is { Length: > 0 } words ? $" ({words.TrimEnd('.')})" : "")}";
    }

    private static ScanFlaw? ReadResult(JsonWalk walk, string path)
    {
        string? rule = null, file = null;
        int? line = null;
        var extra = new Extra();
        foreach (var name in walk.Properties())
        {
            switch (name)
            {
                case "check_id":
                    rule = walk.Text;
                    break;
                case "path":
                    file = walk.Text;
                    break;
                case "start":
                    line = int.TryParse(walk.TextOf("line"), out var number) ? number : null;
                    break;
                case "extra":
                    ReadExtra(walk, extra);
                    break;
                default:
                    break;
            }
        }

        if (rule is null || file is null)
        {
            throw new InvalidDataException("a result names no rule or no file");
        }

        if (extra.IsIgnored)
        {
            return null;
        }

        var (where, id) = (ScanPath.Below(file, path), ScanText.Clean(rule, 200));
        var at = line is { } start ? string.Create(CultureInfo.InvariantCulture, $", line {start}") : "";
        var words = ScanText.Sentence(extra.Message) is { Length: > 0 } sentence ? sentence : $"{id} holds.";
        var evidence = new Dictionary<string, object?> { ["Rule"] = id, ["Line"] = line };
        if (ScanText.Clean(extra.Confidence, 20) is { Length: > 0 } confidence)
        {
            evidence["Confidence"] = confidence;
        }

        // A rule's full name begins with where its file lies, which differs between machines; its last part is its own.
        return new ScanFlaw(where, $"{where}{at}: {words}", SeverityOf(extra.Severity), $"{id.Split('.')[^1]}\n{where}\n{extra.Fingerprint ?? extra.Lines}")
        {
            Evidence = evidence,
            Recommendation = extra.Source is { } source ? $"Read {source}." : null,
            Mappings = [.. Weaknesses.Mappings(extra.Weaknesses), .. extra.Owasp.Take(5).Select(entry => new FindingMapping("OWASP", ScanText.Clean(entry, 80)))],
        };
    }

    private static FindingSeverity SeverityOf(string? severity) => severity?.ToUpperInvariant() switch
    {
        "CRITICAL" => FindingSeverity.Critical,
        "ERROR" or "HIGH" => FindingSeverity.High,
        "INFO" or "LOW" => FindingSeverity.Low,
        "INVENTORY" or "EXPERIMENT" => FindingSeverity.Info,
        _ => FindingSeverity.Medium,
    };

    private static void ReadExtra(JsonWalk walk, Extra extra)
    {
        foreach (var name in walk.Properties())
        {
            switch (name)
            {
                case "message":
                    extra.Message = walk.Text;
                    break;
                case "severity":
                    extra.Severity = walk.Text;
                    break;
                case "is_ignored":
                    extra.IsIgnored = walk.Flag == true;
                    break;
                case "fingerprint":
                    extra.Fingerprint = Known(walk.Text);
                    break;
                case "lines":
                    extra.Lines = Known(walk.Text) is { } lines ? FindingFingerprint.Of(string.Concat(lines.Where(character => !char.IsWhiteSpace(character)))) : null;
                    break;
                case "metadata":
                    ReadMetadata(walk, extra);
                    break;
                default:
                    break;
            }
        }
    }

    // Without an account these words stand where the value should be.
    private static string? Known(string? text) => text is null or "" or "requires login" ? null : text;

    private static void ReadMetadata(JsonWalk walk, Extra extra)
    {
        foreach (var name in walk.Properties())
        {
            switch (name)
            {
                case "cwe":
                    foreach (var text in walk.Texts(20))
                    {
                        Weaknesses.AddFrom(text, extra.Weaknesses, anywhere: true);
                    }

                    break;
                case "owasp":
                    extra.Owasp = walk.Texts(5);
                    break;
                case "confidence":
                    extra.Confidence = walk.Text;
                    break;
                case "source":
                    extra.Source = Uri.TryCreate(walk.Text, UriKind.Absolute, out var address) && address.Scheme == "https" ? ScanText.Clean(address.AbsoluteUri, 300) : null;
                    break;
                default:
                    break;
            }
        }
    }

    private sealed class Extra
    {
        public string? Message { get; set; }

        public string? Severity { get; set; }

        public bool IsIgnored { get; set; }

        public string? Fingerprint { get; set; }

        public string? Lines { get; set; }

        public List<string> Weaknesses { get; } = [];

        public IReadOnlyList<string> Owasp { get; set; } = [];

        public string? Confidence { get; set; }

        public string? Source { get; set; }
    }
}
