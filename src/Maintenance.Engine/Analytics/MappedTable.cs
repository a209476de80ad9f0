using System.Text.RegularExpressions;
using Maintenance.Engine.Configuration;
using Maintenance.Engine.Database;
using Npgsql;

namespace Maintenance.Engine.Analytics;

/// <summary>What the catalogue says of a column. Names are as they are and as the server quotes them.</summary>
internal sealed record CatalogueColumn(string Name, string Quoted, string Category, string Type, bool Readable);

/// <summary>What the catalogue says of a table. Names are as the server quotes them.</summary>
internal sealed record CatalogueTable(
    string Quoted, string Schema, string Role, string Policy, bool SchemaUsable, bool SeesAllRows, IReadOnlyList<CatalogueColumn> Columns)
{
    /// <summary>For a view: what row security hides behind it; null for nothing.</summary>
    public HiddenRows? Behind { get; init; }

    /// <summary>A restrictive policy hides rows: another policy would not show them.</summary>
    public bool IsRestricted { get; init; }
}

/// <summary>A table behind a view of which row security hides rows. Names are as the server quotes them.</summary>
/// <param name="Table">The table.</param>
/// <param name="Reader">The role that the view reads it as.</param>
/// <param name="Policy">A name for a policy that lets it.</param>
internal sealed record HiddenRows(string Table, string Reader, string Policy);

/// <summary>A mapping that was checked against the catalogue; makes SQL texts with the server's own quoting in them.</summary>
internal sealed partial class MappedTable
{
    private readonly IReadOnlyDictionary<string, string> _names;
    private readonly IReadOnlyDictionary<string, MaintenanceException> _lacking;

    private MappedTable(IReadOnlyDictionary<string, string> names, IReadOnlyDictionary<string, MaintenanceException> lacking) =>
        (_names, _lacking) = (names, lacking);

    /// <summary>The table itself, as the server quotes it.</summary>
    public string Quoted => _names["table"];

    /// <summary>Why an optional column is not told of: MappingInvalid where there is none that fits, PermissionDenied with the GRANT; null if it is there.</summary>
    /// <param name="placeholder">What stands for it.</param>
    public MaintenanceException? Lack(string placeholder) => _lacking.GetValueOrDefault(placeholder);

    /// <summary>The same, with a constant of SQL for an optional column that is lacking.</summary>
    /// <param name="placeholder">What stands for it.</param>
    /// <param name="constant">The constant; a text of ours.</param>
    public MappedTable Or(string placeholder, string constant) =>
        _names.ContainsKey(placeholder) ? this : new(_names.Append(new(placeholder, constant)).ToDictionary(), _lacking);

    /// <summary>Names that the server has quoted already.</summary>
    /// <param name="names">The names by placeholder.</param>
    public static MappedTable Of(IReadOnlyDictionary<string, string> names) => new(names, new Dictionary<string, MaintenanceException>());

    /// <summary>Looks a table up and checks that it fits.</summary>
    /// <exception cref="MaintenanceException">MappingInvalid, naming what is wrong and what there is; PermissionDenied with the GRANT.</exception>
    public static async Task<MappedTable> OpenAsync(DatabaseSession session, TableMapping mapping, CancellationToken cancellationToken) =>
        Check(mapping, await FindAsync(session, mapping, cancellationToken));

    /// <summary>Looks several tables up that are read together, and tells what the role lacks for all of them at once.</summary>
    /// <exception cref="MaintenanceException">MappingInvalid for the first that does not fit; PermissionDenied with all GRANTs.</exception>
    public static async Task<IReadOnlyList<MappedTable>> OpenAllAsync(DatabaseSession session, IReadOnlyList<TableMapping> mappings, CancellationToken cancellationToken)
    {
        List<MappedTable> tables = [];
        List<MaintenanceException> denied = [];
        foreach (var mapping in mappings)
        {
            try
            {
                tables.Add(await OpenAsync(session, mapping, cancellationToken));
            }
            catch (MaintenanceException exception) when (exception.Code == MaintenanceErrorCode.PermissionDenied)
            {
                denied.Add(exception);
            }
        }

        return denied.Count == 0 ? tables : throw new MaintenanceException(
            MaintenanceErrorCode.PermissionDenied,
            string.Join(' ', denied.Select(exception => exception.Message)),
            AsAdministrator + string.Join(' ', denied.Select(exception => exception.Recommendation![AsAdministrator.Length..])));
    }

