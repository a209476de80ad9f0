using Maintenance.Engine.Health;
using Maintenance.Engine.Tasks;

namespace Maintenance.Engine.Backup.Drill;

/// <summary>A drill as steps and figures of a run. Pure.</summary>
internal static class DrillSteps
{
    public const string Find = "Find the backups";

    public const string Time = "Recovery time";

    public const string Point = "Recovery point";

    /// <summary>The step that puts the others together.</summary>
    public const string Verdict = "Verdict";

    public static string Restore(string item) => $"Restore {RunLog.OneLine(item)}";

    /// <summary>A step for an item that is over.</summary>
    /// <param name="attempt">What became of it.</param>
    /// <param name="startedAt">When it began.</param>
    /// <param name="endedAt">When it ended.</param>
    public static MaintenanceStep Of(DrillAttempt attempt, DateTimeOffset startedAt, DateTimeOffset endedAt)
    {
        // That of the newest backup is the verdict: that an older one would do is in the message.
        var newest = attempt.Tests.Count > 0 ? attempt.Tests[0] : null;
        var message = newest is null ? attempt.NotTested ?? "It was not tried."
            : newest == attempt.Restored ? $"{newest.Name} was restored in {DrillText.Duration(newest.RecoveryTime!.Value)}, with a loss of {(newest.RecoveryPoint is { } point ? DrillText.Duration(point) : "unknown size")}."
            : $"{newest.Name}: {newest.Message}{(attempt.Restored is { } older ? $" {older.Name} was restored in its place." : "")}";
        return new MaintenanceStep
        {
            Name = Restore(attempt.Item.Name),
            State = newest?.Verdict is BackupVerdict.Verified or BackupVerdict.Failed ? StepState.Done : StepState.Failed,
            Status = attempt.NoneComplete || newest?.Verdict == BackupVerdict.Failed ? HealthStatus.Critical
                : newest is not null && newest == attempt.Restored ? HealthStatus.Ok
                : HealthStatus.Unknown,
            Message = RunLog.OneLine(message),
            Error = newest?.Error,
            Recommendation = newest?.Recommendation,
            StartedAt = startedAt,
            Duration = endedAt - startedAt,
        };
    }

    /// <summary>What was found before anything was restored.</summary>
    public static MaintenanceStep Found(RecoveryDrill drill)
    {
        var unlisted = drill.Findings.FirstOrDefault(finding => finding.Id == "DRILL-NOT-TESTED" && finding.Evidence.ContainsKey("Error") && !finding.Evidence.ContainsKey("Backup"));
        var worst = drill.Recencies.OrderByDescending(recency => recency.Status).FirstOrDefault();
        var status = unlisted is not null ? HealthStatus.Unknown : worst?.Status ?? HealthStatus.Unknown;
        return new MaintenanceStep
        {
            Name = Find,
            State = unlisted is null ? StepState.Done : StepState.Failed,
            Status = status,
            Message = RunLog.OneLine(unlisted?.Message ?? worst?.Message ?? "That could not be found out."),
            Error = worst?.Error,
            Recommendation = unlisted?.Recommendation ?? worst?.Recommendation,
            StartedAt = drill.StartedAt,
            Duration = drill.Timeline.Count > 0 ? drill.Timeline[0].Duration : TimeSpan.Zero,
        };
    }

    /// <summary>What the configuration wants and has no backup at all: nothing was tried, and there is no step for it yet.</summary>
    public static IEnumerable<MaintenanceStep> Missing(RecoveryDrill drill, IReadOnlyCollection<MaintenanceStep> finished) => drill.Findings
        .Where(finding => finding.Id == "DRILL-NO-BACKUP" && finished.All(step => step.Name != Restore(finding.Subject ?? "")))
        .Select(finding => Step(Restore(finding.Subject ?? "the system"), finding.Status, finding.Message, drill, finding.Recommendation, StepState.Failed));

    /// <summary>The objectives, and the whole.</summary>
    public static IEnumerable<MaintenanceStep> Judged(RecoveryDrill drill) =>
    [
        Step(Time, StatusOf(drill.RecoveryTimeResult), $"{DrillText.Known(drill.RecoveryTime)}; wanted: {DrillText.Objective(drill.RecoveryTimeObjective)}. {drill.RecoveryTimeNote}", drill),
        Step(Point, StatusOf(drill.RecoveryPointResult), $"{DrillText.Known(drill.RecoveryPoint)}; wanted: {DrillText.Objective(drill.RecoveryPointObjective)}. {drill.RecoveryPointNote}", drill),
        Step(Verdict, drill.Status, drill.Verdict, drill),
    ];

    public static IReadOnlyList<Metric> Metrics(RecoveryDrill drill, MaintenanceTarget target)
    {
        var factory = new MetricFactory(target, drill.CollectedAt);
        Metric Seconds(string name, TimeSpan? value, string reason, HealthStatus status, BackupVerification? of = null) => factory.Create(name, value?.TotalSeconds, reason, MetricUnit.Seconds) with
        {
            Status = status,
            Labels = of is null ? new Dictionary<string, string>() : new Dictionary<string, string> { ["database"] = of.Database ?? "", ["backup"] = of.Name },
        };
        Metric Count(string name, BackupVerdict verdict) => factory.Create(name, drill.Verifications.Count(test => test.Verdict == verdict), unit: MetricUnit.Count);
        return
        [
            Seconds("recovery_time_seconds", drill.RecoveryTime, drill.RecoveryTimeNote, StatusOf(drill.RecoveryTimeResult)),
            Seconds("recovery_point_seconds", drill.RecoveryPoint, drill.RecoveryPointNote, StatusOf(drill.RecoveryPointResult)),
            // A part has no objective of its own.
            .. drill.Verifications.SelectMany(test => new[]
            {
                Seconds("recovery_time_seconds", test.RecoveryTime, test.Message, test.RecoveryTime is null ? HealthStatus.Unknown : HealthStatus.Ok, test),
                Seconds("recovery_point_seconds", test.RecoveryPoint, test.Message, test.RecoveryPoint is null ? HealthStatus.Unknown : HealthStatus.Ok, test),
            }),
            Count("backups_verified", BackupVerdict.Verified),
            Count("backups_failed", BackupVerdict.Failed) with { Status = drill.Verifications.Any(test => test.Verdict == BackupVerdict.Failed) ? HealthStatus.Critical : HealthStatus.Ok },
            Count("backups_undetermined", BackupVerdict.CannotDetermine) with { Status = drill.Verifications.Any(test => test.Verdict == BackupVerdict.CannotDetermine) ? HealthStatus.Unknown : HealthStatus.Ok },
        ];
    }

    // Without an objective nothing is right or wrong, and nobody should think it was checked.
    private static HealthStatus StatusOf(ObjectiveResult result) => result switch
    {
        ObjectiveResult.Met => HealthStatus.Ok,
        ObjectiveResult.NoObjective => HealthStatus.Warning,
        ObjectiveResult.Missed => HealthStatus.Critical,
        _ => HealthStatus.Unknown,
    };

    private static MaintenanceStep Step(string name, HealthStatus status, string message, RecoveryDrill drill, string? advice = null, StepState state = StepState.Done) => new()
    {
        Name = name,
        State = state,
        Status = status,
        Message = RunLog.OneLine(message),
        Recommendation = advice,
        StartedAt = drill.CollectedAt,
    };
}
