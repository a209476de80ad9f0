using System.Globalization;
using System.Text;
using Maintenance.Engine.Security.Scan.Json;

namespace Maintenance.Engine.Security.Scan.Dependencies;

/// <summary>
/// Safety, where pip-audit is not installed. Its check command runs without an account but is old; what its scan command writes, which needs one, can be read
/// from a file. Exit code 64 (255 before version 2) means that it found something.
/// </summary>
internal sealed class SafetyCheck : Scanner
{
    /// <summary>What check says of itself before it says anything else is far shorter.</summary>
    private const int LongestBanner = 64 * 1024;

    public override string Name => "safety";

    public override ScanKind Kind => ScanKind.Dependencies;

    public override string Program => "safety";

    public override string LooksFor => PythonRequirements.LookedFor;

    public override string? StandsInFor => "pip-audit";

    public override bool AppliesTo(string path) => Places(path).Count > 0;

    public override IReadOnlyList<string> Places(string path) => PythonRequirements.In(path);

    public override ScanCommand Command(string path, string resultFile) => new(["check", "--json", "-r", path]);

    public override bool Recognises(string beginning) =>
        beginning.Contains("\"report_meta\"", StringComparison.Ordinal)
        || beginning.Contains("\"scan_results\"", StringComparison.Ordinal)
        || (beginning.Contains("\"meta\"", StringComparison.Ordinal) && beginning.Contains("\"scan_type\"", StringComparison.Ordinal))
        || beginning.TrimStart().StartsWith("[[", StringComparison.Ordinal)
        || beginning.Replace("\r", "", StringComparison.Ordinal).Replace("\n", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal).StartsWith("[[\"", StringComparison.Ordinal);

    public override ScanReading Read(Stream result, ScanEnd? end, string path)
    {
        using var json = new StreamPart(result, Begin(result), End(result));
        using var walk = new JsonWalk(json);
        walk.Begin();
        var report = SafetyReport.Read(walk);
        walk.End();
        if (!report.HasList)
        {
            throw new InvalidDataException("it holds no list of vulnerabilities");
        }

        return new ScanReading
        {
            Flaws = report.Flaws.ToList(),
            Problem = report.Flaws.Problem ?? report.Unpinned ?? Contradiction(end, report.Flaws.Count) ?? (report is { Flaws.Count: 0, Examined: 0 } ? "it looked at no package" : null),
            Recommendation = report.Unpinned is null ? report is { Flaws.Count: 0, Examined: 0 } ? "See that the file names requirements, or leave it out." : null : "Pin every requirement to a version, or run pip-audit, which resolves them.",
            Version = report.Version,
            Examined = report.Examined,
            Suppressed = report.Ignored,
        };
    }

    private static string? Contradiction(ScanEnd? end, int found) => end switch
    {
        null or { ExitCode: 0 } => null,
        { ExitCode: 64 or 255 } when found > 0 => null,
        { ExitCode: 64 or 255 } => $"safety ended as if it had found something and told of nothing: {end.Errors}",
        _ => string.Create(CultureInfo.InvariantCulture, $"safety ended with exit code {end.ExitCode}{Meaning(end.ExitCode)}: {end.Errors}"),
    };

    private static string Meaning(int code) => code switch
    {
        65 => " (login refused)",
        66 => " (too many requests)",
        67 or 68 or 69 => " (no list of vulnerabilities)",
        71 => " (a requirement that it does not understand)",
        72 => " (e-mail address not verified)",
        _ => "",
    };

    // Its check command says before and after that it is old. If no line begins JSON the whole is read, and is none.
    private static long Begin(Stream result)
    {
        var text = Block(result, 0);
        return text.Length > 0 && text[0] is '{' or '[' ? 0 : text.IndexOf("\n{", StringComparison.Ordinal) + 1;
    }

    private static long End(Stream result)
    {
        var from = Math.Max(0, result.Length - LongestBanner);
        var last = Block(result, from).LastIndexOfAny(['}', ']']);
        return last < 0 ? result.Length : from + last + 1;
    }

    private static string Block(Stream result, long from)
    {
        var bytes = new byte[LongestBanner];
        result.Position = from;
        return Encoding.Latin1.GetString(bytes, 0, result.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false));
    }
}
