using System.Runtime.CompilerServices;
using Maintenance.Engine.Resilience;
using Maintenance.Engine.Thresholds;

namespace Maintenance.Engine.Backup;

/// <summary>Finds backups in folders and blob containers, and says whether the newest is young enough.</summary>
public sealed class BackupService
{
    private static readonly TimeSpan LongestMaximumAge = TimeSpan.FromDays(36500);
    private static readonly TimeSpan DefaultTestTimeout = TimeSpan.FromSeconds(60);
    private readonly TimeProvider _time;
    private readonly BackupStores _stores = new();

    internal BackupService(TimeProvider time) => _time = time;

    /// <summary>Lists the backups of a target's store, as they come.</summary>
    /// <param name="target">The target.</param>
    /// <param name="query">Which backups.</param>
    /// <param name="call">Where to tell, and where to read secrets.</param>
    /// <param name="cancellationToken">Ends the listing.</param>
    /// <exception cref="MaintenanceException">NotConfigured, SecretNotFound, StoreNotFound, StoreAuthenticationFailed, StoreUnreachable, DeadlineExceeded, ...</exception>
    public IAsyncEnumerable<DatabaseBackup> ListAsync(
        MaintenanceTarget target, BackupQuery query, CallContext call, CancellationToken cancellationToken) =>
        ListAsync(StoreOf(target), target.Name, query, call, cancellationToken);

    /// <summary>Lists the backups of a store, as they come.</summary>
    /// <inheritdoc cref="ListAsync(MaintenanceTarget, BackupQuery, CallContext, CancellationToken)"/>
    public IAsyncEnumerable<DatabaseBackup> ListAsync(
        StoreSettings store, BackupQuery query, CallContext call, CancellationToken cancellationToken) =>
        ListAsync(store, target: null, query, call, cancellationToken);

    /// <summary>
    /// Finds the newest backup of each database of a target and says whether it is young enough. What cannot be found out is a
    /// record that says so and why, not an exception. Takes 60 s at most unless the call says otherwise.
    /// </summary>
    /// <param name="target">The target.</param>
    /// <param name="maximumAge">How old it may be; null for what the store's settings say, or 24 h.</param>
    /// <param name="call">Where to tell, and where to read secrets.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>One record for each database that the names tell apart; at least one.</returns>
    public Task<IReadOnlyList<BackupRecency>> TestRecencyAsync(
        MaintenanceTarget target, TimeSpan? maximumAge, CallContext call, CancellationToken cancellationToken) =>
        TestRecencyAsync(target.BackupStore, target.Name, maximumAge, call, cancellationToken);

    /// <summary>Finds the newest backup of each database in a store and says whether it is young enough.</summary>
    /// <inheritdoc cref="TestRecencyAsync(MaintenanceTarget, TimeSpan?, CallContext, CancellationToken)"/>
    public Task<IReadOnlyList<BackupRecency>> TestRecencyAsync(
        StoreSettings store, TimeSpan? maximumAge, CallContext call, CancellationToken cancellationToken) =>
        TestRecencyAsync(store, target: null, maximumAge, call, cancellationToken);

    /// <summary>Judges backups that were listed before, such as those of a pipeline: by target, store and database.</summary>
    /// <param name="backups">The backups; at least one.</param>
    /// <param name="maximumAge">How old the newest may be; null for 24 h.</param>
    public IReadOnlyList<BackupRecency> TestRecency(IEnumerable<DatabaseBackup> backups, TimeSpan? maximumAge)
    {
        var (limit, now) = (Limit(maximumAge, store: null), _time.GetUtcNow());
        return [.. backups.GroupBy(backup => (backup.Target, backup.Store)).SelectMany(store =>
        {
            var evaluator = new RecencyEvaluator(limit, now);
            foreach (var backup in store)
            {
                evaluator.Add(backup);
            }

            return evaluator.Evaluate(new StoreReading(store.Key.Store, store.Key.Target, Requests: 0, Complete: true));
        })];
    }

    /// <summary>Forgets the secrets of a target's store.</summary>
    internal void Close(MaintenanceTarget target)
    {
        if (target.BackupStore is { } store)
        {
            _stores.Forget(store);
        }
    }

    private static TimeSpan Limit(TimeSpan? given, StoreSettings? store)
    {
        var limit = given ?? store?.MaximumAge ?? ThresholdCatalogue.BackupMaximumAge;
        return limit > TimeSpan.Zero && limit <= LongestMaximumAge
            ? limit
            : throw new MaintenanceException(
                MaintenanceErrorCode.InvalidArgument,
                "The maximum age of a backup must be positive, and at most 36500 days.",
                "Give a time span such as 24:00:00.");
    }

    private static StoreSettings StoreOf(MaintenanceTarget target) => target.BackupStore ?? throw NotConfigured(target.Name);

    private static MaintenanceException NotConfigured(string? target) => new(
        MaintenanceErrorCode.NotConfigured,
        $"The target '{target}' has no backup store.",
        "Add \"backupStore\" to the target in maintenance.json, or give -Path.");

    private async IAsyncEnumerable<DatabaseBackup> ListAsync(
        StoreSettings settings, string? target, BackupQuery query, CallContext call, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var deadline = new Deadline(call.Timeout, _time, cancellationToken);
        await foreach (var backup in deadline.WatchAsync(ReadAsync(), $"Reading the store {settings}"))
        {
            yield return backup;
        }

        async IAsyncEnumerable<DatabaseBackup> ReadAsync()
        {
            var store = await _stores.OpenAsync(settings, call.Secrets, deadline.Token);
            var lister = new BackupLister(store, target, _time.GetUtcNow(), call.Sink);
            await foreach (var backup in lister.ListAsync(query, deadline.Token))
            {
                yield return backup;
            }
        }
    }

    private async Task<IReadOnlyList<BackupRecency>> TestRecencyAsync(
        StoreSettings? settings, string? target, TimeSpan? maximumAge, CallContext call, CancellationToken cancellationToken)
    {
        var (limit, now) = (Limit(maximumAge, settings), _time.GetUtcNow());
        IBackupStore? store = null;
        try
        {
            using var deadline = new Deadline(call.Timeout ?? DefaultTestTimeout, _time, cancellationToken);
            return await deadline.RunAsync($"Reading the store {settings}", async token =>
            {
                store = await _stores.OpenAsync(settings ?? throw NotConfigured(target), call.Secrets, token);
                return await new BackupLister(store, target, now, call.Sink).JudgeAsync(limit, token);
            });
        }
        catch (MaintenanceException exception)
        {
            var reading = new StoreReading(settings?.ToString(), target, store?.Requests ?? 0, Complete: false);
            return [RecencyEvaluator.CannotDetermine(exception, limit, now, reading)];
        }
    }
}
