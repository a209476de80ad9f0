using System.Globalization;

namespace Maintenance.Engine.Retention;

/// <summary>The statements that move partitions. All names and bounds in them were written by the server. Pure.</summary>
/// <param name="facts">The policy's table, and the archive.</param>
/// <param name="rows">The statements on rows.</param>
internal sealed class PartitionStatements(PolicyFacts facts, RetentionStatements rows)
{
    /// <summary>
    /// Lets the server compare bounds: which partitions end before the cut-off, for which the archive has a partition already, which
    /// are the oldest, and which one the cut-off lies in, and when that begins (in microseconds). An end that is null is none. Partitions: $1 begin, $2 end, $3 whether no row has the end itself; the archive's: $4, $5, $6; $7 the cut-off
    /// </summary>
    public string Compare =>
        $"""
        SELECT COALESCE(p.upper::{rows.TimeType} < $7::{rows.TimeType} OR (p.upper::{rows.TimeType} = $7::{rows.TimeType} AND p.exact), false),
               EXISTS (
                   SELECT
                   FROM ROWS FROM (unnest($4::text[]), unnest($5::text[]), unnest($6::boolean[])) AS a (lower, upper, exact)
                   WHERE (a.lower IS NULL OR p.upper IS NULL OR a.lower::{rows.TimeType} < p.upper::{rows.TimeType} OR (a.lower::{rows.TimeType} = p.upper::{rows.TimeType} AND NOT p.exact))
                     AND (p.lower IS NULL OR a.upper IS NULL OR p.lower::{rows.TimeType} < a.upper::{rows.TimeType} OR (p.lower::{rows.TimeType} = a.upper::{rows.TimeType} AND NOT a.exact))),
               row_number() OVER (ORDER BY p.lower::{rows.TimeType} NULLS FIRST),
               COALESCE(p.lower::{rows.TimeType} < $7::{rows.TimeType}, true) AND NOT COALESCE(p.upper::{rows.TimeType} < $7::{rows.TimeType} OR (p.upper::{rows.TimeType} = $7::{rows.TimeType} AND p.exact), false),
               CASE WHEN p.lower::{rows.TimeType} > '-infinity' AND p.lower::{rows.TimeType} < $7::{rows.TimeType} THEN (extract(epoch FROM p.lower::{rows.TimeType}) * 1000000)::bigint END
        FROM ROWS FROM (unnest($1::text[]), unnest($2::text[]), unnest($3::boolean[])) WITH ORDINALITY AS p (lower, upper, exact, number)
        ORDER BY p.number
        """;

    // A time that is null makes it null: then the row must stay as well.
    private string MustStay => $"({rows.Time} > '-infinity' AND {rows.Time} < $1::{rows.TimeType}{rows.NotHeld}) IS NOT TRUE";

    /// <summary>Takes a partition out of its table.</summary>
    public static string Detach(string table, string partition, bool concurrently) => $"ALTER TABLE {table} DETACH PARTITION {partition}{(concurrently ? " CONCURRENTLY" : "")}";

    /// <summary>Ends what a DETACH CONCURRENTLY has begun.</summary>
    public static string Complete(string table, string partition) => $"ALTER TABLE {table} DETACH PARTITION {partition} FINALIZE";

    /// <summary>Makes a table a partition.</summary>
    public static string Attach(string table, string partition, string bound) => $"ALTER TABLE {table} ATTACH PARTITION {partition} {bound}";

    /// <summary>Nobody reads or writes it until we are done.</summary>
    public static string Lock(string partition) => $"LOCK TABLE {partition} IN ACCESS EXCLUSIVE MODE";

    /// <summary>Puts a detached partition where its rows belong.</summary>
    public string Place(string partition, string bound) => facts.Archive is { } archive ? Attach(archive.QuotedName, partition, bound) : $"DROP TABLE {partition}";

    /// <summary>Whether a partition has a row that must stay. $1 the cut-off</summary>
    public string HasStaying(string partition) => $"SELECT EXISTS (SELECT FROM {partition} AS {facts.Table.QuotedRelation} WHERE {MustStay})";

    /// <summary>The rows of a partition, and those that must stay. $1 the cut-off</summary>
    public string Count(string partition) => $"SELECT count(*), count(*) FILTER (WHERE {MustStay}) FROM {partition} AS {facts.Table.QuotedRelation}";

    /// <summary>Rows and a checksum of a partition that does not depend on their order.</summary>
    public string Checksum(string partition) => $"SELECT count(*), {Sum} FROM {partition}";

    /// <summary>The same, seen through the archive.</summary>
    public string ArchivedChecksum(PartitionMove move)
    {
        // The range lets the server leave the archive's other partitions alone.
        var bound = PartitionBound.Parse(move.Bound);
        var lower = bound?.Lower is { } first ? $" AND {rows.Time} >= '{first.Replace("'", "''", StringComparison.Ordinal)}'::{rows.TimeType}" : "";
        var upper = bound?.Upper is { } last ? $" AND {rows.Time} <= '{last.Replace("'", "''", StringComparison.Ordinal)}'::{rows.TimeType}" : "";
        return string.Create(CultureInfo.InvariantCulture, $"SELECT count(*), {Sum} FROM {facts.Archive!.QuotedName} WHERE tableoid = {move.PartitionOid}{lower}{upper}");
    }

    private string Sum => $"COALESCE(sum(hashtextextended(ROW({rows.Columns})::text, 0)::numeric), 0)::text";
}
