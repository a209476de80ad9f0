namespace Maintenance;

/// <summary>What a retention run is to do, and within which limits.</summary>
public sealed record RetentionOptions
{
    /// <summary>The policies; empty for those of the target.</summary>
    public IReadOnlyList<RetentionPolicy> Policies { get; init => field = Readable.Copy(value); } = Readable.List<RetentionPolicy>.Empty;

    /// <summary>Only policies for these tables; empty for all.</summary>
    public IReadOnlyList<DbObjectReference> Tables { get; init => field = Readable.Copy(value); } = Readable.List<DbObjectReference>.Empty;

    /// <summary>Goes on where a check says that it would be slow or that other tables lose rows with it. It never skips what keeps rows safe.</summary>
    public bool Force { get; init; }

    /// <summary>Proves for each batch that what arrived is what left, by count and by a checksum that does not depend on the order of rows.</summary>
    public bool Verify { get; init; }

    /// <summary>No batch is begun after it, and what still runs is stopped; null for no end.</summary>
    public DateTimeOffset? Deadline { get; init; }

    /// <summary>How long anybody may wait for us before a batch is cancelled and made smaller. Default 1 s.</summary>
    public TimeSpan? MaximumBlock { get; init; }

    /// <summary>
    /// Allows ACCESS EXCLUSIVE on a partitioned table for a moment, where partitions cannot be detached CONCURRENTLY: it, or the archive,
    /// has a DEFAULT partition. Without it their rows go in batches.
    /// </summary>
    public bool AllowAccessExclusive { get; init; }

    /// <summary>Only what an earlier run put off.</summary>
    public bool Resume { get; init; }
}
