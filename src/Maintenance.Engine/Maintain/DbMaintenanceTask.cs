using System.Globalization;
using Maintenance.Engine.Tasks;

namespace Maintenance.Engine.Maintain;

/// <summary>
/// Database maintenance as one run: the parts in the order in which they help each other, each planned when its turn comes, on what the
/// parts before have left. A part that fails does not stop the others.
/// </summary>
/// <param name="name">Name of the task.</param>
/// <param name="parts">What it is made of.</param>
/// <param name="options">What to do, and within which limits.</param>
/// <param name="confirm">Asks for each action; null to do all that are planned.</param>
/// <param name="announce">Whether people are told of it.</param>
internal sealed class DbMaintenanceTask(
    string name, DbMaintenanceParts parts, DbMaintenanceOptions options, Func<DbAction, Task<bool>>? confirm = null, bool announce = true) : IMaintenanceTask
{
    /// <summary>Name of the task that a schedule runs.</summary>
    public const string Weekly = "Weekly";

    /// <summary>The guide's row S4, every night: what is due of retention, vacuum and statistics, in half an hour.</summary>
    public const string DatabaseOptimization = "DatabaseOptimization";

    /// <summary>The guide's row S7, every week: bloated indexes, in two hours.</summary>
    public const string IndexOptimization = "IndexOptimization";

    /// <summary>Name of the run that Invoke-DbMaintenance makes.</summary>
    public const string Alone = "DbMaintenance";

    public string Name => name;

    public bool CanPreview => true;

    public string Description => name switch
    {
        DatabaseOptimization => "Retires rows past their age, vacuums and analyzes where it is needed.",
        IndexOptimization => "Rebuilds bloated indexes, drops what failed rebuilds left behind, and reports on indexes.",
        _ => "Retires rows past their age, vacuums, rebuilds bloated indexes and analyzes where it is needed, keeps what was usual, and reports on indexes and sizes.",
    };

    public bool ChangesSystem => true;

    // By whatever name it is run: two at once would only get in each other's way.
    public string LockName => Alone;

    public string LogFolder => name == DatabaseOptimization ? "daily-logs" : "weekly-logs";

    // Guide S4: 15 to 30 minutes; S7: one to two hours.
    public TimeSpan DefaultTimeout => name == DatabaseOptimization ? TimeSpan.FromMinutes(30) : TimeSpan.FromHours(2);

    /// <summary>The parts to run, in their order.</summary>
    private DbMaintenanceStep[] Steps =>
        options.Steps.Count > 0 ? [.. options.Steps.Distinct().Order()]
        : options.Resume ? [DbMaintenanceStep.Retention, DbMaintenanceStep.Vacuum, DbMaintenanceStep.Reindex, DbMaintenanceStep.Analyze]
        : Enum.GetValues<DbMaintenanceStep>();

    public IReadOnlyList<PlannedStep> Plan(MaintenanceTarget target) => [.. Steps.Select(step => new PlannedStep(step.ToString(), Describe(step, target)))];

    public IReadOnlyList<NotificationMessage> MessagesFor(MaintenanceRun run) => announce ? MaintenanceMessages.Of(run) : [];

    public async Task<TaskOutcome> RunAsync(TaskContext context, CancellationToken cancellationToken)
    {
        var work = new DbMaintenanceWork(parts, options, confirm, context);
        foreach (var step in Steps)
        {
            context.Call.Sink.Progress(new ProgressUpdate($"{name} on {context.Target.Name}", step.ToString(), 100 * context.Finished.Count / Steps.Length));
            context.Report(await TryAsync(step, work, context));
        }

        return new TaskOutcome(context.Finished, work.Metrics, work.Findings) { Actions = work.Actions };
    }

    /// <summary>What each part would do now; changes nothing. Later parts may find more or less to do, once the parts before are over.</summary>
    public async IAsyncEnumerable<DbAction> PreviewAsync(TaskContext context)
    {
        var work = new DbMaintenanceWork(parts, options, confirm, context);
        foreach (var step in Steps)
        {
            foreach (var action in await work.PlanAsync(step, context.Deadline.Token))
            {
                yield return action;
            }
        }
    }

    private static string Describe(DbMaintenanceStep step, MaintenanceTarget target) => step switch
    {
        DbMaintenanceStep.Retention => target.Retention.Count == 0 ? "Nothing: no retention policy is configured" : string.Create(CultureInfo.InvariantCulture, $"Delete, archive or anonymise rows past their age, by {target.Retention.Count} policies"),
        DbMaintenanceStep.Vacuum => "VACUUM each table that needs it",
        DbMaintenanceStep.Reindex => "REINDEX INDEX CONCURRENTLY each bloated index, and drop what failed rebuilds left behind",
        DbMaintenanceStep.Analyze => "ANALYZE each table whose statistics are out of date",
        DbMaintenanceStep.Baseline => string.Create(CultureInfo.InvariantCulture, $"Keep what was usual in the last {target.Performance.BaselineWindow.TotalDays:0.#} days outside of maintenance: requests, statements, samples"),
        DbMaintenanceStep.IndexReport => "Name indexes that are unused, redundant, invalid or missing; changes nothing",
        _ => "Measure the database and its largest tables; changes nothing",
    };

    private static async Task<MaintenanceStep> TryAsync(DbMaintenanceStep step, DbMaintenanceWork work, TaskContext context)
    {
        var startedAt = context.Time.GetUtcNow();
        try
        {
            return await context.Deadline.RunAsync($"The step {step}", token => work.RunAsync(step, startedAt, token));
        }
        catch (MaintenanceException problem)
        {
            // What did not fit the time is put off, which is no trouble yet; what could not run may hide any.
            var late = problem.Code == MaintenanceErrorCode.DeadlineExceeded;
            return new MaintenanceStep
            {
                Name = step.ToString(),
                State = late ? StepState.Deferred : StepState.Failed,
                Status = late ? HealthStatus.Warning : HealthStatus.Unknown,
                Message = problem.Message,
                Error = problem.Code,
                Recommendation = problem.Recommendation,
                StartedAt = startedAt,
                Duration = context.Time.GetUtcNow() - startedAt,
            };
        }
    }
}
