namespace Maintenance;

/// <summary>How performance was in a time, against the time before and what was usual: what New-PerformanceTrendReport found out.</summary>
public sealed record PerformanceTrendReport
{
    /// <summary>Name of the maintained system.</summary>
    public required string Target { get; init; }

    /// <summary>When the time began (UTC). As long a time before it is what it is compared with.</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>When the time ended (UTC).</summary>
    public required DateTimeOffset To { get; init; }

    /// <summary>The worst of what was found; Unknown without samples, and where nothing bad was found but less than half of the time of a figure was measured.</summary>
    public required HealthStatus Status { get; init; }

    /// <summary>One sentence: what is the matter, with the figure that shows it.</summary>
    public required string Message { get; init; }

    /// <summary>That its past, or part of it, is sample data that a sandbox made up; null where all was measured. <see cref="Message"/> ends with it.</summary>
    public string? Origin { get; init; }

    /// <summary>The figures, those of the application first. A figure that was not measured says why.</summary>
    public IReadOnlyList<PerformanceTrend> Trends { get; init => field = Readable.Copy(value); } = Readable.List<PerformanceTrend>.Empty;

    /// <summary>What is worth attention, the worst first, and what to do about it.</summary>
    public IReadOnlyList<Finding> Findings { get; init => field = Readable.Copy(value); } = Readable.List<Finding>.Empty;

    /// <summary>Times in which maintenance was going on, as far as the history knows.</summary>
    public IReadOnlyList<BaselineExclusion> Maintenance { get; init => field = Readable.Copy(value); } = Readable.List<BaselineExclusion>.Empty;

    /// <summary>The times of which no figure is known, in percent of the whole.</summary>
    public double MissingPercent { get; init; }

    /// <summary>These times, oldest first.</summary>
    public IReadOnlyList<TrendGap> Gaps { get; init => field = Readable.Copy(value); } = Readable.List<TrendGap>.Empty;

    /// <summary>Files that hold it.</summary>
    public IReadOnlyList<MaintenanceArtifact> Artifacts { get; init => field = Readable.Copy(value); } = Readable.List<MaintenanceArtifact>.Empty;

    /// <summary>Where it was published.</summary>
    public IReadOnlyList<PublishedArtifact> Published { get; init => field = Readable.Copy(value); } = Readable.List<PublishedArtifact>.Empty;

    /// <summary>What became of telling people; null if nobody was told.</summary>
    public NotificationResult? Notification { get; init; }

    /// <summary>When it was made (UTC).</summary>
    public required DateTimeOffset CollectedAt { get; init; }

    /// <summary>How long it took.</summary>
    public TimeSpan Duration { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Target}: {Status}. {Message}";
}

/// <summary>A time without samples.</summary>
/// <param name="From">When the last sample before it was taken (UTC).</param>
/// <param name="To">When the next one begins (UTC).</param>
public sealed record TrendGap(DateTimeOffset From, DateTimeOffset To);

/// <summary>Which part of the system a figure is about.</summary>
public enum TrendArea
{
    /// <summary>The application, as its edge functions report it.</summary>
    Application = 0,

    /// <summary>The database.</summary>
    Database,
}

/// <summary>Where a figure is going.</summary>
public enum TrendDirection
{
    /// <summary>There are too few days to tell.</summary>
    Unknown = 0,

    /// <summary>No direction that could not be chance.</summary>
    Steady,

    /// <summary>It rises.</summary>
    Rising,

    /// <summary>It falls.</summary>
    Falling,
}

/// <summary>A figure that became another at once and stayed so, as after a release.</summary>
/// <param name="At">When (UTC), no finer than its samples.</param>
/// <param name="Before">What it was in the days before.</param>
/// <param name="Since">What it was in the days since.</param>
public sealed record TrendShift(DateTimeOffset At, double Before, double Since)
{
    /// <summary>By how much it changed, in percent; null where it was nothing before.</summary>
    public double? Percent => Before == 0 ? null : (Since - Before) / Math.Abs(Before) * 100;

    /// <inheritdoc/>
    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{At.UtcDateTime:yyyy-MM-dd}: {Before:0.###} to {Since:0.###}");
}

/// <summary>One figure over a time.</summary>
public sealed record PerformanceTrend
{
    /// <summary>Name of the maintained system.</summary>
    public required string Target { get; init; }

    /// <summary>That its samples, or part of them, are sample data that a sandbox made up; null where all were measured.</summary>
    public string? Origin { get; init; }

    /// <summary>Name of the figure, such as <c>avg_response_time</c>.</summary>
    public required string Metric { get; init; }

    /// <summary>What people call it.</summary>
    public required string Title { get; init; }

    /// <summary>The unit of all its values.</summary>
    public required MetricUnit Unit { get; init; }

    /// <summary>The part of the system it is about.</summary>
    public required TrendArea Area { get; init; }

    /// <summary>The verdict: Unknown where it was not measured, and where less than half of the time was and nothing bad was seen.</summary>
    public required HealthStatus Status { get; init; }

    /// <summary>Number of measurements.</summary>
    public long Count { get; init; }

    /// <summary>What came to pass in the time that was measured: the number of deadlocks, the bytes of temporary files. Null for other figures.</summary>
    public double? Total { get; init; }

    /// <summary>The same in the time before; null for other figures, and if it was not measured.</summary>
    public double? PreviousTotal { get; init; }

    /// <summary>The newest value; null if it was not measured.</summary>
    public double? Last { get; init; }

    /// <summary>The mean; null if it was not measured. Of a figure with a total, the mean of a day.</summary>
    public double? Mean { get; init; }

