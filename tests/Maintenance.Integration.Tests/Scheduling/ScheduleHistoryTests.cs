using System.Net;
using Maintenance.Engine;
using Maintenance.IntegrationTests.Infrastructure;

namespace Maintenance.IntegrationTests.Scheduling;

/// <summary>The schedule on a history with runs, in a file and in the database, and the page that shows both.</summary>
public sealed class ScheduleHistoryTests(SandboxFixture fixture) : IAsyncDisposable
{
    private const string Hostile = "No backup of <script>alert(1)</script>.";
    private readonly MaintenanceEngine _engine = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("maintenance-test-").FullName;
    private readonly DateTimeOffset _now = TimeProvider.System.GetUtcNow();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(HistoryKind.Sqlite, 15)]
    [InlineData(HistoryKind.Postgres, 15)]
    [InlineData(HistoryKind.Postgres, 18)]
    public async Task Durations_last_results_and_missed_runs_come_from_the_runs_on_record(HistoryKind kind, int major)
    {
        var target = await TargetAsync(kind, major, kind == HistoryKind.Sqlite ? "schedule_file" : "schedule_database");
        await RecordDailyAsync(target);

        var rows = await _engine.Schedules.ListAsync(target, 3, Calls.Silent(), Token);
        var scan = rows.Single(row => row.Task == "SecurityScan");
        Assert.Equal((21, TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(10)), (scan.RunsOnRecord, scan.TypicalDuration, scan.LongDuration));
        Assert.Equal((HealthStatus.Ok, 0, HealthStatus.Ok), (scan.LastStatus, scan.MissedRuns, scan.Status));
        var backups = rows.Single(row => row.Task == "BackupVerification");
        Assert.Equal((HealthStatus.Critical, Hostile, HealthStatus.Critical), (backups.LastStatus, backups.LastMessage, backups.Status));
        Assert.True(backups.MissedRuns >= 8, $"{backups.MissedRuns}");
        // It never ran, and others have for weeks.
        var index = rows.Single(row => row.Task == "IndexOptimization");
        Assert.True(index is { LastRun: null, MissedRuns: >= 3, Status: HealthStatus.Warning }, $"{index.MissedRuns}");
        // A run that only planned tells no duration.
        Assert.Equal((0, null), rows.Where(row => row.Task == "DatabaseOptimization").Select(row => (row.RunsOnRecord, row.TypicalDuration)).Single());

        var missed = await _engine.Schedules.MissedAsync(target, task => task is "SecurityScan", _now.AddDays(-10), Calls.Silent(), Token);
        var gap = Assert.Single(missed);
        Assert.Equal((3, Due(5), Due(3), Due(2), HealthStatus.Warning), (gap.Count ?? 0, gap.From, gap.Until, gap.RanNext!.Value, gap.Status));

        var early = (await _engine.Schedules.MissedAsync(target, task => task is "SecurityScan", _now.AddDays(-90), Calls.Silent(), Token))[0];
        Assert.Equal(("*", null, HealthStatus.Unknown, Due(24)), (early.Task, early.Count, early.Status, early.Until));

        var statistics = await _engine.Schedules.StatisticsAsync(target, _ => true, _now.AddDays(-30), DateTimeOffset.MaxValue, Calls.Silent(), Token);
        Assert.Equal(["DatabaseOptimization", "SecurityScan", "BackupVerification"], statistics.Select(row => row.Task));
        var figures = statistics[1];
        Assert.Equal((22, 21, 1, 21, TimeSpan.FromMinutes(10)), (figures.Runs, figures.Ok, figures.Unknown, figures.Measured, figures.LongestDuration));
        Assert.InRange(figures.OkPercent, 95, 96);
    }

    [Fact]
    public async Task Runs_that_leave_samples_alone_are_not_missed()
    {
        var target = await TargetAsync(HistoryKind.Sqlite, 15, "schedule_samples");
        await _engine.Tasks.RunAsync(target, "PerformanceMetrics", new(), Calls.Silent(), Token);
        var rows = await _engine.Schedules.ListAsync(target, 1, Calls.Silent(), Token);
        Assert.Equal(0, rows.Single(row => row.Task == "PerformanceMetrics").MissedRuns);
        var unknown = Assert.Single(await _engine.Schedules.MissedAsync(target, task => task is "PerformanceMetrics", null, Calls.Silent(), Token));
        Assert.Equal(("*", HealthStatus.Unknown), (unknown.Task, unknown.Status));
    }

    [Fact]
    public async Task Without_a_history_nothing_is_known_and_nothing_is_missed()
    {
        var target = (await TargetAsync(HistoryKind.Sqlite, 15, "schedule_none")) with { History = new HistorySettings { Kind = HistoryKind.None } };
        Assert.All(await _engine.Schedules.ListAsync(target, 1, Calls.Silent(), Token), row => Assert.True(row.MissedRuns is null && row.LastMessage!.StartsWith("No history is kept", StringComparison.Ordinal)));
        Assert.Equal(MaintenanceErrorCode.NotConfigured, (await Assert.ThrowsAsync<MaintenanceException>(() => _engine.Schedules.MissedAsync(target, _ => true, null, Calls.Silent(), Token))).Code);
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task The_agent_serves_the_page_with_its_cluster_and_every_name_as_text(int major)
    {
        var target = (await TargetAsync(HistoryKind.Sqlite, major, "schedule_page")) with { Name = "<b>shop</b>" };
        await RecordDailyAsync(target);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(Token);
        using var client = new HttpClient();
        var page = "";
        await _engine.Agents.RunAsync(
            new AgentOptions { Targets = [target], Tasks = ["BackupVerification", "SecurityAudit"], JobStore = target, Cluster = "page", Instance = "first", Port = 0 },
            async agent =>
            {
                page = await client.GetStringAsync(agent.Endpoint, Token);
                await ending.CancelAsync();
            },
            _ => Task.CompletedTask,
            Calls.Silent(),
            ending.Token);

        Assert.Contains("first (this one)", page, StringComparison.Ordinal);
        Assert.Contains(WebUtility.HtmlEncode(Hostile), page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<b>shop", page, StringComparison.Ordinal);
        Assert.DoesNotContain("PerformanceMetrics", page, StringComparison.Ordinal);
        Assert.DoesNotContain(SandboxFixture.PasswordOf(await fixture.PostgresAsync(major)), page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_target_whose_history_is_out_of_reach_is_unknown_on_the_page_and_the_others_are_there()
    {
        var target = await TargetAsync(HistoryKind.Sqlite, 15, "schedule_reach");
        var away = target with { Name = "away", Database = target.Database! with { Port = 1 }, History = new HistorySettings { Kind = HistoryKind.Postgres } };
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(Token);
        using var client = new HttpClient();
        var page = "";
        await _engine.Agents.RunAsync(
            new AgentOptions { Targets = [target, away], Tasks = ["SecurityAudit"], Port = 0 },
            async agent =>
            {
                page = await client.GetStringAsync(agent.Endpoint, Token);
                await ending.CancelAsync();
            },
            _ => Task.CompletedTask,
            Calls.Silent(),
            ending.Token);
        Assert.Contains("What ran is not known", page, StringComparison.Ordinal);
        Assert.Contains(target.Name, page, StringComparison.Ordinal);
    }

    private DateTimeOffset Due(int daysAgo)
    {
        var day = new DateTimeOffset(_now.UtcDateTime.Date, TimeSpan.Zero).AddHours(3);
        return day.AddDays((day > _now ? -1 : 0) - daysAgo);
    }

    // Security scans of 25 days with a gap of three and one that was stopped, backups that nobody looks at any more, and a plan that waits.
    private async Task RecordDailyAsync(MaintenanceTarget target)
    {
        for (var days = 24; days >= 0; days--)
        {
            if (days is not (3 or 4 or 5))
            {
                await RecordAsync(target, "SecurityScan", Due(days), TimeSpan.FromMinutes(days == 10 ? 1 : 10), days == 10 ? HealthStatus.Unknown : HealthStatus.Ok, days == 10 ? StepState.Cancelled : StepState.Done, "SecurityScan: every check passed.");
            }
        }

        await RecordAsync(target, "BackupVerification", Due(10).AddHours(1), TimeSpan.FromMinutes(2), HealthStatus.Critical, StepState.Done, Hostile);
        await RecordAsync(target, "DatabaseOptimization", Due(1), TimeSpan.FromSeconds(1), HealthStatus.Warning, StepState.Planned, "It waits.");
    }

    private Task RecordAsync(MaintenanceTarget target, string task, DateTimeOffset at, TimeSpan duration, HealthStatus status, StepState state, string message) => _engine.History.RecordAsync(
        target,
        new MaintenanceRun
        {
            Id = Guid.CreateVersion7(at),
            Task = task,
            Target = target.Name,
            Status = status,
            Message = message,
            StartedAt = at,
            Duration = duration,
            Steps = [new MaintenanceStep { Name = "Step", State = state, Status = status, Message = message, StartedAt = at, Duration = duration }],
        },
        Calls.Silent(),
        Token);

    private async Task<MaintenanceTarget> TargetAsync(HistoryKind kind, int major, string database)
    {
        var sandbox = await fixture.PostgresAsync(major);
        await SandboxDatabase.CreateAsync(sandbox, database);
        return sandbox.Target.As(database: database) with
        {
            Name = database,
            Functions = null,
            Retention = [],
            ArtifactStore = null,
            History = new HistorySettings { Kind = kind, Path = kind == HistoryKind.Sqlite ? Path.Combine(_folder, "history.db") : null },
        };
    }

    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
