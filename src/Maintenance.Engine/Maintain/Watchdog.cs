using System.Collections.Concurrent;
using System.Globalization;
using Maintenance.Engine.Database;
using Npgsql;

namespace Maintenance.Engine.Maintain;

/// <summary>
/// A second connection that looks, several times a second, whether what we run keeps anybody waiting, and cancels it when it does so
/// for too long. Work runs under it or not at all: when the watchdog loses its connection and cannot get another, the work ends too.
/// </summary>
internal sealed class Watchdog : IAsyncDisposable
{
    /// <summary>How long others may wait for us, unless the caller says otherwise (safety contract, 4).</summary>
    public static readonly TimeSpan DefaultMaximumBlock = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan SampleInterval = TimeSpan.FromMilliseconds(500);

    private readonly Func<CancellationToken, Task<DatabaseSession>> _open;
    private readonly TimeSpan _maximumBlock;
    private readonly TimeProvider _time;
    private readonly IMaintenanceSink _sink;
    private readonly ConcurrentDictionary<int, Watch> _watches = new();
    private readonly ConcurrentDictionary<Func<DatabaseSession, CancellationToken, Task>, byte> _samplers = new();
    private readonly CancellationTokenSource _stopping = new();
    private DatabaseSession _session;
    private Task _loop = Task.CompletedTask;

    private Watchdog(DatabaseSession session, Func<CancellationToken, Task<DatabaseSession>> open, TimeSpan maximumBlock, IMaintenanceSink sink, TimeProvider time)
    {
        _session = session;
        _open = open;
        _maximumBlock = maximumBlock;
        _sink = sink;
        _time = time;
    }

    /// <summary>Starts to watch.</summary>
    /// <param name="connector">Opens the connection.</param>
    /// <param name="target">The target.</param>
    /// <param name="task">What is watched, for pg_stat_activity.</param>
    /// <param name="maximumBlock">How long anybody may wait for us.</param>
    /// <param name="call">What the call brings along.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends the attempt to connect.</param>
    public static async Task<Watchdog> StartAsync(
        DatabaseConnector connector, MaintenanceTarget target, string task, TimeSpan maximumBlock, CallContext call, TimeProvider time, CancellationToken cancellationToken)
    {
        Task<DatabaseSession> Open(CancellationToken token) =>
            connector.OpenAsync(target, new SessionOptions($"{task} watchdog", TimeSpan.FromSeconds(5)), call, token);
        var watchdog = new Watchdog(await Open(cancellationToken), Open, maximumBlock, call.Sink, time);
        watchdog._loop = watchdog.LoopAsync(watchdog._stopping.Token);
        return watchdog;
    }

    /// <summary>Runs a sampler about twice a second while anything is watched, such as one that reads progress. Dispose to end it.</summary>
    /// <param name="sampler">What to read; what it throws is told and otherwise ignored.</param>
    public IDisposable Sample(Func<DatabaseSession, CancellationToken, Task> sampler)
    {
        _samplers[sampler] = 0;
        return new Ending(() => _samplers.TryRemove(sampler, out _));
    }

    /// <summary>Runs one statement under watch.</summary>
    /// <param name="session">The session that runs it.</param>
    /// <param name="sql">The statement, as the server has quoted it.</param>
    /// <param name="cancellationToken">Cancels it on the server.</param>
    /// <exception cref="MaintenanceException">BlockedOthers, when it was cancelled for keeping others waiting; or what the server reports.</exception>
    public Task ExecuteAsync(DatabaseSession session, string sql, CancellationToken cancellationToken) => RunAsync(
        session,
        sql,
        async (connection, token) =>
        {
            await using var command = new NpgsqlCommand(SqlText.Marked(sql), connection);
            return await command.ExecuteNonQueryAsync(token);
        },
        cancellationToken);

    /// <summary>Runs work under watch that is more than one statement.</summary>
    /// <typeparam name="T">Type of the result.</typeparam>
    /// <param name="session">The session that runs it.</param>
    /// <param name="sql">What to tell of it.</param>
    /// <param name="work">The work.</param>
    /// <param name="cancellationToken">Cancels it on the server.</param>
    /// <param name="result">What to tell of the result. Default: that it is done.</param>
    /// <exception cref="MaintenanceException">As for one statement.</exception>
    public async Task<T> RunAsync<T>(
        DatabaseSession session, string sql, Func<NpgsqlConnection, CancellationToken, Task<T>> work, CancellationToken cancellationToken, Func<T, string>? result = null)
    {
        // Told before too: it may take hours.
        _sink.Verbose($"Running on '{session.Target.Name}': {SessionStory.Shown(sql)}");
        using var lost = new CancellationTokenSource();
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lost.Token);
        var watch = new Watch(session.Connection.ProcessID, lost);
        _watches[watch.ProcessId] = watch;
        try
        {
            return await session.RunAsync(sql, result ?? (_ => "done"), work, ending.Token);
        }
        catch (MaintenanceException exception) when (exception.Code == MaintenanceErrorCode.StatementTimeout && watch.Cancelled is { } blocked)
        {
            throw Blocked(blocked);
        }
        catch (OperationCanceledException) when (lost.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new MaintenanceException(
                MaintenanceErrorCode.DatabaseUnreachable,
                $"The work on '{session.Target.Name}' was ended because the connection that guards it was lost.",
                "Check the server and its connection limit, and run it again.");
        }
        finally
        {
            _watches.TryRemove(watch.ProcessId, out _);
            await watch.RetireAsync();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _loop;
        await _session.DisposeAsync();
        _stopping.Dispose();
    }

