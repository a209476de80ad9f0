namespace Maintenance;

/// <summary>What a recommendation would change.</summary>
public enum RecommendationKind
{
    /// <summary>An index that is missing.</summary>
    CreateIndex = 0,

    /// <summary>
    /// An index of this module that every write maintains and that is of no use: invalid or unmeasured, as an interrupted build has left it; or kept once, though its
    /// statements are no faster since, which is for a person to decide about.
    /// </summary>
    DropIndex,

    /// <summary>The planner's statistics of a table are out of date.</summary>
    Analyze,

    /// <summary>A setting of a role or database, such as work_mem. For a person to decide.</summary>
    Setting,

    /// <summary>What the function query_optimization_recommendations says. Its SQL is shown and never run.</summary>
    FunctionAdvice,
}

/// <summary>How much a recommendation would bring.</summary>
public enum RecommendationImpact
{
    /// <summary>Nobody has measured or estimated it.</summary>
    Unknown = 0,

    /// <summary>Less than 5 % of the time of the statements looked at.</summary>
    Low,

    /// <summary>5 % of the time of the statements looked at, or more.</summary>
    Medium,

    /// <summary>20 % of the time of the statements looked at, or more.</summary>
    High,
}

/// <summary>How much a recommendation would take.</summary>
public enum RecommendationEffort
{
    /// <summary>Nobody has estimated it.</summary>
    Unknown = 0,

    /// <summary>Done within a minute, without a decision.</summary>
    Low,

    /// <summary>Takes minutes of the server's time, or a person's decision.</summary>
    Medium,

    /// <summary>Takes an hour of the server's time or more.</summary>
    High,
}

/// <summary>How far what a recommendation says is to be trusted.</summary>
public enum RecommendationConfidence
{
    /// <summary>Somebody else says so.</summary>
    Unknown = 0,

    /// <summary>Estimated from plans and statistics of columns.</summary>
    Low,

    /// <summary>The server's own planner was asked, or its counters tell.</summary>
    Medium,

    /// <summary>Measured before and after.</summary>
    High,
}

/// <summary>What became of a recommendation.</summary>
public enum RecommendationState
{
    /// <summary>Not applied.</summary>
    Proposed = 0,

    /// <summary>Applied, and it helped: what was built is kept.</summary>
    Applied,

    /// <summary>Applied, and it did not help: what was built was dropped again.</summary>
    Dropped,

    /// <summary>Put off: it did not fit the time there was, or something stood in its way. It comes first next time.</summary>
    Deferred,

    /// <summary>Left out: it is not for this module to apply, was not confirmed, nobody could have measured what it does, what it does depends on values that nobody knows, or there is nothing to do any more.</summary>
    Skipped,

    /// <summary>It could not be applied; the message says why, and what is left, if anything.</summary>
    Failed,

    /// <summary>Stopped on request; what was begun was cleared away.</summary>
    Cancelled,
}

/// <summary>
/// A recommendation for statements that take much of the server's time: what to do, how much it would bring and take, the statement
/// that does it and the one that undoes it. Name and Oid are those of the table, or of an index that is there; of a setting, those of the role or database.
/// </summary>
public sealed record QueryRecommendation : IDbObject
{
    /// <inheritdoc/>
    public required string Target { get; init; }

    /// <inheritdoc/>
    public required string Database { get; init; }

    /// <inheritdoc/>
    public required string Schema { get; init; }

    /// <inheritdoc/>
    public required string Name { get; init; }

    /// <inheritdoc/>
    public required long Oid { get; init; }

    /// <summary>What it would change.</summary>
    public required RecommendationKind Kind { get; init; }

    /// <summary>What to do, in a sentence.</summary>
    public required string Suggestion { get; init; }

    /// <summary>How much it would bring.</summary>
    public required RecommendationImpact Impact { get; init; }

    /// <summary>The share of the time of all statements looked at that it would save, in percent, as far as that is estimated; null if it is not.</summary>
    public double? ImpactPercent { get; init; }

    /// <summary>How much it would take.</summary>
    public required RecommendationEffort Effort { get; init; }

    /// <summary>True for what Optimize-DbQuery -Apply does by itself: it disturbs nobody, and can be undone.</summary>
    public bool AutoApply { get; init; }

    /// <summary>The exact statement, its names quoted by the server; null if there is none.</summary>
    public string? Sql { get; init; }

    /// <summary>The statement that undoes it; null if there is nothing to undo.</summary>
    public string? RollbackSql { get; init; }

    /// <summary>The strongest lock it takes on the table; null if it takes none.</summary>
    public string? Lock { get; init; }

    /// <summary>The index that would be created, unquoted, in the schema of the table; null for other kinds.</summary>
    public string? IndexName { get; init; }

    /// <summary>Expected size of what is built, in bytes; as measured once it is built.</summary>
    public long? SizeBytes { get; init; }

    /// <summary>How long it is expected to take; null if nobody can tell.</summary>
    public TimeSpan? PredictedDuration { get; init; }

    /// <summary>What the prediction comes from.</summary>
    public string? PredictedFrom { get; init; }

    /// <summary>The statements that it would help, the most time first; after -Apply with what was measured.</summary>
    public IReadOnlyList<StatementEffect> Statements { get; init => field = Readable.Copy(value); } = Readable.List<StatementEffect>.Empty;

    /// <summary>Why, a sentence each, what speaks against it too.</summary>
    public IReadOnlyList<string> Reasons { get; init => field = Readable.Copy(value); } = Readable.List<string>.Empty;

    /// <summary>The facts behind the reasons, and what was measured.</summary>
    public IReadOnlyDictionary<string, object?> Evidence { get; init => field = Readable.Copy(value); } = Readable.Copy(new Dictionary<string, object?>());

    /// <summary>How far it is to be trusted.</summary>
    public required RecommendationConfidence Confidence { get; init; }

    /// <summary>What became of it.</summary>
    public RecommendationState State { get; init; }

    /// <summary>One sentence: what was done and measured, or why it was not done; of a proposal, why a person has to decide about it, null where none has to.</summary>
    public string? Message { get; init; }

    /// <summary>What went wrong.</summary>
    public MaintenanceErrorCode? Error { get; init; }

    /// <summary>What to do next, where it was not applied.</summary>
    public string? Recommendation { get; init; }

    /// <summary>How long applying it took, all attempts together, without the measuring.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>Warning while there is something to gain or something went wrong, Ok once it is applied or was of no use, Unknown if it was stopped.</summary>
    public HealthStatus Status => State switch
    {
        RecommendationState.Applied or RecommendationState.Dropped => HealthStatus.Ok,
        RecommendationState.Cancelled => HealthStatus.Unknown,
        RecommendationState.Proposed or RecommendationState.Skipped when Impact is RecommendationImpact.Low or RecommendationImpact.Unknown => HealthStatus.Ok,
        _ => HealthStatus.Warning,
    };

    /// <summary>When it was made, or applied (UTC).</summary>
    public required DateTimeOffset CollectedAt { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Kind}: {Suggestion} ({Impact}, {State})";
}
