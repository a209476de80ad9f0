using System.Globalization;
using System.Text.RegularExpressions;
using Maintenance.Engine.Database;
using Npgsql;

namespace Maintenance.Engine.Retention;

/// <summary>
/// Brings rows back out of files, each file in one transaction: read and checked in a table that goes with the transaction, inserted,
/// and put on record as restored. So a file is restored whole or not at all, and the next run knows which.
/// </summary>
internal static partial class FileRestore
{
    public static async Task RunAsync(RestoreWork work, FileRestoreJob job, CancellationToken cancellationToken)
    {
        await ArchiveJournal.EnsureAsync(work.Session, cancellationToken);
        work.Tally.PartsRestoredBefore = job.PartsRestoredBefore;
        foreach (var part in job.Parts)
        {
            if (work.MustStop() || await work.TryAsync(job.InsertSql, (connection, token) => PartAsync(work, job, part, connection, token), cancellationToken) is not { } restored)
            {
                return;
            }

            if (restored.Wanted > 0)
            {
                work.Tally.Add(restored.Rows, restored.Held);
                work.Tally.Parts++;
                work.Tally.Skipped = work.Options.SkipExisting ? (work.Tally.Skipped ?? 0) + restored.Wanted - restored.Rows : null;
                work.Tally.Checksum += restored.Checksum;
                work.Tell(job.Source);
            }
        }

        if (work.Options.Verify)
        {
            Prove(work, job);
        }
    }

    private static void Prove(RestoreWork work, FileRestoreJob job)
    {
        if (work.Tally.Skipped is > 0)
        {
            work.Tally.Verification = "Rows were left out because their key is there already, so the checksums of both sides cannot be compared; the files are what they are on record with.";
            return;
        }

        work.Tally.Prove($"in the files, and in {job.Destination.QuotedName}, compared for each file");
    }

    private static async Task<Restored?> PartAsync(RestoreWork work, FileRestoreJob job, ArchivePart part, NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await LoadAsync(job, part, connection, cancellationToken);
        var (wanted, expected) = await CountAsync(connection, job.CountSql, Parameters(work, job, part), cancellationToken);
        if (wanted == 0)
        {
            return new Restored(0, 0, 0, TimeSpan.Zero);
        }

        await SequenceAdvance.RunAsync(
            work.Session, job, job.Wanted, column => column.Value("wanted."), Parameters(work, job, part), work.Tally.Notes, cancellationToken);
        var started = work.Time.GetTimestamp();
        var (rows, arrived) = await InsertAsync(work, job, part, connection, transaction, cancellationToken);
        if (rows != wanted && !work.Options.SkipExisting)
        {
            throw Changed(job, FormattableString.Invariant($"Of {wanted} rows of the file {part.Name}, {rows} arrived in {job.Destination.QuotedName}"));
        }

        if (rows == wanted && expected is not null && expected != arrived)
        {
            throw Changed(job, $"What arrived in {job.Destination.QuotedName} is not what the file {part.Name} holds");
        }

        await RecordAsync(job, part, rows, connection, cancellationToken);
        await work.Reached(FaultPoint.PartRestored);
        await transaction.CommitAsync(cancellationToken);
        var held = work.Time.GetElapsedTime(started);
        await work.Reached(FaultPoint.RestoreCommitted);
        return new Restored(wanted, rows, expected is null ? 0 : decimal.Parse(arrived!, CultureInfo.InvariantCulture), held);
    }

    /// <summary>Brings a file into the staging table, and makes sure that it is what it is on record with.</summary>
    private static async Task LoadAsync(FileRestoreJob job, ArchivePart part, NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using (var create = new NpgsqlCommand(SqlText.Marked(job.CreateSql), connection))
        {
            await create.ExecuteNonQueryAsync(cancellationToken);
        }

        await using (var reader = await PartReader.OpenAsync(job.Store, part, cancellationToken))
        {
            try
            {
                await CopyAsync(reader, connection, cancellationToken);
            }
            catch (PostgresException exception) when (RestoreErrors.IsValue(exception))
            {
                // Damage looks so as well, and is told as such.
                await reader.VerifyAsync(cancellationToken);
                throw Unreadable(job, part, exception);
            }
        }

        var (rows, checksum) = await CountAsync(connection, part.Checksum is null ? CountStaging : RestoreStatements.CountStaging(job.Archive.Columns.Count), [], cancellationToken);
        if (rows != part.Rows || checksum != part.Checksum)
        {
            throw PartReader.Damaged(part, rows != part.Rows
                ? FormattableString.Invariant($"holds {rows} rows, and is on record with {part.Rows}")
                : "holds other rows than those that it is on record with");
        }
    }

