using System.Globalization;
using System.Text.RegularExpressions;
using Maintenance.Engine.Inspect;

namespace Maintenance.Engine.Alerts;

/// <summary>What an alert says: the rule's message with its values put in, and what it stands at. Pure.</summary>
internal static partial class AlertMessages
{
    private const string LabelPrefix = "label.";

    private static readonly string[] Names = ["value", "threshold", "metric", "target", "rule"];

    /// <summary>One sentence about an alert.</summary>
    public static string Of(AlertRule rule, AlertMemory memory, string target, Metric? metric, DateTimeOffset now)
    {
        var value = metric?.Value is { } number && double.IsFinite(number) ? Quantities.Text(number, rule.Unit) : null;
        var reason = value is not null ? "" : metric?.Reason is { Length: > 0 } why ? $" ({why.TrimEnd('.')})" : " (it was not measured)";
        var limit = Quantities.Text(rule.Threshold, rule.Unit);
        var about = AlertSeries.Of(metric?.Labels ?? new Dictionary<string, string>()) is { Length: > 0 } series ? $" of {series}" : "";
        var over = metric?.Window is { } window ? $" of the last {Say.Duration(window)}" : "";
        var said = Rendered(rule, target, metric, value ?? "unknown", limit);
        var figure = value is null ? $"{rule.Metric}{about} is unknown{reason}" : $"{rule.Metric}{over}{about} is {value}, limit {limit}";
        return OneLine(memory.State switch
        {
            AlertState.Firing or AlertState.Recovering when value is null => $"{said}. Since {Time(memory.NoDataSince ?? now)} nobody knows whether it still is: {figure}.",
            AlertState.Firing when !rule.IsBad(metric!.Value!.Value) => $"{said}: {figure}; over when it is at {Quantities.Text(rule.ClearThreshold ?? rule.Threshold, rule.Unit)}.",
            AlertState.Firing => $"{said}: {figure}.",
            AlertState.Recovering => $"{said}: {figure}; over if it stays so for {Say.Duration(rule.KeepFiringFor)} from {Time(memory.Since)} on.",
            AlertState.Pending when value is null => $"{figure}; it was beyond its limit before.",
            AlertState.Pending => $"{figure}; fires if it stays so {(rule.For > TimeSpan.Zero ? $"for {Say.Duration(rule.For)} from {Time(memory.Since)} on" : "")}{Samples(rule, memory)}.",
            AlertState.NoData => $"{figure}: nobody knows whether {Lower(said)}.",
            _ => $"{figure}.",
        });
    }

    /// <summary>Text on one line: labels and reasons come from outside, and must not look like lines of ours.</summary>
    public static string OneLine(string text) => text.Any(char.IsControl) || text.Contains('\u2028', StringComparison.Ordinal) || text.Contains('\u2029', StringComparison.Ordinal)
        ? string.Concat(text.Select(character => char.IsControl(character) || character is '\u2028' or '\u2029' ? ' ' : character))
        : text;

    /// <summary>The placeholders of a message that mean nothing.</summary>
    public static IEnumerable<string> UnknownPlaceholders(string message) => Placeholder().Matches(message)
        .Select(match => match.Groups[1].Value)
        .Where(name => !Names.Contains(name, StringComparer.OrdinalIgnoreCase) && !name.StartsWith(LabelPrefix, StringComparison.OrdinalIgnoreCase));

    private static string Rendered(AlertRule rule, string target, Metric? metric, string value, string limit) => Placeholder().Replace(rule.Message.TrimEnd('.'), match =>
    {
        var name = match.Groups[1].Value;
        return name.ToLowerInvariant() switch
        {
            "value" => value,
            "threshold" => limit,
            "metric" => rule.Metric,
            "target" => target,
            "rule" => rule.Name,
            _ when name.StartsWith(LabelPrefix, StringComparison.OrdinalIgnoreCase) => metric?.Labels.GetValueOrDefault(name[LabelPrefix.Length..]) ?? "unknown",
            _ => match.Value,
        };
    });

    private static string Samples(AlertRule rule, AlertMemory memory) => rule.MinimumSamples > 1
        ? string.Create(CultureInfo.InvariantCulture, $"{(rule.For > TimeSpan.Zero ? ", and " : "")}with {rule.MinimumSamples} bad values in a row, of which {memory.BadSamples} were seen")
        : "";

    private static string Lower(string text) => text is [var first, ..] ? char.ToLowerInvariant(first) + text[1..] : text;

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\{([A-Za-z_][A-Za-z0-9_.]*)\}")]
    private static partial Regex Placeholder();
}
