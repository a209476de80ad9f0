using System.Data;
using System.Globalization;
using Maintenance.Engine.Database;
using Maintenance.Engine.Resilience;
using Npgsql;

namespace Maintenance.Engine.Maintain;

/// <summary>Does one action after another on a connection of its own.</summary>
internal sealed class ReindexWorker(ReindexRun run) : IAsyncDisposable
{
    private DatabaseSession? _session;
    private ServerProcess _process = null!;

    /// <summary>Does one action. What goes wrong is in the result; remains are dropped before it returns.</summary>
    /// <param name="planned">The action.</param>
    /// <param name="isLate">Whether it was the time that ended it.</param>
    /// <param name="stopping">Ends the statement on the server.</param>
    /// <returns>What was done, and whether the server lets us go on.</returns>
    public async Task<(IReadOnlyList<DbAction> Done, bool MayGoOn)> RunAsync(DbAction planned, Func<bool> isLate, CancellationToken stopping)
    {
        var began = run.Time.GetTimestamp();
        var work = new ReindexWork(planned with { StartedAt = run.Time.GetUtcNow(), Message = "" });
        var mayGoOn = true;
        try
        {
            await (planned.Kind == DbActionKind.Reindex ? RebuildAsync(work, stopping) : DropAsync(work, stopping));
        }
        catch (OperationCanceledException)
        {
            work.Action = isLate()
                ? ReindexPlanner.PutOff(work.Action, new MaintenanceException(MaintenanceErrorCode.DeadlineExceeded, "The time was over before it was done.", "It comes first next time. Allow a longer window."))
                : work.Action with { State = StepState.Cancelled, Error = MaintenanceErrorCode.Cancelled, Message = "It was stopped on request.", Recommendation = "Run it again." };
        }
        catch (MaintenanceException exception)
        {
            mayGoOn = exception.Code != MaintenanceErrorCode.DatabaseUnreachable;
            work.Action = IsForLater(exception.Code)
                ? ReindexPlanner.PutOff(work.Action, exception)
                : work.Action with { State = StepState.Failed, Error = exception.Code, Message = exception.Message, Recommendation = exception.Recommendation };
        }

        var result = work.Action with { Attempts = work.Attempts, Duration = run.Time.GetElapsedTime(began), Effect = work.Effect };
        foreach (var action in (DbAction[])[result, .. work.Remains])
        {
            await run.History.RecordAsync(run.Target, action, run.Call);
        }

        return ([result, .. work.Remains], mayGoOn);
    }

    public async ValueTask DisposeAsync()
    {
        if (_session is not null)
        {
            await _session.DisposeAsync();
        }
    }

    private static bool IsForLater(MaintenanceErrorCode code) => code is
        MaintenanceErrorCode.LockTimeout or MaintenanceErrorCode.BlockedOthers or MaintenanceErrorCode.HeldBack
        or MaintenanceErrorCode.UnsafeNow or MaintenanceErrorCode.AlreadyRunning or MaintenanceErrorCode.DoesNotFit;

    private async Task RebuildAsync(ReindexWork work, CancellationToken stopping) =>
        await ResiliencePipelines.Lock(run.Time, run.Call.Sink).ExecuteAsync(
            async token =>
            {
                work.Attempts++;
                var session = await SessionAsync(token);
                var (index, siblings) = await FindAsync(session, work.Action, token);
                await AssureNothingIsInTheWayAsync(session, index, token);
                if (work.Origin is null)
                {
                    work.Origin = new RebuildOrigin(index.TableOid, index.Oid, index.Shape, siblings.Select(sibling => sibling.Oid).ToHashSet());
                    work.Action = work.Action with { SizeBytes = index.SizeBytes, Sql = index.ReindexSql };
                    await run.History.RecordAsync(run.Target, InterruptedRebuilds.Intent(work.Action, work.Origin), run.Call);
                }

                await RebuildOnceAsync(work, session, index, token);
            },
            stopping);

