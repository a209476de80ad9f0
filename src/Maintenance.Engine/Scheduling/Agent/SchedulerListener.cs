using Quartz;

namespace Maintenance.Engine.Scheduling.Agent;

/// <summary>Notes what the scheduler cannot do, and what it has missed.</summary>
internal sealed class SchedulerListener(AgentState state, AgentLog log, IMaintenanceSink sink) : ISchedulerListener, ITriggerListener
{
    /// <inheritdoc cref="ISchedulerListener.Name"/>
    public string Name => "Maintenance";

    /// <inheritdoc/>
    public ValueTask SchedulerError(IScheduler scheduler, SchedulerErrorContext errorContext, CancellationToken cancellationToken = default)
    {
        state.Trouble = "The job store cannot be reached, or refuses what is asked of it.";
        log.Write("trouble", null, null, [("message", errorContext.ToString())]);
        sink.Warning("The agent's scheduler is in trouble; it tries again. Its log tells more.");
        return default;
    }

    /// <inheritdoc/>
    public ValueTask TriggerMisfired(ITrigger trigger, IScheduler scheduler, CancellationToken cancellationToken = default)
    {
        state.Count(AgentEventKind.Missed, trigger.Key.Name);
        log.Write("missed", trigger.Key.Group, trigger.Key.Name, []);
        sink.Warning($"{trigger.Key.Name} on '{trigger.Key.Group}' did not run at its time: no agent was there, or all were busy.");
        return default;
    }

    /// <inheritdoc/>
    public ValueTask TriggerFired(ITrigger trigger, IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        state.Trouble = null;
        return default;
    }
}
