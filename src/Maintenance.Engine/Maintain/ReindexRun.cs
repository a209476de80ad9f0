using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Maintenance.Engine.Database;
using Maintenance.Engine.Resilience;

namespace Maintenance.Engine.Maintain;

/// <summary>One execution of planned rebuilds: its connections, its limits, and the workers that take from one queue.</summary>
internal sealed class ReindexRun : IAsyncDisposable
{
    /// <summary>Shown in pg_stat_activity, and the name of the lock.</summary>
    public const string TaskName = "Invoke-DbReindex";

    // What the server says of itself (standbys, archiver, space) does not change between two small indexes.
    private static readonly TimeSpan FactsStayTrue = TimeSpan.FromSeconds(1);

    private readonly DatabaseConnector _connector;
    private readonly ConcurrentDictionary<int, string> _ours = new();
    private readonly SemaphoreSlim _readingFacts = new(1, 1);
    private readonly IDisposable _sampling;
    private PreflightFacts? _facts;
    private long _factsRead;
    private long _bytesDone;
    private long _bytesTotal;

    private ReindexRun(DatabaseConnector connector, MaintenanceTarget target, ReindexOptions options, CallContext call, ActionHistory history, Watchdog watchdog, TimeProvider time)
    {
        _connector = connector;
        Target = target;
        Options = options;
        Call = call;
        History = history;
        Watchdog = watchdog;
        Time = time;
        _sampling = watchdog.Sample(SampleAsync);
    }

    public MaintenanceTarget Target { get; }

    public ReindexOptions Options { get; }

    public CallContext Call { get; }

    public ActionHistory History { get; }

    public Watchdog Watchdog { get; }

    public TimeProvider Time { get; }

    /// <summary>Server processes of ours.</summary>
    public IReadOnlyCollection<int> Ours => [.. _ours.Keys];

    public TimeSpan MaximumSnapshotAge => Options.MaximumSnapshotAge ?? ReindexOptions.DefaultMaximumSnapshotAge;

    private string Activity => $"Reindexing {Target.Name}";

    /// <summary>Starts to watch.</summary>
    public static async Task<ReindexRun> StartAsync(
        DatabaseConnector connector, MaintenanceTarget target, ReindexOptions options, CallContext call, ActionHistory history, TimeProvider time, CancellationToken cancellationToken)
    {
        var watchdog = await Watchdog.StartAsync(connector, target, TaskName, options.MaximumBlock ?? Watchdog.DefaultMaximumBlock, call, time, cancellationToken);
        return new ReindexRun(connector, target, options, call, history, watchdog, time);
    }

    /// <summary>Opens a session of ours.</summary>
    /// <param name="what">What it is for, after the task's name.</param>
    /// <param name="lockTimeout">How long its statements may wait for a lock.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public async Task<DatabaseSession> OpenAsync(string what, TimeSpan lockTimeout, CancellationToken cancellationToken)
    {
        var session = await _connector.OpenAsync(Target, new SessionOptions($"{TaskName}{what}") { LockTimeout = lockTimeout }, Call, cancellationToken);
        await session.QueryAsync("Maintain/Sql/LiftLimits.sql", row => row.GetString(0), cancellationToken);
        _ours[session.Connection.ProcessID] = "";
        return session;
    }

    /// <summary>What the server says of itself, at most a second old.</summary>
    public async Task<PreflightFacts> FactsAsync(DatabaseSession session, CancellationToken cancellationToken)
    {
        await _readingFacts.WaitAsync(cancellationToken);
        try
        {
            if (_facts is null || Time.GetElapsedTime(_factsRead) > FactsStayTrue)
            {
                _facts = await Preflight.ReadAsync(session, Ours, cancellationToken);
                _factsRead = Time.GetTimestamp();
            }

            return _facts;
        }
        finally
        {
            _readingFacts.Release();
        }
    }

    /// <summary>Names what a server process is working on, for those who watch the progress.</summary>
    public void Tell(int processId, string name) => _ours[processId] = name;

    /// <summary>Takes the actions one after another, several at a time if wanted.</summary>
    /// <param name="actions">Planned actions, in the order in which they are to be done.</param>
    /// <param name="deadline">The end of the time there is.</param>
    /// <param name="cancellationToken">The caller's wish to stop.</param>
    public async IAsyncEnumerable<DbAction> ExecuteAsync(
        IReadOnlyList<QueuedAction> actions, Deadline deadline, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        _bytesTotal = actions.Sum(queued => queued.Action.SizeBytes ?? 0);
        var queue = new ReindexQueue(actions);
        var results = Channel.CreateUnbounded<DbAction>(new UnboundedChannelOptions { SingleReader = true });
        // Whoever stops reading stops the work, and waits for it: nothing runs on behind the caller's back.
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        // A check reads with a snapshot, for which the rebuilds of others would wait.
        var workers = Options.Check ? 1 : Math.Clamp(Options.Parallel, 1, 8);
        await using var recorder = new ActionRecorder(History, Target, Call, Time);
        var working = RunWorkersAsync(queue, workers, new Results(recorder, results.Writer), deadline, cancellationToken, stopping.Token);
        try
        {
            await foreach (var action in results.Reader.ReadAllAsync(CancellationToken.None))
            {
                yield return action;
            }
        }
        finally
        {
            await stopping.CancelAsync();
            await working;
            Call.Sink.Progress(new ProgressUpdate(Activity, "Done", 100, Completed: true));
        }

        cancellationToken.ThrowIfCancellationRequested();
    }

