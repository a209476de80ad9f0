namespace Maintenance;

/// <summary>What keeps dead rows from being removed.</summary>
public enum XminHolderKind
{
    /// <summary>An open transaction, or a statement that is running.</summary>
    Backend = 0,

    /// <summary>A transaction that was prepared and neither committed nor rolled back.</summary>
    PreparedTransaction,

    /// <summary>A replication slot whose consumer is behind or gone.</summary>
    ReplicationSlot,

    /// <summary>A standby that reports its own queries (hot_standby_feedback).</summary>
    Standby,
}

/// <summary>
/// Somebody who may still have to see old row versions: what died after their snapshot cannot be removed by VACUUM.
/// </summary>
public sealed record XminHolder
{
    /// <summary>What it is.</summary>
    public required XminHolderKind Kind { get; init; }

    /// <summary>Its name: application of a session, identifier of a prepared transaction, name of a slot or a standby.</summary>
    public required string Name { get; init; }

    /// <summary>Its process on the server, for sessions and standbys.</summary>
    public int? ProcessId { get; init; }

    /// <summary>The role that it belongs to.</summary>
    public string? Role { get; init; }

    /// <summary>The database it works in; null where it holds back all of them.</summary>
    public string? Database { get; init; }

    /// <summary>State of a session, as in pg_stat_activity, or of a slot (<c>active</c>, <c>inactive</c>).</summary>
    public string? State { get; init; }

    /// <summary>How many transactions have begun since the snapshot it holds.</summary>
    public required long XminAge { get; init; }

    /// <summary>Since when it has been open (UTC); null where the server does not say.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>True if it holds back the system catalogues alone (a slot's catalog_xmin).</summary>
    public bool CatalogOnly { get; init; }

    /// <summary>One line: who it is and what would release it.</summary>
    public required string Description { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Description;
}
