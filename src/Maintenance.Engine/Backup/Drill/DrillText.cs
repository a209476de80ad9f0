using System.Globalization;

namespace Maintenance.Engine.Backup.Drill;

/// <summary>Durations and results as a drill's sentences and reports write them.</summary>
internal static class DrillText
{
    /// <summary>A duration in its two largest units: <c>3 h 12 min</c>, <c>5 d 2 h</c>, <c>1.3 s</c>.</summary>
    public static string Duration(TimeSpan time) => time switch
    {
        { TotalDays: >= 1 } => Two(time.Days, "d", time.Hours, "h"),
        { TotalHours: >= 1 } => Two(time.Hours, "h", time.Minutes, "min"),
        { TotalMinutes: >= 1 } => Two(time.Minutes, "min", time.Seconds, "s"),
        // Never shown smaller than it is: a limit would look kept.
        _ => string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(time.TotalSeconds * 10) / 10:0.#} s"),
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

    private static string Two(int large, string largeUnit, int small, string smallUnit) => small == 0
        ? string.Create(CultureInfo.InvariantCulture, $"{large} {largeUnit}")
        : string.Create(CultureInfo.InvariantCulture, $"{large} {largeUnit} {small} {smallUnit}");
}
