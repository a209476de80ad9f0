using Npgsql;

namespace Maintenance.Engine.Sandbox.Faults;

/// <summary>The requests of a sandbox with faults: somebody buys something all the time, so that an end of the trouble can be measured as well as the trouble.</summary>
internal sealed class FaultyRequests(NpgsqlDataSource database)
{
    private const int SecondsBefore = 14 * 60;

    private bool _hasBegun;

    /// <summary>A request; at first those of the last quarter of an hour.</summary>
    public async Task GoOnAsync(CancellationToken cancellationToken)
    {
        await (_hasBegun ? RunAsync("Requests", cancellationToken, 1, 1) : RunAsync("Requests", cancellationToken, SecondsBefore, SecondsBefore / 5));
        _hasBegun = true;
    }

    public Task FailAsync(CancellationToken cancellationToken) => RunAsync("FailedRequests", cancellationToken);

    public async Task SucceedAsync(CancellationToken cancellationToken)
    {
        await RunAsync("SucceededRequests", cancellationToken);
        await RunAsync("NoErrors", cancellationToken);
    }

    public Task SlowDownAsync(CancellationToken cancellationToken) => RunAsync("SlowRequests", cancellationToken);

    public Task SpeedUpAsync(CancellationToken cancellationToken) => RunAsync("FastRequests", cancellationToken);

    private Task RunAsync(string name, CancellationToken cancellationToken, params object[] values) => FaultSql.RunAsync(database, name, cancellationToken, values);
}
