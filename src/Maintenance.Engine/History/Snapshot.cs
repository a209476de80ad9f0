namespace Maintenance.Engine.History;

/// <summary>What cumulative statistics said at a time.</summary>
internal sealed record Snapshot
{
    /// <summary>Name of the maintained system.</summary>
    public required string Target { get; init; }

    /// <summary>Which statistics.</summary>
    public required string Kind { get; init; }

    public required DateTimeOffset TakenAt { get; init; }

    /// <summary>When they began to count, if the server says.</summary>
    public DateTimeOffset? ResetAt { get; init; }

    /// <summary>The counters, by name.</summary>
    public required IReadOnlyDictionary<string, double> Values { get; init; }
}
