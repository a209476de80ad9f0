using System.Globalization;
using Maintenance.Engine.Database;
using Maintenance.Engine.Resilience;

namespace Maintenance.Engine.Maintain;

/// <summary>A process of the server, told apart from later ones of the same number.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Began">When it began.</param>
internal sealed record ServerProcess(int Id, DateTimeOffset Began);

/// <summary>What became of the remains of a rebuild that ended early.</summary>
/// <param name="Looked">Whether the catalogue could be read at all.</param>
/// <param name="Successor">The new index, if the rebuild came so far that it is in place.</param>
/// <param name="Original">The index itself, if it is still there.</param>
/// <param name="Dropped">Names of the remains that were dropped.</param>
/// <param name="Failed">Remains that could not be dropped.</param>
internal sealed record Removal(bool Looked, IndexState? Successor, IndexState? Original, IReadOnlyList<string> Dropped, IReadOnlyList<DbAction> Failed);

/// <summary>
/// Drops what a rebuild of ours has left, on a fresh connection and in its own time: the rebuild's connection may be dead, and its
/// caller may have pressed Ctrl+C. Waits for a server that restarts, and ends the rebuild's own process if that lives on.
/// </summary>
internal sealed class RemainsRemoval(ReindexRun run)
{
    /// <summary>How long it may take, also when the user waits for the prompt.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan LockTimeout = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    private readonly List<string> _dropped = [];

    /// <summary>Looks, and drops. Never throws: what it could not do is in the result, and told as a warning.</summary>
    /// <param name="dead">The rebuild's server process, if its connection has died here; null if it has ended in good order.</param>
    /// <param name="origin">What was known before.</param>
    /// <param name="index">The index that was rebuilt.</param>
    public async Task<Removal> RunAsync(ServerProcess? dead, RebuildOrigin origin, IndexState index)
    {
        using var patience = new CancellationTokenSource(Patience, run.Time);
        while (true)
        {
            try
            {
                return await OnceAsync(dead, origin, index, patience.Token);
            }
            catch (Exception exception) when (exception is MaintenanceException or OperationCanceledException)
            {
                if (patience.IsCancellationRequested || exception is not MaintenanceException { Code: MaintenanceErrorCode.DatabaseUnreachable })
                {
                    run.Call.Sink.Warning($"What the rebuild of {index.Schema}.{index.Name} may have left could not be looked for: {exception.Message} The next run does.");
                    return new Removal(false, null, null, _dropped, []);
                }

                // The server restarts, or has no connection left for a moment.
                await Task.Delay(Pause, run.Time, CancellationToken.None);
            }
        }
    }

    private async Task<Removal> OnceAsync(ServerProcess? dead, RebuildOrigin origin, IndexState index, CancellationToken cancellationToken)
    {
        await using var session = await run.OpenAsync(" clean-up", LockTimeout, cancellationToken);
        if (dead is not null)
        {
            await EndAsync(session, dead, cancellationToken);
        }

        List<IndexState> now;
        IReadOnlyList<IndexState> remains;
        while (true)
        {
            now = await IndexState.OfTablesAsync(session, [origin.TableOid], run.Ours, cancellationToken);
            remains = InvalidIndexLineage.LeftBy(origin, now);
            if (!remains.Any(left => left.WorkedOnBy is not null))
            {
                break;
            }

            // An autovacuum that has waited for us, or somebody who rebuilds the same index.
            await Task.Delay(Pause, run.Time, cancellationToken);
        }

        var failed = new List<DbAction>();
        foreach (var left in remains)
        {
            try
            {
                await ResiliencePipelines.Lock(run.Time, run.Call.Sink).ExecuteAsync(
                    async token => await run.Watchdog.ExecuteAsync(session, left.DropSql, token), cancellationToken);
                _dropped.Add(left.Name);
                run.Call.Sink.Verbose($"Dropped {left.Schema}.{left.Name} (OID {left.Oid}), which the rebuild had left.");
            }
            catch (Exception exception) when (exception is OperationCanceledException
                || exception is MaintenanceException { Code: not MaintenanceErrorCode.DatabaseUnreachable })
            {
                failed.Add(CouldNotDrop(session.Database, left, exception));
            }
        }

        return new Removal(
            true, InvalidIndexLineage.Successor(origin, now, index.Name), now.Find(other => other.Oid == origin.IndexOid), _dropped, failed);
    }

    // A connection that is dead here may live on there, and go on building.
    private async Task EndAsync(DatabaseSession session, ServerProcess process, CancellationToken cancellationToken)
    {
        while (true)
        {
            var ended = await session.QueryAsync("Maintain/Sql/EndBackend.sql", row => row.GetBoolean(0), cancellationToken, process.Id, process.Began);
            if (ended.Count == 0)
            {
                return;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), run.Time, cancellationToken);
        }
    }

    private DbAction CouldNotDrop(string database, IndexState left, Exception exception)
    {
        var reason = exception is MaintenanceException known ? known.Message : "there was no time left.";
        var message = string.Create(
            CultureInfo.InvariantCulture, $"{left.Schema}.{left.Name} (OID {left.Oid}) is left of an interrupted rebuild, and could not be dropped: {reason}");
        var recommendation = $"Run it again when nobody uses the table, which drops it; or by hand: {left.DropSql};";
        run.Call.Sink.Warning($"{message} {recommendation}");
        return new DbAction
        {
            Target = run.Target.Name,
            Database = database,
            Kind = DbActionKind.DropInvalidIndex,
            Schema = left.Schema,
            Name = left.Name,
            Oid = left.Oid,
            Table = left.Table,
            Sql = left.DropSql,
            Lock = ReindexPlanner.DropLock,
            SizeBytes = left.SizeBytes,
            State = StepState.Failed,
            Message = message,
            Error = (exception as MaintenanceException)?.Code ?? MaintenanceErrorCode.DeadlineExceeded,
            Recommendation = recommendation,
            Attempts = 1,
            StartedAt = run.Time.GetUtcNow(),
        };
    }
}
