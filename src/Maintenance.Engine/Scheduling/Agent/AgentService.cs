using System.Collections.Specialized;
using Maintenance.Engine.Database;
using Maintenance.Engine.History;
using Maintenance.Engine.Inspect;
using Maintenance.Engine.Notify;
using Maintenance.Engine.Resilience;
using Maintenance.Engine.Tasks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Quartz;

namespace Maintenance.Engine.Scheduling.Agent;

/// <summary>Runs the schedules of targets, on one machine or on several that share them.</summary>
public sealed class AgentService
{
    /// <summary>The schema that keeps what agents share.</summary>
    public const string Schema = "maintenance_agent";

    /// <summary>How often an agent of a cluster says that it is there, and how much later than that it counts as gone.</summary>
    private static readonly TimeSpan CheckIn = TimeSpan.FromSeconds(5);

    /// <summary>How long a run that was cancelled may take to let go of what it holds.</summary>
    private static readonly TimeSpan CancelPatience = TimeSpan.FromSeconds(30);

    private readonly DatabaseConnector _connector;
    private readonly Func<TaskService> _tasks;
    private readonly HistoryService _history;
    private readonly NotificationService _notifications;
    private readonly Func<MaintenanceTarget, ValueTask> _release;
    private readonly AgentPage _page;
    private readonly TimeProvider _time;

    internal AgentService(
        DatabaseConnector connector, Func<TaskService> tasks, HistoryService history, NotificationService notifications, AgentPage page, Func<MaintenanceTarget, ValueTask> release, TimeProvider time)
    {
        _connector = connector;
        _tasks = tasks;
        _history = history;
        _notifications = notifications;
        _page = page;
        _release = release;
        _time = time;
    }

    /// <summary>Runs an agent until it is asked to end, its time is over, or it cannot begin.</summary>
    /// <param name="options">How.</param>
    /// <param name="onStarted">Called once it takes work, with what is to be known of it.</param>
    /// <param name="onRun">Called for each run of this agent.</param>
    /// <param name="call">What the call brings along.</param>
    /// <param name="cancellationToken">Asks the agent to end: it takes no more work, lets runs go on for the drain timeout, and cancels those that go on beyond.</param>
    /// <exception cref="MaintenanceException">InvalidArgument; the errors of the job store's database.</exception>
    public async Task RunAsync(AgentOptions options, Func<AgentInfo, Task> onStarted, Func<MaintenanceRun, Task> onRun, CallContext call, CancellationToken cancellationToken)
    {
        Check(options);
        var instance = options.Instance ?? FormattableString.Invariant($"{Environment.MachineName}-{Environment.ProcessId}-{Guid.NewGuid().ToString("N")[..4]}");
        var state = new AgentState(_time);
        using var log = new AgentLog(instance, call.Sink, _time);
        using var aborting = new CancellationTokenSource();
        var runner = new AgentRunner(options, _tasks(), _history, _notifications, _release, onRun, state, log, call, _time, aborting.Token);
        var scheduler = await BuildAsync(options, instance, runner, state, log, call, cancellationToken);
        await using var endpoint = options.Port is { } port ? AgentEndpoint.Start(port, state, token => _page.WriteAsync(options, instance, state, scheduler, call, token), _time) : null;
        try
        {
            await ScheduleAsync(scheduler, options, _tasks().ChangingTasks, cancellationToken);
            await scheduler.Start(cancellationToken);
            log.Write("start", null, null, [("targets", options.Targets.Count), ("cluster", options.JobStore is null ? null : options.Cluster), ("port", endpoint?.Port), ("timeScale", options.TimeScale)]);
            await onStarted(new AgentInfo(instance, options.JobStore is null ? null : options.Cluster, endpoint is null ? null : new Uri(FormattableString.Invariant($"http://127.0.0.1:{endpoint.Port}/")), log.PathNow));
            await WaitAsync(options.Duration ?? Timeout.InfiniteTimeSpan, cancellationToken);
        }
        catch (SchedulerException exception)
        {
            throw StoreError(options, exception, cancellationToken);
        }
        finally
        {
            await DrainAsync(scheduler, options, state, log, call, aborting);
        }
    }

