namespace Maintenance;

/// <summary>The errors of a system over a time (guide D3, T1). Null is unknown; the metric of that name says why.</summary>
public sealed record ErrorAnalytics : Measurement
{
    /// <summary>Errors per hundred requests. More than 100 where more errors are logged than requests.</summary>
    public double? ErrorRatePercent { get; init; }

    /// <summary>Number of errors, critical ones among them.</summary>
    public long? ErrorCount { get; init; }

    /// <summary>Number of critical errors.</summary>
    public long? CriticalErrorCount { get; init; }

    /// <summary>Number of requests in the same time.</summary>
    public long? RequestCount { get; init; }

    /// <summary>The most frequent errors, most frequent first.</summary>
    public IReadOnlyList<ErrorGroup> TopErrors { get; init => field = Readable.Copy(value); } = Readable.List<ErrorGroup>.Empty;
}

/// <summary>Errors that are alike.</summary>
public sealed record ErrorGroup
{
    /// <summary>Their message; numbers, identifiers, addresses and quoted texts are replaced, for they may be personal data.</summary>
    public required string Message { get; init; }

    /// <summary>How often it occurred; null if the function does not say.</summary>
    public long? Count { get; init; }

    /// <summary>Where it occurred.</summary>
    public string? Component { get; init; }

    /// <summary>When it occurred first in this time (UTC).</summary>
    public DateTimeOffset? FirstSeen { get; init; }

    /// <summary>When it occurred last (UTC).</summary>
    public DateTimeOffset? LastSeen { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Count is { } count ? FormattableString.Invariant($"{Message} ({count})") : Message;
}
