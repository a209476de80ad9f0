namespace Maintenance;

/// <summary>How one rule stands for one metric of a target.</summary>
public sealed record Alert
{
    /// <summary>Name of the maintained system.</summary>
    public required string Target { get; init; }

    /// <summary>Name of the rule.</summary>
    public required string Rule { get; init; }

    /// <summary>The rule itself.</summary>
    public required AlertRule Definition { get; init; }

    /// <summary>Name of the metric.</summary>
    public required string Metric { get; init; }

    /// <summary>The metric's labels as one text, such as <c>database=app</c>; empty where it has none.</summary>
    public string Series { get; init; } = "";

    /// <summary>Where it stands.</summary>
    public required AlertState State { get; init; }

    /// <summary>Where it stood before this evaluation.</summary>
    public required AlertState PreviousState { get; init; }

    /// <summary>Since when it stands so (UTC).</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>How bad the rule is.</summary>
    public required AlertSeverity Severity { get; init; }

    /// <summary>The value; null if it could not be measured.</summary>
    public double? Value { get; init; }

    /// <summary>The least or the most that the value can be, where that alone decides and the value itself is not known; null elsewhere.</summary>
    public double? Bound { get; init; }

    /// <summary>The time that the value is about, as the metric says; null for a moment.</summary>
    public TimeSpan? Window { get; init; }

    /// <summary>The limit.</summary>
    public required double Threshold { get; init; }

    /// <summary>The unit of both.</summary>
    public MetricUnit Unit { get; init; }

    /// <summary>One sentence.</summary>
    public required string Message { get; init; }

    /// <summary>Where it says what to do.</summary>
    public Uri? Runbook { get; init; }

    /// <summary>What there is to tell people. Send-MaintenanceNotification tells exactly that, once.</summary>
    public AlertNews News { get; init; }

    /// <summary>What has failed besides since people were told that it fires, a sentence each; empty for nothing.</summary>
    public IReadOnlyList<string> Also { get; init => field = Readable.Copy(value); } = Readable.List<string>.Empty;

    /// <summary>Why it is not told now though there is news: another rule that fires, a silence, a maintenance window. Null if it is.</summary>
    public string? Suppressed { get; init; }

    /// <summary>Name of the critical rule of the same metric that fires.</summary>
    public string? InhibitedBy { get; init; }

    /// <summary>False if where it stands could not be kept in the target's history, and only this session knows it.</summary>
    public bool IsKept { get; init; } = true;

    /// <summary>True while it comes and goes.</summary>
    public bool IsFlapping { get; init; }

    /// <summary>The verdict: what fires is Warning or Critical, what may fire soon Warning, what nobody knows Unknown. Ok was measured.</summary>
    public HealthStatus Status => State switch
    {
        AlertState.Firing or AlertState.Recovering => Severity == AlertSeverity.Critical ? HealthStatus.Critical : HealthStatus.Warning,
        AlertState.NoData => HealthStatus.Unknown,
        AlertState.Pending when (Value ?? Bound) is not null => HealthStatus.Warning,
        _ => (Value ?? Bound) is null ? HealthStatus.Unknown : HealthStatus.Ok,
    };

    /// <summary>When it was evaluated (UTC).</summary>
    public required DateTimeOffset CollectedAt { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Rule}: {State}";
}
