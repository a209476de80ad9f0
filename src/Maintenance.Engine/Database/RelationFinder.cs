using Npgsql;

namespace Maintenance.Engine.Database;

/// <summary>A relation as it stands in the catalogue now.</summary>
/// <param name="Oid">Its OID.</param>
/// <param name="Schema">Its schema.</param>
/// <param name="Name">Its name.</param>
/// <param name="Kind">relkind: r table, p partitioned table, m materialized view, t TOAST, i index, I partitioned index.</param>
/// <param name="TableOid">The table of an index.</param>
internal sealed record Relation(long Oid, string Schema, string Name, char Kind, long? TableOid)
{
    /// <summary>True for an index, partitioned or not.</summary>
    public bool IsIndex => Kind is 'i' or 'I';
}

/// <summary>Finds what a reference names, anew each time: an object is acted upon only if OID and name still belong together.</summary>
internal static class RelationFinder
{
    /// <summary>Finds the one relation.</summary>
    /// <exception cref="MaintenanceException">
    /// ObjectNotFound: it is gone, it has another name by now, or the name is that of several. InvalidArgument: it is a view, a foreign
    /// table, a sequence or a type.
    /// </exception>
    public static async Task<Relation> FindAsync(DatabaseSession session, DbObjectReference reference, CancellationToken cancellationToken)
    {
        if (reference.Database is { } database && database != session.Database)
        {
            throw new MaintenanceException(
                MaintenanceErrorCode.ObjectNotFound,
                $"{reference} is in the database '{database}', and '{session.Target.Name}' is connected to '{session.Database}'.",
                "Connect a target to that database.");
        }

        var found = await session.QueryAsync("Database/Sql/FindRelation.sql", Map, cancellationToken, reference.Oid, reference.Schema, reference.Name);
        return found.Count switch
        {
            1 => found[0],
            0 => throw await OtherAsync(session, reference, cancellationToken) ?? new MaintenanceException(
                MaintenanceErrorCode.ObjectNotFound,
                $"There is no table or index {reference} in the database '{session.Database}' of '{session.Target.Name}'.",
                reference.Oid is null ? "Check schema and name; they are taken as written, upper and lower case too." : "It was dropped, renamed or rebuilt since. List the objects again."),
            _ => throw new MaintenanceException(
                MaintenanceErrorCode.ObjectNotFound,
                $"There are {found.Count} relations named {reference}: {string.Join(", ", found.Take(3).Select(relation => $"{relation.Schema}.{relation.Name}"))}.",
                "Name the schema too: schema.name."),
        };
    }

    // It is there, so that it is not would be untrue.
    private static async Task<MaintenanceException?> OtherAsync(DatabaseSession session, DbObjectReference reference, CancellationToken cancellationToken) =>
        (await session.QueryAsync(
            "Database/Sql/FindOtherRelation.sql",
            row => (Name: $"{row.GetString(0)}.{row.GetString(1)}", Kind: row.GetString(2)[0]),
            cancellationToken,
            reference.Oid,
            reference.Schema,
            reference.Name)) is [var other, ..]
            ? new MaintenanceException(
                MaintenanceErrorCode.InvalidArgument,
                $"{other.Name} is a {Describe(other.Kind)}. It can be neither vacuumed nor reindexed.",
                other.Kind == 'f' ? "Maintain its table where it is; ANALYZE, run by hand, gathers its statistics here." : "Name a table, a materialized view or an index.")
            : null;

    private static string Describe(char kind) => kind switch
    {
        'f' => "foreign table, whose rows are somewhere else",
        'v' => "view, which has no rows of its own",
        'S' => "sequence, which has a single row",
        _ => "composite type, which has no rows",
    };

    private static Relation Map(NpgsqlDataReader row) =>
        new(row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetString(3)[0], row.IsDBNull(4) ? null : row.GetInt64(4));
}