    public async ValueTask DisposeAsync()
    {
        _sampling.Dispose();
        await Watchdog.DisposeAsync();
        _readingFacts.Dispose();
    }

    private async Task RunWorkersAsync(
        ReindexQueue queue, int workers, Results results, Deadline deadline, CancellationToken caller, CancellationToken stopping)
    {
        Exception? failure = null;
        try
        {
            await Task.WhenAll(Enumerable.Range(0, workers).Select(_ => WorkAsync(queue, workers, results, deadline, caller, stopping)));
        }
        catch (OperationCanceledException)
        {
            // What was left of the queue says why.
        }
        catch (Exception exception)
        {
            // Comes out where the results are read, which would wait for ever otherwise.
            failure = exception;
        }

        PutOff([.. queue.Drain().Select(left => left.Action with { StartedAt = Time.GetUtcNow() })], results, deadline, caller);
        results.Complete(failure);
    }

    private async Task WorkAsync(ReindexQueue queue, int workers, Results results, Deadline deadline, CancellationToken caller, CancellationToken stopping)
    {
        await using var worker = new ReindexWorker(this);
        while (await queue.TakeAsync(workers, stopping) is { Count: > 0 } taken)
        {
            try
            {
                var fitting = new List<DbAction>();
                foreach (var action in taken.Select(queued => queued.Action))
                {
                    if (Fits(action, deadline, out var reason))
                    {
                        fitting.Add(action);
                    }
                    else
                    {
                        results.Add([ReindexPlanner.PutOff(action, reason) with { StartedAt = Time.GetUtcNow() }]);
                    }
                }

                var outcome = await worker.RunAsync(fitting, () => deadline.HasPassed, stopping);
                results.Add(outcome.Done);
                PutOff(outcome.Left, results, deadline, caller);
                Interlocked.Add(ref _bytesDone, taken.Sum(queued => queued.Action.SizeBytes ?? 0));
                stopping.ThrowIfCancellationRequested();
                if (!outcome.MayGoOn)
                {
                    // Somebody ended our connection, or the server did: either wants no more of this now.
                    return;
                }
            }
            finally
            {
                queue.Release(taken);
            }
        }
    }

    private static void PutOff(IReadOnlyList<DbAction> actions, Results results, Deadline deadline, CancellationToken caller)
    {
        var reason = caller.IsCancellationRequested
            ? new MaintenanceException(MaintenanceErrorCode.Cancelled, "The run was stopped before its turn came.", "Run it again.")
            : deadline.HasPassed
                ? new MaintenanceException(MaintenanceErrorCode.DoesNotFit, "The time was over before its turn came.", "It comes first next time. Allow a longer window.")
                : new MaintenanceException(MaintenanceErrorCode.DatabaseUnreachable, "The run ended before its turn came, because the server had ended a connection of it.", "Find out why, and run it again.");
        results.Add(actions.Select(action => ReindexPlanner.PutOff(action, reason)));
    }

    private static bool Fits(DbAction action, Deadline deadline, out MaintenanceException reason)
    {
        reason = null!;
        if (deadline.Remaining is not { } left || action.PredictedDuration is not { } predicted || predicted <= left)
        {
            return true;
        }

        reason = new MaintenanceException(
            MaintenanceErrorCode.DoesNotFit,
            string.Create(CultureInfo.InvariantCulture, $"It is predicted to take {predicted.TotalSeconds:0.#} s, and {left.TotalSeconds:0.#} s are left."),
            "It comes first next time. Allow a longer window.");
        return false;
    }

    private async Task SampleAsync(DatabaseSession session, CancellationToken cancellationToken)
    {
        var rows = await session.QueryAsync(
            "Maintain/Sql/ReindexProgress.sql",
            row => (Process: row.GetInt32(0), Phase: row.GetString(1), Percent: row.IsDBNull(2) ? (int?)null : row.GetInt32(2), WaitsFor: row.IsDBNull(3) ? 0 : row.GetInt64(3)),
            cancellationToken,
            Ours.ToArray());
        foreach (var (process, phase, percent, waitsFor) in rows)
        {
            var name = _ours.GetValueOrDefault(process, "");
            var part = percent is { } known ? string.Create(CultureInfo.InvariantCulture, $" {known} %") : "";
            var locker = waitsFor > 0 ? string.Create(CultureInfo.InvariantCulture, $" (process {waitsFor})") : "";
            var overall = _bytesTotal > 0 ? (int)Math.Clamp(100 * Interlocked.Read(ref _bytesDone) / _bytesTotal, 0, 100) : (int?)null;
            Call.Sink.Progress(new ProgressUpdate(Activity, $"{name}: {phase}{part}{locker}", overall));
        }
    }

    /// <summary>Where results go: on record beside the work, and to whoever reads them.</summary>
    private sealed class Results(ActionRecorder recorder, ChannelWriter<DbAction> reader)
    {
        public void Add(IEnumerable<DbAction> actions)
        {
            foreach (var action in actions)
            {
                recorder.Record(action);
                reader.TryWrite(action);
            }
        }

        public void Complete(Exception? failure) => reader.Complete(failure);
    }
}
