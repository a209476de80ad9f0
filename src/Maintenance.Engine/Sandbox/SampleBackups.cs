using System.ComponentModel;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using Maintenance.Engine.Database;
using Maintenance.Engine.Programs;
using Npgsql;

namespace Maintenance.Engine.Sandbox;

/// <summary>
/// Gives the sandbox a history of backups: one taken now, nightly ones of the last days, and one night that left an empty file.
/// All can be restored; the older ones hold the same as the new one.
/// </summary>
internal static class SampleBackups
{
    private const string Activity = "Writing sample backups";
    private const int Nights = 6;
    private const int FailedNight = 3;

    /// <summary>When the nightly backup runs (UTC).</summary>
    private static readonly TimeSpan NightlyAt = TimeSpan.FromHours(2);

    /// <summary>Takes a backup and stores it under the names of several days.</summary>
    /// <param name="administrator">The database.</param>
    /// <param name="password">The administrator's password, which a data source does not give away; only pg_dump needs it.</param>
    /// <param name="pgDumpPath">The pg_dump that belongs to the server, or null where there is none.</param>
    /// <param name="resourcePath">The module's <c>sandbox</c> folder.</param>
    /// <param name="store">Stores content under a name, as of a time.</param>
    /// <param name="time">The clock.</param>
    /// <param name="sink">Where to tell how far it is.</param>
    /// <param name="cancellationToken">Ends the work, and pg_dump.</param>
    public static async Task WriteAsync(
        NpgsqlDataSource administrator,
        string password,
        string? pgDumpPath,
        string resourcePath,
        Func<string, Stream, DateTimeOffset, CancellationToken, Task> store,
        TimeProvider time,
        IMaintenanceSink sink,
        CancellationToken cancellationToken)
    {
        try
        {
            sink.Progress(new ProgressUpdate(Activity, "Taking a backup", 0));
            var now = time.GetUtcNow();
            var (content, extension) = pgDumpPath is not null
                ? (await DumpAsync(administrator, password, pgDumpPath, cancellationToken), "dump")
                : (await ExportAsync(administrator, resourcePath, cancellationToken), "sql.gz");

            // Oldest first, so that also a store that only knows when it received something has the right one as its newest.
            for (var night = Nights; night >= 1; night--)
            {
                var takenAt = new DateTimeOffset(now.UtcDateTime.Date, TimeSpan.Zero).AddDays(-night) + NightlyAt;
                sink.Progress(new ProgressUpdate(Activity, $"{takenAt:yyyy-MM-dd}", 100 * (Nights - night + 1) / (Nights + 2)));
                await StoreAsync(night == FailedNight ? [] : content, takenAt);
            }

            await StoreAsync(content, now);

            async Task StoreAsync(byte[] bytes, DateTimeOffset takenAt)
            {
                using var stream = new MemoryStream(bytes, writable: false);
                await store($"db-{takenAt.ToString("yyyyMMddHH", CultureInfo.InvariantCulture)}.{extension}", stream, takenAt, cancellationToken);
            }
        }
        finally
        {
            sink.Progress(new ProgressUpdate(Activity, "Done", 100, Completed: true));
        }
    }

    private static async Task<byte[]> DumpAsync(NpgsqlDataSource administrator, string password, string pgDumpPath, CancellationToken cancellationToken)
    {
        var server = new NpgsqlConnectionStringBuilder(administrator.ConnectionString);
        var folder = Directory.CreateTempSubdirectory("maintenance-sample-");
        try
        {
            var file = Path.Combine(folder.FullName, "dump");
            var dump = new ProgramCall(
                pgDumpPath,
                [
                    "--format=custom", "--no-password", "--file", file,
                    "--host", server.Host!, "--port", server.Port.ToString(CultureInfo.InvariantCulture),
                    "--username", server.Username!, "--dbname", server.Database!,
                ],
                folder.FullName)
            {
                // Not on the command line, where everyone on the machine could read it.
                Environment = new Dictionary<string, string> { ["PGPASSWORD"] = password },
            };
            var result = await dump.RunAsync(cancellationToken);
            return result.ExitCode == 0
                ? await File.ReadAllBytesAsync(file, cancellationToken)
                : throw DumpFailed(pgDumpPath, LastLines.Of(result.Output));
        }
        catch (Win32Exception exception)
        {
            throw DumpFailed(pgDumpPath, exception.Message);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static MaintenanceException DumpFailed(string pgDumpPath, string cause) => new(
        MaintenanceErrorCode.SandboxStartFailed,
        $"'{pgDumpPath}' could not back the sandbox up: {cause}",
        "pg_dump must not be older than the server. Use one folder that holds both.");

    /// <summary>A plain dump of our own, for servers that come without pg_dump: the schema's script and the rows of one snapshot.</summary>
    private static async Task<byte[]> ExportAsync(NpgsqlDataSource administrator, string resourcePath, CancellationToken cancellationToken)
    {
        var schema = await SampleDatabase.ReadAsync(resourcePath, SampleDatabase.SchemaScript, cancellationToken);
        using var content = new MemoryStream();
        await using (var compressed = new GZipStream(content, CompressionLevel.Fastest, leaveOpen: true))
        await using (var writer = new StreamWriter(compressed, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { NewLine = "\n" })
        {
            await using var connection = await administrator.OpenConnectionAsync(cancellationToken);
            await using var snapshot = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, cancellationToken);
            var tables = await TablesAsync(connection, cancellationToken);
            await writer.WriteLineAsync(schema);
            foreach (var table in tables)
            {
                await writer.WriteLineAsync(table.CopyIn);
                using (var rows = await connection.BeginTextExportAsync(table.CopyOut, cancellationToken))
                {
                    while (await rows.ReadLineAsync(cancellationToken) is { } row)
                    {
                        await writer.WriteLineAsync(row);
                    }
                }

                await writer.WriteLineAsync("\\.");
                await writer.WriteLineAsync(table.SetCounter);
            }
        }

        return content.ToArray();
    }

    private static async Task<List<SampleTable>> TablesAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(SqlText.Read("Sandbox/Sql/SampleTables.sql"), connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var tables = new List<SampleTable>();
        while (await reader.ReadAsync(cancellationToken))
        {
            tables.Add(new SampleTable(reader.GetString(0), reader.GetString(1), await reader.IsDBNullAsync(2, cancellationToken) ? "" : reader.GetString(2)));
        }

        return tables;
    }

    private sealed record SampleTable(string CopyOut, string CopyIn, string SetCounter);
}
