using Maintenance.Engine.Database;
using Maintenance.Engine.Programs;
using Maintenance.Engine.Resilience;

namespace Maintenance.Engine.Backup.Dump;

/// <summary>Makes backups with pg_dump: planned, then confirmed by whoever calls, then streamed into the store.</summary>
public sealed class DumpService
{
    /// <summary>What we are called in pg_stat_activity and in the advisory lock.</summary>
    internal const string Task = "New-DatabaseBackup";

    private static readonly TimeSpan PlanningTimeout = TimeSpan.FromSeconds(60);

    private readonly DatabaseConnector _connector;
    private readonly BackupStores _stores = new();
    private readonly Func<MaintenanceTarget, CallContext, CancellationToken, Task<IReadOnlyList<BackupVerification>>>? _verifications;
    private readonly TimeProvider _time;

    /// <summary>Creates the service.</summary>
    /// <param name="connector">Opens sessions.</param>
    /// <param name="time">The clock.</param>
    /// <param name="verifications">What the last tests of a target's backups came to, the newest first; null where nobody knows.</param>
    internal DumpService(
        DatabaseConnector connector, TimeProvider time, Func<MaintenanceTarget, CallContext, CancellationToken, Task<IReadOnlyList<BackupVerification>>>? verifications = null) =>
        (_connector, _time, _verifications) = (connector, time, verifications);

    /// <summary>Says what would be dumped, where, and which old backups would go then. Changes nothing.</summary>
    /// <param name="target">The target.</param>
    /// <param name="options">What the caller wants.</param>
    /// <param name="call">What the call brings along.</param>
    /// <param name="cancellationToken">Ends the planning.</param>
    /// <exception cref="MaintenanceException">NotConfigured, InvalidArgument, ProgramNotFound, Database…, Store….</exception>
    public async Task<BackupPlan> PlanAsync(MaintenanceTarget target, BackupOptions options, CallContext call, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        var settings = StoreOf(target, options);
        var rules = RulesOf(target, options);
        _ = DumpNames.EndingOf(options.Format);
        using var deadline = new Deadline(call.Timeout ?? PlanningTimeout, _time, cancellationToken);
        return await deadline.RunAsync($"Planning the backup of '{target.Name}'", async token =>
        {
            var connection = await DumpConnection.OfAsync(target, options.Database, call, token);
            try
            {
                await using var session = await _connector.OpenAsync(connection.Target, new SessionOptions(Task, PlanningTimeout), call, token);
                var facts = await FactsAsync(session, token);
                var tool = await FindToolAsync(session, options, token);
                call.Sink.Verbose($"{tool.Path} is {NameOf(tool)}; '{target.Name}' is PostgreSQL {facts.ServerVersion}{(session.IsStandby ? ", a standby" : "")}, role {session.User}.");
                var now = _time.GetUtcNow();
                var name = options.Name ?? NameBy(target, facts.Database, now) ?? DumpNames.Default(facts.Database, options.Format, now);
                DumpNames.Check(name, options.Format);
                var plan = new BackupPlan
                {
                    Target = target.Name,
                    Database = facts.Database,
                    Kind = options.Format,
                    Name = settings.Prefix + name,
                    Store = BackupStores.NameOf(settings),
                    Program = NameOf(tool),
                    ServerVersion = facts.ServerVersion,
                    SystemIdentifier = facts.SystemIdentifier,
                    DatabaseSizeBytes = facts.SizeBytes,
                    CollectedAt = now,
                };
                if (rules is null)
                {
                    return plan;
                }

                var old = await ReadOldAsync(target, settings, plan, call, token);
                var made = Backup(plan, settings, now, 0);
                return plan with
                {
                    EstimatedBytes = Estimate(old.Select(backup => backup.Manifest), facts.SizeBytes),
                    Expired = [.. BackupKeeper.Expired(old.Select(backup => backup.Old), made, rules, now).Select(backup => backup.Backup)],
                };
            }
            finally
            {
                await CloseAsync(connection);
            }
        });
    }

