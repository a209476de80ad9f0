namespace Maintenance;

/// <summary>On which side of a limit trouble lies.</summary>
public enum ThresholdDirection
{
    /// <summary>Values greater than the limit are bad.</summary>
    Above = 0,

    /// <summary>Values less than the limit are bad.</summary>
    Below = 1,
}

/// <summary>The limits of one metric. A limit is passed when the value is strictly beyond it.</summary>
public sealed record Threshold
{
    /// <summary>Metric name.</summary>
    public required string Metric { get; init; }

    /// <summary>Unit of the limits.</summary>
    public required MetricUnit Unit { get; init; }

    /// <summary>Which side is bad.</summary>
    public required ThresholdDirection Direction { get; init; }

    /// <summary>Beyond this the status is Warning; null for no such limit.</summary>
    public double? Warning { get; init; }

    /// <summary>Beyond this the status is Critical; null for no such limit.</summary>
    public double? Critical { get; init; }

    /// <summary>Other names under which the same number is known.</summary>
    public IReadOnlyList<string> Aliases { get; init => field = Readable.Copy(value); } = Readable.List<string>.Empty;

    /// <summary>Where the limits come from.</summary>
    public required string Source { get; init; }

    /// <summary>The verdict for a value. No value is Unknown, never Ok.</summary>
    /// <param name="value">The measured value in <see cref="Unit"/>, or null.</param>
    public HealthStatus Evaluate(double? value)
    {
        if (value is not { } number || !double.IsFinite(number))
        {
            return HealthStatus.Unknown;
        }

        return Beyond(number, Critical) ? HealthStatus.Critical
            : Beyond(number, Warning) ? HealthStatus.Warning
            : HealthStatus.Ok;
    }

    private bool Beyond(double value, double? limit) =>
        limit is { } bound && (Direction == ThresholdDirection.Above ? value > bound : value < bound);
}

/// <summary>What a configuration may change about a threshold.</summary>
/// <param name="Warning">Beyond this the status is Warning; null keeps the catalogue's limit.</param>
/// <param name="Critical">Beyond this the status is Critical; null keeps the catalogue's limit.</param>
public sealed record ThresholdOverride(double? Warning, double? Critical);
