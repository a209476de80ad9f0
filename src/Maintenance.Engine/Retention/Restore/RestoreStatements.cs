using System.Globalization;

namespace Maintenance.Engine.Retention;

/// <summary>A unique key of a table, its columns by name.</summary>
internal sealed record UniqueKey(string QuotedName, IReadOnlyList<string> Columns);

/// <summary>The statements that bring rows back. Their names were quoted by the server, values are parameters. Pure.</summary>
internal static class RestoreStatements
{
    /// <summary>The table that a file is read into before anything of it is believed; it goes with the transaction.</summary>
    public const string Staging = "pg_temp.maintenance_restore";

    /// <summary>Reads a file.</summary>
    public const string Copy = $"COPY {Staging} FROM STDIN (FORMAT csv, HEADER true, ENCODING 'UTF8')";

    /// <summary>Columns of the staging table are numbered: nothing of a manifest becomes part of a statement.</summary>
    public static string StagingColumn(int index) => string.Create(CultureInfo.InvariantCulture, $"c{index + 1}");

    /// <summary>Makes the staging table.</summary>
    /// <param name="types">The types of its columns, as the server names them.</param>
    public static string CreateStaging(IEnumerable<string> types) =>
        $"CREATE TEMPORARY TABLE {Staging[8..]} ({string.Join(", ", types.Select((type, index) => $"{StagingColumn(index)} {type}"))}) ON COMMIT DROP";

    /// <summary>
    /// Files of an archive that hold rows of a time, in their order, whether all of those are on record as restored, and
    /// whether its times are in order. $1 numbers, $2
    /// oldest and $3 newest times, $4 and $5 the range, $6 the archive, $7 the destination
    /// </summary>
    /// <param name="type">The type of times.</param>
    /// <param name="hasRecord">Whether there is a record to look into.</param>
    public static string SelectParts(string type, bool hasRecord) =>
        $"""
        SELECT part.number, {(hasRecord ? $"""
        EXISTS (
                SELECT FROM maintenance.archive_restores AS earlier
                WHERE earlier.archive_id = $6::uuid AND earlier.part_number = part.number AND earlier.destination = $7::text
                  AND (earlier.from_time IS NULL OR earlier.from_time::{type} <= GREATEST(part.oldest::{type}, $4::{type}))
                  AND (earlier.to_time IS NULL OR earlier.to_time::{type} > part.newest::{type} OR earlier.to_time::{type} >= $5::{type}))
        """ : "FALSE AND ($6::uuid, $7::text) IS NULL")},
            part.oldest::{type} <= part.newest::{type}
        FROM ROWS FROM (unnest($1::integer[]), unnest($2::text[]), unnest($3::text[])) AS part (number, oldest, newest)
        WHERE ($4::text IS NULL OR part.newest::{type} >= $4::{type}) AND ($5::text IS NULL OR part.oldest::{type} < $5::{type})
        ORDER BY part.number
        """.ReplaceLineEndings("\n");

    /// <summary>How many rows the staging table holds, and their checksum as it was computed when they left.</summary>
    public static string CountStaging(int columns) =>
        $"SELECT count(*), {Checksum(Enumerable.Range(0, columns).Select(StagingColumn))} FROM {Staging}";

    /// <summary>
    /// The rows of a file that are wanted and were not restored before, under the name <c>wanted</c>. $1 and $2 the range, $3 the
    /// archive, $4 the number of the part, $5 the destination, $6 whether what is on record as restored counts
    /// </summary>
    public static string Wanted(string time, string timeType) =>
        $"""
        (SELECT * FROM {Staging} AS archived
            WHERE ($1::text IS NULL OR archived.{time} >= $1::{timeType}) AND ($2::text IS NULL OR archived.{time} < $2::{timeType})
              AND NOT EXISTS (
                SELECT FROM maintenance.archive_restores AS earlier
                WHERE $6::boolean AND earlier.archive_id = $3::uuid AND earlier.part_number = $4::integer AND earlier.destination = $5::text
                  AND (earlier.from_time IS NULL OR archived.{time} >= earlier.from_time::{timeType})
                  AND (earlier.to_time IS NULL OR archived.{time} < earlier.to_time::{timeType}))) AS wanted
        """.ReplaceLineEndings("\n");

