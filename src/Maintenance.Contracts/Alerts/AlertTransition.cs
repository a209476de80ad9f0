namespace Maintenance;

/// <summary>A change of an alert's state, as the history keeps it.</summary>
public sealed record AlertTransition
{
    /// <summary>Name of the maintained system.</summary>
    public required string Target { get; init; }

    /// <summary>Name of the rule.</summary>
    public required string Rule { get; init; }

    /// <summary>Name of the metric.</summary>
    public required string Metric { get; init; }

    /// <summary>The metric's labels as one text.</summary>
    public string Series { get; init; } = "";

    /// <summary>How bad the rule is.</summary>
    public required AlertSeverity Severity { get; init; }

    /// <summary>Where it stood.</summary>
    public required AlertState From { get; init; }

    /// <summary>Where it stands.</summary>
    public required AlertState To { get; init; }

    /// <summary>The value, or the bound that decided; null if there was none.</summary>
    public double? Value { get; init; }

    /// <summary>Why nobody was told; null if somebody was, or there was nothing to tell.</summary>
    public string? Suppressed { get; init; }

    /// <summary>When (UTC).</summary>
    public required DateTimeOffset At { get; init; }
}
