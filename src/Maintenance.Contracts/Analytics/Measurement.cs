namespace Maintenance;

/// <summary>What all analytics say of themselves: of which target, over which time, from which source, and how good that is.</summary>
public abstract record Measurement
{
    /// <summary>Name of the maintained system.</summary>
    public required string Target { get; init; }

    /// <summary>The worst of the metrics and findings. What could not be measured makes it Unknown at least.</summary>
    public required HealthStatus Status { get; init; }

    /// <summary>Where the figures came from.</summary>
    public required MeasurementSource Source { get; init; }

    /// <summary>Why from there: the function answered, is not configured, or failed.</summary>
    public required string SourceReason { get; init; }

    /// <summary>The time the figures cover, up to <see cref="CollectedAt"/>.</summary>
    public required TimeSpan Window { get; init; }

    /// <summary>The figures as metrics, with the catalogue's names. One without a value says why.</summary>
    public IReadOnlyList<Metric> Metrics { get; init => field = Readable.Copy(value); } = Readable.List<Metric>.Empty;

    /// <summary>What is worth attention, worst first.</summary>
    public IReadOnlyList<Finding> Findings { get; init => field = Readable.Copy(value); } = Readable.List<Finding>.Empty;

    /// <summary>When it was measured (UTC).</summary>
    public required DateTimeOffset CollectedAt { get; init; }
}
