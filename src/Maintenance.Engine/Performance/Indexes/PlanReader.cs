using Maintenance.Engine.Database;
using Maintenance.Engine.Performance.Planning;
using Npgsql;

namespace Maintenance.Engine.Performance.Indexes;

/// <summary>
/// Asks the server for generic plans: those it would use whatever the parameters are. A statement is prepared, explained and forgotten, and never
/// run; what <see cref="PlanningGuard"/> refuses is not explained either. All of it happens in one transaction that reads only and is rolled back; each plan is made within a savepoint, so that neither an
/// error nor a lock outlives it.
/// </summary>
/// <remarks>
/// The same way is used for all versions. EXPLAIN (GENERIC_PLAN), which PostgreSQL 16 brought, cannot be sent with parameters as a message that holds
/// one statement at most; PREPARE can, and gives the same plan. That matters: texts in pg_stat_statements are what anybody has sent.
/// </remarks>
internal sealed class PlanReader(DatabaseSession session, NpgsqlTransaction transaction, IReadOnlyList<string> searchPaths, TimeSpan longestPlanning)
{
    private const string Savepoint = "maintenance_plan";

    // Nothing else of this session has such a name.
    private readonly string _prefix = $"maintenance_{Guid.NewGuid():N}";
    private readonly PlanningGuard _guard = new(session);
    private int _number;

    /// <summary>The plan of a text, and where its names were found; without a plan, what the server or the guard says.</summary>
    /// <param name="text">The statement.</param>
    /// <param name="searchPath">Where its names are looked for; null to try.</param>
    /// <param name="cancellationToken">Cancels on the server too.</param>
    public async Task<(PlanNode? Plan, string? SearchPath, string? SqlState, string? Refusal)> ReadAsync(string text, string? searchPath, CancellationToken cancellationToken)
    {
        string? state = null;
        foreach (var path in searchPath is null ? searchPaths : [searchPath])
        {
            try
            {
                var (plan, refusal) = await PlanAsync(text, path, pruning: true, cancellationToken);
                if (plan?.All.Any(node => node.IsPruned) == true)
                {
                    // With nulls for parameters partitions are left out that any other value would need.
                    (plan, refusal) = await PlanAsync(text, path, pruning: false, cancellationToken);
                }

                return (plan, plan is null ? null : path, null, refusal);
            }
            catch (PostgresException exception)
            {
                // Where a later path leads to no such table, what an earlier one said of it is the reason.
                state = state is null or PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InvalidSchemaName ? exception.SqlState : state;
                if (exception.SqlState is not (PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.UndefinedFunction or PostgresErrorCodes.UndefinedObject or PostgresErrorCodes.InvalidSchemaName))
                {
                    return (null, null, exception.SqlState, null);
                }
            }
            // The driver sees for itself where there are several statements; and a plan may be too deep to be read.
            catch (Exception exception) when (exception is NotSupportedException or FormatException or System.Text.Json.JsonException)
            {
                return (null, null, PostgresErrorCodes.SyntaxError, null);
            }
        }

        return (null, null, state, null);
    }

    private async Task<(PlanNode? Plan, string? Refusal)> PlanAsync(string text, string path, bool pruning, CancellationToken cancellationToken)
    {
        var connection = session.Connection;
        var name = $"{_prefix}_{_number++}";
        await session.SaveAsync(transaction, Savepoint, cancellationToken);
        var isPrepared = false;
        try
        {
            await session.RunAsync(
                async (_, token) =>
                {
                    await using var limits = new NpgsqlCommand(SqlText.ReadMarked("Performance/Indexes/Sql/SearchLimits.sql"), connection, transaction);
                    limits.Parameters.Add(new() { Value = path });
                    limits.Parameters.Add(new() { Value = ((long)longestPlanning.TotalMilliseconds).ToString(System.Globalization.CultureInfo.InvariantCulture) });
                    limits.Parameters.Add(new() { Value = pruning ? "on" : "off" });
                    return await limits.ExecuteNonQueryAsync(token);
                },
                cancellationToken);
            // The text is SQL and nothing else can be done with it: PREPARE takes one statement that has a plan, and so does the message it is sent in.
            await SendAsync($"PREPARE {SqlText.Mark} {name} AS {text}", cancellationToken);
            isPrepared = true;
            await using var count = new NpgsqlCommand(SqlText.ReadMarked("Performance/Indexes/Sql/ParameterCount.sql"), connection, transaction);
            count.Parameters.Add(new() { Value = name });
            var parameters = (int)(await count.ExecuteScalarAsync(cancellationToken))!;
            var arguments = parameters == 0 ? "" : $"({string.Join(", ", Enumerable.Repeat("NULL", parameters))})";
            return await _guard.WhyNotAsync(text, path, cancellationToken) is { } refusal
                ? (null, refusal)
                : (PlanNode.Parse((string)(await SendAsync($"EXPLAIN {SqlText.Mark} (FORMAT JSON, VERBOSE) EXECUTE {name}{arguments}", cancellationToken))!), null);
        }
        finally
        {
            if (connection.State == System.Data.ConnectionState.Open)
            {
                await session.RollbackToAsync(transaction, Savepoint);
                if (isPrepared)
                {
                    await SendAsync($"DEALLOCATE {SqlText.Mark} {name}", CancellationToken.None);
                }
            }
        }
    }

    // A batch of one: the driver splits the text of an ordinary command where it sees a semicolon, and would send each part.
    private async Task<object?> SendAsync(string sql, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(session.Connection, transaction);
        batch.BatchCommands.Add(new NpgsqlBatchCommand(sql));
        return await batch.ExecuteScalarAsync(cancellationToken);
    }
}
