using Maintenance.Engine.History;
using Maintenance.Engine.Tasks;

namespace Maintenance.Engine.Performance.Baselines;

/// <summary>When maintenance was going on: what is measured then says nothing of an ordinary day.</summary>
internal static class MaintenanceIntervals
{
    /// <summary>A run that began before the window may still have gone on in it.</summary>
    private static readonly TimeSpan LongestRun = TimeSpan.FromDays(1);

    private const int MostActions = 5000;

    /// <summary>Reads from the history when tasks ran that change the system, and when something was done to objects of the database.</summary>
    /// <exception cref="MaintenanceException">What the history reports.</exception>
    public static async Task<IReadOnlyList<BaselineExclusion>> ReadAsync(
        IHistoryStore store, MaintenanceTarget target, IReadOnlyList<string> tasks, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken)
    {
        var found = new List<BaselineExclusion>();
        await foreach (var run in store.ReadAsync(new HistoryQuery { Targets = [target.Name], Tasks = tasks, Since = from - LongestRun, Until = to }, cancellationToken))
        {
            // A run that was refused or found nothing to do has put no load on anything.
            if (run.Steps.Any(step => step.State is StepState.Done or StepState.Failed or StepState.Cancelled))
            {
                found.Add(Interval(run.StartedAt, run.StartedAt + run.Duration, run.Task));
            }
        }

        foreach (var action in await store.ReadActionsAsync(target.Name, from - LongestRun, MostActions, cancellationToken))
        {
            if (action is { State: StepState.Done or StepState.Failed or StepState.Cancelled, Duration.Ticks: > 0 })
            {
                found.Add(Interval(action.StartedAt, action.StartedAt + action.Duration.Value, action.Kind.ToString()));
            }
        }

        return found;
    }

    /// <summary>The configured windows.</summary>
    public static IEnumerable<BaselineExclusion> OfWindows(IReadOnlyList<MaintenanceWindow> windows, DateTimeOffset from, DateTimeOffset to) =>
        MaintenanceWindows.Between(windows, from, to).Select(span => Interval(span.Opens, span.Closes, "Maintenance window"));

    /// <summary>Puts together what overlaps, and cuts off what lies outside a time. Pure.</summary>
    public static IReadOnlyList<BaselineExclusion> Merge(IEnumerable<BaselineExclusion> intervals, DateTimeOffset from, DateTimeOffset to)
    {
        var merged = new List<(DateTimeOffset From, DateTimeOffset To, List<string> Reasons)>();
        foreach (var interval in intervals.Where(interval => interval.To > from && interval.From < to && interval.To > interval.From).OrderBy(interval => interval.From))
        {
            var (begins, ends) = (interval.From < from ? from : interval.From, interval.To > to ? to : interval.To);
            if (merged.Count > 0 && begins <= merged[^1].To)
            {
                merged[^1].Reasons.Add(interval.Reason);
                merged[^1] = merged[^1] with { To = ends > merged[^1].To ? ends : merged[^1].To };
            }
            else
            {
                merged.Add((begins, ends, [interval.Reason]));
            }
        }

        return [.. merged.Select(span => Interval(span.From, span.To, string.Join(", ", span.Reasons.Distinct(StringComparer.Ordinal))))];
    }

    private static BaselineExclusion Interval(DateTimeOffset from, DateTimeOffset to, string reason) => new() { From = from, To = to, Reason = reason };
}
