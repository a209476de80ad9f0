namespace Maintenance.Engine.Backup;

/// <summary>How the names of a target's backups are read: by its pattern where it has one, else by their words, dates and endings.</summary>
/// <param name="Pattern">The pattern; null for none.</param>
/// <param name="Prefix">The store's prefix, below which the pattern begins.</param>
/// <param name="Database">The database of backups whose names tell none; null if that is not known.</param>
/// <param name="Kinds">Kinds that are asked for, and count although their names are not those of the pattern.</param>
internal sealed record BackupNaming(NamePattern? Pattern, string Prefix, string? Database, IReadOnlyList<BackupKind> Kinds)
{
    /// <summary>By words, dates and endings alone.</summary>
    public static BackupNaming ByWords { get; } = new(null, "", null, []);

    /// <summary>How a target names its backups.</summary>
    /// <param name="store">The store.</param>
    /// <param name="target">The target; null for a store that is nobody's.</param>
    /// <param name="pattern">A pattern that replaces that of the target.</param>
    /// <exception cref="MaintenanceException">InvalidArgument: the pattern has mistakes.</exception>
    public static BackupNaming Of(StoreSettings store, MaintenanceTarget? target, string? pattern)
    {
        var parsed = (pattern ?? target?.Backups.NamePattern) is { } text ? NamePattern.Parse(text) : null;
        // A pattern that names no database is of one; without a pattern the same goes for a single one that is configured.
        var single = target?.Backups.Databases is [var only] ? only
            : parsed is { NamesDatabase: false } && target?.Backups.Databases is null or [] ? DatabaseOf(target)
            : null;
        return new BackupNaming(parsed, store.Prefix, parsed is { NamesDatabase: true } ? null : single, target?.Backups.Kinds ?? []);
    }

    /// <summary>The database of a target, if its settings tell it.</summary>
    public static string? DatabaseOf(MaintenanceTarget? target) => target?.Database is { ConnectionString: null, Database: var database } ? database : null;

    /// <summary>Reads a name. Null if it is not that of a backup.</summary>
    /// <param name="name">Name of a file in the store.</param>
    public BackupName? Read(string name)
    {
        var parsed = BackupName.Parse(name);
        return Pattern is null ? WithDatabase(parsed)
            : ByPattern(name, parsed) ?? (parsed is not null && Kinds.Contains(parsed.Kind) ? WithDatabase(parsed) : null);
    }

    /// <summary>True if a backup that was listed before is named like those of the target.</summary>
    public bool Fits(DatabaseBackup backup) =>
        Pattern is null || Kinds.Contains(backup.Kind) || (Below(backup.Name) is { } name && Pattern.Read(name) is not null);

    private BackupName? ByPattern(string name, BackupName? parsed)
    {
        if ((Pattern!.EndsOpen && parsed is null) || BackupName.Unfinished(name) is not null)
        {
            return null;
        }

        var whole = parsed?.Name ?? name;
        return Below(whole) is { } below && Pattern.Read(below) is { } read
            ? new BackupName(whole, parsed?.Kind ?? BackupKind.Unknown, read.Database ?? Database, read.Date)
            : null;
    }

    private string? Below(string name) => name.StartsWith(Prefix, StringComparison.Ordinal) ? name[Prefix.Length..] : null;

    // A base backup is of all databases.
    private BackupName? WithDatabase(BackupName? name) =>
        name is { Database: null, Kind: not BackupKind.BaseBackup } && Database is not null ? name with { Database = Database } : name;
}
