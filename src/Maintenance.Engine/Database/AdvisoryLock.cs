using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Maintenance.Engine.Database;

/// <summary>
/// One writer per database and task: a session-level advisory lock on a connection of its own, held until disposed.
/// If the connection dies, the server releases the lock by itself.
/// </summary>
internal sealed class AdvisoryLock : IAsyncDisposable
{
    private readonly DatabaseSession _session;

    private AdvisoryLock(DatabaseSession session) => _session = session;

    /// <summary>Takes the lock, or says who has it. Never waits.</summary>
    /// <exception cref="MaintenanceException">AlreadyRunning, naming the holder; PoolerNotSupported.</exception>
    public static async Task<AdvisoryLock> AcquireAsync(
        DatabaseConnector connector, MaintenanceTarget target, string task, CallContext call, CancellationToken cancellationToken)
    {
        var session = await connector.OpenAsync(target, new SessionOptions($"{task} lock"), call, cancellationToken);
        try
        {
            if (session.IsPooled)
            {
                throw new MaintenanceException(
                    MaintenanceErrorCode.PoolerNotSupported,
                    $"The connection to '{target.Name}' goes through a pooler, which cannot hold a lock for us.",
                    "Connect to the database itself: port 5432 instead of 6543 on Supabase.");
            }

            var key = Key(task);
            var taken = (await session.QueryAsync("Database/Sql/TryLock.sql", row => row.GetBoolean(0), cancellationToken, key))[0];
            return taken
                ? new AdvisoryLock(session)
                : throw await HeldByOtherAsync(session, target, task, key, cancellationToken);
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// The key of a task. Advisory locks are per database, so the database is part of it by itself; the target's name is not,
    /// because two machines may know the same database by different names.
    /// </summary>
    public static long Key(string task) =>
        BinaryPrimitives.ReadInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes($"Maintenance/{task.ToUpperInvariant()}")));

    /// <summary>Releases the lock: returning the connection resets its session, which drops all advisory locks.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await _session.ExecuteAsync("Database/Sql/Unlock.sql", CancellationToken.None);
        }
        catch (Exception exception) when (exception is MaintenanceException or InvalidOperationException)
        {
            // The connection is gone, and the lock with it.
        }

        await _session.DisposeAsync();
    }

    private static async Task<MaintenanceException> HeldByOtherAsync(
        DatabaseSession session, MaintenanceTarget target, string task, long key, CancellationToken cancellationToken)
    {
        var holders = await session.QueryAsync(
            "Database/Sql/LockHolder.sql",
            row => $"server process {row.GetInt32(0)} ({(row.IsDBNull(1) ? "?" : row.GetString(1))}, role {(row.IsDBNull(2) ? "?" : row.GetString(2))}, "
                + $"from {(row.IsDBNull(3) ? "this machine" : row.GetString(3))}, since {(row.IsDBNull(4) ? "?" : $"{row.GetDateTime(4):u}")})",
            cancellationToken,
            (long)(uint)(key >> 32),
            (long)(uint)key);
        return new MaintenanceException(
            MaintenanceErrorCode.AlreadyRunning,
            $"The task {task} is running on '{target.Name}' already: {(holders.Count > 0 ? holders[0] : "the holder has just ended")}.",
            "Wait for it to end, or end that session if it hangs.");
    }
}
