using Maintenance.Engine.Stores;

namespace Maintenance.Engine.Backup;

/// <summary>Turns the files of a store into backups, in constant memory. Files that are no backups are counted and left out.</summary>
/// <param name="naming">How names are read.</param>
/// <param name="store">Name of the store.</param>
/// <param name="target">Name of the maintained system.</param>
/// <param name="now">When the store is read (UTC).</param>
/// <param name="manifests">Reads what is noted beside a backup; told whether the listing showed that there is something.</param>
internal sealed class BackupReader(
    BackupNaming naming, string store, string? target, DateTimeOffset now, Func<string, bool, CancellationToken, ValueTask<BackupManifest?>>? manifests = null)
{
    // Nobody has as many databases; a store full of uploads in progress must not fill the memory.
    private const int MostUnfinished = 1000;

    private readonly Dictionary<(string?, BackupKind), DatabaseBackup> _unfinished = [];
    private string? _manifest;

    /// <summary>Files seen that are no backups.</summary>
    public long OtherFiles { get; private set; }

    /// <summary>Those of the other files that look like backups, and are not named as the pattern says.</summary>
    public long Misnamed { get; private set; }

    /// <summary>The last file of each database and kind whose name says that it is still being written.</summary>
    public IReadOnlyCollection<DatabaseBackup> Unfinished => _unfinished.Values;

    /// <summary>Reads files in the order of the store.</summary>
    public async IAsyncEnumerable<DatabaseBackup> ReadAsync(
        IAsyncEnumerable<StoreEntry> entries, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        // One is held until what follows shows that it is all: services list a folder as an empty file before its content, a base
        // backup has many files, and what is noted about a backup comes behind it.
        Candidate? held = null;
        using var tally = new FolderTally();
        await foreach (var entry in entries.WithCancellation(cancellationToken))
        {
            if (entry.Name.EndsWith(BackupManifests.Ending, StringComparison.OrdinalIgnoreCase))
            {
                _manifest = entry.Name;
                continue;
            }

            if (held is not null && entry.Name.StartsWith(held.Backup.Name + "/", StringComparison.Ordinal))
            {
                if (held.IsFolder)
                {
                    // A dump that somebody put into the folder of a backup is one of its own.
                    if (!BackupName.IsDump(entry.Name))
                    {
                        tally.Count(entry);
                    }
                    else if (Recognise(entry) is { } inner)
                    {
                        yield return await FinishAsync(inner, tally, cancellationToken);
                    }

                    continue;
                }
            }
            else if (held is not null)
            {
                yield return await FinishAsync(held, tally, cancellationToken);
            }

            held = Recognise(entry);
            if (held is null or { IsFolder: true })
            {
                tally.Add(entry);
            }
        }

        if (held is not null)
        {
            yield return await FinishAsync(held, tally, cancellationToken);
        }
    }

    private async ValueTask<DatabaseBackup> FinishAsync(Candidate candidate, FolderTally tally, CancellationToken cancellationToken)
    {
        var backup = candidate.Backup;
        if (candidate.IsFolder)
        {
            // What lies in the folder before the file that tells the kind was added up on the way there.
            var (takenAt, fromName) = BackupTime.Resolve(candidate.Date, tally.Modified, now);
            backup = backup with
            {
                SizeBytes = tally.Bytes,
                LastModified = tally.Modified,
                TakenAt = takenAt,
                TakenAtFromName = fromName,
                ETag = tally.TakeETag(),
                Completeness = tally.Bytes == 0 ? BackupCompleteness.Empty : BackupCompleteness.Unknown,
            };
        }

        backup = candidate.Notes?.Apply(backup) ?? backup;
        if (candidate.Notes?.SizeBytes is null && manifests is not null
            && await manifests(backup.Name, _manifest == BackupManifests.NameOf(backup.Name), cancellationToken) is { } manifest)
        {
            backup = BackupNotes.Of(manifest).Apply(backup);
        }

        return backup;
    }

    private Candidate? Recognise(StoreEntry entry)
    {
        if (naming.Read(entry.Name) is not { } name)
        {
            CountOther(entry);
            return null;
        }

        var isFolder = name.Name != entry.Name;
        // The mark of a folder in accounts with a hierarchical namespace.
        if (entry.Metadata?.TryGetValue("hdi_isfolder", out var mark) is true && mark == "true")
        {
            return null;
        }

        return new Candidate(ToBackup(entry, name), name.Date, BackupNotes.Of(entry.Metadata, isWhole: !isFolder), isFolder);
    }

    private void CountOther(StoreEntry entry)
    {
        OtherFiles++;
        if (BackupName.Unfinished(entry.Name) is { } inner)
        {
            if (naming.Read(inner) is { } name)
            {
                var unfinished = ToBackup(entry, name) with { Name = entry.Name, Completeness = BackupCompleteness.Partial };
                var key = (unfinished.Database?.ToUpperInvariant(), unfinished.Kind);
                // Of two that were written to at the same time the one of the newer backup counts, in whatever order they are listed.
                if (_unfinished.TryGetValue(key, out var other)
                    ? (unfinished.LastModified, unfinished.TakenAt).CompareTo((other.LastModified, other.TakenAt)) > 0
                    : _unfinished.Count < MostUnfinished)
                {
                    _unfinished[key] = unfinished;
                }
            }
        }
        else if (naming.Pattern is not null && BackupName.Parse(entry.Name) is not null)
        {
            Misnamed++;
        }
    }

    private DatabaseBackup ToBackup(StoreEntry entry, BackupName name)
    {
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
            SizeBytes = entry.SizeBytes,
            Tier = entry.Tier,
            ETag = entry.ETag,
            Completeness = entry.IsUncommitted ? BackupCompleteness.Uncommitted : entry.SizeBytes == 0 ? BackupCompleteness.Empty : BackupCompleteness.Unknown,
            ImmutableUntil = entry.ImmutableUntil,
            LegalHold = entry.LegalHold,
            Target = target,
            CollectedAt = now,
        };
    }

    /// <summary>A backup that may still grow.</summary>
    private sealed record Candidate(DatabaseBackup Backup, NameDate? Date, BackupNotes? Notes, bool IsFolder);
}
