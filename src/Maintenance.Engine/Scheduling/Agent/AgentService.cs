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

    /// <summary>How long to wait for another agent that brings the schedule in line.</summary>
    private static readonly TimeSpan SchedulePatience = TimeSpan.FromMinutes(1);

    private const double MostTimeScale = 1_000_000;

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

    /// <summary>How patient its agents are.</summary>
    internal AgentTuning Tuning { get; set; } = new();

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
        var runner = new AgentRunner(options, _tasks(), _history, _notifications, _release, onRun, state, log, call, Tuning, _time, aborting.Token);
        var connectionString = options.JobStore is { } store ? await PrepareAsync(store, call, cancellationToken) : null;
        var scheduler = await BuildAsync(options, connectionString, instance, runner, state, log, call, cancellationToken);
        var schedule = new AgentSchedule(scheduler, options, _tasks().ChangingTasks, log, call.Sink, _time);
        using var watching = new CancellationTokenSource();
        var watch = Task.CompletedTask;
        try
        {
            await using var endpoint = options.Port is { } port ? AgentEndpoint.Start(port, state, token => _page.WriteAsync(options, instance, state, scheduler, call, token), _time) : null;
            try
            {
                await ScheduleAsync(schedule, options, call, cancellationToken);
                await scheduler.Start(cancellationToken);
                watch = new AgentWatch(scheduler, schedule, token => ReleaseAsync(options, call, token), state, log, call.Sink, Tuning.CheckIn, _time).RunAsync(watching.Token);
                log.Write("start", null, null, [("targets", options.Targets.Count), ("cluster", options.JobStore is null ? null : options.Cluster), ("port", endpoint?.Port), ("timeScale", options.TimeScale)]);
                await onStarted(new AgentInfo(instance, options.JobStore is null ? null : options.Cluster, endpoint is null ? null : new Uri(FormattableString.Invariant($"http://127.0.0.1:{endpoint.Port}/")), log.PathNow));
                await WaitAsync(options.Duration ?? TimeSpan.MaxValue, cancellationToken);
            }
            finally
            {
                // A scheduler that is going down answers nothing: whoever watches would take that for trouble. The endpoint goes on telling that it drains.
                try
                {
                    await watching.CancelAsync();
                    await watch;
                }
                finally
                {
                    await DrainAsync(scheduler, options, state, log, call, aborting);
                }
            }
        }
        catch (SchedulerException exception)
        {
            throw StoreError(options, exception, cancellationToken);
        }
        finally
        {
            LetGo(connectionString);
            if (options.JobStore is { } shared)
            {
                await _release(shared);
            }
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

        if (options.Targets.GroupBy(target => target.Name, StringComparer.OrdinalIgnoreCase).FirstOrDefault(named => named.Count() > 1) is { } twice)
        {
            throw new MaintenanceException(MaintenanceErrorCode.InvalidArgument, $"Several targets are named '{twice.Key}'.", "Give each a name of its own: Connect-MaintenanceTarget -Name.");
        }

        // Not the other way round: what is no number at all is neither.
        if (!(options.TimeScale is >= 1 and <= MostTimeScale))
        {
            throw new MaintenanceException(MaintenanceErrorCode.InvalidArgument, Say.Text($"The time between runs cannot be divided by {options.TimeScale}."), Say.Text($"-TimeScale is a number from 1 to {MostTimeScale:#,0}: 60 lets an hour of the schedule go by in a minute. Leave it out to run by the schedule."));
        }

        foreach (var (name, duration) in new[] { ("-Duration", options.Duration ?? TimeSpan.Zero), ("-DrainTimeout", options.DrainTimeout) })
        {
            if (duration < TimeSpan.Zero)
            {
                throw new MaintenanceException(MaintenanceErrorCode.InvalidArgument, $"{name} lies before zero.", "Write it as 30s, 15m or 8h.");
            }
        }

        foreach (var target in options.Targets)
        {
            _ = TaskPlan.Of(target.Schedule);
        }
    }

    private async Task<IScheduler> BuildAsync(AgentOptions options, string? connectionString, string instance, AgentRunner runner, AgentState state, AgentLog log, CallContext call, CancellationToken cancellationToken)
    {
        var listener = new SchedulerListener(state, log, call.Sink, options.TimeScale != 1);
        var builder = QuartzSchedulerBuilder.Create(quartz =>
        {
            quartz.Services.AddSingleton<ILoggerFactory>(new SchedulerLog(log, call.Sink));
            quartz.ConfigureScheduler(scheduler =>
            {
                scheduler.InstanceName = options.Cluster;
                scheduler.InstanceId = instance;
                scheduler.IdleWaitTime = Tuning.CheckIn;
                scheduler.ShutdownJobInterruption = ShutdownJobInterruption.Never;
            });
            quartz.UseTimeProvider(_time);
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
                        cluster.CheckinInterval = Tuning.CheckIn;
                        cluster.CheckinMisfireThreshold = Tuning.CheckIn;
                    });
                    persistent.ConfigureStore(ado =>
                    {
                        // Each trigger has a threshold of its own. By this the store gives back what an agent has taken and forgotten, twice as long after.
                        ado.MisfireThreshold = TimeSpan.FromMinutes(1);
                        // Else it would look for what came too late as seldom as that: what runs every minute, and was late once, would wait for a quarter of an hour.
                        ado.MisfireHandlerFrequency = Tuning.CheckIn;
                        ado.DbRetryInterval = Tuning.CheckIn;
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
            (await AgentRights.ReadAsync(session, cancellationToken)).Check(store);
            await session.ExecuteAsync("Scheduling/Agent/Sql/Schema.sql", cancellationToken);
        }

        return new NpgsqlConnectionStringBuilder(await ConnectionStrings.BuildAsync(store.Database!, call.Secrets, cancellationToken))
        {
            SearchPath = Schema,
            ApplicationName = "Maintenance agent",
            MaxPoolSize = 10,
        }.ConnectionString;
    }

    // One agent of a cluster at a time: what two of them find in the store at once, both would replace.
    private async Task ScheduleAsync(AgentSchedule schedule, AgentOptions options, CallContext call, CancellationToken cancellationToken)
    {
        if (options.JobStore is not { } store)
        {
            await schedule.ApplyAsync(cancellationToken);
            return;
        }

        var began = _time.GetTimestamp();
        while (true)
        {
            try
            {
                await using var guard = await AdvisoryLock.AcquireAsync(_connector, store, $"Agent schedule {options.Cluster}", call, cancellationToken);
                await schedule.ApplyAsync(cancellationToken);
                return;
            }
            catch (MaintenanceException problem) when (problem.Code == MaintenanceErrorCode.AlreadyRunning && _time.GetElapsedTime(began) < SchedulePatience)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(200), _time, cancellationToken);
            }
        }
    }

    private async Task<int> ReleaseAsync(AgentOptions options, CallContext call, CancellationToken cancellationToken)
    {
        if (options.JobStore is not { } store)
        {
            return 0;
        }

        await using var session = await _connector.OpenAsync(store, new SessionOptions("Agent", TimeSpan.FromSeconds(5)), call, cancellationToken);
        return await session.ExecuteAsync("Scheduling/Agent/Sql/ReleaseOrphans.sql", cancellationToken, options.Cluster, (_time.GetUtcNow() - 4 * Tuning.CheckIn).UtcTicks);
    }

    private async Task WaitAsync(TimeSpan duration, CancellationToken cancellationToken)
    {
        try
        {
            await LongDelay.WaitAsync(duration, _time, cancellationToken);
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
        using var over = new CancellationTokenSource();
        var patience = LongDelay.WaitAsync(options.DrainTimeout, _time, over.Token);
        var first = await Task.WhenAny(down, patience);
        await over.CancelAsync();
        if (first != down)
        {
            call.Sink.Warning($"{Say.Count(state.Running.Count, "run was", "runs were")} not over after {Say.Duration(options.DrainTimeout)}, and {(state.Running.Count == 1 ? "is" : "are")} cancelled.");
            await aborting.CancelAsync();
            await Task.WhenAny(down, Task.Delay(Tuning.CancelPatience, _time));
        }

        log.Write("stop", null, null, [("running", state.Running.Count)]);
    }

    // The driver keeps connections for whoever comes next; nobody does.
    private static void LetGo(string? connectionString)
    {
        if (connectionString is not null)
        {
            using var connection = new NpgsqlConnection(connectionString);
            NpgsqlConnection.ClearPool(connection);
        }
    }

    private static MaintenanceException StoreError(AgentOptions options, SchedulerException exception, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var cause = exception.GetBaseException();
        return options.JobStore is { } store && PostgresErrors.Translate(cause, store, cancellationToken) is MaintenanceException known
            ? known
            : new MaintenanceException(MaintenanceErrorCode.InvalidArgument, $"The agent could not begin: {cause.Message.TrimEnd('.')}.", "Its log tells more.");
    }
}