    private async Task RebuildOnceAsync(ReindexWork work, DatabaseSession session, IndexState index, CancellationToken stopping)
    {
        var origin = work.Origin!;
        await session.ExecuteAsync("Maintain/Sql/LockTimeout.sql", stopping, Milliseconds(LockTimeoutLadder.For(work.Attempts, work.Action.PredictedDuration)));
        var wal = await WalAsync(session, stopping);
        List<IndexState> now;
        run.Tell(_process.Id, $"{index.Schema}.{index.Name}");
        try
        {
            await run.Watchdog.ExecuteAsync(session, index.ReindexSql, stopping);
            now = await IndexState.OfTablesAsync(session, [index.TableOid], run.Ours, stopping);
        }
        catch (Exception exception) when (exception is MaintenanceException or OperationCanceledException)
        {
            // Whatever ended it, also the user or the death of the connection: no remains, and no false word about what was reached.
            await CleanUpAsync(work, session, index, exception, stopping);
            return;
        }
        finally
        {
            run.Tell(_process.Id, "");
        }

        if (InvalidIndexLineage.Successor(origin, now, index.Name) is not { } successor || successor.Role != index.Role)
        {
            throw new MaintenanceException(
                MaintenanceErrorCode.DatabaseError,
                "The server reported success, but there is no valid index of the same name, definition and purpose afterwards.",
                $"Compare it with its definition: SELECT pg_get_indexdef('{index.QualifiedName}'::regclass).");
        }

        work.Succeed(successor);
        if (await WalAsync(session, CancellationToken.None) is { } after && wal is { } before)
        {
            work.Effect["ServerWalBytes"] = after - before;
        }

        if (run.Options.Check && successor.Method == "btree")
        {
            await CheckAsync(work, session, successor, stopping);
        }
    }

    private async Task CleanUpAsync(ReindexWork work, DatabaseSession session, IndexState index, Exception exception, CancellationToken stopping)
    {
        var holder = exception is MaintenanceException { Code: MaintenanceErrorCode.LockTimeout } ? await HolderAsync(session, index) : null;
        var removal = await new RemainsRemoval(run).RunAsync(session.Connection.State == ConnectionState.Open ? null : _process, work.Origin!, index);
        work.Remains = removal.Failed;
        if (!removal.Looked || removal.Failed.Count > 0)
        {
            foreach (var (key, value) in InterruptedRebuilds.EffectOf(work.Origin!))
            {
                work.Effect[key] = value;
            }
        }

        if (removal.Dropped.Count > 0)
        {
            work.Effect["Dropped"] = string.Join(", ", removal.Dropped);
        }

        if (removal.Successor is { } successor)
        {
            work.Succeed(successor);
            work.Action = work.Action with { Message = $"{work.Action.Message} It was interrupted when the new index was in place already." };
            return;
        }

        stopping.ThrowIfCancellationRequested();
        if (removal is { Looked: true, Original: null })
        {
            throw Gone(work.Action);
        }

        if (exception is not MaintenanceException known)
        {
            throw exception;
        }

        // Trying again while remains are there would only leave more of them.
        var code = work.Remains.Count > 0 && IsForLater(known.Code) ? MaintenanceErrorCode.HeldBack : known.Code;
        throw new MaintenanceException(
            code, holder is null ? known.Message : $"{known.Message} In its way: {holder}.", holder?.Recommendation ?? known.Recommendation, known.Detail);
    }

    /// <summary>Who made a rebuild wait too long, as far as anybody can tell afterwards.</summary>
    private async Task<Obstacle?> HolderAsync(DatabaseSession session, IndexState index)
    {
        try
        {
            return await Obstacles.ReadAsync(session, [index.Oid, index.TableOid], run.Ours, LockTimeoutLadder.Shortest / 2, CancellationToken.None) is [var longest, ..] ? longest : null;
        }
        catch (MaintenanceException)
        {
            return null;
        }
    }

    private async Task DropAsync(ReindexWork work, CancellationToken stopping) =>
        await ResiliencePipelines.Lock(run.Time, run.Call.Sink).ExecuteAsync(
            async token =>
            {
                work.Attempts++;
                var session = await SessionAsync(token);
                var (index, _) = await FindAsync(session, work.Action, token);
                if (index.IsValid)
                {
                    work.Action = work.Action with { State = StepState.Skipped, Message = "It is valid by now.", Recommendation = null };
                    return;
                }

                if (index.WorkedOnBy is { } process)
                {
                    throw new MaintenanceException(
                        MaintenanceErrorCode.AlreadyRunning,
                        string.Create(CultureInfo.InvariantCulture, $"Server process {process} is at work on its table."),
                        "Wait until it has ended.");
                }

                work.Action = work.Action with { SizeBytes = index.SizeBytes, Sql = index.DropSql };
                await session.ExecuteAsync("Maintain/Sql/LockTimeout.sql", token, Milliseconds(LockTimeoutLadder.For(work.Attempts, null)));
                await run.Watchdog.ExecuteAsync(session, index.DropSql, token);
                work.Action = work.Action with { State = StepState.Done, Message = "Dropped.", SizeBytesAfter = 0 };
            },
            stopping);

