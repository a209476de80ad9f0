using Maintenance.Engine.Maintain;
using Maintenance.Engine.Resilience;

namespace Maintenance.Engine.Performance.Optimize;

/// <summary>
/// Drops what a build of ours has made, on a fresh connection and in its own time: the build's connection may be dead, and its caller
/// may have pressed Ctrl+C. Waits for a server that restarts, and ends the build's own process if that lives on.
/// </summary>
internal sealed class BuildRemoval(BuildRun run)
{
    /// <summary>How long it may take, also when the user waits for the prompt.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan LockTimeout = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    /// <summary>Looks, and drops. Never throws: what it could not do is in the result.</summary>
    /// <param name="dead">The build's server process, if its connection has died here; null if it has ended in good order.</param>
    /// <param name="origin">What was known before.</param>
    /// <returns>Null if nothing is left; else why.</returns>
    public async Task<MaintenanceException?> RunAsync(ServerProcess? dead, BuildOrigin origin)
    {
        using var patience = new CancellationTokenSource(Patience, run.Time);
        while (true)
        {
            try
            {
                await OnceAsync(dead, origin, patience.Token);
                return null;
            }
            catch (Exception exception) when (exception is MaintenanceException or OperationCanceledException)
            {
                if (!patience.IsCancellationRequested && exception is MaintenanceException { Code: MaintenanceErrorCode.DatabaseUnreachable })
                {
                    // The server restarts, or has no connection left for a moment.
                    await Task.Delay(Pause, run.Time, CancellationToken.None);
                    continue;
                }

                var known = exception as MaintenanceException;
                var left = new MaintenanceException(
                    known?.Code ?? MaintenanceErrorCode.DeadlineExceeded,
                    $"The index {origin.Schema}.{origin.Name} may be left, and could not be dropped: {known?.Message ?? "there was no time left."}",
                    $"Run Optimize-DbQuery -Apply again when nobody uses the table, which drops it; or drop it by hand.");
                run.Call.Sink.Warning($"{left.Message} {left.Recommendation}");
                return left;
            }
        }
    }

    private async Task OnceAsync(ServerProcess? dead, BuildOrigin origin, CancellationToken cancellationToken)
    {
        await using var session = await run.OpenAsync(" clean-up", LockTimeout, cancellationToken);
        while (dead is not null && (await session.QueryAsync("Maintain/Sql/EndBackend.sql", row => row.GetBoolean(0), cancellationToken, dead.Id, dead.Began)).Count > 0)
        {
            // A connection that is dead here may live on there, and go on building.
            await Task.Delay(TimeSpan.FromMilliseconds(20), run.Time, cancellationToken);
        }

        while (origin.Find(await IndexState.OfTablesAsync(session, [origin.TableOid], run.Ours, cancellationToken)) is { } index)
        {
            if (index.WorkedOnBy is not null)
            {
                await Task.Delay(Pause, run.Time, cancellationToken);
                continue;
            }

            await ResiliencePipelines.Lock(run.Time, run.Call.Sink).ExecuteAsync(async token => await run.Watchdog.ExecuteAsync(session, index.DropSql, token), cancellationToken);
            run.Call.Sink.Verbose($"Dropped {index.Schema}.{index.Name} (OID {index.Oid}).");
        }
    }
}