    /// <summary>What stands before SQL that an administrator may run as it is.</summary>
    public const string AsAdministrator = "Run as an administrator: ";

    /// <summary>The SQL that gives the role what it lacks to read a table; null if it lacks nothing, or there is no such table.</summary>
    public static async Task<string?> MissingGrantAsync(DatabaseSession session, TableMapping mapping, CancellationToken cancellationToken)
    {
        try
        {
            return await FindAsync(session, mapping, cancellationToken) is { } table ? Grant(mapping, table) : null;
        }
        catch (MaintenanceException exception) when (exception.Code == MaintenanceErrorCode.MappingInvalid)
        {
            return null;
        }
    }

    /// <summary>Checks a mapping. Pure.</summary>
    /// <param name="mapping">The mapping.</param>
    /// <param name="table">What the catalogue says; null for no such table.</param>
    public static MappedTable Check(TableMapping mapping, CatalogueTable? table)
    {
        if (table is null)
        {
            throw Invalid(
                $"The table {mapping.Table} does not exist.",
                $"Name the right table in {mapping.Setting}, as in SQL: schema-qualified or found in public, in double quotes if it has capitals or other special characters. If there is none on purpose, list {mapping.Part} in excludedComponents.");
        }

        var names = new Dictionary<string, string> { [mapping.Placeholder] = table.Quoted };
        var lacking = new Dictionary<string, MaintenanceException>();
        foreach (var column in mapping.Columns)
        {
            var found = table.Columns.FirstOrDefault(candidate => candidate.Name == column.Name);
            if (Problem(mapping, column, table, found) is { } problem)
            {
                lacking[column.Placeholder] = column.Optional ? problem : throw problem;
                continue;
            }

            // A time without zone is taken for UTC, whatever the session's time zone is.
            names[column.Placeholder] = column.Kind == ColumnKind.Time && found!.Type == "timestamp without time zone"
                ? $"({found.Quoted} AT TIME ZONE 'UTC')"
                : found!.Quoted;
        }

        return Grant(mapping, table) is { } grant
            ? throw new MaintenanceException(MaintenanceErrorCode.PermissionDenied, string.Join(' ', Denials(mapping, table)), AsAdministrator + grant)
            : new MappedTable(names, lacking);
    }

    private static IEnumerable<string> Denials(TableMapping mapping, CatalogueTable table)
    {
        if (!table.SchemaUsable || IsClosed(mapping, table))
        {
            yield return $"The role {table.Role} may not read {table.Quoted}.";
        }

        if (!table.SeesAllRows)
        {
            yield return $"Row security hides rows of {table.Quoted} from the role {table.Role}, so whatever it counts would be too low.";
        }

        if (table.Behind is { } behind)
        {
            yield return $"Row security hides rows of {behind.Table} from {behind.Reader}, as whom the view {table.Quoted} reads it, so whatever is counted would be too low.";
        }
    }

    private static MaintenanceException? Problem(TableMapping mapping, ColumnMapping column, CatalogueTable table, CatalogueColumn? found)
    {
        if (found is null)
        {
            return Invalid(
                $"The table {table.Quoted} has no column \"{column.Name}\".",
                $"Name the right column in {mapping.Setting}. {Suggestion.Sentence(column.Name, [.. table.Columns.Select(candidate => candidate.Name)])}",
                PostgresErrorCodes.UndefinedColumn);
        }

        if (!Fits(column.Kind, found))
        {
            return Invalid(
                $"The column {found.Quoted} of {table.Quoted} is of type {found.Type}, but {Wanted(column.Kind)} is needed.",
                $"Name another column in {mapping.Setting}, or a view that converts it.");
        }

        // What is needed and may not be read is told with all that is missing.
        return column.Optional && !found.Readable
            ? new MaintenanceException(
                MaintenanceErrorCode.PermissionDenied,
                $"The role {table.Role} may not read {found.Quoted} of {table.Quoted}.",
                $"{AsAdministrator}GRANT SELECT ON {table.Quoted} TO {table.Role};")
            : null;
    }

    /// <summary>Both tables' names for one text.</summary>
    public MappedTable With(MappedTable other) => new(_names.Concat(other._names.Where(pair => !_names.ContainsKey(pair.Key))).ToDictionary(), _lacking);

    /// <summary>An SQL text with the names put in, each once: what looks like a placeholder in a name stays as it is.</summary>
    /// <param name="text">The text.</param>
    public string Fill(string text) => Placeholder().Replace(text, match => _names[match.Groups[1].Value]);

