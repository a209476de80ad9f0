using Maintenance.Engine.Inspect;

namespace Maintenance.Engine.Tasks;

/// <summary>The run of a task that nobody has approved: it says what would be done, and does nothing.</summary>
internal static class TaskPreview
{
    /// <summary>So many actions are named to people; all are in the run.</summary>
    private const int MostNamed = 10;

    /// <summary>Name of the step that says what came of planning alone.</summary>
    private const string PlanStep = "Plan";

    /// <summary>True for a run that did nothing but say what it would do, or fail to.</summary>
    public static bool IsPreview(MaintenanceRun run) => run.Steps.Any(step => step.State == StepState.Planned || step is { Name: PlanStep, State: StepState.Failed });

    /// <summary>Plans.</summary>
    public static async Task<TaskOutcome> RunAsync(IMaintenanceTask task, TaskContext context)
    {
        var startedAt = context.Time.GetUtcNow();
        List<DbAction> actions;
        try
        {
            actions = await context.Deadline.RunAsync("Planning", async token => await task.PreviewAsync(context).ToListAsync(token));
        }
        catch (MaintenanceException problem)
        {
            return new TaskOutcome([Failed(problem, startedAt, context.Time.GetUtcNow() - startedAt)], [], []);
        }

        if (task.CanPreview && actions.Count == 0)
        {
            return new TaskOutcome([new MaintenanceStep { Name = PlanStep, State = StepState.Done, Status = HealthStatus.Ok, Message = "There is nothing to do, and so nothing to approve.", StartedAt = startedAt, Duration = context.Time.GetUtcNow() - startedAt }], [], [])
            {
                Summary = "there is nothing to do.",
            };
        }

        var wanted = context.Approval.Wanted(task, context.Time.GetUtcNow());
        MaintenanceStep[] planned =
        [
            .. task.Plan(context.Target).Select(step => new MaintenanceStep { Name = step.Name, State = StepState.Planned, Status = HealthStatus.Ok, Message = step.Description, StartedAt = startedAt }),
            wanted with { Message = actions.Count == 0 ? wanted.Message : $"{wanted.Message} It would do {Say.Count(actions.Count, "thing", "things")}." },
        ];
        return new TaskOutcome(planned, [], []) { Actions = actions, Messages = [Message(task, context.Target, planned[^1], actions)] };
    }

    private static NotificationMessage Message(IMaintenanceTask task, MaintenanceTarget target, MaintenanceStep wanted, List<DbAction> actions) => new()
    {
        Severity = HealthStatus.Warning,
        Title = $"{task.Name} of '{target.Name}' waits for approval",
        Text = string.Join('\n',
        [
            wanted.Message,
            .. actions.Take(MostNamed).Select(action => $"- {action.Sql}"),
            .. actions.Count > MostNamed ? [$"- and {actions.Count - MostNamed} more"] : Array.Empty<string>(),
            wanted.Recommendation!,
        ]),
        Source = task.Name,
    };

    private static MaintenanceStep Failed(MaintenanceException problem, DateTimeOffset startedAt, TimeSpan duration) => new()
    {
        Name = PlanStep,
        State = StepState.Failed,
        Status = HealthStatus.Unknown,
        Message = $"What would be done is not known. {problem.Message}",
        Error = problem.Code,
        Recommendation = problem.Recommendation,
        StartedAt = startedAt,
        Duration = duration,
    };
}
