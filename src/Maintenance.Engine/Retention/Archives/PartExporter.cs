using System.Buffers;
using System.Data;
using System.IO.Compression;
using System.Security.Cryptography;
using Maintenance.Engine.Database;
using Maintenance.Engine.Stores;
using Npgsql;

namespace Maintenance.Engine.Retention;

/// <summary>Writes rows into files of the store. It locks nothing that anybody could wait for.</summary>
/// <param name="work">The policy being carried out.</param>
/// <param name="archive">The archive.</param>
/// <param name="store">Where it lies.</param>
/// <param name="statements">Its statements.</param>
internal sealed class PartExporter(RetentionWork work, ArchiveRecord archive, IFileStore store, ArchiveStatements statements)
{
    private const int ChunkSize = 256 * 1024;

    private int _number;

    /// <summary>Exports a range as it is at one moment. Nothing is written if it is empty, or by far larger than a part shall be.</summary>
    /// <param name="session">The session to export in.</param>
    /// <param name="range">The range.</param>
    /// <param name="most">Above so many rows nothing is written.</param>
    /// <param name="cancellationToken">Ends the COPY on the server too.</param>
    public async Task<ExportedPart> ExportAsync(DatabaseSession session, ArchiveRange range, long most, CancellationToken cancellationToken)
    {
        ArchivePart? stored = null;
        ExportedPart exported;
        try
        {
            exported = await session.RunAsync(
                async (connection, token) =>
                {
                    await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, token);
                    var summary = await SummariseAsync(connection, range, token);
                    stored = summary.Rows == 0 || summary.Rows > most ? null : await StoreAsync(connection, statements.Copy(range.ByPages), summary, token);
                    await transaction.CommitAsync(token);
                    return new ExportedPart(range, summary, stored);
                },
                cancellationToken);
        }
        catch when (stored is not null)
        {
            await DiscardAsync(stored.Name);
            throw;
        }

        if (exported.Part is { } part && work.Options.Verify)
        {
            await ProveAsync(session, part, cancellationToken);
        }

