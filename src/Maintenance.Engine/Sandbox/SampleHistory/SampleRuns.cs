using System.Globalization;
using Maintenance.Engine.Health;
using Maintenance.Engine.Maintain;

namespace Maintenance.Engine.Sandbox.SampleHistory;

/// <summary>
/// The runs of the months before a sandbox was started: its maintenance. Pure. Nothing of it was done, so each says in its message that it
/// is sample data, and came from no machine.
/// </summary>
internal sealed class SampleRuns(SampleNoise noise, SampleTimeline timeline, string target, string moduleVersion)
{
    /// <summary>Machine of a run that never was.</summary>
    public const string Machine = "sandbox-sample";

    private const string Mark = "Sample data: ";

    /// <summary>The runs, oldest first.</summary>
    public IEnumerable<MaintenanceRun> All()
    {
        for (var day = timeline.Start; day < timeline.Now; day = day.AddDays(1))
        {
            if (day.DayOfWeek == DayOfWeek.Sunday)
            {
                yield return Weekly(day.AddHours(3));
            }

            if (day.DayOfWeek == DayOfWeek.Monday)
            {
                yield return Verification(day.AddHours(4.5));
            }

            yield return Daily(day.AddHours(6));
        }
    }

    /// <summary>Those that had begun and ended, and were not missed.</summary>
    public IEnumerable<MaintenanceRun> Kept() => All().Where(run => run.CollectedAt <= timeline.Now && timeline.IsMeasured(run.StartedAt, run.CollectedAt));

    private MaintenanceRun Daily(DateTimeOffset at)
    {
        var step = at.ToUnixTimeSeconds();
        var ill = at < timeline.Incident.To.AddHours(20) && at > timeline.Incident.From;
        var slow = at > timeline.Deployment;
        var score = Math.Round((ill ? 78 : slow ? 93.5 : 97) + noise.Normal("score", step), 1);
        var duration = TimeSpan.FromSeconds(3 * noise.Factor("daily", step, 0.3));
        return Run("Daily", at, duration, $"Health score {score.ToString("0.#", CultureInfo.InvariantCulture)} of 100.",
            Step(HealthComponents.Database, at, duration, slow ? HealthStatus.Warning : HealthStatus.Ok, slow ? "Statements take longer than they did." : "Nothing is wrong."),
            Step(HealthComponents.Errors, at, duration, ill ? HealthStatus.Critical : HealthStatus.Ok, ill ? "18 % of the requests of the morning failed." : "Few requests failed."),
            Step(HealthComponents.Backups, at, duration, HealthStatus.Ok, "The newest backup is four hours old."))
            with
            {
                Metrics = [new Metric { Name = "overall_health_percent", Value = score, Unit = MetricUnit.Percent, Target = target, ObservedAt = at + duration, Status = score < 95 ? HealthStatus.Warning : HealthStatus.Ok }],
            };
    }

    // Maintenance windows: what is slow in them is slow for a reason.
    private MaintenanceRun Weekly(DateTimeOffset at)
    {
        var step = at.ToUnixTimeSeconds();
        var duration = TimeSpan.FromMinutes(35 * noise.Factor("weekly", step, 0.2));
        // One in the middle of the history met a lock.
        var failed = at > timeline.Now.AddDays(-35) && at <= timeline.Now.AddDays(-28);
        return Run(DbMaintenanceTask.Weekly, at, duration, failed ? "Rebuilding an index was given up." : "Tables were vacuumed and indexes rebuilt.",
            Step("Vacuum", at, duration * 0.6, HealthStatus.Ok, "Tables were vacuumed and analysed."),
            failed
                ? Step("Reindex", at + duration * 0.6, duration * 0.4, HealthStatus.Critical, "A lock was not to be had within five seconds.") with
                {
                    State = StepState.Failed,
                    Error = MaintenanceErrorCode.LockTimeout,
                    Recommendation = "Look for who held it, and run the task again.",
                }
                : Step("Reindex", at + duration * 0.6, duration * 0.4, HealthStatus.Ok, "Bloated indexes were rebuilt."));
    }

    private MaintenanceRun Verification(DateTimeOffset at)
    {
        var duration = TimeSpan.FromMinutes(4 * noise.Factor("verification", at.ToUnixTimeSeconds(), 0.2));
        return Run("BackupVerification", at, duration, "The newest backup was restored and answered.", Step("Restore", at, duration, HealthStatus.Ok, "Every table was read."));
    }

    private MaintenanceRun Run(string task, DateTimeOffset at, TimeSpan duration, string message, params MaintenanceStep[] steps) => new()
    {
        Id = noise.Id(task, at),
        Task = task,
        Target = target,
        Status = steps.Max(step => step.Status),
        Message = Mark + message,
        StartedAt = at,
        Duration = duration,
        Machine = Machine,
        ModuleVersion = moduleVersion,
        Steps = steps,
    };

    private static MaintenanceStep Step(string name, DateTimeOffset at, TimeSpan duration, HealthStatus status, string message) => new()
    {
        Name = name,
        State = StepState.Done,
        Status = status,
        Message = Mark + message,
        StartedAt = at,
        Duration = duration,
    };
}
