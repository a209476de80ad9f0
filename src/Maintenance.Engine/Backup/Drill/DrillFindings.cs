using Maintenance.Engine.Health;

namespace Maintenance.Engine.Backup.Drill;

/// <summary>What is worth attention in a drill. Pure.</summary>
internal static class DrillFindings
{
    public static IEnumerable<Finding> Of(DrillFacts facts, RecoveryDrill drill, IReadOnlyList<DrillItem> missing)
    {
        var now = facts.EndedAt;
        Finding New(string id, FindingSeverity severity, string? subject, string message, string recommendation, Dictionary<string, object?> evidence, FindingOutcome outcome = FindingOutcome.Fail) => new()
        {
            Id = id,
            Area = HealthComponents.Backups,
            Severity = severity,
            Outcome = outcome,
            Subject = subject,
            Message = message,
            Recommendation = recommendation,
            Evidence = evidence,
            Target = facts.Target.Name,
            CollectedAt = now,
        };

        if (facts.Unlisted is { } problem)
        {
            yield return New(
                "DRILL-NOT-TESTED", FindingSeverity.High, facts.Target.BackupStore?.ToString(), $"Nothing was restored, because the backups could not be listed: {problem.Message}",
                problem.Recommendation ?? "Look at the backup store.", new() { ["Error"] = problem.Code.ToString() }, FindingOutcome.Unknown);
        }
        else if (facts.Attempts.Count == 0 && missing.Count == 0)
        {
            yield return New(
                "DRILL-NO-BACKUP", FindingSeverity.Critical, facts.Target.BackupStore?.ToString(), "There is no backup to restore: the store was read to its end.",
                "Make a backup (New-DatabaseBackup), and check the job that should.", new() { ["Store"] = facts.Target.BackupStore?.ToString() });
        }

        foreach (var item in missing)
        {
            yield return New(
                "DRILL-NO-BACKUP", FindingSeverity.Critical, item.Name, $"There is no backup of {item.Name}, which the configuration wants.",
                "Make one (New-DatabaseBackup), and check the job that should. If it needs none any more, take it out of backups.databases or backups.kinds.",
                new() { ["Database"] = item.Database, ["Kind"] = item.Kind?.ToString(), ["Store"] = facts.Target.BackupStore?.ToString() });
        }

        foreach (var attempt in facts.Attempts)
        {
            if (attempt.NoneComplete)
            {
                yield return New(
                    "DRILL-NO-BACKUP", FindingSeverity.Critical, attempt.Item.Name, $"There is no whole backup of {attempt.Item.Name}: {attempt.NotTested}",
                    "Check the job that makes the backups, and make one now (New-DatabaseBackup).", new() { ["Database"] = attempt.Item.Database });
            }
            else if (attempt.NotTested is { } reason)
            {
                yield return New(
                    "DRILL-NOT-TESTED", FindingSeverity.High, attempt.Item.Name, $"{attempt.Item.Name} was not restored: {reason}",
                    "Repeat the drill with more time (-TimeoutSeconds).", new() { ["Database"] = attempt.Item.Database }, FindingOutcome.Unknown);
            }

            foreach (var test in attempt.Tests)
            {
                var evidence = new Dictionary<string, object?>
                {
                    ["Backup"] = test.Name,
                    ["Level"] = test.Level.ToString(),
                    ["Verdict"] = test.Verdict.ToString(),
                    ["Fault"] = test.Fault.ToString(),
                    ["Error"] = test.Error?.ToString(),
                };
                if (test.Verdict == BackupVerdict.Failed)
                {
                    var instead = attempt.Restored is { } other && attempt.Tests[0] == test ? $" The one before it, {other.Name}, was restored in its place." : "";
                    yield return New(
                        "DRILL-RESTORE-FAILED", FindingSeverity.Critical, attempt.Item.Name, $"The backup {test.Name} of {attempt.Item.Name} could not be restored: {test.Message}{instead}",
                        test.Recommendation ?? "Make a new backup, test it (Test-BackupRestore -Level Full), and find out what damaged this one.", evidence);
                }
                else if (test.Verdict != BackupVerdict.Verified || test.RecoveryTime is null)
                {
                    yield return New(
                        "DRILL-NOT-TESTED", FindingSeverity.High, attempt.Item.Name,
                        $"Whether the backup {test.Name} of {attempt.Item.Name} can be restored could not be found out: {(test.Verdict == BackupVerdict.Verified ? $"it was not restored whole. {test.Message}" : test.Message)}",
                        test.Recommendation ?? "Look at the checks of this backup, and repeat the drill.", evidence, FindingOutcome.Unknown);
                }
            }
        }

        // That there is none at all, or that nobody could look, is said above.
        bool IsSaid(BackupRecency recency) => recency.State switch
        {
            BackupRecencyState.Fresh => true,
            BackupRecencyState.None => facts.Attempts.Count == 0 || missing.Any(item => string.Equals(item.Database, recency.Database, StringComparison.OrdinalIgnoreCase)),
            BackupRecencyState.CannotDetermine => facts.Unlisted is not null,
            _ => false,
        };

        foreach (var recency in facts.Recencies.Where(recency => !IsSaid(recency)))
        {
            yield return BackupProbe.ToFinding(recency, facts.Target, now);
        }

        foreach (var finding in Objective("DRILL-RTO", "recovery of the system took", "how long a recovery may take", "recovery.timeObjective", drill.RecoveryTime, drill.RecoveryTimeObjective, drill.RecoveryTimeResult, drill.RecoveryTimeNote, "Restore with more jobs or a faster machine, take base backups, or agree on another objective.", known: drill.RecoveryTime is not null)
            .Concat(Objective("DRILL-RPO", "recovery loses what was written in the last", "how much may be lost", "recovery.pointObjective", drill.RecoveryPoint, drill.RecoveryPointObjective, drill.RecoveryPointResult, drill.RecoveryPointNote, "Make backups more often, archive the write-ahead log, or agree on another objective.", known: drill.RecoveryTime is not null)))
        {
            yield return finding;
        }

        IEnumerable<Finding> Objective(string id, string measured, string what, string setting, TimeSpan? value, TimeSpan? objective, ObjectiveResult result, string note, string advice, bool known)
        {
            var evidence = new Dictionary<string, object?> { ["MeasuredSeconds"] = value?.TotalSeconds, ["ObjectiveSeconds"] = objective?.TotalSeconds, ["Note"] = note };
            switch (result)
            {
                case ObjectiveResult.Missed:
                    yield return New($"{id}-MISSED", FindingSeverity.High, facts.Target.Name, $"The {measured} {DrillText.Duration(value!.Value)}; {DrillText.Objective(objective)} is wanted.", advice, evidence);
                    break;
                case ObjectiveResult.NoObjective:
                    yield return New("DRILL-NO-OBJECTIVE", FindingSeverity.Low, facts.Target.Name, $"Nobody has said {what}, so there is nothing to compare with.", $"Agree on it, and set \"{setting}\" in the configuration.", evidence);
                    break;
                // Where nothing was recovered, what kept it from being says why.
                case ObjectiveResult.Unknown when known:
                    yield return New($"{id}-UNKNOWN", FindingSeverity.High, facts.Target.Name, $"The objective could not be checked. {note}", "Note when a backup is taken: in its name, or by making it with New-DatabaseBackup.", evidence, FindingOutcome.Unknown);
                    break;
            }
        }
    }
}