    /// <summary>Brings back the wanted rows of a file, and tells how many, and the checksum of what the table holds of them. Parameters as for <see cref="Wanted"/></summary>
    public static string FromFile(TableFacts destination, ColumnMap map, string wanted, bool skipExisting) =>
        $"""
        WITH back AS (
            INSERT INTO {destination.QuotedName} ({Into(map)}){Overriding(map)}
            SELECT {string.Join(", ", map.Columns.Select(column => column.Value("wanted.")))}
            FROM {wanted}{(skipExisting ? "\n    ON CONFLICT DO NOTHING" : "")}
            RETURNING {Into(map)})
        SELECT count(*), {Checksum(map.Columns.Select(column => $"back.{column.To.QuotedName}"))} FROM back
        """.ReplaceLineEndings("\n");

    /// <summary>How many rows of a file are wanted, and the checksum of what the table shall hold of them. Parameters as for <see cref="Wanted"/></summary>
    public static string CountWanted(ColumnMap map, string wanted, bool verify) =>
        $"SELECT count(*), {(verify ? Checksum(map.Columns.Select(column => column.Stored("wanted."))) : "NULL::text")} FROM {wanted}";

    /// <summary>
    /// One batch out of an archive table: the statement that deletes a row is the one that inserts it, so it is in one of the two at any
    /// time. Counts what left and what arrived, with checksums. $1, $2 the range of the batch
    /// </summary>
    public static string FromTable(TableFacts archive, string time, string timeType, TableFacts destination, ColumnMap map, IReadOnlyList<UniqueKey> keys, bool verify) =>
        $"""
        WITH gone AS (
            DELETE FROM {archive.QuotedName}
            WHERE {InRange(time, timeType)}{string.Concat(keys.Select(key => Without(key, archive, destination, map)))}
            RETURNING {string.Join(", ", map.Columns.Select(column => $"{archive.QuotedRelation}.{column.From.Expression}"))}),
        back AS (
            INSERT INTO {destination.QuotedName} ({Into(map)}){Overriding(map)}
            SELECT {string.Join(", ", map.Columns.Select(column => column.Value("gone.")))} FROM gone
            RETURNING {Into(map)})
        SELECT (SELECT count(*) FROM gone), (SELECT count(*) FROM back),
            {(verify ? $"(SELECT {Checksum(map.Columns.Select(column => column.Stored("gone.")))} FROM gone)" : "NULL::text")},
            {(verify ? $"(SELECT {Checksum(map.Columns.Select(column => $"back.{column.To.QuotedName}"))} FROM back)" : "NULL::text")}
        """.ReplaceLineEndings("\n");

    /// <summary>Rows of a range of an archive table. $1, $2 the range</summary>
    public static string InRange(string time, string timeType) => $"{time} > '-infinity' AND {time} >= $1::{timeType} AND {time} < $2::{timeType}";

    // The sum does not depend on the order of rows, and unlike XOR it sees a row that is there twice.
    private static string Checksum(IEnumerable<string> values) => $"COALESCE(sum(hashtextextended(ROW({string.Join(", ", values)})::text, 0)), 0)::text";

    private static string Into(ColumnMap map) => string.Join(", ", map.Columns.Select(column => column.To.QuotedName));

    private static string Overriding(ColumnMap map) => map.Columns.Any(column => column.To.IsIdentityAlways) ? " OVERRIDING SYSTEM VALUE" : "";

    private static string Without(UniqueKey key, TableFacts archive, TableFacts destination, ColumnMap map)
    {
        var columns = key.Columns.Select(name => map.Columns.FirstOrDefault(column => column.To.Name == name)).ToList();
        // A column that does not come back gets a value of its own.
        return columns.Contains(null) ? "" :
            $"\n      AND NOT EXISTS (SELECT FROM {destination.QuotedName} AS maintenance_present WHERE {string.Join(" AND ", columns.Select(column => $"maintenance_present.{column!.To.QuotedName} = {column.Stored($"{archive.QuotedRelation}.")}"))})";
    }
}
