using Maintenance.Engine.Database;
using Maintenance.Engine.Inspect;

namespace Maintenance.Engine.Performance.Indexes;

/// <summary>Reads what is known of the tables that plans read.</summary>
internal sealed class TableReader(DatabaseSession session)
{
    /// <summary>The tables by the schema and name that plans call them; a partition leads to its root. What lies in system schemas is left out.</summary>
    public async Task<IReadOnlyDictionary<(string Schema, string Name), IndexedTable>> ReadAsync(
        IReadOnlyCollection<(string Schema, string Name)> names, IndexFacts facts, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var found = await session.QueryAsync(
            "Performance/Indexes/Sql/PlannedTables.sql",
            row => (Name: (row.GetString(0), row.GetString(1)), Table: new IndexedTable
            {
                Oid = row.GetInt64(2),
                Schema = row.GetString(3),
                Name = row.GetString(4),
                IsPartitioned = row.GetBoolean(5),
                Pages = row.GetDouble(6),
                VisiblePages = row.GetDouble(7),
                Rows = row.GetDouble(8),
            }, Part: row.GetBoolean(9) ? (Pages: row.GetDouble(10), Visible: row.GetDouble(11), Rows: row.GetDouble(12)) : ((double Pages, double Visible, double Rows)?)null),
            cancellationToken,
            names.Select(name => name.Schema).ToArray(),
            names.Select(name => name.Name).ToArray());
        var columns = await ReadColumnsAsync([.. found.Select(row => row.Table.Oid).Distinct()], cancellationToken);
        var tables = found.DistinctBy(row => row.Table.Oid).ToDictionary(row => row.Table.Oid, row => Complete(row.Table, columns[row.Table.Oid], facts, now));
        return found.ToDictionary(row => row.Name, row => tables[row.Table.Oid] is var whole && row.Part is { } part
            ? whole with { Pages = part.Pages, VisiblePages = part.Visible, Rows = part.Rows, Whole = whole }
            : tables[row.Table.Oid]);
    }

    /// <summary>The same tables, with how many rows meet conditions that stand in plans with their values.</summary>
    public async Task<IReadOnlyDictionary<(string Schema, string Name), IndexedTable>> WithSharesAsync(
        IReadOnlyDictionary<(string Schema, string Name), IndexedTable> tables, IEnumerable<PlanNode> scans, CancellationToken cancellationToken)
    {
        var wanted = scans
            .Where(scan => scan is { Schema: not null, Relation: not null })
            .SelectMany(scan => scan.Conditions.Select(condition => (Table: tables.GetValueOrDefault((scan.Schema!, scan.Relation!)), Condition: condition, Word: IndexCandidates.WordIn(condition))))
            .Where(one => one is { Table: not null, Word: not null, Condition.Left.Column: not null })
            .Select(one => (one.Table!.Oid, Column: one.Condition.Left!.Column!, Word: one.Word!, Sql: one.Condition.Constant!))
            .Distinct()
            .ToList();
        if (wanted.Count == 0)
        {
            return tables;
        }

        var shares = await session.QueryAsync(
            "Performance/Indexes/Sql/ValueShares.sql",
            row => (One: wanted[row.GetInt32(0) - 1], Share: row.IsDBNull(1) ? (double?)null : row.GetDouble(1)),
            cancellationToken,
            wanted.Select(one => one.Oid).ToArray(),
            wanted.Select(one => one.Column).ToArray(),
            wanted.Select(one => one.Word).ToArray());
        var known = shares.Where(one => one.Share is not null).ToLookup(one => one.One.Oid, one => (one.One.Sql, Share: one.Share!.Value));
        IndexedTable With(IndexedTable table) => table with
        {
            ValueShares = known[table.Oid].ToDictionary(one => one.Sql, one => one.Share, StringComparer.Ordinal),
            Whole = table.Whole is { } whole ? With(whole) : null,
        };
        return tables.ToDictionary(pair => pair.Key, pair => With(pair.Value));
    }

    private static IndexedTable Complete(IndexedTable table, IEnumerable<TableColumn> columns, IndexFacts facts, DateTimeOffset now)
    {
        var parts = facts.Tables.Values.Where(fact => fact.Oid == table.Oid || (table.IsPartitioned && Root(fact, facts) == table.Oid)).ToList();
        var age = now - facts.StatisticsSince;
        double? PerDay(long count) => age >= IndexDraft.ShortestRateWindow ? count / age.Value.TotalDays : null;
        return table with
        {
            Columns = columns.ToDictionary(column => column.Name, StringComparer.Ordinal),
            Bytes = parts.Sum(part => part.SizeBytes ?? 0),
            Indexes = [.. facts.Indexes.Where(index => index.TableOid == table.Oid && index.IsUsable)],
            WritesPerDay = PerDay(parts.Sum(part => part.IndexWrites)),
            HotUpdatesPerDay = PerDay(parts.Sum(part => part.HotUpdated)),
        };
    }

    private static long Root(TableFact table, IndexFacts facts)
    {
        while (table.ParentOid is { } parent && facts.Tables.TryGetValue(parent, out var above))
        {
            table = above;
        }

        return table.Oid;
    }

    private async Task<ILookup<long, TableColumn>> ReadColumnsAsync(long[] tables, CancellationToken cancellationToken)
    {
        var rows = await session.QueryAsync(
            "Performance/Indexes/Sql/PlannedColumns.sql",
            row => (Table: row.GetInt64(0), Column: new TableColumn
            {
                Number = row.GetInt16(1),
                Name = row.GetString(2),
                Sql = row.GetString(3),
                Type = row.GetString(4),
                Collation = row.GetInt64(5),
                OperatorClass = row.IsDBNull(6) ? null : row.GetInt64(6),
                NullShare = row.IsDBNull(7) ? null : row.GetDouble(7),
                Distinct = row.IsDBNull(8) ? null : row.GetDouble(8),
                Correlation = row.IsDBNull(9) ? 0 : row.GetDouble(9),
                Width = !row.IsDBNull(10) ? row.GetInt32(10) : row.GetInt32(13) is > 0 and var length ? length : 32,
                TrueShare = row.GetString(4) == "boolean" && !row.IsDBNull(11) && !row.IsDBNull(12) ? True(row.GetString(11), row.GetFieldValue<double[]>(12)) : null,
            }),
            cancellationToken,
            tables);
        return rows.ToLookup(row => row.Table, row => row.Column);
    }

    // {t,f} and {0.9,0.1}
    private static double? True(string values, double[] shares)
    {
        var at = Array.IndexOf(values.Trim('{', '}').Split(','), "t");
        return at >= 0 && at < shares.Length ? shares[at] : 0;
    }
}
