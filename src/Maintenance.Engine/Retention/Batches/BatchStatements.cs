namespace Maintenance.Engine.Retention;

/// <summary>
/// The statements that take a batch of rows. One statement deletes rows and writes them to the archive, so that a row which somebody
/// changes meanwhile goes in its newest version or stays. Pure.
/// </summary>
/// <remarks>
/// Parameters are the same for all of them: $1 the first time, $2 the end, which does not belong to it, both as text; $3 how many rows;
/// $4 the secret that pseudonyms are made from; $5 how many rows to pass over, or the first block; $6 the block after the last.
/// Each gives one row: rows that left, rows that arrived as they should, bytes, checksum of what left and of what arrived, the time that
/// the batch ended before (null: there was no more), and how many rows it chose (null: all in the range).
/// </remarks>
internal sealed class BatchStatements
{
    private readonly RetentionStatements _statements;
    private readonly RetentionAction _action;
    private readonly PolicyFacts _facts;
    private readonly bool _verify;

    public BatchStatements(RetentionStatements statements, RetentionAction action, PolicyFacts facts, bool verify)
    {
        (_statements, _action, _facts, _verify) = (statements, action, facts, verify);
        Range = OfRange(skipLocked: false);
        RangeOfFree = OfRange(skipLocked: true);
        Ties = OfTies(skipLocked: false);
        TiesOfFree = OfTies(skipLocked: true);
        Blocks = OfBlocks(skipLocked: false);
        BlocksOfFree = OfBlocks(skipLocked: true);
    }

    /// <summary>As many rows as $3 says, in the order of their time from $1 on.</summary>
    public string Range { get; }

    /// <summary>The same without rows that somebody has locked.</summary>
    public string RangeOfFree { get; }

    /// <summary>Rows whose time is exactly $1.</summary>
    public string Ties { get; }

    /// <summary>The same without rows that somebody has locked.</summary>
    public string TiesOfFree { get; }

    /// <summary>The rows in some blocks of the table, or of each of its partitions, whose time is before $2.</summary>
    public string Blocks { get; }

    /// <summary>The same without rows that somebody has locked.</summary>
    public string BlocksOfFree { get; }

    /// <summary>The first time after $1 and before $2, as text. The order is that of the column: its bare name would mean the text.</summary>
    public string After =>
        $"SELECT {Time}::text FROM {Table} WHERE {Time} > $1::{Type} AND {Time} < $2::{Type} ORDER BY {Table}.{Time} LIMIT 1";

    /// <summary>How many rows are still due before $1, and the first of their times as text.</summary>
    public string Remainder =>
        $"SELECT count(*), min({Time})::text FROM {Table} WHERE {Time} > '-infinity' AND {Time} < $1::{Type}{Open}";

    private string Table => _statements.Table;

    private string Time => _statements.Time;

    private string Type => _statements.TimeType;

    /// <summary>What keeps a row from being taken whatever its time is.</summary>
    private string Open => $"{_statements.NotHeld}{_statements.NotDone}";

    private string OfRange(bool skipLocked)
    {
        var range = $"{Time} > '-infinity' AND {Time} >= $1::{Type} AND {Time} < ";
        var bound = $"bound AS (\n    SELECT {Time} AS at FROM {Table}\n    WHERE {range}$2::{Type}\n    ORDER BY {Time} OFFSET $3::bigint LIMIT 1)";
        var condition = $"{range}COALESCE((SELECT at FROM bound), $2::{Type}){Open}";
        return skipLocked
            ? Take($"{bound},\n{Picked(condition, "", skipLocked)},\n", Chosen(condition), "(SELECT at::text FROM bound)", PickedCount)
            : Take($"{bound},\n", condition, "(SELECT at::text FROM bound)", "NULL::bigint");
    }

    private string OfTies(bool skipLocked)
    {
        var condition = $"{Time} = $1::{Type}{Open}";
        return Take($"{Picked(condition, " OFFSET $5::bigint LIMIT $3::bigint", skipLocked)},\n", Chosen(condition), "NULL::text", PickedCount);
    }

    private string OfBlocks(bool skipLocked)
    {
        var condition = $"ctid >= format('(%s,0)', $5::bigint)::tid AND ctid < format('(%s,0)', $6::bigint)::tid AND {Time} > '-infinity' AND {Time} < $2::{Type}{Open}";
        return skipLocked
            ? Take($"{Picked(condition, "", skipLocked)},\n", Chosen(condition), "NULL::text", PickedCount)
            : Take("", condition, "NULL::text", "NULL::bigint");
    }

    private const string PickedCount = "(SELECT count(*) FROM picked)";

