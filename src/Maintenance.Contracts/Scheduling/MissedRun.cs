namespace Maintenance;

/// <summary>Scheduled runs of a task, one after another, that did not happen, or a time of which that is not known.</summary>
public sealed record MissedRun
{
    /// <summary>Name of the maintained system.</summary>
    public required string Target { get; init; }

    /// <summary>Name of the task; * for all tasks.</summary>
    public required string Task { get; init; }

    /// <summary>When the first of them was due (UTC).</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>When the last of them was due (UTC).</summary>
    public required DateTimeOffset Until { get; init; }

    /// <summary>How many they are. Null where it is not known whether the task ran.</summary>
    public int? Count { get; init; }

    /// <summary>When the task began the next time (UTC). Null if it did not yet.</summary>
    public DateTimeOffset? RanNext { get; init; }

    /// <summary>One sentence.</summary>
    public required string Message { get; init; }

    /// <summary>Warning; Critical where it has not run since and more than five were missed; Unknown where nothing on record tells.</summary>
    public required HealthStatus Status { get; init; }

    /// <summary>When this was found (UTC).</summary>
    public required DateTimeOffset CollectedAt { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Message;
}
