namespace Maintenance.Engine.Alerts;

/// <summary>
/// What makes an alert fire, where that can be several things at once: a second function that fails while the first one is known is news, that a
/// figure has changed is none. Pure.
/// </summary>
internal static class AlertCauses
{
    private const char Separator = '\n';

    /// <summary>The causes as one text; null where there is no value that would tell.</summary>
    public static string? Of(Metric? metric, double? value) =>
        metric is null || value is null ? null : string.Join(Separator, metric.Causes.Keys.Order(StringComparer.Ordinal));

    /// <summary>Those that people have not been told of, though they know that it fires.</summary>
    public static IReadOnlyList<string> Joined(AlertMemory memory) =>
        memory is { Told: AlertTold.Firing, ToldCauses: { } told } ? [.. Split(memory.Causes).Except(Split(told), StringComparer.Ordinal)] : [];

    /// <summary>What people know once they are told: what comes back before the next repetition is no news.</summary>
    public static string Told(AlertMemory memory) =>
        string.Join(Separator, Split(memory.ToldCauses).Union(Split(memory.Causes), StringComparer.Ordinal).Order(StringComparer.Ordinal));

    private static string[] Split(string? causes) => causes?.Split(Separator, StringSplitOptions.RemoveEmptyEntries) ?? [];
}
