using Maintenance.Engine.Database;
using Npgsql;

namespace Maintenance.Engine.Maintain;

/// <summary>An index as the catalogue shows it at one moment.</summary>
internal sealed record IndexState
{
    public required long Oid { get; init; }

    public required string Schema { get; init; }

    public required string Name { get; init; }

    public required long TableOid { get; init; }

    /// <summary>The table, schema-qualified and quoted by the server.</summary>
    public required string Table { get; init; }

    /// <summary>relkind of the table: t for TOAST.</summary>
    public char TableKind { get; init; } = 'r';

    /// <summary>relkind of the index: I if it is partitioned, and so has no pages of its own.</summary>
    public char Kind { get; init; } = 'i';

    /// <summary>relpersistence: t for temporary.</summary>
    public char Persistence { get; init; } = 'p';

    public bool IsOthersTemporary { get; init; }

    public string Method { get; init; } = "btree";

    public long SizeBytes { get; init; }

    public bool IsValid { get; init; } = true;

    public bool IsExclusion { get; init; }

    /// <summary>No expressions and no predicate: then concurrent builds do not wait for each other's snapshots from PostgreSQL 14 on.</summary>
    public bool IsPlain { get; init; } = true;

    /// <summary>What an index and what is left of its rebuild have in common: columns, operator classes, collations, order, predicate, …</summary>
    public required string Shape { get; init; }

    /// <summary>What only one of them can have: being the primary key, serving a constraint, being the replica identity.</summary>
    public string Role { get; init; } = "";

    public bool IsOwner { get; init; } = true;

    /// <summary>The role has MAINTAIN on the table (PostgreSQL 17): it may rebuild the index, but not drop what is left of a rebuild.</summary>
    public bool MayMaintain { get; init; }

    public bool ReachesSchema { get; init; } = true;

    /// <summary>The owner, quoted.</summary>
    public string Owner { get; init; } = "";

    /// <summary>The owner is a superuser, or has, directly or by membership, rights far beyond its tables.</summary>
    public bool OwnerIsPowerful { get; init; }

    /// <summary>The role we work as, quoted.</summary>
    public string User { get; init; } = "";

    /// <summary>The schema, quoted.</summary>
    public string QuotedSchema { get; init; } = "";

    /// <summary>Schema and name, quoted.</summary>
    public required string QualifiedName { get; init; }

    public string ReindexSql => $"REINDEX INDEX CONCURRENTLY {QualifiedName}";

    public string DropSql => $"DROP INDEX CONCURRENTLY {QualifiedName}";

    /// <summary>A server process that is building, dropping or vacuuming on the table right now; null if there is none.</summary>
    public int? WorkedOnBy { get; init; }

    /// <summary>Belongs to the system's catalogues: everything below the first OID that users get.</summary>
    public bool IsSystem => TableOid < 16384;

    /// <summary>Reads all indexes of tables, valid or not.</summary>
    /// <param name="session">The session.</param>
    /// <param name="tableOids">The tables.</param>
    /// <param name="ours">Server processes of ours, whose locks do not count.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static Task<List<IndexState>> OfTablesAsync(DatabaseSession session, IEnumerable<long> tableOids, IEnumerable<int> ours, CancellationToken cancellationToken) =>
        ReadAsync(session, tableOids, [], ours, cancellationToken);

    /// <summary>Reads indexes together with all others of their tables; those that are gone are left out.</summary>
    public static Task<List<IndexState>> WithSiblingsAsync(DatabaseSession session, IEnumerable<long> oids, IEnumerable<int> ours, CancellationToken cancellationToken) =>
        ReadAsync(session, [], oids, ours, cancellationToken);

    private static Task<List<IndexState>> ReadAsync(
        DatabaseSession session, IEnumerable<long> tableOids, IEnumerable<long> siblingsOf, IEnumerable<int> ours, CancellationToken cancellationToken) =>
        session.QueryAsync("Maintain/Sql/Indexes.sql", Map, cancellationToken, tableOids.ToArray(), siblingsOf.ToArray(), ours.ToArray());

    private static IndexState Map(NpgsqlDataReader row) => new()
    {
        Oid = row.GetInt64(0),
        Schema = row.GetString(1),
        Name = row.GetString(2),
        TableOid = row.GetInt64(3),
        Table = row.GetString(4),
        TableKind = row.GetString(5)[0],
        Kind = row.GetString(6)[0],
        Persistence = row.GetString(7)[0],
        IsOthersTemporary = row.GetBoolean(8),
        Method = row.GetString(9),
        // Null for one that is being dropped just now.
        SizeBytes = row.IsDBNull(10) ? 0 : row.GetInt64(10),
        IsValid = row.GetBoolean(11),
        IsExclusion = row.GetBoolean(12),
        IsPlain = row.GetBoolean(13),
        Shape = row.GetString(14),
        Role = row.GetString(15),
        IsOwner = row.GetBoolean(16),
        MayMaintain = row.GetBoolean(17),
        ReachesSchema = row.GetBoolean(18),
        Owner = row.GetString(19),
        User = row.GetString(20),
        QuotedSchema = row.GetString(21),
        QualifiedName = row.GetString(22),
        WorkedOnBy = row.IsDBNull(23) ? null : row.GetInt32(23),
        OwnerIsPowerful = row.GetBoolean(24),
    };
}
