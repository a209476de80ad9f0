namespace Maintenance;

/// <summary>Which statements take long, and what would help: the report of a day.</summary>
public sealed record QueryOptimizationReport
{
    /// <summary>Name of the maintained system.</summary>
    public required string Target { get; init; }

    /// <summary>The database.</summary>
    public required string Database { get; init; }

    /// <summary>The verdict: Warning where something is to be gained; Unknown where nothing is, and not all could be looked at.</summary>
    public required HealthStatus Status { get; init; }

    /// <summary>What is the matter and what to do, in a sentence.</summary>
    public required string Message { get; init; }

    /// <summary>The slow statements, the most time first.</summary>
    public IReadOnlyList<SlowQuery> SlowQueries { get; init => field = Readable.Copy(value); } = Readable.List<SlowQuery>.Empty;

    /// <summary>Why not all slow statements may be among them: how many are hidden from the role; null if all were seen.</summary>
    public string? SlowQueriesUnknown { get; init; }

    /// <summary>What would help, the most first.</summary>
    public IReadOnlyList<QueryRecommendation> Recommendations { get; init => field = Readable.Copy(value); } = Readable.List<QueryRecommendation>.Empty;

    /// <summary>Why more may help than was found: what is hidden from the role, or could not be planned; null if all was looked at.</summary>
    public string? RecommendationsUnknown { get; init; }

    /// <summary>When the window began that the figures of slow statements are of (UTC); null where no statement is slow or that is not known.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>When that window ended (UTC).</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>What the window is: since which reset or reading, and what is missing in it; null if there is nothing to add.</summary>
    public string? Window { get; init; }

    /// <summary>The time that shares of recommendations are of, in a sentence; null where there are none.</summary>
    public string? Base { get; init; }

    /// <summary>What Optimize-DbQuery did and kept within the window: indexes, and statistics gathered, as the history has them, the newest first.</summary>
    public IReadOnlyList<DbAction> Applied { get; init => field = Readable.Copy(value); } = Readable.List<DbAction>.Empty;

    /// <summary>Indexes that Optimize-DbQuery built and dropped again within the window since they did not help, as the history has them, the newest first.</summary>
    public IReadOnlyList<DbAction> Dropped { get; init => field = Readable.Copy(value); } = Readable.List<DbAction>.Empty;

    /// <summary>What could not be found out, a sentence each.</summary>
    public IReadOnlyList<string> Unknowns { get; init => field = Readable.Copy(value); } = Readable.List<string>.Empty;

    /// <summary>Why no more is proposed than that, a sentence each: for which statements something was done already.</summary>
    public IReadOnlyList<string> Notes { get; init => field = Readable.Copy(value); } = Readable.List<string>.Empty;

    /// <summary>Where it was published; empty if it was not.</summary>
    public IReadOnlyList<PublishedArtifact> Published { get; init => field = Readable.Copy(value); } = Readable.List<PublishedArtifact>.Empty;

    /// <summary>The file it was written to; null if none.</summary>
    public string? Path { get; init; }

    /// <summary>What came of telling people; null if nobody was told.</summary>
    public NotificationResult? Notification { get; init; }

    /// <summary>When it was made (UTC).</summary>
    public required DateTimeOffset CollectedAt { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Message;
}
