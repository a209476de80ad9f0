using Npgsql;

namespace Maintenance.TestSupport;

/// <summary>What a relation really gave back.</summary>
/// <param name="Name">Its name; of TOAST with the name of its table.</param>
/// <param name="Before">Bytes before it was rewritten.</param>
/// <param name="After">Bytes after.</param>
internal sealed record BloatTruth(string Name, long Before, long After)
{
    /// <summary>What was given back, in percent of the size.</summary>
    public double Percent => Before == 0 ? 0 : 100.0 * (Before - After) / Before;

    private const string Sizes = """
        SELECT name, pg_relation_size(oid)
        FROM (
            SELECT c.relname::text AS name, c.oid FROM pg_class c WHERE c.relkind IN ('r', 'i') AND c.relnamespace = 'public'::regnamespace
            UNION ALL
            SELECT 'toast of ' || c.relname, c.reltoastrelid FROM pg_class c WHERE c.reltoastrelid <> 0 AND c.relnamespace = 'public'::regnamespace
            UNION ALL
            SELECT 'toast index of ' || c.relname, x.indexrelid FROM pg_class c JOIN pg_index x ON x.indrelid = c.reltoastrelid WHERE c.relnamespace = 'public'::regnamespace
        ) AS relations
        """;

    /// <summary>The name by which the truth about a row of Get-DbBloat is found.</summary>
    public static string NameOf(DbBloat row) => row switch
    {
        { Kind: DbRelationKind.Toast } => $"toast of {TableOf(row)}",
        { Schema: "pg_toast" } => $"toast index of {TableOf(row)}",
        _ => row.Name,
    };

    /// <summary>Makes the fixtures. Their counters are there when it returns.</summary>
    public static async Task BuildAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        foreach (var statement in BloatFixtures.All.SelectMany(fixture => fixture.Setup.SelectMany(WithFlush)))
        {
            if (statement.StartsWith("VACUUM", StringComparison.OrdinalIgnoreCase))
            {
                await SettleAsync(connection, cancellationToken);
            }

            await using var command = new NpgsqlCommand(statement, connection) { CommandTimeout = 300 };
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        // The counters leave a session when it is idle.
        await using var idle = new NpgsqlCommand("SELECT 1", connection);
        await idle.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Rewrites everything, and says what each gave back, by name.</summary>
    public static async Task<IReadOnlyDictionary<string, BloatTruth>> TakeAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var before = await ReadAsync(connection, cancellationToken);
        await SettleAsync(connection, cancellationToken);
        foreach (var fixture in BloatFixtures.All)
        {
            await using var command = new NpgsqlCommand($"VACUUM FULL {fixture.Table}", connection) { CommandTimeout = 300 };
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        var after = await ReadAsync(connection, cancellationToken);
        return before.ToDictionary(pair => pair.Key, pair => new BloatTruth(pair.Key, pair.Value, after[pair.Key]));
    }

    // A transaction that is older than our deletes keeps their rows from being removed, in whatever database of the server it is: ours
    // takes its snapshot while it runs. Other tests have such transactions, for a while.
    private static async Task SettleAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var next = new NpgsqlCommand("SELECT pg_snapshot_xmax(pg_current_snapshot())::text", connection);
        var ours = (string)(await next.ExecuteScalarAsync(cancellationToken))!;
        await using var isOver = new NpgsqlCommand($"SELECT pg_snapshot_xmin(pg_current_snapshot())::text::numeric >= {ours}", connection);
        while (!(bool)(await isOver.ExecuteScalarAsync(cancellationToken))!)
        {
            await Task.Delay(50, cancellationToken);
        }
    }

    // A session reports what it changed with a delay. What is reported after VACUUM or ANALYZE would be counted twice.
    private static string[] WithFlush(string statement) => [statement, "SELECT pg_stat_force_next_flush()"];

    private static string TableOf(DbBloat row) => row.Table["public.".Length..];

    private static async Task<Dictionary<string, long>> ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Sizes, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var sizes = new Dictionary<string, long>();
        while (await reader.ReadAsync(cancellationToken))
        {
            sizes[reader.GetString(0)] = reader.GetInt64(1);
        }

        return sizes;
    }
}
