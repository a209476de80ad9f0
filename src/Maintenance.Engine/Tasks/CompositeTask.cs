namespace Maintenance.Engine.Tasks;

/// <summary>
/// A bundle of tasks, one after another. Each is a run of its own, with its own lock, windows, approval, log and record; this one tells how they went. One that
/// fails does not stop the others.
/// </summary>
/// <param name="name">Its name.</param>
/// <param name="description">One sentence.</param>
/// <param name="timeout">How long all may take.</param>
/// <param name="members">Names of the tasks.</param>
/// <param name="run">Runs one of them.</param>
internal sealed class CompositeTask(
    string name, string description, TimeSpan timeout, IReadOnlyList<string> members, Func<TaskContext, string, CancellationToken, Task<MaintenanceRun>> run) : IMaintenanceTask
{
    public string Name => name;

    public string Description => description;

    // Its members are under their own locks and windows.
    public bool ChangesSystem => false;

    public string LockName => name;

    public bool AnnouncesTroubleAlone => true;

    public string Announcement => "Nothing: each task tells of itself";

    public string LogFolder => "daily-logs";

    public TimeSpan DefaultTimeout => timeout;

    public IReadOnlyList<PlannedStep> Plan(MaintenanceTarget target) => [.. members.Select(member => new PlannedStep(member, $"Run the task {member}"))];

    public async Task<TaskOutcome> RunAsync(TaskContext context, CancellationToken cancellationToken)
    {
        var runs = new List<MaintenanceRun>();
        foreach (var member in members)
        {
            var startedAt = context.Time.GetUtcNow();
            try
            {
                var done = await context.Deadline.RunAsync($"The task {member}", token => run(context, member, token));
                runs.Add(done);
                context.Report(Step(done));
            }
            catch (MaintenanceException problem)
            {
                context.Report(new MaintenanceStep
                {
                    Name = member,
                    State = StepState.Failed,
                    Status = HealthStatus.Unknown,
                    Message = problem.Message,
                    Error = problem.Code,
                    Recommendation = problem.Recommendation,
                    StartedAt = startedAt,
                    Duration = context.Time.GetUtcNow() - startedAt,
                });
            }
        }

        return new TaskOutcome(context.Finished, [.. runs.SelectMany(done => done.Metrics)], [.. runs.SelectMany(done => done.Findings)]) { Messages = [] };
    }

    public IReadOnlyList<NotificationMessage> MessagesFor(MaintenanceRun run) => [];

    private static MaintenanceStep Step(MaintenanceRun run) => new()
    {
        Name = run.Task,
        State = run.Steps.Any(step => step.State == StepState.Deferred) ? StepState.Deferred : StepState.Done,
        Status = run.Status,
        Message = run.Message,
        StartedAt = run.StartedAt,
        Duration = run.Duration,
    };
}
