namespace Maintenance;

/// <summary>One measured number, or the honest absence of one.</summary>
public sealed record Metric
{
    /// <summary>Name from the threshold catalogue, for example <c>connection_pool_usage</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The value, or null when it could not be measured: <see cref="Reason"/> then says why.</summary>
    public required double? Value { get; init; }

    /// <summary>The unit of <see cref="Value"/>.</summary>
    public MetricUnit Unit { get; init; }

    /// <summary>When it was measured (UTC).</summary>
    public required DateTimeOffset ObservedAt { get; init; }

    /// <summary>The time before <see cref="ObservedAt"/> that it is about, where the same metric is measured over several; null for one that says it by its name, or is of a moment.</summary>
    public TimeSpan? Window { get; init; }

    /// <summary>What the number is about, beyond the target: a database, a function, a store.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init => field = Readable.Copy(value); } = Readable.Copy(new Dictionary<string, string>());

    /// <summary>Name of the maintained system.</summary>
    public string? Target { get; init; }

    /// <summary>Verdict against the thresholds in force; <see cref="HealthStatus.Unknown"/> when there is no value.</summary>
    public HealthStatus Status { get; init; }

    /// <summary>Why there is no value.</summary>
    public string? Reason { get; init; }

    /// <summary>The least that the value can be, though it is not known itself; null where nobody knows, and for a value that is known.</summary>
    public double? AtLeast { get; init; }

    /// <summary>The most that the value can be, though it is not known itself; null where nobody knows, and for a value that is known.</summary>
    public double? AtMost { get; init; }

    /// <summary>What people need to know of the value besides: what has failed, and what to do. Null for nothing.</summary>
    public string? Details { get; init; }

    /// <summary>Name of the part of the system whose trouble keeps this from being measured, such as Database: whoever is told of that knows this, too. Null for none.</summary>
    public string? ExplainedBy { get; init; }

    /// <summary>What makes it so, where that is more than one thing: each by a name that stays the same as long as it lasts, with a sentence. One that joins is news.</summary>
    public IReadOnlyDictionary<string, string> Causes { get; init => field = Readable.Copy(value); } = Readable.Copy(new Dictionary<string, string>());

    /// <inheritdoc/>
    public override string ToString() =>
        Value is { } value
            ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Name} = {value:0.###}")
            : $"{Name} = unknown";
}
