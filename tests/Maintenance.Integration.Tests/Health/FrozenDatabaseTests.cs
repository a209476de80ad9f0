using System.Net;
using System.Net.Sockets;
using Maintenance.Engine;
using Maintenance.Engine.Alerts;
using Maintenance.IntegrationTests.Infrastructure;

namespace Maintenance.IntegrationTests.Health;

/// <summary>A server that takes connections and says nothing is down, however the connection to it came about; one that only takes long is not.</summary>
public sealed class FrozenDatabaseTests(SandboxFixture fixture)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    // Short, since all of it is waited for.
    private static CallContext Call => Calls.Silent(TimeSpan.FromSeconds(10));

    private static MaintenanceTarget DatabaseAlone(MaintenanceTarget target) => target with { Functions = null, ExcludedComponents = ["Functions", "Backups"] };

    private static async Task<IReadOnlyList<Alert>> EvaluateAsync(MaintenanceEngine engine, MaintenanceTarget target, SystemHealth health) =>
        await engine.Alerts.EvaluateAsync(target, AlertService.Rules(target, []), health.Metrics, isComplete: true, Calls.Silent(), Token);

    private static void IsDown(HealthComponent database)
    {
        Assert.Equal((HealthStatus.Critical, 0d, MaintenanceErrorCode.DatabaseUnreachable), (database.Status, database.Score, database.Error));
        Assert.Contains("does not answer: a new connection got no answer within", database.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task A_frozen_server_behind_a_pooled_connection_is_down_and_well_again_when_it_goes_on(int major)
    {
        await using var own = new OwnSandbox(fixture);
        var target = DatabaseAlone(await own.StartAsync("frozen", major));
        // Leaves a connection in the pool.
        await EvaluateAsync(own.Engine, target, await own.Engine.Health.GetSystemHealthAsync(target, Call, Token));

        await using (await own.FreezeAsync())
        {
            var health = await own.Engine.Health.GetSystemHealthAsync(target, Call, Token);
            Assert.Equal(HealthStatus.Critical, health.Status);
            IsDown(health.Components.Single(part => part.Name == "Database"));
            var finding = health.Findings.Single(found => found.Id == "DATABASE-UNREACHABLE");
            Assert.Contains("Before that, measuring the database of", finding.Message, StringComparison.Ordinal);
            Assert.Contains("frozen", finding.Recommendation, StringComparison.Ordinal);

            var alerts = await EvaluateAsync(own.Engine, target, health);
            var down = alerts.Single(alert => alert.Rule == "component_critical" && alert.Series == "component=Database");
            Assert.Equal((AlertState.Firing, AlertNews.Firing), (down.State, down.News));
            // What cannot be known because of it is no news beside it; the score of the whole is a matter of its own.
            Assert.All(alerts.Where(alert => alert.News != AlertNews.None && alert != down && alert.Rule != "system_health"), alert => Assert.NotNull(alert.Suppressed));

            var issue = (await own.Engine.Issues.FindAsync(target, new IssueSelection(), Calls.Silent(), Token))[0];
            Assert.Equal(("ISSUE-DATABASE-DOWN", FindingSeverity.Critical, FindingOutcome.Fail), (issue.Id, issue.Severity, issue.Outcome));
            Assert.Contains("component_critical (component=Database)", issue.Message, StringComparison.Ordinal);
            Assert.Contains("frozen", issue.Recommendation, StringComparison.Ordinal);
        }

        Assert.NotEqual(MaintenanceErrorCode.DatabaseUnreachable, (await own.Engine.Health.GetSystemHealthAsync(target, Calls.Silent(), Token)).Components.Single(part => part.Name == "Database").Error);
        Assert.DoesNotContain(await own.Engine.Issues.FindAsync(target, new IssueSelection(), Calls.Silent(), Token), found => found.Id == "ISSUE-DATABASE-DOWN");
    }

    [Fact]
    public async Task A_server_that_lets_nobody_in_is_down_though_sessions_that_were_open_are_answered()
    {
        await using var own = new OwnSandbox(fixture);
        var target = DatabaseAlone(await own.StartAsync("closed", 15));
        await own.Engine.Health.GetSystemHealthAsync(target, Call, Token);
        await using (await own.FreezeAsync(postmasterAlone: true))
        {
            IsDown((await own.Engine.Health.GetSystemHealthAsync(target, Call, Token)).Components.Single(part => part.Name == "Database"));
            Assert.Equal("ISSUE-DATABASE-DOWN", (await own.Engine.Issues.FindAsync(target, new IssueSelection(), Calls.Silent(), Token))[0].Id);
        }

        Assert.NotEqual(MaintenanceErrorCode.DatabaseUnreachable, (await own.Engine.Health.GetSystemHealthAsync(target, Calls.Silent(), Token)).Components.Single(part => part.Name == "Database").Error);
    }

    // Whoever finds a server silent drops its connections, while others are about to use them.
    [Fact]
    public async Task Connections_that_are_dropped_between_two_attempts_to_open_one_are_made_anew()
    {
        using var starting = new TcpListener(IPAddress.Loopback, 0);
        starting.Start();
        await using var engine = new MaintenanceEngine();
        var target = new MaintenanceTarget
        {
            Name = "starting",
            Database = new DatabaseSettings { Host = "127.0.0.1", Port = ((IPEndPoint)starting.LocalEndpoint).Port, Database = "d", Username = "u", SslMode = DatabaseSslMode.Disable },
        };
        using var over = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var refusing = RefuseAllAsync(starting, () => engine.CloseAsync(target), over.Token);
        var problem = await Assert.ThrowsAsync<MaintenanceException>(() => engine.Sessions.ReadHeadroomAsync(target, Calls.Silent(TimeSpan.FromSeconds(20)), Token));
        await over.CancelAsync();
        Assert.True(await refusing > 1, "There was no second attempt.");
        // What the last attempt was told is what people are told.
        Assert.Contains("starting up", problem.Message, StringComparison.Ordinal);
    }

    // As PostgreSQL does while it starts.
    private static async Task<int> RefuseAllAsync(TcpListener listener, Func<ValueTask> onFirst, CancellationToken cancellationToken)
    {
        byte[] fields = [.. "SFATAL\0VFATAL\0C57P03\0Mthe database system is starting up\0\0"u8];
        byte[] message = [(byte)'E', 0, 0, 0, (byte)(fields.Length + 4), .. fields];
        for (var refused = 0; ; refused++)
        {
            try
            {
                using var client = await listener.AcceptTcpClientAsync(cancellationToken);
                await client.GetStream().ReadAtLeastAsync(new byte[4096], 8, throwOnEndOfStream: false, cancellationToken);
                if (refused == 0)
                {
                    await onFirst();
                }

                await client.GetStream().WriteAsync(message, cancellationToken);
            }
            catch (OperationCanceledException)
            {
                return refused;
            }
        }
    }

    [Fact]
    public async Task A_server_that_takes_connections_and_says_nothing_is_down()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        await using var engine = new MaintenanceEngine();
        var target = DatabaseAlone(new MaintenanceTarget
        {
            Name = "silent",
            Database = new DatabaseSettings { Host = "127.0.0.1", Port = ((IPEndPoint)silent.LocalEndpoint).Port, Database = "d", Username = "u", SslMode = DatabaseSslMode.Disable },
            History = new HistorySettings { Kind = HistoryKind.None },
        });

        IsDown((await engine.Health.GetSystemHealthAsync(target, Call, Token)).Components.Single(part => part.Name == "Database"));
        Assert.Equal("ISSUE-DATABASE-DOWN", (await engine.Issues.FindAsync(target, new IssueSelection(), Calls.Silent(), Token))[0].Id);
    }

    [Fact]
    public async Task A_server_that_answers_while_one_question_takes_too_long_is_not_down()
    {
        var sandbox = await fixture.PostgresAsync(15);
        var error = await Assert.ThrowsAsync<MaintenanceException>(() => new Maintenance.Engine.Database.DatabasePulse(TimeProvider.System).WatchAsync(
            sandbox.Target, "Asking", TimeSpan.FromSeconds(6), Calls.Silent(), async (_, token) =>
            {
                await using var connection = await SandboxDatabase.OpenAsync(sandbox);
                await using var command = new Npgsql.NpgsqlCommand("SELECT pg_sleep(60)", connection);
                return await command.ExecuteScalarAsync(token);
            },
            Token));

        Assert.Equal(MaintenanceErrorCode.DeadlineExceeded, error.Code);
        Assert.Contains("answers a new connection, so it is not down", error.Message, StringComparison.Ordinal);
    }
}
