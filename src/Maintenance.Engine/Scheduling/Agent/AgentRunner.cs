using System.Collections.Concurrent;
using Maintenance.Engine.History;
using Maintenance.Engine.Inspect;
using Maintenance.Engine.Notify;
using Maintenance.Engine.Tasks;

namespace Maintenance.Engine.Scheduling.Agent;

/// <summary>Runs what fires on this agent, and keeps count. A run never throws: what goes wrong is told and counted.</summary>
internal sealed class AgentRunner(
    AgentOptions options, TaskService tasks, HistoryService history, NotificationService notifications, Func<MaintenanceTarget, ValueTask> release, Func<MaintenanceRun, Task> onRun,
    AgentState state, AgentLog log, CallContext call, TimeProvider time, CancellationToken aborting)
{
    private readonly Dictionary<string, MaintenanceTarget> _targets = options.Targets.ToDictionary(target => target.Name, StringComparer.Ordinal);
    private readonly HashSet<string> _changing = new(tasks.ChangingTasks, StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, int> _busy = new(StringComparer.Ordinal);

    /// <summary>Runs a task whose time has come.</summary>
    public async ValueTask RunAsync(string targetName, string task, DateTimeOffset scheduled, CancellationToken cancellationToken)
    {
        if (!_targets.TryGetValue(targetName, out var target))
        {
            Tell(AgentEventKind.Failed, targetName, task, $"This agent does not know the target '{targetName}': all agents of a cluster need the same configuration.");
            return;
        }

        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, aborting);
        var startedAt = time.GetUtcNow();
        using var running = state.Begin(targetName, task, scheduled, startedAt);
        log.Write("begin", targetName, task, [("scheduledAt", scheduled), ("lateSeconds", (startedAt - scheduled).TotalSeconds)]);
        _busy.AddOrUpdate(targetName, 1, (_, count) => count + 1);
        try
        {
            var timeout = TaskPlan.Of(target.Schedule).FirstOrDefault(plan => plan.Task.Equals(task, StringComparison.OrdinalIgnoreCase))?.Settings.Timeout;
            var run = await tasks.RunAsync(target, task, new TaskRequest(), call with { Timeout = timeout }, ending.Token);
            state.Ended(run);
            log.Write("end", targetName, task, [("status", run.Status), ("seconds", run.Duration.TotalSeconds), ("runId", run.Id), ("message", run.Message)]);
            await onRun(run);
        }
        catch (MaintenanceException problem) when (problem.Code is MaintenanceErrorCode.AlreadyRunning or MaintenanceErrorCode.OutsideWindow)
        {
            Tell(AgentEventKind.Refused, targetName, task, problem.Message);
        }
        catch (MaintenanceException problem)
        {
            Tell(AgentEventKind.Failed, targetName, task, problem.Message);
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            Tell(AgentEventKind.Cancelled, targetName, task, "The agent was asked to end, and the run did not end in time.");
        }
        finally
        {
            // Hundreds of targets must not keep hundreds of idle connections open until their next run.
            if (_busy.AddOrUpdate(targetName, 0, (_, count) => count - 1) == 0)
            {
                await release(target);
            }
        }
    }

    /// <summary>Takes over a run whose agent died.</summary>
    public async ValueTask RecoverAsync(string targetName, string task, DateTimeOffset fired, CancellationToken cancellationToken)
    {
        var again = options.OnLost == LostRunPolicy.RunAgain || (options.OnLost == LostRunPolicy.RunAgainIfHarmless && !_changing.Contains(task));
        Tell(AgentEventKind.Lost, targetName, task, $"The agent that ran it is gone.{(again ? " It runs again." : " It runs when its time comes next.")}");
        if (_targets.TryGetValue(targetName, out var target))
        {
            await ReportAsync(target, task, again, cancellationToken);
            if (again)
            {
                await RunAsync(targetName, task, fired, cancellationToken);
            }
        }
    }

    // A run that nobody has seen the end of is on record, and people are told where it may have left something behind.
    private async Task ReportAsync(MaintenanceTarget target, string task, bool again, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var message = Say.Text($"{task}: the agent that ran it is gone, and what it came to is not known.{(again ? " It runs again." : "")}");
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
            await notifications.SendAsync(target, new NotificationMessage { Severity = HealthStatus.Warning, Title = $"A run of {task} on '{target.Name}' was lost", Text = $"{message}\n{run.Steps[0].Recommendation}", Source = task }, quiet, cancellationToken);
        }

        await onRun(run);
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
