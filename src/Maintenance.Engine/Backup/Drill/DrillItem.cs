namespace Maintenance.Engine.Backup.Drill;

/// <summary>Something that has to be restored in a drill: a database, or a whole cluster, from one sort of backup.</summary>
/// <param name="Database">The database; null where names do not tell.</param>
/// <param name="Physical">True for base backups, which bring back a whole cluster.</param>
/// <param name="Kind">The kind, where the configuration wants it by itself; null for any of its sort.</param>
internal sealed record DrillItem(string? Database, bool Physical, BackupKind? Kind)
{
    /// <summary>What to call it in reports.</summary>
    public string Name => $"{Database ?? (Physical ? "the cluster" : "the database")}{(Kind is { } kind ? $" ({kind})" : Physical ? " (base backup)" : "")}";

    /// <summary>What tells it from others. Backups of one database whose names differ by case belong together, as they do in its recency.</summary>
    public (string Database, bool Physical, BackupKind? Kind) Key => (Database?.ToUpperInvariant() ?? "", Physical, Kind);

    /// <summary>The item that a backup belongs to.</summary>
    public static DrillItem Of(DatabaseBackup backup, BackupSettings settings) => new(
        backup.Database, backup.Kind == BackupKind.BaseBackup, settings.Kinds.Contains(backup.Kind) ? backup.Kind : null);

    /// <summary>What the configuration wants to have backups, and has none.</summary>
    /// <param name="settings">What is wanted.</param>
    /// <param name="found">What has backups.</param>
    public static IEnumerable<DrillItem> Missing(BackupSettings settings, IReadOnlyCollection<DrillItem> found)
    {
        bool Covers(DrillItem item, string database) =>
            database.Equals(item.Database, StringComparison.OrdinalIgnoreCase) || item is { Physical: true, Database: null };

        foreach (var database in settings.Databases.Distinct(StringComparer.OrdinalIgnoreCase))
        {
            var own = found.Where(item => Covers(item, database)).ToList();
            if (settings.Kinds.Count == 0 && own.Count == 0)
            {
                yield return new DrillItem(database, Physical: false, Kind: null);
            }

            foreach (var kind in settings.Kinds.Distinct().Where(kind => own.TrueForAll(item => item.Kind != kind)))
            {
                yield return new DrillItem(database, kind == BackupKind.BaseBackup, kind);
            }
        }

        // Without names of databases, a kind that nothing has is missing all the same.
        foreach (var kind in settings.Databases.Count > 0 ? [] : settings.Kinds.Distinct().Where(kind => found.All(item => item.Kind != kind)))
        {
            yield return new DrillItem(Database: null, kind == BackupKind.BaseBackup, kind);
        }
    }
}

/// <summary>What became of an item.</summary>
/// <param name="Item">The item.</param>
/// <param name="Tests">The restores that were tried, that of the newest backup first; empty where none was.</param>
/// <param name="NotTested">Why none was; null where one was.</param>
internal sealed record DrillAttempt(DrillItem Item, IReadOnlyList<BackupVerification> Tests, string? NotTested = null)
{
    /// <summary>True where there are backups, but none that is whole.</summary>
    public bool NoneComplete { get; init; }

    /// <summary>The restore that brought it back; null where none did.</summary>
    public BackupVerification? Restored => Tests.FirstOrDefault(test => test is { Verdict: BackupVerdict.Verified, RecoveryTime: not null });
}

/// <summary>What a drill saw and did, before it is judged.</summary>
internal sealed record DrillFacts
{
    public required MaintenanceTarget Target { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public required DateTimeOffset EndedAt { get; init; }

    public IReadOnlyList<BackupRecency> Recencies { get; init; } = [];

    /// <summary>What kept the backups from being listed; null where they were.</summary>
    public MaintenanceException? Unlisted { get; init; }

    /// <summary>What has backups, whole or not.</summary>
    public IReadOnlyList<DrillAttempt> Attempts { get; init; } = [];

    public IReadOnlyList<DrillEvent> Timeline { get; init; } = [];

    /// <summary>What it ran on.</summary>
    public IReadOnlyList<DrillEvidence> Machine { get; init; } = [];
}
