namespace Maintenance;

/// <summary>Which statements take long, and what would help: the report of a day.</summary>
public sealed record QueryOptimizationReport
{
    /// <summary>Name of the maintained system.</summary>
    public required string Target { get; init; }

    /// <summary>The database.</summary>
    public required string Database { get; init; }

    /// <summary>The verdict: Warning where something is to be gained; Unknown where the statements could not be read.</summary>
    public required HealthStatus Status { get; init; }

    /// <summary>What is the matter and what to do, in a sentence.</summary>
    public required string Message { get; init; }

    /// <summary>The slow statements, the most time first.</summary>
    public IReadOnlyList<SlowQuery> SlowQueries { get; init => field = value.ToArray(); } = [];

    /// <summary>What would help, the most first.</summary>
    public IReadOnlyList<QueryRecommendation> Recommendations { get; init => field = value.ToArray(); } = [];

    /// <summary>What could not be found out, a sentence each.</summary>
    public IReadOnlyList<string> Unknowns { get; init => field = value.ToArray(); } = [];

    /// <summary>Where it was published; empty if it was not.</summary>
    public IReadOnlyList<PublishedArtifact> Published { get; init => field = value.ToArray(); } = [];

    /// <summary>The file it was written to; null if none.</summary>
    public string? Path { get; init; }

    /// <summary>What came of telling people; null if nobody was told.</summary>
    public NotificationResult? Notification { get; init; }

    /// <summary>When it was made (UTC).</summary>
    public required DateTimeOffset CollectedAt { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Message;
}
