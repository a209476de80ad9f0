using System.Globalization;
using Maintenance.Engine.Database;
using Maintenance.Engine.Resilience;
using Npgsql;

namespace Maintenance.Engine.Maintain;

/// <summary>What a worker did.</summary>
/// <param name="Done">Results.</param>
/// <param name="Left">Actions whose turn did not come.</param>
/// <param name="MayGoOn">Whether the server lets us go on.</param>
internal sealed record WorkOutcome(IReadOnlyList<DbAction> Done, IReadOnlyList<DbAction> Left, bool MayGoOn);

/// <summary>Does actions on a connection of its own.</summary>
internal sealed class ReindexWorker(ReindexRun run) : IAsyncDisposable
{
    /// <summary>How long an answer about small indexes is taken for the present.</summary>
    private static readonly TimeSpan SeenStaysTrue = TimeSpan.FromMilliseconds(500);

    private readonly WorkSession _session = new(token => run.OpenAsync("", LockTimeoutLadder.Shortest, token));

    /// <summary>Does actions. What goes wrong is in the results; remains are dropped before it returns. Results are not on record yet.</summary>
    /// <param name="planned">The actions: one, or several small rebuilds.</param>
    /// <param name="isLate">Whether it was the time that ended it.</param>
    /// <param name="stopping">Ends the statement on the server.</param>
    public async Task<WorkOutcome> RunAsync(IReadOnlyList<DbAction> planned, Func<bool> isLate, CancellationToken stopping)
    {
        var works = planned.Select(action => new ReindexWork(action with { StartedAt = run.Time.GetUtcNow(), Message = "" })).ToList();
        var done = new List<DbAction>();
        var mayGoOn = true;
        if (works.Count > 1)
        {
            mayGoOn = await TryAllAsync(works, isLate, stopping);
            done.AddRange(works.Where(work => work.IsOver).SelectMany(Results));
            works.RemoveAll(work => work.IsOver);
        }

        // What stands alone, and what was not so simple.
        while (works.Count > 0 && mayGoOn && !stopping.IsCancellationRequested)
        {
            mayGoOn = await TryAsync(works[0], () => works[0].Action.Kind == DbActionKind.Reindex ? RebuildAsync(works[0], stopping) : DropAsync(works[0], stopping), isLate);
            done.AddRange(Results(works[0]));
            works.RemoveAt(0);
        }

        return new WorkOutcome(done, [.. works.Select(work => work.Action)], mayGoOn);

        static IEnumerable<DbAction> Results(ReindexWork work) =>
            [work.Action with { Attempts = work.Attempts, Duration = work.Elapsed, Effect = work.Effect }, .. work.Remains];
    }

    /// <summary>Does a piece of an action's work, and puts what goes wrong into it.</summary>
    /// <returns>Whether the server lets us go on.</returns>
    private async Task<bool> TryAsync(ReindexWork work, Func<Task> piece, Func<bool> isLate)
    {
        var began = run.Time.GetTimestamp();
        try
        {
            await piece();
            return true;
        }
        catch (OperationCanceledException)
        {
            work.Action = isLate()
                ? ReindexPlanner.PutOff(work.Action, new MaintenanceException(MaintenanceErrorCode.DeadlineExceeded, "The time was over before it was done.", "It comes first next time. Allow a longer window."))
                : work.Action with { State = StepState.Cancelled, Error = MaintenanceErrorCode.Cancelled, Message = "It was stopped on request.", Recommendation = "Run it again." };
            return true;
        }
        catch (MaintenanceException exception)
        {
            work.Action = IsForLater(exception.Code)
                ? ReindexPlanner.PutOff(work.Action, exception)
                : work.Action with { State = StepState.Failed, Error = exception.Code, Message = exception.Message, Recommendation = exception.Recommendation };
            return exception.Code != MaintenanceErrorCode.DatabaseUnreachable;
        }
        finally
        {
            work.Elapsed += run.Time.GetElapsedTime(began);
        }
    }

    /// <summary>
    /// Rebuilds small indexes one after another, asking once what is in the way, and once what came of them: a question takes as long as
    /// such a rebuild. It is asked again when the answer is half a second old. What is not as expected is left for the careful way.
    /// </summary>
    /// <returns>Whether the server lets us go on.</returns>
    private async Task<bool> TryAllAsync(List<ReindexWork> works, Func<bool> isLate, CancellationToken stopping)
    {
        var rebuilt = new List<(ReindexWork Work, IndexState Index)>();
        var seen = new Dictionary<long, IndexState>();
        var seenAt = 0L;
        foreach (var work in works)
        {
            if (stopping.IsCancellationRequested)
            {
                break;
            }

            if (seenAt == 0 || run.Time.GetElapsedTime(seenAt) > SeenStaysTrue)
            {
                try
                {
                    seen = await LookAsync([.. works.Except(rebuilt.Select(done => done.Work))], stopping);
                    seenAt = run.Time.GetTimestamp();
                }
                catch (Exception exception) when (exception is MaintenanceException or OperationCanceledException)
                {
                    break;
                }
            }

            if (!seen.TryGetValue(work.Action.Oid, out var index))
            {
                continue;
            }

            var mayGoOn = await TryAsync(work, () => RebuildSmallAsync(work, index, stopping), isLate);
            if (work.IsOver)
            {
                if (!mayGoOn)
                {
                    break;
                }
            }
            else
            {
                rebuilt.Add((work, index));
            }
        }

        await ConcludeAsync(rebuilt, isLate, stopping);
        return works.TrueForAll(work => work.Action.Error != MaintenanceErrorCode.DatabaseUnreachable);
    }

