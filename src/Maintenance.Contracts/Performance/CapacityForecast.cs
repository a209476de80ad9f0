namespace Maintenance;

/// <summary>What can run out.</summary>
public enum CapacityResource
{
    /// <summary>Bytes of databases.</summary>
    Storage = 0,

    /// <summary>Connections at once, at the peak of a day.</summary>
    Connections,

    /// <summary>Bytes transferred a day.</summary>
    Bandwidth,

    /// <summary>The values of a sequence, and of the column that takes them.</summary>
    Sequence,

    /// <summary>The values of an integer key without a sequence.</summary>
    IntegerKey,

    /// <summary>Transaction ids, before the server stops taking writes.</summary>
    TransactionIds,
}

/// <summary>How far a forecast is to be trusted.</summary>
public enum ForecastConfidence
{
    /// <summary>There is no forecast.</summary>
    None = 0,

    /// <summary>Fewer than 14 days, half of the days without samples, no back-test, or one that was off by more than 25 %.</summary>
    Low,

    /// <summary>Between the two.</summary>
    Medium,

    /// <summary>At least 30 days, samples on 80 % of them, and a back-test that was off by 10 % at most.</summary>
    High,
}

/// <summary>When a resource runs out, as its past tells: current value, trend, projection, and the range of dates in which its limit is reached. What cannot be told is null, and Reasons say why.</summary>
public sealed record CapacityForecast
{
    /// <summary>Name of the maintained system.</summary>
    public required string Target { get; init; }

    /// <summary>The database it belongs to; null for the whole server.</summary>
    public string? Database { get; init; }

    /// <summary>What can run out.</summary>
    public required CapacityResource Resource { get; init; }

    /// <summary>Which one: a database, a limit, a sequence.</summary>
    public required string Subject { get; init; }

    /// <summary>The verdict. Warning where the limit is expected to be reached within the projection, or may be; Unknown where that cannot be told.</summary>
    public required HealthStatus Status { get; init; }

    /// <summary>One sentence for whoever reads nothing else.</summary>
    public required string Message { get; init; }

    /// <summary>That its past, or part of it, is sample data that a sandbox made up; null where all was measured.</summary>
    public string? Origin { get; init; }

    /// <summary>What to do about it; null where there is nothing to do.</summary>
    public string? Recommendation { get; init; }

    /// <summary>The unit of all values.</summary>
    public MetricUnit Unit { get; init; }

    /// <summary>The value now; for connections the highest of the last 30 days. Null if unknown.</summary>
    public double? Current { get; init; }

    /// <summary>When it was measured (UTC); for connections when they were highest.</summary>
    public DateTimeOffset? CurrentAt { get; init; }

    /// <summary>Where <see cref="Current"/> is the highest of many days: how many there are just now; null for others, and if unknown.</summary>
    public double? JustNow { get; init; }

    /// <summary>What is not to be crossed; null if there is no limit.</summary>
    public double? Limit { get; init; }

    /// <summary>Where the limit comes from.</summary>
    public string? LimitSource { get; init; }

    /// <summary>Share of the limit in use, in percent.</summary>
    public double? UsedPercent { get; init; }

    /// <summary>Growth a day (Theil–Sen); null if unknown.</summary>
    public double? TrendPerDay { get; init; }

    /// <summary>Lower end of the trend's 95 % interval.</summary>
    public double? TrendLow { get; init; }

    /// <summary>Upper end of the trend's 95 % interval.</summary>
    public double? TrendHigh { get; init; }

    /// <summary>How far ahead was looked.</summary>
    public TimeSpan Projection { get; init; }

    /// <summary>The value expected at the end of the projection, on that very day; null if unknown. Where ProjectedIsPeak is true, what it rises to before it falls again.</summary>
    public double? Projected { get; init; }

    /// <summary>True where the values fall again and again, as after purges: what is projected is then the peak before such a fall.</summary>
    public bool ProjectedIsPeak { get; init; }

    /// <summary>Lower end of the 80 % interval of the projected value.</summary>
    public double? ProjectedLow { get; init; }

    /// <summary>Upper end of the 80 % interval of the projected value.</summary>
    public double? ProjectedHigh { get; init; }

    /// <summary>The highest value expected on the way to the end of the projection, and when: always for connections, otherwise where the days of the week differ and it is higher than that at the end. Null otherwise. It is what counts for the limit.</summary>
    public CapacityExpectation? Peak { get; init; }

    /// <summary>How far above what is expected of its day the highest of the last 30 days was: <see cref="Peak"/> and the dates of the limit count with it, <see cref="Forecast"/> and <see cref="Projected"/> do not. Null where days are not told by their highest value.</summary>
    public double? HighestAbove { get; init; }

    /// <summary>The day of the last 30 that was so far above what is expected of it (UTC); null where none was above, or days are not told by their highest value.</summary>
    public DateTimeOffset? HighestAboveAt { get; init; }

    /// <summary>When the limit is reached at the earliest (UTC), as the upper end of the interval tells; for connections on a day as far above what is expected of it as <see cref="HighestAboveAt"/> was. Null if not within what can be told.</summary>
    public DateTimeOffset? ReachedEarliest { get; init; }

