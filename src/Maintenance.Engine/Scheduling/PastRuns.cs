using Maintenance.Engine.History;

namespace Maintenance.Engine.Scheduling;

/// <summary>What is known of the runs of a target's tasks. Pure.</summary>
internal sealed class PastRuns
{
    private readonly Dictionary<string, OfTask> _known;

    private PastRuns(Dictionary<string, OfTask> known, DateTimeOffset? first, string? gap)
    {
        _known = known;
        First = first;
        Gap = gap;
    }

    /// <summary>When the first run of any task is on record; null for none.</summary>
    public DateTimeOffset? First { get; }

    /// <summary>Why nothing is known; null where something could be.</summary>
    public string? Gap { get; }

    /// <summary>What is known where nothing could be read.</summary>
    public static PastRuns Unknown(string reason) => new(new(StringComparer.OrdinalIgnoreCase), null, reason);

    /// <summary>What runs tell.</summary>
    /// <param name="runs">Runs on record, oldest first.</param>
    /// <param name="began">When each task began last, those runs included that are not on record.</param>
    /// <param name="first">When the first run of any task is on record.</param>
    public static PastRuns Of(IReadOnlyList<RunTime> runs, IReadOnlyDictionary<string, DateTimeOffset?> began, DateTimeOffset? first)
    {
        var known = new Dictionary<string, OfTask>(StringComparer.OrdinalIgnoreCase);
        foreach (var task in runs.Select(run => run.Task).Concat(began.Keys).Distinct(StringComparer.OrdinalIgnoreCase))
        {
            RunTime[] own = [.. runs.Where(run => run.Task.Equals(task, StringComparison.OrdinalIgnoreCase))];
            TimeSpan[] durations = [.. own.Where(RunDurations.Tells).Select(run => run.Duration)];
            known[task] = new OfTask(began.GetValueOrDefault(task) ?? own.LastOrDefault()?.StartedAt, own.LastOrDefault(), RunDurations.Of(durations), durations.Length == 0 ? null : durations.Max());
        }

        return new(known, first, null);
    }

    /// <summary>What is known of a task.</summary>
    public OfTask Of(string task) => _known.GetValueOrDefault(task) ?? new OfTask(null, null, RunDurations.Of([]), null);

    /// <summary>What is known of one task.</summary>
    /// <param name="Began">When it began last.</param>
    /// <param name="Last">Its last run on record.</param>
    /// <param name="Durations">How long its runs took.</param>
    /// <param name="Longest">How long the longest took.</param>
    public sealed record OfTask(DateTimeOffset? Began, RunTime? Last, RunDurations Durations, TimeSpan? Longest)
    {
        /// <summary>How long the next run is expected to take.</summary>
        public TimeSpan Expected(MatrixRow row) => Durations.Expected(row, Longest);
    }
}
