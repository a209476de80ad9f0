using System.Globalization;
using System.Reflection;
using Maintenance.Engine.Artifacts;
using Maintenance.Engine.Database;
using Maintenance.Engine.Health;
using Maintenance.Engine.History;
using Maintenance.Engine.Maintain;
using Maintenance.Engine.Notify;
using Maintenance.Engine.Resilience;
using Maintenance.Engine.Rotation;
using Maintenance.Engine.Scheduling;

namespace Maintenance.Engine.Tasks;

/// <summary>Runs tasks by name: one at a time per target, under one deadline, with a log and a record of the run.</summary>
public sealed class TaskService
{
    /// <summary>How long taking the lock may take before the run goes on without it.</summary>
    private static readonly TimeSpan LockPatience = TimeSpan.FromSeconds(5);

    internal static readonly string ModuleVersion =
        typeof(TaskService).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    private readonly DatabaseConnector _connector;
    private readonly RunClosing _closing;
    private readonly TimeProvider _time;
    private readonly IReadOnlyList<IMaintenanceTask> _tasks;

    internal TaskService(
        DatabaseConnector connector, HealthService health, DbMaintenanceParts maintenance, LogRotationService rotation, IReadOnlyList<IMaintenanceTask> others, HistoryService history, NotificationService notifications, ArtifactService artifacts, TimeProvider time)
    {
        _connector = connector;
        _closing = new RunClosing(history, notifications, artifacts, time);
        _time = time;
        _tasks =
        [
            new DailyTask(health),
            new DbMaintenanceTask(DbMaintenanceTask.Weekly, maintenance, new DbMaintenanceOptions()),
            new DbMaintenanceTask(DbMaintenanceTask.DatabaseOptimization, maintenance, new DbMaintenanceOptions { Steps = [DbMaintenanceStep.Retention, DbMaintenanceStep.Vacuum, DbMaintenanceStep.Analyze] }),
            new DbMaintenanceTask(DbMaintenanceTask.IndexOptimization, maintenance, new DbMaintenanceOptions { Steps = [DbMaintenanceStep.Reindex, DbMaintenanceStep.IndexReport] }),
            new LogRotationTask(rotation),
            .. others,
            new CompositeTask("Monthly", "Measures the baseline, then audits security.", TimeSpan.FromHours(10), MaintenanceMatrix.Find("Monthly")!.Members, RunMemberAsync),
            new CompositeTask("Quarterly", "Verifies the backups, then rehearses a recovery.", TimeSpan.FromHours(9), MaintenanceMatrix.Find("Quarterly")!.Members, RunMemberAsync),
        ];
    }

    /// <summary>The tasks there are.</summary>
    public IReadOnlyList<MaintenanceTaskInfo> List() => [.. _tasks.Select(task => new MaintenanceTaskInfo(task.Name, task.Description))];

    /// <summary>The tasks that change the system, by every name that their runs may have.</summary>
    internal IReadOnlyList<string> ChangingTasks => [.. _tasks.Where(task => task.ChangesSystem).Select(task => task.Name), DbMaintenanceTask.Alone];

    /// <summary>The folders of the artefact store that tasks publish their logs in.</summary>
    internal IEnumerable<string> LogFolders => _tasks.Select(task => task.LogFolder);

    /// <summary>What a task would do for a target, without asking any server.</summary>
    /// <param name="target">The target.</param>
    /// <param name="taskName">Name of the task.</param>
    /// <param name="request">How it is to be run. A run that would stop for approval, or be refused for a window, plans that.</param>
    /// <exception cref="MaintenanceException">TaskNotFound.</exception>
    public IReadOnlyList<PlannedStep> Plan(MaintenanceTarget target, string taskName, TaskRequest request)
    {
        var task = Find(taskName);
        var now = _time.GetUtcNow();
        var approval = ApprovalCheck.Of(target.Schedule, task.Name, request.Approval, now);
        if (!approval.StopsBefore && !request.Force && Closed(target, task, now) is { } closed)
        {
            return [new PlannedStep("Window", $"Nothing: it would be refused. {closed.Message} {closed.Recommendation}")];
        }

        if (approval.StopsBefore)
        {
            return
            [
                new PlannedStep(ApprovalCheck.StepName, $"{ApprovalCheck.NotApproved}, so only say what it would do ({string.Join(", ", task.Plan(target).Select(step => step.Name))}), and end with a warning. -Approve -WhatIf shows the steps of an approved run"),
                .. Ends(target, task, "Tell on Default that it waits for approval, if there is anything to do"),
            ];
        }

        return [.. task.Plan(target), .. Ends(target, task, task.Announcement)];
    }

