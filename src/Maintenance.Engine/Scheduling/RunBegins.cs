using Maintenance.Engine.Alerts;
using Maintenance.Engine.History;
using Maintenance.Engine.Performance.Samples;

namespace Maintenance.Engine.Scheduling;

/// <summary>When runs of a task began, as far as that can be known.</summary>
/// <param name="Began">When they began, in any order.</param>
/// <param name="From">What began before this is not known.</param>
/// <param name="Gap">Why not; null where it is known since anything is on record.</param>
internal sealed record RunBegins(IReadOnlyList<DateTimeOffset> Began, DateTimeOffset From, string? Gap)
{
    /// <summary>What runs every few minutes is on record where something changed alone: its samples tell when it ran.</summary>
    private static readonly Dictionary<string, (string Kind, TimeSpan Span)> Sampled = new(StringComparer.OrdinalIgnoreCase)
    {
        // A sample begins when the one before was taken: so far back are those read that were taken since.
        ["HealthMonitoring"] = (SampleKinds.Health, TimeSpan.FromHours(2)),
        ["PerformanceMetrics"] = (SampleKinds.Metrics, TimeSpan.FromDays(30)),
    };

    /// <summary>Tasks of which nothing but the last run is sure to be known.</summary>
    private const string Troubleshooting = "Troubleshooting";

    /// <summary>True for a task of which not every run is on record.</summary>
    public static bool IsRecordedInPart(string task) => Sampled.ContainsKey(task) || task.Equals(Troubleshooting, StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads those of tasks.</summary>
    /// <param name="store">Where they are kept.</param>
    /// <param name="target">Name of the target.</param>
    /// <param name="tasks">Names of the tasks.</param>
    /// <param name="from">The earliest time asked for, from which on anything is on record.</param>
    /// <param name="now">The time.</param>
    /// <param name="token">Ends it.</param>
    /// <returns>By the task's name.</returns>
    public static async Task<IReadOnlyDictionary<string, RunBegins>> ReadAsync(IHistoryStore store, string target, IReadOnlyList<string> tasks, DateTimeOffset from, DateTimeOffset now, CancellationToken token)
    {
        var runs = (await store.ReadRunTimesAsync(target, from - TimeSpan.FromHours(1), int.MaxValue, token)).ToLookup(run => run.Task, run => run.StartedAt, StringComparer.OrdinalIgnoreCase);
        var last = await LastRuns.ReadAsync(store, target, tasks, token);
        var found = new Dictionary<string, RunBegins>(StringComparer.OrdinalIgnoreCase);
        foreach (var task in tasks)
        {
            DateTimeOffset[] own = [.. runs[task], .. last.GetValueOrDefault(task) is { } lately ? [lately] : Array.Empty<DateTimeOffset>()];
            found[task] = Sampled.TryGetValue(task, out var sampled)
                ? OfSamples(own, await store.ReadSamplesAsync(target, sampled.Kind, from - sampled.Span, now + TimeSpan.FromDays(1), token), from)
                : task.Equals(Troubleshooting, StringComparison.OrdinalIgnoreCase) && last.GetValueOrDefault(task) is { } only && only > from
                    ? new RunBegins(own, only, "Its runs are on record where something changed alone")
                    : new RunBegins(own, from, null);
        }

        return found;
    }

    /// <summary>When the first run of a target is from, or where there are samples alone, the first of these; null if there is neither.</summary>
    public static async Task<DateTimeOffset?> FirstAsync(IHistoryStore store, string target, CancellationToken token)
    {
        // A sample covers a time before it was taken, so that a run tells better when one began to look.
        var first = await store.ReadFirstRunAsync(target, token);
        foreach (var (kind, _) in first is null ? Sampled.Values.ToArray() : [])
        {
            foreach (var resolution in Enum.GetValues<SampleResolution>())
            {
                if (await store.ReadEarliestSampleAsync(target, kind, resolution, token) is { } sample && !(sample > first))
                {
                    first = sample;
                }
            }
        }

        return first;
    }

    /// <summary>Those of a task that leaves a sample each time. Samples that were put together tell no single runs. Pure.</summary>
    internal static RunBegins OfSamples(IReadOnlyList<DateTimeOffset> runs, IReadOnlyList<Sample> samples, DateTimeOffset since)
    {
        var whole = samples.Where(sample => sample.Resolution != SampleResolution.Raw).Select(sample => sample.To).DefaultIfEmpty(DateTimeOffset.MinValue).Max();
        DateTimeOffset[] began = [.. runs, .. samples.Where(sample => sample.Resolution == SampleResolution.Raw).Select(sample => sample.To)];
        return whole > since ? new(began, whole, "Older samples are put together, and tell no single runs") : new(began, since, null);
    }
}
