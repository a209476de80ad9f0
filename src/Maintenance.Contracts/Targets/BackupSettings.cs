namespace Maintenance;

/// <summary>How backups are made, named, judged and kept.</summary>
public sealed record BackupSettings
{
    /// <summary>
    /// How backups are named below the store's prefix, such as <c>{database}-{yyyyMMddHH}.dump</c>; null where names are read by
    /// their words and endings.
    /// </summary>
    public string? NamePattern { get; init; }

    /// <summary>Databases that must have backups; empty for those that the names tell of.</summary>
    public IReadOnlyList<string> Databases { get; init => field = Readable.Copy(value); } = Readable.List<string>.Empty;

    /// <summary>Kinds that must be there for each database, and are judged alone; empty for those that are found.</summary>
    public IReadOnlyList<BackupKind> Kinds { get; init => field = Readable.Copy(value); } = Readable.List<BackupKind>.Empty;

    /// <summary>By how much the newest backup may be smaller than the median of those before it, in percent. Default 30.</summary>
    public double MaximumShrinkage { get; init; } = 30;

    /// <summary>Which backups are kept; null for all.</summary>
    public BackupKeepRules? Keep { get; init; }
}

/// <summary>
/// Which backups are kept. One that any rule keeps is kept; the newest good one is kept by all. With no rule at all nothing is deleted.
/// </summary>
public sealed record BackupKeepRules
{
    /// <summary>The last so many.</summary>
    public int? Last { get; init; }

    /// <summary>The last of each day (UTC), for so many days that have one.</summary>
    public int? Daily { get; init; }

    /// <summary>The last of each week (ISO 8601, UTC), for so many weeks that have one.</summary>
    public int? Weekly { get; init; }

    /// <summary>The last of each month (UTC), for so many months that have one.</summary>
    public int? Monthly { get; init; }

    /// <summary>Everything that is younger.</summary>
    public TimeSpan? Within { get; init; }
}
