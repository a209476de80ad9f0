using System.Globalization;
using Maintenance.Engine.Database;
using Maintenance.Engine.Maintain;

namespace Maintenance.Engine.Retention;

/// <summary>
/// Brings partitions that an earlier run had taken out to where they belong: to the archive, or away, if a policy of this run still says
/// so and no row of them has to stay; else back to their table. What it cannot bring home it names, loudly.
/// </summary>
/// <param name="session">A session without a transaction.</param>
/// <param name="watchdog">Ends what keeps somebody waiting.</param>
/// <param name="time">The clock.</param>
/// <param name="call">What the call brings along.</param>
/// <param name="allowAccessExclusive">Whether a DEFAULT partition may be locked and read.</param>
/// <param name="reached">Called between the steps.</param>
internal sealed class PartitionRecovery(DatabaseSession session, Watchdog watchdog, TimeProvider time, CallContext call, bool allowAccessExclusive, FaultPointReached reached)
{
    /// <summary>What a move that has no policy in this run failed of; null if there is none.</summary>
    public MaintenanceException? Stray { get; private set; }

    /// <summary>Does so for everything that is on record.</summary>
    /// <param name="results">The policies of this run.</param>
    /// <param name="prepare">Makes a policy's work.</param>
    /// <param name="cancellationToken">Cancels between two partitions.</param>
    /// <returns>The policies, with what was done for each in its notes; or failed, if its partition could not be brought home.</returns>
    public async Task<IReadOnlyList<RetentionResult>> RunAsync(
        IReadOnlyList<RetentionResult> results, Func<RetentionResult, CancellationToken, Task<RetentionWork>> prepare, CancellationToken cancellationToken)
    {
        var now = results.ToArray();
        foreach (var (move, table) in await PartitionJournal.OpenAsync(session, cancellationToken))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var index = Array.FindIndex(now, result => result.Oid == table && result.Action == move.Action && result.CutOff is not null);
            try
            {
                if (await OneAsync(move, index < 0 ? null : await WorkAsync(now[index], move, prepare, cancellationToken), cancellationToken) is { } done)
                {
                    call.Sink.Verbose(done);
                    if (index >= 0)
                    {
                        now[index] = now[index] with { Notes = [.. now[index].Notes, done] };
                    }
                }
            }
            catch (MaintenanceException exception) when (exception.Code != MaintenanceErrorCode.DatabaseUnreachable)
            {
                var failure = Adrift(move, exception);
                call.Sink.Warning(failure.Message);
                if (index < 0)
                {
                    Stray ??= failure;
                }
                else
                {
                    var isForLater = failure.Code is MaintenanceErrorCode.LockTimeout or MaintenanceErrorCode.BlockedOthers;
                    now[index] = now[index] with { State = isForLater ? StepState.Deferred : StepState.Failed, Error = failure.Code, Message = failure.Message, Recommendation = failure.Recommendation };
                }
            }
        }

        return now;
    }

    private async Task<string?> OneAsync(PartitionMove move, RetentionWork? work, CancellationToken cancellationToken)
    {
        var state = await PartitionJournal.StateAsync(session, move, cancellationToken);
        if (state is null && await PartitionJournal.EndBesideAsync(session, move, cancellationToken))
        {
            return null;
        }

        state = state ?? throw Failed($"it is no more there (OID {move.PartitionOid.ToString(CultureInfo.InvariantCulture)}), and it was not this module that dropped it");
        if (state is { IsPending: true } && state.ParentOid == move.TableOid)
        {
            await session.ExecuteAsync("Maintain/Sql/LockTimeout.sql", cancellationToken, LockTimeoutLadder.For(4, null).TotalMilliseconds.ToString("0", CultureInfo.InvariantCulture));
            await watchdog.ExecuteAsync(session, PartitionStatements.Complete(state.TableName!, state.Name), cancellationToken);
            state = await PartitionJournal.StateAsync(session, move, cancellationToken) ?? throw Failed("it was dropped just now");
        }

        if (state.ParentOid == move.TableOid)
        {
            // It never left, or somebody has put it back.
            await PartitionJournal.EndAsync(session, [move], cancellationToken);
            return null;
        }

        if (state.ParentOid is { } other)
        {
            if (work?.Facts.Archive?.Oid != other)
            {
                throw Failed("somebody made it a partition of another table");
            }

            await PartitionJournal.EndAsync(session, [move], cancellationToken);
            return $"{state.Name}, which an earlier run had taken out, was attached to the archive by hand.";
        }

        if (state.Name != move.PartitionName)
        {
            throw Failed($"it is called {state.Name} now");
        }

        return await BringHomeAsync(move, work);
    }

    private async Task<string> BringHomeAsync(PartitionMove move, RetentionWork? work)
    {
        var placement = new PartitionPlacement(session, watchdog, time, call, reached);
        if (work is null)
        {
            await placement.PutBackAsync(move, allowAccessExclusive);
            return $"{move.PartitionName}, which an earlier run had taken out, is a partition of {move.TableName} again.";
        }

        try
        {
            var placed = await placement.PlaceAsync(work, move);
            return placed.IsPlaced
                ? string.Create(CultureInfo.InvariantCulture, $"{move.PartitionName} with {placed.Rows:N0} row(s), which an earlier run had taken out, was {(move.Destination is null ? "dropped" : "attached to the archive")}.")
                : $"{move.PartitionName}, which an earlier run had taken out, is a partition of {move.TableName} again: rows in it have to stay.";
        }
        catch (MaintenanceException exception) when (exception.Code is not (MaintenanceErrorCode.DatabaseUnreachable or MaintenanceErrorCode.PartitionAdrift or MaintenanceErrorCode.LockTimeout or MaintenanceErrorCode.BlockedOthers))
        {
            await placement.PutBackAsync(move, allowAccessExclusive);
            return $"{move.PartitionName}, which an earlier run had taken out, is a partition of {move.TableName} again: {exception.Message}";
        }
    }

    // A policy that may not run any more, or has another archive by now, says nothing about where the partition belongs.
    private async Task<RetentionWork?> WorkAsync(
        RetentionResult result, PartitionMove move, Func<RetentionResult, CancellationToken, Task<RetentionWork>> prepare, CancellationToken cancellationToken)
    {
        try
        {
            var work = await prepare(result, cancellationToken);
            return work.Facts.Archive?.QuotedName == move.Destination ? work : null;
        }
        catch (MaintenanceException exception) when (exception.Code != MaintenanceErrorCode.DatabaseUnreachable)
        {
            call.Sink.Verbose($"{result}: {exception.Message}");
            return null;
        }
    }

    private static MaintenanceException Failed(string what) => new(MaintenanceErrorCode.PartitionAdrift, what, "");

    private static MaintenanceException Adrift(PartitionMove move, MaintenanceException cause) => new(
        cause.Code,
        $"The partition {move.PartitionName}, which an earlier run had taken out of {move.TableName}, could not be brought home: {cause.Message.TrimEnd('.')}.",
        $"{(cause.Code == MaintenanceErrorCode.PartitionAdrift && cause.Recommendation.Length > 0 ? $"{cause.Recommendation} " : "")}Run it again; or look where its rows are, bring them where they belong ({PartitionStatements.Attach(move.TableName, move.PartitionName, move.Bound)};), and say so: UPDATE maintenance.partition_moves SET done_at = now() WHERE id = '{move.Id}';");
}