    /// <summary>Runs a task. What fails inside it is in the result; the run itself ends within its deadline.</summary>
    /// <param name="target">The target.</param>
    /// <param name="taskName">Name of the task.</param>
    /// <param name="request">How. A task that wants approval and has none plans, and stops for it.</param>
    /// <param name="call">Where to tell what happens; its timeout replaces the task's own.</param>
    /// <param name="cancellationToken">Ends the run; it is then recorded as cancelled.</param>
    /// <exception cref="MaintenanceException">TaskNotFound, AlreadyRunning, OutsideWindow.</exception>
    public Task<MaintenanceRun> RunAsync(
        MaintenanceTarget target, string taskName, TaskRequest request, CallContext call, CancellationToken cancellationToken) =>
        RunAsync(target, Find(taskName), request, call, cancellationToken);

    /// <summary>Runs a task that only its caller knows, such as one with answers to questions in it.</summary>
    internal async Task<MaintenanceRun> RunAsync(
        MaintenanceTarget target, IMaintenanceTask task, TaskRequest request, CallContext call, CancellationToken cancellationToken)
    {
        var startedAt = _time.GetUtcNow();
        var approval = ApprovalCheck.Of(target.Schedule, task.Name, request.Approval, startedAt);
        var run = new RunStart(Guid.CreateVersion7(startedAt), startedAt, _time.GetTimestamp());
        // What stops for approval changes nothing, and may look at any time.
        var limit = Limit(target, task, request.Force || approval.StopsBefore, call, startedAt);
        var log = new RunLog(_time);
        var logged = call with { Sink = new LoggingSink(call.Sink, log), RunId = run.Id };
        log.Add(string.Create(CultureInfo.InvariantCulture, $"=== {task.Name.ToUpperInvariant()} MAINTENANCE of {target.Name} - {startedAt:yyyy-MM-dd HH:mm:ss} UTC ==="));

        using var whole = new Deadline(limit, _time, cancellationToken);
        // Telling people, publishing and recording have their share of the time, however slow the checks are.
        using var deadline = new Deadline(limit - TimeSpan.FromSeconds(Math.Min(limit.TotalSeconds / 3, 30)), _time, cancellationToken);
        var context = new TaskContext(target, logged, deadline, _time) { Approval = approval };
        TaskOutcome outcome;
        try
        {
            outcome = approval.StopsBefore ? await TaskPreview.RunAsync(task, context) : approval.Reviewed(task, await RunLockedAsync(task, context, cancellationToken), _time.GetUtcNow());
        }
        catch (Exception exception) when (cancellationToken.IsCancellationRequested && exception is not MaintenanceException)
        {
            // What is cancelled may end with any error: a connection that was closed under it, for one.
            await RecordCancelledAsync(task, context, context.Finished, run, log, call);
            throw exception as OperationCanceledException ?? new OperationCanceledException("The run was cancelled.", exception, cancellationToken);
        }
        finally
        {
            logged.Sink.Progress(new ProgressUpdate($"{task.Name} on {target.Name}", "Done", Completed: true));
        }

        if (cancellationToken.IsCancellationRequested && outcome.Steps.Any(step => step.State == StepState.Failed))
        {
            // Some work makes a step of whatever goes wrong, and has taken the end for a fault of its own.
            await RecordCancelledAsync(task, context, [.. outcome.Steps.Where(step => step.State != StepState.Failed)], run, log, call);
            throw new OperationCanceledException("The run was cancelled.", cancellationToken);
        }

        var finished = NewRun(target, task, run, outcome, Summarise(task, outcome));
        // What runs every few minutes would bury the runs of all others.
        return !outcome.IsNews ? finished : await _closing.CloseAsync(target, finished, outcome.Messages ?? task.MessagesFor(finished), task.LogFolder, outcome.Documents, log, logged, whole);
    }

    // What was approved for the bundle is approved for its members.
    private Task<MaintenanceRun> RunMemberAsync(TaskContext context, string member, CancellationToken cancellationToken) =>
        RunAsync(context.Target, Find(member), new TaskRequest { Approval = context.Approval.Given }, context.Call with { Timeout = null }, cancellationToken);

