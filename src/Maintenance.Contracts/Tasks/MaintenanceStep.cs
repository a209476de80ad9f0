namespace Maintenance;

/// <summary>What became of a step.</summary>
public enum StepState
{
    /// <summary>Not begun.</summary>
    Planned = 0,

    /// <summary>Ran to its end. Its verdict is in Status.</summary>
    Done,

    /// <summary>Left out on purpose; the message says why.</summary>
    Skipped,

    /// <summary>Did not reach its end; the message says why.</summary>
    Failed,

    /// <summary>Stopped by the user or by the deadline.</summary>
    Cancelled,

    /// <summary>Put off: it did not fit the time there was, or something stood in its way. It comes first next time.</summary>
    Deferred,
}

/// <summary>One step of a run.</summary>
public sealed record MaintenanceStep
{
    /// <summary>Name of the step.</summary>
    public required string Name { get; init; }

    /// <summary>What became of it.</summary>
    public required StepState State { get; init; }

    /// <summary>Its verdict. A step that did not run is Unknown, unless it was left out on purpose.</summary>
    public required HealthStatus Status { get; init; }

    /// <summary>One sentence: the result, or why there is none.</summary>
    public required string Message { get; init; }

    /// <summary>What went wrong, for a failed step.</summary>
    public MaintenanceErrorCode? Error { get; init; }

    /// <summary>What to do next, for a step that failed.</summary>
    public string? Recommendation { get; init; }

    /// <summary>When it began (UTC).</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>How long it took.</summary>
    public TimeSpan Duration { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Name}: {Status}";
}
