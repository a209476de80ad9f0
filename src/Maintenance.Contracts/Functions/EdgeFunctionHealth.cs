namespace Maintenance;

/// <summary>How one edge function is: one request, its answer checked, its time by phase (guide D7).</summary>
public sealed record EdgeFunctionHealth
{
    /// <summary>Name of the maintained system.</summary>
    public required string Target { get; init; }

    /// <summary>Name of the function.</summary>
    public required string Function { get; init; }

    /// <summary>Ok only when the answer was 200 and its body says healthy; Unknown when nobody could be asked.</summary>
    public required HealthStatus Status { get; init; }

    /// <summary>One sentence.</summary>
    public required string Message { get; init; }

    /// <summary>Status code of the answer; null without one.</summary>
    public int? StatusCode { get; init; }

    /// <summary>What the function says of itself.</summary>
    public string? ReportedStatus { get; init; }

    /// <summary>Looking up the name and opening the connection; null where a connection was already open.</summary>
    public TimeSpan? ConnectTime { get; init; }

    /// <summary>The TLS handshake; null without TLS or where a connection was already open.</summary>
    public TimeSpan? TlsTime { get; init; }

    /// <summary>From the request to the first byte of the answer.</summary>
    public TimeSpan? FirstByteTime { get; init; }

    /// <summary>The whole request.</summary>
    public TimeSpan? TotalTime { get; init; }

    /// <summary>
    /// True if the answer took so much longer than this function's usual time that it seems to have started for it; null where
    /// there is nothing to compare with.
    /// </summary>
    public bool? ColdStart { get; init; }

    /// <summary>When the server's certificate ends (UTC); null without TLS.</summary>
    public DateTimeOffset? CertificateExpires { get; init; }

    /// <summary>What kept it from being healthy, or from being asked.</summary>
    public MaintenanceErrorCode? Error { get; init; }

    /// <summary>What to do next.</summary>
    public string? Recommendation { get; init; }

    /// <summary>When it was asked (UTC).</summary>
    public required DateTimeOffset CollectedAt { get; init; }
}
