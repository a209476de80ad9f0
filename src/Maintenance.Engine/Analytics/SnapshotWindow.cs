using System.Globalization;
using Maintenance.Engine.History;

namespace Maintenance.Engine.Analytics;

/// <summary>What was counted within a window.</summary>
/// <param name="From">From when on it was counted.</param>
/// <param name="Values">The counters' increase by name; counters that are new since have their whole value.</param>
/// <param name="Note">What limits it, such as a reset; null for nothing.</param>
internal sealed record CountedWindow(DateTimeOffset From, IReadOnlyDictionary<string, double> Values, string? Note = null);

/// <summary>Which snapshot to compare with, or why with none. Pure.</summary>
/// <param name="Baseline">When the snapshot was taken; null for none.</param>
/// <param name="SinceReset">The counters' own beginning serves as the baseline.</param>
/// <param name="Note">What limits the window.</param>
/// <param name="Reason">Why there is nothing to compare with.</param>
internal sealed record WindowChoice(DateTimeOffset? Baseline, bool SinceReset, string? Note, string? Reason);

/// <summary>
/// Makes windows out of counters that only ever grow: what they say now less what they said when the window began. Pure.
/// </summary>
internal static class SnapshotWindow
{
    /// <summary>A snapshot stands for the window's start if it was taken within this share of the window of it.</summary>
    public const double Tolerance = 0.5;

    /// <summary>Chooses what to compare with.</summary>
    /// <param name="times">When snapshots were taken.</param>
    /// <param name="now">The counters now.</param>
    /// <param name="serverStarted">When the server started.</param>
    /// <param name="window">The window that is asked for.</param>
    public static WindowChoice Choose(IReadOnlyList<DateTimeOffset> times, Snapshot now, DateTimeOffset serverStarted, TimeSpan window)
    {
        var start = now.TakenAt - window;
        var earliest = start - (window * Tolerance);
        // What began to count within the window needs no snapshot: before that there was nothing, as far as anyone can tell.
        if (now.ResetAt is { } reset && reset > earliest && reset <= now.TakenAt && !times.Any(time => IsNear(time) && time >= reset && Distance(time) < Distance(reset)))
        {
            return new WindowChoice(null, true, IsNear(reset) ? null : $"The statistics were reset at {Text(reset)}; figures count from then on.", null);
        }

        // Without a reset on record nobody knows whether counters survived a restart: only snapshots after it can be compared with.
        var restarted = now.ResetAt is null && serverStarted > earliest;
        var usable = times.Where(time => time >= earliest && time < now.TakenAt && (!restarted || time >= serverStarted)).ToList();
        var near = usable.Where(IsNear).ToList();
        if (near.Count > 0)
        {
            return new WindowChoice(near.MinBy(Distance), false, null, null);
        }

        if (restarted && usable.Count > 0)
        {
            return new WindowChoice(usable.Min(), false, $"The server was started at {Text(serverStarted)}; figures count from the first snapshot after that.", null);
        }

        var since = times.Where(time => time < now.TakenAt).ToList();
        return new WindowChoice(null, false, null, since.Count == 0
            ? "There is too little history: this is the first snapshot of these statistics. Ask again when the window has passed."
            : restarted
                ? $"The server was started at {Text(serverStarted)}, and there is no snapshot after that to compare with."
                : $"There is too little history: snapshots begin at {Text(since.Min())}, and none lies near {Text(start)}, the start of the window.");

        bool IsNear(DateTimeOffset time) => Distance(time) <= window * Tolerance;
        TimeSpan Distance(DateTimeOffset time) => (time - start).Duration();
    }

    /// <summary>The increase from a snapshot to now.</summary>
    /// <param name="choice">What was chosen.</param>
    /// <param name="baseline">The chosen snapshot; null if it is gone, or the counters' beginning was chosen.</param>
    /// <param name="now">The counters now.</param>
    /// <param name="totals">The counters that never go down but by a reset.</param>
    /// <returns>The window, or why there is none.</returns>
    public static (CountedWindow? Window, string? Reason) Measure(WindowChoice choice, Snapshot? baseline, Snapshot now, IReadOnlyCollection<string> totals)
    {
        if (choice.SinceReset)
        {
            return (new CountedWindow(now.ResetAt!.Value, now.Values, choice.Note), null);
        }

        if (baseline is null)
        {
            return (null, choice.Reason ?? "The snapshot to compare with is gone.");
        }

        if (now.ResetAt != baseline.ResetAt && now.ResetAt is { } reset && reset > baseline.TakenAt)
        {
            return (new CountedWindow(reset, now.Values, $"The statistics were reset at {Text(reset)}; figures count from then on."), null);
        }

        if (totals.Any(name => now.Values.GetValueOrDefault(name) < baseline.Values.GetValueOrDefault(name)))
        {
            return (null, $"The counters are lower than at {Text(baseline.TakenAt)}: they were reset or discarded since, and the server does not say when.");
        }

        return (
            new CountedWindow(
                baseline.TakenAt,
                now.Values.ToDictionary(pair => pair.Key, pair => pair.Value - Before(pair.Key, pair.Value)),
                choice.Note),
            null);

        // A single statement can be discarded and begin anew while the totals go on.
        double Before(string name, double value) => baseline.Values.TryGetValue(name, out var before) && before <= value ? before : 0;
    }

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("u", CultureInfo.InvariantCulture);
}
