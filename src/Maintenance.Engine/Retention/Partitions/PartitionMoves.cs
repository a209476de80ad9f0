using System.Globalization;
using Maintenance.Engine.Maintain;
using Maintenance.Engine.Resilience;

namespace Maintenance.Engine.Retention;

/// <summary>
/// Takes partitions whole in which every row is past its age: they are detached, and then dropped or attached to the archive. What has to
/// stay, or cannot go so, is left to the batches that come after.
/// </summary>
internal sealed class PartitionMoves : IRowMover
{
    /// <summary>How long to wait, over all partitions of a policy, for others to be done with the table. Nobody waits for us meanwhile.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(20);

    private TimeSpan _patience = Patience;
    private long _rows;

    public async Task RunAsync(RetentionWork work, CancellationToken cancellationToken)
    {
        var plan = await PartitionProbe.PlanAsync(work.Session, work.Policy, work.Facts, work.CutOff, work.Statements, work.Options, cancellationToken);
        if (plan.Steps.Count == 0)
        {
            return;
        }

        var wal = await WalMeter.StartAsync(work.Session, cancellationToken);
        try
        {
            await MoveAsync(work, plan, cancellationToken);
            work.Tally.AddWal(await wal.MeasureAsync(cancellationToken));
        }
        finally
        {
            Prove(work);
        }
    }

    private async Task MoveAsync(RetentionWork work, PartitionPlan plan, CancellationToken cancellationToken)
    {
        // Together: until they are detached it means nothing.
        var moves = await PartitionJournal.RegisterAsync(work, plan.Steps, cancellationToken);
        await work.Reached(FaultPoint.PartitionRegistered);
        var left = new List<(PartitionFacts Partition, string Reason)>();
        var over = new List<PartitionMove>();
        var begun = 0;
        try
        {
            while (begun < moves.Count && work.Tally.PutOff is null && !work.MustStop())
            {
                cancellationToken.ThrowIfCancellationRequested();
                var (step, move) = (plan.Steps[begun], moves[begun]);
                begun++;
                if (await TryAsync(work, step, move, cancellationToken) is { } reason)
                {
                    over.Add(move);
                    left.Add((step.Partition, reason));
                }
            }
        }
        finally
        {
            await EndAsync(work, [.. over, .. moves.Skip(begun)]);
        }

        work.Tally.Notes.AddRange(left.GroupBy(one => one.Reason, one => one.Partition).Select(group => PartitionPlanner.Note([.. group], group.Key)));
    }

    // What stayed where it was is no matter for the next run. If that cannot be said, the next run finds out by itself.
    private static async Task EndAsync(RetentionWork work, IReadOnlyList<PartitionMove> moves)
    {
        try
        {
            await PartitionJournal.EndAsync(work.Session, moves, CancellationToken.None);
        }
        catch (Exception exception) when (exception is MaintenanceException or InvalidOperationException)
        {
            work.Call.Sink.Verbose($"Moves that did not begin could not be crossed out: {exception.Message}");
        }
    }

    /// <summary>Moves one.</summary>
    /// <returns>Why it is still where it was; null if it went, or if that is for the next run.</returns>
    private async Task<string?> TryAsync(RetentionWork work, PartitionStep step, PartitionMove move, CancellationToken cancellationToken)
    {
        var statements = new PartitionStatements(work.Facts, work.Statements);
        if (await PartitionProbe.MustStayAsync(work.Session, work.Policy, step, statements, work.CutOff, cancellationToken))
        {
            return "rows in them have to stay";
        }

        if (await OthersAsync(work, step, cancellationToken) is { } others)
        {
            return others;
        }

        if (!await DetachAsync(work, step, move, cancellationToken))
        {
            return work.Tally.PutOff is null ? "others use the table" : null;
        }

        await work.Reached(FaultPoint.PartitionDetached);
        return await PlaceAsync(work, step, move);
    }

    // A DETACH CONCURRENTLY would wait for all who use the table now, and nobody could see the partition meanwhile. So we wait before it.
    private async Task<string?> OthersAsync(RetentionWork work, PartitionStep step, CancellationToken cancellationToken)
    {
        if (!step.Concurrently)
        {
            return null;
        }

        var first = await UsersAsync();
        var users = first;
        while (users.Count > 0 && _patience > TimeSpan.Zero)
        {
            var began = work.Time.GetTimestamp();
            await Task.Delay(LookInterval, work.Time, cancellationToken);
            // Those who come later came after the moment that counts.
            users = (await UsersAsync()).Where(user => first.ContainsKey(user.Key)).ToDictionary();
            _patience -= work.Time.GetElapsedTime(began);
        }

        return users.Count == 0 ? null
            : users.Values.FirstOrDefault(pid => pid is not null) is { } process ? string.Create(CultureInfo.InvariantCulture, $"server process {process} uses the table in a long transaction")
            : "a prepared transaction uses the table";

        async Task<Dictionary<string, int?>> UsersAsync() => (await work.Session.QueryAsync(
            "Retention/Sql/TableUsers.sql", row => (Key: row.GetString(0), Process: row.IsDBNull(1) ? (int?)null : row.GetInt32(1)), cancellationToken, new[] { step.Parent.Oid, step.Partition.Oid })).ToDictionary(user => user.Key, user => user.Process);
    }

