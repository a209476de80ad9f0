using Maintenance.Engine.History;
using Maintenance.Engine.Performance.Statistics;

namespace Maintenance.Engine.Scheduling;

/// <summary>How long the runs of a task take.</summary>
/// <param name="Typical">How long half of them took at most; null of none.</param>
/// <param name="Long">How long 95 % of them took at most; null of fewer than 20.</param>
/// <param name="Count">How many there are.</param>
internal sealed record RunDurations(TimeSpan? Typical, TimeSpan? Long, int Count)
{
    /// <summary>Below so many runs, one in twenty is a guess.</summary>
    public const int LeastForLong = 20;

    /// <summary>Below so many runs the operations guide's expectation counts more than ours.</summary>
    public const int LeastToExpect = 5;

    /// <summary>Tasks whose Critical says that they could not do their work, and not what they found.</summary>
    private static readonly string[] Rehearsals = ["BackupVerification", "DisasterRecoveryTest", "Quarterly"];

    /// <summary>Whether a run tells how long its task takes: it came to its end, and nothing of it failed.</summary>
    public static bool Tells(RunTime run) =>
        run.IsWhole && run.Status != HealthStatus.Unknown && !(run.Status == HealthStatus.Critical && Rehearsals.Contains(run.Task, StringComparer.OrdinalIgnoreCase));

    /// <summary>Those of runs.</summary>
    public static RunDurations Of(IReadOnlyCollection<TimeSpan> durations) => durations.Count == 0
        ? new(null, null, 0)
        : new(At(durations, 0.5), durations.Count >= LeastForLong ? At(durations, 0.95) : null, durations.Count);

    /// <summary>How long the next one is expected to take: what was measured if that is enough, else what the guide says, else what was measured at all.</summary>
    public TimeSpan Expected(MatrixRow row, TimeSpan? longest) =>
        (Count >= LeastToExpect ? Long ?? longest : null) ?? row.Duration ?? longest ?? TimeSpan.Zero;

    private static TimeSpan At(IEnumerable<TimeSpan> durations, double share) =>
        TimeSpan.FromSeconds(Quantiles.Of(durations.Select(duration => duration.TotalSeconds), share));
}
