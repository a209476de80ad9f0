using Maintenance.Engine.Database;
using Npgsql;

namespace Maintenance.Engine.Performance.Samples;

/// <summary>Statements that are read in one round trip. Where one of them fails each is read alone, so that only what failed is missing.</summary>
internal sealed class FigureBatch(DatabaseSession session)
{
    private readonly List<(SamplePart Part, string Sql, object[] Parameters, Action<NpgsqlDataReader> Read)> _statements = [];

    /// <summary>Adds a statement.</summary>
    /// <param name="part">Whose figures it reads.</param>
    /// <param name="sql">The text.</param>
    /// <param name="read">Takes a row; may be called again for the same row.</param>
    /// <param name="parameters">Values for $1, $2, ...</param>
    public void Add(SamplePart part, string sql, Action<NpgsqlDataReader> read, params object[] parameters) => _statements.Add((part, sql, parameters, read));

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (_statements.Count == 0)
        {
            return;
        }

        try
        {
            await ReadAsync(_statements, cancellationToken);
            return;
        }
        catch (MaintenanceException exception) when (exception.Code != MaintenanceErrorCode.DatabaseUnreachable)
        {
            if (_statements.Count == 1)
            {
                _statements[0].Part.Miss(exception);
                return;
            }
        }

        foreach (var statement in _statements)
        {
            try
            {
                await ReadAsync([statement], cancellationToken);
            }
            catch (MaintenanceException exception) when (exception.Code != MaintenanceErrorCode.DatabaseUnreachable)
            {
                statement.Part.Miss(exception);
            }
        }
    }

    private Task<bool> ReadAsync(List<(SamplePart Part, string Sql, object[] Parameters, Action<NpgsqlDataReader> Read)> statements, CancellationToken cancellationToken) => session.RunAsync(
        string.Join("; ", statements.Select(statement => statement.Sql)),
        _ => $"{statements.Count} figure(s) read",
        async (connection, token) =>
        {
            await using var batch = new NpgsqlBatch(connection);
            foreach (var (_, sql, parameters, _) in statements)
            {
                var command = new NpgsqlBatchCommand(sql);
                foreach (var parameter in parameters)
                {
                    command.Parameters.Add(new NpgsqlParameter { Value = parameter });
                }

                batch.BatchCommands.Add(command);
            }

            await using var reader = await batch.ExecuteReaderAsync(token);
            foreach (var statement in statements)
            {
                while (await reader.ReadAsync(token))
                {
                    statement.Read(reader);
                }

                await reader.NextResultAsync(token);
            }

            return true;
        },
        cancellationToken);
}
