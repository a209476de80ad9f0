using Maintenance.Engine.Thresholds;

namespace Maintenance.Engine.Backup;

/// <summary>What the newest backups of a store are judged by.</summary>
/// <param name="MaximumAge">How old the newest backup of each database and kind may be.</param>
internal sealed record RecencyRules(TimeSpan MaximumAge)
{
    /// <summary>
    /// A kind that was not made for so many times the maximum age, while another was, was given up; and so far back go the backups
    /// that the newest is compared with. Our judgement: a week of daily backups.
    /// </summary>
    private const int WindowAges = 8;

    private static readonly TimeSpan LongestMaximumAge = TimeSpan.FromDays(36500);

    /// <summary>By how much the newest backup may be smaller than the median of those before it, in percent.</summary>
    public double MaximumShrinkage { get; init; } = new BackupSettings().MaximumShrinkage;

    /// <summary>Databases that must have backups; empty for those that are found.</summary>
    public IReadOnlyList<string> Databases { get; init; } = [];

    /// <summary>The database that is meant where names follow a pattern and nobody said which: that of the target.</summary>
    public string? OwnDatabase { get; init; }

    /// <summary>Kinds that must be there, and are judged alone; empty for those that are found.</summary>
    public IReadOnlyList<BackupKind> Kinds { get; init; } = [];

    /// <summary>How names are read.</summary>
    public BackupNaming Naming { get; init; } = BackupNaming.ByWords;

    /// <summary>How far back backups matter, from the newest.</summary>
    public TimeSpan Window => MaximumAge * WindowAges;

    /// <summary>The databases whose backups can be looked for by name; empty if they are not known.</summary>
    public IReadOnlyList<string?> KnownDatabases
    {
        get
        {
            IReadOnlyList<string?> named = Databases.Count > 0 || OwnDatabase is null ? Databases : [OwnDatabase];
            return Naming.Pattern switch
            {
                null => [],
                { NamesDatabase: true } => named,
                _ => [null],
            };
        }
    }

    /// <summary>The rules of a target.</summary>
    /// <param name="store">The store.</param>
    /// <param name="target">The target; null for a store that is nobody's.</param>
    /// <param name="maximumAge">A maximum age that replaces the configured one.</param>
    /// <param name="pattern">A pattern of names that replaces the configured one.</param>
    /// <exception cref="MaintenanceException">InvalidArgument: the age or the pattern is none.</exception>
    public static RecencyRules Of(StoreSettings? store, MaintenanceTarget? target, TimeSpan? maximumAge, string? pattern)
    {
        var naming = BackupNaming.Of(store ?? new StoreSettings(), target, pattern);
        return new RecencyRules(AgeOf(store, target, maximumAge))
        {
            MaximumShrinkage = target?.Backups.MaximumShrinkage ?? new BackupSettings().MaximumShrinkage,
            Databases = target?.Backups.Databases ?? [],
            OwnDatabase = naming.Pattern is null ? null : BackupNaming.DatabaseOf(target),
            Kinds = target?.Backups.Kinds ?? [],
            Naming = naming,
        };
    }

    /// <summary>How old the newest backup may be: as given, as the store says, as the recovery point objective says, or 24 h.</summary>
    /// <exception cref="MaintenanceException">InvalidArgument.</exception>
    public static TimeSpan AgeOf(StoreSettings? store, MaintenanceTarget? target, TimeSpan? given)
    {
        var limit = given ?? store?.MaximumAge ?? target?.Recovery.PointObjective ?? ThresholdCatalogue.BackupMaximumAge;
        return limit > TimeSpan.Zero && limit <= LongestMaximumAge
            ? limit
            : throw new MaintenanceException(
                MaintenanceErrorCode.InvalidArgument,
                "The maximum age of a backup must be positive, and at most 36500 days.",
                "Give a time span such as 24:00:00.");
    }
}
