namespace Maintenance.Engine.Alerts;

/// <summary>Which values a rule looks at, and what tells them apart.</summary>
internal static class AlertSeries
{
    /// <summary>A metric's labels as one text: the same for the same labels, whatever their order.</summary>
    public static string Of(IReadOnlyDictionary<string, string> labels) => labels.Count == 0
        ? ""
        : string.Join(',', labels.OrderBy(label => label.Key, StringComparer.Ordinal).Select(label => $"{Escaped(label.Key)}={Escaped(label.Value)}"));

    /// <summary>Whether a rule looks at a metric of its name.</summary>
    public static bool Matches(AlertRule rule, Metric metric) =>
        rule.Labels.Count == 0 || rule.Labels.All(label => metric.Labels.TryGetValue(label.Key, out var value) && value == label.Value);

    /// <summary>A metric in the unit of a rule. One in a unit that cannot be compared has no value, and says why.</summary>
    public static Metric InUnitOf(AlertRule rule, Metric metric) => (metric.Unit, rule.Unit) switch
    {
        var (has, wanted) when has == wanted || has == MetricUnit.None || wanted == MetricUnit.None || metric.Value is null => metric,
        (MetricUnit.Seconds, MetricUnit.Milliseconds) => metric with { Value = metric.Value * 1000, Unit = rule.Unit },
        (MetricUnit.Milliseconds, MetricUnit.Seconds) => metric with { Value = metric.Value / 1000, Unit = rule.Unit },
        _ => metric with { Value = null, Reason = $"it was given in {metric.Unit}, and the rule is about {rule.Unit}" },
    };

    private static string Escaped(string text) =>
        text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace(",", "\\,", StringComparison.Ordinal).Replace("=", "\\=", StringComparison.Ordinal);
}
