using Maintenance.Engine;
using Maintenance.IntegrationTests.Infrastructure;

namespace Maintenance.IntegrationTests.Health;

/// <summary>A read-only replica: a server of its own that is kept in recovery.</summary>
public sealed class StandbyTests(SandboxFixture fixture)
{
    [Fact]
    public async Task A_standby_is_measured_and_refuses_what_writes()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "pg_ctl there belongs to a service.");
        var token = TestContext.Current.CancellationToken;
        var options = new SandboxOptions { Name = $"standby-{Guid.NewGuid():N}", PostgresVersion = 15, Scale = 0, ResourcePath = SandboxFixture.ResourcePath };
        await fixture.PostgresAsync(15);
        var sandbox = await fixture.Service.StartAsync(options, Calls.Silent(), token);
        try
        {
            await BecomeStandbyAsync(sandbox, options);
            await using var engine = new MaintenanceEngine();
            var target = sandbox.Target with { History = new HistorySettings { Kind = HistoryKind.Postgres } };

            var health = await engine.Health.GetDbHealthAsync(target, Calls.Silent(), token);
            Assert.True(health.IsStandby);
            Assert.DoesNotContain(health.Findings, finding => finding.Status == HealthStatus.Unknown);

            // The lock against a second run works on a standby, the history in its own database does not.
            var run = await engine.Tasks.RunAsync(target, "Daily", new(), Calls.Silent(), token);
            Assert.Equal(StepState.Done, run.Steps.Single(step => step.Name == "Database").State);
            Assert.Equal(MaintenanceErrorCode.HistoryUnavailable, run.Steps.Single(step => step.Name == "History").Error);
            // Without a history of its own the log lies in the user's folder.
            Directory.Delete(Path.GetDirectoryName(run.Artifacts[0].Path)!, recursive: true);
        }
        finally
        {
            await fixture.Service.StopAsync(sandbox.Id, Calls.Silent(), CancellationToken.None);
        }
    }

    private static async Task BecomeStandbyAsync(MaintenanceSandbox sandbox, SandboxOptions options)
    {
        var server = await OwnServer.OfAsync(sandbox, options);
        await File.WriteAllTextAsync(Path.Combine(server.Data, "standby.signal"), "", TestContext.Current.CancellationToken);
        await server.RestartAsync();
    }
}
