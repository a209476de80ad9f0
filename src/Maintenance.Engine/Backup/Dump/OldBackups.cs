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

    /// <summary>Reads those of one database and format.</summary>
    /// <param name="database">The database.</param>
    /// <param name="kind">The format.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="MaintenanceException">Store….</exception>
    public async Task<IReadOnlyList<(OldBackup Old, BackupManifest Manifest)>> ReadAsync(string database, BackupKind kind, CancellationToken cancellationToken)
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
                if (manifest is not null && manifest.Database == database && manifest.Kind == kind)
                {
                    found.Add((new OldBackup(backup with { Database = database, Kind = kind, TakenAt = manifest.TakenAt }, manifest.SizeBytes == backup.SizeBytes), manifest));
                }
            }
        }

        return found;
    }

    /// <summary>Deletes a backup, and then its manifest.</summary>
    /// <param name="backup">The backup.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public async Task DeleteAsync(DatabaseBackup backup, CancellationToken cancellationToken)
    {
        if (backup.Kind == BackupKind.Directory)
        {
            await DeleteFolderAsync(files, backup.Name, cancellationToken);
        }
        else
        {
            await files.DeleteAsync(backup.Name, cancellationToken);
        }

        await files.DeleteAsync(BackupManifests.NameOf(backup.Name), cancellationToken);
    }

    /// <summary>Deletes a backup of several files: the table of contents first, without which it is none.</summary>
    public static async Task DeleteFolderAsync(IFileStore files, string name, CancellationToken cancellationToken)
    {
        await files.DeleteAsync($"{name}/toc.dat", cancellationToken);
        var pieces = new List<string>();
        await foreach (var piece in files.ListAsync($"{name}/", cancellationToken))
        {
            pieces.Add(piece.Name);
        }

        foreach (var piece in pieces)
        {
            await files.DeleteAsync(piece, cancellationToken);
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
