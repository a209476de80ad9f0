using System.Globalization;
using Maintenance.Engine;
using Maintenance.Engine.Sandbox;
using Maintenance.IntegrationTests.Infrastructure;

namespace Maintenance.IntegrationTests.Maintain;

/// <summary>Prepared transactions need a server of their own: by default there can be none.</summary>
public sealed class PreparedTransactionTests(SandboxFixture fixture)
{
    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task A_prepared_transaction_at_the_root_is_named_and_what_ends_it_is_told(int major)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "pg_ctl there belongs to a service.");
        var token = TestContext.Current.CancellationToken;
        await fixture.PostgresAsync(major);
        var options = new SandboxOptions { Name = $"prepared-{Guid.NewGuid():N}", PostgresVersion = major, Scale = 0, ResourcePath = SandboxFixture.ResourcePath };
        var sandbox = await fixture.Service.StartAsync(options, Calls.Silent(), token);
        try
        {
            await RestartWithPreparedTransactionsAsync(sandbox, options);
            await using var engine = new MaintenanceEngine();
            await using var scene = await SessionScene.CreateAsync(sandbox);
            await scene.AfterAsync("BEGIN; SELECT 1 FROM \"Big Orders\" WHERE id = 2; PREPARE TRANSACTION 'innocent'");
            await scene.AfterAsync("BEGIN; UPDATE \"Big Orders\" SET note = 'x' WHERE id = 1; PREPARE TRANSACTION 'it''s guilty'");
            var (row, rowStatement) = await scene.WaitingAsync("UPDATE \"Big Orders\" SET note = 'y' WHERE id = 1");
            var (table, tableStatement) = await scene.WaitingAsync("BEGIN; LOCK TABLE \"Big Orders\" IN SHARE MODE");

            var sessions = await engine.Sessions.ReadAsync(scene.Target, new DbSessionQuery { Blocking = true }, Calls.Silent(), token);
            var root = sessions[0];
            Assert.True(root is { ProcessId: 0, PreparedTransaction: "it's guilty", IsRootBlocker: true, Victims: 2, State: DbSessionState.Prepared, Depth: 0 });
            Assert.Equal(scene.Name, root.Database);
            Assert.True(root.XidAge >= 1);
            Assert.All(sessions.Skip(1), session => Assert.Equal(["it's guilty"], session.BlockedByPrepared));
            Assert.Equal(new[] { row.ProcessID, table.ProcessID }.Order(), sessions.Skip(1).Select(session => session.ProcessId).Order());
            Assert.Contains(
                await engine.Sessions.ReadAsync(scene.Target, new DbSessionQuery(), Calls.Silent(), token),
                session => session is { PreparedTransaction: "innocent", IsRootBlocker: false });

            var request = new DbSessionStopRequest { ProcessId = 0, Seen = root, Force = true };
            var result = await engine.SessionTerminator.ExecuteAsync(
                scene.Target, await engine.SessionTerminator.PlanAsync(scene.Target, request, Calls.Silent(), token), Calls.Silent(), token);
            Assert.Equal(DbSessionStopOutcome.Refused, result.Outcome);
            Assert.Contains("ROLLBACK PREPARED 'it''s guilty'", result.Message, StringComparison.Ordinal);

            await SandboxDatabase.ExecuteAsync(sandbox, "ROLLBACK PREPARED 'it''s guilty'", scene.Name);
            await rowStatement;
            await tableStatement;
        }
        finally
        {
            await fixture.Service.StopAsync(sandbox.Id, Calls.Silent(), CancellationToken.None);
        }
    }

    private static async Task RestartWithPreparedTransactionsAsync(MaintenanceSandbox sandbox, SandboxOptions options)
    {
        var token = TestContext.Current.CancellationToken;
        await SandboxDatabase.ExecuteAsync(sandbox, "ALTER SYSTEM SET max_prepared_transactions = 10");
        var server = Path.Combine(sandbox.Path, "server");
        var installation = await new PostgresBinaries(new NpmTools(options.ResourcePath, TimeProvider.System)).FindAsync(options, new RecordingSink(), token);
        var copied = Path.Combine(sandbox.Path, "postgresql", "bin");
        var account = await ServerAccount.ChooseAsync(token);
        var restart = account.Call(
            Path.Combine(Directory.Exists(copied) ? copied : installation.BinPath, "pg_ctl"),
            ["restart", "-D", Path.Combine(server, "data"), "-m", "fast", "-w", "-l", Path.Combine(server, "server.log"), "-o", string.Create(CultureInfo.InvariantCulture, $"-p {sandbox.Port}")],
            server);
        var result = await restart.RunAsync(token);
        Assert.True(result.ExitCode == 0, result.Output);
    }
}
