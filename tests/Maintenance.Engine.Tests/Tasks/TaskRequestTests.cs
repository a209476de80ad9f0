namespace Maintenance.Engine.Tests.Tasks;

/// <summary>What a run would be, and whether it is due, by its approval, without any server.</summary>
public sealed class TaskRequestTests : IAsyncDisposable
{
    private static readonly TaskRequest Approved = new() { Approval = new TaskApproval { By = "ada" } };

    private readonly MaintenanceEngine _engine = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("maintenance-test-").FullName;
    private readonly DateTimeOffset _now = TimeProvider.System.GetUtcNow();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    // One of its tasks has been due since five minutes.
    private MaintenanceTarget Target => new()
    {
        Name = "shop",
        History = new HistorySettings { Kind = HistoryKind.Sqlite, Path = Path.Combine(_folder, "history.db") },
        Schedule = new SchedulePolicy { Tasks = new Dictionary<string, TaskSchedule> { ["DatabaseOptimization"] = new() { Cron = Cron(_now.AddMinutes(-5)) } } },
    };

    private MaintenanceTarget Closed => Target with { Windows = [new MaintenanceWindow { Days = [_now.AddDays(3).DayOfWeek], Start = new TimeOnly(1, 0), Duration = TimeSpan.FromHours(1) }] };

    [Fact]
    public void The_plan_of_a_run_without_approval_is_to_say_what_it_would_do()
    {
        var plan = _engine.Tasks.Plan(Closed, "DatabaseOptimization", new TaskRequest());
        Assert.Equal(["Approval", "Notify", "Publish", "Record"], plan.Select(step => step.Name));
        Assert.StartsWith("Nobody has approved this yet, so only say what it would do (Retention, Vacuum, Analyze)", plan[0].Description, StringComparison.Ordinal);
        Assert.Contains(_engine.Tasks.Plan(Target, "DatabaseOptimization", Approved), step => step.Name == "Vacuum");
    }

    [Fact]
    public void The_plan_of_a_run_that_would_be_refused_is_nothing()
    {
        var step = Assert.Single(_engine.Tasks.Plan(Closed, "DatabaseOptimization", Approved));
        Assert.Contains("no maintenance window of 'shop' is open. The next window opens at", step.Description, StringComparison.Ordinal);
        Assert.Contains(_engine.Tasks.Plan(Closed, "DatabaseOptimization", Approved with { Force = true }), planned => planned.Name == "Vacuum");
        Assert.Contains(_engine.Tasks.Plan(Closed, "LogRotation", new TaskRequest()), planned => planned.Name == "Record");
    }

    [Fact]
    public void Only_what_looks_at_backups_says_that_it_tells_of_them()
    {
        var target = Target with { Channels = new Dictionary<string, ChannelSettings> { ["Default"] = new() { Webhook = SecretReference.FromEnvironment("HOOK") } } };
        string Announced(string task) => _engine.Tasks.Plan(target, task, Approved).Single(step => step.Name == "Notify").Description;
        Assert.Contains("missing backups", Announced("Daily"), StringComparison.Ordinal);
        Assert.All(["Weekly", "DatabaseOptimization", "IndexOptimization"], task => Assert.DoesNotContain("backups", Announced(task), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Step", StepState.Planned, true)]
    [InlineData("Plan", StepState.Failed, true)]
    [InlineData("Plan", StepState.Done, false)]
    [InlineData("Step", StepState.Failed, false)]
    public async Task A_run_that_only_planned_keeps_the_next_plan_away_and_no_approved_run(string step, StepState state, bool isDue)
    {
        Assert.True(await IsDueAsync(new TaskRequest()));
        await RecordAsync(step, state, _now.AddMinutes(-2));
        Assert.Equal((false, isDue), (await IsDueAsync(new TaskRequest()), await IsDueAsync(Approved)));
        await RecordAsync("Step", StepState.Done, _now.AddMinutes(-1));
        Assert.False(await IsDueAsync(Approved));
    }

    [Fact]
    public async Task What_is_not_scheduled_is_never_due_and_that_is_an_error()
    {
        var problem = await Assert.ThrowsAsync<MaintenanceException>(() => _engine.Schedules.DueAsync(Target, "Troubleshooting", new TaskRequest(), Calls.Silent(), Token));
        Assert.Equal(MaintenanceErrorCode.NotConfigured, problem.Code);
        Assert.Contains("Troubleshooting is not scheduled for 'shop'", problem.Message, StringComparison.Ordinal);
    }

    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private static string Cron(DateTimeOffset at) => FormattableString.Invariant($"{at.Minute} {at.Hour} * * *");

    private async Task<bool> IsDueAsync(TaskRequest request) => (await _engine.Schedules.DueAsync(Target, "DatabaseOptimization", request, Calls.Silent(), Token)).IsDue;

    private Task RecordAsync(string step, StepState state, DateTimeOffset at) => _engine.History.RecordAsync(
        Target,
        new MaintenanceRun
        {
            Id = Guid.CreateVersion7(at),
            Task = "DatabaseOptimization",
            Target = "shop",
            Status = HealthStatus.Warning,
            Message = "It waits.",
            StartedAt = at,
            Duration = TimeSpan.FromSeconds(1),
            Steps = [new MaintenanceStep { Name = step, State = state, Status = HealthStatus.Ok, Message = "VACUUM", StartedAt = at }],
        },
        Calls.Silent(),
        Token);
}
