using System.Data;
using System.Diagnostics;
using System.Globalization;
using Maintenance.Engine.Database;
using Npgsql;

namespace Maintenance.Engine.Security.PersonalData;

/// <summary>
/// Looks into tables: the server takes a sample, validates it and returns counts, in a read-only transaction of its own. Of an error
/// only its kind is told: the server's words could quote a value.
/// </summary>
internal sealed class PersonalDataSampler(DatabaseSession session, PersonalDataQuery query)
{
    /// <summary>A statement has this many columns at most.</summary>
    private const int Columns = 40;

    private const int Partitions = 8;

    private static readonly string[] KeyCategories = [.. PersonalDataNames.KeyPatterns.Select(pattern => pattern.Category.ToString())];
    private static readonly string[] KeyPatterns = [.. PersonalDataNames.KeyPatterns.Select(pattern => pattern.Pattern)];

    /// <summary>Looks into one table.</summary>
    /// <param name="relation">The table.</param>
    /// <param name="columns">Its columns.</param>
    /// <param name="timeout">How long a statement may take.</param>
    /// <param name="cancellationToken">Ends it on the server too.</param>
    public async Task<TableSample> SampleAsync(PersonalRelation relation, IReadOnlyList<PersonalColumn> columns, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (relation.IsForeign)
        {
            return new TableSample { Reason = "Its rows are on another server: only its names were looked at.", IsSkipped = true };
        }

        var all = columns.Where(column => column.CanBeSampled).ToList();
        var readable = relation.IsUsable ? all.Where(column => column.IsReadable).ToList() : [];
        var closed = all.Except(readable).ToList();
        var unread = columns.Where(column => column.Closed is not null).ToDictionary(column => column.Number, column => column.Closed!);
        if (all.Count > 0 && readable.Count == 0)
        {
            return new TableSample { Reason = "This role may not read it: only its names were looked at.", Grant = relation.Grant, IsMissing = true, Unread = unread };
        }

        foreach (var column in closed)
        {
            unread[column.Number] = "This role may not read it.";
        }

        var sample = new TableSample
        {
            IsMissing = closed.Count > 0 || relation.HidesRows,
            Grant = closed.Count > 0 ? string.Join(" ", closed.Select(column => column.Grant)) : relation.HidesRows ? relation.Grant : null,
            Reason = closed.Count > 0 ? "This role may not read some of its columns."
                : relation.HidesRows ? "Row security hides rows of it from this role: the sample is not of the whole."
                : null,
        };
        try
        {
            var samples = await ReadAsync(relation, readable, timeout, cancellationToken);
            foreach (var (number, one) in samples.Where(pair => pair.Value is { Cut: > 0 } found && found.Cut * 2 >= found.Values))
            {
                unread[number] = one.Values == 0 ? "Its values are too large to be looked at." : "Of most of its values only the beginning was looked at, since they are too long.";
            }

            return sample with { Columns = samples, Unread = unread };
        }
        catch (Exception exception) when (IsOfTable(exception, cancellationToken))
        {
            return IsOfValue(exception) && !relation.HidesRows && readable.Count > 1
                ? await OneByOneAsync(relation, readable, sample, unread, timeout, cancellationToken)
                : sample with { Reason = Reason(exception, timeout), IsMissing = true, IsPassing = !IsOfValue(exception), Unread = unread, Grant = null };
        }
    }

    private bool IsOfTable(Exception exception, CancellationToken cancellationToken) =>
        exception is SampleException or MaintenanceException { Code: not MaintenanceErrorCode.DatabaseUnreachable }
        && session.Connection.State == ConnectionState.Open && !cancellationToken.IsCancellationRequested;

    // Neither time, nor locks, nor privileges: what one column has must not hide the others.
    private static bool IsOfValue(Exception exception) => exception is MaintenanceException
    {
        Code: not (MaintenanceErrorCode.StatementTimeout or MaintenanceErrorCode.LockTimeout or MaintenanceErrorCode.ObjectNotFound or MaintenanceErrorCode.PermissionDenied or MaintenanceErrorCode.DeadlineExceeded),
    };

