using System.Runtime.CompilerServices;
using Maintenance.Engine.Resilience;

namespace Maintenance.Engine.Backup;

/// <summary>Finds backups in folders and blob containers, and says whether the newest is young enough.</summary>
public sealed class BackupService
{
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
        ListAsync(StoreOf(target), target, query, call, cancellationToken);

    /// <summary>Lists the backups of a store, as they come.</summary>
    /// <inheritdoc cref="ListAsync(MaintenanceTarget, BackupQuery, CallContext, CancellationToken)"/>
    public IAsyncEnumerable<DatabaseBackup> ListAsync(
        StoreSettings store, BackupQuery query, CallContext call, CancellationToken cancellationToken) =>
        ListAsync(store, target: null, query, call, cancellationToken);

    /// <inheritdoc cref="TestRecencyAsync(MaintenanceTarget, TimeSpan?, string?, CallContext, CancellationToken)"/>
    public Task<IReadOnlyList<BackupRecency>> TestRecencyAsync(
        MaintenanceTarget target, TimeSpan? maximumAge, CallContext call, CancellationToken cancellationToken) =>
        TestRecencyAsync(target, maximumAge, namePattern: null, call, cancellationToken);

    /// <summary>
    /// Finds the newest backup of each database and kind of a target, says whether it is young enough, and looks at its first bytes. What
    /// cannot be found out is a record that says so and why, not an exception. Takes 60 s at most unless the call says otherwise.
    /// </summary>
    /// <param name="target">The target.</param>
    /// <param name="maximumAge">How old it may be; null for what the store's settings say, the target's recovery point objective, or 24 h.</param>
    /// <param name="namePattern">How backups are named; null for what the target says.</param>
    /// <param name="call">Where to tell, and where to read secrets.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>One record for each database and kind that is there or must be; at least one.</returns>
    /// <exception cref="MaintenanceException">InvalidArgument: the maximum age or the pattern of names.</exception>
    public Task<IReadOnlyList<BackupRecency>> TestRecencyAsync(
        MaintenanceTarget target, TimeSpan? maximumAge, string? namePattern, CallContext call, CancellationToken cancellationToken) =>
        TestRecencyAsync(target.BackupStore, target, maximumAge, namePattern, call, cancellationToken);

    /// <inheritdoc cref="TestRecencyAsync(StoreSettings, TimeSpan?, string?, CallContext, CancellationToken)"/>
    public Task<IReadOnlyList<BackupRecency>> TestRecencyAsync(
        StoreSettings store, TimeSpan? maximumAge, CallContext call, CancellationToken cancellationToken) =>
        TestRecencyAsync(store, target: null, maximumAge, namePattern: null, call, cancellationToken);

    /// <summary>Finds the newest backup of each database and kind in a store and says whether it is young enough.</summary>
    /// <inheritdoc cref="TestRecencyAsync(MaintenanceTarget, TimeSpan?, string?, CallContext, CancellationToken)"/>
    public Task<IReadOnlyList<BackupRecency>> TestRecencyAsync(
        StoreSettings store, TimeSpan? maximumAge, string? namePattern, CallContext call, CancellationToken cancellationToken) =>
        TestRecencyAsync(store, target: null, maximumAge, namePattern, call, cancellationToken);

    /// <summary>
    /// Judges backups that were listed before, such as those of a pipeline: by target, store, database and kind. What must be there and
    /// is not among them is looked for in the store.
    /// </summary>
    /// <param name="backups">The backups; at least one.</param>
    /// <param name="find">Finds a target by its name; null if it is not known.</param>
    /// <param name="maximumAge">How old the newest may be; null for what is configured, or 24 h.</param>
    /// <param name="namePattern">How backups are named; null for what the target says.</param>
    /// <param name="call">Where to tell, and where to read secrets.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="MaintenanceException">InvalidArgument; DeadlineExceeded.</exception>
    public async Task<IReadOnlyList<BackupRecency>> TestRecencyAsync(
        IEnumerable<DatabaseBackup> backups, Func<string, MaintenanceTarget?> find, TimeSpan? maximumAge, string? namePattern, CallContext call, CancellationToken cancellationToken)
    {
        using var deadline = new Deadline(call.Timeout ?? DefaultTestTimeout, _time, cancellationToken);
        return await deadline.RunAsync("Judging backups", async token =>
        {
            var records = new List<BackupRecency>();
            foreach (var store in backups.GroupBy(backup => (backup.Target, backup.Store)))
            {
                var target = store.Key.Target is { } name ? find(name) : null;
                var rules = RecencyRules.Of(target?.BackupStore, target, maximumAge, namePattern);
                records.AddRange(await JudgeAsync([.. store], target, rules, maximumAge, namePattern, call, token));
            }

            return records;
        });
    }

