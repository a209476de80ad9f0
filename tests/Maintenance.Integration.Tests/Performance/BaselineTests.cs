using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Maintenance.Engine;
using Maintenance.Engine.Performance.Statistics;
using Maintenance.Engine.Sandbox;
using Maintenance.IntegrationTests.Infrastructure;
using Npgsql;

namespace Maintenance.IntegrationTests.Performance;

/// <summary>Baselines of rows whose percentiles are known, on databases of the tests' own.</summary>
public sealed class BaselineTests(SandboxFixture fixture) : IAsyncDisposable
{
    // 1 to 100 ms, one a minute, of each operation; the table of baselines as the guide has it, but with a time without zone.
    private const string Log = """
        CREATE TABLE query_performance_logs (operation text, duration_ms numeric, succeeded boolean, "timestamp" timestamptz);
        CREATE TABLE query_performance_baselines (query_type text, avg_duration numeric, p95_duration real, "timestamp" timestamp);
        INSERT INTO query_performance_logs
        SELECT operation, n, n > 10, now() - n * interval '1 minute'
        FROM generate_series(1, 100) AS n, (VALUES ('ordinary'), ('x''); DROP TABLE query_performance_logs; --'), ('of ada@example.org')) AS kinds (operation);
        """;

    private readonly MaintenanceEngine _engine = new();
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task Percentiles_of_the_log_are_exact_and_maintenance_is_left_out(int major)
    {
        var (sandbox, target) = await TargetAsync(major, $"baselines_{major}");
        await SandboxDatabase.ExecuteAsync(sandbox, Log, target.Database!.Database);
        var update = await MeasureAsync(target);

        var whole = Assert.Single(update.Baselines, baseline => baseline is { Subject: null, Metric: "response_time" });
        Assert.Equal((300, 50.5, 50.5, 95.05, false), (whole.Count, whole.Mean, whole.P50, Math.Round(whole.P95!.Value, 9), whole.IsEstimated));
        var one = Assert.Single(update.Baselines, baseline => baseline is { Subject: "ordinary", Metric: "response_time" });
        Assert.Equal((100, 50.5, 95.05, 29.0115), (one.Count, one.Mean, Math.Round(one.P95!.Value, 9), Math.Round(one.StandardDeviation!.Value, 4)));
        Assert.Equal(10, Assert.Single(update.Baselines, baseline => baseline is { Subject: "ordinary", Metric: "error_rate" }).Mean);
        Assert.Equal(300 / (24 * 3600.0), Assert.Single(update.Baselines, baseline => baseline is { Subject: null, Metric: "throughput" }).Mean, 9);
        Assert.DoesNotContain(update.Baselines, baseline => baseline.Subject?.Contains("ada", StringComparison.Ordinal) == true);

        // The slowest half of the requests happened while the weekly run was going on.
        var now = TimeProvider.System.GetUtcNow();
        await _engine.History.RecordAsync(target, Weekly(target, now.AddMinutes(-110), TimeSpan.FromSeconds(3600 - 30)), Calls.Silent(), Token);
        var clean = await MeasureAsync(target);
        Assert.Equal("Weekly", Assert.Single(clean.Excluded).Reason);
        var quiet = Assert.Single(clean.Baselines, baseline => baseline is { Subject: "ordinary", Metric: "response_time" });
        Assert.Equal((50, 25.5), (quiet.Count, quiet.Mean));

        Assert.Equal(3, await _engine.PerformanceBaselines.WriteTableAsync(target, update.Baselines, create: false, Calls.Silent(), Token));
        await using var connection = await SandboxDatabase.OpenAsync(sandbox, target.Database.Database);
        Assert.Equal(3, await connection.ScalarAsync<long>("SELECT count(*) FROM query_performance_baselines WHERE avg_duration = 50.5 AND abs(p95_duration - 95.05) < 0.001 AND abs(extract(epoch FROM now() AT TIME ZONE 'UTC' - \"timestamp\")) < 120"));
        Assert.Equal(300, await connection.ScalarAsync<long>("SELECT count(*) FROM query_performance_logs"));
    }