    /// <summary>Makes a backup.</summary>
    /// <param name="target">The target.</param>
    /// <param name="options">What the caller wants.</param>
    /// <param name="plan">What was planned and confirmed.</param>
    /// <param name="call">What the call brings along; no timeout unless it has one.</param>
    /// <param name="cancellationToken">Kills pg_dump; nothing of the backup is left.</param>
    /// <exception cref="MaintenanceException">AlreadyRunning, BackupExists, ProgramFailed, PermissionDenied, PoolerNotSupported, Store….</exception>
    public async Task<DatabaseBackup> CreateAsync(MaintenanceTarget target, BackupOptions options, BackupPlan plan, CallContext call, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(plan);
        var settings = StoreOf(target, options);
        using var deadline = new Deadline(call.Timeout, _time, cancellationToken);
        return await deadline.RunAsync($"The backup of '{plan.Database}' on '{target.Name}'", async token =>
        {
            var connection = await DumpConnection.OfAsync(target, options.Database, call, token);
            try
            {
                var store = await _stores.OpenFilesAsync(settings, call, token);
                await using var held = await AdvisoryLock.AcquireAsync(_connector, connection.Target, Task, call, token);
                await SweepAsync(store, settings, call, token);
                using var ending = CancellationTokenSource.CreateLinkedTokenSource(token, held.Lost);
                try
                {
                    var manifest = await new DumpRun(_connector, connection, store, plan, options, call, _time).RunAsync(ending.Token);
                    call.Sink.Verbose(FormattableString.Invariant($"{manifest.Name}: {manifest.SizeBytes} bytes in {(manifest.FinishedAt - manifest.TakenAt).TotalSeconds:0.0} s, {(manifest.Tables is { } tables ? $"{tables.Count} tables counted" : "rows not counted")}."));
                    var made = Backup(plan, settings, manifest.TakenAt, manifest.SizeBytes) with { Sha256 = manifest.Sha256 };
                    return await ListedAsync(made, settings, store, call, token) ?? made;
                }
                catch (OperationCanceledException) when (held.Lost.IsCancellationRequested && !token.IsCancellationRequested)
                {
                    throw held.LostError();
                }
            }
            finally
            {
                await CloseAsync(connection);
            }
        });
    }

    /// <summary>The old backups that no rule keeps, now that a new one was made. Deletes nothing.</summary>
    /// <param name="target">The target.</param>
    /// <param name="options">What the caller wants.</param>
    /// <param name="plan">What was planned.</param>
    /// <param name="made">The backup that was made.</param>
    /// <param name="call">What the call brings along.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="MaintenanceException">Store….</exception>
    public async Task<IReadOnlyList<DatabaseBackup>> FindExpiredAsync(
        MaintenanceTarget target, BackupOptions options, BackupPlan plan, DatabaseBackup made, CallContext call, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (RulesOf(target, options) is not { } rules)
        {
            return [];
        }

        var old = await ReadOldAsync(target, StoreOf(target, options), plan, call, cancellationToken);
        return [.. BackupKeeper.Expired(old.Select(backup => backup.Old), made, rules, _time.GetUtcNow()).Select(backup => backup.Backup)];
    }

    /// <summary>Deletes an old backup, and its manifest after it.</summary>
    /// <param name="target">The target.</param>
    /// <param name="options">What the caller wants.</param>
    /// <param name="backup">One of those that no rule keeps.</param>
    /// <param name="call">What the call brings along.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="MaintenanceException">Store…, PermissionDenied.</exception>
    public async Task DeleteAsync(MaintenanceTarget target, BackupOptions options, DatabaseBackup backup, CallContext call, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(backup);
        var settings = StoreOf(target, options);
        var store = await _stores.OpenFilesAsync(settings, call, cancellationToken);
        try
        {
            await new OldBackups(await _stores.OpenAsync(settings, call, cancellationToken), store, target.Name, _time.GetUtcNow()).DeleteAsync(backup, cancellationToken);
        }
        catch (Exception exception) when (exception is not MaintenanceException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw Stores.StoreErrors.Translate(exception, store.Place, "");
        }

        call.Sink.Verbose($"Deleted the old backup {backup.Name} of {backup.TakenAt:u}.");
    }

