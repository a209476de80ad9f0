namespace Maintenance.Engine.Performance.Statements;

/// <summary>One statement's counters, and since when they count.</summary>
/// <param name="Counts">The counters.</param>
/// <param name="Since">When they began, in milliseconds since 1970; null where the server does not tell (before PostgreSQL 17).</param>
internal readonly record struct StatementCounter(StatementCounts Counts, double? Since = null);

/// <summary>What pg_stat_statements said at a time: counters that only grow, until they are reset or discarded.</summary>
internal sealed record StatementReading
{
    /// <summary>The id under which the statements of a role are put together whose identity is hidden from us. The server never gives it to one.</summary>
    public const long HiddenQueryId = 0;

    /// <summary>When it was read, by our clock.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>When the server started.</summary>
    public required DateTimeOffset Started { get; init; }

    /// <summary>When all was reset; null where the server does not tell (PostgreSQL 13).</summary>
    public DateTimeOffset? ResetAt { get; init; }

    /// <summary>How often statements were discarded for want of room; null where the server does not tell (PostgreSQL 13).</summary>
    public long? Discarded { get; init; }

    /// <summary>The server's system identifier; null where the role may not know it.</summary>
    public long? System { get; init; }

    /// <summary>Rows whose statement is hidden from the role that read; null for a reading of a version that did not keep it.</summary>
    public long? Hidden { get; init; }

    public required IReadOnlyDictionary<StatementKey, StatementCounter> Statements { get; init; }

    /// <summary>Whether it is of the same server as an earlier one, and so can be compared with it: another one, after a failover or under the same name by mistake, has counters of its own past.</summary>
    public bool Follows(StatementReading before) =>
        (System is null || before.System is null || System == before.System) && (ResetAt is null || before.ResetAt is null || ResetAt >= before.ResetAt);
}

/// <summary>What the server tracks, as far as it decides what counters can tell. Not part of what is kept.</summary>
internal sealed record StatementTracking
{
    public required bool IoTiming { get; init; }

    public required bool Planning { get; init; }

    /// <summary>JIT and the time of temporary files are counted (1.10, PostgreSQL 15).</summary>
    public required bool JitAndTemporaryFiles { get; init; }

    public required int BlockSize { get; init; }

    /// <summary>OID of the connected database.</summary>
    public required long DatabaseId { get; init; }

    /// <summary>Rows whose statement is hidden from this role.</summary>
    public required long Hidden { get; init; }

    /// <summary>The same by the OID of their database.</summary>
    public IReadOnlyDictionary<long, long> HiddenOf { get; init; } = new Dictionary<long, long>();

    /// <summary>Why nothing new is counted; null if it is.</summary>
    public string? Idle { get; init; }
}

/// <summary>Executions of a statement that run this moment.</summary>
/// <param name="Count">How many.</param>
/// <param name="Waiting">How many of them wait for locks of others.</param>
internal readonly record struct RunningStatements(long Count, long Waiting);
