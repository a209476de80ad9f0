using System.Globalization;
using Maintenance.Engine.Database;
using Maintenance.Engine.Maintain;
using Maintenance.Engine.Resilience;

namespace Maintenance.Engine.Performance.Optimize;

/// <summary>
/// Drops what a build of ours has made, on a fresh connection and in its own time: the build's connection may be dead, and its caller
/// may have pressed Ctrl+C. Waits for a server that restarts, and ends the build's own process if that lives on.
/// </summary>
/// <param name="run">The run.</param>
/// <param name="stop">The user waits for the prompt once this is cancelled, before it or while it lasts. It is not given up for that, but sooner.</param>
internal sealed class BuildRemoval(BuildRun run, CancellationToken stop)
{
    /// <summary>How long it may take.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>How long somebody who has pressed Ctrl+C waits for others: who holds the table longer than this will hold it on.</summary>
    private static readonly TimeSpan PatienceOfStopped = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan LockTimeout = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    private Obstacle? _inTheWay;
    private string? _dropSql;

    /// <summary>Looks, and drops. Never throws: what it could not do is in the result.</summary>
    /// <param name="dead">The build's server process, if its connection has died here; null if it has ended in good order.</param>
    /// <param name="origin">What was known before.</param>
    /// <returns>Null if nothing is left; else why.</returns>
    public async Task<MaintenanceException?> RunAsync(ServerProcess? dead, BuildOrigin origin)
    {
        using var patience = new CancellationTokenSource(stop.IsCancellationRequested ? PatienceOfStopped : Patience, run.Time);
        using var sooner = stop.IsCancellationRequested ? default : stop.Register(() => GiveUpSooner(patience));
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
                    _dropSql is null
                        ? $"The index {origin.Schema}.{origin.Name} may be left, and could not be dropped: {known?.Message ?? "there was no time left."}"
                        : $"The index {origin.Schema}.{origin.Name} is left, unfinished: no query uses it, and every write may maintain it. It could not be dropped: {(_inTheWay is { } other ? $"{other}." : known?.Message ?? "there was no time left.")}",
                    $"{(_inTheWay is { ProcessId: { } process } ? string.Create(CultureInfo.InvariantCulture, $"When session {process} has ended its transaction, run") : "Run")} Optimize-DbQuery -Apply again, which drops it if the target has a history; or drop it by hand{(_dropSql is null ? "." : $": {_dropSql};")}");
                run.Call.Sink.Warning($"{left.Message} {left.Recommendation}");
                return left;
            }
        }
    }

    // Whoever waits for the prompt is not kept much longer, however long the patience was.
    private void GiveUpSooner(CancellationTokenSource patience)
    {
        patience.CancelAfter(PatienceOfStopped);
        run.Call.Sink.Verbose(string.Create(CultureInfo.InvariantCulture, $"Stopped: the unfinished index is waited for {PatienceOfStopped.TotalSeconds:0} s more."));
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

            _dropSql = index.DropSql;
            await TellAsync(session, origin, cancellationToken);
            await ResiliencePipelines.Lock(run.Time, run.Call.Sink).ExecuteAsync(async token => await run.Watchdog.ExecuteAsync(session, index.DropSql, token), cancellationToken);
            run.Call.Sink.Verbose($"Dropped {index.Schema}.{index.Name} (OID {index.Oid}).");
        }
    }

    // Whoever has a lock on the table is waited for. Said before, not after.
    private async Task TellAsync(DatabaseSession session, BuildOrigin origin, CancellationToken cancellationToken)
    {
        var others = await Obstacles.ReadAsync(session, [origin.TableOid], run.Ours, TimeSpan.Zero, cancellationToken);
        var told = _inTheWay is not null;
        _inTheWay = others.FirstOrDefault(other => other.Relation == origin.TableOid);
        if (_inTheWay is not null && !told)
        {
            run.Call.Sink.Warning(
                string.Create(CultureInfo.InvariantCulture, $"The unfinished index {origin.Schema}.{origin.Name} has to be dropped, and {_inTheWay}. Waiting {(stop.IsCancellationRequested ? PatienceOfStopped : Patience).TotalSeconds:0} s at the most for that to end."));
        }
    }
}
