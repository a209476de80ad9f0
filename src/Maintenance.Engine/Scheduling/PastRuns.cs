namespace Maintenance.Engine.Scheduling;

/// <summary>What is known of the runs of a target's tasks. Pure.</summary>
internal sealed class PastRuns
{
    private readonly Dictionary<string, OfTask> _known;

    private PastRuns(Dictionary<string, OfTask> known, string? gap)
    {
        _known = known;
        Gap = gap;
    }

    /// <summary>Why nothing is known; null where something could be.</summary>
    public string? Gap { get; }

    /// <summary>What is known where nothing could be read.</summary>
    public static PastRuns Unknown(string reason) => new(new(StringComparer.OrdinalIgnoreCase), reason);

    /// <summary>What runs tell.</summary>
    /// <param name="runs">Runs on record, newest first by task.</param>
    /// <param name="began">When each task began last, those runs included that are not on record.</param>
    public static PastRuns Of(IReadOnlyList<MaintenanceRun> runs, IReadOnlyDictionary<string, DateTimeOffset?> began)
    {
        var known = new Dictionary<string, OfTask>(StringComparer.OrdinalIgnoreCase);
        foreach (var task in runs.Select(run => run.Task).Concat(began.Keys).Distinct(StringComparer.OrdinalIgnoreCase))
        {
            // A run that was stopped says nothing of how long it takes.
            MaintenanceRun[] own = [.. runs.Where(run => run.Task.Equals(task, StringComparison.OrdinalIgnoreCase))];
            TimeSpan[] durations = [.. own.Where(run => !run.Steps.Any(step => step.State is StepState.Cancelled or StepState.Failed)).Select(run => run.Duration)];
            known[task] = new OfTask(began.GetValueOrDefault(task) ?? own.FirstOrDefault()?.StartedAt, own.FirstOrDefault(), RunDurations.Of(durations), durations.Length == 0 ? null : durations.Max());
        }

        return new(known, null);
    }

    /// <summary>What is known of a task.</summary>
    public OfTask Of(string task) => _known.GetValueOrDefault(task) ?? new OfTask(null, null, RunDurations.Of([]), null);

    /// <summary>What is known of one task.</summary>
    /// <param name="Began">When it began last.</param>
    /// <param name="Last">Its last run on record.</param>
    /// <param name="Durations">How long its runs took.</param>
    /// <param name="Longest">How long the longest took.</param>
    public sealed record OfTask(DateTimeOffset? Began, MaintenanceRun? Last, RunDurations Durations, TimeSpan? Longest)
    {
        /// <summary>How long the next run is expected to take.</summary>
        public TimeSpan Expected(MatrixRow row) => Durations.Expected(row, Longest);
    }
}
