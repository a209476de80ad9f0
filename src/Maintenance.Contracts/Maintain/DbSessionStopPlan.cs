namespace Maintenance;

/// <summary>Which session is to be stopped, and how far the caller wants to go.</summary>
public sealed record DbSessionStopRequest
{
    /// <summary>The process.</summary>
    public required int ProcessId { get; init; }

    /// <summary>The session as it was seen; null if only its number was given. A session that has gone on to another transaction since is left alone.</summary>
    public DbSession? Seen { get; init; }

    /// <summary>How to stop it.</summary>
    public DbSessionStopMode Mode { get; init; }

    /// <summary>Stop protected sessions and victims too, except those that are never stopped.</summary>
    public bool Force { get; init; }

    /// <summary>How long a cancelled statement may take to end before the session is ended.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(5);
}

/// <summary>What would be done to a session: made from what the server says now, to be confirmed before it is carried out.</summary>
public sealed record DbSessionStopPlan
{
    /// <summary>What was asked for.</summary>
    public required DbSessionStopRequest Request { get; init; }

    /// <summary>Whom it would happen to, for people.</summary>
    public required string Description { get; init; }

    /// <summary>What would be done, for people.</summary>
    public required string Action { get; init; }

    /// <summary>The session as it is now; null if nothing is to be done.</summary>
    public DbSession? Session { get; init; }

    /// <summary>The mode that fits the session: an idle one has no statement to cancel.</summary>
    public DbSessionStopMode Mode { get; init; }

    /// <summary>The result, where it is decided already: gone, skipped or refused.</summary>
    public DbSessionStop? Decided { get; init; }
}
