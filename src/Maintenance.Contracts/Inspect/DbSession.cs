namespace Maintenance;

/// <summary>What a session is doing.</summary>
public enum DbSessionState
{
    /// <summary>Not known: the role may not see it, or the server does not track it.</summary>
    Unknown = 0,

    /// <summary>It runs a statement, or waits in the middle of one.</summary>
    Active,

    /// <summary>It waits for its client, outside a transaction.</summary>
    Idle,

    /// <summary>It waits for its client, inside a transaction: what the transaction locked stays locked.</summary>
    IdleInTransaction,

    /// <summary>It waits for its client, inside a transaction in which a statement failed.</summary>
    IdleInTransactionAborted,

    /// <summary>It runs a function called through the fast path.</summary>
    FastPathFunctionCall,

    /// <summary>It is logging in.</summary>
    Starting,

    /// <summary>A process of the server's own, which has no such state.</summary>
    Background,

    /// <summary>A prepared transaction: nobody's session, waiting for COMMIT PREPARED or ROLLBACK PREPARED.</summary>
    Prepared,
}

/// <summary>Whether Stop-DbSession may end a session.</summary>
public enum DbSessionProtection
{
    /// <summary>It may.</summary>
    None = 0,

    /// <summary>Only with -Force.</summary>
    NeedsForce,

    /// <summary>Never.</summary>
    Always,
}

/// <summary>
/// A session of a PostgreSQL server (or a prepared transaction, which holds locks without one): what it does, for whom it waits and
/// who waits for it. The text of its statement is without literals and comments.
/// </summary>
public sealed record DbSession
{
    /// <summary>Name of the maintained system.</summary>
    public required string Target { get; init; }

    /// <summary>The database it is connected to; null for processes that belong to none.</summary>
    public string? Database { get; init; }

    /// <summary>Its process on the server; 0 for a prepared transaction.</summary>
    public required int ProcessId { get; init; }

    /// <summary>When it connected (UTC), to the microsecond: with the process number it names one session for good. Null where the role may not see it.</summary>
    public DateTimeOffset? BackendStart { get; init; }

    /// <summary>Kind of process, such as <c>client backend</c>, <c>walsender</c>, <c>autovacuum worker</c>, <c>prepared transaction</c>; null where the role may not see it.</summary>
    public string? BackendType { get; init; }

    /// <summary>The role it is logged in as.</summary>
    public string? Role { get; init; }

    /// <summary>What its client calls itself.</summary>
    public string? ApplicationName { get; init; }

    /// <summary>Network address of its client; null for a local one.</summary>
    public string? ClientAddress { get; init; }

    /// <summary>What it is doing.</summary>
    public required DbSessionState State { get; init; }

    /// <summary>Since when (UTC).</summary>
    public DateTimeOffset? StateSince { get; init; }

    /// <summary>For how long it has been in that state.</summary>
    public TimeSpan? StateAge { get; init; }

    /// <summary>When its transaction began (UTC); null outside a transaction.</summary>
    public DateTimeOffset? TransactionStart { get; init; }

    /// <summary>How long its transaction has been open.</summary>
    public TimeSpan? TransactionAge { get; init; }

    /// <summary>How long ago its present or latest statement began.</summary>
    public TimeSpan? QueryAge { get; init; }

    /// <summary>True while it is idle inside a transaction.</summary>
    public bool IsIdleInTransaction => State is DbSessionState.IdleInTransaction or DbSessionState.IdleInTransactionAborted;

    /// <summary>Kind of what it waits for, as in pg_stat_activity.</summary>
    public string? WaitEventType { get; init; }

    /// <summary>What it waits for, as in pg_stat_activity.</summary>
    public string? WaitEvent { get; init; }

    /// <summary>True while it waits for a lock.</summary>
    public bool IsWaiting { get; init; }

    /// <summary>How long it has waited for its lock; null before PostgreSQL 14, which does not tell.</summary>
    public TimeSpan? WaitAge { get; init; }

    /// <summary>Kind of the lock it waits for: <c>relation</c>, <c>transactionid</c> (a row that another changed), <c>tuple</c>, <c>advisory</c>, ...</summary>
    public string? LockType { get; init; }

