using System.Net;
using System.Net.Sockets;
using Maintenance.Engine;
using Maintenance.IntegrationTests.Infrastructure;

namespace Maintenance.IntegrationTests.Health;

public sealed class DbHealthTests(SandboxFixture fixture) : IAsyncDisposable
{
    private readonly MaintenanceEngine _engine = new();

    private Task<DbHealth> MeasureAsync(MaintenanceTarget target, TimeSpan? timeout = null, CancellationToken? cancellationToken = null) =>
        _engine.Health.GetDbHealthAsync(target, Calls.Silent(timeout), cancellationToken ?? TestContext.Current.CancellationToken);

    private Task<MaintenanceException> FailAsync(MaintenanceTarget target, TimeSpan? timeout = null) =>
        Assert.ThrowsAsync<MaintenanceException>(() => MeasureAsync(target, timeout));

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task Everything_is_measured_and_the_faults_of_the_sample_are_found(int major)
    {
        var sandbox = await fixture.PostgresAsync(major);
        // The sample's slow report may have given its place in the statistics to the many statements of other tests.
        await SandboxDatabase.ExecuteAsync(sandbox, "SELECT pg_sleep(1.1), 'slow', 1, 2, 3");
        var health = await MeasureAsync(sandbox.Target);

        Assert.StartsWith(major.ToString(System.Globalization.CultureInfo.InvariantCulture), health.ServerVersion, StringComparison.Ordinal);
        Assert.All(health.Metrics, metric => Assert.NotNull(metric.Value));
        Assert.DoesNotContain(health.Findings, finding => finding.Status == HealthStatus.Unknown);
        Assert.Equal(HealthStatus.Warning, health.Status);
        Assert.False(health.IsStandby);
        Assert.True(health.SizeBytes > 1_000_000);
        Assert.True(health.AverageQueryTime > TimeSpan.Zero);
        Assert.True(health.SlowQueryCount >= 1);
        Assert.True(health.ConnectionUsagePercent is > 0 and < 50);
        Assert.True(health.SequenceUsagePercent is > 80 and < 95);
        Assert.True(health.InvalidObjectCount >= 2);
        Assert.Contains(health.Findings, finding => finding.Id == "DB-INVALID-OBJECTS");
        Assert.Contains(health.Findings, finding => finding.Id == "DB-SEQUENCE-EXHAUSTION");
        Assert.NotEmpty(health.Recommendations);
    }

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task A_role_with_pg_monitor_alone_measures_all_but_the_sequences_and_says_what_to_grant(int major)
    {
        var sandbox = await fixture.PostgresAsync(major);
        var health = await MeasureAsync(sandbox.Target.As(user: "maintenance_monitor"));

        var gap = Assert.Single(health.Findings, finding => finding.Status == HealthStatus.Unknown);
        Assert.Equal("DB-SEQUENCES-NOT-PERMITTED", gap.Id);
        Assert.Equal(FindingOutcome.NotPermitted, gap.Outcome);
        Assert.Contains("GRANT SELECT ON ALL SEQUENCES", gap.Recommendation, StringComparison.Ordinal);
        Assert.Equal(HealthStatus.Unknown, health.Status);
        Assert.NotNull(health.AverageQueryTime);
        Assert.NotNull(health.OldestTransaction);
    }

    [Fact]
    public async Task A_role_with_nothing_is_told_what_to_grant_with_its_name_quoted()
    {
        var sandbox = await fixture.PostgresAsync(15);
        await SandboxDatabase.ExecuteAsync(sandbox, """
            DO $$ BEGIN IF to_regrole('"we""ird; DROP"') IS NULL THEN CREATE ROLE "we""ird; DROP" LOGIN PASSWORD 'nothing'; END IF; END $$
            """);
        var health = await MeasureAsync(sandbox.Target.As("we\"ird; DROP", "nothing"));

        Assert.Equal(HealthStatus.Unknown, health.Status);
        Assert.Null(health.OldestTransaction);
        Assert.Contains(health.Recommendations, text => text.Contains("GRANT pg_monitor TO \"we\"\"ird; DROP\";", StringComparison.Ordinal));
        Assert.NotNull(health.ConnectionUsagePercent);
        Assert.NotNull(health.BlockedSessions);
    }

    [Fact]
    public async Task Connections_of_others_are_counted_for_a_role_that_may_not_look_at_them()
    {
        var sandbox = await fixture.PostgresAsync(15);
        await SandboxDatabase.ExecuteAsync(sandbox, "DO $$ BEGIN IF to_regrole('plain') IS NULL THEN CREATE ROLE plain LOGIN PASSWORD 'plain'; END IF; END $$");
        await using var one = await SandboxDatabase.OpenAsync(sandbox);
        await using var two = await SandboxDatabase.OpenAsync(sandbox);
        await using var three = await SandboxDatabase.OpenAsync(sandbox);
        var seen = (await MeasureAsync(sandbox.Target.As("plain", "plain"))).Connections;
        Assert.True(seen >= 4, $"{seen} connections were seen.");
    }

