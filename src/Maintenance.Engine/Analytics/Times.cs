namespace Maintenance.Engine.Analytics;

/// <summary>Times as functions and tables tell them, and as the functions want them.</summary>
internal static class Times
{
    /// <summary>A duration; null for none, and for what cannot be one.</summary>
    public static TimeSpan? FromMilliseconds(double? milliseconds) =>
        milliseconds is >= 0 and < 1e14 and { } value ? TimeSpan.FromMilliseconds(value) : null;

    /// <summary>A window as the functions take it: <c>15m</c>, <c>24h</c>, <c>7d</c>.</summary>
    public static string ToText(TimeSpan window) => window switch
    {
        { Ticks: var ticks } when ticks % TimeSpan.TicksPerDay == 0 && window > TimeSpan.FromDays(1) => FormattableString.Invariant($"{window.Days}d"),
        { Ticks: var ticks } when ticks % TimeSpan.TicksPerHour == 0 => FormattableString.Invariant($"{window.TotalHours:0}h"),
        { Ticks: var ticks } when ticks % TimeSpan.TicksPerMinute == 0 => FormattableString.Invariant($"{window.TotalMinutes:0}m"),
        _ => FormattableString.Invariant($"{Math.Ceiling(window.TotalSeconds):0}s"),
    };
}
