using System.Runtime.CompilerServices;
using Maintenance.Engine.Database;
using Maintenance.Engine.Maintain;
using Maintenance.Engine.Resilience;

namespace Maintenance.Engine.Retention;

/// <summary>Carries restores out, one after the other, under one watchdog. One that fails does not stop the others.</summary>
/// <param name="service">What opens connections and stores.</param>
/// <param name="history">Where actions are kept.</param>
/// <param name="time">The clock.</param>
/// <param name="target">The target.</param>
/// <param name="options">What the caller wants.</param>
/// <param name="call">What the call brings along.</param>
internal sealed class RestoreRun(RestoreService service, ActionHistory history, TimeProvider time, MaintenanceTarget target, RestoreOptions options, CallContext call)
{
    /// <summary>Carries them out.</summary>
    public async IAsyncEnumerable<RestoreResult> RunAsync(IReadOnlyList<RestoreResult> results, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var recorder = new ActionRecorder(history, target, call, time);
        using var deadline = new Deadline(options.Deadline is { } end ? TimeSpan.FromTicks(Math.Max(1, (end - time.GetUtcNow()).Ticks)) : null, time, cancellationToken);
        await using var session = await service.OpenAsync(target, call, null, cancellationToken);
        await using var watchdog = await service.WatchAsync(target, options, call, cancellationToken);
        if (Preflight.Judge(target.Name, await Preflight.ReadAsync(session, [], cancellationToken)) is { } obstacle)
        {
            throw obstacle;
        }

        // What was confirmed is what runs: everything is looked at again.
        var jobs = await service.PrepareAsync(session, target, options, call, cancellationToken);
        foreach (var planned in results)
        {
            var result = planned.State == StepState.Planned ? await OneAsync(planned, jobs, session, watchdog, recorder, deadline, cancellationToken) : planned;
            recorder.Record(RestorePlanner.ToAction(result));
            yield return result;
        }
    }

    private async Task<RestoreResult> OneAsync(
        RestoreResult planned, List<PreparedRestore> jobs, DatabaseSession session, Watchdog watchdog, ActionRecorder recorder, Deadline deadline, CancellationToken cancellationToken)
    {
        var (started, clock) = (time.GetUtcNow(), time.GetTimestamp());
        var work = new RestoreWork
        {
            Target = target,
            Options = options,
            Session = session,
            Watchdog = watchdog,
            Call = call,
            Time = time,
            Reached = service.Reached,
            RowsFound = planned.RowsFound,
        };
        RestoreResult Finish(MaintenanceException? failure, bool wasCancelled = false) =>
            RestorePlanner.Finish(planned, work.Tally, failure, wasCancelled, started, time.GetElapsedTime(clock));
        try
        {
            if (!work.MustStop())
            {
                await CarryOutAsync(work, Find(planned, jobs), deadline.Token);
            }

            return Finish(null);
        }
        catch (OperationCanceledException) when (deadline.HasPassed)
        {
            work.Tally.PutOff ??= deadline.Exceeded($"Restoring {planned.Source}");
            return Finish(null);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            recorder.Record(RestorePlanner.ToAction(Finish(null, wasCancelled: true)));
            throw;
        }
        catch (MaintenanceException exception)
        {
            return Finish(exception);
        }
        finally
        {
            call.Sink.Progress(new ProgressUpdate(RestoreService.Task, "Done", 100, Completed: true));
        }
    }

    private static Task CarryOutAsync(RestoreWork work, RestoreJob job, CancellationToken cancellationToken) => job switch
    {
        TableRestoreJob table => TableRestore.RunAsync(work, table, cancellationToken),
        FileRestoreJob file => FileRestore.RunAsync(work, file, cancellationToken),
        _ => throw new InvalidOperationException("There are archives of two kinds."),
    };

    private static RestoreJob Find(RestoreResult planned, List<PreparedRestore> jobs)
    {
        if (jobs.Find(prepared => prepared.Job?.IsSameAs(planned) == true)?.Job is { } job)
        {
            return job;
        }

        // What is in the way by now is said, if it is about this archive.
        throw jobs.Find(prepared => prepared.Result is { Error: not null, State: StepState.Failed } && prepared.Result.Source == planned.Source)?.Result is { Error: { } error } refused
            ? new MaintenanceException(error, refused.Message, refused.Recommendation ?? "")
            : new MaintenanceException(MaintenanceErrorCode.ObjectNotFound, $"{planned.Source} or the table it was to come back into is not what was planned for; it was made anew.", "Run it again.");
    }
}
