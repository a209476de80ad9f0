using Maintenance.Engine.Inspect;
using Quartz;

namespace Maintenance.Engine.Scheduling.Agent;

/// <summary>
/// Looks every few seconds whether the agent can work: whether its job store answers, for its health; and whether the clock was set back, after which the next times of everything
/// would be too late.
/// </summary>
/// <param name="scheduler">The scheduler.</param>
/// <param name="schedule">What is scheduled.</param>
/// <param name="release">Gives back what the job store has kept for nobody, and tells how much that was.</param>
/// <param name="state">The agent's state.</param>
/// <param name="log">Its log.</param>
/// <param name="sink">Whom to tell.</param>
/// <param name="interval">How often.</param>
/// <param name="time">The clock.</param>
internal sealed class AgentWatch(IScheduler scheduler, AgentSchedule schedule, Func<CancellationToken, Task<int>> release, AgentState state, AgentLog log, IMaintenanceSink sink, TimeSpan interval, TimeProvider time)
{
    /// <summary>How far a clock may be set back without anything being done about it: no more than what runs every minute would miss.</summary>
    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(30);

    /// <summary>Looks until it is told to end.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var (clock, stamp) = (time.GetUtcNow(), time.GetTimestamp());
        try
        {
            while (true)
            {
                await Task.Delay(interval, time, cancellationToken);
                await LookAtStoreAsync(cancellationToken);
                var back = time.GetElapsedTime(stamp) - (time.GetUtcNow() - clock);
                (clock, stamp) = (time.GetUtcNow(), time.GetTimestamp());
                if (back > Tolerance)
                {
                    await SetBackAsync(back, cancellationToken);
                }
            }
        }
        catch (Exception exception) when (cancellationToken.IsCancellationRequested && exception is (SchedulerException or MaintenanceException or OperationCanceledException))
        {
            // The agent ends; what was asked meanwhile says nothing of the store.
        }
    }

    private async Task LookAtStoreAsync(CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(interval < TimeSpan.FromSeconds(2) ? TimeSpan.FromSeconds(2) : interval);
        try
        {
            // Not all of its operations observe the token while a server that took the connection says nothing.
            await scheduler.Exists("none", patience.Token).AsTask().WaitAsync(patience.Token);
            if (await release(patience.Token) is > 0 and var released)
            {
                log.Write("released", null, null, [("triggers", released)]);
            }

            if (state.Trouble is not null)
            {
                state.Trouble = null;
                log.Write("well", null, null, []);
                sink.Verbose("The agent's job store answers again.");
            }
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested && exception is (SchedulerException or MaintenanceException or OperationCanceledException))
        {
            Trouble("The job store cannot be reached.", exception is OperationCanceledException ? "It did not answer in time." : exception.GetBaseException().Message);
        }
    }

    private async Task SetBackAsync(TimeSpan back, CancellationToken cancellationToken)
    {
        log.Write("clock", null, null, [("setBackSeconds", back.TotalSeconds)]);
        sink.Warning($"The clock was set back by {Say.Duration(back)}. Tasks run by the new time from now on.");
        try
        {
            await schedule.AlignAsync(cancellationToken);
        }
        catch (SchedulerException exception)
        {
            Trouble("The schedule could not be brought in line with a clock that was set back.", exception.GetBaseException().Message);
        }
    }

    private void Trouble(string what, string why)
    {
        if (state.Trouble is null)
        {
            // The system's own words end without a full stop, others' with one.
            var message = $"{what} {why.TrimEnd('.')}.";
            log.Write("trouble", null, null, [("message", message)]);
            sink.Warning($"{message} The agent tries again; runs in the middle go on.");
        }

        state.Trouble = what;
    }
}
