using Maintenance.Engine.History;

namespace Maintenance.Engine.Analytics;

/// <summary>Keeps what cumulative statistics say in the target's history, and makes windows of it.</summary>
internal sealed class CounterHistory(HistoryService history)
{
    /// <summary>At most one snapshot of a kind is kept in this time, however often somebody asks.</summary>
    public static readonly TimeSpan Spacing = TimeSpan.FromMinutes(5);

    /// <summary>Snapshots older than this are forgotten: a month's window, and a few days to be late.</summary>
    public static readonly TimeSpan Retention = TimeSpan.FromDays(35);

    /// <summary>What was counted in a window up to now, or why that is not known. Keeps the counters for later windows.</summary>
    /// <param name="target">The target.</param>
    /// <param name="now">The counters now.</param>
    /// <param name="serverStarted">When the server started.</param>
    /// <param name="window">The window.</param>
    /// <param name="totals">The counters that never go down but by a reset.</param>
    /// <param name="call">What the call brings along.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<(CountedWindow? Window, string? Reason)> MeasureAsync(
        MaintenanceTarget target,
        Snapshot now,
        DateTimeOffset serverStarted,
        TimeSpan window,
        IReadOnlyCollection<string> totals,
        CallContext call,
        CancellationToken cancellationToken)
    {
        IReadOnlyList<DateTimeOffset> times = [];
        Snapshot? baseline = null;
        WindowChoice choice;
        string? trouble = null;
        if (history.StoreOf(target, call) is not { } store)
        {
            choice = SnapshotWindow.Choose(times, now, serverStarted, window);
            trouble = $"The target '{target.Name}' keeps no history (history.kind is None), which windows of statistics are made of.";
        }
        else
        {
            try
            {
                times = await store.ReadSnapshotTimesAsync(target.Name, now.Kind, now.TakenAt - Retention, cancellationToken);
                choice = SnapshotWindow.Choose(times, now, serverStarted, window);
                baseline = choice.Baseline is { } time ? await store.ReadSnapshotAsync(target.Name, now.Kind, time, cancellationToken) : null;
                if (times.Count == 0 || now.TakenAt - times[^1] >= Spacing)
                {
                    await store.RecordAsync(now, now.TakenAt - Retention, cancellationToken);
                }
            }
            catch (MaintenanceException exception)
            {
                call.Sink.Verbose($"The history cannot be used for statistics of '{target.Name}': {exception.Message}");
                trouble = exception.Message;
                choice = SnapshotWindow.Choose(times, now, serverStarted, window);
            }
        }

        var (counted, reason) = SnapshotWindow.Measure(choice, baseline, now, totals);
        return (counted, counted is null ? trouble ?? reason : null);
    }
}