    // Durations without any pattern, of which the server computes the percentiles itself; and the figures of samples by the same definition.
    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task Percentiles_are_those_of_percentile_cont_and_psql_reads_what_is_written(int major)
    {
        var (sandbox, target) = await TargetAsync(major, $"baselines_exact_{major}");
        var random = new Random(major);
        var durations = Enumerable.Range(0, 237).Select(_ => Math.Round(Math.Exp(3 + 1.2 * random.NextDouble() * random.NextDouble() * 4), 3)).ToArray();
        await SandboxDatabase.ExecuteAsync(
            sandbox,
            Log + "TRUNCATE query_performance_logs;" + string.Concat(durations.Select((value, index) => FormattableString.Invariant($"INSERT INTO query_performance_logs VALUES ('sum', {value}, true, now() - {index} * interval '5 minutes');"))),
            target.Database!.Database);
        await using var connection = await SandboxDatabase.OpenAsync(sandbox, target.Database.Database);
        var update = await MeasureAsync(target);
        var one = Assert.Single(update.Baselines, baseline => baseline is { Subject: "sum", Metric: "response_time" });
        foreach (var (share, told) in new[] { (0.5, one.P50!.Value), (0.95, one.P95!.Value) })
        {
            var exact = await connection.ScalarAsync<double>(FormattableString.Invariant($"SELECT percentile_cont({share}) WITHIN GROUP (ORDER BY duration_ms::float8) FROM query_performance_logs"));
            Assert.Equal(exact, told, 9);
            Assert.Equal(exact, Quantiles.Of(durations, share), 9);
        }

        Assert.Equal(1, await _engine.PerformanceBaselines.WriteTableAsync(target, update.Baselines, create: false, Calls.Silent(), Token));
        Assert.SkipWhen(OperatingSystem.IsWindows(), "psql is not on the PATH there, where PostgreSQL comes from npm.");
        var start = new ProcessStartInfo("psql")
        {
            RedirectStandardOutput = true,
            ArgumentList = { "-XAt", "-F", "|", "-h", sandbox.Host, "-p", $"{sandbox.Port}", "-U", sandbox.Username, "-d", target.Database.Database, "-c", "SELECT query_type, round(avg_duration, 4), round(p95_duration::numeric, 1) FROM query_performance_baselines" },
            Environment = { ["PGPASSWORD"] = new NetworkCredential("", sandbox.Password).Password },
        };
        using var psql = Process.Start(start)!;
        var row = await psql.StandardOutput.ReadToEndAsync(Token);
        Assert.Equal(FormattableString.Invariant($"sum|{Math.Round((decimal)durations.Average(), 4):0.0000}|{Math.Round((decimal)(float)one.P95.Value, 1):0.0}"), row.Trim());
    }

    [Fact]
    public async Task What_is_pushed_are_five_fields_of_numbers_and_nothing_of_people()
    {
        var bodies = new List<string>();
        var token = "0123456789abcdef";
        await using var http = LoopbackHttp.Start(new Dictionary<string, Func<LoopbackRequest, CancellationToken, Task<LoopbackAnswer?>>>
        {
            ["functions"] = (request, _) =>
            {
                bodies.Add(request.Body);
                return Task.FromResult<LoopbackAnswer?>(LoopbackAnswer.Json(200, """{"success":true,"result":{"updated":true}}"""));
            },
        });
        var (sandbox, target) = await TargetAsync(15, "baselines_push");
        await SandboxDatabase.ExecuteAsync(sandbox, Log, target.Database!.Database);
        var update = await MeasureAsync(target);
        var pushing = target with { Functions = new FunctionSettings { BaseUri = new Uri($"http://127.0.0.1:{http.Port}/functions/v1"), BearerToken = SecretReference.FromSecureString(new NetworkCredential("", token).SecurePassword) } };
        await _engine.PerformanceBaselines.PushAsync(pushing, update.Baselines, Calls.Silent(), Token);

        using var body = JsonDocument.Parse(Assert.Single(bodies));
        Assert.Equal(["action", "baselines"], body.RootElement.EnumerateObject().Select(field => field.Name).Order());
        var fields = body.RootElement.GetProperty("baselines").EnumerateObject().ToDictionary(field => field.Name, field => field.Value);
        Assert.Equal(["avg_response_time", "error_rate", "p95_response_time", "throughput", "timestamp"], fields.Keys.Order());
        Assert.All(fields.Where(field => field.Key != "timestamp"), field => Assert.Equal(JsonValueKind.Number, field.Value.ValueKind));
        Assert.Equal((50.5, 10.0), (fields["avg_response_time"].GetDouble(), fields["error_rate"].GetDouble()));
        Assert.Matches(@"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$", fields["timestamp"].GetString());
    }

