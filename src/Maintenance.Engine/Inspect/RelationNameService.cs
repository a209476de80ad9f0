using Maintenance.Engine.Database;

namespace Maintenance.Engine.Inspect;

/// <summary>Names of tables and indexes: for completion, quickly or not at all; and which of those asked for there are.</summary>
public sealed class RelationNameService
{
    private const int Most = 200;

    private static readonly TimeSpan NamesTimeout = TimeSpan.FromSeconds(60);

    private static readonly SessionOptions Completion = new("completion", TimeSpan.FromSeconds(1));

    private static readonly string[] Tables = ["r", "p", "m"];
    private static readonly string[] Indexes = ["i", "I"];

    private readonly DatabaseConnector _connector;

    internal RelationNameService(DatabaseConnector connector) => _connector = connector;

    /// <summary>Tables and materialized views whose name begins with a text, whatever its case.</summary>
    /// <param name="target">The target.</param>
    /// <param name="beginning">The text.</param>
    /// <param name="call">What the call brings along.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public Task<IReadOnlyList<(string Schema, string Name)>> FindTablesAsync(MaintenanceTarget target, string beginning, CallContext call, CancellationToken cancellationToken) =>
        FindAsync(target, Tables, beginning, call, cancellationToken);

    /// <summary>Indexes whose name begins with a text, whatever its case.</summary>
    /// <param name="target">The target.</param>
    /// <param name="beginning">The text.</param>
    /// <param name="call">What the call brings along.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public Task<IReadOnlyList<(string Schema, string Name)>> FindIndexesAsync(MaintenanceTarget target, string beginning, CallContext call, CancellationToken cancellationToken) =>
        FindAsync(target, Indexes, beginning, call, cancellationToken);

    /// <summary>Schemas whose name begins with a text, whatever its case.</summary>
    /// <param name="target">The target.</param>
    /// <param name="beginning">The text.</param>
    /// <param name="call">What the call brings along.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public async Task<IReadOnlyList<string>> FindSchemasAsync(MaintenanceTarget target, string beginning, CallContext call, CancellationToken cancellationToken)
    {
        await using var session = await _connector.OpenAsync(target, Completion, call, cancellationToken);
        return await session.QueryAsync("Inspect/Sql/SchemaNames.sql", row => row.GetString(0), cancellationToken, beginning, Most);
    }

