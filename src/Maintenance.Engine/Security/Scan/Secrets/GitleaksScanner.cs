using System.Text.RegularExpressions;
using Maintenance.Engine.Security.Scan.Json;
using Maintenance.Engine.Security.Scan.Sarif;

namespace Maintenance.Engine.Security.Scan.Secrets;

/// <summary>
/// gitleaks, version 8: over the commits of a git repository, else over the files of a folder. It redacts, and so does this adapter, since a report may have been written without: what it
/// matched, the author, the address and the words of the commit are never read out of it.
/// </summary>
internal sealed partial class GitleaksScanner : Scanner
{
    /// <summary>What it is told to end with where it finds something. Its own is 1, which is what it ends with too where it fails.</summary>
    public const int Found = 77;

    public override string Name => "gitleaks";

    public override ScanKind Kind => ScanKind.Secrets;

    public override string Program => "gitleaks";

    public override IReadOnlyList<string> VersionArguments => ["version"];

    public override bool AppliesTo(string path) => true;

    public override ScanCommand Command(string path, string resultFile) => Command(path, resultFile, null);

    // The subcommands git and dir came with 8.19; before, detect did both.
    public override ScanCommand Command(string path, string resultFile, string? version)
    {
        var history = IsRepository(path);
        string[] what = IsOld(version)
            ? ["detect", "--source", path, .. history ? Array.Empty<string>() : ["--no-git"]]
            : [history ? "git" : "dir", path];
        return new ScanCommand(
            [.. what, "--redact", "--no-banner", "--no-color", "--log-level", "warn", "--exit-code", $"{Found}", "--report-format", "json", "--report-path", resultFile],
            WritesFile: true)
        {
            // A repository of somebody else must not make git fetch or run anything.
            Environment = new Dictionary<string, string> { ["GIT_TERMINAL_PROMPT"] = "0", ["GIT_NO_LAZY_FETCH"] = "1", ["GIT_OPTIONAL_LOCKS"] = "0" },
        };
    }

    public override bool Recognises(string beginning) =>
        beginning.Contains("\"RuleID\"", StringComparison.Ordinal)
        || (SarifFile.Recognises(beginning) && beginning.Contains("\"gitleaks\"", StringComparison.OrdinalIgnoreCase));

    public override ScanReading Read(Stream result, ScanEnd? end, string path)
    {
        var reading = ReadReport(result, path);
        if (end is null || reading.Problem is not null)
        {
            return end is { ExitCode: not 0 and not Found } ? reading with { Problem = Ended(end) } : reading;
        }

        return (end.ExitCode, reading.Flaws.Count) switch
        {
            (0, 0) or (Found, > 0) => reading with { Note = IsRepository(path) ? "commits only, not what is not committed" : "files only" },
            (Found, 0) => reading with { Problem = "it ended as if it had found something, and its report is empty" },
            (0, _) => reading,
            _ => reading with { Problem = Ended(end), Recommendation = "Run gitleaks by hand with --log-level debug. A folder that belongs to another user needs git's safe.directory." },
        };
    }

    private static string Ended(ScanEnd end) => $"it ended with exit code {end.ExitCode}: {ScanText.Clean(end.Errors)}";

    private static bool IsRepository(string path) => Path.Exists(Path.Combine(path, ".git"));

    private static bool IsOld(string? version) =>
        version is not null && Number().Match(version) is { Success: true } match && Version.TryParse(match.Value, out var number) && number < new Version(8, 19);

    private static ScanReading ReadReport(Stream result, string path)
    {
        using var peeked = new PeekedStream(result);
        if (peeked.FirstCharacter == '{')
        {
            return SarifFile.Read(peeked, ScanKind.Secrets, path);
        }

        try
        {
            using var walk = new JsonWalk(peeked);
            walk.Begin();
            if (!walk.IsArray)
            {
                throw new InvalidDataException("it is no report of gitleaks");
            }

            var flaws = new FlawList();
            foreach (var _ in walk.Items())
            {
                flaws.Add(Leak(walk, path));
            }

            walk.End();
            return flaws.ToReading();
        }
        catch (InvalidDataException exception)
        {
            return ScanReading.Failed($"its report cannot be read: {exception.Message}", "Let gitleaks write its report again: gitleaks dir . --redact --report-format json --report-path report.json");
        }
    }

    private static ScanFlaw Leak(JsonWalk walk, string path)
    {
        string? rule = null, file = null, link = null, commit = null;
        int? line = null;
        foreach (var name in walk.Properties())
        {
            switch (name)
            {
                case "RuleID":
                    rule = walk.Text;
                    break;
                case "File":
                    file = walk.Text;
                    break;
                case "SymlinkFile":
                    link = walk.Text;
                    break;
                case "Commit":
                    commit = walk.Text is { } text && Hash().IsMatch(text) ? text[..Math.Min(12, text.Length)].ToLowerInvariant() : null;
                    break;
                case "StartLine":
                    line = walk.Count;
                    break;
                default:
                    break;
            }
        }

        if (rule is null || file is null)
        {
            throw new InvalidDataException("an entry names no rule or no file");
        }

        var (where, id) = (ScanPath.Below(string.IsNullOrEmpty(link) ? file : link, path), ScanText.Clean(rule, 100));
        var evidence = new Dictionary<string, object?> { ["Rule"] = id, ["Line"] = line };
        if (commit is not null)
        {
            evidence["Commit"] = commit;
        }

        return new ScanFlaw(where, SecretFlaws.Message("gitleaks", id, where, line, commit), FindingSeverity.High, SecretFlaws.Identity(id, where, commit))
        {
            Evidence = evidence,
            Recommendation = SecretFlaws.Recommendation,
            Mappings = SecretFlaws.Mappings,
        };
    }

    [GeneratedRegex("[0-9]+(\\.[0-9]+){1,3}")]
    private static partial Regex Number();

    [GeneratedRegex("^[0-9a-fA-F]{7,64}$")]
    private static partial Regex Hash();
}