    private static void Check(AgentOptions options)
    {
        if (options.Targets.Count == 0)
        {
            throw new MaintenanceException(MaintenanceErrorCode.InvalidArgument, "An agent needs a target to maintain.", "Connect to one first, or pipe targets into Start-MaintenanceAgent.");
        }

        if (options.Tasks.FirstOrDefault(task => !MaintenanceMatrix.IsTask(task)) is { } unknown)
        {
            throw new MaintenanceException(MaintenanceErrorCode.TaskNotFound, $"There is no task named '{unknown}'.", $"Tasks are: {string.Join(", ", MaintenanceMatrix.Tasks)}.");
        }

        if (options.TimeScale < 1)
        {
            throw new MaintenanceException(MaintenanceErrorCode.InvalidArgument, "The time between runs can be divided by 1 or more.", "Leave -TimeScale out to run by the schedule.");
        }

        foreach (var target in options.Targets)
        {
            _ = TaskPlan.Of(target.Schedule);
        }
    }

    private async Task<IScheduler> BuildAsync(AgentOptions options, string instance, AgentRunner runner, AgentState state, AgentLog log, CallContext call, CancellationToken cancellationToken)
    {
        var connectionString = options.JobStore is { } store ? await PrepareAsync(store, call, cancellationToken) : null;
        var listener = new SchedulerListener(state, log, call.Sink);
        var builder = QuartzSchedulerBuilder.Create(quartz =>
        {
            quartz.Services.AddSingleton<ILoggerFactory>(new SchedulerLog(log, call.Sink));
            quartz.ConfigureScheduler(scheduler =>
            {
                scheduler.InstanceName = options.Cluster;
                scheduler.InstanceId = instance;
                scheduler.IdleWaitTime = TimeSpan.FromSeconds(5);
                scheduler.ShutdownJobInterruption = ShutdownJobInterruption.Never;
            });
            quartz.UseDefaultThreadPool(options.MaximumConcurrency);
            quartz.UseJobFactory(new TaskJobFactory(runner));
            quartz.AddSchedulerListener(listener);
            quartz.AddTriggerListener(listener, []);
            if (connectionString is null)
            {
                quartz.UseInMemoryStore(memory => memory.MisfireThreshold = AgentTriggers.MisfireThreshold);
            }
            else
            {
                quartz.UsePersistentStore(persistent =>
                {
                    persistent.UsePostgres(NpgsqlFactory.Instance, connectionString);
                    persistent.UseSystemTextJsonSerializer(json => json.AddCalendarSerializer(new WindowCalendarSerializer()));
                    persistent.ProvisionSchema();
                    persistent.UseClustering(cluster =>
                    {
                        cluster.CheckinInterval = CheckIn;
                        cluster.CheckinMisfireThreshold = CheckIn;
                    });
                    persistent.ConfigureStore(ado =>
                    {
                        ado.MisfireThreshold = AgentTriggers.MisfireThreshold;
                        ado.DbRetryInterval = CheckIn;
                        ado.StoreJobDataAsStrings = true;
                        ado.CommandTimeout = TimeSpan.FromSeconds(30);
                    });
                });
            }
        });
        try
        {
            return await builder.BuildScheduler(cancellationToken);
        }
        catch (SchedulerException exception)
        {
            throw StoreError(options, exception, cancellationToken);
        }
    }

    // The schema is made here, so that a missing right is told with the statement that gives it.
    private async Task<string> PrepareAsync(MaintenanceTarget store, CallContext call, CancellationToken cancellationToken)
    {
        await using (var session = await _connector.OpenAsync(store, new SessionOptions("Agent"), call, cancellationToken))
        {
            await session.ExecuteAsync("Scheduling/Agent/Sql/Schema.sql", cancellationToken);
        }

        return new NpgsqlConnectionStringBuilder(await ConnectionStrings.BuildAsync(store.Database!, call.Secrets, cancellationToken))
        {
            SearchPath = Schema,
            ApplicationName = "Maintenance agent",
            MaxPoolSize = 10,
        }.ConnectionString;
    }

