namespace Maintenance.Engine.Retention;

/// <summary>A table as a policy sees it, its names quoted by the server.</summary>
internal sealed record TableFacts
{
    public required long Oid { get; init; }

    public required string QuotedName { get; init; }

    /// <summary>Its name without the schema, by which its own rows are called in a statement on it.</summary>
    public required string QuotedRelation { get; init; }

    public required string Schema { get; init; }

    public required string Name { get; init; }

    /// <summary>relkind: r table, p partitioned table, others cannot be used.</summary>
    public required char Kind { get; init; }

    public required bool HidesRows { get; init; }

    public required bool HasRules { get; init; }

    public required bool HasChildren { get; init; }

    public required bool IsOfTheSystem { get; init; }

    public required bool IsOurs { get; init; }

    public required bool MaySelect { get; init; }

    public required bool MayDelete { get; init; }

    public required bool MayInsert { get; init; }

    public required bool MayUpdate { get; init; }

    public required string QuotedRole { get; init; }

    public required IReadOnlyList<ColumnFacts> Columns { get; init; }

    public IReadOnlyList<TriggerFacts> Triggers { get; init; } = [];

    public bool IsPartitioned => Kind == 'p';
}

/// <summary>A column of a table.</summary>
internal sealed record ColumnFacts(
    string Name, string QuotedName, string Type, bool IsNotNull, bool HasDefault, bool IsGenerated, bool IsIdentityAlways, long TypeOid, int TypeModifier, bool IsText);

/// <summary>A trigger that runs in our session.</summary>
internal sealed record TriggerFacts(string QuotedName, bool IsBeforeRow, bool OnInsert, bool OnDelete, bool OnUpdate);

/// <summary>A foreign key of another table that refers to this one.</summary>
/// <param name="QuotedTable">The other table.</param>
/// <param name="QuotedName">The constraint.</param>
/// <param name="OnDelete">confdeltype: a no action, r restrict, c cascade, n set null, d set default.</param>
/// <param name="IsIndexed">Whether the other table has an index for it.</param>
/// <param name="QuotedColumns">Its columns.</param>
internal sealed record ReferringTable(string QuotedTable, string QuotedName, char OnDelete, bool IsIndexed, string QuotedColumns);

/// <summary>The time column of a policy.</summary>
internal sealed record TimeColumnFacts(int Number, string QuotedName, string Type, TimeKind? Kind);

/// <summary>Everything that is known of a policy's table, and of the table that its rows move to.</summary>
internal sealed record PolicyFacts
{
    public required TableFacts Table { get; init; }

    /// <summary>Null if there is no such column.</summary>
    public required TimeColumnFacts? Time { get; init; }

    /// <summary>The server's clock.</summary>
    public required DateTimeOffset ServerTime { get; init; }

    public required int MajorVersion { get; init; }

    public required string ServerVersion { get; init; }

    public required string Database { get; init; }

    public IReadOnlyList<string> TimeIndexes { get; init; } = [];

    public IReadOnlyList<ReferringTable> ReferringTables { get; init; } = [];

    /// <summary>The archive table; null for other actions.</summary>
    public TableFacts? Archive { get; init; }

    /// <summary>Pairs of different types, from the table's to the archive's, between which nothing is lost.</summary>
    public IReadOnlySet<(long Source, long Destination)> LosslessCasts { get; init; } = new HashSet<(long, long)>();
}
