namespace Maintenance;

/// <summary>What a recovery has to achieve, and how restores are tested.</summary>
public sealed record RecoverySettings
{
    /// <summary>How long it may take until the database answers again (RTO); null if nobody said.</summary>
    public TimeSpan? TimeObjective { get; init; }

    /// <summary>How much may be lost (RPO); null for the maximum age of the backup store.</summary>
    public TimeSpan? PointObjective { get; init; }

    /// <summary>Statements that must give what is expected in a restored database.</summary>
    public IReadOnlyList<RecoveryAssertion> Assertions { get; init => field = Readable.Copy(value); } = Readable.List<RecoveryAssertion>.Empty;

    /// <summary>Folder for scratch servers and copies of backups; null for the temporary folder.</summary>
    public string? ScratchPath { get; init; }

    /// <summary>Folder of PostgreSQL's programs; null to look for them.</summary>
    public string? PostgresPath { get; init; }
}

/// <summary>A statement that must give what is expected in a restored database.</summary>
public sealed record RecoveryAssertion
{
    /// <summary>What it is called in reports.</summary>
    public required string Name { get; init; }

    /// <summary>The statement: one that reads, and gives one value. It runs in a read-only transaction.</summary>
    public required string Sql { get; init; }

    /// <summary>The value it must give, as text; null for <c>true</c>.</summary>
    public string? Expected { get; init; }

    /// <summary>The database it is for; null for each.</summary>
    public string? Database { get; init; }
}
