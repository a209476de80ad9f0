namespace Maintenance.Engine.Backup.Testing;

/// <summary>Turns what a test found into its record. The one place where checks become a verdict. Pure.</summary>
internal static class TestVerdict
{
    /// <summary>The record of a test that came to its end.</summary>
    public static BackupVerification Of(TestWork work)
    {
        var failed = work.Checks.FirstOrDefault(check => check.Outcome == FindingOutcome.Fail);
        var unknown = work.Checks.FirstOrDefault(check => check.Outcome is FindingOutcome.Unknown or FindingOutcome.NotPermitted);
        var passed = work.Checks.Count(check => check.Outcome == FindingOutcome.Pass);
        var verdict = failed is not null ? BackupVerdict.Failed
            : unknown is not null || passed == 0 ? BackupVerdict.CannotDetermine
            : BackupVerdict.Verified;
        var deciding = failed ?? unknown;
        var record = Record(work);
        return record with
        {
            Verdict = verdict,
            Fault = deciding?.Fault ?? BackupFault.None,
            // What cannot be recovered holds no moment to which the loss could be counted.
            RecoveryPoint = verdict == BackupVerdict.Failed ? null : record.RecoveryPoint,
            Message = deciding?.Message ?? Passed(passed, work.Options.Level),
            Recommendation = verdict == BackupVerdict.Verified ? null : work.Advice,
        };
    }

    /// <summary>The record of a test that could not be done to its end.</summary>
    public static BackupVerification Undetermined(TestWork work, MaintenanceException problem)
    {
        var failed = work.Checks.Any(check => check.Outcome == FindingOutcome.Fail);
        var record = Record(work);
        return record with
        {
            Verdict = failed ? BackupVerdict.Failed : BackupVerdict.CannotDetermine,
            RecoveryPoint = failed ? null : record.RecoveryPoint,
            Message = problem.Message,
            Error = problem.Code,
            Recommendation = problem.Recommendation,
        };
    }

    private static string Passed(int count, BackupLevel level) =>
        count == 1 ? $"The only check of the level {level} passed." : FormattableString.Invariant($"All {count} checks of the level {level} passed.");

    private static BackupVerification Record(TestWork work)
    {
        var now = work.Time.GetUtcNow();
        var recovery = work.Phases.Where(phase => phase.CountsAsRecovery).Aggregate(TimeSpan.Zero, (sum, phase) => sum + phase.Duration);
        return new BackupVerification
        {
            Backup = work.Backup,
            Level = work.Options.Level,
            Verdict = BackupVerdict.CannotDetermine,
            Format = work.Format,
            Checks = work.Checks,
            Phases = work.Phases,
            RecoveryTime = work.Restored ? recovery : null,
            RecoveryTimeObjective = work.Target?.Recovery.TimeObjective,
            RecoveryPoint = (work.WantedAt ?? now) - (work.StateOf ?? work.Manifest?.TakenAt ?? work.Backup.TakenAt),
            RecoveryPointObjective = work.Target is { } target ? target.Recovery.PointObjective ?? target.BackupStore?.MaximumAge : null,
            Sha256 = work.Sha256,
            BytesRead = work.File.BytesRead,
            Requests = work.File.Requests,
            VerifiedAt = now,
            Message = "",
            Target = work.Target?.Name,
            CollectedAt = now,
        };
    }
}