    /// <summary>What a figure comes to in the time: its total where it has one, otherwise its mean; null if it was not measured.</summary>
    public double? Figure => Total ?? Mean;

    /// <summary>What it came to in the time before; null if it was not measured then.</summary>
    public double? PreviousFigure => PreviousTotal ?? PreviousMean;

    /// <summary>The lowest single measurement, or the least of a whole day or hour where there is a total; null if there is none.</summary>
    public double? Minimum { get; init; }

    /// <summary>The highest single measurement, or the most of a day or hour where there is a total; null if there is none.</summary>
    public double? Maximum { get; init; }

    /// <summary>The mean of the time before; null if it was not measured then.</summary>
    public double? PreviousMean { get; init; }

    /// <summary>By how much the mean changed against the time before, in percent; null if less than half of either time was measured, or the mean was zero.</summary>
    public double? ChangePercent { get; init; }

    /// <summary>How likely so large a change is by chance (Welch's test of the means of days, or of hours where there are few days; of counted events the exact test of two Poisson counts); null if less than half of either time was measured.</summary>
    public double? ChangeProbability { get; init; }

    /// <summary>True if the change is large enough to matter and hardly chance (p below 0.01); null if there is too little to compare.</summary>
    public bool? IsChanged { get; init; }

    /// <summary>The mean of the last 24 hours; null if there are too few days to say what is usual.</summary>
    public double? LastDayMean { get; init; }

    /// <summary>The mean of a usual day: the median of the days before the last, since the last change of its course (<see cref="CourseSince"/>); null if there are too few.</summary>
    public double? UsualDayMean { get; init; }

    /// <summary>True if the last 24 hours differ from the days before by more than 10 % and by more than four times what days usually differ; null if there are too few days.</summary>
    public bool? IsLastDayUnusual { get; init; }

    /// <summary>The last step of its level, in the time or up to 30 days (or the length of the time) before it; null for none of at least 5 %. A step is no trend: it is not part of <see cref="ChangePerDay"/>.</summary>
    public TrendShift? Shift { get; init; }

    /// <summary>Since when within the time it follows one course: the last step, or the last change of its growth; null where it is one course throughout.</summary>
    public DateTimeOffset? CourseSince { get; init; }

    /// <summary>Where it is going, by the means of days since <see cref="CourseSince"/> (Mann-Kendall, p below 0.01).</summary>
    public TrendDirection Direction { get; init; }

    /// <summary>By how much it changes a day, since <see cref="CourseSince"/> (Theil-Sen); null if there are too few days.</summary>
    public double? ChangePerDay { get; init; }

    /// <summary>What it is not to exceed in the mean; null if there is no limit.</summary>
    public double? Limit { get; init; }

    /// <summary>What was usual: the newest baseline of the same samples from before the time, or one from its first third; null if none is kept.</summary>
    public PerformanceBaseline? Baseline { get; init; }

    /// <summary>The lower edge of what is usual: the baseline's mean less two standard deviations, not below zero; null without a baseline.</summary>
    public double? UsualLow { get; init; }

    /// <summary>The upper edge of what is usual: the baseline's mean and two standard deviations, no share above 100 %; null without a baseline.</summary>
    public double? UsualHigh { get; init; }

    /// <summary>In how much of the measured time since the baseline it was above the upper edge, in percent; null without a baseline.</summary>
    public double? AboveUsualPercent { get; init; }

    /// <summary>When most of that was, in words; null where it is scattered or did not happen.</summary>
    public string? AboveUsualWhen { get; init; }

    /// <summary>In how much of the measured time since the baseline it was below the lower edge, in percent; null without a baseline.</summary>
    public double? BelowUsualPercent { get; init; }

    /// <summary>When most of that was, in words; null where it is scattered or did not happen.</summary>
    public string? BelowUsualWhen { get; init; }

    /// <summary>The times of which nothing is known, in percent of the whole.</summary>
    public double? MissingPercent { get; init; }

    /// <summary>How much of the time was measured, in percent; null if nothing was.</summary>
    public double? MeasuredPercent => 100 - MissingPercent;

    /// <summary>The times of the time before of which nothing is known, in percent of it; null if the figure was not measured in the time.</summary>
    public double? PreviousMissingPercent { get; init; }

    /// <summary>The time that each of the points stands for; null where each is one measurement.</summary>
    public TimeSpan? Step { get; init; }

    /// <summary>Why it is not known, or not judged; null if it is.</summary>
    public string? Reason { get; init; }

    /// <summary>The values, oldest first, all of one length (<see cref="Step"/>); Mean is null where samples are missing.</summary>
    public IReadOnlyList<TrendPoint> Points { get; init => field = Readable.Copy(value); } = Readable.List<TrendPoint>.Empty;

    /// <summary>When it was read (UTC).</summary>
    public required DateTimeOffset CollectedAt { get; init; }

    /// <inheritdoc/>
    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Title}: {(Mean is { } mean ? $"mean {mean:0.###}" : Reason)}");
}

/// <summary>A figure at a time: a measurement, or those of an hour or a day together, each with its weight.</summary>
public sealed record TrendPoint
{
    /// <summary>When it was measured, or the middle of the hour or day (UTC).</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The mean; null in a gap.</summary>
    public double? Mean { get; init; }

    /// <summary>The lowest measurement; null in a gap.</summary>
    public double? Minimum { get; init; }

    /// <summary>The highest measurement; null in a gap.</summary>
    public double? Maximum { get; init; }
}
