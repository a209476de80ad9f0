using Maintenance.Engine.History;

namespace Maintenance.Engine.Scheduling;

/// <summary>How runs went, by task. Pure.</summary>
internal static class RunStatistics
{
    /// <summary>Makes them.</summary>
    /// <param name="target">Name of the target.</param>
    /// <param name="runs">Its runs, oldest first.</param>
    /// <param name="now">The time.</param>
    public static IReadOnlyList<TaskStatistics> Of(string target, IReadOnlyList<RunTime> runs, DateTimeOffset now)
    {
        var order = MaintenanceMatrix.Tasks.Select((task, index) => (task, index)).ToDictionary(pair => pair.task, pair => pair.index, StringComparer.OrdinalIgnoreCase);
        return
        [
            .. runs.GroupBy(run => run.Task, StringComparer.OrdinalIgnoreCase)
                .OrderBy(group => order.GetValueOrDefault(group.Key, int.MaxValue)).ThenBy(group => group.Key, StringComparer.OrdinalIgnoreCase)
                .Select(group => Of(target, group.Key, [.. group], now)),
        ];
    }

    private static TaskStatistics Of(string target, string task, IReadOnlyList<RunTime> runs, DateTimeOffset now)
    {
        TimeSpan[] whole = [.. runs.Where(RunDurations.Tells).Select(run => run.Duration)];
        var durations = RunDurations.Of(whole);
        return new TaskStatistics
        {
            Target = target,
            Task = task,
            Runs = runs.Count,
            Ok = Count(HealthStatus.Ok),
            Warning = Count(HealthStatus.Warning),
            Critical = Count(HealthStatus.Critical),
            Unknown = Count(HealthStatus.Unknown),
            Measured = whole.Length,
            TypicalDuration = durations.Typical,
            LongDuration = durations.Long,
            LongestDuration = whole.Length == 0 ? null : whole.Max(),
            FirstRun = runs[0].StartedAt,
            LastRun = runs[^1].StartedAt,
            LastStatus = runs[^1].Status,
            Note = RunBegins.IsRecordedInPart(task) ? "Its runs are on record where something changed alone: these are not all of them." : null,
            CollectedAt = now,
        };

        int Count(HealthStatus status) => runs.Count(run => run.Status == status);
    }
}
