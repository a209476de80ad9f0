using System.IO.Compression;
using System.Net;
using System.Text;
using Azure.Storage.Blobs;
using Maintenance.Engine;

namespace Maintenance.Benchmarks.Backup;

/// <summary>Large backups to read: SQL text as pg_dump writes it, of rows that hardly compress.</summary>
internal static class BackupFolder
{
    /// <summary>Writes a plain dump.</summary>
    /// <param name="path">The file; compressed where it ends in <c>.gz</c>.</param>
    /// <param name="megabytes">How large it is before it is compressed.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static async Task WriteAsync(string path, int megabytes, CancellationToken cancellationToken)
    {
        await using Stream file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 20, FileOptions.Asynchronous);
        await using var stream = path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionLevel.Fastest) : file;
        await stream.WriteAsync(Encoding.ASCII.GetBytes("--\n-- PostgreSQL database dump\n--\n\nCOPY public.t (id, name) FROM stdin;\n"), cancellationToken);
        var random = new Random(1);
        var bytes = new byte[24 * 1024];
        for (var written = 0L; written < megabytes * 1048576L; written += 32 * 1024)
        {
            random.NextBytes(bytes);
            await stream.WriteAsync(Encoding.ASCII.GetBytes(Convert.ToBase64String(bytes, Base64FormattingOptions.InsertLineBreaks)), cancellationToken);
        }

        await stream.WriteAsync(Encoding.ASCII.GetBytes("\n\\.\n\n--\n-- PostgreSQL database dump complete\n--\n\n"), cancellationToken);
    }

    /// <summary>Sends files to a new container.</summary>
    public static async Task<StoreSettings> UploadAsync(StoreSettings store, string container, IEnumerable<string> paths, CancellationToken cancellationToken)
    {
        var settings = store with { Prefix = "", Container = container };
        var client = new BlobContainerClient(new NetworkCredential("", settings.ConnectionString!.ToSecureString()).Password, container);
        await client.CreateAsync(cancellationToken: cancellationToken);
        foreach (var path in paths)
        {
            await client.GetBlobClient(Path.GetFileName(path)).UploadAsync(path, cancellationToken);
        }

        return settings;
    }

    /// <summary>Lists and tests every backup of a target.</summary>
    public static async Task<IReadOnlyList<BackupVerification>> TestAsync(
        MaintenanceEngine engine, MaintenanceTarget target, BackupTestOptions options, CancellationToken cancellationToken)
    {
        var found = new List<BackupVerification>();
        await foreach (var backup in engine.Backups.ListAsync(target, new BackupQuery(), SilentCall.Context, cancellationToken))
        {
            found.Add(await engine.BackupTests.TestAsync(backup, target, options, SilentCall.Context, cancellationToken));
        }

        return found.Count > 0 && found.TrueForAll(verification => verification.Verdict == BackupVerdict.Verified)
            ? found
            : throw new InvalidOperationException($"Not all backups were verified: {string.Join(", ", found)}");
    }
}