    /// <summary>Reads all rows of a text in which the names are put.</summary>
    public Task<List<T>> QueryAsync<T>(
        DatabaseSession session, string sqlPath, Func<NpgsqlDataReader, T> map, CancellationToken cancellationToken, params object[] parameters) =>
        session.RunAsync(
            Fill(SqlText.Read(sqlPath)),
            rows => $"{rows.Count} row(s)",
            async (connection, token) =>
            {
                await using var command = new NpgsqlCommand(Fill(SqlText.ReadMarked(sqlPath)), connection);
                foreach (var parameter in parameters)
                {
                    command.Parameters.Add(new() { Value = parameter });
                }

                await using var reader = await command.ExecuteReaderAsync(token);
                var rows = new List<T>();
                while (await reader.ReadAsync(token))
                {
                    rows.Add(map(reader));
                }

                return rows;
            },
            cancellationToken);

    private static async Task<CatalogueTable?> FindAsync(DatabaseSession session, TableMapping mapping, CancellationToken cancellationToken)
    {
        try
        {
            var rows = await session.QueryAsync(
                "Analytics/Sql/MappedTable.sql",
                row => (
                    Table: new CatalogueTable(row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetBoolean(4), row.GetBoolean(5), [])
                    {
                        Behind = row.IsDBNull(11) ? null : new HiddenRows(row.GetString(11), row.GetString(12), row.GetString(13)),
                        IsRestricted = row.GetBoolean(14),
                    },
                    Column: new CatalogueColumn(row.GetString(6), row.GetString(7), row.GetString(8), row.GetString(9), row.GetBoolean(10))),
                cancellationToken,
                mapping.Table);
            return rows.Count == 0 ? null : rows[0].Table with { Columns = [.. rows.Select(row => row.Column)] };
        }
        catch (MaintenanceException exception) when (exception.Detail == PostgresErrorCodes.InvalidParameterValue)
        {
            throw Invalid($"\"{mapping.Table}\" is no name of a table.", $"Write it as in SQL in {mapping.Setting}: schema.table, each in double quotes if it has special characters.");
        }
    }

    private static string? Grant(TableMapping mapping, CatalogueTable table)
    {
        List<string> grants = [];
        if (!table.SchemaUsable)
        {
            grants.Add($"GRANT USAGE ON SCHEMA {table.Schema} TO {table.Role};");
        }

        if (IsClosed(mapping, table))
        {
            grants.Add($"GRANT SELECT ON {table.Quoted} TO {table.Role};");
        }

        if (!table.SeesAllRows)
        {
            grants.Add(table.IsRestricted
                ? $"ALTER ROLE {table.Role} BYPASSRLS;"
                : $"CREATE POLICY {table.Policy} ON {table.Quoted} FOR SELECT TO {table.Role} USING (true);");
        }

        if (table.Behind is { } behind)
        {
            grants.Add($"CREATE POLICY {behind.Policy} ON {behind.Table} FOR SELECT TO {behind.Reader} USING (true);");
        }

        return grants.Count > 0 ? string.Join(' ', grants) : null;
    }

    private static bool IsClosed(TableMapping mapping, CatalogueTable table)
    {
        var used = mapping.Columns.Where(column => !column.Optional).Select(column => column.Name).ToHashSet(StringComparer.Ordinal);
        return table.Columns.Any(column => used.Contains(column.Name) && !column.Readable);
    }

    private static bool Fits(ColumnKind kind, CatalogueColumn column) => kind switch
    {
        ColumnKind.Text => column.Category is "S" or "E",
        ColumnKind.Time => column.Type is "timestamp with time zone" or "timestamp without time zone",
        ColumnKind.Number => column.Category == "N" && column.Type is not ("money" or "oid") && !column.Type.StartsWith("reg", StringComparison.Ordinal),
        ColumnKind.Integer => column.Type is "smallint" or "integer" or "bigint",
        ColumnKind.Flag => column.Category == "B",
        _ => true,
    };

    private static string Wanted(ColumnKind kind) => kind switch
    {
        ColumnKind.Text => "a text or an enumeration",
        ColumnKind.Time => "timestamptz or timestamp",
        ColumnKind.Number => "a number",
        ColumnKind.Integer => "an integer",
        _ => "boolean",
    };

    private static MaintenanceException Invalid(string message, string recommendation, string? detail = null) =>
        new(MaintenanceErrorCode.MappingInvalid, message, recommendation, detail);

    [GeneratedRegex(@"\{([a-z_]+)\}")]
    private static partial Regex Placeholder();
}
