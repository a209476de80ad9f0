namespace Maintenance.Engine.Backup.Drill;

/// <summary>
/// Picks, from a stream of backups, the newest whole ones of each item: that which would be restored, and that which would be taken
/// if it fails. Remembers no more than these. Pure.
/// </summary>
/// <param name="settings">Which kinds are wanted by themselves.</param>
/// <param name="now">The time of the drill: what comes from the future is no backup to rely on.</param>
internal sealed class DrillCandidates(BackupSettings settings, DateTimeOffset now)
{
    /// <summary>How many backups of an item are tried.</summary>
    private const int Tries = 2;

    private readonly Dictionary<(string, bool, BackupKind?), Candidates> _items = [];

    /// <summary>Takes one backup into account.</summary>
    public void Add(DatabaseBackup backup)
    {
        var item = DrillItem.Of(backup, settings);
        if (!_items.TryGetValue(item.Key, out var candidates))
        {
            _items[item.Key] = candidates = new Candidates(item);
        }

        if (WhyNot(backup) is { } reason)
        {
            candidates.Reason = reason;
            return;
        }

        candidates.Newest.Add(backup);
        candidates.Newest.Sort((one, other) => (other.TakenAt, other.LastModified, other.Name).CompareTo((one.TakenAt, one.LastModified, one.Name)));
        if (candidates.Newest.Count > Tries)
        {
            candidates.Newest.RemoveAt(Tries);
        }
    }

    /// <summary>What is to be restored, in the order of the names: each with its backups, the newest first.</summary>
    public IReadOnlyList<(DrillItem Item, IReadOnlyList<DatabaseBackup> Backups, string? NoneComplete)> Result() =>
    [
        .. _items.Values.OrderBy(candidates => candidates.Item.Physical).ThenBy(candidates => candidates.Item.Name, StringComparer.OrdinalIgnoreCase)
            .Select(candidates => (candidates.Item, (IReadOnlyList<DatabaseBackup>)candidates.Newest, candidates.Newest.Count > 0 ? null : candidates.Reason)),
    ];

    private string? WhyNot(DatabaseBackup backup) => backup switch
    {
        { SizeBytes: 0 } or { Completeness: BackupCompleteness.Empty } => $"{backup.Name} is empty.",
        { Completeness: BackupCompleteness.Partial } => $"{backup.Name} is not whole.",
        { Completeness: BackupCompleteness.Uncommitted } => $"{backup.Name} was never put together.",
        _ when BackupTime.IsInFuture(backup.TakenAt, now) => $"{backup.Name} is dated in the future.",
        _ => null,
    };

    private sealed class Candidates(DrillItem item)
    {
        public DrillItem Item => item;

        public List<DatabaseBackup> Newest { get; } = [];

        public string? Reason { get; set; }
    }
}
