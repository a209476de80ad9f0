namespace Maintenance;

/// <summary>One part of a system and how it is.</summary>
public sealed record HealthComponent
{
    /// <summary>Name: Database, Backups, ...</summary>
    public required string Name { get; init; }

    /// <summary>The verdict.</summary>
    public required HealthStatus Status { get; init; }

    /// <summary>0 to 100; null when the part could not be measured.</summary>
    public double? Score { get; init; }

    /// <summary>Which share of the part was measured, in percent.</summary>
    public double CoveragePercent { get; init; }

    /// <summary>Share in the overall score, relative to the other parts.</summary>
    public required double Weight { get; init; }

    /// <summary>One sentence.</summary>
    public required string Message { get; init; }

    /// <summary>How long the probe took.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>What kept the probe from measuring.</summary>
    public MaintenanceErrorCode? Error { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Name}: {Status}";
}

/// <summary>How a whole system is.</summary>
public sealed record SystemHealth
{
    /// <summary>Name of the maintained system.</summary>
    public required string Target { get; init; }

    /// <summary>The worst status of all parts; Unknown at least, if any part could not be measured.</summary>
    public required HealthStatus Status { get; init; }

    /// <summary>
    /// 0 to 100: the weighted mean over the parts that were measured; null if none was.
    /// Read it together with <see cref="CoveragePercent"/>.
    /// </summary>
    public required double? Score { get; init; }

    /// <summary>Which share of the weights was measured, in percent.</summary>
    public required double CoveragePercent { get; init; }

    /// <summary>The score that the production-monitoring function gives, 0 to 100; null without functions, or if it did not answer.</summary>
    public double? FunctionScore { get; init; }

    /// <summary><see cref="Score"/> less <see cref="FunctionScore"/>, in points; null if either is missing.</summary>
    public double? ScoreDifference { get; init; }

    /// <summary>The parts.</summary>
    public IReadOnlyList<HealthComponent> Components { get; init => field = Readable.Copy(value); } = Readable.List<HealthComponent>.Empty;

    /// <summary>What is worth attention.</summary>
    public IReadOnlyList<Finding> Findings { get; init => field = Readable.Copy(value); } = Readable.List<Finding>.Empty;

    /// <summary>Names of the parts that could not be measured.</summary>
    public IReadOnlyList<string> Unknown { get; init => field = Readable.Copy(value); } = Readable.List<string>.Empty;

    /// <summary>The figures as metrics, with the catalogue's names.</summary>
    public IReadOnlyList<Metric> Metrics { get; init => field = Readable.Copy(value); } = Readable.List<Metric>.Empty;

    /// <summary>How long it took.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>When it was measured (UTC).</summary>
    public required DateTimeOffset CollectedAt { get; init; }
}
