using System.Runtime.Serialization;

namespace Maintenance;

/// <summary>Where a baseline's figures come from.</summary>
public enum BaselineSource
{
    /// <summary>The edge functions' reports (guide B1, B3).</summary>
    Function = 0,

    /// <summary>The log of requests: each duration is known, so percentiles are exact (guide W6).</summary>
    RequestLog,

    /// <summary>pg_stat_statements: percentiles are estimated from mean and standard deviation.</summary>
    Statements,

    /// <summary>The samples that the history keeps.</summary>
    Samples,
}

/// <summary>What was usual for one figure in a time: something later figures can be compared with.</summary>
public sealed record PerformanceBaseline
{
    /// <summary>Name of the maintained system.</summary>
    public required string Target { get; init; }

    /// <summary>Where it comes from.</summary>
    public required BaselineSource Source { get; init; }

    /// <summary>Name of the figure, such as <c>response_time</c>, <c>query_time</c> or <c>error_rate</c>.</summary>
    public required string Metric { get; init; }

    /// <summary>What it is about: an operation, or the id of a statement; null for the whole.</summary>
    public string? Subject { get; init; }

    /// <summary>What the subject says to people: the statement without its literals, where it is known; null where the subject says it.</summary>
    public string? Text { get; init; }

    /// <summary>What it is about, in words: the operation or the statement. Null for the whole.</summary>
    [IgnoreDataMember]
    public string? About => BaselineSubject.Say(Source, Subject, Text);

    /// <summary>The unit of all figures.</summary>
    public required MetricUnit Unit { get; init; }

    /// <summary>Number of observations. Null where the source does not say.</summary>
    public long? Count { get; init; }

    /// <summary>So many of them count as independent of each other: figures that are sampled every few minutes resemble the one before, requests those of the same hour, executions those of the same sample. Where the daily rhythm is known (<see cref="Rhythm"/>) these are hours, without what comes back every day. Null where all do.</summary>
    public long? IndependentCount { get; init; }

    /// <summary>How far those lie apart (standard deviation); of statements, the means of stretches of time. Null where it is <see cref="StandardDeviation"/>.</summary>
    public double? IndependentDeviation { get; init; }

    /// <summary>Where the figure is a share: so many of the observations had it, such as requests that failed. Null for other figures.</summary>
    public long? Occurrences { get; init; }

    /// <summary>The mean.</summary>
    public required double Mean { get; init; }

    /// <summary>The median; null if it is not known.</summary>
    public double? P50 { get; init; }

    /// <summary>The 95th percentile; null if it is not known.</summary>
    public double? P95 { get; init; }

    /// <summary>The standard deviation of single observations; null if it is not known.</summary>
    public double? StandardDeviation { get; init; }

    /// <summary>True where percentiles are estimated, not counted.</summary>
    public bool IsEstimated { get; init; }

    /// <summary>When the window began (UTC).</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>When the window ended (UTC).</summary>
    public required DateTimeOffset To { get; init; }

    /// <summary>The times within the window that were left out, because maintenance was going on.</summary>
    public IReadOnlyList<BaselineExclusion> Excluded { get; init => field = Readable.Copy(value); } = Readable.List<BaselineExclusion>.Empty;

    /// <summary>What was usual at each hour, for figures that have a rhythm; null for others.</summary>
    public BaselineRhythm? Rhythm { get; init; }

    /// <summary>True where it is, at least in part, of sample data that the sandbox made up: nobody measured that.</summary>
    public bool IsMadeUp { get; init; }

    /// <summary>What is to be known of it: how percentiles were estimated, what could not be left out, what is missing. Null for nothing.</summary>
    public string? Note { get; init; }

    /// <summary>When it was measured (UTC).</summary>
    public required DateTimeOffset CollectedAt { get; init; }

    /// <inheritdoc/>
    public override string ToString() => string.Create(
        System.Globalization.CultureInfo.InvariantCulture, $"{Metric}{(About is null ? "" : $" of {About}")}: mean {Mean:0.###}");
}

/// <summary>A time that was left out of a baseline.</summary>
public sealed record BaselineExclusion
{
    /// <summary>When it began (UTC).</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>When it ended (UTC).</summary>
    public required DateTimeOffset To { get; init; }

    /// <summary>What was going on.</summary>
    public required string Reason { get; init; }
}
