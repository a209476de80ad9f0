using Maintenance.Engine.Backup.Drill;

namespace Maintenance.Engine.Tests.Backup.Drill;

/// <summary>Drills by hand, for what judges and writes them.</summary>
internal static class DrillSample
{
    public static readonly DateTimeOffset Start = new(2026, 11, 26, 9, 0, 0, TimeSpan.Zero);

    public static readonly MaintenanceTarget Target = new()
    {
        Name = "production",
        BackupStore = new StoreSettings { AccountName = "prodbackups", Container = "disaster-recovery", Prefix = "database-backups/", MaximumAge = TimeSpan.FromHours(24) },
        Recovery = new RecoverySettings { TimeObjective = TimeSpan.FromHours(1) },
    };

    public static DatabaseBackup Dumped(string? database, BackupKind kind = BackupKind.Custom, TimeSpan? age = null, string? name = null, BackupCompleteness completeness = default, long size = 5L << 30) => new()
    {
        Name = name ?? $"database-backups/{database ?? "x"}-{(Start - (age ?? TimeSpan.FromHours(5))).UtcDateTime:yyyyMMddHHmm}.dump",
        Store = "prodbackups/disaster-recovery/database-backups",
        Kind = kind,
        Database = database,
        TakenAt = Start - (age ?? TimeSpan.FromHours(5)),
        TakenAtFromName = true,
        LastModified = Start - (age ?? TimeSpan.FromHours(5)),
        SizeBytes = size,
        Completeness = completeness,
        ETag = "\"0x8DC5A7\"",
        Target = "production",
        CollectedAt = Start,
    };

    public static BackupVerification Restored(DatabaseBackup backup, double seconds = 600, TimeSpan? point = null) => new()
    {
        Backup = backup,
        Level = BackupLevel.Full,
        Verdict = BackupVerdict.Verified,
        Format = backup.Kind,
        Phases =
        [
            new RecoveryPhase("Fetch the backup", TimeSpan.FromSeconds(seconds * 0.3), true),
            new RecoveryPhase("Start a scratch server", TimeSpan.FromSeconds(seconds * 0.1), true),
            new RecoveryPhase("Restore the data", TimeSpan.FromSeconds(seconds * 0.6), true),
            new RecoveryPhase("Check with amcheck", TimeSpan.FromSeconds(seconds * 0.2), false),
        ],
        Checks = [new BackupCheck("Header", BackupLevel.Header, FindingOutcome.Pass, "Custom format, version 1.14."), new BackupCheck("Rows", BackupLevel.Full, FindingOutcome.Manual, "Nothing was noted to compare with.")],
        RecoveryTime = TimeSpan.FromSeconds(seconds),
        RecoveryPoint = point ?? Start - backup.TakenAt,
        Sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        BytesRead = backup.SizeBytes,
        Requests = 41,
        VerifiedAt = Start.AddSeconds(seconds),
        Message = "All 12 checks of the level Full passed.",
        Target = "production",
        CollectedAt = Start.AddSeconds(seconds),
    };

    public static BackupVerification Broken(DatabaseBackup backup, BackupFault fault = BackupFault.DataDamaged, string message = "The data of public.orders end in the middle.") => Restored(backup) with
    {
        Verdict = BackupVerdict.Failed,
        Fault = fault,
        Message = message,
        RecoveryTime = null,
        Phases = [new RecoveryPhase("Fetch the backup", TimeSpan.FromSeconds(180), true), new RecoveryPhase("Restore the data", TimeSpan.FromSeconds(20), true)],
    };

    public static BackupVerification Undecided(DatabaseBackup backup) => Restored(backup) with
    {
        Verdict = BackupVerdict.CannotDetermine,
        Message = "There is not enough space for a scratch server: 10 GB are needed, 2 GB are free.",
        Fault = BackupFault.NoSpace,
        RecoveryTime = null,
        Phases = [],
        Recommendation = "Give a folder with more space: -ScratchPath.",
    };

    public static BackupRecency Fresh(string database) => new()
    {
        State = BackupRecencyState.Fresh,
        Database = database,
        Newest = Dumped(database),
        Age = TimeSpan.FromHours(5),
        MaximumAge = TimeSpan.FromHours(24),
        Message = $"The newest backup of '{database}' is fresh.",
        Target = "production",
        CollectedAt = Start,
    };

    public static DrillAttempt Attempt(params BackupVerification[] tests) => new(DrillItem.Of(tests[0].Backup, new BackupSettings()), tests);

    public static DrillFacts Facts(params DrillAttempt[] attempts)
    {
        var at = Start.AddSeconds(2);
        var timeline = new List<DrillEvent> { new(Start, "production", "Find the backups", TimeSpan.FromSeconds(2), false) };
        foreach (var attempt in attempts)
        {
            foreach (var phase in attempt.Tests.SelectMany(test => test.Phases))
            {
                timeline.Add(new DrillEvent(at, attempt.Item.Name, phase.Name, phase.Duration, phase.CountsAsRecovery));
                at += phase.Duration;
            }
        }

        return new DrillFacts
        {
            Target = Target,
            StartedAt = Start,
            EndedAt = at.AddSeconds(3),
            Attempts = attempts,
            Timeline = timeline,
            Recencies = [.. attempts.Select(attempt => attempt.Item.Database).OfType<string>().Distinct().Select(Fresh)],
            Machine = [new DrillEvidence("The drill", "Machine", "restore-01"), new DrillEvidence("The drill", "Processors", "8")],
        };
    }

    public static RecoveryDrill Judged(params DrillAttempt[] attempts) => DrillEvaluator.Evaluate(Facts(attempts));
}
