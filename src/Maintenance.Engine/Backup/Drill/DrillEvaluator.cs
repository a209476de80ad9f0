using Maintenance.Engine.Inspect;

namespace Maintenance.Engine.Backup.Drill;

/// <summary>Judges a drill: figures against objectives, and one sentence for whoever reads nothing else. Pure.</summary>
internal static class DrillEvaluator
{
    /// <summary>The record of a drill.</summary>
    public static RecoveryDrill Evaluate(DrillFacts facts)
    {
        var missing = facts.Unlisted is null
            ? DrillItem.Missing(facts.Target.Backups, [.. facts.Attempts.Select(attempt => attempt.Item)]).ToList()
            : [];
        var figures = RecoveryFigures.Of(facts.Attempts, missing, facts.Unlisted is not null);
        var (timeObjective, pointObjective) = (facts.Target.Recovery.TimeObjective, facts.Target.Recovery.PointObjective ?? facts.Target.BackupStore?.MaximumAge);
        var drill = new RecoveryDrill
        {
            Target = facts.Target.Name,
            StartedAt = facts.StartedAt,
            Duration = facts.EndedAt - facts.StartedAt,
            Status = HealthStatus.Unknown,
            Verdict = "",
            RecoveryTime = figures.Time,
            RecoveryTimeNote = figures.TimeNote,
            RecoveryTimeObjective = timeObjective,
            RecoveryTimeResult = Compare(figures.Time, timeObjective),
            RecoveryPoint = figures.Point,
            RecoveryPointNote = figures.PointNote,
            RecoveryPointObjective = pointObjective,
            RecoveryPointResult = Compare(figures.Point, pointObjective),
            Recencies = facts.Recencies,
            Verifications = [.. facts.Attempts.SelectMany(attempt => attempt.Tests)],
            Timeline = facts.Timeline,
            Evidence = [.. facts.Attempts.SelectMany(attempt => attempt.Tests).SelectMany(EvidenceOf), .. facts.Machine],
        };
        var findings = DrillFindings.Of(facts, drill, missing).OrderByDescending(finding => finding.Status).ThenByDescending(finding => finding.Severity).ToList();
        return drill with
        {
            Findings = findings,
            Status = findings.Select(finding => finding.Status).DefaultIfEmpty(HealthStatus.Ok).Max(),
            Verdict = VerdictOf(drill, facts, findings),
        };
    }

    /// <summary>What became of an objective. What was not measured meets nothing.</summary>
    public static ObjectiveResult Compare(TimeSpan? measured, TimeSpan? objective) => (measured, objective) switch
    {
        (_, null) => ObjectiveResult.NoObjective,
        (null, _) => ObjectiveResult.Unknown,
        var (time, limit) => time <= limit ? ObjectiveResult.Met : ObjectiveResult.Missed,
    };

    private static string VerdictOf(RecoveryDrill drill, DrillFacts facts, List<Finding> findings)
    {
        if (drill.RecoveryTime is not { } time)
        {
            return findings.Exists(finding => finding.Id is "DRILL-RESTORE-FAILED" or "DRILL-NO-BACKUP")
                ? $"The system could not be recovered. {drill.RecoveryTimeNote}"
                : $"Whether the system can be recovered could not be found out. {drill.RecoveryTimeNote}";
        }

        var loss = drill.RecoveryPoint is { } point
            ? $"losing what was written in the last {DrillText.Duration(point)}"
            : "losing an unknown amount";
        var objectives = (drill.RecoveryTimeResult, drill.RecoveryPointResult) switch
        {
            (ObjectiveResult.Met, ObjectiveResult.Met) => "Both objectives are met.",
            (ObjectiveResult.NoObjective, ObjectiveResult.NoObjective) => "No objective is set that this could be compared with.",
            var (first, second) => $"The objective for the time {Clause(first)}, that for the loss {Clause(second)}.",
        };
        var setback = findings.Exists(finding => finding.Id == "DRILL-RESTORE-FAILED")
            ? " But not every backup could be restored."
            : facts.Attempts.Any(attempt => attempt.Restored is null) || findings.Exists(finding => finding.Id is "DRILL-NO-BACKUP")
                ? " But not everything was tested, or has a backup."
                : findings.Find(finding => !finding.Id.StartsWith("DRILL-", StringComparison.Ordinal)) is { } other
                    // Otherwise nobody would know why all is met and yet the drill is red.
                    ? $" But something else needs attention: {other.Message}"
                    : "";
        return $"The system was recovered within {DrillText.Duration(time)}, {loss}. {objectives}{setback}";
    }

    private static string Clause(ObjectiveResult result) => result switch
    {
        ObjectiveResult.Met => "is met",
        ObjectiveResult.Missed => "is missed",
        ObjectiveResult.NoObjective => "is not set",
        _ => "could not be checked",
    };

    private static IEnumerable<DrillEvidence> EvidenceOf(BackupVerification test)
    {
        DrillEvidence Fact(string name, string? value) => new(test.Name, name, value);
        var backup = test.Backup;
        yield return Fact("Store", backup.Store);
        yield return Fact("Taken", Say.Text($"{backup.TakenAt.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC{(backup.TakenAtFromName ? ", as its name says" : ", when the store received it")}"));
        yield return Fact("Size", Say.Text($"{backup.SizeBytes} bytes"));
        yield return Fact("Format", (test.Format == BackupKind.Unknown ? backup.Kind : test.Format).ToString());
        yield return Fact("Entity tag", backup.ETag);
        yield return Fact("SHA-256, read", test.Sha256);
        yield return Fact("SHA-256, noted when it was made", backup.Sha256);
        yield return Fact("Read from the store", Say.Text($"{test.BytesRead} bytes in {test.Requests} requests"));
        yield return Fact("Tested", Say.Text($"{test.VerifiedAt.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC, level {test.Level}: {test.Verdict}{(test.FromLedger ? ", as noted then" : "")}"));
    }
}