    /// <summary>Strength of the lock it waits for, such as <c>AccessExclusiveLock</c>.</summary>
    public string? LockMode { get; init; }

    /// <summary>The table or index it waits for, schema-qualified and quoted; null where it is none, or lies in another database.</summary>
    public string? Relation { get; init; }

    /// <summary>Identifier of that relation, in whatever database.</summary>
    public long? RelationOid { get; init; }

    /// <summary>Its place in the queue for that lock, by the time it began to wait: 1 is next. Null before PostgreSQL 14.</summary>
    public int? QueuePosition { get; init; }

    /// <summary>True if it waits for ACCESS EXCLUSIVE and others queue behind it: a change of schema that stops a table for everybody.</summary>
    public bool IsDdlQueue { get; init; }

    /// <summary>Processes that must let go before it gets its lock; 0 stands for a prepared transaction.</summary>
    public IReadOnlyList<int> BlockedBy { get; init => field = Readable.Copy(value); } = Readable.List<int>.Empty;

    /// <summary>Those of <see cref="BlockedBy"/> that hold nothing it wants, but stand before it in the queue.</summary>
    public IReadOnlyList<int> QueuedBehind { get; init => field = Readable.Copy(value); } = Readable.List<int>.Empty;

    /// <summary>Identifiers of the prepared transactions that block it.</summary>
    public IReadOnlyList<string> BlockedByPrepared { get; init => field = Readable.Copy(value); } = Readable.List<string>.Empty;

    /// <summary>The process at the root of its blocking tree (its own, for a root); 0 for a prepared transaction, null if it is in no tree.</summary>
    public int? RootBlocker { get; init; }

    /// <summary>True if it blocks others and nobody blocks it.</summary>
    public bool IsRootBlocker { get; init; }

    /// <summary>True if it is part of a deadlock, which the server ends by itself after deadlock_timeout.</summary>
    public bool IsDeadlocked { get; init; }

    /// <summary>How deep it stands in its blocking tree: 0 for a root, and for a session in no tree.</summary>
    public int Depth { get; init; }

    /// <summary>How many sessions wait for it, directly or behind others.</summary>
    public int Victims { get; init; }

    /// <summary>
    /// Of a root blocker: how long the victims that no other root blocks have waited, together. That is what ending it would put
    /// an end to. Null for others, and before PostgreSQL 14.
    /// </summary>
    public TimeSpan? VictimWait { get; init; }

    /// <summary>How many transactions have begun since its snapshot: dead rows younger than that cannot be removed anywhere in its database.</summary>
    public long? XminAge { get; init; }

    /// <summary>How many transactions have begun since it took its own transaction number; null if it has written nothing.</summary>
    public long? XidAge { get; init; }

    /// <summary>Identifier of a prepared transaction.</summary>
    public string? PreparedTransaction { get; init; }

    /// <summary>Whether Stop-DbSession may end it.</summary>
    public DbSessionProtection Protection { get; init; }

    /// <summary>True if Stop-DbSession refuses to end it, or does so with -Force alone.</summary>
    public bool IsProtected => Protection != DbSessionProtection.None;

    /// <summary>Why it is protected.</summary>
    public string? ProtectionReason { get; init; }

    /// <summary>True if the role may not look at this session: most of its properties are null.</summary>
    public bool IsHidden { get; init; }

    /// <summary>Its present or latest statement, with literals as <c>?</c>, without comments, at most 500 characters; null where it is hidden.</summary>
    public string? Query { get; init; }

    /// <summary>In how many samples it blocked somebody or was blocked. Without -Burst there is one sample.</summary>
    public int Samples { get; init; }

    /// <summary>How many samples were taken.</summary>
    public int SampleCount { get; init; } = 1;

    /// <summary>When it was read (UTC); with -Burst, its worst moment.</summary>
    public required DateTimeOffset CollectedAt { get; init; }

    /// <inheritdoc/>
    public override string ToString() => PreparedTransaction is { } prepared
        ? $"prepared transaction '{prepared}'"
        : FormattableString.Invariant($"{ProcessId} ({Role ?? BackendType ?? "?"}, {State})");
}
