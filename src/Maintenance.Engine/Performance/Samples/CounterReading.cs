namespace Maintenance.Engine.Performance.Samples;

/// <summary>What a server's counters said at a time, by group: each group begins to count at a time of its own.</summary>
/// <param name="At">When, by our clock.</param>
/// <param name="ServerAt">When, by the server's.</param>
/// <param name="ServerStarted">When the server started: another time is another start, or another server.</param>
/// <param name="Groups">The counters.</param>
internal sealed record CounterReading(DateTimeOffset At, DateTimeOffset ServerAt, DateTimeOffset ServerStarted, Dictionary<string, CounterGroup> Groups)
{
    /// <summary>A rate over less time than this says nothing.</summary>
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(5);

    /// <summary>How far the two clocks may be apart on how long something took, beside a tenth of it.</summary>
    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(10);

    /// <summary>How long it is since another reading, or why rates over that time would be wrong. Pure.</summary>
    public (TimeSpan Time, string? Gap) Since(CounterReading? before)
    {
        if (before is null)
        {
            return (TimeSpan.Zero, "First reading: figures come from the next run on.");
        }

        var (ours, servers) = (At - before.At, ServerAt - before.ServerAt);
        return before.ServerStarted != ServerStarted ? (ours, "The server was started since the measurement before.")
            : ours < Shortest || servers < Shortest ? (ours, "No time has passed since the measurement before, or a clock was set back.")
            : (ours - servers).Duration() > Tolerance + servers / 10 ? (ours, "A clock was set since the measurement before.")
            : (servers, null);
    }

    /// <summary>What a group counted since another reading, or why that is not known. Pure.</summary>
    public (IReadOnlyDictionary<string, double>? Counted, string? Gap) Counted(string group, CounterReading before)
    {
        if (!Groups.TryGetValue(group, out var now) || !before.Groups.TryGetValue(group, out var then))
        {
            return (null, "First reading of these counters: figures come from the next run on.");
        }

        if (now.ResetAt != then.ResetAt)
        {
            return (null, "The statistics were reset since the measurement before.");
        }

        return now.Totals.Any(name => now.Values.GetValueOrDefault(name) < then.Values.GetValueOrDefault(name))
            ? (null, "The counters are lower than at the measurement before: they were reset, or it is another server.")
            : (now.Values.ToDictionary(pair => pair.Key, pair => pair.Value - (then.Values.TryGetValue(pair.Key, out var old) && old <= pair.Value ? old : 0)), null);
    }
}

/// <summary>Counters that begin together.</summary>
/// <param name="ResetAt">When they began, if the server says.</param>
/// <param name="Totals">Names of those that never go down but by a reset; others may begin anew by themselves.</param>
/// <param name="Values">The counters by name.</param>
internal sealed record CounterGroup(DateTimeOffset? ResetAt, IReadOnlyList<string> Totals, Dictionary<string, double> Values);
