namespace Maintenance.Engine.Inspect;

/// <summary>One process, as pg_stat_activity tells it.</summary>
internal sealed record SessionRow
{
    public required int ProcessId { get; init; }

    /// <summary>Of a parallel worker, the session that it works for.</summary>
    public int? LeaderProcessId { get; init; }

    public string? Database { get; init; }

    public string? Role { get; init; }

    public string? ApplicationName { get; init; }

    /// <summary>False for processes of the server's own.</summary>
    public bool HasRole { get; init; } = true;

    public bool IsSuperuser { get; init; }

    public string? ClientAddress { get; init; }

    public DateTimeOffset? BackendStart { get; init; }

    /// <summary>Null if the role may not look at this session.</summary>
    public string? BackendType { get; init; }

    public string? State { get; init; }

    public DateTimeOffset? StateChange { get; init; }

    public DateTimeOffset? TransactionStart { get; init; }

    public DateTimeOffset? QueryStart { get; init; }

    public string? WaitEventType { get; init; }

    public string? WaitEvent { get; init; }

    public long? XminAge { get; init; }

    public long? XidAge { get; init; }

    public string? Query { get; init; }

    public bool UsesSlot { get; init; }

    public bool SendsBaseBackup { get; init; }

    public bool IsHidden => BackendType is null;
}

/// <summary>A lock that somebody waits for: one who holds it, or one who waits.</summary>
internal sealed record LockRow
{
    /// <summary>Null for a prepared transaction.</summary>
    public int? ProcessId { get; init; }

    /// <summary>The virtual transaction: tells prepared transactions apart.</summary>
    public required string Owner { get; init; }

    /// <summary>What is locked, as a key.</summary>
    public required string LockedObject { get; init; }

    public required string LockType { get; init; }

    public long? RelationOid { get; init; }

    /// <summary>The relation lies in the database we are connected to, or belongs to all.</summary>
    public bool IsLocal { get; init; }

    public required string Mode { get; init; }

    public required bool Granted { get; init; }

    public DateTimeOffset? WaitStart { get; init; }

    /// <summary>As pg_blocking_pids says, for one who waits.</summary>
    public IReadOnlyList<int> Blockers { get; init; } = [];

    public string? TransactionId { get; init; }
}

/// <summary>A prepared transaction.</summary>
internal sealed record PreparedRow(
    string Gid, string QuotedGid, string? Owner, string? Database, DateTimeOffset Prepared, string TransactionId, long XidAge);

/// <summary>The sessions of a server at one moment.</summary>
internal sealed record SessionSnapshot
{
    public required string Target { get; init; }

    /// <summary>By the server's clock, that all its times are of.</summary>
    public required DateTimeOffset ServerTime { get; init; }

    /// <summary>By ours.</summary>
    public required DateTimeOffset CollectedAt { get; init; }

    /// <summary>The server tells since when somebody waits (PostgreSQL 14).</summary>
    public bool TellsWaits { get; init; } = true;

    public required IReadOnlyList<SessionRow> Sessions { get; init; }

    public IReadOnlyList<LockRow> Locks { get; init; } = [];

    public IReadOnlyList<PreparedRow> Prepared { get; init; } = [];

    /// <summary>Names of the relations that are waited for, as far as they could be read.</summary>
    public IReadOnlyDictionary<long, string> RelationNames { get; init; } = new Dictionary<long, string>();

    /// <summary>Processes that serve this engine.</summary>
    public IReadOnlySet<int> Own { get; init; } = new HashSet<int>();
}
