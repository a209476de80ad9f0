namespace Maintenance;

/// <summary>How to stop a session.</summary>
public enum DbSessionStopMode
{
    /// <summary>Cancel its statement; if its transaction is still open after the grace, end the session. A session that is idle in a transaction is ended at once.</summary>
    CancelThenTerminate = 0,

    /// <summary>Cancel its statement, and leave the session be.</summary>
    Cancel,

    /// <summary>End the session at once.</summary>
    Terminate,
}

/// <summary>What became of a session that was to be stopped.</summary>
public enum DbSessionStopOutcome
{
    /// <summary>Its statement was cancelled and its transaction is over; the session lives.</summary>
    Cancelled = 0,

    /// <summary>The session is gone.</summary>
    Terminated,

    /// <summary>It had ended by itself, or gone on to other work: nothing was done.</summary>
    AlreadyGone,

    /// <summary>It is a victim: its blocker is stopped instead. Nothing was done.</summary>
    Skipped,

    /// <summary>It is protected. Nothing was done.</summary>
    Refused,

    /// <summary>The server could not send the signal.</summary>
    Failed,

    /// <summary>The signal was sent, but the transaction or the session is still there.</summary>
    StillRunning,
}

/// <summary>The result of stopping one session, measured after the act.</summary>
public sealed record DbSessionStop
{
    /// <summary>Name of the maintained system.</summary>
    public required string Target { get; init; }

    /// <summary>The process.</summary>
    public required int ProcessId { get; init; }

    /// <summary>The role it was logged in as.</summary>
    public string? Role { get; init; }

    /// <summary>What its client called itself.</summary>
    public string? ApplicationName { get; init; }

    /// <summary>What became of it.</summary>
    public required DbSessionStopOutcome Outcome { get; init; }

    /// <summary>One sentence: what was done and what was seen after it, or why nothing was done.</summary>
    public required string Message { get; init; }

    /// <summary>What to do next, where something is left to do.</summary>
    public string? Recommendation { get; init; }

    /// <summary>How many sessions waited for it, directly or behind others, right before the act.</summary>
    public int Victims { get; init; }

    /// <summary>How many of those wait for no lock any more, seen within two seconds after the act.</summary>
    public int Released { get; init; }

    /// <summary>How long it took from the act to the last look.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>When the last look was taken (UTC).</summary>
    public required DateTimeOffset CollectedAt { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Message;
}