    [Fact]
    public async Task What_has_become_slower_is_told_and_what_has_not_is_not()
    {
        var (sandbox, target) = await TargetAsync(15, "baselines_drift");
        // Two weeks, ten requests an hour, by day twice as slow as at night.
        await SandboxDatabase.ExecuteAsync(
            sandbox,
            Log + """
            TRUNCATE query_performance_logs;
            INSERT INTO query_performance_logs
            SELECT operation, (100 + n % 7) * CASE WHEN extract(hour FROM (now() - n * interval '6 minutes') AT TIME ZONE 'UTC') < 12 THEN 2 ELSE 1 END, true, now() - n * interval '6 minutes'
            FROM generate_series(1, 3360) AS n, (VALUES ('ordinary'), ('other')) AS kinds (operation);
            """,
            target.Database!.Database);
        var update = await _engine.PerformanceBaselines.MeasureAsync(target, new BaselineQuery { Window = TimeSpan.FromDays(14), Sources = [BaselineSource.RequestLog] }, Calls.Silent(), Token);
        await _engine.PerformanceBaselines.KeepAsync(target, update.Baselines, Calls.Silent(), Token);
        await SandboxDatabase.ExecuteAsync(
            sandbox, "UPDATE query_performance_logs SET duration_ms = duration_ms * 1.6 WHERE operation = 'ordinary' AND \"timestamp\" > now() - interval '6 hours'", target.Database.Database);

        var drifts = await _engine.PerformanceBaselines.CompareAsync(target, new BaselineComparisonQuery { Window = TimeSpan.FromHours(6) }, Calls.Silent(), Token);

        var slower = Assert.Single(drifts, drift => drift is { Subject: "ordinary", Metric: "response_time" });
        Assert.Equal((BaselineVerdict.Slower, HealthStatus.Warning), (slower.Verdict, slower.Status));
        // The baseline ends now: what it does not find it cannot exclude.
        var other = Assert.Single(drifts, drift => drift is { Metric: "response_time", Subject: "other" });
        Assert.Equal((BaselineVerdict.NotEnoughData, HealthStatus.Unknown), (other.Verdict, other.Status));
        Assert.Contains("All of this time is in the baseline too", other.Message, StringComparison.Ordinal);

        // One that ends before the compared time does, though it is not the newest; of a source that has none, the newest is told of.
        var now = TimeProvider.System.GetUtcNow();
        await _engine.PerformanceBaselines.KeepAsync(target, [.. update.Baselines.Select(baseline => baseline with { From = baseline.From.AddHours(-6), To = now.AddHours(-6), CollectedAt = now.AddHours(-6) })], Calls.Silent(), Token);
        var earlier = await _engine.PerformanceBaselines.CompareAsync(target, new BaselineComparisonQuery { Window = TimeSpan.FromHours(5) }, Calls.Silent(), Token);
        Assert.All(earlier, drift => Assert.Equal(now.AddHours(-6), drift.Baseline!.To));
        Assert.Equal(BaselineVerdict.Same, Assert.Single(earlier, drift => drift is { Metric: "response_time", Subject: "other" }).Verdict);
        Assert.Equal(BaselineVerdict.Slower, Assert.Single(earlier, drift => drift is { Metric: "response_time", Subject: "ordinary" }).Verdict);
    }

