using Maintenance.Engine;
using Microsoft.Data.Sqlite;
using static Maintenance.IntegrationTests.History.HistorySamples;

namespace Maintenance.IntegrationTests.History;

public sealed class HistoryServiceTests : IAsyncDisposable
{
    private static readonly HistoryQuery All = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("maintenance-history-").FullName;
    private readonly MaintenanceEngine _engine = new();
    private readonly RecordingSink _sink = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private CallContext Call => Calls.To(_sink);

    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_target_without_history_records_nothing_and_says_so_when_it_is_read()
    {
        var target = new MaintenanceTarget { Name = "app", History = new HistorySettings { Kind = HistoryKind.None } };

        await _engine.History.RecordAsync(target, Run(), Call, Token);
        Assert.Null(await _engine.History.TryRecordAsync(target, Run(), Call, Token));

        Assert.Empty(_sink.Warnings);
        await FailsAsync(MaintenanceErrorCode.NotConfigured, () => ReadAsync(target, All));
        await FailsAsync(MaintenanceErrorCode.NotConfigured, () => ReadAsync([target], All));
        await FailsAsync(MaintenanceErrorCode.NotConfigured, () => _engine.History.ReadMetricsAsync(target, "m", Noon, Call, Token));
    }

    [Fact]
    public async Task A_target_without_history_is_passed_over_unless_it_is_named()
    {
        var none = new MaintenanceTarget { Name = "none", History = new HistorySettings { Kind = HistoryKind.None } };
        var app = Target("app");
        await _engine.History.RecordAsync(app, Run(), Call, Token);

        Assert.Single(await ReadAsync([none, app], All));
        await FailsAsync(MaintenanceErrorCode.NotConfigured, () => ReadAsync([none, app], new HistoryQuery { Targets = ["app", "None"] }));
    }

    [Fact]
    public async Task Trying_to_record_never_throws_and_warns()
    {
        var target = Target("app");
        await File.WriteAllTextAsync(target.History.Path!, "no database at all", Token);

        var error = await _engine.History.TryRecordAsync(target, Run(), Call, Token);

        Assert.Equal(MaintenanceErrorCode.HistoryCorrupt, error?.Code);
        Assert.Contains(target.History.Path!, Assert.Single(_sink.Warnings), StringComparison.Ordinal);
        Assert.Equal("no database at all", await File.ReadAllTextAsync(target.History.Path!, Token));
    }

    [Fact]
    public async Task Trying_to_record_does_not_throw_when_it_is_cancelled_or_the_database_is_down()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        var down = new MaintenanceTarget
        {
            Name = "down",
            Database = new DatabaseSettings { Host = "127.0.0.1", Port = 1 },
            History = new HistorySettings { Kind = HistoryKind.Postgres },
        };

