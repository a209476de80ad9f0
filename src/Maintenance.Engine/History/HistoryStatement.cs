namespace Maintenance.Engine.History;

/// <summary>One statement for either database.</summary>
/// <param name="Name">Name of its SQL text, which both have under the same name.</param>
/// <param name="Values">
/// Values for $1, $2, ...: text, numbers, Guid, DateTimeOffset, TimeSpan, <see cref="JsonText"/>, arrays, or null.
/// </param>
internal sealed record HistoryStatement(string Name, params object?[] Values)
{
    /// <summary>So many rows it has to write; with fewer, somebody else was faster, and the whole transaction is undone (HistoryConflict). Null for any number.</summary>
    public int? MustChange { get; init; }

    /// <summary>What keeps a run: to be run in this order, in one transaction.</summary>
    public static IReadOnlyList<HistoryStatement> Record(MaintenanceRun run) =>
    [
        new("DeleteRun", run.Id),
        new(
            "WriteRun",
            run.Id,
            Text(run.Task),
            Text(run.Target),
            run.Status.ToString(),
            Text(run.Message),
            run.StartedAt,
            run.Duration,
            Text(run.Machine),
            Text(run.ModuleVersion),
            HistoryJson.WriteArtifacts(run.Artifacts)),
        .. run.Steps.Select((step, ordinal) => Step(run, step, ordinal)),
        .. run.Metrics.Select((metric, ordinal) => Metric(run, metric, ordinal)),
        .. run.Findings.Select((finding, ordinal) => Finding(run, finding, ordinal)),
    ];

    /// <summary>A page of runs, all of which began before a given one.</summary>
    /// <param name="query">Which runs.</param>
    /// <param name="before">When that one began.</param>
    /// <param name="beforeId">Its id, for those that began at the same time.</param>
    /// <param name="count">How many.</param>
    public static HistoryStatement Page(HistoryQuery query, DateTimeOffset before, Guid beforeId, int count) => new(
        "ReadRuns",
        before,
        beforeId,
        query.Since ?? DateTimeOffset.MinValue,
        Names(query.Targets),
        Names(query.Tasks),
        query.Status?.ToString(),
        count);

    /// <summary>What keeps a snapshot, and forgets those that are too old.</summary>
    public static IReadOnlyList<HistoryStatement> Record(Snapshot snapshot, DateTimeOffset earliest) =>
    [
        new("PruneSnapshots", Text(snapshot.Target), snapshot.Kind, earliest),
        new("WriteSnapshot", Text(snapshot.Target), snapshot.Kind, snapshot.TakenAt, snapshot.ResetAt, HistoryJson.Write(snapshot.Values)),
    ];

    /// <summary>What keeps actions, and forgets those that are too old.</summary>
    public static IReadOnlyList<HistoryStatement> Record(IReadOnlyList<DbAction> actions, DateTimeOffset earliest) =>
    [
        .. actions.Select(action => action.Target).Distinct().Select(target => new HistoryStatement("PruneActions", Text(target), earliest)),
        .. actions.Select(Record),
    ];

    /// <summary>What is said where somebody else was faster.</summary>
    public static MaintenanceException Conflict() => new(
        MaintenanceErrorCode.HistoryConflict, "Somebody else has changed the same records of the history at the same time. Nothing was kept.", "Try again.");

    private static HistoryStatement Record(DbAction action) => new(
        "WriteAction",
        action.RunId,
        Text(action.Target),
        Text(action.Database),
        action.Kind.ToString(),
        Text(action.Schema),
        Text(action.Name),
        action.Oid,
        Text(action.Table),
        Text(action.Sql),
        action.Lock,
        action.State.ToString(),
        Text(action.Message),
        action.Error?.ToString(),
        Text(action.Recommendation),
        action.Attempts,
        action.SizeBytes,
        action.SizeBytesAfter,
        action.PredictedDuration,
        action.PredictedFrom,
        action.StartedAt,
        action.Duration,
        HistoryJson.Write(action.Effect));

    private static HistoryStatement Step(MaintenanceRun run, MaintenanceStep step, int ordinal) => new(
        "WriteStep",
        run.Id,
        ordinal,
        Text(step.Name),
        step.State.ToString(),
        step.Status.ToString(),
        Text(step.Message),
        step.Error?.ToString(),
        Text(step.Recommendation),
        step.StartedAt,
        step.Duration);

    private static HistoryStatement Metric(MaintenanceRun run, Metric metric, int ordinal) => new(
        "WriteMetric",
        run.Id,
        ordinal,
        Text(metric.Target ?? run.Target),
        Text(metric.Name),
        metric.Value is { } value && double.IsFinite(value) ? value : null,
        metric.Unit.ToString(),
        metric.Status.ToString(),
        Text(metric.Reason),
        HistoryJson.Write(metric.Labels),
        metric.ObservedAt);

    private static HistoryStatement Finding(MaintenanceRun run, Finding finding, int ordinal) => new(
        "WriteFinding",
        run.Id,
        ordinal,
        Text(finding.Id),
        Text(finding.Area),
        finding.Severity.ToString(),
        finding.Outcome.ToString(),
        Text(finding.Subject),
        Text(finding.Message),
        HistoryJson.Write(finding.Evidence),
        Text(finding.Recommendation),
        Text(finding.Remedy?.Kind),
        Text(finding.Remedy?.Command),
        Text(finding.Remedy?.Rollback),
        Text(finding.Target ?? run.Target),
        finding.CollectedAt,
        FindingDetails.Write(finding));

    private static string? Text(string? text) => text is null ? null : StorableText.Of(text);

    private static string[]? Names(IReadOnlyList<string> names) => names.Count > 0 ? [.. names.Select(StorableText.Of)] : null;
}
