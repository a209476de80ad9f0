using System.Globalization;
using System.Reflection;
using Maintenance.Engine.Database;
using Maintenance.Engine.Health;
using Maintenance.Engine.History;
using Maintenance.Engine.Resilience;

namespace Maintenance.Engine.Tasks;

/// <summary>Runs tasks by name: one at a time per target, under one deadline, with a log and a record of the run.</summary>
public sealed class TaskService
{
    /// <summary>How long recording a run may take after its own deadline is used up.</summary>
    private static readonly TimeSpan RecordTimeout = TimeSpan.FromSeconds(15);

    /// <summary>How long taking the lock may take before the run goes on without it.</summary>
    private static readonly TimeSpan LockPatience = TimeSpan.FromSeconds(5);

    private static readonly string ModuleVersion =
        typeof(TaskService).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    private readonly DatabaseConnector _connector;
    private readonly HistoryService _history;
    private readonly TimeProvider _time;
    private readonly IReadOnlyList<IMaintenanceTask> _tasks;

    internal TaskService(DatabaseConnector connector, HealthService health, HistoryService history, TimeProvider time)
    {
        _connector = connector;
        _history = history;
        _time = time;
        _tasks = [new DailyTask(health)];
    }

    /// <summary>The tasks there are.</summary>
    public IReadOnlyList<MaintenanceTaskInfo> List() => [.. _tasks.Select(task => new MaintenanceTaskInfo(task.Name, task.Description))];

    /// <summary>What a task would do for a target, without asking any server.</summary>
    /// <param name="target">The target.</param>
    /// <param name="taskName">Name of the task.</param>
    /// <exception cref="MaintenanceException">TaskNotFound.</exception>
    public IReadOnlyList<PlannedStep> Plan(MaintenanceTarget target, string taskName) =>
    [
        .. Find(taskName).Plan(target),
        new PlannedStep(
            "Record",
            target.History.Kind == HistoryKind.None ? "Write a log file; no history is kept" : $"Write a log file, and the run into the {target.History.Kind} history"),
    ];

