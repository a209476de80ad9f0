using Maintenance.Engine.Health;
using Maintenance.Engine.Inspect;

namespace Maintenance.Engine.Backup.Drill;

/// <summary>What is worth attention among tested backups. Pure.</summary>
internal static class VerificationFindings
{
    /// <summary>How many damaged backups are named; the rest are counted.</summary>
    private const int Most = 50;

    /// <summary>A finding for each damaged backup, and one for each reason for which others could not be tested.</summary>
    public static IEnumerable<Finding> Of(IReadOnlyList<BackupVerification> tests, MaintenanceTarget target, DateTimeOffset now)
    {
        var damaged = tests.Where(test => test.Verdict == BackupVerdict.Failed).ToList();
        foreach (var test in damaged.Take(Most))
        {
            yield return new Finding
            {
                Id = "BACKUP-DAMAGED",
                Area = HealthComponents.Backups,
                Severity = SeverityOf(test, tests),
                Subject = test.Name,
                Message = $"The backup {test.Name} is damaged: {test.Message}",
                Recommendation = test.Recommendation ?? "Make a new backup and find out what damaged this one; once it is of no more use, delete it.",
                Evidence = new Dictionary<string, object?> { ["Fault"] = test.Fault.ToString(), ["Level"] = test.Level.ToString(), ["Taken"] = test.Backup.TakenAt, ["SizeBytes"] = test.Backup.SizeBytes, ["More"] = Math.Max(0, damaged.Count - Most) },
                Target = target.Name,
                CollectedAt = now,
            };
        }

        // A store that does not answer is one problem, not one for each of its files.
        foreach (var group in tests.Where(test => test.Verdict == BackupVerdict.CannotDetermine).GroupBy(test => (test.Error, test.Fault)))
        {
            var first = group.First();
            var others = group.Count() - 1;
            yield return new Finding
            {
                Id = "BACKUP-NOT-VERIFIED",
                Area = HealthComponents.Backups,
                Severity = FindingSeverity.Medium,
                Outcome = FindingOutcome.Unknown,
                Subject = first.Name,
                Message = $"Whether {(others == 0 ? $"the backup {first.Name} is" : Say.Text($"{first.Name} and {Say.Count(others, "other backup", "other backups")} are"))} whole could not be found out: {first.Message}",
                Recommendation = first.Recommendation,
                Evidence = new Dictionary<string, object?> { ["Error"] = first.Error?.ToString(), ["Fault"] = first.Fault.ToString(), ["Backups"] = group.Take(Most).Select(test => test.Name).ToArray(), ["Count"] = others + 1 },
                Target = target.Name,
                CollectedAt = now,
            };
        }
    }

    /// <summary>
    /// How much a damaged backup matters: one that a newer whole one follows has cost a moment to go back to, and not the system. It
    /// would otherwise wake somebody every night until it is deleted.
    /// </summary>
    private static FindingSeverity SeverityOf(BackupVerification damaged, IEnumerable<BackupVerification> tests) => tests.Any(test =>
        test.Verdict == BackupVerdict.Verified
        && test.Backup.TakenAt > damaged.Backup.TakenAt
        && test.Backup.Kind == damaged.Backup.Kind
        && string.Equals(test.Database, damaged.Database, StringComparison.OrdinalIgnoreCase))
        ? FindingSeverity.Medium
        : FindingSeverity.Critical;

    /// <summary>One sentence about a pass over backups, and what it amounts to.</summary>
    /// <param name="level">How deeply they were tested.</param>
    /// <param name="tests">The tests of the pass.</param>
    /// <param name="all">Those of all passes until now.</param>
    /// <param name="left">How many there was no time for.</param>
    /// <param name="archived">How many lie in the Archive tier, where nothing can be read.</param>
    /// <param name="beyond">How many older ones there are than are looked at in any run.</param>
    public static (HealthStatus Status, string Message) Describe(BackupLevel level, IReadOnlyList<BackupVerification> tests, IReadOnlyList<BackupVerification> all, int left, int archived, long beyond = 0)
    {
        int Of(BackupVerdict verdict) => tests.Count(test => test.Verdict == verdict);
        var (failed, unknown, before) = (Of(BackupVerdict.Failed), Of(BackupVerdict.CannotDetermine), tests.Count(test => test.FromLedger));
        var status = tests.Any(test => test.Verdict == BackupVerdict.Failed && SeverityOf(test, all) == FindingSeverity.Critical) ? HealthStatus.Critical
            // The newest have to be known; an older one comes next time.
            : unknown > 0 || (left > 0 && level == BackupLevel.Checksum) ? HealthStatus.Unknown
            : left > 0 || failed > 0 ? HealthStatus.Warning
            : HealthStatus.Ok;
        var first = tests.FirstOrDefault(test => test.Verdict == BackupVerdict.Failed) ?? tests.FirstOrDefault(test => test.Verdict == BackupVerdict.CannotDetermine);
        string?[] parts =
        [
            Say.Text($"{Say.Count(Of(BackupVerdict.Verified), "backup", "backups")} passed{(before > 0 ? Say.Text($", {before} of them before and unchanged") : "")}"),
            failed > 0 ? Say.Text($"{failed} damaged") : null,
            unknown > 0 ? Say.Text($"{unknown} could not be tested") : null,
            left > 0 ? Say.Text($"{left} left for next time") : null,
            archived > 0 ? Say.Text($"{archived} in the Archive tier, where nothing can be read") : null,
            beyond > 0 ? Say.Text($"{beyond} older ones left out, for there are too many") : null,
        ];
        return (status, $"{string.Join("; ", parts.OfType<string>())}. {Say.Size(tests.Sum(test => test.BytesRead))} were read.{(first is null ? "" : $" {first.Name}: {first.Message}")}");
    }
}
