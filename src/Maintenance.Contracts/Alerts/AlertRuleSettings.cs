namespace Maintenance;

/// <summary>What a configuration says about a rule: a new one, or what is different about the one of this name.</summary>
public sealed record AlertRuleSettings
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Name of the metric, or an alias of it.</summary>
    public string? Metric { get; init; }

    /// <summary>How the value is compared.</summary>
    public AlertOperator? Operator { get; init; }

    /// <summary>What it is compared with.</summary>
    public double? Threshold { get; init; }

    /// <summary>What fires goes on until the value is on the good side of this.</summary>
    public double? ClearThreshold { get; init; }

    /// <summary>How long the value must be bad.</summary>
    public TimeSpan? For { get; init; }

    /// <summary>How long the value must be good again.</summary>
    public TimeSpan? KeepFiringFor { get; init; }

    /// <summary>How many bad values in a row it takes.</summary>
    public int? MinimumSamples { get; init; }

    /// <summary>What is made of a metric that could not be measured.</summary>
    public NoDataPolicy? NoData { get; init; }

    /// <summary>How bad it is.</summary>
    public AlertSeverity? Severity { get; init; }

    /// <summary>What people are told.</summary>
    public string? Message { get; init; }

    /// <summary>Channel to tell it on.</summary>
    public string? Channel { get; init; }

    /// <summary>Only metrics with these labels are looked at.</summary>
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    /// <summary>Where it says what to do.</summary>
    public Uri? Runbook { get; init; }

    /// <summary>False to leave the rule out.</summary>
    public bool? IsEnabled { get; init; }

    /// <summary>The settings that make a rule what it is.</summary>
    /// <param name="rule">The rule.</param>
    public static AlertRuleSettings Of(AlertRule rule) => new()
    {
        Name = rule.Name,
        Metric = rule.Metric,
        Operator = rule.Operator,
        Threshold = rule.Threshold,
        ClearThreshold = rule.ClearThreshold,
        For = rule.For,
        KeepFiringFor = rule.KeepFiringFor,
        MinimumSamples = rule.MinimumSamples,
        NoData = rule.NoData,
        Severity = rule.Severity,
        Message = rule.Message,
        Channel = rule.Channel,
        Labels = rule.Labels,
        Runbook = rule.Runbook,
        IsEnabled = rule.IsEnabled,
    };
}