    /// <summary>Runs a task. What fails inside it is in the result; the run itself ends within its deadline.</summary>
    /// <param name="target">The target.</param>
    /// <param name="taskName">Name of the task.</param>
    /// <param name="call">Where to tell what happens; its timeout replaces the task's own.</param>
    /// <param name="cancellationToken">Ends the run; it is then recorded as cancelled.</param>
    /// <exception cref="MaintenanceException">TaskNotFound, AlreadyRunning.</exception>
    public async Task<MaintenanceRun> RunAsync(
        MaintenanceTarget target, string taskName, CallContext call, CancellationToken cancellationToken)
    {
        var task = Find(taskName);
        var startedAt = _time.GetUtcNow();
        var started = _time.GetTimestamp();
        var log = new RunLog(_time);
        var logged = call with { Sink = new LoggingSink(call.Sink, log) };
        log.Add(string.Create(CultureInfo.InvariantCulture, $"=== {task.Name.ToUpperInvariant()} MAINTENANCE of {target.Name} - {startedAt:yyyy-MM-dd HH:mm:ss} UTC ==="));

        using var deadline = new Deadline(call.Timeout ?? task.DefaultTimeout, _time, cancellationToken);
        TaskOutcome outcome;
        try
        {
            await using var guard = await TryLockAsync(target, task, logged, deadline, cancellationToken);
            logged.Sink.Progress(new ProgressUpdate($"{task.Name} on {target.Name}", "Running checks"));
            outcome = await task.RunAsync(new TaskContext(target, logged, deadline, _time), cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await RecordCancelledAsync(target, task, startedAt, started, log, call);
            throw;
        }
        finally
        {
            logged.Sink.Progress(new ProgressUpdate($"{task.Name} on {target.Name}", "Done", Completed: true));
        }

        var run = NewRun(target, task, startedAt, _time.GetElapsedTime(started), outcome, Summarise(task, outcome.Steps));
        return await CloseAsync(target, run, log, call);
    }

    private IMaintenanceTask Find(string name) =>
        _tasks.FirstOrDefault(task => task.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
        ?? throw new MaintenanceException(
            MaintenanceErrorCode.TaskNotFound,
            $"There is no task named '{name}'.",
            $"Tasks are: {string.Join(", ", _tasks.Select(task => task.Name))}.");

    /// <summary>
    /// Takes the lock that keeps a second run of the task away. A database that cannot be reached or cannot hold a lock
    /// does not keep the rest of a checking task from running: the check of the database will say what is wrong.
    /// </summary>
    private async Task<AdvisoryLock?> TryLockAsync(
        MaintenanceTarget target, IMaintenanceTask task, CallContext call, Deadline deadline, CancellationToken cancellationToken)
    {
        if (target.Database is null)
        {
            return null;
        }

        // A database that does not answer must leave the other checks their time.
        var patience = deadline.Remaining / 3 is { } third && third < LockPatience ? third : LockPatience;
        using var expiry = new CancellationTokenSource(patience, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, expiry.Token);
        try
        {
            return await AdvisoryLock.AcquireAsync(_connector, target, task.Name, call, either.Token);
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

    // The outcome goes into the log before the log is written, and the log's place into the run before the run is recorded.
    private async Task<MaintenanceRun> CloseAsync(MaintenanceTarget target, MaintenanceRun run, RunLog log, CallContext call)
    {
        using var patience = new CancellationTokenSource(RecordTimeout, _time);
        foreach (var step in run.Steps)
        {
            log.Add($"{step.Status.ToString().ToUpperInvariant()} {step.Name}: {step.Message}{(step.Recommendation is { } advice ? $" {advice}" : "")}");
        }

        foreach (var finding in run.Findings)
        {
            log.Add($"- {finding.Verdict()} {finding.Id}{(finding.Subject is { } subject ? $" {subject}" : "")}: {finding.Message} {finding.Recommendation}");
        }

        log.Add(string.Create(CultureInfo.InvariantCulture, $"=== {run.Status.ToString().ToUpperInvariant()} (exit code {run.ExitCode}) after {run.Duration.TotalSeconds:0.0} s: {run.Message} ==="));
        run = await WriteLogAsync(target, run, log, call, patience.Token);
        var problem = await _history.TryRecordAsync(target, run, call, patience.Token);
        return problem is null ? run : WithFailedStep(run, "History", problem);
    }

    private static async Task<MaintenanceRun> WriteLogAsync(
        MaintenanceTarget target, MaintenanceRun run, RunLog log, CallContext call, CancellationToken cancellationToken)
    {
        var path = RunLogPath.For(target, run);
        try
        {
            return run with { Artifacts = [.. run.Artifacts, new MaintenanceArtifact("Log", path, await log.WriteAsync(path, cancellationToken))] };
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or OperationCanceledException)
        {
            var problem = new MaintenanceException(
                MaintenanceErrorCode.HistoryUnavailable,
                $"The log '{path}' could not be written: {exception.Message}",
                "Check that the folder exists, is writable and has space.");
            call.Sink.Warning(problem.Message);
            return WithFailedStep(run, "Log", problem);
        }
    }

    // Our own records failing says nothing about the system, but it must not go unnoticed either.
    private static MaintenanceRun WithFailedStep(MaintenanceRun run, string name, MaintenanceException problem) => run with
    {
        Status = run.Status > HealthStatus.Warning ? run.Status : HealthStatus.Warning,
        Steps =
        [
            .. run.Steps,
            new MaintenanceStep
            {
                Name = name,
                State = StepState.Failed,
                Status = HealthStatus.Warning,
                Message = problem.Message,
                Error = problem.Code,
                Recommendation = problem.Recommendation,
                StartedAt = run.StartedAt + run.Duration,
            },
        ],
    };

    private async Task RecordCancelledAsync(
        MaintenanceTarget target, IMaintenanceTask task, DateTimeOffset startedAt, long started, RunLog log, CallContext call)
    {
        var duration = _time.GetElapsedTime(started);
        const string message = "Cancelled before it was finished.";
        var steps = task.Plan(target).Select(step => new MaintenanceStep
        {
            Name = step.Name,
            State = StepState.Cancelled,
            Status = HealthStatus.Unknown,
            Message = message,
            StartedAt = startedAt,
            Duration = duration,
        });
        var run = NewRun(target, task, startedAt, duration, new TaskOutcome([.. steps], [], []), message);

        // The user waits for the prompt: this must be short, and must not fail.
        await CloseAsync(target, run, log, call with { Timeout = TimeSpan.FromSeconds(2) });
    }

    private static MaintenanceRun NewRun(
        MaintenanceTarget target, IMaintenanceTask task, DateTimeOffset startedAt, TimeSpan duration, TaskOutcome outcome, string message) => new()
        {
            Id = Guid.CreateVersion7(startedAt),
            Task = task.Name,
            Target = target.Name,
            Status = outcome.Steps.Select(step => step.Status).DefaultIfEmpty(HealthStatus.Unknown).Max(),
            Steps = outcome.Steps,
            Metrics = outcome.Metrics,
            Findings = outcome.Findings,
            StartedAt = startedAt,
            Duration = duration,
            Machine = Environment.MachineName,
            ModuleVersion = ModuleVersion,
            Message = message,
        };

    private static List<MaintenanceStep> Worst(IEnumerable<MaintenanceStep> steps) =>
        [.. steps.Where(step => step.Status != HealthStatus.Ok).OrderByDescending(step => step.Status)];

    /// <summary>One true sentence: "Every check passed" only if every check ran and passed.</summary>
    private static string Summarise(IMaintenanceTask task, IReadOnlyList<MaintenanceStep> steps)
    {
        // The overall score repeats the parts; it counts only where no part explains it.
        var checks = steps.Where(step => step.Name != DailyTask.OverallStep).ToList();
        var worst = Worst(checks) is { Count: > 0 } found ? found : Worst(steps);
        if (worst.Count == 0)
        {
            return $"{task.Name}: every check passed.";
        }

        var counts = worst.GroupBy(step => step.Status).Select(group => $"{group.Count()} {group.Key.ToString().ToLowerInvariant()}");
        return $"{task.Name}: {string.Join(", ", counts)} of {checks.Count} checks. {worst[0].Name}: {worst[0].Message}";
    }
}