    /// <summary>Brings what is stored in line with the schedules. What is there already and unchanged stays, with its next time: another agent may be at it.</summary>
    private async Task ScheduleAsync(IScheduler scheduler, AgentOptions options, IReadOnlyList<string> changingTasks, CancellationToken cancellationToken)
    {
        var changing = changingTasks.ToHashSet(StringComparer.OrdinalIgnoreCase);
        var wanted = new Dictionary<TriggerKey, (IJobDetail Job, ITrigger Trigger)>();
        var unwanted = new List<JobKey>();
        foreach (var target in options.Targets)
        {
            var calendar = target.Windows.Count == 0 ? null : $"windows of {target.Name}";
            if (calendar is not null)
            {
                await scheduler.AddCalendar(calendar, new WindowCalendar(target.Windows), AddCalendarOptions.ReplacingAndUpdatingTriggers, cancellationToken);
            }

            foreach (var plan in TaskPlan.Of(target.Schedule))
            {
                if (!plan.Enabled)
                {
                    unwanted.Add(new JobKey(plan.Task, target.Name));
                }
                else if (options.Tasks.Count == 0 || options.Tasks.Contains(plan.Task, StringComparer.OrdinalIgnoreCase))
                {
                    var changes = changing.Contains(plan.Task);
                    var trigger = AgentTriggers.Trigger(target.Name, plan, changes, changes ? calendar : null, options.TimeScale, _time.GetUtcNow());
                    wanted[trigger.Key] = (AgentTriggers.Job(target.Name, plan.Task), trigger);
                }
            }
        }

        var stored = (await scheduler.GetTriggers(wanted.Keys, cancellationToken)).ToDictionary(trigger => trigger.Key);
        var changed = wanted.Where(entry => !(stored.TryGetValue(entry.Key, out var known) && AgentTriggers.IsSame(known, entry.Value.Trigger)))
            .ToDictionary(entry => entry.Value.Job, entry => (IReadOnlyCollection<ITrigger>)[entry.Value.Trigger]);
        if (changed.Count > 0)
        {
            await scheduler.ScheduleJobs(changed, ScheduleJobOptions.Replacing, cancellationToken);
        }

        if (unwanted.Count > 0)
        {
            await scheduler.DeleteJobs(unwanted, cancellationToken);
        }
    }

    private async Task WaitAsync(TimeSpan duration, CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(duration, _time, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // That is how an agent ends.
        }
    }

    private async Task DrainAsync(IScheduler scheduler, AgentOptions options, AgentState state, AgentLog log, CallContext call, CancellationTokenSource aborting)
    {
        state.IsDraining = true;
        var left = state.Running.Count;
        log.Write("drain", null, null, [("running", left)]);
        if (left > 0)
        {
            call.Sink.Verbose($"The agent takes no more work, and waits for {Say.Count(left, "run", "runs")} at most {Say.Duration(options.DrainTimeout)}.");
        }

        var down = scheduler.Shutdown(waitForJobsToComplete: true).AsTask();
        if (await Task.WhenAny(down, Task.Delay(options.DrainTimeout, _time)) != down)
        {
            call.Sink.Warning($"{Say.Count(state.Running.Count, "run was", "runs were")} not over after {Say.Duration(options.DrainTimeout)}, and {(state.Running.Count == 1 ? "is" : "are")} cancelled.");
            await aborting.CancelAsync();
            await Task.WhenAny(down, Task.Delay(CancelPatience, _time));
        }

        log.Write("stop", null, null, [("running", state.Running.Count)]);
    }

    private static MaintenanceException StoreError(AgentOptions options, SchedulerException exception, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var cause = exception.GetBaseException();
        return options.JobStore is { } store && PostgresErrors.Translate(cause, store, cancellationToken) is MaintenanceException known
            ? known
            : new MaintenanceException(MaintenanceErrorCode.InvalidArgument, $"The agent could not begin: {cause.Message}", "Its log tells more.");
    }
}