    /// <summary>Detaches it, and ends what an attempt has begun.</summary>
    /// <returns>Whether it is out. If it is neither in nor out, the tally says that the policy is put off.</returns>
    private async Task<bool> DetachAsync(RetentionWork work, PartitionStep step, PartitionMove move, CancellationToken cancellationToken)
    {
        try
        {
            var attempt = 0;
            await ResiliencePipelines.Lock(work.Time, work.Call.Sink).ExecuteAsync(
                async token =>
                {
                    attempt++;
                    var sql = attempt == 1 ? step.Detach : NextStatement(step, await PartitionJournal.StateAsync(work.Session, move, token));
                    await ExecuteAsync(work, sql, LockTimeoutLadder.For(attempt, null), token);
                },
                cancellationToken);
            return true;
        }
        catch (OperationCanceledException)
        {
            await FinishAsync(work, step, move);
            throw;
        }
        catch (MaintenanceException exception) when (exception.Code is MaintenanceErrorCode.LockTimeout or MaintenanceErrorCode.BlockedOthers)
        {
            var state = await PartitionJournal.StateAsync(work.Session, move, cancellationToken);
            if (state is { IsPending: true })
            {
                work.Tally.PutOff = new MaintenanceException(
                    exception.Code,
                    $"{step.Partition.QuotedName} is being detached from {step.Parent.QuotedName}, which somebody still uses, so it could not be ended: {exception.Message}",
                    $"Nobody sees its rows until the next run has ended it: run it again soon. Get-DbSession shows who is in a long transaction.");
            }

            return state is { IsOut: true };
        }
    }

    // On request to stop, with the partition perhaps half out: what takes a moment is done yet. Else the next run finds it in the journal.
    private async Task FinishAsync(RetentionWork work, PartitionStep step, PartitionMove move)
    {
        try
        {
            var state = await PartitionJournal.StateAsync(work.Session, move, CancellationToken.None);
            if (state is { IsPending: true })
            {
                await ExecuteAsync(work, PartitionStatements.Complete(step.Parent.QuotedName, step.Partition.QuotedName), LockTimeoutLadder.Shortest, CancellationToken.None);
                state = await PartitionJournal.StateAsync(work.Session, move, CancellationToken.None);
            }

            if (state is { IsOut: true })
            {
                await PlaceAsync(work, step, move);
            }
        }
        catch (MaintenanceException exception)
        {
            work.Call.Sink.Verbose($"{step.Partition.QuotedName} is left to the next run: {exception.Message}");
        }
    }

    private static async Task ExecuteAsync(RetentionWork work, string sql, TimeSpan lockTimeout, CancellationToken cancellationToken)
    {
        if (sql.Length > 0)
        {
            await work.Session.ExecuteAsync("Maintain/Sql/LockTimeout.sql", cancellationToken, lockTimeout.TotalMilliseconds.ToString("0", CultureInfo.InvariantCulture));
            await work.Watchdog.ExecuteAsync(work.Session, sql, cancellationToken);
        }
    }

    private static string NextStatement(PartitionStep step, PartitionState? state) => state switch
    {
        { IsPending: true } => PartitionStatements.Complete(step.Parent.QuotedName, step.Partition.QuotedName),
        { IsOut: true } => "",
        _ => step.Detach,
    };

    /// <summary>Puts it where it belongs.</summary>
    /// <returns>Why it is back in its table; null if it arrived, or if that is for the next run.</returns>
    private async Task<string?> PlaceAsync(RetentionWork work, PartitionStep step, PartitionMove move)
    {
        var placement = new PartitionPlacement(work.Session, work.Watchdog, work.Time, work.Call, work.Reached);
        try
        {
            var placed = await placement.PlaceAsync(work, move);
            if (!placed.IsPlaced)
            {
                return "rows in them have to stay";
            }

            _rows += placed.Rows;
            work.Tally.AddPartition(step.Partition.Name, placed.Rows);
            work.Progress.Tell(work.Tally.Rows);
            return null;
        }
        catch (MaintenanceException exception) when (exception.Code is MaintenanceErrorCode.LockTimeout or MaintenanceErrorCode.BlockedOthers)
        {
            work.Tally.PutOff = new MaintenanceException(
                exception.Code,
                $"{step.Partition.QuotedName} is out of {step.Parent.QuotedName} and somebody uses it, so it could not be {(move.Destination is null ? "dropped" : "attached to the archive")}: {exception.Message}",
                "The next run does it: run it again soon.");
            return null;
        }
        catch (MaintenanceException exception) when (exception.Code is not (MaintenanceErrorCode.DatabaseUnreachable or MaintenanceErrorCode.PartitionAdrift))
        {
            // The server does not take it so. Its rows can still go in batches.
            await placement.PutBackAsync(move, work.Options.AllowAccessExclusive);
            return $"it was detached and put back, because {exception.Message.TrimEnd('.')}";
        }
    }

    private void Prove(RetentionWork work)
    {
        if (work.Options.Verify && work.Tally.Partitions.Count > 0)
        {
            work.Tally.Prove(true, string.Create(CultureInfo.InvariantCulture, $"{work.Tally.Partitions.Count} partition(s) with {_rows:N0} rows {(work.Facts.Archive is null ? "were dropped, each row read before and past its age." : "are in the archive with the same count and checksum, compared before each commit.")}"));
        }
    }
}