    /// <summary>The index as it is now, with all others of its table.</summary>
    private async Task<(IndexState Index, IReadOnlyList<IndexState> Siblings)> FindAsync(DatabaseSession session, DbAction action, CancellationToken cancellationToken)
    {
        var siblings = await IndexState.WithSiblingsAsync(session, [action.Oid], run.Ours, cancellationToken);
        return siblings.Find(index => index.Oid == action.Oid && index.Name == action.Name && index.Schema == action.Schema) is { } index
            ? (index, siblings)
            : throw Gone(action);
    }

    private static MaintenanceException Gone(DbAction action) => new(
        MaintenanceErrorCode.ObjectNotFound,
        string.Create(CultureInfo.InvariantCulture, $"There is no index {action.Schema}.{action.Name} with the OID {action.Oid} any more."),
        "It was dropped, renamed or rebuilt since. List the objects again.");

    private async Task AssureNothingIsInTheWayAsync(DatabaseSession session, IndexState index, CancellationToken cancellationToken)
    {
        var facts = new ReindexFacts
        {
            Target = run.Target.Name,
            Database = session.Database,
            ServerVersionNumber = session.ServerVersionNumber,
            Server = await run.FactsAsync(session, cancellationToken),
            Obstacles = await Obstacles.ReadAsync(session, [index.Oid, index.TableOid], run.Ours, run.MaximumSnapshotAge, cancellationToken),
            Options = run.Options,
            Now = run.Time.GetUtcNow(),
        };
        if (ReindexPlanner.WhyNotNow(facts, index) is { } reason)
        {
            throw reason;
        }
    }

    private async Task<DatabaseSession> SessionAsync(CancellationToken cancellationToken)
    {
        if (_session is { Connection.State: ConnectionState.Open } open)
        {
            return open;
        }

        if (_session is not null)
        {
            await _session.DisposeAsync();
            _session = null;
        }

        var session = await run.OpenAsync("", LockTimeoutLadder.Shortest, cancellationToken);
        _session = session;
        // A connection that has died does not know its process any more.
        _process = new ServerProcess(
            session.Connection.ProcessID,
            (await session.QueryAsync("Maintain/Sql/BackendStart.sql", row => row.GetFieldValue<DateTimeOffset>(0), cancellationToken, session.Connection.ProcessID))[0]);
        return session;
    }

    // The rebuild is done when this is asked: what goes wrong here is no failure of it.
    private static async Task<long?> WalAsync(DatabaseSession session, CancellationToken cancellationToken)
    {
        try
        {
            return (await session.QueryAsync("Maintain/Sql/WalPosition.sql", row => row.GetInt64(0), cancellationToken))[0];
        }
        catch (MaintenanceException)
        {
            return null;
        }
    }

    private static async Task CheckAsync(ReindexWork work, DatabaseSession session, IndexState index, CancellationToken stopping)
    {
        try
        {
            var calls = await session.QueryAsync("Maintain/Sql/AmcheckCall.sql", row => (Sql: row.GetString(0), Allowed: row.GetBoolean(1)), stopping, index.Oid);
            work.Effect["Check"] = calls switch
            {
                [] => "not done: the extension amcheck is not installed",
                [{ Allowed: false }] => $"not done: {index.User} may not execute bt_index_check",
                _ => await CheckedAsync(session, calls[0].Sql, stopping),
            };
        }
        catch (MaintenanceException exception)
        {
            work.Effect["Check"] = "failed";
            work.Action = work.Action with
            {
                State = StepState.Failed,
                Error = exception.Code,
                Message = $"It was rebuilt, but the check of it failed: {exception.Message}",
                Recommendation = "If it is corrupt right after a rebuild, suspect memory, disk or the collation's library.",
            };
        }
        catch (OperationCanceledException)
        {
            work.Effect["Check"] = "not done: it was stopped";
        }
    }

    private static async Task<string> CheckedAsync(DatabaseSession session, string sql, CancellationToken cancellationToken)
    {
        await session.RunAsync(
            async (connection, token) =>
            {
                await using var command = new NpgsqlCommand(sql, connection);
                return await command.ExecuteNonQueryAsync(token);
            },
            cancellationToken);
        return "passed";
    }

    private static string Milliseconds(TimeSpan time) => ((long)time.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
}
