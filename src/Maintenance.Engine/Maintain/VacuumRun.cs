using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Maintenance.Engine.Database;
using Maintenance.Engine.Resilience;

namespace Maintenance.Engine.Maintain;

/// <summary>
/// Carries a plan out over a few connections under one watchdog. Results come as they are made; when it ends, for whatever reason, no
/// statement of ours runs on, and everything that was done is on record.
/// </summary>
/// <param name="connector">Opens the connections.</param>
/// <param name="history">Where actions are kept.</param>
/// <param name="time">The clock.</param>
/// <param name="target">The target.</param>
/// <param name="options">What the caller wants.</param>
/// <param name="call">What the call brings along.</param>
internal sealed class VacuumRun(DatabaseConnector connector, ActionHistory history, TimeProvider time, MaintenanceTarget target, VacuumOptions options, CallContext call)
{
    /// <summary>The state of the server is asked for before each table, but no more often than this.</summary>
    private static readonly TimeSpan PreflightInterval = TimeSpan.FromSeconds(1);

    private readonly Channel<DbAction> _results = Channel.CreateUnbounded<DbAction>(new UnboundedChannelOptions { SingleReader = true });
    private MaintenanceException? _obstacle;
    private long _asked = time.GetTimestamp();
    private int _vacuumed;

