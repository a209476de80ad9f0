namespace Maintenance;

/// <summary>What is wrong with when a task runs.</summary>
public enum ScheduleConflictKind
{
    /// <summary>Two tasks that change the system run at once: one of them waits or is refused.</summary>
    Overlap = 0,

    /// <summary>What is usual is measured while maintenance makes it unusual.</summary>
    MeasuredUnderLoad,

    /// <summary>A task that changes the system begins outside the target's maintenance windows, and is refused.</summary>
    OutsideWindow,

    /// <summary>A run is expected to take longer than its maintenance window is open.</summary>
    LongerThanWindow,

    /// <summary>A bundle of tasks runs a task that is scheduled by itself too.</summary>
    Twice,
}

/// <summary>A task that gets in the way of another, or of its own purpose.</summary>
public sealed record ScheduleConflict
{
    /// <summary>What is wrong.</summary>
    public required ScheduleConflictKind Kind { get; init; }

    /// <summary>The other task; null where there is none.</summary>
    public string? With { get; init; }

    /// <summary>The next time it happens (UTC).</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>One sentence.</summary>
    public required string Message { get; init; }

    /// <summary>A schedule (five crontab fields, in the task's time zone) with which it does not happen; null if none was found.</summary>
    public string? ProposedCron { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Message;
}