    /// <summary>Forgets the secrets of a target's store.</summary>
    internal void Close(MaintenanceTarget target)
    {
        if (target.BackupStore is { } store)
        {
            _stores.Forget(store);
        }
    }

    internal static string NameOf(PostgresTool tool) => $"pg_dump {tool.Version}";

    internal static Task<PostgresTool> FindToolAsync(DatabaseSession session, BackupOptions options, CancellationToken cancellationToken) =>
        PostgresTools.FindAsync("pg_dump", session.MajorVersion, options.PostgresPath ?? session.Target.Recovery.PostgresPath, cancellationToken);

    internal static async Task<DumpFacts> FactsAsync(DatabaseSession session, CancellationToken cancellationToken)
    {
        var (role, size) = (await session.QueryAsync("Backup/Dump/Sql/Facts.sql", row => (row.GetString(0), row.GetInt64(1)), cancellationToken))[0];
        string? identifier = null;
        try
        {
            identifier = (await session.QueryAsync("Backup/Dump/Sql/SystemIdentifier.sql", row => row.GetString(0), cancellationToken))[0];
        }
        catch (MaintenanceException exception) when (exception.Code == MaintenanceErrorCode.PermissionDenied)
        {
            // Somebody took the right from everyone; the backup is as good without it.
        }

        return new DumpFacts(session.Target.Name, session.Database, role, session.ServerVersion, session.MajorVersion, size, identifier);
    }

    private static StoreSettings StoreOf(MaintenanceTarget target, BackupOptions options) => options.Store ?? target.BackupStore ?? throw new MaintenanceException(
        MaintenanceErrorCode.NotConfigured, $"The target '{target.Name}' has no backup store.", "Add \"backupStore\" to the target in maintenance.json, or give -Path.");

    private static BackupKeepRules? RulesOf(MaintenanceTarget target, BackupOptions options)
    {
        var rules = options.Keep ?? target.Backups.Keep;
        return rules is not ({ Last: <= 0 } or { Daily: <= 0 } or { Weekly: <= 0 } or { Monthly: <= 0 }) && !(rules?.Within <= TimeSpan.Zero)
            ? rules
            : throw new MaintenanceException(MaintenanceErrorCode.InvalidArgument, "A rule for keeping backups must be positive.", "Leave a rule out instead of setting it to nought.");
    }

    // A pattern that names no database is of the target's own.
    private static string? NameBy(MaintenanceTarget target, string database, DateTimeOffset now)
    {
        if (target.Backups.NamePattern is not { } text)
        {
            return null;
        }

        var pattern = NamePattern.Parse(text);
        var isOwn = pattern.NamesDatabase || BackupNaming.DatabaseOf(target) is not { } own || own == database;
        return isOwn && pattern.Write(DumpNames.FileName(database), now) is { } name ? name : throw new MaintenanceException(
            MaintenanceErrorCode.InvalidArgument, $"The pattern {text} gives no name for a backup of '{database}'.", "Give one with -Name, or write {database} and the time into backups.namePattern, and no *.");
    }

    // By the newest one before, and by how much the database has grown since.
    private static long? Estimate(IEnumerable<BackupManifest> old, long databaseBytes) =>
        old.MaxBy(manifest => manifest.TakenAt) is { DatabaseSizeBytes: > 0 and var before, SizeBytes: var size } ? (long)((double)size * databaseBytes / before) : null;