    private string Picked(string condition, string limit, bool skipLocked) =>
        $"picked AS MATERIALIZED (\n    SELECT tableoid AS part, ctid AS place FROM {Table}\n    WHERE {condition}{limit}{(skipLocked ? " FOR UPDATE SKIP LOCKED" : "")})";

    // Rows of two partitions may have the same place.
    private string Chosen(string condition) => _facts.Table.IsPartitioned
        ? $"(tableoid, ctid) IN (SELECT part, place FROM picked) AND {condition}"
        : $"ctid = ANY (ARRAY(SELECT place FROM picked)) AND {condition}";

    private string Take(string before, string condition, string reached, string chosen)
    {
        var (with, left, arrived, bytes, before1, after1) = _action switch
        {
            RetentionAction.ArchiveToTable => Archive(condition),
            RetentionAction.Anonymise => Anonymise(condition),
            RetentionAction.Delete => Delete(condition),
            // Rows that go to a store are not taken by one statement.
            _ => ("", "0", "0", "NULL", "NULL", "NULL"),
        };
        return $"WITH {before}{with}\nSELECT {left}, {arrived}, ({bytes})::bigint, ({before1})::text, ({after1})::text, {reached}, {chosen}";
    }

    private (string With, string Left, string Arrived, string Bytes, string Before, string After) Delete(string condition) => _verify
        ? ($"gone AS (\n    DELETE FROM {Table}\n    WHERE {condition}\n    RETURNING {Time} > '-infinity' AND {Time} < $2::{Type} AS past, {Bytes} AS bytes, {Digest(_facts.Table.Columns.Select(column => column.QuotedName))} AS digest)",
            "(SELECT count(*) FROM gone)", "(SELECT count(*) FILTER (WHERE past) FROM gone)", Sum("bytes"), Sum("digest"), "NULL")
        : ($"gone AS (\n    DELETE FROM {Table}\n    WHERE {condition}\n    RETURNING 1)", "(SELECT count(*) FROM gone)", "(SELECT count(*) FROM gone)", "NULL", "NULL", "NULL");

    // The row as it is afterwards, triggers included, must need nothing any more.
    private (string With, string Left, string Arrived, string Bytes, string Before, string After) Anonymise(string condition)
    {
        var update = $"gone AS (\n    UPDATE {Table}\n    SET {string.Join(", ", _statements.Overwritten.Select(column => column.Set))}\n    WHERE {condition}\n    RETURNING ";
        return _verify
            ? ($"{update}({_statements.Needed}) IS NOT TRUE AS past, {Bytes} AS bytes, {Digest(_facts.Table.Columns.Select(column => column.QuotedName))} AS digest)",
                "(SELECT count(*) FROM gone)", "(SELECT count(*) FILTER (WHERE past) FROM gone)", Sum("bytes"), Sum("digest"), "NULL")
            : ($"{update}1)", "(SELECT count(*) FROM gone)", "(SELECT count(*) FROM gone)", "NULL", "NULL", "NULL");
    }

    private (string With, string Left, string Arrived, string Bytes, string Before, string After) Archive(string condition)
    {
        var columns = _statements.Columns;
        var overriding = _facts.Archive!.Columns.Any(column => column.IsIdentityAlways) ? " OVERRIDING SYSTEM VALUE" : "";
        var with = $"gone AS (\n    DELETE FROM {Table}\n    WHERE {condition}\n    RETURNING {columns}),\nkept AS (\n    INSERT INTO {_facts.Archive.QuotedName} ({columns}){overriding}\n    SELECT {columns} FROM gone\n    RETURNING {(_verify ? columns : "1")})";
        return _verify
            ? (with, "(SELECT count(*) FROM gone)", "(SELECT count(*) FROM kept)", "SELECT sum(pg_column_size(gone.*)) FROM gone", DigestOf("gone", _ => false), DigestOf("kept", IsOtherType))
            : (with, "(SELECT count(*) FROM gone)", "(SELECT count(*) FROM kept)", "NULL", "NULL", "NULL");
    }

    private string Bytes => $"pg_column_size({_facts.Table.QuotedRelation}.*)";

    private static string Sum(string column) => $"SELECT sum({column}) FROM gone";

    private static string Digest(IEnumerable<string> columns) => $"hashtextextended(ROW({string.Join(", ", columns)})::text, 0)";

    // What the archive holds in a wider type must come out the same in the narrower one.
    private string DigestOf(string rows, Func<ColumnFacts, bool> isOther) =>
        $"SELECT sum({Digest(_facts.Table.Columns.Select(column => isOther(column) ? $"{column.QuotedName}::{column.Type}" : column.QuotedName))}) FROM {rows}";

    private bool IsOtherType(ColumnFacts column) => _facts.Archive!.Columns.FirstOrDefault(to => to.Name == column.Name) is { } other && other.Type != column.Type;
}
