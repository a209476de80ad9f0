using Maintenance.Engine.History;
using Maintenance.Engine.Inspect;
using Maintenance.Engine.Notify;
using Maintenance.Engine.Resilience;
using Maintenance.Engine.Tasks;

namespace Maintenance.Engine.Scheduling.Agent;

/// <summary>Runs what fires on this agent, and keeps count. A run never throws: what goes wrong is told and counted.</summary>
internal sealed class AgentRunner(
    AgentOptions options, TaskService tasks, HistoryService history, NotificationService notifications, Func<MaintenanceTarget, ValueTask> release, Func<MaintenanceRun, Task> onRun,
    AgentState state, AgentLog log, CallContext call, AgentTuning tuning, TimeProvider time, CancellationToken aborting)
{
    private readonly Dictionary<string, MaintenanceTarget> _targets = options.Targets.ToDictionary(target => target.Name, StringComparer.Ordinal);
    private readonly HashSet<string> _changing = new(tasks.ChangingTasks, StringComparer.OrdinalIgnoreCase);
    private readonly TargetUses _uses = new(release);

    /// <summary>Runs a task whose time has come.</summary>
    public async ValueTask RunAsync(string targetName, string task, DateTimeOffset scheduled, CancellationToken cancellationToken)
    {
        if (!_targets.TryGetValue(targetName, out var target))
        {
            Tell(AgentEventKind.Failed, targetName, task, $"This agent does not know the target '{targetName}': all agents of a cluster need the same configuration.");
            return;
        }

        using var running = state.Begin(targetName, task, scheduled, time.GetUtcNow());
        try
        {
            await RunAsync(target, task, scheduled, cancellationToken);
        }
        catch (Exception exception)
        {
            // Nobody else would tell of it, and the agent goes on with what it can do.
            Tell(AgentEventKind.Failed, targetName, task, $"An unexpected error of type {exception.GetType().Name} ended it: {exception.Message}");
        }
    }

    private async Task RunAsync(MaintenanceTarget target, string task, DateTimeOffset scheduled, CancellationToken cancellationToken)
    {
        log.Write("begin", target.Name, task, [("scheduledAt", scheduled), ("lateSeconds", (time.GetUtcNow() - scheduled).TotalSeconds)]);
        var work = tuning.Task(task) ?? tasks.Find(task);
        var timeout = TaskPlan.Of(target.Schedule).FirstOrDefault(plan => plan.Task.Equals(task, StringComparison.OrdinalIgnoreCase))?.Settings.Timeout;
        using var overdue = new CancellationTokenSource((timeout ?? work.DefaultTimeout) + tuning.OverduePatience, time);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, aborting, overdue.Token);
        await _uses.BeginAsync(target, CancellationToken.None);
        try
        {
            var run = await tasks.RunAsync(target, work, new TaskRequest(), call with { Timeout = timeout }, ending.Token);
            state.Ended(run);
            log.Write("end", target.Name, task, [("status", run.Status), ("seconds", run.Duration.TotalSeconds), ("runId", run.Id), ("message", run.Message)]);
            await HandOverAsync(run);
        }
        catch (MaintenanceException problem) when (problem.Code is MaintenanceErrorCode.AlreadyRunning or MaintenanceErrorCode.OutsideWindow)
        {
            Tell(AgentEventKind.Refused, target.Name, task, problem.Message);
        }
        catch (MaintenanceException problem)
        {
            Tell(AgentEventKind.Failed, target.Name, task, problem.Message);
        }
        catch (OperationCanceledException) when (aborting.IsCancellationRequested)
        {
            Tell(AgentEventKind.Cancelled, target.Name, task, "The agent was asked to end, and the run did not end in time.");
        }
        catch (OperationCanceledException) when (overdue.IsCancellationRequested)
        {
            Tell(AgentEventKind.Failed, target.Name, task, "It did not end at its limit, and was cancelled.");
        }
        finally
        {
            await _uses.EndAsync(target);
        }
    }

    /// <summary>Takes over a run whose agent died.</summary>
    /// <param name="targetName">Name of the target.</param>
    /// <param name="task">Name of the task.</param>
    /// <param name="fired">When it fired on the agent that died.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async ValueTask RecoverAsync(string targetName, string task, DateTimeOffset fired, CancellationToken cancellationToken)
    {
        if (_targets.TryGetValue(targetName, out var known) && await EndOfAsync(known, task, fired, cancellationToken) is { } end)
        {
            // It was over, and on record: its agent only could not say so any more.
            log.Write("recovered", targetName, task, [("message", "Its agent died after the run had ended."), ("runId", end.Id)]);
            return;
        }

        var again = options.OnLost == LostRunPolicy.RunAgain || (options.OnLost == LostRunPolicy.RunAgainIfHarmless && !_changing.Contains(task));
        Tell(AgentEventKind.Lost, targetName, task, $"The agent that ran it is gone.{(again ? " It runs again." : " It runs when its time comes next.")}");
        if (_targets.TryGetValue(targetName, out var target))
        {
            await ReportAsync(target, task, fired, again, cancellationToken);
            if (again)
            {
                await RunAsync(targetName, task, fired, cancellationToken);
            }
        }
    }

    // A run that nobody has seen the end of is on record, and people are told where it may have left something behind.
    private async Task ReportAsync(MaintenanceTarget target, string task, DateTimeOffset fired, bool again, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var message = Say.Text($"{task}: the agent that began it at {fired.UtcDateTime:HH:mm:ss} UTC is gone, and what it came to is not known.{(again ? " It runs again." : "")}");
        var run = new MaintenanceRun
        {
            Id = Guid.CreateVersion7(now),
            Task = task,
            Target = target.Name,
            Status = HealthStatus.Unknown,
            Steps =
            [
                new MaintenanceStep
                {
                    Name = "Agent",
                    State = StepState.Failed,
                    Status = HealthStatus.Unknown,
                    Message = message,
                    Recommendation = again ? null : $"See what is left to do: Invoke-MaintenanceTask {task} -WhatIf.",
                    StartedAt = now,
                },
            ],
            StartedAt = now,
            Machine = Environment.MachineName,
            ModuleVersion = TaskService.ModuleVersion,
            Message = message,
        };
        var quiet = call with { Timeout = TimeSpan.FromSeconds(30) };
        if (target.History.Kind != HistoryKind.None)
        {
            try
            {
                await history.RecordAsync(target, run, quiet, cancellationToken);
            }
            catch (MaintenanceException problem)
            {
                call.Sink.Warning($"A lost run of {task} on '{target.Name}' could not be recorded. {problem.Message}");
            }
        }

        if (!again && target.Channels.Count > 0)
        {
            try
            {
                await notifications.SendAsync(target, new NotificationMessage { Severity = HealthStatus.Warning, Title = $"A run of {task} on '{target.Name}' was lost", Text = $"{message}\n{run.Steps[0].Recommendation}", Source = task }, quiet, cancellationToken);
            }
            catch (MaintenanceException problem)
            {
                call.Sink.Warning($"Nobody could be told of a lost run of {task} on '{target.Name}'. {problem.Message}");
            }
        }

        await HandOverAsync(run);
    }

    // Whoever started the agent may listen no more (Ctrl+C, Select-Object -First): that is no fault of the run, which is over and on record.
    private async Task HandOverAsync(MaintenanceRun run)
    {
        try
        {
            await onRun(run);
        }
        catch (Exception exception)
        {
            log.Write("unheard", run.Target, run.Task, [("runId", run.Id), ("message", $"Nobody takes the result any more: {exception.Message}")]);
            if (run.Status != HealthStatus.Ok)
            {
                call.Sink.Warning($"{run.Task} on '{run.Target}' ended as {run.Status} when nobody took its result any more. {run.Message}");
            }
        }
    }

    /// <summary>The record of a run that has ended since a time; null for none, or where nobody can know.</summary>
    private async Task<MaintenanceRun?> EndOfAsync(MaintenanceTarget target, string task, DateTimeOffset since, CancellationToken cancellationToken)
    {
        var quiet = call with { Timeout = TimeSpan.FromSeconds(10) };
        try
        {
            if (history.StoreOf(target, quiet) is { } store)
            {
                using var deadline = new Deadline(quiet.Timeout, time, cancellationToken);
                return await deadline.RunAsync("Reading whether it ended", async token =>
                    await store.ReadAsync(new HistoryQuery { Targets = [target.Name], Tasks = [task], Since = since, First = 1 }, token).FirstOrDefaultAsync(token));
            }
        }
        catch (MaintenanceException problem)
        {
            call.Sink.Verbose($"Whether the lost run of {task} on '{target.Name}' ended is not known: {problem.Message}");
        }

        return null;
    }

    private void Tell(AgentEventKind kind, string target, string task, string message)
    {
        state.Count(kind, task);
        log.Write(kind.ToString().ToLowerInvariant(), target, task, [("message", message)]);
        if (kind is AgentEventKind.Failed or AgentEventKind.Lost)
        {
            call.Sink.Warning($"{task} on '{target}': {message}");
        }
        else
        {
            call.Sink.Verbose($"{task} on '{target}': {message}");
        }
    }
}
