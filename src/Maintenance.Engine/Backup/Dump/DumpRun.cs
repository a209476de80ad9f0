using Maintenance.Engine.Database;
using Maintenance.Engine.Stores;

namespace Maintenance.Engine.Backup.Dump;

/// <summary>Makes one backup: a snapshot, dumped into the store and counted at the same time, and the notes beside it.</summary>
/// <param name="connector">Opens sessions.</param>
/// <param name="connection">How the database is reached.</param>
/// <param name="store">Where the backup goes.</param>
/// <param name="plan">What was planned.</param>
/// <param name="options">What the caller wants.</param>
/// <param name="call">Where to tell.</param>
/// <param name="time">The clock.</param>
internal sealed class DumpRun(
    DatabaseConnector connector, DumpConnection connection, IFileStore store, BackupPlan plan, BackupOptions options, CallContext call, TimeProvider time)
{
    private const int MostJobs = 8;
    private static readonly TimeSpan TidyPatience = TimeSpan.FromSeconds(30);

    private readonly DumpProgress _progress = new(call.Sink, plan);

    /// <summary>Makes the backup.</summary>
    /// <param name="cancellationToken">Ends the work; nothing of it is left.</param>
    /// <returns>What was noted of it.</returns>
    public async Task<BackupManifest> RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await InStoreAsync(() => EnsureFreeAsync(cancellationToken), cancellationToken);
            // The transaction is idle while pg_dump works, for as long as that takes.
            var session = await connector.OpenAsync(
                connection.Target, new SessionOptions(DumpService.Task) { IdleInTransactionTimeout = TimeSpan.Zero, LockTimeout = DumpProgram.LockPatience }, call, cancellationToken);
            await using var _ = session;
            var facts = await DumpService.FactsAsync(session, cancellationToken);
            var tool = await DumpService.FindToolAsync(session, options, cancellationToken);
            await using var snapshot = await DumpSnapshot.TakeAsync(session, time, cancellationToken);
            var program = new DumpProgram(tool, connection, facts);
            var draft = new BackupManifest
            {
                Name = plan.Name,
                Database = facts.Database,
                Kind = plan.Kind,
                ServerVersion = facts.ServerVersion,
                SystemIdentifier = facts.SystemIdentifier,
                Program = DumpService.NameOf(tool),
                ModuleVersion = Tasks.TaskService.ModuleVersion,
                TakenAt = snapshot.TakenAt,
                DatabaseSizeBytes = facts.SizeBytes,
            };
            var manifest = await WriteAsync(program, snapshot, draft, cancellationToken);
            await NoteAsync(manifest);
            return manifest;
        }
        finally
        {
            _progress.Done();
        }
    }

    private async Task<BackupManifest> WriteAsync(DumpProgram program, DumpSnapshot snapshot, BackupManifest draft, CancellationToken cancellationToken)
    {
        try
        {
            var manifest = plan.Kind == BackupKind.Directory
                ? await WriteFolderAsync(program, snapshot, draft, cancellationToken)
                : await InStoreAsync(() => WriteFileAsync(program, snapshot, draft, cancellationToken), cancellationToken);
            return manifest with { FinishedAt = time.GetUtcNow() };
        }
        catch
        {
            await program.EndSessionsAsync(connector, call);
            throw;
        }
    }

    private async Task<BackupManifest> WriteFileAsync(DumpProgram program, DumpSnapshot snapshot, BackupManifest draft, CancellationToken cancellationToken)
    {
        await using var upload = await store.BeginAsync(plan.Name, ContentTypeOf(plan.Kind), cancellationToken);
        var content = upload.Content;
        var tables = await WhileCountingAsync(
            snapshot,
            (begun, token) => program.StreamAsync(
                plan.Kind,
                snapshot.Id,
                content,
                bytes =>
                {
                    begun();
                    _progress.Add(bytes);
                },
                token),
            cancellationToken);
        var manifest = draft with { SizeBytes = content.Length, Tables = tables };
        upload.Metadata = BackupManifests.MetadataOf(manifest);
        var sha256 = await CommitAsync(upload, plan.Name, manifest.SizeBytes, cancellationToken);
        await CheckAsync(plan.Name, manifest.SizeBytes);
        return manifest with { Sha256 = sha256 };
    }

    private async Task<BackupManifest> WriteFolderAsync(DumpProgram program, DumpSnapshot snapshot, BackupManifest draft, CancellationToken cancellationToken)
    {
        await using var folder = DumpFolder.Create(connection.Target.Recovery.ScratchPath);
        var dump = Path.Combine(folder.Path, "dump");
        _progress.Tell("pg_dump writes into a folder of this machine");
        var tables = await WhileCountingAsync(
            snapshot,
            async (begun, token) =>
            {
                using var watch = new FileSystemWatcher(folder.Path) { IncludeSubdirectories = true };
                // The data come when all tables are locked and all jobs have the snapshot.
                watch.Created += (_, file) =>
                {
                    if (file.Name?.Contains(".dat", StringComparison.Ordinal) == true)
                    {
                        begun();
                    }
                };
                try
                {
                    watch.EnableRaisingEvents = true;
                }
                catch (IOException)
                {
                    // The system lets nobody watch more folders: then the rows are counted when pg_dump has ended.
                }

                await program.IntoFolderAsync(snapshot.Id, dump, options.Jobs ?? Math.Clamp(Environment.ProcessorCount, 1, MostJobs), folder.WrittenByAsync, token);
            },
            cancellationToken);
        var sent = new List<BackupFileEntry>();
        try
        {
            return await InStoreAsync(() => SendFolderAsync(dump, draft with { Tables = tables }, sent, cancellationToken), cancellationToken);
        }
        catch
        {
            await TidyAsync(sent);
            throw;
        }
    }

    private async Task<BackupManifest> SendFolderAsync(string dump, BackupManifest draft, List<BackupFileEntry> sent, CancellationToken cancellationToken)
    {
        // The table of contents last: without it the other files are no backup.
        var files = new DirectoryInfo(dump).GetFiles().OrderBy(file => file.Name == "toc.dat").ThenBy(file => file.Name, StringComparer.Ordinal).ToList();
        foreach (var file in files)
        {
            await using var upload = await store.BeginAsync($"{plan.Name}/{file.Name}", ContentTypeOf(plan.Kind), cancellationToken);
            await using (var source = file.OpenRead())
            {
                await new Stores.CountingStream(source, _progress.Add).CopyToAsync(upload.Content, cancellationToken);
            }

            var size = upload.Content.Length;
            if (file.Name == "toc.dat")
            {
                upload.Metadata = BackupManifests.MetadataOf(draft with { SizeBytes = sent.Sum(other => other.SizeBytes) + size });
            }

            // From here on it is ours to remove, the table of contents before all others.
            sent.Add(new BackupFileEntry(file.Name, size, await CommitAsync(upload, $"{plan.Name}/{file.Name}", size, cancellationToken)));
            await CheckAsync($"{plan.Name}/{file.Name}", size);
        }

        return draft with { SizeBytes = sent.Sum(file => file.SizeBytes), Files = sent };
    }

    // Nobody else's must have been there before.
    private async Task<string> CommitAsync(IFileUpload upload, string name, long size, CancellationToken cancellationToken)
    {
        if (size == 0 && plan.Kind != BackupKind.Directory)
        {
            throw new MaintenanceException(MaintenanceErrorCode.ProgramFailed, "pg_dump ended without an error and wrote nothing. No backup was made.", "Check the pg_dump that was found: see -Verbose.");
        }

        try
        {
            return (await upload.CommitAsync(() => ValueTask.CompletedTask, cancellationToken)).Sha256;
        }
        catch (Exception exception) when (exception is IOException or MaintenanceException { Code: MaintenanceErrorCode.ArchiveMismatch })
        {
            throw await store.FindAsync(name, cancellationToken) is null ? exception : Exists();
        }
    }

    // What was sent must be what is there. Whoever stops now has a backup already.
    private async Task CheckAsync(string name, long size)
    {
        if (await store.FindAsync(name, CancellationToken.None) is not { } found || found.SizeBytes != size)
        {
            throw new MaintenanceException(
                MaintenanceErrorCode.StoreError, $"The store {store.Place} does not hold {name} as it was sent.", "Somebody else writes or deletes there. Run it again, under another name.");
        }
    }

    private async Task<IReadOnlyList<BackupTableEntry>?> WhileCountingAsync(
        DumpSnapshot snapshot, Func<Action, CancellationToken, Task> dump, CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var counting = CountAsync(snapshot, begun.Task, ending.Token);
        try
        {
            await dump(() => begun.TrySetResult(), cancellationToken);
            begun.TrySetResult();
            return await counting;
        }
        finally
        {
            await ending.CancelAsync();
            await ((Task)counting).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // Once pg_dump writes data it holds the locks of all tables: then nobody can empty or drop one before it is counted.
    private async Task<IReadOnlyList<BackupTableEntry>?> CountAsync(DumpSnapshot snapshot, Task begun, CancellationToken cancellationToken)
    {
        if (!options.CountRows)
        {
            return null;
        }

        await begun.WaitAsync(cancellationToken);
        try
        {
            return await snapshot.CountAsync(_progress.Counted, cancellationToken);
        }
        catch (MaintenanceException exception)
        {
            call.Sink.Warning($"The rows of {plan.Database} were not counted, so a restore cannot be compared with them: {exception.Message}");
            return null;
        }
    }

    // Also when the caller has stopped meanwhile: the backup is there, and its notes belong to it.
    private async Task NoteAsync(BackupManifest manifest)
    {
        using var patience = new CancellationTokenSource(TidyPatience, time);
        try
        {
            await BackupManifests.WriteAsync(store, manifest, patience.Token);
        }
        catch (Exception exception)
        {
            var translated = DumpErrors.OfStore(exception, store);
            call.Sink.Warning($"The backup {plan.Name} is whole, but its manifest could not be put beside it. {(translated is MaintenanceException ? translated.Message.Replace(" No backup was made.", "", StringComparison.Ordinal) : translated.GetType().Name)}");
        }
    }

    // Only what is ours: where somebody else writes under the same name, the rest is theirs.
    private async Task TidyAsync(List<BackupFileEntry> sent)
    {
        using var patience = new CancellationTokenSource(TidyPatience, time);
        try
        {
            foreach (var file in sent.AsEnumerable().Reverse())
            {
                await store.DeleteAsync($"{plan.Name}/{file.Name}", patience.Token);
            }

            await store.DeleteFolderAsync(plan.Name, patience.Token);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            call.Sink.Warning($"Files of the backup {plan.Name}, which was not finished, may be left in {store.Place}. They are no backup: their toc.dat is missing.");
        }
    }

    private async Task<bool> EnsureFreeAsync(CancellationToken cancellationToken)
    {
        await store.CheckAsync(cancellationToken);
        if (plan.Kind == BackupKind.Directory)
        {
            await foreach (var found in store.ListAsync($"{plan.Name}/", cancellationToken))
            {
                throw Exists();
            }
        }

        return await store.FindAsync(plan.Name, cancellationToken) is null ? true : throw Exists();
    }

    private async Task<T> InStoreAsync<T>(Func<Task<T>> work, CancellationToken cancellationToken)
    {
        try
        {
            return await work();
        }
        catch (Exception exception) when (exception is not MaintenanceException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw DumpErrors.OfStore(exception, store);
        }
    }

    private MaintenanceException Exists() => new(
        MaintenanceErrorCode.BackupExists,
        $"A backup {plan.Name} exists already in {store.Place}, and was left as it is.",
        "Choose another name, or leave -Name out for one with the time in it.");

    private static string ContentTypeOf(BackupKind kind) => kind switch
    {
        BackupKind.Plain => "application/sql",
        BackupKind.PlainCompressed => "application/gzip",
        _ => "application/octet-stream",
    };
}
