namespace Maintenance;

/// <summary>What became of a notification.</summary>
public enum NotificationState
{
    /// <summary>It waits in the outbox and is tried again.</summary>
    Queued = 0,

    /// <summary>The webhook has taken it.</summary>
    Delivered,

    /// <summary>The webhook refuses it for good; it is not tried again.</summary>
    Rejected,

    /// <summary>It could not be delivered and there is no outbox to keep it: it is lost.</summary>
    Undelivered,

    /// <summary>It was only shown.</summary>
    DryRun,
}

/// <summary>What became of a notification. Never holds the webhook's address, which is a secret.</summary>
public sealed record NotificationResult
{
    /// <summary>Name of the maintained system.</summary>
    public required string Target { get; init; }

    /// <summary>What became of it.</summary>
    public required NotificationState State { get; init; }

    /// <summary>Channel it was meant for.</summary>
    public required string Channel { get; init; }

    /// <summary>Channel that took it, or was tried last; differs from <see cref="Channel"/> where that one is not configured or failed.</summary>
    public string? ChannelUsed { get; init; }

    /// <summary>Its title.</summary>
    public required string Title { get; init; }

    /// <summary>One sentence.</summary>
    public required string Message { get; init; }

    /// <summary>The same for every attempt to deliver it: receivers tell a repetition by it. Sent as the header Idempotency-Key.</summary>
    public required Guid IdempotencyKey { get; init; }

    /// <summary>How many times it was tried, retries within one call not counted.</summary>
    public int Attempts { get; init; }

    /// <summary>Status code of the last answer; null without one.</summary>
    public int? StatusCode { get; init; }

    /// <summary>When it is tried again at the earliest (UTC), for one that is queued.</summary>
    public DateTimeOffset? NextAttempt { get; init; }

    /// <summary>What would be sent, for a dry run.</summary>
    public string? Payload { get; init; }

    /// <summary>What went wrong.</summary>
    public MaintenanceErrorCode? Error { get; init; }

    /// <summary>What to do next.</summary>
    public string? Recommendation { get; init; }

    /// <summary>When this was so (UTC).</summary>
    public required DateTimeOffset CollectedAt { get; init; }
}
