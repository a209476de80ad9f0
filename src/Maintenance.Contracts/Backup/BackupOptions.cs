namespace Maintenance;

/// <summary>How to make a backup.</summary>
public sealed record BackupOptions
{
    /// <summary>Custom, Directory, Plain or PlainCompressed.</summary>
    public BackupKind Format { get; init; } = BackupKind.Custom;

    /// <summary>The database; null for that of the target.</summary>
    public string? Database { get; init; }

    /// <summary>Name in the store; null for one by the configured pattern, or <c>DATABASE-yyyyMMddTHHmmssZ</c> and the ending of the format.</summary>
    public string? Name { get; init; }

    /// <summary>How many tables are dumped at once, for the directory format; null for the processors of this machine, 8 at most.</summary>
    public int? Jobs { get; init; }

    /// <summary>False to leave the rows uncounted; a restore can then not be compared with them.</summary>
    public bool CountRows { get; init; } = true;

    /// <summary>Where it goes; null for the target's backup store.</summary>
    public StoreSettings? Store { get; init; }

    /// <summary>Folder of PostgreSQL's programs; null to look for them.</summary>
    public string? PostgresPath { get; init; }

    /// <summary>Which older backups are kept; null for what is configured.</summary>
    public BackupKeepRules? Keep { get; init; }
}
