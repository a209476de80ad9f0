using System.Data;
using System.Globalization;
using System.Text;
using Maintenance.Engine.Database;
using Maintenance.Engine.Performance.Planning;
using Npgsql;
using NpgsqlTypes;

namespace Maintenance.Engine.Performance.Optimize;

/// <summary>
/// Sends statements of somebody else to the server, each within a transaction of its own that may only read, finds the names that they find, and is
/// rolled back. What the guard refuses is not sent.
/// </summary>
/// <param name="session">A session of the database.</param>
/// <param name="searchPath">Where names are found.</param>
internal sealed class TrialRunner(DatabaseSession session, string searchPath)
{
    private static readonly TimeSpan PlanTimeout = TimeSpan.FromSeconds(5);

    private readonly PlanningGuard _guard = new(session);

    /// <summary>Why the guard has refused the last text; null if it has not.</summary>
    public string? Refusal { get; private set; }

    /// <summary>
    /// The plan for values that the planner does not know, and the number of parameters. A prepared statement knows that number, and its generic plan needs
    /// no values: so on every version.
    /// </summary>
    public Task<(PlanTree? Plan, int Parameters)> GenericAsync(string text, CancellationToken cancellationToken) => WithinAsync(
        "force_generic_plan",
        PlanTimeout,
        async (connection, token) =>
        {
            if (!await IsAllowedAsync(connection, text, token))
            {
                return (null, 0);
            }

            var parameters = int.Parse((await ReadAsync(connection, SqlText.ReadMarked("Performance/Optimize/Sql/TrialParameters.sql"), [], token))!, CultureInfo.InvariantCulture);
            var values = parameters == 0 ? "" : $"({string.Join(", ", Enumerable.Repeat("NULL", parameters))})";
            return ((PlanTree?)PlanTree.Read((await ReadAsync(connection, $"EXPLAIN {SqlText.Mark} (FORMAT JSON, VERBOSE) EXECUTE maintenance_trial{values}", [], token))!), parameters);
        },
        cancellationToken);

    /// <summary>The plans for sets of values, executing nothing; none if the guard refuses.</summary>
    public Task<IReadOnlyList<PlanTree>> PlansAsync(string text, IReadOnlyList<ValueSet> sets, CancellationToken cancellationToken) => WithinAsync<IReadOnlyList<PlanTree>>(
        "force_custom_plan",
        PlanTimeout,
        async (connection, token) =>
        {
            var found = new List<PlanTree>();
            for (var at = 0; at < sets.Count && (at > 0 || await IsAllowedAsync(connection, text, token)); at++)
            {
                found.Add(PlanTree.Read((await ReadAsync(connection, $"EXPLAIN {SqlText.Mark} (FORMAT JSON) {text}", sets[at].Values, token))!));
            }

            return found;
        },
        cancellationToken);

    /// <summary>Executes it once; null if the guard refuses.</summary>
    public Task<PlanTree?> ExecuteAsync(string text, ValueSet set, TimeSpan timeout, CancellationToken cancellationToken) => WithinAsync(
        "force_custom_plan",
        timeout,
        async (connection, token) => await IsAllowedAsync(connection, text, token)
            ? PlanTree.Read((await ReadAsync(connection, $"EXPLAIN {SqlText.Mark} (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) {text}", set.Values, token))!)
            : null,
        cancellationToken);

    /// <summary>What a query returns, as text; null if there is nothing, or it cannot be had within the time.</summary>
    /// <param name="query">A query of ours of tables and expressions of somebody else.</param>
    /// <param name="values">For its parameters.</param>
    /// <param name="timeout">The time.</param>
    /// <param name="cancellationToken">Cancels on the server too.</param>
    public async Task<string?> ValueAsync(string query, IReadOnlyList<string> values, TimeSpan timeout, CancellationToken cancellationToken)
    {
        try
        {
            return await WithinAsync(
                "force_custom_plan",
                timeout,
                async (connection, token) => await IsAllowedAsync(connection, query, token) ? await ReadAsync(connection, $"{SqlText.Mark} {query}", values, token) : null,
                cancellationToken);
        }
        catch (MaintenanceException exception) when (exception.Code != MaintenanceErrorCode.DatabaseUnreachable)
        {
            return null;
        }
    }

    /// <summary>The literal of an array, as PostgreSQL reads it.</summary>
    public static string Literal(IReadOnlyList<string> items) =>
        $"{{{string.Join(',', items.Select(item => $"\"{item.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\""))}}}";

    // Prepared it is locked against being redefined, and nothing of it has run yet.
    private async Task<bool> IsAllowedAsync(NpgsqlConnection connection, string text, CancellationToken cancellationToken)
    {
        await ReadAsync(connection, $"PREPARE {SqlText.Mark} maintenance_trial AS {text}", [], cancellationToken);
        Refusal = await _guard.WhyNotAsync(text, searchPath, cancellationToken);
        return Refusal is null;
    }

    private Task<T> WithinAsync<T>(string planCacheMode, TimeSpan timeout, Func<NpgsqlConnection, CancellationToken, Task<T>> work, CancellationToken cancellationToken) => session.RunAsync(
        async (connection, token) =>
        {
            await using var transaction = await connection.BeginTransactionAsync(token);
            try
            {
                await ReadAsync(
                    connection,
                    SqlText.ReadMarked("Performance/Optimize/Sql/Trial.sql"),
                    [searchPath, ((long)timeout.TotalMilliseconds).ToString(CultureInfo.InvariantCulture), planCacheMode],
                    token);
                return await work(connection, token);
            }
            finally
            {
                if (connection.State == ConnectionState.Open)
                {
                    await transaction.RollbackAsync(CancellationToken.None);
                    await ReadAsync(connection, $"DEALLOCATE {SqlText.Mark} ALL", [], CancellationToken.None);
                }
            }
        },
        cancellationToken);

    // One statement a message: whatever a text holds, it cannot bring another along. Values have no type of their own, so the server gives them one.
    private static async Task<string?> ReadAsync(NpgsqlConnection connection, string sql, IReadOnlyList<string> values, CancellationToken cancellationToken)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value, NpgsqlDbType = NpgsqlDbType.Unknown });
        }

        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { command } };
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        var text = new StringBuilder();
        while (await reader.ReadAsync(cancellationToken))
        {
            text.Append(reader.GetValue(0));
        }

        return text.Length == 0 ? null : text.ToString();
    }
}