    [Fact]
    public async Task An_empty_window_and_a_missing_table_store_nothing_and_say_so()
    {
        var (sandbox, target) = await TargetAsync(15, "baselines_empty");
        var absent = Assert.Single((await MeasureAsync(target)).Gaps);
        Assert.Equal((MaintenanceErrorCode.MappingInvalid, true), (absent.Error, absent.IsAbsent));
        await SandboxDatabase.ExecuteAsync(sandbox, Log + "DELETE FROM query_performance_logs; DROP TABLE query_performance_baselines;", target.Database!.Database);
        var empty = await MeasureAsync(target);
        Assert.Empty(empty.Baselines);
        Assert.Equal((MaintenanceErrorCode.InsufficientHistory, true), (Assert.Single(empty.Gaps).Error, empty.Gaps[0].IsAbsent));
        Assert.Null(await _engine.PerformanceBaselines.WriteTableAsync(target, [], create: false, Calls.Silent(), Token));
        Assert.Equal(0, await _engine.PerformanceBaselines.WriteTableAsync(target, [], create: true, Calls.Silent(), Token));
    }

    [Fact]
    public async Task The_functions_tell_their_figures_take_ours_and_lack_what_they_lack()
    {
        var sandbox = await fixture.PostgresAsync(15);
        var target = sandbox.Target with { History = new HistorySettings { Kind = HistoryKind.None } };
        var update = await _engine.PerformanceBaselines.MeasureAsync(target, new BaselineQuery { Sources = [BaselineSource.Function, BaselineSource.Samples] }, Calls.Silent(), Token);

        Assert.Equal(["connection_pool_usage", "error_rate", "query_time", "response_time", "slow_queries_count", "throughput"], update.Baselines.Select(baseline => baseline.Metric).Order(StringComparer.Ordinal));
        Assert.All(update.Baselines, baseline => Assert.Null(baseline.Count));
        Assert.Equal(MaintenanceErrorCode.NotConfigured, Assert.Single(update.Gaps).Error);
        Assert.NotNull(update.ExclusionsUnknown);
        Assert.Null(await _engine.PerformanceBaselines.KeepAsync(target, update.Baselines, Calls.Silent(), Token));
        await _engine.PerformanceBaselines.PushAsync(target, update.Baselines, Calls.Silent(), Token);
    }