    /// <summary>What of the actions can be done right away, by OID; that they begin is on record then.</summary>
    private async Task<Dictionary<long, IndexState>> LookAsync(IReadOnlyList<ReindexWork> works, CancellationToken stopping)
    {
        var session = await _session.GetAsync(stopping);
        var states = await IndexState.WithSiblingsAsync(session, works.Select(work => work.Action.Oid), run.Ours, stopping);
        var facts = await FactsAsync(session, states, stopping);
        var ready = new Dictionary<long, IndexState>();
        var intents = new List<DbAction>();
        foreach (var work in works)
        {
            if (states.Find(index => Is(index, work.Action)) is not { } index || ReindexPlanner.WhyNotNow(facts, index) is not null)
            {
                continue;
            }

            ready.Add(index.Oid, index);
            if (work.Origin is null)
            {
                intents.Add(Begin(work, index, states.Where(sibling => sibling.TableOid == index.TableOid)));
            }
        }

        if (intents.Count > 0)
        {
            await run.History.RecordAsync(run.Target, intents, run.Call);
        }

        await session.ExecuteAsync("Maintain/Sql/LockTimeout.sql", stopping, Milliseconds(LockTimeoutLadder.Shortest));
        return ready;
    }

    private async Task RebuildSmallAsync(ReindexWork work, IndexState index, CancellationToken stopping)
    {
        var session = await _session.GetAsync(stopping);
        work.Attempts++;
        run.Tell(_session.Process!.Id, $"{index.Schema}.{index.Name}");
        try
        {
            await run.Watchdog.ExecuteAsync(session, index.ReindexSql, stopping);
        }
        catch (Exception exception) when (exception is MaintenanceException or OperationCanceledException)
        {
            await CleanUpAsync(work, index, exception, stopping);
        }
    }

    // What the server reported as done is looked at; if that fails too, a fresh connection does.
    private async Task ConcludeAsync(List<(ReindexWork Work, IndexState Index)> rebuilt, Func<bool> isLate, CancellationToken stopping)
    {
        if (rebuilt.Count == 0)
        {
            return;
        }

        List<IndexState>? now = null;
        Exception? failure = null;
        try
        {
            // A fresh one, if the last of them cost the connection.
            var session = await _session.GetAsync(CancellationToken.None);
            now = await IndexState.OfTablesAsync(session, rebuilt.Select(done => done.Index.TableOid).Distinct(), run.Ours, CancellationToken.None);
        }
        catch (MaintenanceException exception)
        {
            failure = exception;
        }

        foreach (var (work, index) in rebuilt)
        {
            await TryAsync(
                work,
                async () =>
                {
                    if (now is null)
                    {
                        await CleanUpAsync(work, index, failure!, stopping);
                    }
                    else
                    {
                        Conclude(work, index, now);
                    }
                },
                isLate);
        }
    }

    public ValueTask DisposeAsync() => _session.DisposeAsync();

    private static bool IsForLater(MaintenanceErrorCode code) => code is
        MaintenanceErrorCode.LockTimeout or MaintenanceErrorCode.BlockedOthers or MaintenanceErrorCode.HeldBack
        or MaintenanceErrorCode.UnsafeNow or MaintenanceErrorCode.AlreadyRunning or MaintenanceErrorCode.DoesNotFit;

    private async Task RebuildAsync(ReindexWork work, CancellationToken stopping) =>
        await ResiliencePipelines.Lock(run.Time, run.Call.Sink).ExecuteAsync(
            async token =>
            {
                work.Attempts++;
                var session = await _session.GetAsync(token);
                var (index, siblings) = await FindAsync(session, work.Action, token);
                await AssureNothingIsInTheWayAsync(session, index, token);
                if (work.Origin is null)
                {
                    await run.History.RecordAsync(run.Target, Begin(work, index, siblings), run.Call);
                }

                await RebuildOnceAsync(work, session, index, token);
            },
            stopping);