    [Fact]
    public async Task A_database_without_pg_stat_statements_is_unknown_there_and_measured_elsewhere()
    {
        var sandbox = await fixture.PostgresAsync(15);
        await SandboxDatabase.CreateAsync(sandbox, "health_bare");
        var health = await MeasureAsync(sandbox.Target.As(database: "health_bare"));

        Assert.Equal(HealthStatus.Unknown, health.Status);
        Assert.Null(health.AverageQueryTime);
        Assert.Null(health.SlowQueryCount);
        Assert.Equal("DB-STATEMENTS-MISSING", Assert.Single(health.Findings, finding => finding.Status == HealthStatus.Unknown).Id);
        Assert.NotNull(health.ConnectionUsagePercent);
    }

    [Fact]
    public async Task A_wrong_password_is_told_apart_and_does_not_appear()
    {
        var sandbox = await fixture.PostgresAsync(15);
        var exception = await FailAsync(sandbox.Target.As(password: "wrong-MARKER-9f2"));
        Assert.Equal(MaintenanceErrorCode.AuthenticationFailed, exception.Code);
        Assert.DoesNotContain("MARKER", exception.ToString() + exception.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_database_is_told_apart()
    {
        var sandbox = await fixture.PostgresAsync(15);
        Assert.Equal(MaintenanceErrorCode.DatabaseNotFound, (await FailAsync(sandbox.Target.As(database: "nowhere"))).Code);
    }

    [Fact]
    public async Task A_server_that_is_down_is_unreachable()
    {
        var target = new MaintenanceTarget { Name = "down", Database = new DatabaseSettings { Host = "127.0.0.1", Port = FreePort() } };
        Assert.Equal(MaintenanceErrorCode.DatabaseUnreachable, (await FailAsync(target)).Code);
    }

    [Fact]
    public async Task A_server_that_never_answers_ends_at_the_deadline()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var target = new MaintenanceTarget
        {
            Name = "silent",
            Database = new DatabaseSettings { Host = "127.0.0.1", Port = ((IPEndPoint)silent.LocalEndpoint).Port, ConnectTimeout = TimeSpan.FromSeconds(60) },
        };
        var started = TimeProvider.System.GetTimestamp();
        Assert.Equal(MaintenanceErrorCode.DeadlineExceeded, (await FailAsync(target, TimeSpan.FromSeconds(1))).Code);
        Assert.True(TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(10), "It ended at the connect timeout, not at the deadline.");
    }

    [Fact]
    public async Task A_lock_is_never_waited_for_long_and_costs_its_own_figure_alone()
    {
        var sandbox = await fixture.PostgresAsync(15);
        await SandboxDatabase.CreateAsync(sandbox, "locked");
        await using var blocker = await SandboxDatabase.OpenAsync(sandbox, "locked");
        await blocker.ExecuteAsync("CREATE EXTENSION pg_stat_statements; CREATE TABLE t (id serial)");
        await blocker.ExecuteAsync("BEGIN; LOCK TABLE pg_catalog.pg_sequence");
        var health = await MeasureAsync(sandbox.Target.As(database: "locked"));

        Assert.Null(health.SequenceUsagePercent);
        Assert.Equal("sequences", Assert.Single(health.Findings, finding => finding.Status == HealthStatus.Unknown).Subject);
        Assert.NotNull(health.AverageQueryTime);
    }

    [Fact]
    public async Task Cancelling_ends_the_statement_on_the_server()
    {
        var sandbox = await fixture.PostgresAsync(15);
        await SandboxDatabase.CreateAsync(sandbox, "health_cancelled");
        await using var blocker = await SandboxDatabase.OpenAsync(sandbox, "health_cancelled");
        await blocker.ExecuteAsync("CREATE TABLE t (id serial); BEGIN; LOCK TABLE pg_catalog.pg_sequence");
        using var cancellation = new CancellationTokenSource();
        var measuring = MeasureAsync(sandbox.Target.As(database: "health_cancelled"), cancellationToken: cancellation.Token);
        const string waiting = "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'Maintenance/%' AND datname = 'health_cancelled' AND state = 'active'";
        await using var observer = await SandboxDatabase.OpenAsync(sandbox);
        while (await observer.ScalarAsync<long>(waiting) == 0)
        {
            Assert.False(measuring.IsCompleted);
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }

        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => measuring);
        Assert.Equal(0, await observer.ScalarAsync<long>(waiting));
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public ValueTask DisposeAsync() => _engine.DisposeAsync();
}
