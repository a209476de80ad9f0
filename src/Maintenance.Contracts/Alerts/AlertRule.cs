namespace Maintenance;

/// <summary>A rule over a metric: when people are told, and when they are told that it is over.</summary>
public sealed record AlertRule
{
    /// <summary>Its name; a rule of the configuration or of the pipeline replaces the one of the same name.</summary>
    public required string Name { get; init; }

    /// <summary>Name of the metric, as in the catalogue.</summary>
    public required string Metric { get; init; }

    /// <summary>How the value is compared.</summary>
    public required AlertOperator Operator { get; init; }

    /// <summary>What it is compared with, in <see cref="Unit"/>.</summary>
    public required double Threshold { get; init; }

    /// <summary>
    /// What fires goes on until the value is on the good side of this, so that a value that swings about the threshold does not fire again and
    /// again. Null for the threshold itself.
    /// </summary>
    public double? ClearThreshold { get; init; }

    /// <summary>The unit of both, from the catalogue; None for a metric it does not know.</summary>
    public MetricUnit Unit { get; init; }

    /// <summary>How long the value must be bad before it fires. Default: at once.</summary>
    public TimeSpan For { get; init; }

    /// <summary>How long the value must be good before it is over. Default: at once.</summary>
    public TimeSpan KeepFiringFor { get; init; }

    /// <summary>How many bad values in a row it takes, whatever <see cref="For"/> says. Default 1.</summary>
    public int MinimumSamples { get; init; } = 1;

    /// <summary>What is made of a metric that could not be measured. Default: people are told.</summary>
    public NoDataPolicy NoData { get; init; }

    /// <summary>How bad it is.</summary>
    public required AlertSeverity Severity { get; init; }

    /// <summary>What people are told. May hold {value}, {threshold}, {metric}, {target}, {rule}, and {label.NAME} for a label of the metric.</summary>
    public required string Message { get; init; }

    /// <summary>Channel to tell it on. Null for Emergency where it is critical, and Default where it is not.</summary>
    public string? Channel { get; init; }

    /// <summary>Only metrics with these labels are looked at. Default: all of the name.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init => field = Readable.Copy(value); } = Readable.Copy(new Dictionary<string, string>());

    /// <summary>Where it says what to do.</summary>
    public Uri? Runbook { get; init; }

    /// <summary>False for a rule that is not looked at.</summary>
    public bool IsEnabled { get; init; } = true;

    /// <summary>Where it comes from: the guide's row, the configuration, the pipeline.</summary>
    public required string Source { get; init; }

    /// <summary>The silence that holds for it now; null for none, and wherever nobody has asked for it.</summary>
    public AlertSilence? Silence { get; init; }

    /// <summary>Whether a value is bad: on the wrong side of the threshold.</summary>
    /// <param name="value">A finite value, in <see cref="Unit"/>.</param>
    public bool IsBad(double value) => IsBeyond(value, Threshold);

    /// <summary>Whether a value is not good enough yet for what fires to be over.</summary>
    /// <param name="value">A finite value, in <see cref="Unit"/>.</param>
    public bool IsNotClear(double value) => IsBeyond(value, ClearThreshold ?? Threshold);

    /// <inheritdoc/>
    public override string ToString() => Name;

    private bool IsBeyond(double value, double limit) => Operator switch
    {
        AlertOperator.GreaterThan => value > limit,
        AlertOperator.GreaterThanOrEqual => value >= limit,
        AlertOperator.LessThan => value < limit,
        _ => value <= limit,
    };
}
