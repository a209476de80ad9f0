using Maintenance.Engine.Database;
using Maintenance.Engine.Stores;

namespace Maintenance.Engine.Retention;

/// <summary>An archive with what is to be done, or why it cannot be done.</summary>
internal sealed record PreparedRestore(RestoreJob? Job, RestoreResult Result);

/// <summary>Finds the archives that the caller means, and prepares each: the table it comes back into, its columns, its statements.</summary>
/// <param name="session">The session.</param>
/// <param name="target">The target.</param>
/// <param name="options">What the caller wants.</param>
/// <param name="openStore">Opens the target's archive store.</param>
/// <param name="time">The clock.</param>
internal sealed class RestorePreparation(
    DatabaseSession session, MaintenanceTarget target, RestoreOptions options, Func<CancellationToken, Task<IFileStore>> openStore, TimeProvider time)
{
    private readonly TablePreparation _tables = new(session, options);
    private readonly FilePreparation _files = new(session, options);

    /// <summary>Prepares all of them.</summary>
    /// <exception cref="MaintenanceException">ArchiveNotFound, ObjectNotFound, NotConfigured, InvalidArgument, Store….</exception>
    public async Task<List<PreparedRestore>> RunAsync(CancellationToken cancellationToken)
    {
        if (options.Manifests.Count > 0)
        {
            var store = await openStore(cancellationToken);
            var prepared = new List<PreparedRestore>();
            foreach (var name in options.Manifests.Distinct())
            {
                prepared.Add(await GuardAsync(name, null, () => ManifestAsync(store, name, cancellationToken), cancellationToken));
            }

            return prepared;
        }

        var policies = await PoliciesAsync(cancellationToken);
        if (options.ArchiveTable is { } named)
        {
            return [await GuardAsync(named.ToString(), options.Destination ?? options.Table, () => TableAsync(named, policies.FirstOrDefault(policy => policy.Action == RetentionAction.ArchiveToTable), cancellationToken), cancellationToken)];
        }

        return await ByTableAsync(policies, cancellationToken);
    }

    private async Task<List<PreparedRestore>> ByTableAsync(List<RetentionPolicy> policies, CancellationToken cancellationToken)
    {
        var table = options.Table ?? throw new MaintenanceException(
            MaintenanceErrorCode.InvalidArgument, "Nothing says what is to come back.", "Name the table with -Table, an archive table with -ArchiveTable, or an archive in the store with -Manifest.");
        var prepared = new List<PreparedRestore>();
        foreach (var policy in policies.Where(policy => policy.Action == RetentionAction.ArchiveToTable))
        {
            prepared.Add(await GuardAsync(
                policy.Destination!, options.Destination ?? table, () => TableAsync(new DbObjectReference(policy.Destination!), policy, cancellationToken), cancellationToken));
        }

        // Without a policy for a table they may be in the store all the same, from a policy that was changed since.
        var toStore = policies.FirstOrDefault(policy => policy.Action == RetentionAction.ArchiveToBlob);
        if (target.ArchiveStore is not null && (toStore is not null || prepared.Count == 0))
        {
            var store = await openStore(cancellationToken);
            var (schema, name) = await NameAsync(table, cancellationToken);
            var policy = toStore ?? policies.FirstOrDefault();
            foreach (var archive in await ArchiveFinder.OfTableAsync(session, store, schema, name, toStore?.Destination, cancellationToken))
            {
                prepared.Add(await GuardAsync(archive.Name, options.Destination ?? table, () => FileAsync(store, archive, policy, cancellationToken), cancellationToken));
            }
        }

        // Of many archives, those of other times are of no interest.
        var ofThisTime = prepared.Where(one => one.Result is not { ArchiveId: not null, State: StepState.Skipped, Error: null }).ToList();
        return ofThisTime.Count > 0 ? ofThisTime
            : prepared.Count > 0 ? prepared[..1]
            : throw new MaintenanceException(
                MaintenanceErrorCode.ArchiveNotFound,
                $"No retention policy of '{target.Name}' archives {table} into a table, and {(target.ArchiveStore is null ? "it has no archive store" : "there is no archive of it in its store")}.",
                "Name the archive: a table with -ArchiveTable and -TimeColumn, or a manifest in the store with -Manifest.");
    }

    // One that cannot be restored does not keep the others from it.
    private async Task<PreparedRestore> GuardAsync(string source, DbObjectReference? wanted, Func<Task<PreparedRestore>> prepare, CancellationToken cancellationToken)
    {
        try
        {
            return await prepare();
        }
        catch (MaintenanceException exception) when (exception.Code != MaintenanceErrorCode.DatabaseUnreachable && !cancellationToken.IsCancellationRequested)
        {
            return new PreparedRestore(null, RestorePlanner.Refuse(target.Name, session.Database, source, null, wanted, options, exception, time.GetUtcNow()));
        }
    }

    private async Task<PreparedRestore> TableAsync(DbObjectReference archive, RetentionPolicy? policy, CancellationToken cancellationToken)
    {
        var destination = options.Destination ?? options.Table ?? (policy is null ? null : new DbObjectReference(policy.Table)) ?? throw new MaintenanceException(
            MaintenanceErrorCode.InvalidArgument, $"Nothing says into which table the rows of {archive} are to come back.", "Name it with -Destination.");
        var job = await _tables.RunAsync(archive, await FindAsync(session, destination, cancellationToken), policy, cancellationToken);
        var found = await TableRestore.CountAsync(session, job, cancellationToken);
        return new PreparedRestore(job, RestorePlanner.Plan(target.Name, session.Database, job, options, found, restoredBefore: false, time.GetUtcNow()));
    }

    private async Task<PreparedRestore> ManifestAsync(IFileStore store, string name, CancellationToken cancellationToken)
    {
        var archive = await ArchiveFinder.OfManifestAsync(session, store, name, cancellationToken);
        return await FileAsync(store, archive, target.Retention.FirstOrDefault(policy => policy.Table == $"{archive.Schema}.{archive.Table}"), cancellationToken);
    }

    private async Task<PreparedRestore> FileAsync(IFileStore store, StoredArchive archive, RetentionPolicy? policy, CancellationToken cancellationToken)
    {
        var destination = options.Destination ?? new DbObjectReference(Quote(archive.Schema, archive.Table));
        var job = await _files.RunAsync(store, archive, await FindAsync(session, destination, cancellationToken), policy, cancellationToken);
        var result = RestorePlanner.Plan(
            target.Name, session.Database, job, options, job.Parts.Sum(part => part.Rows), restoredBefore: job is { Parts.Count: 0, PartsRestoredBefore: > 0 }, time.GetUtcNow());
        return new PreparedRestore(job, result);
    }

    // Those that archive the table, whatever they call it.
    private async Task<List<RetentionPolicy>> PoliciesAsync(CancellationToken cancellationToken)
    {
        var archiving = target.Retention.Where(policy => policy.Action is RetentionAction.ArchiveToTable or RetentionAction.ArchiveToBlob).ToList();
        if (options.Table is { } table)
        {
            var (schema, name) = await NameAsync(table, cancellationToken);
            return archiving.FindAll(policy => new DbObjectReference(policy.Table) is var its && its.Name == name && (its.Schema ?? "public") == schema);
        }

        // An archive that is named tells its table by the policy that fills it.
        return options.ArchiveTable is { } archive && archive.Name is not null
            ? archiving.FindAll(policy => policy.Destination is { } destination && policy.Action == RetentionAction.ArchiveToTable
                && new DbObjectReference(destination) is var its && its.Name == archive.Name && (its.Schema ?? "public") == (archive.Schema ?? "public"))
            : [];
    }

    // A table that is gone still has archives.
    private async Task<(string Schema, string Name)> NameAsync(DbObjectReference table, CancellationToken cancellationToken)
    {
        try
        {
            var found = await FindAsync(session, table, cancellationToken);
            return (found.Schema, found.Name);
        }
        catch (MaintenanceException exception) when (exception.Code == MaintenanceErrorCode.ObjectNotFound && table.Name is not null)
        {
            return (table.Schema ?? "public", table.Name);
        }
    }

    /// <summary>A table; one without a schema is looked for in public first, as policies do.</summary>
    /// <exception cref="MaintenanceException">ObjectNotFound; InvalidArgument for what is no table.</exception>
    internal static Task<Relation> FindAsync(DatabaseSession session, DbObjectReference reference, CancellationToken cancellationToken) =>
        reference is { Oid: null, Schema: null, Name: { } name }
            ? PolicyProbe.FindAsync(session, Quote(name), cancellationToken)
            : RelationFinder.FindAsync(session, reference, cancellationToken);

    private static string Quote(params string[] names) => string.Join('.', names.Select(name => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\""));
}