    /// <summary>Carries it out.</summary>
    /// <exception cref="MaintenanceException">It could not begin: PoolerNotSupported, DatabaseReadOnly, UnsafeNow, DatabaseUnreachable.</exception>
    public async IAsyncEnumerable<DbAction> RunAsync(IReadOnlyList<DbAction> actions, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var recorder = new ActionRecorder(history, target, call, time);
        foreach (var decided in actions.Where(action => action.State != StepState.Planned))
        {
            recorder.Record(decided);
            yield return decided;
        }

        var planned = actions.Where(action => action.State == StepState.Planned).ToList();
        if (planned.Count == 0)
        {
            yield break;
        }

        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var working = WorkAsync(planned, recorder, stopping.Token);
        try
        {
            await foreach (var result in _results.Reader.ReadAllAsync(CancellationToken.None))
            {
                yield return result;
            }
        }
        finally
        {
            // Whoever reads may have gone away in the middle.
            await stopping.CancelAsync();
            await working.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await working;
    }

    private async Task WorkAsync(List<DbAction> planned, ActionRecorder recorder, CancellationToken cancellationToken)
    {
        var limit = options.Deadline is { } end ? TimeSpan.FromTicks(Math.Max(0, (end - time.GetUtcNow()).Ticks)) : (TimeSpan?)null;
        var progress = new VacuumProgress("Invoke-DbVacuum", planned.Sum(action => action.SizeBytes ?? 0), call.Sink);
        try
        {
            using var deadline = new Deadline(limit, time, cancellationToken);
            var sessions = Enumerable.Range(0, Math.Clamp(options.Parallel, 1, planned.Count)).Select(_ => OpenAsync(cancellationToken)).ToList();
            try
            {
                await using var watchdog = await Watchdog.StartAsync(connector, target, VacuumService.Task, options.MaximumBlock ?? Watchdog.DefaultMaximumBlock, call, time, cancellationToken);
                await PreflightAsync(await sessions[0], isFirst: true, cancellationToken);
                using var sampling = watchdog.Sample(progress.SampleAsync);
                // The whole of partitions comes when they are done: its ANALYZE would meet our own locks on them.
                foreach (var phase in planned.GroupBy(action => action.Effect.ContainsKey(VacuumPlanner.Partitions)).OrderBy(phase => phase.Key))
                {
                    var queue = new VacuumQueue(phase, time);
                    await Task.WhenAll(sessions.Select(async opening => await WorkThroughAsync(await opening, queue, watchdog, progress, recorder, deadline, cancellationToken)));
                    foreach (var left in queue.Drain())
                    {
                        Tell(PutOff(left, _obstacle!), recorder);
                    }
                }

                await UpdateDatabaseAsync(await sessions[0], watchdog, deadline);
            }
            finally
            {
                foreach (var opening in sessions)
                {
                    await CloseAsync(opening);
                }
            }
        }
        finally
        {
            progress.Complete();
            _results.Writer.Complete();
        }
    }

    private async Task WorkThroughAsync(
        DatabaseSession session, VacuumQueue queue, Watchdog watchdog, VacuumProgress progress, ActionRecorder recorder, Deadline deadline, CancellationToken cancellationToken)
    {
        var worker = new VacuumWorker(session, watchdog, progress, time);
        while (_obstacle is null && await queue.TakeAsync(cancellationToken) is { } action)
        {
            var result = await OneAsync(session, worker, action, recorder, deadline, cancellationToken);
            if (result is { Error: MaintenanceErrorCode.LockTimeout, Attempts: 1 })
            {
                call.Sink.Verbose($"{result.Message} Trying {result.Schema}.{result.Name} once more at the end.");
                queue.TryAgain(action with { Attempts = 1, Duration = result.Duration });
                continue;
            }

            Tell(result, recorder);
            if (result is { State: StepState.Failed, Error: MaintenanceErrorCode.DatabaseUnreachable or MaintenanceErrorCode.UnsafeNow })
            {
                // It would be the same with the next. What is under way elsewhere goes on; what nobody has begun is put off.
                _obstacle ??= new MaintenanceException(result.Error.Value, result.Message, result.Recommendation ?? "");
            }
        }
    }

    private async Task<DbAction> OneAsync(
        DatabaseSession session, VacuumWorker worker, DbAction action, ActionRecorder recorder, Deadline deadline, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (options.Deadline is { } end && now + (action.PredictedDuration ?? TimeSpan.Zero) > end)
        {
            return VacuumPlanner.PutOff(action, end, now) with { StartedAt = now };
        }

        try
        {
            await PreflightAsync(session, isFirst: false, deadline.Token);
            return _obstacle is { } obstacle ? PutOff(action, obstacle) : await worker.RunAsync(action, deadline.Token);
        }
        catch (MaintenanceException exception)
        {
            return action with { State = StepState.Failed, Error = exception.Code, Message = exception.Message, Recommendation = exception.Recommendation, StartedAt = now, Attempts = action.Attempts + 1 };
        }
        catch (OperationCanceledException) when (deadline.HasPassed)
        {
            return Stopped(action, now, MaintenanceErrorCode.DeadlineExceeded, "The time was up, and it was stopped on the server.") with
            {
                State = StepState.Deferred,
                Recommendation = "What it had removed by then stays removed. It comes first in the next run.",
            };
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            recorder.Record(Stopped(action, now, MaintenanceErrorCode.Cancelled, "It was stopped on the server, because the caller stopped."));
            throw;
        }
    }

    // The server's state can turn bad while we work: then nothing more is begun.
    private async Task PreflightAsync(DatabaseSession session, bool isFirst, CancellationToken cancellationToken)
    {
        if (!isFirst && time.GetElapsedTime(Volatile.Read(ref _asked)) < PreflightInterval)
        {
            return;
        }

        Volatile.Write(ref _asked, time.GetTimestamp());
        var judgement = Preflight.Judge(target.Name, await Preflight.ReadAsync(session, [], cancellationToken));
        _obstacle ??= isFirst && judgement is not null ? throw judgement : judgement;
    }

    // On PostgreSQL 16 and later each VACUUM leaves this out, and it is done once.
    private async Task UpdateDatabaseAsync(DatabaseSession session, Watchdog watchdog, Deadline deadline)
    {
        if (_vacuumed == 0 || !VacuumStatement.HasDatabaseStatistics(session.MajorVersion) || deadline.HasPassed)
        {
            return;
        }

        try
        {
            await watchdog.ExecuteAsync(session, VacuumStatement.DatabaseStatistics, deadline.Token);
        }
        catch (Exception exception) when (exception is MaintenanceException || (exception is OperationCanceledException && deadline.HasPassed))
        {
            call.Sink.Verbose($"The age of the database was not brought up to date; the next VACUUM does it. {exception.Message}");
        }
    }

    private void Tell(DbAction result, ActionRecorder recorder)
    {
        if (result is { Kind: DbActionKind.Vacuum, State: StepState.Done })
        {
            Interlocked.Increment(ref _vacuumed);
        }

        recorder.Record(result);
        _results.Writer.TryWrite(result);
    }

    private DbAction PutOff(DbAction action, MaintenanceException obstacle) => action with
    {
        State = StepState.Deferred,
        Error = obstacle.Code,
        Message = $"It was not begun. {obstacle.Message}",
        Recommendation = $"{obstacle.Recommendation} It comes first in the next run.".TrimStart(),
        StartedAt = time.GetUtcNow(),
    };

    private DbAction Stopped(DbAction action, DateTimeOffset started, MaintenanceErrorCode error, string message) => action with
    {
        State = StepState.Cancelled,
        Error = error,
        Message = message,
        Recommendation = "What it had removed by then stays removed. Run it again.",
        Attempts = action.Attempts + 1,
        StartedAt = started,
        Duration = time.GetUtcNow() - started,
    };

    private Task<DatabaseSession> OpenAsync(CancellationToken cancellationToken) =>
        connector.OpenAsync(target, new SessionOptions(VacuumService.Task), call, cancellationToken);

    private static async Task CloseAsync(Task<DatabaseSession> opening)
    {
        try
        {
            await (await opening).DisposeAsync();
        }
        catch (Exception exception) when (exception is MaintenanceException or OperationCanceledException)
        {
            // It never opened; whoever awaited it first has said so.
        }
    }
}
