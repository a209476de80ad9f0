using System.Globalization;

namespace Maintenance.Engine.Backup.Drill;

/// <summary>Durations and results as a drill's sentences and reports write them.</summary>
internal static class DrillText
{
    /// <summary>A duration in its two largest units: <c>3 h 12 min</c>, <c>5 d 2 h</c>, <c>12.4 s</c>, <c>1.32 s</c>, <c>85 ms</c>.</summary>
    public static string Duration(TimeSpan time) => time switch
    {
        { TotalDays: >= 1 } => Two(time.Days, "d", time.Hours, "h"),
        { TotalHours: >= 1 } => Two(time.Hours, "h", time.Minutes, "min"),
        { TotalMinutes: >= 1 } => Two(time.Minutes, "min", time.Seconds, "s"),
        { TotalSeconds: >= 10 } => Up(time, TimeSpan.TicksPerSecond / 10, TimeSpan.TicksPerSecond, "s"),
        { TotalMilliseconds: > 999 } => Up(time, TimeSpan.TicksPerSecond / 100, TimeSpan.TicksPerSecond, "s"),
        { Ticks: 0 } => "0 s",
        _ => Up(time, TimeSpan.TicksPerMillisecond, TimeSpan.TicksPerMillisecond, "ms"),
    };

    /// <summary>A duration, or that it is not known.</summary>
    public static string Known(TimeSpan? time) => time is { } known ? Duration(known) : "not known";

    /// <summary>An objective, or that there is none.</summary>
    public static string Objective(TimeSpan? time) => time is { } known ? $"at most {Duration(known)}" : "none is set";

    /// <summary>What became of an objective, in words.</summary>
    public static string Word(ObjectiveResult result) => result switch
    {
        ObjectiveResult.Met => "Met",
        ObjectiveResult.Missed => "Missed",
        ObjectiveResult.NoObjective => "No objective",
        _ => "Unknown",
    };

    // Never shown smaller than it is: a limit would look kept. Small steps, so that the parts of a sum still look like its parts.
    private static string Up(TimeSpan time, long step, long unit, string name) =>
        string.Create(CultureInfo.InvariantCulture, $"{(decimal)((time.Ticks + step - 1) / step * step) / unit:0.##} {name}");

    private static string Two(int large, string largeUnit, int small, string smallUnit) => small == 0
        ? string.Create(CultureInfo.InvariantCulture, $"{large} {largeUnit}")
        : string.Create(CultureInfo.InvariantCulture, $"{large} {largeUnit} {small} {smallUnit}");
}
