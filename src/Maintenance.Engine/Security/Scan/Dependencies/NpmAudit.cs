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
        File.Exists(path) && Path.GetFileName(path) == "package.json" && Path.GetDirectoryName(path) is { } own
            // The project rather than a file of it: its lock file is what is read.
            ? NpmLockFile.Names.Any(name => File.Exists(Path.Combine(own, name))) ? [own] : []
            : [.. ProjectFiles.Find(path, name => NpmLockFile.Names.Contains(name, StringComparer.Ordinal)).Select(file => Path.GetDirectoryName(file)!).Distinct()];

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
        var folder = Directory.Exists(path) ? path : Path.GetDirectoryName(path)!;
        var lockFile = NpmLockFile.In(folder);
        var report = NpmReport.Read(walk, lockFile);
        walk.End();
        if (report.Error is { } error)
        {
            return ScanReading.Failed(error, "Check that npm reaches a registry that answers audits (npm ping, npm audit), and that the lock file fits package.json.");
        }

        if (!report.HasList)
        {
            throw new InvalidDataException("it holds no list of vulnerabilities");
        }

        // A report that was written elsewhere may be of another state of the project than what lies here.
        var isEmpty = end is not null && NpmAgreement.IsEmpty(lockFile, folder);
        var disagreement = end is null ? null : NpmAgreement.Problem(lockFile, folder);
        var problem = report.Flaws.Problem ?? report.Contradiction ?? Contradiction(end, report.Flaws.Count) ?? disagreement ?? (isEmpty ? null : Nothing(report));
        return new ScanReading
        {
            Flaws = report.Flaws.ToList(),
            Problem = problem,
            Recommendation = problem is null ? null
                : problem == disagreement ? "Write it again with npm install --package-lock-only, look at what changes, and scan again."
                : problem == Nothing(report) ? "Let npm write the lock file (npm install --package-lock-only) and the report again."
                : null,
            Examined = report.Examined,
            Note = isEmpty ? "package.json asks for nothing" : null,
        };
    }

    private static string? Nothing(NpmReport report) => report.Flaws.Count > 0 ? null : report.Examined switch
    {
        null => "its report does not say that it looked at any package",
        0 => "it looked at no package",
        _ => null,
    };

    private static string? Contradiction(ScanEnd? end, int found) => end switch
    {
        { ExitCode: 1 } when found == 0 => $"npm audit ended with exit code 1 and told of nothing: {end.Errors}",
        { ExitCode: not (0 or 1) } => string.Create(CultureInfo.InvariantCulture, $"npm audit ended with exit code {end.ExitCode}: {end.Errors}"),
        _ => null,
    };
}