    /// <summary>The task of a name.</summary>
    /// <exception cref="MaintenanceException">TaskNotFound.</exception>
    internal IMaintenanceTask Find(string name) =>
        _tasks.FirstOrDefault(task => task.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
        ?? throw new MaintenanceException(
            MaintenanceErrorCode.TaskNotFound,
            $"There is no task named '{name}'.",
            $"Tasks are: {string.Join(", ", _tasks.Select(task => task.Name))}.");

    /// <summary>How long a run of a task may take unless the caller says otherwise; null for a name that is no task's.</summary>
    internal TimeSpan? LimitOf(string name) => _tasks.FirstOrDefault(task => task.Name.Equals(name, StringComparison.OrdinalIgnoreCase))?.DefaultTimeout;

    // What every run does after its work.
    private static IReadOnlyList<PlannedStep> Ends(MaintenanceTarget target, IMaintenanceTask task, string announcement) =>
    [
        new PlannedStep(
            RunClosing.NotifyStep,
            target.Channels.Count == 0 ? "Nothing: no channel is configured" : announcement),
        new PlannedStep(
            RunClosing.PublishStep,
            target.ArtifactStore is { } store ? $"Publish the log to {store}{(task.AnnouncesTroubleAlone ? ", if there is anything to tell" : "")}" : "Nothing: no artefact store is configured"),
        new PlannedStep(
            "Record",
            target.History.Kind == HistoryKind.None ? "Write a log file; no history is kept" : $"Write a log file, and the run into the {target.History.Kind} history"),
    ];

    // A window that closes ends the run, however much time the task would have.
    private static TimeSpan Limit(MaintenanceTarget target, IMaintenanceTask task, bool force, CallContext call, DateTimeOffset now)
    {
        var limit = call.Timeout ?? task.DefaultTimeout;
        if (!task.ChangesSystem || force)
        {
            return limit;
        }

        if (Closed(target, task, now) is { } closed)
        {
            throw closed;
        }

        return MaintenanceWindows.At(target.Windows, now).ClosesAt - now is { } left && left < limit ? left : limit;
    }

    /// <summary>Why a task that changes the system may not run now; null if it may.</summary>
    private static MaintenanceException? Closed(MaintenanceTarget target, IMaintenanceTask task, DateTimeOffset now) => !task.ChangesSystem || MaintenanceWindows.At(target.Windows, now).IsOpen
        ? null
        : new MaintenanceException(
            MaintenanceErrorCode.OutsideWindow,
            $"{task.Name} changes the system, and no maintenance window of '{target.Name}' is open.",
            $"{MaintenanceWindows.Describe(target.Windows, now)} -Force runs it now.");

    private async Task<TaskOutcome> RunLockedAsync(IMaintenanceTask task, TaskContext context, CancellationToken cancellationToken)
    {
        var (target, call, deadline, _) = context;
        var startedAt = _time.GetUtcNow();
        AdvisoryLock? guard = null;
        try
        {
            guard = task.ChangesSystem
                ? await deadline.RunAsync("Taking the lock", token => AdvisoryLock.AcquireAsync(_connector, target, task.LockName!, call, token, task.Name))
                : await TryLockAsync(target, task, call, deadline, cancellationToken);
        }
        catch (MaintenanceException exception) when (task.ChangesSystem && exception.Code is not (MaintenanceErrorCode.AlreadyRunning or MaintenanceErrorCode.NotConfigured))
        {
            // At night nobody reads an error on a screen: it becomes a run that people are told of.
            return new TaskOutcome([Unlocked(exception, startedAt, _time.GetUtcNow() - startedAt)], [], []);
        }

        await using (guard)
        {
            call.Sink.Progress(new ProgressUpdate($"{task.Name} on {target.Name}", task.Checks ? "Running checks" : "Running"));
            return guard is null || !task.ChangesSystem
                ? await task.RunAsync(context, cancellationToken)
                : await RunGuardedAsync(task, context, guard, cancellationToken);
        }
    }

    // A task that changes the system ends when its lock does: somebody else may be at it by then.
    private async Task<TaskOutcome> RunGuardedAsync(IMaintenanceTask task, TaskContext context, AdvisoryLock guard, CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, guard.Lost);
        using var deadline = new Deadline(context.Deadline.Remaining, _time, ending.Token);
        try
        {
            return await task.RunAsync(context.Under(deadline), ending.Token);
        }
        catch (OperationCanceledException) when (guard.Lost.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            var problem = guard.LostError();
            return new TaskOutcome([.. context.Finished, Unlocked(problem, _time.GetUtcNow(), TimeSpan.Zero)], [], []);
        }
    }

