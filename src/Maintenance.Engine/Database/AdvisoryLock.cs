using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;

namespace Maintenance.Engine.Database;

/// <summary>
/// One writer per database and task: a session-level advisory lock on a connection of its own, held until disposed.
/// If the connection dies, the server releases the lock by itself: then somebody else may begin, so our work must end. A look a second
/// notices it.
/// </summary>
internal sealed class AdvisoryLock : IAsyncDisposable
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);

    private readonly DatabaseSession _session;
    private readonly CancellationTokenSource _lost = new();
    private readonly CancellationTokenSource _releasing = new();
    private readonly Task _looking;

    private AdvisoryLock(DatabaseSession session)
    {
        _session = session;
        _looking = LookAsync(_releasing.Token);
    }

    /// <summary>Cancelled when the lock is no longer held, although nobody released it.</summary>
    public CancellationToken Lost => _lost.Token;

    /// <summary>Takes the lock, or says who has it. Never waits.</summary>
    /// <param name="connector">Opens the connection that holds it.</param>
    /// <param name="target">The target.</param>
    /// <param name="task">Whose lock it is: a task's, or that of several which must not run at once.</param>
    /// <param name="call">What the call brings along.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <param name="asked">The task that somebody asked for, where that has another name.</param>
    /// <exception cref="MaintenanceException">AlreadyRunning, naming the holder; PoolerNotSupported.</exception>
    public static async Task<AdvisoryLock> AcquireAsync(
        DatabaseConnector connector, MaintenanceTarget target, string task, CallContext call, CancellationToken cancellationToken, string? asked = null)
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
                : throw await HeldByOtherAsync(session, target, task, asked ?? task, key, cancellationToken);
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

    /// <summary>The error for work that was ended because its lock was lost.</summary>
    public MaintenanceException LostError() => new(
        MaintenanceErrorCode.DatabaseUnreachable,
        $"The lock that keeps a second run away from '{_session.Target.Name}' was lost with its connection, so the work was stopped.",
        "Find out who ended the session, or whether the server restarted; then run it again.");

    /// <summary>Passes on what is done under the lock, and ends it when the lock is lost.</summary>
    /// <typeparam name="T">Type of the items.</typeparam>
    /// <param name="work">The work; observes its token.</param>
    /// <param name="cancellationToken">The caller's own wish to stop.</param>
    /// <exception cref="MaintenanceException">DatabaseUnreachable, when the lock was lost.</exception>
    public async IAsyncEnumerable<T> GuardAsync<T>(
        Func<CancellationToken, IAsyncEnumerable<T>> work, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, Lost);
        await using var items = work(ending.Token).GetAsyncEnumerator(ending.Token);
        while (await NextAsync(items, cancellationToken))
        {
            yield return items.Current;
        }
    }

    /// <summary>Releases the lock: returning the connection resets its session, which drops all advisory locks.</summary>
    public async ValueTask DisposeAsync()
    {
        await _releasing.CancelAsync();
        await _looking;
        _releasing.Dispose();
        _lost.Dispose();
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

    private async Task<bool> NextAsync<T>(IAsyncEnumerator<T> items, CancellationToken cancellationToken)
    {
        try
        {
            return await items.MoveNextAsync();
        }
        catch (OperationCanceledException) when (Lost.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw LostError();
        }
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        try
        {
            do
            {
                await Task.Delay(LookInterval, cancellationToken);
            }
            while ((await _session.QueryAsync("Database/Sql/StillLocked.sql", row => row.GetBoolean(0), cancellationToken))[0]);

            await _lost.CancelAsync();
        }
        catch (Exception exception) when (exception is MaintenanceException or InvalidOperationException)
        {
            await _lost.CancelAsync();
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // It is being released.
        }
    }

    private static async Task<MaintenanceException> HeldByOtherAsync(
        DatabaseSession session, MaintenanceTarget target, string task, string asked, long key, CancellationToken cancellationToken)
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
            $"{(asked == task ? $"The task {task} is running on '{target.Name}' already" : $"{asked} cannot run on '{target.Name}' beside other database maintenance, which is running already")}: {(holders.Count > 0 ? holders[0] : "the holder has just ended")}.",
            "Wait for it to end, or end that session if it hangs.");
    }
}
