using Maintenance.Engine.Health;
using Maintenance.Engine.Resilience;

namespace Maintenance.Engine.Tests.Health;

public sealed class ProbeRunnerTests
{
    private static readonly MaintenanceTarget Target = new() { Name = "production" };

    private static async Task<IReadOnlyList<ProbeOutcome>> RunAsync(TimeSpan timeout, params IHealthProbe[] probes)
    {
        using var deadline = new Deadline(timeout, TimeProvider.System, TestContext.Current.CancellationToken);
        return await new ProbeRunner(TimeProvider.System).RunAsync(
            Target, probes, Calls.Silent(), deadline, TestContext.Current.CancellationToken);
    }

    private static ProbeResult Fine => new() { Status = HealthStatus.Ok, Score = 100, Message = "fine" };

    [Fact]
    public async Task A_probe_that_fails_is_unknown_and_the_others_still_count()
    {
        var outcomes = await RunAsync(
            TimeSpan.FromSeconds(30),
            new Probe("Database", _ => throw new MaintenanceException(MaintenanceErrorCode.DatabaseUnreachable, "It is down.", "Start it.")),
            new Probe("Backups", _ => Task.FromResult(Fine)));
        Assert.Equal(HealthStatus.Unknown, outcomes[0].Result.Status);
        Assert.Equal(MaintenanceErrorCode.DatabaseUnreachable, outcomes[0].Result.Error);
        Assert.Equal("Start it.", outcomes[0].Result.Recommendation);
        Assert.Equal(HealthStatus.Unknown, Assert.Single(outcomes[0].Result.Findings).Status);
        Assert.Equal(HealthStatus.Ok, outcomes[1].Result.Status);
    }

    [Fact]
    public async Task A_fault_of_our_own_is_unknown_too()
    {
        var outcomes = await RunAsync(TimeSpan.FromSeconds(30), new Probe("Database", _ => throw new InvalidOperationException("oops")));
        Assert.Equal(MaintenanceErrorCode.Unexpected, outcomes[0].Result.Error);
        Assert.Equal(HealthStatus.Unknown, outcomes[0].Result.Status);
    }

    [Fact]
    public async Task A_probe_that_does_not_finish_is_cancelled_at_the_deadline()
    {
        var outcomes = await RunAsync(
            TimeSpan.FromMilliseconds(200),
            new Probe("Database", async token =>
            {
                await Task.Delay(Timeout.Infinite, token);
                return Fine;
            }));
        Assert.Equal(MaintenanceErrorCode.DeadlineExceeded, outcomes[0].Result.Error);
        Assert.Null(outcomes[0].Result.Score);
    }

    [Fact]
    public async Task A_probe_that_ignores_its_token_is_left_behind()
    {
        var never = new TaskCompletionSource<ProbeResult>();
        var outcomes = await RunAsync(TimeSpan.FromMilliseconds(200), new Probe("Backups", _ => never.Task), new Probe("Database", _ => Task.FromResult(Fine)));
        Assert.Equal(MaintenanceErrorCode.DeadlineExceeded, outcomes[0].Result.Error);
        Assert.Equal(HealthStatus.Ok, outcomes[1].Result.Status);
    }

    private sealed class Probe(string component, Func<CancellationToken, Task<ProbeResult>> probe) : IHealthProbe
    {
        public string Component => component;

        public string Describe(MaintenanceTarget target) => component;

        public Task<ProbeResult> ProbeAsync(MaintenanceTarget target, CallContext call, CancellationToken cancellationToken) => probe(cancellationToken);
    }
}
