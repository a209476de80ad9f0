using System.Globalization;

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

    /// <summary>Whether a rule looks at a series of its metric.</summary>
    public static bool HasLabels(AlertRule rule, string series) =>
        rule.Labels.All(label => $",{series},".Contains($",{Of(new Dictionary<string, string> { [label.Key] = label.Value })},", StringComparison.Ordinal));

    /// <summary>A metric in the unit of a rule. One in a unit that cannot be compared has no value, and says why.</summary>
    public static Metric InUnitOf(AlertRule rule, Metric metric) => (metric.Unit, rule.Unit) switch
    {
        var (has, wanted) when has == wanted || has == MetricUnit.None || wanted == MetricUnit.None => metric,
        (MetricUnit.Seconds, MetricUnit.Milliseconds) => Times(metric, 1000, rule.Unit),
        (MetricUnit.Milliseconds, MetricUnit.Seconds) => Times(metric, 0.001, rule.Unit),
        _ when metric.Value is null => metric with { AtLeast = null, AtMost = null },
        _ => metric with { Value = null, AtLeast = null, AtMost = null, Reason = $"it was given in {metric.Unit}, and the rule is about {rule.Unit}" },
    };

    private static Metric Times(Metric metric, double factor, MetricUnit unit) =>
        metric with { Value = metric.Value * factor, AtLeast = metric.AtLeast * factor, AtMost = metric.AtMost * factor, Unit = unit };

    // Names and values come from outside, and must not look like lines of ours.
    private static string Escaped(string text)
    {
        var escaped = text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace(",", "\\,", StringComparison.Ordinal).Replace("=", "\\=", StringComparison.Ordinal);
        return escaped.Any(AlertMessages.IsForeign)
            ? string.Concat(escaped.Select(character => AlertMessages.IsForeign(character) ? string.Create(CultureInfo.InvariantCulture, $"\\u{(int)character:X4}") : $"{character}"))
            : escaped;
    }
}