    // Each failure is a line in the server's log: where no column can be read, three of them are enough.
    private async Task<TableSample> OneByOneAsync(
        PersonalRelation relation, List<PersonalColumn> columns, TableSample sample, Dictionary<short, string> unread, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var samples = new Dictionary<short, ColumnSample>();
        var started = Stopwatch.GetTimestamp();
        string? last = null;
        var passing = false;
        foreach (var (number, column) in columns.Index())
        {
            var left = timeout - Stopwatch.GetElapsedTime(started);
            if (left <= TimeSpan.Zero || (samples.Count == 0 && number >= 3))
            {
                passing |= left <= TimeSpan.Zero;
                unread[column.Number] = left <= TimeSpan.Zero ? "The time for its table was up." : last!;
                continue;
            }

            try
            {
                samples[column.Number] = (await ReadAsync(relation, [column], left, cancellationToken))[column.Number];
            }
            catch (Exception exception) when (IsOfTable(exception, cancellationToken))
            {
                passing |= !IsOfValue(exception);
                unread[column.Number] = last = Reason(exception, left);
            }
        }

        return sample with { Columns = samples, Unread = unread, IsMissing = true, IsPassing = passing, Reason = sample.Reason ?? (samples.Count == 0 ? last : "Some of its columns could not be read.") };
    }

    private Task<Dictionary<short, ColumnSample>> ReadAsync(PersonalRelation relation, List<PersonalColumn> columns, TimeSpan timeout, CancellationToken cancellationToken) =>
        columns.Count == 0 ? Task.FromResult(new Dictionary<short, ColumnSample>())
            : session.RunAsync((connection, token) => SampleAsync(connection, relation, columns, timeout, token), cancellationToken);

    private static string Reason(Exception exception, TimeSpan timeout) => exception switch
    {
        MaintenanceException { Code: MaintenanceErrorCode.StatementTimeout } => FormattableString.Invariant($"Looking into it took longer than {timeout.TotalSeconds:0.#} s: only its names were looked at."),
        MaintenanceException { Code: MaintenanceErrorCode.LockTimeout } => "Somebody holds a lock on it: only its names were looked at.",
        MaintenanceException { Code: MaintenanceErrorCode.ObjectNotFound } or SampleException => "It was dropped or changed meanwhile.",
        MaintenanceException { Code: MaintenanceErrorCode.PermissionDenied } => "This role may not read all that it needs: only its names were looked at.",
        MaintenanceException { Detail: { Length: 5 } state } => $"The server reported an error ({state}): only its names were looked at.",
        _ => "It could not be looked into: only its names were looked at.",
    };

    private async Task<Dictionary<short, ColumnSample>> SampleAsync(
        NpgsqlConnection connection, PersonalRelation relation, IReadOnlyList<PersonalColumn> columns, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var samples = new Dictionary<short, ColumnSample>();
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        try
        {
            foreach (var chunk in columns.Chunk(Columns))
            {
                var statement = await PrepareAsync(connection, relation, chunk, timeout, cancellationToken) ?? throw new SampleException();
                await CountAsync(connection, statement, chunk, samples, cancellationToken);
            }

            foreach (var chunk in columns.Where(column => column.Kind is 'j' or 'c' or 'x').Chunk(Columns))
            {
                await CountKeysAsync(connection, relation, chunk, samples, cancellationToken);
            }
        }
        finally
        {
            // Of a connection that broke, the server itself rolls back.
            if (connection.State == ConnectionState.Open)
            {
                await transaction.RollbackAsync(CancellationToken.None);
            }
        }

        return samples;
    }

