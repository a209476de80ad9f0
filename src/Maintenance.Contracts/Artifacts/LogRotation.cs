namespace Maintenance;

/// <summary>What is done to a log.</summary>
public enum LogRotationAction
{
    /// <summary>Nothing: it could not be looked at.</summary>
    None = 0,

    /// <summary>Compressed with gzip.</summary>
    Compress,

    /// <summary>Moved to a cheaper tier.</summary>
    Tier,

    /// <summary>Deleted.</summary>
    Delete,
}

/// <summary>What a rotation did to one file, would do, or refused to do.</summary>
public sealed record LogRotation
{
    /// <summary>Name of the maintained system; null for a folder that was named by itself.</summary>
    public string? Target { get; init; }

    /// <summary>The folder or container, without secrets.</summary>
    public required string Store { get; init; }

    /// <summary>Name of the file in it, its folders divided by slashes.</summary>
    public required string Name { get; init; }

    /// <summary>What is done.</summary>
    public required LogRotationAction Action { get; init; }

    /// <summary>What became of it.</summary>
    public required StepState State { get; init; }

    /// <summary>Size before, in bytes; null if it could not be told.</summary>
    public long? SizeBytes { get; init; }

    /// <summary>Size afterwards, in bytes; null if nothing was done.</summary>
    public long? SizeBytesAfter { get; init; }

    /// <summary>Bytes that were freed, negative where there are more than before; null if nothing was done.</summary>
    public long? Reclaimed => SizeBytes - SizeBytesAfter;

    /// <summary>Its name afterwards, where it has another; null otherwise.</summary>
    public string? NewName { get; init; }

    /// <summary>The tier it moves to, where it does.</summary>
    public LogTier? Tier { get; init; }

    /// <summary>Its last write (UTC), from which its age counts.</summary>
    public DateTimeOffset? LastWritten { get; init; }

    /// <summary>What made it due.</summary>
    public required string Reason { get; init; }

    /// <summary>One sentence: what would be done, what was done, or why it was not.</summary>
    public required string Message { get; init; }

    /// <summary>What went wrong, where something did.</summary>
    public MaintenanceErrorCode? Error { get; init; }

    /// <summary>What to do next, where something went wrong.</summary>
    public string? Recommendation { get; init; }

    /// <summary>Ok unless it failed or did not fit the time: what is left alone on purpose is no trouble.</summary>
    public HealthStatus Status => State switch
    {
        StepState.Failed or StepState.Deferred => HealthStatus.Warning,
        StepState.Cancelled => HealthStatus.Unknown,
        _ => HealthStatus.Ok,
    };

    /// <summary>When it was done or looked at (UTC).</summary>
    public required DateTimeOffset CollectedAt { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{State} {Action} {Name}";
}