    private static MaintenanceStep Unlocked(MaintenanceException problem, DateTimeOffset startedAt, TimeSpan duration) => new()
    {
        Name = "Lock",
        State = StepState.Failed,
        Status = HealthStatus.Unknown,
        Message = problem.Message,
        Error = problem.Code,
        Recommendation = problem.Recommendation,
        StartedAt = startedAt,
        Duration = duration,
    };

    /// <summary>
    /// Takes the lock that keeps a second run of a checking task away. A database that cannot be reached or cannot hold a lock
    /// does not keep the rest of it from running: the check of the database will say what is wrong.
    /// </summary>
    private async Task<AdvisoryLock?> TryLockAsync(
        MaintenanceTarget target, IMaintenanceTask task, CallContext call, Deadline deadline, CancellationToken cancellationToken)
    {
        if (target.Database is null || task.LockName is null)
        {
            return null;
        }

        // A database that does not answer must leave the other checks their time.
        var patience = deadline.Remaining / 3 is { } third && third < LockPatience ? third : LockPatience;
        using var expiry = new CancellationTokenSource(patience, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, expiry.Token);
        try
        {
            return await AdvisoryLock.AcquireAsync(_connector, target, task.LockName, call, either.Token);
        }
        catch (MaintenanceException exception) when (exception.Code != MaintenanceErrorCode.AlreadyRunning)
        {
            call.Sink.Verbose($"Running without a lock against a second run: {exception.Message}");
            return null;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            call.Sink.Verbose("Running without a lock against a second run: the database did not answer in time.");
            return null;
        }
    }

    // What was finished before keeps its own verdict: it was done.
    private async Task RecordCancelledAsync(IMaintenanceTask task, TaskContext context, IReadOnlyList<MaintenanceStep> done, RunStart start, RunLog log, CallContext call)
    {
        const string message = "Cancelled before it was finished.";
        var duration = _time.GetElapsedTime(start.Timestamp);
        var unfinished = task.Plan(context.Target).Where(step => done.All(finished => finished.Name != step.Name)).Select(step => new MaintenanceStep
        {
            Name = step.Name,
            State = StepState.Cancelled,
            Status = HealthStatus.Unknown,
            Message = message,
            StartedAt = start.At,
            Duration = duration,
        });
        var run = NewRun(context.Target, task, start, new TaskOutcome([.. done, .. unfinished], [], []), message);

        // The user waits for the prompt: this must be short, and must not fail.
        using var patience = new Deadline(TimeSpan.FromSeconds(2), _time, CancellationToken.None);
        await _closing.RecordAsync(context.Target, run, log, call, patience);
    }

    private MaintenanceRun NewRun(
        MaintenanceTarget target, IMaintenanceTask task, RunStart start, TaskOutcome outcome, string message) => new()
        {
            Id = start.Id,
            Task = task.Name,
            Target = target.Name,
            Status = outcome.Steps.Select(step => step.Status).DefaultIfEmpty(HealthStatus.Unknown).Max(),
            Steps = outcome.Steps,
            Metrics = outcome.Metrics,
            Findings = outcome.Findings,
            Actions = outcome.Actions,
            StartedAt = start.At,
            Duration = _time.GetElapsedTime(start.Timestamp),
            Machine = Environment.MachineName,
            ModuleVersion = ModuleVersion,
            Message = message,
        };

    private static List<MaintenanceStep> Worst(IEnumerable<MaintenanceStep> steps) =>
        [.. steps.Where(step => step.Status != HealthStatus.Ok).OrderByDescending(step => step.Status)];

    /// <summary>One true sentence: "Every check passed" only if every check ran and passed.</summary>
    private static string Summarise(IMaintenanceTask task, TaskOutcome outcome)
    {
        var steps = outcome.Steps;
        // It repeats the parts; it counts only where no part explains it.
        var checks = steps.Where(step => step.Name != task.OverallStep).ToList();
        var worst = Worst(checks) is { Count: > 0 } found ? found : Worst(steps);
        if (worst.Count == 0)
        {
            return outcome.Summary is { } summary ? $"{task.Name}: {summary}" : task.Checks ? $"{task.Name}: every check passed." : $"{task.Name}: every step was done.";
        }

        var counts = worst.GroupBy(step => step.Status).Select(group => $"{group.Count()} {group.Key.ToString().ToLowerInvariant()}");
        return $"{task.Name}: {string.Join(", ", counts)} of {checks.Count} {(task.Checks ? "checks" : "steps")}. {worst[0].Name}: {worst[0].Message}";
    }

    /// <summary>What is known of a run when it begins.</summary>
    private sealed record RunStart(Guid Id, DateTimeOffset At, long Timestamp);
}
