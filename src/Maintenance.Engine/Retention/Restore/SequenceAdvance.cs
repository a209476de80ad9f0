using System.Globalization;
using Maintenance.Engine.Database;
using Npgsql;

namespace Maintenance.Engine.Retention;

/// <summary>
/// Keys that come back may lie beyond what a sequence has given out, in another table or a newer one: the next insert would meet them.
/// So the sequence is moved on, before they can be seen. It is never turned back, and stays where it is if the restore is taken back.
/// </summary>
internal static class SequenceAdvance
{
    private static readonly string[] Integers = ["smallint", "integer", "bigint"];

    /// <summary>Moves the sequences of a table on.</summary>
    /// <param name="session">The session.</param>
    /// <param name="job">What is restored.</param>
    /// <param name="source">Where the keys are: what stands after FROM.</param>
    /// <param name="value">How a statement calls a value of a column.</param>
    /// <param name="parameters">Parameters of the source.</param>
    /// <param name="notes">Where to say what was moved.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task RunAsync(
        DatabaseSession session, RestoreJob job, string source, Func<MappedColumn, string> value, NpgsqlParameter[] parameters, List<string> notes, CancellationToken cancellationToken)
    {
        var sequences = (await session.QueryAsync(
                "Retention/Sql/Sequences.sql", row => (Column: row.GetString(0), Oid: row.GetInt64(1), Name: row.GetString(2), MayMove: row.GetBoolean(3)), cancellationToken, job.Destination.Oid))
            .Select(sequence => (Sequence: sequence, Column: job.Map.Columns.FirstOrDefault(column => column.To.Name == sequence.Column && Integers.Contains(column.To.Type))))
            .Where(pair => pair.Column is not null)
            .ToList();
        if (sequences.Count == 0)
        {
            return;
        }

        var keys = await session.RunAsync(
            async (connection, token) =>
            {
                await using var command = new NpgsqlCommand(SqlText.Marked($"SELECT {string.Join(", ", sequences.Select(pair => $"max({value(pair.Column!)})::bigint"))} FROM {source}"), connection);
                command.Parameters.AddRange(parameters);
                await using var reader = await command.ExecuteReaderAsync(token);
                await reader.ReadAsync(token);
                return Enumerable.Range(0, sequences.Count).Select(index => reader.IsDBNull(index) ? (long?)null : reader.GetInt64(index)).ToList();
            },
            cancellationToken);
        foreach (var ((sequence, _), key) in sequences.Zip(keys).Where(pair => pair.Second is not null))
        {
            if (!sequence.MayMove)
            {
                notes.Add(string.Create(CultureInfo.InvariantCulture, $"The role may not move the sequence {sequence.Name}. If it has not come to {key}, run as its owner: SELECT setval('{sequence.Name}', {key});"));
            }
            else if ((await session.QueryAsync("Retention/Sql/AdvanceSequence.sql", row => row.GetInt64(0), cancellationToken, sequence.Oid, key)).Count > 0)
            {
                notes.Add(string.Create(CultureInfo.InvariantCulture, $"The sequence {sequence.Name} was moved on to {key}, the largest key that came back."));
            }
        }
    }
}
