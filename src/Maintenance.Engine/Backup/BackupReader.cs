using Maintenance.Engine.Stores;

namespace Maintenance.Engine.Backup;

/// <summary>Turns the files of a store into backups, in constant memory. Files that are no backups are counted and left out.</summary>
/// <param name="store">Name of the store.</param>
/// <param name="target">Name of the maintained system.</param>
/// <param name="now">When the store is read (UTC).</param>
internal sealed class BackupReader(string store, string? target, DateTimeOffset now)
{
    private string _folder = "";
    private long _folderBytes;

    /// <summary>Files seen that are no backups.</summary>
    public long OtherFiles { get; private set; }

    /// <summary>Reads files in the order of the store.</summary>
    public async IAsyncEnumerable<DatabaseBackup> ReadAsync(IAsyncEnumerable<StoreEntry> entries)
    {
        // Some services list a folder as an empty file before its content; what comes next tells the two apart.
        StoreEntry? held = null;
        await foreach (var entry in entries)
        {
            if (held is { } empty && !entry.Name.StartsWith(empty.Name + "/", StringComparison.Ordinal) && Recognise(empty) is { } incomplete)
            {
                yield return incomplete;
            }

            CountFolder(entry);
            held = entry.SizeBytes == 0 && !Path.HasExtension(entry.Name) ? entry : null;
            if (held is null && Recognise(entry) is { } backup)
            {
                yield return backup;
            }
        }

        if (held is { } final && Recognise(final) is { } last)
        {
            yield return last;
        }
    }

    // The data of a backup in directory format come right before its table of contents: digits sort before letters.
    private void CountFolder(StoreEntry entry)
    {
        var folder = entry.Name[..(entry.Name.LastIndexOf('/') + 1)];
        _folderBytes = folder == _folder ? _folderBytes + entry.SizeBytes : entry.SizeBytes;
        _folder = folder;
    }

    private DatabaseBackup? Recognise(StoreEntry entry)
    {
        if (BackupName.Parse(entry.Name) is not { } name)
        {
            OtherFiles++;
            return null;
        }

        var (takenAt, fromName) = BackupTime.Resolve(name.Date, entry.LastModified, now);
        return new DatabaseBackup
        {
            Name = name.Name,
            Store = store,
            Kind = name.Kind,
            Database = name.Database,
            TakenAt = takenAt,
            TakenAtFromName = fromName,
            LastModified = entry.LastModified,
            SizeBytes = name.Kind == BackupKind.Directory ? _folderBytes : entry.SizeBytes,
            Tier = entry.Tier,
            ETag = entry.ETag,
            Target = target,
            CollectedAt = now,
        };
    }
}
