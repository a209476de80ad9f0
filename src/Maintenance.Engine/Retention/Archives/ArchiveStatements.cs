using Maintenance.Engine.Database;

namespace Maintenance.Engine.Retention;

/// <summary>
/// The statements that take rows into files. As in <see cref="RetentionStatements"/> names were quoted by the server and the legal hold
/// was read as one closed expression. Pure.
/// </summary>
/// <remarks>
/// Parameters are text: $1 the first time of a range, $2 its end, $3 and $4 the first row position and the end where it goes by pages.
/// COPY takes no parameters: there the same stand in settings of the transaction.
/// </remarks>
internal sealed class ArchiveStatements
{
    /// <summary>Rows that were taken first, of this session alone.</summary>
    public const string Taken = "pg_temp.maintenance_taken";

    /// <summary>Rows that were read back from the store, of this session alone.</summary>
    public const string Proof = "pg_temp.maintenance_proof";

    private const string Format = "(FORMAT csv, HEADER, ENCODING 'UTF8')";

    private readonly RetentionStatements _statements;
    private readonly string _columns;
    private readonly string _version;
    private readonly string _checksum;

    public ArchiveStatements(RetentionStatements statements, PolicyFacts facts)
    {
        _statements = statements;
        _columns = statements.Columns;
        // A version of a row is where it lies and who wrote it: nobody changes a row without changing one of them.
        _version = facts.MajorVersion >= 14
            ? "hash_record_extended(ROW(tableoid, ctid, xmin), 0)"
            : "hashtextextended(tableoid::text || ctid::text || xmin::text, 0)";
        _checksum = $"COALESCE(sum(hashtextextended(ROW({_columns})::text, 0)), 0)::text";
    }

    /// <summary>Puts a range where COPY finds it, until the transaction ends.</summary>
    public static string SetRange =>
        "SELECT set_config('maintenance.from', $1, true), set_config('maintenance.to', $2, true), set_config('maintenance.first_row', $3, true), set_config('maintenance.end_row', $4, true)";

    /// <summary>Makes a table of this session with the columns of the archived one.</summary>
    public string MakeTable(string name) => $"CREATE TEMPORARY TABLE IF NOT EXISTS {name} (LIKE {_statements.Table})";

    /// <summary>The first time of all, as text. $1, $2 the range</summary>
    public string First => $"SELECT {_statements.Time}::text{FromRange(">=")} LIMIT 1";

    /// <summary>The time of the row after so many, as text; nothing where there are fewer. $1, $2 the range, $3 how many</summary>
    public string Bound => $"SELECT {_statements.Time}::text{FromRange(">=")} OFFSET $3::bigint LIMIT 1";

    /// <summary>The first time after the range's own. $1, $2 the range</summary>
    public string NextTime => $"SELECT {_statements.Time}::text{FromRange(">")} LIMIT 1";

    /// <summary>How many rows a range has, and on which pages they lie. $1, $2 the range</summary>
    public string Pages =>
        $"SELECT count(*), min(page), max(page)\nFROM (SELECT (ctid::text::point)[0]::bigint AS page FROM {_statements.Table} WHERE {Condition("$1", "$2")}) AS due";

    /// <summary>What a range holds: how many rows, which versions of them, the first and the last time, and on request their checksum.</summary>
    public string Summary(bool byPages, bool checksum) =>
        $"SELECT count(*), COALESCE(sum({_version}), 0)::text, min({_statements.Time})::text, max({_statements.Time})::text, {(checksum ? _checksum : "NULL::text")}\nFROM {_statements.Table}\nWHERE {ByParameters(byPages)}";

    /// <summary>The export of a range.</summary>
    public string Copy(bool byPages) =>
        $"COPY (SELECT {_columns}\n    FROM {_statements.Table}\n    WHERE {(byPages ? Condition(Setting("from"), Setting("to"), Setting("first_row"), Setting("end_row")) : Condition(Setting("from"), Setting("to")))})\nTO STDOUT {Format}";

    /// <summary>Deletes a range, and says how many rows that were, and which versions of them.</summary>
    public string Delete(bool byPages) =>
        $"WITH gone AS (\n    DELETE FROM {_statements.Table}\n    WHERE {ByParameters(byPages)}\n    RETURNING {_version} AS version)\nSELECT count(*), COALESCE(sum(version), 0)::text FROM gone";

    /// <summary>Moves a range into the table of rows that were taken first.</summary>
    public string Take(bool byPages) =>
        $"WITH gone AS (\n    DELETE FROM {_statements.Table}\n    WHERE {ByParameters(byPages)}\n    RETURNING {_columns})\nINSERT INTO {Taken} ({_columns})\nSELECT {_columns} FROM gone";

    /// <summary>What the table of taken rows holds.</summary>
    public string SummaryOfTaken =>
        $"SELECT count(*), NULL::text, min({_statements.Time})::text, max({_statements.Time})::text, {_checksum}\nFROM {Taken}";

    /// <summary>The export of rows that were taken first.</summary>
    public string CopyTaken => $"COPY {Taken} ({_columns}) TO STDOUT {Format}";

    /// <summary>Loads a file that was read back.</summary>
    public string LoadProof => $"COPY {Proof} ({_columns}) FROM STDIN {Format}";

    /// <summary>What a file holds that was read back.</summary>
    public string SummaryOfProof => $"SELECT count(*), {_checksum} FROM {Proof}";

    /// <summary>What a part takes, in this order, for people to read.</summary>
    public IReadOnlyList<string> Plan(bool byPages) => [Copy(byPages), Delete(byPages), SqlText.Read("Retention/Sql/RecordPart.sql").TrimEnd()];

    // By itself a name in ORDER BY means what is selected, which is text here: it would be sorted, and by a language's rules.
    private string FromRange(string above) =>
        $" FROM {_statements.Table} WHERE {_statements.Time} > '-infinity' AND {_statements.Time} {above} $1::{_statements.TimeType} AND {_statements.Time} < $2::{_statements.TimeType} ORDER BY {_statements.Table}.{_statements.Time}";

    private string ByParameters(bool byPages) => byPages ? Condition("$1", "$2", "$3", "$4") : Condition("$1", "$2");

    private string Condition(string from, string to) =>
        $"{_statements.Time} > '-infinity' AND {_statements.Time} >= {from}::{_statements.TimeType} AND {_statements.Time} < {to}::{_statements.TimeType}{_statements.NotHeld}";

    private string Condition(string from, string to, string first, string end) =>
        $"ctid >= {first}::tid AND ctid < {end}::tid AND {Condition(from, to)}";

    private static string Setting(string name) => $"current_setting('maintenance.{name}')";
}
