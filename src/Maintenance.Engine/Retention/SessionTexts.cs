using Maintenance.Engine.Database;
using Npgsql;

namespace Maintenance.Engine.Retention;

/// <summary>Times are asked for and given as text, so that none of them loses what .NET does not know.</summary>
internal static class SessionTexts
{
    /// <summary>The first value that a composed statement gives; null if there is none.</summary>
    /// <param name="session">The session.</param>
    /// <param name="sql">The statement, its names quoted by the server.</param>
    /// <param name="cancellationToken">Cancels it on the server.</param>
    /// <param name="parameters">Values for $1, $2, ...</param>
    public static Task<string?> ReadTextAsync(this DatabaseSession session, string sql, CancellationToken cancellationToken, params object[] parameters) => session.RunAsync(
        sql,
        _ => "done",
        async (connection, token) =>
        {
            await using var command = new NpgsqlCommand(SqlText.Marked(sql), connection);
            foreach (var parameter in parameters)
            {
                command.Parameters.Add(new() { Value = parameter });
            }

            return await command.ExecuteScalarAsync(token) as string;
        },
        cancellationToken);
}