    private async Task<IReadOnlyList<BackupRecency>> JudgeAsync(
        IReadOnlyList<DatabaseBackup> backups, MaintenanceTarget? target, RecencyRules rules, TimeSpan? maximumAge, string? namePattern, CallContext call, CancellationToken cancellationToken)
    {
        var evaluator = new RecencyEvaluator(rules, _time.GetUtcNow());
        foreach (var backup in backups)
        {
            evaluator.Add(backup);
        }

        var content = new ContentProbe(async (backup, token) => await _stores.OpenFilesAsync(BackupStores.SettingsOf(backup, target), call, token));
        var records = new List<BackupRecency>();
        IReadOnlyList<BackupRecency>? asked = null;
        foreach (var record in evaluator.Evaluate(new StoreReading(backups[0].Store, backups[0].Target, Requests: 0, Complete: true), call.Sink.Verbose))
        {
            if (record.State != BackupRecencyState.None || target?.BackupStore is null)
            {
                records.Add(await content.LookAsync(record, cancellationToken));
                continue;
            }

            // The pipeline may have been filtered: only the store knows that there is none.
            asked ??= await TestRecencyAsync(target, maximumAge, namePattern, call, cancellationToken);
            var found = asked.Where(other => string.Equals(other.Database, record.Database, StringComparison.OrdinalIgnoreCase) && (record.Kind is null || other.Kind == record.Kind)).ToList();
            records.AddRange(found.Count > 0 ? found : asked.Where(other => other.State == BackupRecencyState.CannotDetermine).DefaultIfEmpty(record));
        }

        return [.. records.Select(record => record.Requests > 0 ? record : record with { Requests = content.Requests })];
    }

    /// <summary>Forgets the secrets of a target's store.</summary>
    internal void Close(MaintenanceTarget target)
    {
        if (target.BackupStore is { } store)
        {
            _stores.Forget(store);
        }
    }

    private static StoreSettings StoreOf(MaintenanceTarget target) => target.BackupStore ?? throw NotConfigured(target.Name);

    private static MaintenanceException NotConfigured(string? target) => new(
        MaintenanceErrorCode.NotConfigured,
        $"The target '{target}' has no backup store.",
        "Add \"backupStore\" to the target in maintenance.json, or give -Path.");

    private async IAsyncEnumerable<DatabaseBackup> ListAsync(
        StoreSettings settings, MaintenanceTarget? target, BackupQuery query, CallContext call, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var naming = BackupNaming.Of(settings, target, query.NamePattern);
        using var deadline = new Deadline(call.Timeout, _time, cancellationToken);
        await foreach (var backup in deadline.WatchAsync(ReadAsync(), $"Reading the store {settings}"))
        {
            yield return backup;
        }

        async IAsyncEnumerable<DatabaseBackup> ReadAsync()
        {
            var place = await OpenAsync(settings, target, naming, call, deadline.Token);
            await foreach (var backup in new BackupLister(place, query).ListAsync(deadline.Token))
            {
                yield return backup;
            }
        }
    }

    private async Task<IReadOnlyList<BackupRecency>> TestRecencyAsync(
        StoreSettings? settings, MaintenanceTarget? target, TimeSpan? maximumAge, string? namePattern, CallContext call, CancellationToken cancellationToken)
    {
        var (rules, now) = (RecencyRules.Of(settings, target, maximumAge, namePattern), _time.GetUtcNow());
        BackupPlace? place = null;
        try
        {
            using var deadline = new Deadline(call.Timeout ?? DefaultTestTimeout, _time, cancellationToken);
            return await deadline.RunAsync($"Reading the store {settings}", async token =>
            {
                place = await OpenAsync(settings ?? throw NotConfigured(target?.Name), target, rules.Naming, call, token);
                return await new RecencyJudge(place, rules).JudgeAsync(token);
            });
        }
        catch (MaintenanceException exception)
        {
            var reading = new StoreReading(settings?.ToString(), target?.Name, place?.Listing.Requests ?? 0, Complete: false);
            return [RecencyEvaluator.CannotDetermine(exception, rules.MaximumAge, now, reading)];
        }
    }

    private async Task<BackupPlace> OpenAsync(StoreSettings settings, MaintenanceTarget? target, BackupNaming naming, CallContext call, CancellationToken cancellationToken) => new(
        await _stores.OpenAsync(settings, call, cancellationToken),
        await _stores.OpenFilesAsync(settings, call, cancellationToken),
        naming,
        target?.Name,
        _time.GetUtcNow(),
        call.Sink);
}
