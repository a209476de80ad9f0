namespace Maintenance.Engine.Backup;

/// <summary>The backups of one database and kind: the newest ones, and what is wrong with them. Constant memory.</summary>
/// <param name="database">The database; null if names do not tell.</param>
/// <param name="kind">The kind.</param>
/// <param name="now">The time it is judged at (UTC).</param>
internal sealed class RecencyGroup(string? database, BackupKind kind, DateTimeOffset now)
{
    private readonly PriorityQueue<DatabaseBackup, DatabaseBackup> _complete = new(Age.Instance);

    public string? Database => database;

    public BackupKind Kind => kind;

    /// <summary>How many backups were seen, finished or not.</summary>
    public long Count { get; private set; }

    /// <summary>One that is dated in the future.</summary>
    public DatabaseBackup? Future { get; private set; }

    /// <summary>The newest that is known not to be all there.</summary>
    public DatabaseBackup? Broken { get; private set; }

    /// <summary>The newest that is just being written.</summary>
    public DatabaseBackup? UnderWay { get; private set; }

    /// <summary>The newest that is not known to be incomplete.</summary>
    public DatabaseBackup? Complete { get; private set; }

    /// <summary>When the newest was taken that is a backup at all.</summary>
    public DateTimeOffset? NewestAt => Later(Complete, Broken)?.TakenAt;

    /// <summary>Takes a backup into account.</summary>
    public void Add(DatabaseBackup backup)
    {
        Count++;
        if (BackupTime.IsInFuture(backup.TakenAt, now))
        {
            Future = backup;
        }
        else if (backup.Completeness == BackupCompleteness.Uncommitted)
        {
            AddUnfinished(backup);
        }
        else if (backup.SizeBytes == 0 || backup.Completeness is BackupCompleteness.Empty or BackupCompleteness.Partial)
        {
            Broken = Later(backup, Broken);
        }
        else
        {
            Complete = Later(backup, Complete);
            _complete.Enqueue(backup, backup);
            if (_complete.Count > SizeHistory.Most + 1)
            {
                _complete.Dequeue();
            }
        }
    }

    /// <summary>
    /// Takes into account what is not finished. It is believed to be under way while making and sending a backup may take; after that
    /// it was left half done.
    /// </summary>
    public void AddUnfinished(DatabaseBackup backup)
    {
        // A service that does not say when the last block came leaves that open.
        if (backup.LastModified == DateTimeOffset.MinValue || now - backup.LastModified < BackupTime.TransferTime)
        {
            UnderWay = Later(backup, UnderWay);
        }
        else
        {
            Broken = Later(backup, Broken);
        }
    }

    /// <summary>True if one backup is newer than another.</summary>
    public static bool IsLater(DatabaseBackup one, DatabaseBackup other) => Age.Instance.Compare(one, other) > 0;

    /// <summary>Sizes of complete backups before the newest, within a time of it.</summary>
    public IReadOnlyList<long> SizesBefore(TimeSpan window) =>
    [
        .. _complete.UnorderedItems.Select(item => item.Element)
            .Where(backup => !ReferenceEquals(backup, Complete) && backup.TakenAt >= Complete!.TakenAt - window)
            .Select(backup => backup.SizeBytes),
    ];

    private static DatabaseBackup? Later(DatabaseBackup? one, DatabaseBackup? other) =>
        one is null ? other : other is null ? one : Age.Instance.Compare(one, other) > 0 ? one : other;

    /// <summary>Older before newer; of those of one moment the name decides, so that the order of a listing does not.</summary>
    private sealed class Age : IComparer<DatabaseBackup>
    {
        public static readonly Age Instance = new();

        public int Compare(DatabaseBackup? x, DatabaseBackup? y) => (x!.TakenAt, x.LastModified).CompareTo((y!.TakenAt, y.LastModified)) switch
        {
            0 => string.CompareOrdinal(x.Name, y.Name),
            var order => order,
        };
    }
}
