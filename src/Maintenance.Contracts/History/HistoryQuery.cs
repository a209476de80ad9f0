namespace Maintenance;

/// <summary>Which runs to read from a history, newest first.</summary>
public sealed record HistoryQuery
{
    /// <summary>Only runs of these targets; empty for all.</summary>
    public IReadOnlyList<string> Targets { get; init => field = Readable.Copy(value); } = Readable.List<string>.Empty;

    /// <summary>Only runs of these tasks; empty for all.</summary>
    public IReadOnlyList<string> Tasks { get; init => field = Readable.Copy(value); } = Readable.List<string>.Empty;

    /// <summary>Only runs that began at or after this time (UTC).</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Only runs that began before this time (UTC).</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Only runs with this status.</summary>
    public HealthStatus? Status { get; init; }

    /// <summary>At most so many; null for all.</summary>
    public int? First { get; init; }
}