        return exported;
    }

    /// <summary>Exports the result of a COPY into a new part.</summary>
    public async Task<ArchivePart> StoreAsync(NpgsqlConnection connection, string copy, RangeSummary summary, CancellationToken cancellationToken)
    {
        var number = Interlocked.Increment(ref _number);
        var name = ArchiveNames.Part(archive.Prefix, number);
        await using var upload = await store.RunAsync(() => store.BeginAsync(name, "application/gzip", cancellationToken), cancellationToken);
        var records = new CsvRecords();
        var bytes = await CompressAsync(connection, copy, upload.Content, records, cancellationToken);
        // The first line has the names.
        if (records.Count != summary.Rows + 1)
        {
            throw new MaintenanceException(
                MaintenanceErrorCode.ArchiveMismatch,
                FormattableString.Invariant($"{summary.Rows} rows of {work.Facts.Table.QuotedName} were counted and {records.Count - 1} exported, so they were left where they are."),
                "Look whether the legal hold gives another answer each time it is asked.");
        }

        var stored = await store.RunAsync(() => upload.CommitAsync(() => work.Reached(FaultPoint.PartStaged), cancellationToken), cancellationToken);
        try
        {
            await work.Reached(FaultPoint.PartStored);
        }
        catch
        {
            await DiscardAsync(name);
            throw;
        }

        return new ArchivePart
        {
            Number = number,
            Name = name,
            Rows = summary.Rows,
            Bytes = bytes,
            StoredBytes = stored.Bytes,
            Sha256 = stored.Sha256,
            Checksum = work.Options.Verify ? summary.Checksum : null,
            OldestTime = summary.Oldest!,
            NewestTime = summary.Newest!,
        };
    }

    /// <summary>Proves that a part can be restored: what the store gives back is what was sent, and PostgreSQL reads the same rows from it.</summary>
    /// <exception cref="MaintenanceException">ArchiveMismatch.</exception>
    public async Task ProveAsync(DatabaseSession session, ArchivePart part, CancellationToken cancellationToken)
    {
        try
        {
            await session.RunAsync((connection, token) => ProveAsync(connection, part, token), cancellationToken);
        }
        catch
        {
            await DiscardAsync(part.Name);
            throw;
        }
    }

    /// <summary>Deletes a part whose rows are still in their table. What cannot be deleted now, the next run does.</summary>
    public async Task DiscardAsync(string name)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10), work.Time);
        try
        {
            await store.RunAsync(() => store.DeleteAsync(name, limit.Token), limit.Token);
        }
        catch (Exception exception) when (exception is MaintenanceException or OperationCanceledException)
        {
            work.Call.Sink.Verbose($"{name} could not be deleted ({exception.Message}); the next run does it.");
        }
    }

    private async Task<RangeSummary> SummariseAsync(NpgsqlConnection connection, ArchiveRange range, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(new NpgsqlBatchCommand("SET TRANSACTION READ ONLY"));
        batch.BatchCommands.Add(Command(ArchiveStatements.SetRange, ArchiveRanges.Values(range, always: true)));
        batch.BatchCommands.Add(Command(statements.Summary(range.ByPages, work.Options.Verify), ArchiveRanges.Values(range)));
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        return await ReadSummaryAsync(reader, cancellationToken);
    }

    /// <summary>Reads what a range holds.</summary>
    public static async Task<RangeSummary> ReadSummaryAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        await reader.ReadAsync(cancellationToken);
        string? Text(int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
        return new RangeSummary(reader.GetInt64(0), Text(1), Text(2), Text(3), Text(4));
    }

    private static NpgsqlBatchCommand Command(string sql, string[] values)
    {
        var command = new NpgsqlBatchCommand(SqlText.Marked(sql));
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        return command;
    }

    private async Task<long> CompressAsync(NpgsqlConnection connection, string copy, Stream content, CsvRecords records, CancellationToken cancellationToken)
    {
        var chunk = ArrayPool<byte>.Shared.Rent(ChunkSize);
        try
        {
            var bytes = 0L;
            // Not closed when the work fails: closing writes.
            var compressed = new GZipStream(content, CompressionLevel.Fastest, leaveOpen: true);
            await CopyStreams.ExportAsync(
                connection,
                copy,
                async (rows, token) =>
                {
                    for (var filled = 0; ;)
                    {
                        // The driver gives one row at a time.
                        var read = await rows.ReadAsync(chunk.AsMemory(filled), token);
                        filled += read;
                        if (filled == chunk.Length || read == 0)
                        {
                            records.Add(chunk.AsSpan(0, filled));
                            bytes += filled;
                            var piece = chunk.AsMemory(0, filled);
                            await store.RunAsync(() => compressed.WriteAsync(piece, token).AsTask(), token);
                            filled = 0;
                        }

                        if (read == 0)
                        {
                            return;
                        }
                    }
                },
                cancellationToken);
            await store.RunAsync(() => compressed.DisposeAsync().AsTask(), cancellationToken);
            return bytes;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(chunk);
        }
    }

    private async Task<bool> ProveAsync(NpgsqlConnection connection, ArchivePart part, CancellationToken cancellationToken)
    {
        await ExecuteAsync(connection, $"{statements.MakeTable(ArchiveStatements.Proof)}; TRUNCATE {ArchiveStatements.Proof}", cancellationToken);
        using var hash = SHA256.Create();
        await using (var stored = await store.RunAsync(() => store.OpenAsync(part.Name, cancellationToken), cancellationToken))
        await using (var hashed = new CryptoStream(stored, hash, CryptoStreamMode.Read))
        await using (var rows = new GZipStream(hashed, CompressionMode.Decompress))
        {
            await CopyStreams.ImportAsync(connection, statements.LoadProof, (load, token) => store.CopyAsync(rows, load, token), cancellationToken);
            // The trailer of the file belongs to it too.
            await store.CopyAsync(hashed, Stream.Null, cancellationToken);
        }

        await using var command = new NpgsqlCommand(SqlText.Marked(statements.SummaryOfProof), connection);
        long count;
        string checksum;
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            await reader.ReadAsync(cancellationToken);
            (count, checksum) = (reader.GetInt64(0), reader.GetString(1));
        }

        await ExecuteAsync(connection, $"TRUNCATE {ArchiveStatements.Proof}", cancellationToken);
        return Convert.ToHexStringLower(hash.Hash!) == part.Sha256 && count == part.Rows && checksum == part.Checksum ? true : throw new MaintenanceException(
            MaintenanceErrorCode.ArchiveMismatch,
            FormattableString.Invariant($"What {store.Place} gave back as {part.Name} is not what was sent ({part.Rows} rows, checksum {part.Checksum}; read back {count}, {checksum}), so the rows were left in {work.Facts.Table.QuotedName}."),
            "The store may be damaged, or a type of the table may read its own text in another way than it writes it.");
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(SqlText.Marked(sql), connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
