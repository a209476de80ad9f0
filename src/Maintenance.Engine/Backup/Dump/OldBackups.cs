using System.Runtime.CompilerServices;
using Maintenance.Engine.Stores;

namespace Maintenance.Engine.Backup.Dump;

/// <summary>The backups in a store that this module made before: those with a manifest. Others are nobody's to delete.</summary>
/// <param name="listing">The store, to list it.</param>
/// <param name="files">The same, to read and delete its files.</param>
/// <param name="target">Name of the maintained system.</param>
/// <param name="now">The time (UTC).</param>
internal sealed class OldBackups(IBackupStore listing, IFileStore files, string target, DateTimeOffset now)
{
    private const int ReadAtOnce = 8;

    /// <summary>Reads those of one database and format. Another cluster may have a database of the same name: its backups are nobody's to delete.</summary>
    /// <param name="database">The database.</param>
    /// <param name="kind">The format.</param>
    /// <param name="systemIdentifier">Identifier of its cluster.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="MaintenanceException">Store….</exception>
    public async Task<IReadOnlyList<(OldBackup Old, BackupManifest Manifest)>> ReadAsync(
        string database, BackupKind kind, string systemIdentifier, CancellationToken cancellationToken)
    {
        var described = new HashSet<string>(StringComparer.Ordinal);
        var candidates = new List<DatabaseBackup>();
        await foreach (var backup in new BackupReader(BackupNaming.ByWords, listing.Name, target, now).ReadAsync(NoteManifests(described, cancellationToken), cancellationToken))
        {
            if (backup.Kind == kind || backup.Kind == BackupKind.Unknown)
            {
                candidates.Add(backup);
            }
        }

        var found = new List<(OldBackup, BackupManifest)>();
        foreach (var group in candidates.Where(backup => described.Contains(backup.Name)).Chunk(ReadAtOnce))
        {
            var manifests = await Task.WhenAll(group.Select(backup => BackupManifests.ReadAsync(files, backup.Name, cancellationToken)));
            foreach (var (backup, manifest) in group.Zip(manifests))
            {
                if (manifest is not null && manifest.Database == database && manifest.Kind == kind && manifest.SystemIdentifier == systemIdentifier)
                {
                    found.Add((new OldBackup(backup with { Database = database, Kind = kind, TakenAt = manifest.TakenAt }, manifest.SizeBytes == backup.SizeBytes), manifest));
                }
            }
        }

        return found;
    }

    /// <summary>How the tests of a backup ended: false where its last one failed, true where one read all of it and passed; else null.</summary>
    /// <param name="backup">The backup, as it is now.</param>
    /// <param name="known">What tests came to, the newest first.</param>
    public static bool? Passed(DatabaseBackup backup, IEnumerable<BackupVerification> known)
    {
        var own = known.Where(test => test.Verdict != BackupVerdict.CannotDetermine
            && test.Backup.Name == backup.Name && test.Backup.Store == backup.Store && test.Backup.ETag == backup.ETag && test.Backup.SizeBytes == backup.SizeBytes).ToList();
        return own is [{ Verdict: BackupVerdict.Failed }, ..] ? false
            : own.Exists(test => test.Verdict == BackupVerdict.Verified && test.Level >= BackupLevel.Checksum) ? true
            : null;
    }

    /// <summary>Deletes a backup, and then its manifest.</summary>
    /// <param name="backup">The backup.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public async Task DeleteAsync(DatabaseBackup backup, CancellationToken cancellationToken)
    {
        if (backup.Kind == BackupKind.Directory)
        {
            await DeleteFolderAsync(backup.Name, cancellationToken);
        }
        else
        {
            await files.DeleteAsync(backup.Name, cancellationToken);
        }

        await files.DeleteAsync(BackupManifests.NameOf(backup.Name), cancellationToken);
    }

    // The table of contents first, without which it is no backup; then what was noted when it was made. What others put beside it stays.
    private async Task DeleteFolderAsync(string name, CancellationToken cancellationToken)
    {
        var manifest = await BackupManifests.ReadAsync(files, name, cancellationToken);
        foreach (var piece in (manifest?.Files ?? []).Select(file => file.Name).Prepend("toc.dat").Distinct())
        {
            await files.DeleteAsync($"{name}/{piece}", cancellationToken);
        }

        await files.DeleteFolderAsync(name, cancellationToken);
    }

    private async IAsyncEnumerable<StoreEntry> NoteManifests(HashSet<string> described, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var entry in listing.ListAsync(new StoreRange { WithProtection = true }, cancellationToken))
        {
            if (entry.Name.EndsWith(BackupManifests.Ending, StringComparison.Ordinal))
            {
                described.Add(entry.Name[..^BackupManifests.Ending.Length]);
            }

            yield return entry;
        }
    }
}