    // Half a backup that a killed process left takes the room that the next one needs.
    private async Task SweepAsync(Stores.IFileStore store, StoreSettings settings, CallContext call, CancellationToken cancellationToken)
    {
        try
        {
            foreach (var (path, problem) in await store.SweepAsync(settings.Prefix, _time.GetUtcNow() - BackupTime.TransferTime, cancellationToken))
            {
                if (problem is null)
                {
                    call.Sink.Verbose($"Removed {path}, half a backup of a process that was killed.");
                }
                else
                {
                    call.Sink.Warning($"{path} is half a backup of a process that was killed, and could not be removed: {problem}");
                }
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            call.Sink.Warning($"Whether killed processes left something in {store.Place} could not be seen: {exception.Message}");
        }
    }

    // As a listing shows it, with what only the store knows. Whoever may write but not list has what was sent.
    private async Task<DatabaseBackup?> ListedAsync(DatabaseBackup made, StoreSettings settings, Stores.IFileStore files, CallContext call, CancellationToken cancellationToken)
    {
        try
        {
            var listing = await _stores.OpenAsync(settings, call, cancellationToken);
            var place = new BackupPlace(listing, files, BackupNaming.ByWords, made.Target, _time.GetUtcNow(), call.Sink);
            await foreach (var backup in place.Reader().ReadAsync(listing.ListAsync(new StoreRange { Begin = made.Name, WithProtection = true }, cancellationToken), cancellationToken))
            {
                if (backup.Name == made.Name && backup.SizeBytes == made.SizeBytes)
                {
                    return backup with { Database = made.Database, Kind = made.Kind, TakenAt = made.TakenAt, TakenAtFromName = false, Sha256 = made.Sha256, Completeness = made.Completeness };
                }
            }
        }
        catch (MaintenanceException exception)
        {
            call.Sink.Verbose($"The backup {made.Name} is whole, but the store could not be listed: {exception.Message}");
        }

        return null;
    }

    private async Task<IReadOnlyList<(OldBackup Old, BackupManifest Manifest)>> ReadOldAsync(
        MaintenanceTarget target, StoreSettings settings, BackupPlan plan, CallContext call, CancellationToken cancellationToken)
    {
        if (plan.SystemIdentifier is not { } cluster)
        {
            call.Sink.Warning($"Which backups are those of the cluster of '{target.Name}' is not known, since this role may not read its identifier, so none is deleted. GRANT EXECUTE ON FUNCTION pg_control_system() lets it.");
            return [];
        }

        var files = await _stores.OpenFilesAsync(settings, call, cancellationToken);
        try
        {
            var old = await new OldBackups(await _stores.OpenAsync(settings, call, cancellationToken), files, target.Name, _time.GetUtcNow()).ReadAsync(plan.Database, plan.Kind, cluster, cancellationToken);
            return await WithVerificationsAsync(target, old, call, cancellationToken);
        }
        catch (Exception exception) when (exception is not MaintenanceException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw Stores.StoreErrors.Translate(exception, files.Place, "");
        }
    }

    // What cannot be known must not cost the only backup that was found to be good: then nothing is old.
    private async Task<IReadOnlyList<(OldBackup Old, BackupManifest Manifest)>> WithVerificationsAsync(
        MaintenanceTarget target, IReadOnlyList<(OldBackup Old, BackupManifest Manifest)> old, CallContext call, CancellationToken cancellationToken)
    {
        if (_verifications is null || old.Count == 0)
        {
            return old;
        }

        try
        {
            var known = await _verifications(target, call, cancellationToken);
            return [.. old.Select(backup => (backup.Old with { Passed = OldBackups.Passed(backup.Old.Backup, known) }, backup.Manifest))];
        }
        catch (MaintenanceException exception) when (!cancellationToken.IsCancellationRequested)
        {
            call.Sink.Warning($"Which old backups of '{target.Name}' passed their tests is not known, so none is deleted. {exception.Message} {exception.Recommendation}");
            return [];
        }
    }

    private DatabaseBackup Backup(BackupPlan plan, StoreSettings settings, DateTimeOffset takenAt, long size)
    {
        var now = _time.GetUtcNow();
        return new DatabaseBackup
        {
            Name = plan.Name,
            Store = BackupStores.NameOf(settings),
            Kind = plan.Kind,
            Database = plan.Database,
            TakenAt = takenAt,
            LastModified = now,
            SizeBytes = size,
            Completeness = BackupCompleteness.Complete,
            Target = plan.Target,
            CollectedAt = now,
        };
    }

    private ValueTask CloseAsync(DumpConnection connection) => connection.OwnPool ? _connector.CloseAsync(connection.Target) : ValueTask.CompletedTask;
}
