namespace Maintenance;

/// <summary>What a rule would have done in a time that is over.</summary>
public sealed record AlertReplay
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

    /// <summary>The beginning of the time (UTC).</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>The end of the time (UTC).</summary>
    public required DateTimeOffset To { get; init; }

    /// <summary>Number of values that the history has.</summary>
    public required int Samples { get; init; }

    /// <summary>How many of them are means of hours or days, into which samples were put together.</summary>
    public int Means { get; init; }

    /// <summary>How many of these means are good while a single sample in them was bad: whether that would have fired is not known.</summary>
    public int HiddenPeaks { get; init; }

    /// <summary>How much of the time has no values: what would have happened then is not known.</summary>
    public TimeSpan GapTime { get; init; }

    /// <summary>True if the sandbox made up some of the values, and nobody measured them.</summary>
    public bool IsMadeUp { get; init; }

    /// <summary>How often it would have fired; null where the history has no values.</summary>
    public required int? Fired { get; init; }

    /// <summary>How long it would have fired altogether, without the time that has no values.</summary>
    public required TimeSpan? FiringTime { get; init; }

    /// <summary>The longest time it would have fired without a pause.</summary>
    public required TimeSpan? LongestFiring { get; init; }

    /// <summary>How many messages people would have got.</summary>
    public required int? Notifications { get; init; }

    /// <summary>True if it would have come and gone too often.</summary>
    public required bool IsFlapping { get; init; }

    /// <summary>Ok where it would never have fired. Unknown where the history has no values, or lacks more than a tenth of the time, or means hide peaks.</summary>
    public required HealthStatus Status { get; init; }

    /// <summary>One sentence.</summary>
    public required string Message { get; init; }

    /// <summary>All changes of its state, oldest first.</summary>
    public IReadOnlyList<AlertTransition> Transitions { get; init => field = Readable.Copy(value); } = Readable.List<AlertTransition>.Empty;
}
