using Maintenance.Engine.History;
using Maintenance.Engine.Performance.Samples;

namespace Maintenance.Engine.Alerts;

/// <summary>When tasks ran last. What runs every few minutes is on record where something changed alone; it remembers when it ran.</summary>
internal static class LastRuns
{
    private static readonly Dictionary<string, (string State, string Kind)> Remembering = new(StringComparer.OrdinalIgnoreCase)
    {
        ["HealthMonitoring"] = (SampleState.Health, SampleKinds.Health),
        ["PerformanceMetrics"] = (SampleState.Performance, SampleKinds.Metrics),
        ["Troubleshooting"] = (SampleState.Troubleshooting, SampleState.Troubleshooting),
    };

    /// <summary>States are kept among the samples, at the beginning of time.</summary>
    private static readonly DateTimeOffset AfterStates = DateTimeOffset.UnixEpoch.AddDays(1);

    /// <summary>Reads it; a task that never ran is not in the result.</summary>
    public static async Task<IReadOnlyDictionary<string, DateTimeOffset?>> ReadAsync(IHistoryStore store, string target, IEnumerable<string> tasks, CancellationToken token)
    {
        var last = new Dictionary<string, DateTimeOffset?>(StringComparer.OrdinalIgnoreCase);
        foreach (var task in tasks)
        {
            await foreach (var run in store.ReadAsync(new HistoryQuery { Targets = [target], Tasks = [task], First = 1 }, token))
            {
                last[task] = run.StartedAt;
            }

            if (Remembering.TryGetValue(task, out var place) && await RememberedAsync(store, target, place.State, place.Kind, token) is { } remembered && !(last.GetValueOrDefault(task) > remembered))
            {
                last[task] = remembered;
            }
        }

        return last;
    }

    // Where nothing remembers, as in a history that was made or brought along, the newest sample tells it.
    private static async Task<DateTimeOffset?> RememberedAsync(IHistoryStore store, string target, string state, string kind, CancellationToken token) =>
        (await SampleState.ReadAsync(store, target, token, state)).Taken.TryGetValue(kind, out var remembered) ? remembered
        : (await store.ReadSamplesAsync(target, kind, AfterStates, AfterStates.AddYears(1000), token)).Select(sample => (DateTimeOffset?)sample.To).Max();
}