    private MaintenanceException Blocked(BlockedSession blocked) => new(
        MaintenanceErrorCode.BlockedOthers,
        blocked.IsDeadlock
            ? string.Create(CultureInfo.InvariantCulture, $"It was cancelled because server process {blocked.ProcessId} and it waited for each other, and one of the two had to give way.")
            : string.Create(CultureInfo.InvariantCulture, $"It was cancelled because server process {blocked.ProcessId} waited for it for {blocked.Waited.TotalSeconds:0.0} s; at most {_maximumBlock.TotalSeconds:0.#} s are allowed."),
        "Try again at a quieter time, or allow more with -MaximumBlock.");

    private async Task LoopAsync(CancellationToken cancellationToken)
    {
        // A fifth of what is allowed: late by that much at the most.
        var interval = TimeSpan.FromMilliseconds(Math.Clamp(_maximumBlock.TotalMilliseconds / 5, 20, 200));
        var lastSample = _time.GetTimestamp();
        try
        {
            while (true)
            {
                await Task.Delay(interval, _time, cancellationToken);
                if (_watches.IsEmpty)
                {
                    continue;
                }

                try
                {
                    await LookAsync(cancellationToken);
                    if (_time.GetElapsedTime(lastSample) >= SampleInterval)
                    {
                        lastSample = _time.GetTimestamp();
                        await SampleAsync(cancellationToken);
                    }
                }
                // The latter comes from a connection that could not be replaced last time.
                catch (Exception exception) when (exception is MaintenanceException or InvalidOperationException)
                {
                    await ReconnectAsync(exception, cancellationToken);
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The work is over.
        }
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        int[] ours = [.. _watches.Keys, _session.Connection.ProcessID];
        var waiting = await _session.QueryAsync("Maintain/Sql/Blocking.sql", row => (Waiting: row.GetInt32(0), Blocker: row.GetInt32(1), Mutual: row.GetBoolean(2)), cancellationToken, ours);
        var now = _time.GetTimestamp();
        foreach (var watch in _watches.Values)
        {
            var blocked = watch.Observe(waiting.Where(pair => pair.Blocker == watch.ProcessId).Select(pair => pair.Waiting), now, _time);
            // In a deadlock somebody's statement fails. It shall be ours, before the server chooses.
            var deadlocked = waiting.Exists(pair => pair.Blocker == watch.ProcessId && pair.Mutual);
            if (blocked is not null && (deadlocked || blocked.Waited >= _maximumBlock))
            {
                await watch.CancelAsync(blocked with { IsDeadlock = deadlocked }, () => _session.QueryAsync("Maintain/Sql/CancelBackend.sql", row => row.GetBoolean(0), cancellationToken, watch.ProcessId));
            }
        }
    }

    private async Task SampleAsync(CancellationToken cancellationToken)
    {
        foreach (var sampler in _samplers.Keys)
        {
            try
            {
                await sampler(_session, cancellationToken);
            }
            catch (MaintenanceException exception) when (exception.Code != MaintenanceErrorCode.DatabaseUnreachable)
            {
                _sink.Verbose($"Progress could not be read: {exception.Message}");
            }
        }
    }

    private async Task ReconnectAsync(Exception reason, CancellationToken cancellationToken)
    {
        _sink.Verbose($"The watchdog lost its connection ({reason.Message}); connecting again.");
        try
        {
            var fresh = await _open(cancellationToken);
            await _session.DisposeAsync();
            _session = fresh;
        }
        catch (MaintenanceException)
        {
            foreach (var watch in _watches.Values)
            {
                watch.GiveUp();
            }
        }
    }

    /// <summary>Somebody who waits for us; in a deadlock we wait for them in turn.</summary>
    private sealed record BlockedSession(int ProcessId, TimeSpan Waited, bool IsDeadlock = false);

    private sealed class Ending(Action end) : IDisposable
    {
        public void Dispose() => end();
    }

    /// <summary>One statement under watch.</summary>
    /// <param name="processId">The server process that runs it.</param>
    /// <param name="lost">Ends the statement when nobody watches it any more.</param>
    private sealed class Watch(int processId, CancellationTokenSource lost)
    {
        private readonly Lock _gate = new();
        private readonly Dictionary<int, long> _since = [];
        private Task _cancelling = Task.CompletedTask;
        private bool _retired;

        public int ProcessId => processId;

        /// <summary>Who waited so long that the statement was cancelled; null if it was not.</summary>
        public BlockedSession? Cancelled { get; private set; }

        /// <summary>Notes who waits now.</summary>
        /// <returns>Who has waited longest.</returns>
        public BlockedSession? Observe(IEnumerable<int> waiting, long now, TimeProvider time)
        {
            var current = waiting.ToHashSet();
            foreach (var gone in _since.Keys.Where(pid => !current.Contains(pid)).ToList())
            {
                _since.Remove(gone);
            }

            foreach (var pid in current)
            {
                _since.TryAdd(pid, now);
            }

            return _since.Count == 0 ? null : _since.Select(pair => new BlockedSession(pair.Key, time.GetElapsedTime(pair.Value, now))).MaxBy(blocked => blocked.Waited);
        }

        /// <summary>Cancels the statement, unless it has ended meanwhile: the session may run another one by then.</summary>
        public Task CancelAsync(BlockedSession blocked, Func<Task> cancel)
        {
            lock (_gate)
            {
                if (!_retired && Cancelled is null)
                {
                    Cancelled = blocked;
                    _cancelling = cancel();
                }

                return _cancelling;
            }
        }

        public void GiveUp()
        {
            try
            {
                lost.Cancel();
            }
            catch (ObjectDisposedException)
            {
                // It ended just now.
            }
        }

        /// <summary>Waits for a cancellation that is on its way, and allows no other.</summary>
        public async Task RetireAsync()
        {
            Task cancelling;
            lock (_gate)
            {
                _retired = true;
                cancelling = _cancelling;
            }

            await cancelling.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
