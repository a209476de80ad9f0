namespace Maintenance;

/// <summary>What a repair came to. Only Resolved was measured to be so.</summary>
public enum RepairState
{
    /// <summary>It has begun, and nobody has told its end: its process may have died.</summary>
    Running = 0,

    /// <summary>It was measured again, and the issue is gone.</summary>
    Resolved,

    /// <summary>It was measured again, and the issue is still there.</summary>
    NotResolved,

    /// <summary>The remedy was carried out, but it could not be measured whether it helped.</summary>
    Unknown,

    /// <summary>The remedy could not be carried out.</summary>
    Failed,

    /// <summary>The remedy was not carried out on purpose: the message says why.</summary>
    Refused,

    /// <summary>Before anything was done the issue was gone already.</summary>
    AlreadyGone,
}

/// <summary>One try to repair one issue.</summary>
public sealed record SystemRepair
{
    /// <summary>Its id.</summary>
    public required Guid Id { get; init; }

    /// <summary>The run it is part of; null for one by itself.</summary>
    public Guid? RunId { get; init; }

    /// <summary>Name of the maintained system.</summary>
    public required string Target { get; init; }

    /// <summary>Id of the finding.</summary>
    public required string FindingId { get; init; }

    /// <summary>What makes it the same finding the next time.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>The thing it is about.</summary>
    public string? Subject { get; init; }

    /// <summary>The remedy.</summary>
    public required Remedy Remedy { get; init; }

    /// <summary>What it came to.</summary>
    public required RepairState State { get; init; }

    /// <summary>One sentence.</summary>
    public required string Message { get; init; }

    /// <summary>What was measured before; null if nothing was.</summary>
    public string? Before { get; init; }

    /// <summary>What was measured afterwards; null if nothing was.</summary>
    public string? After { get; init; }

    /// <summary>What went wrong.</summary>
    public MaintenanceErrorCode? Error { get; init; }

    /// <summary>What to do next.</summary>
    public string? Recommendation { get; init; }

    /// <summary>When it began (UTC).</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>How long it took, both measurements included.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>The verdict: Ok only for what was measured to be gone.</summary>
    public HealthStatus Status => State switch
    {
        RepairState.Resolved or RepairState.AlreadyGone => HealthStatus.Ok,
        RepairState.Unknown or RepairState.Running => HealthStatus.Unknown,
        RepairState.Refused => HealthStatus.Warning,
        _ => HealthStatus.Critical,
    };

    /// <inheritdoc/>
    public override string ToString() => $"{FindingId}: {State}";
}
