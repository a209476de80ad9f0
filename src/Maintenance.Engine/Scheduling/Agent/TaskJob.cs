using System.Globalization;
using Quartz;
using Quartz.Extensibility;

namespace Maintenance.Engine.Scheduling.Agent;

/// <summary>What the scheduler fires: one task on one target.</summary>
/// <param name="runner">Runs it.</param>
internal sealed class TaskJob(AgentRunner runner) : IJob
{
    /// <inheritdoc/>
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        var data = context.MergedJobDataMap;
        var (target, task) = (data.GetString(AgentTriggers.TargetKey)!, data.GetString(AgentTriggers.TaskKey)!);
        await (context.Recovering
            ? runner.RecoverAsync(target, task, Fired(data) ?? context.FireTimeUtc, cancellationToken)
            : runner.RunAsync(target, task, context.ScheduledFireTimeUtc ?? context.FireTimeUtc, cancellationToken));
    }

    // A recovery is a firing of its own; when the lost one was it carries along, as text.
    private static DateTimeOffset? Fired(JobDataMap data) =>
        data.TryGetValue(SchedulerConstants.FailedJobOriginalTriggerFireTime, out var text) && DateTimeOffset.TryParse(text?.ToString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;
}

/// <summary>Hands the job what it runs with.</summary>
/// <param name="runner">Runs tasks.</param>
internal sealed class TaskJobFactory(AgentRunner runner) : IJobFactory
{
    /// <inheritdoc/>
    public ValueTask<JobScope> CreateJob(TriggerFiredBundle bundle, IScheduler scheduler, CancellationToken cancellationToken = default) => new(new JobScope(new TaskJob(runner), null));

    /// <inheritdoc/>
    public ValueTask ReturnJob(JobScope scope, CancellationToken cancellationToken = default) => default;
}