    /// <summary>Columns whose name begins with a text, whatever its case, and their types.</summary>
    /// <param name="target">The target.</param>
    /// <param name="table">The table, with or without its schema; null for all.</param>
    /// <param name="beginning">The text.</param>
    /// <param name="ofTime">Only those that hold a date or a time.</param>
    /// <param name="call">What the call brings along.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public async Task<IReadOnlyList<(string Name, string Type)>> FindColumnsAsync(
        MaintenanceTarget target, string? table, string beginning, bool ofTime, CallContext call, CancellationToken cancellationToken)
    {
        await using var session = await _connector.OpenAsync(target, Completion, call, cancellationToken);
        return await session.QueryAsync("Inspect/Sql/ColumnNames.sql", row => (row.GetString(0), row.GetString(1)), cancellationToken, table ?? "", beginning, ofTime, Most);
    }

    /// <summary>What was asked for as patterns of names: an OID becomes that of its relation.</summary>
    /// <param name="target">The target.</param>
    /// <param name="asked">What was asked for.</param>
    /// <param name="call">Where to tell what happens.</param>
    /// <param name="cancellationToken">Cancels on the server too.</param>
    /// <exception cref="MaintenanceException">ObjectNotFound: there is none with an OID.</exception>
    public async Task<string[]> PatternsAsync(MaintenanceTarget target, IReadOnlyList<DbObjectPattern> asked, CallContext call, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(asked);
        ArgumentNullException.ThrowIfNull(call);
        var oids = asked.Select(pattern => pattern.Oid).OfType<long>().ToArray();
        if (oids.Length == 0)
        {
            return [.. asked.Select(pattern => pattern.Name!)];
        }

        await using var session = await _connector.OpenAsync(target, new SessionOptions("names", call.Timeout ?? NamesTimeout), call, cancellationToken);
        var names = (await session.QueryAsync("Inspect/Sql/RelationsByOid.sql", row => (Oid: row.GetInt64(0), Name: $"{row.GetString(1)}.{row.GetString(2)}"), cancellationToken, oids))
            .ToDictionary(relation => relation.Oid, relation => relation.Name);
        return
        [
            .. asked.Select(pattern => pattern.Oid is not { } oid ? pattern.Name!
                : names.TryGetValue(oid, out var name) ? DbObjectPattern.Escape(name)
                : throw new MaintenanceException(
                    MaintenanceErrorCode.ObjectNotFound,
                    $"There is no relation with the OID {oid} in the database '{session.Database}' of '{target.Name}'.",
                    "Check the number, and the database that the target is connected to. A name that consists of digits is written in quotes.")),
        ];
    }

    /// <summary>Says of names that were asked for which ones stand for nothing that holds rows. A name with wildcards may: that is told in passing.</summary>
    /// <param name="target">The target.</param>
    /// <param name="tables">Names of tables, with or without their schema.</param>
    /// <param name="schemas">Names of schemas.</param>
    /// <param name="call">Where to tell what happens.</param>
    /// <param name="cancellationToken">Cancels on the server too.</param>
    /// <param name="patternsToo">A name with wildcards has to stand for something too.</param>
    /// <returns>An error for each name without wildcards, ObjectNotFound.</returns>
    public async Task<IReadOnlyList<(string Name, MaintenanceException Error)>> FindMissingAsync(
        MaintenanceTarget target, IReadOnlyList<string> tables, IReadOnlyList<string> schemas, CallContext call, CancellationToken cancellationToken, bool patternsToo = false)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(tables);
        ArgumentNullException.ThrowIfNull(schemas);
        ArgumentNullException.ThrowIfNull(call);
        if (tables.Count + schemas.Count == 0)
        {
            return [];
        }

        await using var session = await _connector.OpenAsync(target, new SessionOptions("names", call.Timeout ?? NamesTimeout), call, cancellationToken);
        var asked = await session.QueryAsync(
            "Inspect/Sql/NamesAskedFor.sql",
            row => (Name: (row.GetBoolean(1) ? schemas : tables)[row.GetInt32(0) - 1], IsSchema: row.GetBoolean(1), SchemaExists: row.GetBoolean(2), Kinds: row.IsDBNull(3) ? [] : row.GetFieldValue<string[]>(3)),
            cancellationToken,
            tables.Select(LikePattern.Of).ToArray(),
            schemas.Select(LikePattern.Of).ToArray());
        List<(string, MaintenanceException)> missing = [];
        foreach (var (name, isSchema, schemaExists, kinds) in asked)
        {
            if (schemaExists || kinds.Any(Tables.Contains))
            {
                continue;
            }

            var error = Missing(session, name, isSchema, kinds);
            if (LikePattern.IsWildcard(name) && !patternsToo)
            {
                call.Sink.Verbose(error.Message);
            }
            else
            {
                missing.Add((name, error));
            }
        }

        return missing;
    }

    private static MaintenanceException Missing(DatabaseSession session, string name, bool isSchema, string[] kinds) => new(
        MaintenanceErrorCode.ObjectNotFound,
        kinds.Contains("f") ? $"{name} is a foreign table: it holds no rows in the database '{session.Database}' of '{session.Target.Name}'."
            : kinds.Contains("v") ? $"{name} is a view: it holds no rows."
            : $"There is no {(isSchema ? "schema" : "table")} {name} in the database '{session.Database}' of '{session.Target.Name}'.",
        kinds.Contains("f") ? "Look at it on the server where its rows are."
            : kinds.Contains("v") ? "Name the tables that it reads."
            : LikePattern.IsWildcard(name) ? "Check the pattern, and the database that the target is connected to. Wildcards are * and ?; brackets stand for themselves, and so does what has a ` before it."
            : isSchema ? "Check the name, and the database that the target is connected to."
            : "Check the name, and the database that the target is connected to. An index comes with its table.");

    private async Task<IReadOnlyList<(string Schema, string Name)>> FindAsync(
        MaintenanceTarget target, string[] kinds, string beginning, CallContext call, CancellationToken cancellationToken)
    {
        await using var session = await _connector.OpenAsync(target, Completion, call, cancellationToken);
        return await session.QueryAsync("Inspect/Sql/RelationNames.sql", row => (row.GetString(0), row.GetString(1)), cancellationToken, kinds, beginning, Most);
    }
}