    [Fact]
    public async Task The_task_measures_keeps_and_compares()
    {
        var (sandbox, target) = await TargetAsync(15, "baselines_task");
        await SandboxDatabase.ExecuteAsync(sandbox, Log, target.Database!.Database);

        var first = await _engine.Tasks.RunAsync(target, "PerformanceBaseline", new(), Calls.Silent(), Token);
        var second = await _engine.Tasks.RunAsync(target, "PerformanceBaseline", new(), Calls.Silent(), Token);

        // Nobody samples here: what is usual of statements is not known, and that is said.
        Assert.Equal(HealthStatus.Unknown, first.Steps.Single(step => step.Name == "Measure").Status);
        Assert.Contains("3 rows were written", first.Steps.Single(step => step.Name == "Store").Message, StringComparison.Ordinal);
        Assert.Equal(StepState.Skipped, first.Steps.Single(step => step.Name == "Compare").State);
        // The first was made within the second's window: compared with it, a time would be compared with itself.
        Assert.Equal(StepState.Skipped, second.Steps.Single(step => step.Name == "Compare").State);
        Assert.All([first, second], run => Assert.Equal(HealthStatus.Unknown, run.Steps.Single(step => step.Name == "Compare").Status));
        Assert.Contains("no baseline from before this window", second.Steps.Single(step => step.Name == "Compare").Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_weekly_maintenance_keeps_what_was_usual_before_it_began()
    {
        var (sandbox, target) = await TargetAsync(18, "baselines_weekly");
        await SandboxDatabase.ExecuteAsync(sandbox, Log, target.Database!.Database);

        var run = await _engine.DbMaintenance.RunAsync(
            target, new DbMaintenanceOptions { Steps = [DbMaintenanceStep.Baseline] }, _ => Task.FromResult(true), Calls.Silent(), Token);

        var step = Assert.Single(run.Steps);
        Assert.Equal(("Baseline", StepState.Done, HealthStatus.Ok), (step.Name, step.State, step.Status));
        Assert.Contains("without 1 time of maintenance", step.Message, StringComparison.Ordinal);
        Assert.Contains("3 rows were written", step.Message, StringComparison.Ordinal);
        var kept = await _engine.PerformanceBaselines.NewestAsync(target, null, null, Calls.Silent(), Token);
        Assert.Equal("This run", Assert.Single(kept.First(baseline => baseline.Metric == "response_time").Excluded).Reason);
        Assert.Contains(
            _engine.Tasks.Plan(target, "Weekly", new TaskRequest { Approval = new TaskApproval { By = "ada" } }), planned => planned is { Name: "Baseline", Description: "Keep what was usual in the last 7 days outside of maintenance: requests, statements, samples" });
    }

    [Fact]
    public async Task An_answer_that_lacks_a_field_gives_no_baseline_and_nothing_is_pushed()
    {
        await using var database = NpgsqlDataSource.Create(SandboxFixture.ConnectionString(await fixture.PostgresAsync(15)));
        var endpoint = new FunctionEndpoint(database) { Fault = FunctionFault.MissingField, FaultyFunctions = ["production-monitoring"] };
        await using var http = LoopbackHttp.Start(new Dictionary<string, Func<LoopbackRequest, CancellationToken, Task<LoopbackAnswer?>>> { ["functions"] = endpoint.AnswerAsync });
        var target = new MaintenanceTarget
        {
            Name = "functions",
            Functions = new FunctionSettings { BaseUri = new Uri($"http://127.0.0.1:{http.Port}/functions/v1"), BearerToken = SecretReference.FromSecureString(new NetworkCredential("", endpoint.Token).SecurePassword) },
            History = new HistorySettings { Kind = HistoryKind.None },
        };

        var update = await _engine.PerformanceBaselines.MeasureAsync(target, new BaselineQuery(), Calls.Silent(), Token);

        var gap = Assert.Single(update.Gaps);
        Assert.Equal((MaintenanceErrorCode.FunctionFieldMissing, false), (gap.Error, gap.IsAbsent));
        Assert.Equal(["query_time", "slow_queries_count", "connection_pool_usage"], update.Baselines.Select(baseline => baseline.Metric));
        var error = await Assert.ThrowsAsync<MaintenanceException>(() => _engine.PerformanceBaselines.PushAsync(target, update.Baselines, Calls.Silent(), Token));
        Assert.Equal(MaintenanceErrorCode.InsufficientHistory, error.Code);
        Assert.DoesNotContain(endpoint.Requests, request => request.Action == "update_baselines");
    }

    private Task<BaselineUpdate> MeasureAsync(MaintenanceTarget target) => _engine.PerformanceBaselines.MeasureAsync(
        target, new BaselineQuery { Window = TimeSpan.FromDays(1), Sources = [BaselineSource.RequestLog] }, Calls.Silent(), Token);

    private async Task<(MaintenanceSandbox Sandbox, MaintenanceTarget Target)> TargetAsync(int major, string database)
    {
        var sandbox = await fixture.PostgresAsync(major);
        await SandboxDatabase.CreateAsync(sandbox, database);
        return (sandbox, sandbox.Target.As(database: database) with
        {
            Functions = null,
            Retention = [],
            ArtifactStore = null,
            Channels = new Dictionary<string, ChannelSettings>(),
            History = new HistorySettings { Path = Path.Combine(_folder.Path, "history.db") },
        });
    }

    private static MaintenanceRun Weekly(MaintenanceTarget target, DateTimeOffset startedAt, TimeSpan duration) => new()
    {
        Id = Guid.CreateVersion7(),
        Task = "Weekly",
        Target = target.Name,
        Status = HealthStatus.Ok,
        Steps = [new MaintenanceStep { Name = "Vacuum", State = StepState.Done, Status = HealthStatus.Ok, Message = "Done.", StartedAt = startedAt, Duration = duration }],
        StartedAt = startedAt,
        Duration = duration,
        Message = "Weekly: every step was done.",
    };
}