    private const string CountStaging = $"SELECT count(*), NULL::text FROM {RestoreStatements.Staging}";

    private static async Task CopyAsync(PartReader reader, NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var import = await connection.BeginTextImportAsync(SqlText.Marked(RestoreStatements.Copy), cancellationToken);
        try
        {
            var buffer = new byte[64 * 1024];
            while (await reader.ReadAsync(buffer, cancellationToken) is > 0 and var read)
            {
                await import.BaseStream.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            }

            await reader.VerifyAsync(cancellationToken);
        }
        catch
        {
            await CancelAsync(import);
            throw;
        }

        // Tells the server that this was all, and hears what it thinks of it.
        await import.DisposeAsync();
    }

    // Disposing would tell the server that this was all.
    private static async Task CancelAsync(NpgsqlCopyTextWriter import)
    {
        try
        {
            await import.CancelAsync();
        }
        catch (Exception exception) when (exception is NpgsqlException or InvalidOperationException or IOException)
        {
            // The server had stopped reading already; what came first is what is told.
        }
    }

    private static async Task<(long Rows, string? Checksum)> InsertAsync(
        RestoreWork work, FileRestoreJob job, ArchivePart part, NpgsqlConnection connection, NpgsqlTransaction transaction, CancellationToken cancellationToken)
    {
        const string Before = "before";
        await transaction.SaveAsync(Before, cancellationToken);
        try
        {
            return await CountAsync(connection, job.InsertSql, Parameters(work, job, part), cancellationToken);
        }
        catch (PostgresException exception) when (RestoreErrors.Of(exception, job.Destination) is { } refusal)
        {
            if (RestoreErrors.IsValue(exception))
            {
                await transaction.RollbackAsync(Before, cancellationToken);
                await ColumnProbe.RunAsync(connection, job, job.Wanted, column => column.Value("wanted."), () => Parameters(work, job, part), cancellationToken);
            }

            throw refusal;
        }
    }

    private static async Task RecordAsync(FileRestoreJob job, ArchivePart part, long rows, NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(SqlText.ReadMarked("Retention/Sql/RecordRestore.sql"), connection);
        foreach (var value in new object?[] { job.Archive.Id, part.Number, job.Destination.QuotedName, job.Range.From, job.Range.To, rows })
        {
            command.Parameters.Add(new() { Value = value ?? DBNull.Value });
        }

        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static NpgsqlParameter[] Parameters(RestoreWork work, FileRestoreJob job, ArchivePart part) =>
    [
        new() { Value = (object?)job.Range.From ?? DBNull.Value },
        new() { Value = (object?)job.Range.To ?? DBNull.Value },
        new() { Value = job.Archive.Id },
        new() { Value = part.Number },
        new() { Value = job.Destination.QuotedName },
        new() { Value = !work.Options.Force },
    ];

    private static async Task<(long Rows, string? Checksum)> CountAsync(NpgsqlConnection connection, string sql, NpgsqlParameter[] parameters, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(SqlText.Marked(sql), connection);
        command.Parameters.AddRange(parameters);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return (reader.GetInt64(0), reader.IsDBNull(1) ? null : reader.GetString(1));
    }

    private static MaintenanceException Changed(FileRestoreJob job, string what) => new(
        MaintenanceErrorCode.ArchiveMismatch, $"{what}, so nothing of it was restored.", $"Look for a trigger on {job.Destination.QuotedName} that changes rows or keeps them out.");

    // Where the server stopped names the column, and quotes the value: only the former is passed on.
    private static MaintenanceException Unreadable(FileRestoreJob job, ArchivePart part, PostgresException exception)
    {
        var column = StagingColumn().Match(exception.Where ?? "") is { Success: true } match && int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture) is var number && number <= job.Archive.Columns.Count
            ? job.Archive.Columns[number - 1]
            : null;
        return column is null
            ? PartReader.Damaged(part, $"is not the CSV that it should be ({exception.SqlState})")
            : new MaintenanceException(
                MaintenanceErrorCode.DestinationUnfit,
                $"The type {column.Type} of this database does not take archived values of {column.Name} ({exception.SqlState}). Nothing of the file {part.Name} was restored.",
                "The type has changed since: give it back what it lacks, such as a value of an enumeration.");
    }

    [GeneratedRegex(@"\ACOPY maintenance_restore, line [0-9]+, column c([0-9]{1,4})[:,]")]
    private static partial Regex StagingColumn();

    /// <summary>What became of a file.</summary>
    private sealed record Restored(long Wanted, long Rows, decimal Checksum, TimeSpan Held);
}
