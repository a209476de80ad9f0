using System.Data;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Maintenance.Engine.Database;
using Npgsql;

namespace Maintenance.Engine.Security.Rows;

/// <summary>Tries what a subject can do to a relation, in a transaction of its own that never commits.</summary>
internal sealed partial class RowProber(DatabaseSession session, RowSecurityQuery query)
{
    private const string Locked = "somebody holds a lock on it";

    [GeneratedRegex("^[a-z_][a-z0-9_]*$")]
    private static partial Regex SettingName();

    /// <summary>Tries. What takes too long, or waits for a lock too long, is told, and the next can go on.</summary>
    /// <param name="subject">Who.</param>
    /// <param name="relation">With what.</param>
    /// <param name="cancellationToken">Ends it on the server too.</param>
    public async Task<RowTrial> TryAsync(RowSecuritySubject subject, RowRelation relation, CancellationToken cancellationToken)
    {
        // One transaction for both counts: what others commit meanwhile cannot look like a leak.
        var transaction = await session.RunAsync(async (connection, token) => await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, token), cancellationToken);
        await using (transaction)
        {
            try
            {
                await session.ExecuteAsync(query.IncludeWrites ? "Security/Sql/RowSecurityBegin.sql" : "Security/Sql/RowSecurityBeginReading.sql", cancellationToken);
                await session.QueryAsync("Security/Sql/RowSecurityLimits.sql", row => row.GetString(0), cancellationToken, Milliseconds(query.AttemptTimeout));
                return await TryOneAsync(subject, relation, cancellationToken);
            }
            catch (MaintenanceException exception) when (
                exception.Code is MaintenanceErrorCode.StatementTimeout or MaintenanceErrorCode.LockTimeout or MaintenanceErrorCode.DatabaseError or MaintenanceErrorCode.ObjectNotFound or MaintenanceErrorCode.PermissionDenied
                && session.Connection.State == ConnectionState.Open && !cancellationToken.IsCancellationRequested)
            {
                return new RowTrial
                {
                    Failure = exception.Code switch
                    {
                        MaintenanceErrorCode.StatementTimeout => $"the attempts took longer than {query.AttemptTimeout.TotalSeconds:0.#} s",
                        MaintenanceErrorCode.LockTimeout => Locked,
                        // The server's words may quote what is in a row.
                        _ => Ended(exception.Detail),
                    },
                };
            }
            finally
            {
                // Of a connection that broke, the server itself rolls back.
                if (session.Connection.State == ConnectionState.Open)
                {
                    await transaction.RollbackAsync(CancellationToken.None);
                }
            }
        }
    }

    private async Task<RowTrial> TryOneAsync(RowSecuritySubject subject, RowRelation relation, CancellationToken cancellationToken)
    {
        var untried = new Dictionary<RowCommand, string>();
        var task = await session.QueryAsync(
            "Security/Sql/RowSecurityTask.sql",
            row =>
            {
                foreach (var (command, column) in new[] { (RowCommand.Select, 1), (RowCommand.Insert, 2), (RowCommand.Update, 3), (RowCommand.Move, 4), (RowCommand.Delete, 5) })
                {
                    if (!row.IsDBNull(column))
                    {
                        untried[command] = row.GetString(column);
                    }
                }

                return row.GetBoolean(6);
            },
            cancellationToken,
            relation.Oid, subject.Role, (long)query.RowLimit, Settings(subject), query.IncludeWrites, query.SampleSize);
        if (task.Count == 0)
        {
            return new RowTrial { Failure = "it was dropped meanwhile" };
        }

        await session.ExecuteAsync("Security/Sql/RowSecurityProbe.sql", cancellationToken);
        var result = (await session.QueryAsync("Security/Sql/RowSecurityResult.sql", row => row.GetString(0), cancellationToken))[0];
        var answers = JsonSerializer.Deserialize<Dictionary<string, RowAnswer>>(result, JsonSerializerOptions.Web)!;
        if (answers.GetValueOrDefault("Failure") is { } failure)
        {
            return new RowTrial { Untried = untried, Failure = failure.Code == PostgresErrorCodes.LockNotAvailable ? Locked : $"as this role itself, {Ended(failure.Code)}" };
        }

        return new RowTrial
        {
            Untried = untried,
            Total = answers.GetValueOrDefault("Total")?.Rows,
            Answers = answers.Where(answer => answer.Key != "Total").ToDictionary(answer => Enum.Parse<RowCommand>(answer.Key), answer => answer.Value),
        };
    }

    /// <summary>The settings in which APIs tell the database who is asking: all claims, and those with simple values one by one.</summary>
    internal static string Settings(RowSecuritySubject subject)
    {
        var claims = JsonNode.Parse(subject.Claims ?? "{}") as JsonObject ?? [];
        var settings = new JsonObject { ["request.jwt.claims"] = claims.ToJsonString(), ["request.jwt.claim.sub"] = "", ["request.jwt.claim.role"] = subject.Role };
        foreach (var (name, value) in claims)
        {
            if (SettingName().IsMatch(name) && value is JsonValue simple)
            {
                settings[$"request.jwt.claim.{name}"] = simple.ToString();
            }
        }

        return settings.ToJsonString();
    }

    private static string Ended(string? state) => $"the server ended it with an error ({SqlState.Describe(state)})";

    private static string Milliseconds(TimeSpan time) => ((long)Math.Ceiling(time.TotalMilliseconds)).ToString(System.Globalization.CultureInfo.InvariantCulture);
}