        Assert.Equal(MaintenanceErrorCode.HistoryUnavailable, (await _engine.History.TryRecordAsync(Target("app"), Run(), Call, cancelled.Token))?.Code);
        Assert.Equal(MaintenanceErrorCode.DatabaseUnreachable, (await _engine.History.TryRecordAsync(down, Run(), Call, Token))?.Code);
        Assert.Equal(2, _sink.Warnings.Count);
    }

    [Fact]
    public async Task A_timeout_is_a_deadline_exceeded()
    {
        var target = Target("app");
        await _engine.History.RecordAsync(target, Run(), Call, Token);
        using var other = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = target.History.Path, Pooling = false }.ConnectionString);
        other.Open();
        using var transaction = other.BeginTransaction(deferred: false);

        await FailsAsync(
            MaintenanceErrorCode.DeadlineExceeded,
            () => _engine.History.RecordAsync(target, Run(), Calls.Silent(TimeSpan.FromSeconds(0.5)), Token));
    }

    [Fact]
    public async Task One_target_reads_its_own_runs_from_a_file_it_shares()
    {
        var (app, web) = (Target("app", "shared"), Target("web", "shared"));
        await _engine.History.RecordAsync(app, Run(target: "app"), Call, Token);
        await _engine.History.RecordAsync(web, Run(target: "web"), Call, Token);

        Assert.Equal(["web"], (await ReadAsync(web, All)).Select(run => run.Target));
        Assert.Equal(2, (await ReadAsync([app, web], All)).Count);
    }

    [Fact]
    public async Task Several_places_are_read_as_one_newest_first()
    {
        var (app, web) = (Target("app"), Target("web"));
        for (var hour = 0; hour < 6; hour++)
        {
            var target = hour % 2 == 0 ? app : web;
            await _engine.History.RecordAsync(target, Run(Noon.AddHours(hour), target: target.Name), Call, Token);
        }

        Assert.Equal([5, 4, 3, 2, 1, 0], (await ReadAsync([app, web], All)).Select(run => (run.StartedAt - Noon).TotalHours));
        Assert.Equal([5, 4, 3], (await ReadAsync([app, web], new HistoryQuery { First = 3 })).Select(run => (run.StartedAt - Noon).TotalHours));
        Assert.Equal([4, 2], (await ReadAsync([app], new HistoryQuery { First = 2, Targets = ["app"] })).Select(run => (run.StartedAt - Noon).TotalHours));
    }

    [Fact]
    public async Task A_place_that_fails_is_told_after_the_others_were_read()
    {
        var (app, broken, worse) = (Target("app"), Target("broken"), Target("worse"));
        await _engine.History.RecordAsync(app, Run(), Call, Token);
        await File.WriteAllTextAsync(broken.History.Path!, "no database at all", Token);
        await File.WriteAllTextAsync(worse.History.Path!, "no database at all", Token);
        var read = new List<MaintenanceRun>();

        var error = await FailsAsync(MaintenanceErrorCode.HistoryCorrupt, async () =>
        {
            await foreach (var run in _engine.History.ReadAsync([broken, app, worse], All, Call, Token))
            {
                read.Add(run);
            }
        });

        Assert.Single(read);
        Assert.Contains("broken.db", error.Message, StringComparison.Ordinal);
        Assert.Contains("worse.db", Assert.Single(_sink.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_is_read_by_its_path_and_must_be_there()
    {
        var target = Target("app");
        await _engine.History.RecordAsync(target, CompleteRun(), Call, Token);

        AssertSame(CompleteRun() with { Id = (await ReadFileAsync(target.History.Path!))[0].Id }, (await ReadFileAsync(target.History.Path!))[0]);
        await FailsAsync(MaintenanceErrorCode.HistoryUnavailable, () => ReadFileAsync(Path.Combine(_folder, "missing.db")));
    }

    [Fact]
    public async Task A_metric_is_read_for_trends()
    {
        var target = Target("app");
        await _engine.History.RecordAsync(target, CompleteRun(), Call, Token);

        var metric = Assert.Single(await _engine.History.ReadMetricsAsync(target, "storage_usage_percent", Noon, Call, Token));

        Assert.Equal(0.1 + 0.2, metric.Value);
        Assert.Equal(MetricUnit.Percent, metric.Unit);
    }

    private MaintenanceTarget Target(string name, string? file = null) =>
        new() { Name = name, History = new HistorySettings { Path = Path.Combine(_folder, $"{file ?? name}.db") } };

    private Task<List<MaintenanceRun>> ReadAsync(MaintenanceTarget target, HistoryQuery query) =>
        _engine.History.ReadAsync(target, query, Call, Token).ToListAsync(Token).AsTask();

    private Task<List<MaintenanceRun>> ReadAsync(MaintenanceTarget[] targets, HistoryQuery query) =>
        _engine.History.ReadAsync(targets, query, Call, Token).ToListAsync(Token).AsTask();

    private Task<List<MaintenanceRun>> ReadFileAsync(string path) =>
        _engine.History.ReadFileAsync(path, All, Call, Token).ToListAsync(Token).AsTask();

    private static async Task<MaintenanceException> FailsAsync(MaintenanceErrorCode code, Func<Task> action)
    {
        var error = await Assert.ThrowsAsync<MaintenanceException>(action);
        Assert.Equal(code, error.Code);
        Assert.NotEmpty(error.Recommendation);
        return error;
    }
}
