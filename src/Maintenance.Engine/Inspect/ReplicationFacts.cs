using Maintenance.Engine.Health;

namespace Maintenance.Engine.Inspect;

/// <summary>What <see cref="ReplicationReader"/> brought, before any judgement. Null is what could not be read.</summary>
internal sealed record ReplicationFacts
{
    public required string ServerVersion { get; init; }

    public required bool IsStandby { get; init; }

    /// <summary>The server's clock.</summary>
    public DateTimeOffset ServerTime { get; init; }

    public string? CurrentLsn { get; init; }

    /// <summary>The same as a number of bytes since the beginning of the log.</summary>
    public decimal? CurrentPosition { get; init; }

    /// <summary>Null for no limit.</summary>
    public long? MaxSlotWalKeepBytes { get; init; }

    /// <summary>Where the data lie on the server; null if the role may not know.</summary>
    public string? DataDirectory { get; init; }

    /// <summary>Where we connected to.</summary>
    public string Host { get; init; } = "";

    /// <summary>Whether commits wait for standbys by name.</summary>
    public bool WaitsForStandbys { get; init; }

    /// <summary>The server's process that serves us.</summary>
    public int ProcessId { get; init; }

    /// <summary>Whether the role sees the connections of others.</summary>
    public bool SeesOthers { get; init; }

    public long? WalBytes { get; init; }

    public IReadOnlyList<DbStandby>? Standbys { get; init; }

    /// <summary>The slots, and where each keeps the log from, as a number.</summary>
    public IReadOnlyList<(DbReplicationSlot Slot, decimal? Position)>? Slots { get; init; }

    public DbWalArchiver? Archiver { get; init; }

    public ReceiverFacts? Receiver { get; init; }

    /// <summary>The role as it must stand in a GRANT.</summary>
    public string QuotedUser { get; init; } = "";

    /// <summary>What could not be read.</summary>
    public IReadOnlyList<Gap> Gaps { get; init; } = [];
}

/// <summary>What a standby says of itself.</summary>
/// <param name="View">What its receiver shows; the judgement is not yet in it.</param>
/// <param name="Status">pg_stat_wal_receiver's own word; null without a receiver, or if it is hidden.</param>
/// <param name="HasConnection">Whether primary_conninfo is set; null if the role may not know.</param>
/// <param name="SenderAhead">Bytes between the sender's end of the log and what is applied here.</param>
/// <param name="SilentAfter">After so long without a word the sender is taken for gone (wal_receiver_timeout).</param>
internal sealed record ReceiverFacts(DbWalReceiver View, string? Status, bool? HasConnection, long? SenderAhead, TimeSpan? SilentAfter);
