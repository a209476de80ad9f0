using System.Globalization;
using System.Text.RegularExpressions;
using Maintenance.Engine.Inspect;
using Maintenance.Engine.Notify;

namespace Maintenance.Engine.Alerts;

/// <summary>What an alert says: the rule's message with its values put in, and what it stands at. Pure.</summary>
internal static partial class AlertMessages
{
    private const string LabelPrefix = "label.";

    private static readonly string[] Names = ["value", "threshold", "metric", "target", "rule"];

    /// <summary>One sentence about an alert.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="memory">What is remembered, after the evaluation.</param>
    /// <param name="target">Name of the target.</param>
    /// <param name="metric">The metric; null if there is none.</param>
    /// <param name="judged">What the rule was judged by.</param>
    /// <param name="now">The time.</param>
    public static string Of(AlertRule rule, AlertMemory memory, string target, Metric? metric, AlertValue judged, DateTimeOffset now)
    {
        var value = judged.Number is { } number ? Value(rule, number, judged.Bound) : null;
        var reason = value is not null ? "" : metric?.Reason is { Length: > 0 } why ? $" ({why.TrimEnd('.')})" : " (it was not measured)";
        var limit = Quantities.Text(rule.Threshold, rule.Unit);
        var about = memory.Key.Series is { Length: > 0 } series ? $" of {series}" : "";
        var over = metric?.Window is { } window ? $" of the last {Say.Duration(window)}" : "";
        var said = Rendered(rule, target, metric, value ?? "unknown", limit);
        var figure = value is null ? $"{rule.Metric}{about} is unknown{reason}" : $"{rule.Metric}{over}{about} is {value}, limit {limit}";
        var evidence = metric?.Details is { Length: > 0 } details ? details.TrimEnd('.') : figure;
        return OneLine(memory.State switch
        {
            AlertState.Firing or AlertState.Recovering when value is null => $"{said}. Since {Time(memory.NoDataSince ?? now)} nobody knows whether it still is: {figure}.",
            AlertState.Firing when !rule.IsBad(judged.Number!.Value) => $"{said}: {figure}; over when it is at {Quantities.Text(rule.ClearThreshold ?? rule.Threshold, rule.Unit)}.",
            AlertState.Firing => $"{said}: {evidence}.",
            AlertState.Recovering => $"{said}: {figure}; over if it stays so for {Say.Duration(rule.KeepFiringFor)} from {Time(memory.Since)} on.",
            AlertState.Pending when value is null => $"{figure}; it was beyond its limit before.",
            AlertState.Pending => $"{figure}; fires if it stays so {(rule.For > TimeSpan.Zero ? $"for {Say.Duration(rule.For)} from {Time(memory.Since)} on" : "")}{Samples(rule, memory)}.",
            AlertState.NoData => $"{figure}. Nobody knows whether this is so: {said}.",
            _ => $"{figure}.",
        });
    }

    /// <summary>The rule's message where there is no value any more.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="target">Name of the target.</param>
    /// <param name="series">The labels as one text.</param>
    public static string WithoutValue(AlertRule rule, string target, string series) =>
        Rendered(rule, target, null, "unknown", Quantities.Text(rule.Threshold, rule.Unit)) + (series.Length > 0 ? $" ({series})" : "");

    /// <summary>That a value came too late to change anything.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="given">The value that was given.</param>
    /// <param name="givenAt">When it was measured.</param>
    /// <param name="countsAt">When the one that counts was measured.</param>
    public static string TooLate(AlertRule rule, AlertValue given, DateTimeOffset givenAt, DateTimeOffset countsAt) =>
        $" The value given now ({Value(rule, given.Number!.Value, given.Bound)}) is of {Time(givenAt)} and changes nothing: one of {Time(countsAt)} was looked at before.";

    /// <summary>Text on one line: labels and reasons come from outside, and must neither look like lines of ours nor turn the direction of what follows.</summary>
    public static string OneLine(string text) => text.Any(IsForeign) ? string.Concat(text.Select(character => IsForeign(character) ? ' ' : character)) : text;

    /// <summary>Whether a character has no place within a line.</summary>
    public static bool IsForeign(char character) => char.IsControl(character) || character is '\u2028' or '\u2029' || PayloadText.IsHidden(character);

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
        ? string.Create(CultureInfo.InvariantCulture, $"{(rule.For > TimeSpan.Zero ? ", and " : "")}with {rule.MinimumSamples} bad values in a row; seen so far: {memory.BadSamples}")
        : "";

    // What is rounded must not look like the limit that it is beyond, or within.
    private static string Value(AlertRule rule, double value, string? bound)
    {
        var text = Quantities.Text(value, rule.Unit);
        var isBlurred = value != rule.Threshold && text == Quantities.Text(rule.Threshold, rule.Unit);
        return $"{(bound is null ? "" : bound + " ")}{(isBlurred ? value > rule.Threshold ? "just above " : "just below " : "")}{text}";
    }

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\{([A-Za-z_][A-Za-z0-9_.]*)\}")]
    private static partial Regex Placeholder();
}
