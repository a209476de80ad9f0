namespace Maintenance;

/// <summary>How to test a backup.</summary>
public sealed record BackupTestOptions
{
    /// <summary>How deeply.</summary>
    public BackupLevel Level { get; init; } = BackupLevel.Header;

    /// <summary>True to read a backup again that passed this level before.</summary>
    public bool Force { get; init; }

    /// <summary>A backup that passed longer ago is read again.</summary>
    public TimeSpan ReverifyAfter { get; init; } = TimeSpan.FromDays(30);

    /// <summary>The server to restore into, in a new database that is dropped again; null for a scratch server on this machine.</summary>
    public MaintenanceTarget? ScratchTarget { get; init; }

    /// <summary>Folder for the scratch server and the copy of the backup; null for what is configured, or the temporary folder.</summary>
    public string? ScratchPath { get; init; }

    /// <summary>Folder of PostgreSQL's programs; null to look for them.</summary>
    public string? PostgresPath { get; init; }

    /// <summary>How many tables and indexes are restored at once; null for the processors of this machine, 8 at most.</summary>
    public int? Jobs { get; init; }

    /// <summary>How many tables a sample holds.</summary>
    public int SampleTables { get; init; } = 3;

    /// <summary>Statements to check besides those that are configured.</summary>
    public IReadOnlyList<RecoveryAssertion> Assertions { get; init => field = Readable.Copy(value); } = Readable.List<RecoveryAssertion>.Empty;

    /// <summary>For a base backup: the moment to recover to; null for the end of the write-ahead log.</summary>
    public DateTimeOffset? PointInTime { get; init; }

    /// <summary>For a base backup: where the archived write-ahead log is; null for what is configured.</summary>
    public StoreSettings? WalArchive { get; init; }
}
