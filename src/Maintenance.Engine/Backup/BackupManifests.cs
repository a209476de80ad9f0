using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Azure;
using Azure.Storage.Blobs.Models;
using Maintenance.Engine.Stores;

namespace Maintenance.Engine.Backup;

/// <summary>What is noted beside a backup, as <c>NAME.manifest.json</c>, and at it where a store keeps such things.</summary>
/// <remarks>Whoever may write to the store may write these too: what is read here is a claim, and never more than that.</remarks>
internal static class BackupManifests
{
    public const string Ending = ".manifest.json";

    private const string ContentType = "application/json";
    private const int FormatVersion = 1;

    // 100,000 tables with long names are 20 MB.
    private const long LargestBytes = 64L << 20;

    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        // For people who look into it, not for web pages.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        AllowDuplicateProperties = false,
        Converters = { new JsonStringEnumConverter(namingPolicy: null, allowIntegerValues: false) },
    };

    /// <summary>Name of the manifest of a backup.</summary>
    /// <param name="backupName">Name of the backup in the store.</param>
    public static string NameOf(string backupName) => backupName + Ending;

    /// <summary>Puts a manifest beside its backup, in place of one that is there.</summary>
    public static Task WriteAsync(IFileStore store, BackupManifest manifest, CancellationToken cancellationToken) =>
        store.PutAsync(NameOf(manifest.Name), JsonSerializer.SerializeToUtf8Bytes(manifest, Options), ContentType, cancellationToken);

    /// <summary>Reads the manifest of a backup; null where there is none, or none that can be believed.</summary>
    /// <param name="store">The store, which throws its own exceptions.</param>
    /// <param name="backupName">Name of the backup in the store.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public static async Task<BackupManifest?> ReadAsync(IFileStore store, string backupName, CancellationToken cancellationToken)
    {
        try
        {
            var name = NameOf(backupName);
            if (await store.FindAsync(name, cancellationToken) is not { SizeBytes: > 0 and <= LargestBytes } found)
            {
                return null;
            }

            await using var content = new LimitedStream(await store.OpenAsync(name, 0, found.SizeBytes, found.ETag, cancellationToken), LargestBytes);
            var manifest = await JsonSerializer.DeserializeAsync<BackupManifest>(content, Options, cancellationToken);
            return manifest is not null && IsSound(manifest) && FileOf(manifest.Name) == FileOf(backupName) ? manifest with { Name = backupName } : null;
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException or ArgumentException or FormatException)
        {
            return null;
        }
        // Deleted meanwhile, or replaced.
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException
            || exception is RequestFailedException { Status: 412 }
            || (exception is RequestFailedException refused && (refused.ErrorCode == BlobErrorCode.BlobNotFound || refused.ErrorCode == BlobErrorCode.ContainerNotFound)))
        {
            return null;
        }
    }

    /// <summary>What goes with the backup itself, so that a listing needs no manifest: database, takenat, sizebytes, and sha256 by the store.</summary>
    /// <param name="manifest">The manifest; its size is that of all files.</param>
    public static IReadOnlyDictionary<string, string> MetadataOf(BackupManifest manifest) => new Dictionary<string, string>
    {
        // Metadata travel as headers, which are ASCII. A per cent sign is escaped too, so that it can be read back.
        ["database"] = manifest.Database.All(char.IsAsciiLetterOrDigit) ? manifest.Database : Uri.EscapeDataString(manifest.Database),
        ["takenat"] = manifest.TakenAt.ToUniversalTime().ToString("O", CultureInfo.InvariantCulture),
        ["sizebytes"] = manifest.SizeBytes.ToString(CultureInfo.InvariantCulture),
    };

    // A copy in another folder keeps its manifest; one under another name is another backup.
    private static string FileOf(string name) => name[(name.LastIndexOf('/') + 1)..];

    private static bool IsSound(BackupManifest manifest) =>
        manifest.FormatVersion is FormatVersion
        && IsName(manifest.Name)
        && IsName(manifest.Database)
        && manifest is { SizeBytes: >= 0, DatabaseSizeBytes: null or >= 0 }
        && (manifest.Sha256 is null || IsHash(manifest.Sha256))
        && manifest.Files.All(file => file is { SizeBytes: >= 0 } && IsHash(file.Sha256) && IsBelow(file.Name))
        && manifest.Files.DistinctBy(file => file.Name).Count() == manifest.Files.Count
        && (manifest.Files.Count == 0 || manifest.Files.Sum(file => (decimal)file.SizeBytes) == manifest.SizeBytes)
        && (manifest.Tables is null || (manifest.Tables.All(table => table is { Rows: null or >= 0 } && IsName(table.Schema) && IsName(table.Name))
            && manifest.Tables.DistinctBy(table => (table.Schema, table.Name)).Count() == manifest.Tables.Count));

    private static bool IsName(string name) => name.Length is > 0 and <= 1024 && !name.Contains('\0', StringComparison.Ordinal);

    private static bool IsHash(string hash) => hash.Length == 64 && hash.All(char.IsAsciiHexDigit);

    // A file of a backup lies in it, whatever is claimed.
    private static bool IsBelow(string name) =>
        IsName(name) && !name.Contains('\\', StringComparison.Ordinal) && name.Split('/').All(part => part is not ("" or "." or ".."));
}
