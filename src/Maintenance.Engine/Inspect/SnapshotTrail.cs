using Maintenance.Engine.Analytics;
using Maintenance.Engine.History;

namespace Maintenance.Engine.Inspect;

/// <summary>Keeps what a counter says in the target's history, and gives back what it said before.</summary>
internal sealed class SnapshotTrail(HistoryService history)
{
    /// <summary>Keeps a snapshot, and reads those that were taken within a time before it.</summary>
    /// <param name="target">The target.</param>
    /// <param name="now">The snapshot.</param>
    /// <param name="span">How far to look back.</param>
    /// <param name="most">How many to read at most, evenly spread.</param>
    /// <param name="call">What the call brings along.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>The snapshots, oldest first and this one last; and why the history could not be used, if so.</returns>
    public async Task<(IReadOnlyList<Snapshot> Points, string? Trouble)> FollowAsync(
        MaintenanceTarget target, Snapshot now, TimeSpan span, int most, CallContext call, CancellationToken cancellationToken)
    {
        if (history.StoreOf(target, call) is not { } store)
        {
            return ([now], $"The target '{target.Name}' keeps no history (history.kind is None), which rates are made of.");
        }

        try
        {
            var times = (await store.ReadSnapshotTimesAsync(target.Name, now.Kind, now.TakenAt - CounterHistory.Retention, cancellationToken))
                .Where(time => time < now.TakenAt).ToList();
            var points = new List<Snapshot>();
            foreach (var time in Thin([.. times.Where(time => time >= now.TakenAt - span)], most - 1))
            {
                if (await store.ReadSnapshotAsync(target.Name, now.Kind, time, cancellationToken) is { } point)
                {
                    points.Add(point);
                }
            }

            if (times.Count == 0 || now.TakenAt - times[^1] >= CounterHistory.Spacing)
            {
                await store.RecordAsync(now, now.TakenAt - CounterHistory.Retention, cancellationToken);
            }

            return ([.. points, now], null);
        }
        catch (MaintenanceException exception)
        {
            call.Sink.Verbose($"The history cannot be used for rates of '{target.Name}': {exception.Message}");
            return ([now], exception.Message);
        }
    }

    /// <summary>At most so many of them: the first, the last, and those nearest to even steps between. Pure.</summary>
    internal static IReadOnlyList<DateTimeOffset> Thin(IReadOnlyList<DateTimeOffset> times, int most)
    {
        if (times.Count <= most)
        {
            return times;
        }

        var step = (times[^1] - times[0]) / (most - 1);
        return [.. Enumerable.Range(0, most).Select(number => times.MinBy(time => (time - times[0] - (step * number)).Duration())).Distinct()];
    }
}
