using System.Runtime.CompilerServices;
using Maintenance.Engine.Database;
using Maintenance.Engine.Maintain;
using Maintenance.Engine.Resilience;
using Npgsql;

namespace Maintenance.Engine.Retention;

/// <summary>Carries policies out, one after the other, under one watchdog. One that fails does not stop the others.</summary>
/// <param name="connector">Opens the connections.</param>
/// <param name="history">Where actions are kept.</param>
/// <param name="time">The clock.</param>
/// <param name="target">The target.</param>
/// <param name="options">What the caller wants.</param>
/// <param name="call">What the call brings along.</param>
/// <param name="stores">Opens archive stores.</param>
/// <param name="reached">Called between the steps.</param>
internal sealed class RetentionRun(
    DatabaseConnector connector, ActionHistory history, TimeProvider time, MaintenanceTarget target, RetentionOptions options, CallContext call, ArchiveStores stores, FaultPointReached reached)
{
    /// <summary>Carries them out.</summary>
    public async IAsyncEnumerable<RetentionResult> RunAsync(IReadOnlyList<RetentionResult> results, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var recorder = new ActionRecorder(history, target, call, time);
        using var deadline = new Deadline(options.Deadline is { } end ? TimeSpan.FromTicks(Math.Max(1, (end - time.GetUtcNow()).Ticks)) : null, time, cancellationToken);
        await using var session = await RetentionService.OpenAsync(connector, target, call, null, cancellationToken);
        await using var watchdog = await Watchdog.StartAsync(connector, target, RetentionService.Task, options.MaximumBlock ?? Watchdog.DefaultMaximumBlock, call, time, cancellationToken);
        if (Preflight.Judge(target.Name, await Preflight.ReadAsync(session, [], cancellationToken)) is { } obstacle)
        {
            throw obstacle;
        }

        foreach (var unrecovered in await new ArchiveRecovery(stores, target, call, reached, time).RunAsync(session, cancellationToken))
        {
            yield return unrecovered;
        }

        var recovery = new PartitionRecovery(session, watchdog, time, call, options.AllowAccessExclusive, reached);
        foreach (var planned in await recovery.RunAsync(results, (result, token) => PrepareAsync(result, session, watchdog, new RetentionProgress(result, call.Sink, time), token), cancellationToken))
        {
            var result = planned.State == StepState.Planned ? await OneAsync(planned, session, watchdog, recorder, deadline, cancellationToken) : planned;
            recorder.Record(RetentionActions.ToAction(result));
            yield return result with { RunId = call.RunId };
        }

        if (recovery.Stray is { } stray)
        {
            throw stray;
        }
    }

    private async Task<RetentionResult> OneAsync(
        RetentionResult planned, DatabaseSession session, Watchdog watchdog, ActionRecorder recorder, Deadline deadline, CancellationToken cancellationToken)
    {
        var (started, clock) = (time.GetUtcNow(), time.GetTimestamp());
        var progress = new RetentionProgress(planned, call.Sink, time);
        RetentionWork? work = null;
        try
        {
            work = await PrepareAsync(planned, session, watchdog, progress, cancellationToken);
            foreach (var mover in MoversFor(work))
            {
                if (work.Tally.PutOff is null && !work.MustStop())
                {
                    await mover.RunAsync(work, deadline.Token);
                }
            }

            // A table that is not to be had cannot be counted either.
            var left = work.Tally.RowsLeft ?? (work.Tally.PutOff is { } obstacle && BatchErrors.IsContention(obstacle) ? null : await LeftAsync(work, cancellationToken));
            return RetentionPlanner.Finish(planned, work.Tally, left, null, wasCancelled: false, started, time.GetElapsedTime(clock));
        }
        catch (OperationCanceledException) when (deadline.HasPassed)
        {
            var tally = work?.Tally ?? new RetentionTally();
            tally.PutOff ??= deadline.Exceeded($"Retention of {planned.Schema}.{planned.Name}");
            return RetentionPlanner.Finish(planned, tally, null, null, wasCancelled: false, started, time.GetElapsedTime(clock));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            recorder.Record(RetentionActions.ToAction(RetentionPlanner.Finish(planned, work?.Tally ?? new RetentionTally(), null, null, wasCancelled: true, started, time.GetElapsedTime(clock))));
            throw;
        }
        catch (MaintenanceException exception)
        {
            return RetentionPlanner.Finish(planned, work?.Tally ?? new RetentionTally(), null, exception, wasCancelled: false, started, time.GetElapsedTime(clock));
        }
        finally
        {
            progress.Complete();
        }
    }

    // The way in which the rows of a policy leave.
    private IEnumerable<IRowMover> MoversFor(RetentionWork work) => work.Policy.Action switch
    {
        RetentionAction.ArchiveToBlob => [new BlobArchive(stores)],
        RetentionAction.Anonymise => [new RowBatches()],
        _ => [new PartitionMoves(), new RowBatches()],
    };

    // What was confirmed is what runs: the table is looked at again, and must be the same.
    private async Task<RetentionWork> PrepareAsync(
        RetentionResult planned, DatabaseSession session, Watchdog watchdog, RetentionProgress progress, CancellationToken cancellationToken)
    {
        var facts = await PolicyProbe.ReadAsync(session, planned.Policy, cancellationToken);
        if (facts.Table.Oid != planned.Oid)
        {
            throw new MaintenanceException(
                MaintenanceErrorCode.ObjectNotFound, $"{planned.Schema}.{planned.Name} is not the table that was planned for; it was made anew.", "Run it again.");
        }

        if (PolicyJudge.Decide(planned.Policy, facts, options.Force).Refusal is { } refusal)
        {
            throw refusal;
        }

        return new RetentionWork
        {
            Target = target,
            Policy = planned.Policy,
            Facts = facts,
            Planned = planned.RowsDue,
            // That of the plan: what was counted is what goes.
            CutOff = CutOff.Of(planned.CutOff!.Value, TimeSpan.Zero, facts.Time!.Kind!.Value, TimeZoneInfo.FindSystemTimeZoneById(planned.Policy.TimeZone)),
            Statements = new RetentionStatements(planned.Policy, facts, options.Verify),
            Options = options,
            Session = session,
            Connector = connector,
            Watchdog = watchdog,
            Progress = progress,
            Call = call,
            Time = time,
            Reached = reached,
        };
    }

    private static Task<long> LeftAsync(RetentionWork work, CancellationToken cancellationToken) => work.Session.RunAsync(
        work.Statements.CountLeft,
        left => $"{left} row(s) left",
        async (connection, token) =>
        {
            await using var command = new NpgsqlCommand(SqlText.Marked(work.Statements.CountLeft), connection);
            command.Parameters.Add(new() { Value = work.CutOff.Value });
            return (long)(await command.ExecuteScalarAsync(token))!;
        },
        cancellationToken);
}