    /// <summary>When the limit is reached as expected (UTC); for connections on a day as far above what is expected of it as <see cref="HighestAboveAt"/> was, and the usual days are those of <see cref="Forecast"/>. Null if not within what can be told.</summary>
    public DateTimeOffset? ReachedExpected { get; init; }

    /// <summary>When the limit is reached at the latest (UTC), as the lower end of the interval tells; for connections on a day as far above what is expected of it as <see cref="HighestAboveAt"/> was. Null if not within what can be told.</summary>
    public DateTimeOffset? ReachedLatest { get; init; }

    /// <summary>Beginning of the past that the trend was taken from (UTC).</summary>
    public DateTimeOffset? SegmentStart { get; init; }

    /// <summary>Why it begins there: a purge, another growth, the beginning of the history.</summary>
    public string? SegmentReason { get; init; }

    /// <summary>Number of samples in that past.</summary>
    public long Samples { get; init; }

    /// <summary>Number of days with samples in that past.</summary>
    public int Days { get; init; }

    /// <summary>Share of the days in that past that have samples, in percent.</summary>
    public double? CoveragePercent { get; init; }

    /// <summary>How far off the forecast would have been; null where there was too little to try it on.</summary>
    public CapacityBacktest? Backtest { get; init; }

    /// <summary>Mean absolute error of the back-test in percent; null where there is none.</summary>
    public double? BacktestError { get; init; }

    /// <summary>How far the forecast is to be trusted.</summary>
    public ForecastConfidence Confidence { get; init; }

    /// <summary>How it was made.</summary>
    public string? Method { get; init; }

    /// <summary>What else there is to know, sentence by sentence: what is missing, what was left out, what disagrees.</summary>
    public IReadOnlyList<string> Reasons { get; init => field = Readable.Copy(value); } = Readable.List<string>.Empty;

    /// <summary>For storage: the tables that grow most, the fastest first.</summary>
    public IReadOnlyList<TableGrowth> Tables { get; init => field = Readable.Copy(value); } = Readable.List<TableGrowth>.Empty;

    /// <summary>What the function capacity_analysis says of the same; null where it was not asked.</summary>
    public CapacityOpinion? Reported { get; init; }

    /// <summary>What was measured, a value for each day.</summary>
    public IReadOnlyList<CapacityPoint> History { get; init => field = Readable.Copy(value); } = Readable.List<CapacityPoint>.Empty;

    /// <summary>What is expected, day by day up to the projection.</summary>
    public IReadOnlyList<CapacityExpectation> Forecast { get; init => field = Readable.Copy(value); } = Readable.List<CapacityExpectation>.Empty;

    /// <summary>What was published of the report that it is part of; empty if nothing was.</summary>
    public IReadOnlyList<PublishedArtifact> Published { get; init => field = Readable.Copy(value); } = Readable.List<PublishedArtifact>.Empty;

    /// <summary>When it was made (UTC).</summary>
    public required DateTimeOffset CollectedAt { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Resource} ({Subject}): {Message}";
}

/// <summary>A table's part in the growth of storage.</summary>
public sealed record TableGrowth
{
    /// <summary>Schema and name, as the samples have them.</summary>
    public required string Table { get; init; }

    /// <summary>Name of the maintained system.</summary>
    public required string Target { get; init; }

    /// <summary>That its past, or part of it, is sample data that a sandbox made up; null where all was measured.</summary>
    public string? Origin { get; init; }

    /// <summary>Its size with indexes and TOAST, in bytes, when it was sampled last.</summary>
    public required long SizeBytes { get; init; }

    /// <summary>Its growth a day, in bytes (Theil–Sen).</summary>
    public required double BytesPerDay { get; init; }

    /// <summary>Its share of the growth of all tables that grow, in percent.</summary>
    public double? SharePercent { get; init; }

    /// <summary>Days with samples that this was taken from.</summary>
    public required int Days { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Table;
}

/// <summary>How far off forecasts were that were made as if at earlier days, from what was known before.</summary>
/// <param name="Forecasts">How many were made.</param>
/// <param name="Ahead">How far ahead each looked.</param>
/// <param name="MeanAbsoluteError">Their mean absolute error, in the unit of the resource.</param>
/// <param name="MeanAbsolutePercent">The same in percent of what came; null where that was nothing.</param>
public sealed record CapacityBacktest(int Forecasts, TimeSpan Ahead, double MeanAbsoluteError, double? MeanAbsolutePercent);

/// <summary>What the function capacity_analysis says (guide C1).</summary>
/// <param name="Current">Its value now.</param>
/// <param name="PerDay">Its growth a day; null where it tells none.</param>
/// <param name="Projected">The guide's projection: value and growth times days; null without growth.</param>
/// <param name="Disagreement">In what it disagrees with what was measured; null if in nothing.</param>
public sealed record CapacityOpinion(double Current, double? PerDay, double? Projected, string? Disagreement);

/// <summary>A measured value.</summary>
/// <param name="At">When (UTC).</param>
/// <param name="Value">The value.</param>
public sealed record CapacityPoint(DateTimeOffset At, double Value);

/// <summary>An expected value with its 80 % interval.</summary>
/// <param name="At">When (UTC).</param>
/// <param name="Expected">The value.</param>
/// <param name="Low">Lower end.</param>
/// <param name="High">Upper end.</param>
public sealed record CapacityExpectation(DateTimeOffset At, double Expected, double Low, double High);