    // Limits and the statement's text in one round trip.
    private async Task<string?> PrepareAsync(NpgsqlConnection connection, PersonalRelation relation, IReadOnlyList<PersonalColumn> columns, TimeSpan timeout, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(new NpgsqlBatchCommand(SqlText.ReadMarked("Security/Sql/RowSecurityBeginReading.sql")));
        batch.BatchCommands.Add(Command("PersonalDataLimits", ((long)Math.Ceiling(timeout.TotalMilliseconds)).ToString(CultureInfo.InvariantCulture)));
        batch.BatchCommands.Add(Command(
            "PersonalDataSample", relation.Oid, Numbers(columns), (long)query.SampleRows, Partitions, Kinds(columns)));
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) && !await reader.IsDBNullAsync(0, cancellationToken) ? reader.GetString(0) : null;
    }

    // Both texts were put together by the server, from names that it quoted itself; values are never part of them.
    private static async Task CountAsync(NpgsqlConnection connection, string statement, IReadOnlyList<PersonalColumn> columns, Dictionary<short, ColumnSample> samples, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(SqlText.Marked(statement), connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var (rows, cut) = (0L, new Dictionary<short, long>());
        while (await reader.ReadAsync(cancellationToken))
        {
            var number = (short)reader.GetInt32(0);
            if (number > 0)
            {
                samples[number] = Sample(reader);
            }
            else if (number < 0)
            {
                cut[(short)-number] = reader.GetInt64(2);
            }
            else
            {
                rows = reader.GetInt64(1);
            }
        }

        foreach (var column in columns)
        {
            samples[column.Number] = (samples.GetValueOrDefault(column.Number) ?? new ColumnSample(rows, 0)) with { Cut = cut.GetValueOrDefault(column.Number) };
        }
    }

    private static ColumnSample Sample(NpgsqlDataReader row) => new(row.GetInt64(1), row.GetInt64(2))
    {
        Email = row.GetInt64(3),
        EmailInside = row.GetInt64(4),
        Card = row.GetInt64(5),
        CardInside = row.GetInt64(6),
        CardShape = row.GetInt64(7),
        Iban = row.GetInt64(8),
        IbanInside = row.GetInt64(9),
        Ip = row.GetInt64(10),
        IpInside = row.GetInt64(11),
        Phone = row.GetInt64(12),
        PhoneLike = row.GetInt64(13),
        NationalId = row.GetInt64(14),
        BirthDate = row.GetInt64(15),
        Secret = row.GetInt64(16),
        Digest = row.GetInt64(17),
        CardNumbers = row.GetInt64(18),
        CardShapes = row.GetInt64(19),
    };

    private async Task CountKeysAsync(NpgsqlConnection connection, PersonalRelation relation, IReadOnlyList<PersonalColumn> columns, Dictionary<short, ColumnSample> samples, CancellationToken cancellationToken)
    {
        string statement;
        await using (var prepare = new NpgsqlCommand(SqlText.ReadMarked("Security/PersonalData/Sql/PersonalDataJsonKeys.sql"), connection))
        {
            prepare.Parameters.Add(new() { Value = relation.Oid });
            prepare.Parameters.Add(new() { Value = Numbers(columns) });
            prepare.Parameters.Add(new() { Value = (long)query.SampleRows });
            prepare.Parameters.Add(new() { Value = Kinds(columns) });
            statement = await prepare.ExecuteScalarAsync(cancellationToken) as string ?? throw new SampleException();
        }

        await using var command = new NpgsqlCommand(SqlText.Marked(statement), connection);
        command.Parameters.Add(new() { Value = KeyCategories });
        command.Parameters.Add(new() { Value = KeyPatterns });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var (number, category, rows) = ((short)reader.GetInt32(0), Enum.Parse<PersonalDataCategory>(reader.GetString(1)), reader.GetInt64(2));
            samples[number] = samples[number] with { Keys = new Dictionary<PersonalDataCategory, long>(samples[number].Keys) { [category] = rows } };
        }
    }

    private static string[] Kinds(IReadOnlyList<PersonalColumn> columns) => [.. columns.Select(column => column.Kind.ToString())];

    private static short[] Numbers(IReadOnlyList<PersonalColumn> columns) => [.. columns.Select(column => column.Number)];

    private static NpgsqlBatchCommand Command(string name, params object[] values)
    {
        var command = new NpgsqlBatchCommand(SqlText.ReadMarked($"Security/PersonalData/Sql/{name}.sql"));
        foreach (var value in values)
        {
            command.Parameters.Add(new() { Value = value });
        }

        return command;
    }

    /// <summary>What was to be looked at is not there any more.</summary>
    private sealed class SampleException : Exception;
}
