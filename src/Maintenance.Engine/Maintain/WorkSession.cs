using System.Data;
using Maintenance.Engine.Database;

namespace Maintenance.Engine.Maintain;

/// <summary>The session that a worker works on, opened anew if it has died, and the server process it had: a dead connection does not know that any more.</summary>
/// <param name="open">Opens one.</param>
internal sealed class WorkSession(Func<CancellationToken, Task<DatabaseSession>> open) : IAsyncDisposable
{
    private DatabaseSession? _session;

    /// <summary>The session, if it lives.</summary>
    public DatabaseSession? Alive => _session is { Connection.State: ConnectionState.Open } alive ? alive : null;

    /// <summary>The server process of the last session; null before the first.</summary>
    public ServerProcess? Process { get; private set; }

    /// <summary>The server process of a session that has died here, and may live on there.</summary>
    public ServerProcess? Dead => Alive is null ? Process : null;

    /// <summary>The session; a new one if there is none that lives.</summary>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public async Task<DatabaseSession> GetAsync(CancellationToken cancellationToken)
    {
        if (Alive is { } alive)
        {
            return alive;
        }

        await DisposeAsync();
        var session = await open(cancellationToken);
        _session = session;
        Process = new ServerProcess(
            session.Connection.ProcessID,
            (await session.QueryAsync("Maintain/Sql/BackendStart.sql", row => row.GetFieldValue<DateTimeOffset>(0), cancellationToken, session.Connection.ProcessID))[0]);
        return session;
    }

    public async ValueTask DisposeAsync()
    {
        if (_session is { } session)
        {
            _session = null;
            await session.DisposeAsync();
        }
    }
}
