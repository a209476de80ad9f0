using Maintenance.IntegrationTests.Infrastructure;

namespace Maintenance.IntegrationTests.Analytics;

/// <summary>Windows of real statistics, on servers of their own: resets would disturb others.</summary>
public sealed class StatisticsWindowTests(SandboxFixture fixture) : IAsyncDisposable
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private readonly OwnSandbox _own = new(fixture);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _own.DisposeAsync();

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task What_happened_between_two_snapshots_is_the_window_and_nothing_before(int major)
    {
        var target = await StartAsync(major);
        // Far from the server's own beginning, so that only snapshots can tell.
        _own.Time.Shift = TimeSpan.FromDays(10);
        await ExecuteAsync("SELECT pg_sleep(1.3)");
        var first = await MeasureAsync(target, Hour);
        Assert.Null(first.AverageQueryTime);
        Assert.Null(first.SlowQueryCount);
        Assert.Equal(HealthStatus.Unknown, first.Status);
        Assert.Contains(first.Findings, finding => finding.Id == "PERFORMANCE-HISTORY-SHORT" && Equals(finding.Evidence["Error"], "InsufficientHistory"));

        _own.Time.Shift += Hour;
        var second = await MeasureAsync(target, Hour);
        Assert.Equal(0, second.SlowQueryCount);
        Assert.True(second.AverageQueryTime < TimeSpan.FromMilliseconds(500));

        _own.Time.Shift += Hour;
        await ExecuteAsync("SELECT pg_sleep(1.2), 2");
        var third = await MeasureAsync(target, Hour);
        Assert.Equal(1, third.SlowQueryCount);
        Assert.True(third.TransactionsPerSecond > 0);
        Assert.Equal(Hour.TotalMinutes, (third.CollectedAt - third.StatementsSince!.Value).TotalMinutes, 0.5);

        // Three days: snapshots begin two hours ago.
        var long_ = await MeasureAsync(target, TimeSpan.FromDays(3));
        Assert.Null(long_.AverageQueryTime);
        Assert.Contains(long_.Metrics, metric => metric.Name == "avg_query_time" && metric.Reason!.Contains("too little history", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task A_reset_is_noticed_and_figures_count_from_then_on(int major)
    {
        var target = await StartAsync(major);
        await ExecuteAsync("SELECT pg_sleep(1.3)");
        Assert.Equal(1, (await MeasureAsync(target, Hour)).SlowQueryCount);

        var before = TimeProvider.System.GetUtcNow();
        await ExecuteAsync("SELECT pg_stat_statements_reset()");
        await ExecuteAsync("SELECT pg_stat_reset()");
        await Task.Delay(TimeSpan.FromSeconds(1.5), Token);
        var after = await MeasureAsync(target, Hour);

        Assert.Equal(0, after.SlowQueryCount);
        Assert.True(after.StatementsSince >= before.AddSeconds(-2), $"{after.StatementsSince:O} is before {before:O}.");
        Assert.Equal(2, after.Findings.Count(finding => finding.Id == "STATISTICS-WINDOW-SHORT" && finding.Message.Contains("reset", StringComparison.Ordinal)));
        Assert.NotNull(after.TransactionsPerSecond);
    }

    [Fact]
    public async Task Counters_that_went_down_behind_a_snapshot_are_unknown()
    {
        var target = await StartAsync(15);
        // The server's clock is ten days behind this one, so its reset lies before the snapshot as far as we can tell.
        _own.Time.Shift = TimeSpan.FromDays(10);
        await MeasureAsync(target, Hour);
        await ExecuteAsync("SELECT pg_stat_statements_reset()");
        _own.Time.Shift += Hour;

        var result = await MeasureAsync(target, Hour);

        Assert.Null(result.AverageQueryTime);
        Assert.Contains(result.Metrics, metric => metric.Name == "avg_query_time" && metric.Reason!.Contains("lower", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(HistoryKind.Sqlite)]
    [InlineData(HistoryKind.Postgres)]
    public async Task Snapshots_are_kept_once_in_five_minutes_and_forgotten_after_35_days(HistoryKind kind)
    {
        var target = await StartAsync(15);
        target = target with { History = target.History with { Kind = kind, Path = kind == HistoryKind.Sqlite ? target.History.Path : null } };
        _own.Time.Shift = TimeSpan.FromDays(10);
        foreach (var step in new[] { 0, 1, 3, 2 })
        {
            _own.Time.Shift += TimeSpan.FromMinutes(step);
            await MeasureAsync(target, Hour);
        }

        Assert.Equal(2, (await TimesAsync(target)).Count);
        _own.Time.Shift += TimeSpan.FromDays(36);
        await MeasureAsync(target, Hour);
        Assert.Single(await TimesAsync(target));
    }

    [Fact]
    public async Task Without_a_history_it_is_said_that_there_is_none()
    {
        var target = await StartAsync(15) with { History = new HistorySettings { Kind = HistoryKind.None } };
        _own.Time.Shift = TimeSpan.FromDays(10);

        var result = await MeasureAsync(target, Hour);

        Assert.Contains(result.Metrics, metric => metric.Name == "avg_query_time" && metric.Value is null && metric.Reason!.Contains("history.kind is None", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_role_from_which_others_statements_are_hidden_does_not_claim_that_none_is_slow()
    {
        var target = await StartAsync(15);
        await ExecuteAsync("SELECT pg_sleep(1.3)");
        await ExecuteAsync("CREATE ROLE plain LOGIN PASSWORD 'plain'");

        var result = await MeasureAsync(target.As("plain", "plain"), Hour);

        Assert.Null(result.SlowQueryCount);
        Assert.Contains(result.Findings, finding => finding.Id == "PERFORMANCE-NOT-PERMITTED" && finding.Recommendation!.Contains("GRANT pg_monitor TO plain", StringComparison.Ordinal));
    }

    private Task<IReadOnlyList<DateTimeOffset>> TimesAsync(MaintenanceTarget target) =>
        _own.Engine.History.StoreOf(target, Calls.Silent())!.ReadSnapshotTimesAsync(target.Name, "statements", DateTimeOffset.UnixEpoch, Token);

    private Task<PerformanceMeasurement> MeasureAsync(MaintenanceTarget target, TimeSpan window) =>
        _own.Engine.Analytics.GetPerformanceAsync(target, window, MeasurementSourceChoice.Database, Calls.Silent(), Token);

    private Task ExecuteAsync(string sql) => _own.ExecuteAsync(sql);

    private Task<MaintenanceTarget> StartAsync(int major) => _own.StartAsync("window", major);
}
