using Quartz;

namespace Maintenance.Engine.Scheduling.Agent;

/// <summary>Notes what the scheduler cannot do, and what it has missed.</summary>
internal sealed class SchedulerListener(AgentState state, AgentLog log, IMaintenanceSink sink, bool isTrial) : ISchedulerListener, ITriggerListener
{
    /// <inheritdoc cref="ISchedulerListener.Name"/>
    public string Name => "Maintenance";

    /// <inheritdoc/>
    public ValueTask SchedulerError(IScheduler scheduler, SchedulerErrorContext errorContext, CancellationToken cancellationToken = default)
    {
        // Whether it can work at all is looked at every few seconds: see AgentWatch.
        log.Write("scheduler", null, null, [("level", "Error"), ("message", errorContext.ToString())]);
        sink.Verbose($"Scheduler: {errorContext}");
        return default;
    }

    /// <inheritdoc/>
    public ValueTask TriggerMisfired(ITrigger trigger, IScheduler scheduler, CancellationToken cancellationToken = default)
    {
        var message = $"{trigger.Key.Name} on '{trigger.Key.Group}' did not run at its time: no agent was there, or all were busy.";
        if (isTrial)
        {
            // A minute's work that is to be done every second always comes too late: that is the trial's doing, and nothing to worry about.
            sink.Verbose(message);
        }
        else
        {
            log.Write("missed", trigger.Key.Group, trigger.Key.Name, []);
            state.Count(AgentEventKind.Missed, trigger.Key.Name);
            sink.Warning(message);
        }

        return default;
    }
}