    private async Task RebuildOnceAsync(ReindexWork work, DatabaseSession session, IndexState index, CancellationToken stopping)
    {
        await session.ExecuteAsync("Maintain/Sql/LockTimeout.sql", stopping, Milliseconds(LockTimeoutLadder.For(work.Attempts, work.Action.PredictedDuration)));
        var wal = await WalAsync(session, stopping);
        List<IndexState> now;
        run.Tell(_session.Process!.Id, $"{index.Schema}.{index.Name}");
        try
        {
            await run.Watchdog.ExecuteAsync(session, index.ReindexSql, stopping);
            now = await IndexState.OfTablesAsync(session, [index.TableOid], run.Ours, stopping);
        }
        catch (Exception exception) when (exception is MaintenanceException or OperationCanceledException)
        {
            // Whatever ended it, also the user or the death of the connection: no remains, and no false word about what was reached.
            await CleanUpAsync(work, index, exception, stopping);
            return;
        }
        finally
        {
            run.Tell(_session.Process!.Id, "");
        }

        var successor = Conclude(work, index, now);
        if (await WalAsync(session, CancellationToken.None) is { } after && wal is { } before)
        {
            work.Effect["ServerWalBytes"] = after - before;
        }

        if (run.Options.Check && successor.Method == "btree")
        {
            await CheckAsync(work, session, successor, stopping);
        }
    }

    /// <summary>Notes what is known before a rebuild begins.</summary>
    /// <returns>What the history has to know.</returns>
    private static DbAction Begin(ReindexWork work, IndexState index, IEnumerable<IndexState> ofTable)
    {
        work.Origin = new RebuildOrigin(index.TableOid, index.Oid, index.Shape, ofTable.Select(sibling => sibling.Oid).ToHashSet());
        work.Action = work.Action with { SizeBytes = index.SizeBytes, Sql = index.ReindexSql };
        return InterruptedRebuilds.Intent(work.Action, work.Origin);
    }

    /// <summary>Makes sure that what the server reported as done is so.</summary>
    private static IndexState Conclude(ReindexWork work, IndexState index, IReadOnlyList<IndexState> now)
    {
        if (InvalidIndexLineage.Successor(work.Origin!, now, index.Name) is not { } successor || successor.Role != index.Role)
        {
            throw new MaintenanceException(
                MaintenanceErrorCode.DatabaseError,
                "The server reported success, but there is no valid index of the same name, definition and purpose afterwards.",
                $"Compare it with its definition: SELECT pg_get_indexdef('{index.QualifiedName}'::regclass).");
        }

        work.Succeed(successor);
        return successor;
    }

    private async Task CleanUpAsync(ReindexWork work, IndexState index, Exception exception, CancellationToken stopping)
    {
        var alive = _session.Alive;
        var holder = alive is not null && exception is MaintenanceException { Code: MaintenanceErrorCode.LockTimeout } ? await HolderAsync(alive, index) : null;
        var removal = await new RemainsRemoval(run).RunAsync(_session.Dead, work.Origin!, index);
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
                var session = await _session.GetAsync(token);
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
        return siblings.Find(index => Is(index, action)) is { } index
            ? (index, siblings)
            : throw Gone(action);
    }

    private static bool Is(IndexState index, DbAction action) => index.Oid == action.Oid && index.Name == action.Name && index.Schema == action.Schema;

    private static MaintenanceException Gone(DbAction action) => new(
        MaintenanceErrorCode.ObjectNotFound,
        string.Create(CultureInfo.InvariantCulture, $"There is no index {action.Schema}.{action.Name} with the OID {action.Oid} any more."),
        "It was dropped, renamed or rebuilt since. List the objects again.");

    private async Task AssureNothingIsInTheWayAsync(DatabaseSession session, IndexState index, CancellationToken cancellationToken)
    {
        if (ReindexPlanner.WhyNotNow(await FactsAsync(session, [index], cancellationToken), index) is { } reason)
        {
            throw reason;
        }
    }

    private async Task<ReindexFacts> FactsAsync(DatabaseSession session, IReadOnlyList<IndexState> indexes, CancellationToken cancellationToken) => new()
    {
        Target = run.Target.Name,
        Database = session.Database,
        ServerVersionNumber = session.ServerVersionNumber,
        Server = await run.FactsAsync(session, cancellationToken),
        Obstacles = await Obstacles.ReadAsync(
            session, indexes.Select(index => index.Oid).Concat(indexes.Select(index => index.TableOid)).Distinct(), run.Ours, run.MaximumSnapshotAge, cancellationToken),
        Options = run.Options,
        Now = run.Time.GetUtcNow(),
    };

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
            sql,
            _ => "passed",
            async (connection, token) =>
            {
                await using var command = new NpgsqlCommand(SqlText.Marked(sql), connection);
                return await command.ExecuteNonQueryAsync(token);
            },
            cancellationToken);
        return "passed";
    }

    private static string Milliseconds(TimeSpan time) => ((long)time.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
}
