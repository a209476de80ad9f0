using Maintenance.Engine.Database;

namespace Maintenance.Engine.Maintain;

/// <summary>What a server says before a VACUUM is planned.</summary>
internal sealed record VacuumFacts
{
    public required string Database { get; init; }

    public required string ServerVersion { get; init; }

    public required int MajorVersion { get; init; }

    /// <summary>The role, quoted by the server.</summary>
    public required string Role { get; init; }

    public required DateTimeOffset ServerTime { get; init; }

    /// <summary>The server's own thresholds.</summary>
    public required AutovacuumThresholds Thresholds { get; init; }

    /// <summary>Age at which a VACUUM by itself reads every page that is not frozen, so that the table's age goes down.</summary>
    public required long FreezeTableAge { get; init; }

    public required long MultixactFreezeTableAge { get; init; }

    public required int StatisticsTarget { get; init; }

    public required int BlockSize { get; init; }

    /// <summary>False if the server does not count rows: then nobody knows what is due.</summary>
    public required bool CountsRows { get; init; }

    /// <summary>The next transaction id, without its epoch. Read after the holders, so that their ages are never too large beside it.</summary>
    public required uint NextXid { get; init; }

    public required XminHolders Holders { get; init; }

    public IReadOnlyList<VacuumRelation> Relations { get; init; } = [];
}

/// <summary>A table, a materialized view or a partitioned table.</summary>
internal sealed record VacuumRelation
{
    public required long Oid { get; init; }

    public required string Schema { get; init; }

    public required string Name { get; init; }

    /// <summary>Schema and name, quoted by the server.</summary>
    public required string QuotedName { get; init; }

    /// <summary>True if it is a partitioned table, which has statistics and no rows of its own.</summary>
    public bool IsPartitioned { get; init; }

    public bool IsSystem { get; init; }

    /// <summary>The partitioned table it is a partition of.</summary>
    public long? Parent { get; init; }

    /// <summary>Size with TOAST, in bytes.</summary>
    public long SizeBytes { get; init; }

    /// <summary>The table itself.</summary>
    public required VacuumHeap Heap { get; init; }

    /// <summary>Its TOAST table.</summary>
    public VacuumHeap? Toast { get; init; }

    public long ChangedSinceAnalyze { get; init; }

    public DateTimeOffset? LastVacuum { get; init; }

    public DateTimeOffset? LastAnalyze { get; init; }

    /// <summary>False if the role may not maintain it, and the server would only warn.</summary>
    public bool MayMaintain { get; init; } = true;

    /// <summary>Its owner, quoted by the server.</summary>
    public string Owner { get; init; } = "";

    /// <summary>The owner is a superuser, or has, directly or by membership, rights far beyond its tables.</summary>
    public bool OwnerIsPowerful { get; init; }
}

/// <summary>What decides whether a heap is due.</summary>
internal sealed record VacuumHeap
{
    public long Oid { get; init; }

    /// <summary>Rows, as last counted; below 0 if never.</summary>
    public double Rows { get; init; }

    public long Pages { get; init; }

    public long FrozenPages { get; init; }

    public long DeadRows { get; init; }

    public long InsertedSinceVacuum { get; init; }

    public long? XidAge { get; init; }

    public long? MultixactAge { get; init; }

    /// <summary>Its own settings, as in pg_class.reloptions.</summary>
    public IReadOnlyList<string> Options { get; init; } = [];
}
