using System.Collections.Concurrent;
using System.Diagnostics;
using Maintenance.Engine.Resilience;
using Npgsql;

namespace Maintenance.Engine.Database;

/// <summary>Opens sessions to targets' databases: one connection pool per target, retried while the server is starting up.</summary>
internal sealed class DatabaseConnector(TimeProvider time) : IAsyncDisposable
{
    /// <summary>The oldest major version whose catalogues the SQL texts know.</summary>
    public const int OldestMajorVersion = 13;

    private readonly ConcurrentDictionary<(string Target, DatabaseSettings Settings), NpgsqlDataSource> _pools = new();
    private readonly ConcurrentDictionary<DatabaseSession, int> _open = new();

    /// <summary>Server processes that serve sessions of this engine right now, on whatever server.</summary>
    public IReadOnlySet<int> OpenProcesses => _open.Values.ToHashSet();

    /// <summary>Opens a session with its safety limits set.</summary>
    /// <param name="target">The target.</param>
    /// <param name="options">What the session is for.</param>
    /// <param name="call">Where to read secrets and tell of retries.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="MaintenanceException">NotConfigured, SecretNotFound, DatabaseUnreachable, AuthenticationFailed, ...</exception>
    public async Task<DatabaseSession> OpenAsync(
        MaintenanceTarget target, SessionOptions options, CallContext call, CancellationToken cancellationToken)
    {
        var settings = target.Database ?? throw new MaintenanceException(
            MaintenanceErrorCode.NotConfigured,
            $"The target '{target.Name}' has no database.",
            "Add \"database\" to the target in maintenance.json, or connect with -HostName.");
        try
        {
            return await ResiliencePipelines.Connect(time, call.Sink).ExecuteAsync(
                async token => await OpenInPoolAsync(target, settings, options, call, token),
                cancellationToken);
        }
        catch (Exception exception) when (exception is not MaintenanceException)
        {
            var translated = PostgresErrors.Translate(exception, target, cancellationToken);
            if (translated is MaintenanceException { Code: MaintenanceErrorCode.AuthenticationFailed })
            {
                // The secret may have been changed meanwhile: it is looked up again next time.
                await CloseAsync(target);
            }

            throw translated;
        }
    }

    /// <summary>Closes the idle connections to one target and forgets its secret.</summary>
    /// <param name="target">The target.</param>
    public async ValueTask CloseAsync(MaintenanceTarget target)
    {
        foreach (var key in _pools.Keys.Where(key => key.Target == target.Name))
        {
            if (_pools.TryRemove(key, out var pool))
            {
                await pool.DisposeAsync();
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var pool in _pools.Values)
        {
            await pool.DisposeAsync();
        }

        _pools.Clear();
    }

    private async Task<DatabaseSession> OpenInPoolAsync(
        MaintenanceTarget target, DatabaseSettings settings, SessionOptions options, CallContext call, CancellationToken cancellationToken)
    {
        var pool = await PoolAsync(target, settings, call, cancellationToken);
        try
        {
            return await OpenOnceAsync(pool, target, options, call, cancellationToken);
        }
        catch (ObjectDisposedException) when (!_pools.Values.Contains(pool))
        {
            // Somebody else has found its server silent, and dropped it. A new one finds out for itself.
            return await OpenOnceAsync(await PoolAsync(target, settings, call, cancellationToken), target, options, call, cancellationToken);
        }
    }

    private async Task<DatabaseSession> OpenOnceAsync(
        NpgsqlDataSource pool, MaintenanceTarget target, SessionOptions options, CallContext call, CancellationToken cancellationToken)
    {
        var (story, began) = (new SessionStory(call.Sink), Stopwatch.GetTimestamp());
        var connection = await ConnectAsync(pool, cancellationToken);
        var session = new DatabaseSession(connection, target, story, closed => Closed(closed, pool));
        try
        {
            await session.PrepareAsync(options, cancellationToken);
            _open[session] = session.ServerProcessId;
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }

        if (session.MajorVersion < OldestMajorVersion)
        {
            await session.DisposeAsync();
            throw new MaintenanceException(
                MaintenanceErrorCode.ServerVersionNotSupported,
                $"The server of '{target.Name}' is PostgreSQL {session.ServerVersion}.",
                $"PostgreSQL {OldestMajorVersion} and later are supported.");
        }

        story.Opened(session, options.Task, began);
        return session;
    }

    // The others of the pool were opened before the server fell silent, too, and one that is left behind would take a place in it for ever.
    private void Closed(DatabaseSession session, NpgsqlDataSource pool)
    {
        _open.TryRemove(session, out _);
        if (session.IsAbandoned && _pools.FirstOrDefault(known => known.Value == pool) is { Value: not null } known && _pools.TryRemove(known))
        {
            _ = Task.Run(async () => await pool.DisposeAsync());
        }
    }

    // Npgsql does not observe the token while a server that took the connection says nothing. What is left behind then is a socket
    // without a login, which Npgsql closes at the connect timeout.
    private static async Task<NpgsqlConnection> ConnectAsync(NpgsqlDataSource pool, CancellationToken cancellationToken)
    {
        var opening = pool.OpenConnectionAsync(cancellationToken).AsTask();
        try
        {
            return await opening.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            _ = DiscardAsync(opening);
            throw;
        }
    }

    private static async Task DiscardAsync(Task<NpgsqlConnection> opening)
    {
        try
        {
            await (await opening).DisposeAsync();
        }
        catch (Exception exception) when (exception is NpgsqlException or OperationCanceledException or ObjectDisposedException or TimeoutException)
        {
            // It did not open, which is as good.
        }
    }

    private async Task<NpgsqlDataSource> PoolAsync(
        MaintenanceTarget target, DatabaseSettings settings, CallContext call, CancellationToken cancellationToken)
    {
        var key = (target.Name, settings);
        if (_pools.TryGetValue(key, out var known))
        {
            return known;
        }

        var connectionString = await ConnectionStrings.BuildAsync(settings, call.Secrets, cancellationToken);
        return _pools.GetOrAdd(key, _ => new NpgsqlDataSourceBuilder(connectionString) { Name = target.Name }.Build());
    }
}
