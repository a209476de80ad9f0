namespace Maintenance;

/// <summary>What a comparison with a baseline came to.</summary>
public enum BaselineVerdict
{
    /// <summary>There is too little to tell by, or the baseline contains the time that is compared: the reason says what is missing.</summary>
    NotEnoughData = 0,

    /// <summary>No difference that is both more than chance and large enough to matter.</summary>
    Same,

    /// <summary>A duration is longer than it was.</summary>
    Slower,

    /// <summary>A duration is shorter than it was.</summary>
    Faster,

    /// <summary>A figure that is no duration is higher than it was.</summary>
    Higher,

    /// <summary>A figure that is no duration is lower than it was.</summary>
    Lower,
}

/// <summary>What to compare, and how.</summary>
public sealed record BaselineComparisonQuery
{
    /// <summary>Baselines to compare with; empty for those of the history: of each source the newest that ends before the compared time, else the newest.</summary>
    public IReadOnlyList<PerformanceBaseline> Baselines { get; init => field = Readable.Copy(value); } = Readable.List<PerformanceBaseline>.Empty;

    /// <summary>Only baselines that were measured at or before this time; null for all.</summary>
    public DateTimeOffset? Before { get; init; }

    /// <summary>The time up to now that is compared. Default 24 hours.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Which sources; empty for those of the baselines.</summary>
    public IReadOnlyList<BaselineSource> Sources { get; init => field = Readable.Copy(value); } = Readable.List<BaselineSource>.Empty;

    /// <summary>A smaller difference of the means does not matter, however certain it is; nor does one of less than 1 ms, or of less than 1.3 times where it is the time of statements. Default 10 %.</summary>
    public double MinimumChangePercent { get; init; } = 10;
}

/// <summary>How a figure of now differs from what was usual.</summary>
public sealed record BaselineDrift
{
    /// <summary>Name of the maintained system.</summary>
    public required string Target { get; init; }

    /// <summary>Where the figures come from.</summary>
    public required BaselineSource Source { get; init; }

    /// <summary>Name of the figure.</summary>
    public required string Metric { get; init; }

    /// <summary>What it is about: an operation, or the id of a statement; null for the whole.</summary>
    public string? Subject { get; init; }

    /// <summary>What the subject says to people, where it is a statement.</summary>
    public string? Text { get; init; }

    /// <summary>What it is about, in words: the operation or the statement. Null for the whole.</summary>
    public string? About => BaselineSubject.Say(Source, Subject, Text);

    /// <summary>The unit of the figures.</summary>
    public required MetricUnit Unit { get; init; }

    /// <summary>What was usual; null where it is in no baseline.</summary>
    public PerformanceBaseline? Baseline { get; init; }

    /// <summary>What is so now; null where nothing was measured.</summary>
    public PerformanceBaseline? Current { get; init; }

    /// <summary>The mean that was usual; where the baseline knows hours, at the hours that are compared.</summary>
    public double? BaselineMean { get => field ?? Baseline?.Mean; init; }

    /// <summary>The mean of now; where hours are compared, of those that the baseline knows too.</summary>
    public double? CurrentMean { get => field ?? Current?.Mean; init; }

    /// <summary>The mean of now over the usual one; null if that was nothing.</summary>
    public double? Ratio => BaselineMean is { } before && before != 0 && CurrentMean is { } now ? now / before : null;

    /// <summary>How much the mean has changed, in percent of the usual one: the size of the effect.</summary>
    public double? ChangePercent => Ratio is { } ratio ? 100 * (ratio - 1) : null;

    /// <summary>How likely so large a difference is if nothing has changed (Fisher's exact test of shares, Student's of like hours, else Welch's; two-sided); null where it cannot be told.</summary>
    public double? Probability { get; init; }

    /// <summary>The same after Holm's correction: of many comparisons some differ by chance. A difference counts below 0.05.</summary>
    public double? AdjustedProbability { get; init; }

    /// <summary>What it came to.</summary>
    public required BaselineVerdict Verdict { get; init; }

    /// <summary>One sentence: the figures, or what is missing.</summary>
    public required string Message { get; init; }

    /// <summary>The verdict: a figure that has become worse is a warning, one that could not be compared is unknown.</summary>
    public required HealthStatus Status { get; init; }

    /// <summary>When it was compared (UTC).</summary>
    public required DateTimeOffset CollectedAt { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Message;
}
