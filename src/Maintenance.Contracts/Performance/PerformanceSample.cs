namespace Maintenance;

/// <summary>One figure of a target as it was sampled: a single measurement, or all of an hour or a day together.</summary>
public sealed record PerformanceSample
{
    /// <summary>Name of the maintained system.</summary>
    public required string Target { get; init; }

    /// <summary>Name of the figure, or of the table, sequence or key.</summary>
    public required string Metric { get; init; }

    /// <summary>The unit of all figures.</summary>
    public required MetricUnit Unit { get; init; }

    /// <summary>When the time it stands for began (UTC). A rate counts from then on.</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>When that time ended (UTC); a single measurement was taken then.</summary>
    public required DateTimeOffset To { get; init; }

    /// <summary>Number of measurements.</summary>
    public required long Count { get; init; }

    /// <summary>Their mean.</summary>
    public required double Mean { get; init; }

    /// <summary>The lowest.</summary>
    public required double Minimum { get; init; }

    /// <summary>The highest.</summary>
    public required double Maximum { get; init; }

    /// <summary>Their standard deviation; null for a single one.</summary>
    public double? StandardDeviation { get; init; }

    /// <summary>True for sample data that the sandbox made up: nobody measured it.</summary>
    public bool IsMadeUp { get; init; }

    /// <inheritdoc/>
    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Metric} at {To:u}: {Mean:0.###}");
}
