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

    private static string Escaped(string text) =>
        text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace(",", "\\,", StringComparison.Ordinal).Replace("=", "\\=", StringComparison.Ordinal);
}
