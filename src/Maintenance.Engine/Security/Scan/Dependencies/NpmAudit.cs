using System.Globalization;
using Maintenance.Engine.Security.Scan.Json;

namespace Maintenance.Engine.Security.Scan.Dependencies;

/// <summary>npm audit: the lock files of npm, against the advisories that the registry knows. Exit code 1 means that it found something, or that it failed.</summary>
internal sealed class NpmAudit : Scanner
{
    public override string Name => "npm";

    public override ScanKind Kind => ScanKind.Dependencies;

    public override string Program => "npm";

    public override string LooksFor => "package-lock.json or npm-shrinkwrap.json";

    public override bool AppliesTo(string path) => Places(path).Count > 0;

    public override IReadOnlyList<string> Places(string path) =>
        [.. ProjectFiles.Find(path, name => NpmLockFile.Names.Contains(name, StringComparer.Ordinal)).Select(file => Path.GetDirectoryName(file)!).Distinct()];

    // What only development needs is looked at whatever the user's own settings say; no argument holds a name from outside, since npm may be a script.
    public override ScanCommand Command(string path, string resultFile) =>
        new(["audit", "--json", "--package-lock-only", "--include=dev", "--include=optional", "--include=peer"]) { Environment = new Dictionary<string, string> { ["npm_config_update_notifier"] = "false" } };

    public override bool Recognises(string beginning) =>
        beginning.TrimStart().StartsWith('{')
        && (beginning.Contains("\"auditReportVersion\"", StringComparison.Ordinal)
            || (beginning.Contains("\"advisories\"", StringComparison.Ordinal) && beginning.Contains("\"actions\"", StringComparison.Ordinal))
            || (beginning.Contains("\"error\"", StringComparison.Ordinal) && beginning.Contains("\"summary\"", StringComparison.Ordinal)));

    public override ScanReading Read(Stream result, ScanEnd? end, string path)
    {
        using var walk = new JsonWalk(result);
        walk.Begin();
        var report = NpmReport.Read(walk, NpmLockFile.In(Directory.Exists(path) ? path : Path.GetDirectoryName(path)!));
        walk.End();
        if (report.Error is { } error)
        {
            return ScanReading.Failed(error, "Check that npm reaches a registry that answers audits (npm ping, npm audit), and that the lock file fits package.json.");
        }

        if (!report.HasList)
        {
            throw new InvalidDataException("it holds no list of vulnerabilities");
        }

        return new ScanReading
        {
            Flaws = report.Flaws.ToList(),
            Problem = report.Flaws.Problem ?? report.Contradiction ?? Contradiction(end, report.Flaws.Count),
            Examined = report.Examined,
        };
    }

    private static string? Contradiction(ScanEnd? end, int found) => end switch
    {
        { ExitCode: 1 } when found == 0 => $"npm audit ended with exit code 1 and told of nothing: {end.Errors}",
        { ExitCode: not (0 or 1) } => string.Create(CultureInfo.InvariantCulture, $"npm audit ended with exit code {end.ExitCode}: {end.Errors}"),
        _ => null,
    };
}
