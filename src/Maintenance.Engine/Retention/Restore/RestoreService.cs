using System.Runtime.CompilerServices;
using Maintenance.Engine.Database;
using Maintenance.Engine.History;
using Maintenance.Engine.Maintain;

namespace Maintenance.Engine.Retention;

/// <summary>Rows that come back from archives: planned, confirmed by whoever calls, and then moved, each exactly once.</summary>
public sealed class RestoreService
{
    /// <summary>What we are called in pg_stat_activity.</summary>
    internal const string Task = "Restore-DbArchive";

    private static readonly TimeSpan PlanningTimeout = TimeSpan.FromMinutes(10);

    private readonly DatabaseConnector _connector;
    private readonly ArchiveStores _stores = new();
    private readonly ActionHistory _history;
    private readonly TimeProvider _time;

    internal RestoreService(DatabaseConnector connector, HistoryService history, TimeProvider time)
    {
        _connector = connector;
        _history = new ActionHistory(history, time);
        _time = time;
    }

    /// <summary>Called between the steps of the work; tests break it there.</summary>
    internal FaultPointReached Reached { get; set; } = _ => ValueTask.CompletedTask;

    /// <summary>Says what would come back. Changes nothing.</summary>
    /// <param name="target">The target.</param>
    /// <param name="options">What the caller wants.</param>
    /// <param name="call">What the call brings along.</param>
    /// <param name="cancellationToken">Cancels on the server too.</param>
    /// <returns>One result for each archive: Planned, Skipped where there is nothing to do, Failed where a check says no.</returns>
    /// <exception cref="MaintenanceException">ArchiveNotFound, NotConfigured, InvalidArgument, DatabaseReadOnly, Store…, or what the server reports.</exception>
    public async Task<IReadOnlyList<RestoreResult>> PlanAsync(MaintenanceTarget target, RestoreOptions options, CallContext call, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(options);
        await using var session = await OpenAsync(target, call, PlanningTimeout, cancellationToken);
        return [.. (await PrepareAsync(session, target, options, call, cancellationToken)).Select(prepared => prepared.Result)];
    }

    /// <summary>Carries out what was planned, under the lock of retention: nothing leaves while something comes back.</summary>
    /// <param name="target">The target.</param>
    /// <param name="planned">What was planned and confirmed; what is not Planned is passed through.</param>
    /// <param name="options">What the caller wants; the same as for the plan.</param>
    /// <param name="call">What the call brings along.</param>
    /// <param name="cancellationToken">Cancels on the server too; what was done is recorded.</param>
    /// <exception cref="MaintenanceException">AlreadyRunning, PoolerNotSupported, UnsafeNow, or what the server reports before the first row.</exception>
    public async IAsyncEnumerable<RestoreResult> ExecuteAsync(
        MaintenanceTarget target, IReadOnlyList<RestoreResult> planned, RestoreOptions options, CallContext call, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var held = await AdvisoryLock.AcquireAsync(_connector, target, RetentionService.Task, call, cancellationToken);
        var run = new RestoreRun(this, _history, _time, target, options, call);
        await foreach (var result in held.GuardAsync(token => run.RunAsync(planned, token), cancellationToken))
        {
            yield return result;
        }
    }

    /// <summary>Names of manifests in the archive store that begin so, for completion.</summary>
    /// <param name="target">The target.</param>
    /// <param name="begin">How they begin.</param>
    /// <param name="call">What the call brings along.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="MaintenanceException">NotConfigured, Store….</exception>
    public async Task<IReadOnlyList<string>> FindManifestsAsync(MaintenanceTarget target, string begin, CallContext call, CancellationToken cancellationToken)
    {
        const int Enough = 100;
        var store = await _stores.OpenAsync(target, call, cancellationToken);
        return await store.RunAsync(
            async () =>
            {
                var names = new List<string>();
                await foreach (var entry in store.ListAsync(begin, cancellationToken))
                {
                    if (entry.Name.EndsWith($"/{ArchiveNames.ManifestFile}", StringComparison.Ordinal))
                    {
                        names.Add(entry.Name);
                    }

                    if (names.Count == Enough)
                    {
                        break;
                    }
                }

                return names;
            },
            cancellationToken);
    }

    /// <summary>Forgets the secrets of a target's store.</summary>
    internal void Close(MaintenanceTarget target) => _stores.Close(target);

    /// <summary>Opens a session in which rows are never hidden, and values have one form as text.</summary>
    /// <exception cref="MaintenanceException">DatabaseReadOnly on a standby.</exception>
    internal async Task<DatabaseSession> OpenAsync(MaintenanceTarget target, CallContext call, TimeSpan? statementTimeout, CancellationToken cancellationToken)
    {
        var session = await _connector.OpenAsync(target, new SessionOptions(Task, statementTimeout), call, cancellationToken);
        try
        {
            if (session.IsStandby)
            {
                throw new MaintenanceException(
                    MaintenanceErrorCode.DatabaseReadOnly, $"The server of '{target.Name}' is a standby, which takes no rows.", "Connect to the primary server.");
            }

            await session.ExecuteAsync("Retention/Sql/Session.sql", cancellationToken);
            return session;
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts what looks whether anybody waits for us.</summary>
    internal Task<Watchdog> WatchAsync(MaintenanceTarget target, RestoreOptions options, CallContext call, CancellationToken cancellationToken) =>
        Watchdog.StartAsync(_connector, target, Task, options.MaximumBlock ?? Watchdog.DefaultMaximumBlock, call, _time, cancellationToken);

    /// <summary>Finds and prepares what the caller means.</summary>
    internal Task<List<PreparedRestore>> PrepareAsync(DatabaseSession session, MaintenanceTarget target, RestoreOptions options, CallContext call, CancellationToken cancellationToken) =>
        new RestorePreparation(session, target, options, token => _stores.OpenAsync(target, call, token), _time).RunAsync(cancellationToken);
}
