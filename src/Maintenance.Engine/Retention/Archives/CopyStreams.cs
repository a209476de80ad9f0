using Maintenance.Engine.Database;
using Npgsql;

namespace Maintenance.Engine.Retention;

/// <summary>
/// The bytes of COPY as text, undecoded. Npgsql gives bytes for binary COPY alone; its reader and writer of text are those of .NET over a
/// stream of just these bytes.
/// </summary>
internal static class CopyStreams
{
    /// <summary>What a COPY sends. When the work fails, the server is told to stop before the failure goes on.</summary>
    public static async Task ExportAsync(NpgsqlConnection connection, string sql, Func<Stream, CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        var reader = (NpgsqlCopyTextReader)await connection.BeginTextExportAsync(SqlText.Marked(sql), cancellationToken);
        try
        {
            await work(reader.BaseStream, cancellationToken);
        }
        catch
        {
            await QuietlyAsync(reader.CancelAsync);
            await QuietlyAsync(async () => await reader.DisposeAsync());
            throw;
        }

        await reader.DisposeAsync();
    }

    /// <summary>What a COPY takes. When the work fails, nothing is taken.</summary>
    public static async Task ImportAsync(NpgsqlConnection connection, string sql, Func<Stream, CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        var writer = (NpgsqlCopyTextWriter)await connection.BeginTextImportAsync(SqlText.Marked(sql), cancellationToken);
        try
        {
            await work(writer.BaseStream, cancellationToken);
        }
        catch
        {
            await QuietlyAsync(writer.CancelAsync);
            await QuietlyAsync(async () => await writer.DisposeAsync());
            throw;
        }

        await writer.DisposeAsync();
    }

    // The first failure is the one to tell.
    private static async Task QuietlyAsync(Func<Task> ending)
    {
        try
        {
            await ending();
        }
        catch (Exception exception) when (exception is NpgsqlException or IOException or InvalidOperationException or OperationCanceledException)
        {
            // It has ended, or its connection has.
        }
    }
}
