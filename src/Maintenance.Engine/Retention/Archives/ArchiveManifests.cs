using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Maintenance.Engine.Retention;

/// <summary>Manifests as they lie in the store, and lists of columns as they lie in the database. Pure.</summary>
internal static class ArchiveManifests
{
    public const string ContentType = "application/json";

    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        // For people who look into it, not for web pages.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        RespectNullableAnnotations = true,
        AllowDuplicateProperties = false,
    };

    /// <summary>The bytes of a manifest.</summary>
    public static byte[] Write(ArchiveManifest manifest) => JsonSerializer.SerializeToUtf8Bytes(manifest, Options);

    /// <summary>SHA-256 in hexadecimal digits.</summary>
    public static string Sha256(ReadOnlySpan<byte> content) => Convert.ToHexStringLower(SHA256.HashData(content));

    /// <summary>Reads a manifest, and makes sure that it is whole and speaks of files beside it alone.</summary>
    /// <param name="name">Its name in the store.</param>
    /// <param name="content">Its bytes.</param>
    /// <exception cref="MaintenanceException">ArchiveMismatch.</exception>
    public static ArchiveManifest Read(string name, ReadOnlySpan<byte> content)
    {
        ArchiveManifest? manifest;
        try
        {
            if (FormatOf(content) is var format && format != ArchiveManifest.CurrentFormat)
            {
                throw Unfit(name, FormattableString.Invariant($"has form {format}, and this version knows {ArchiveManifest.CurrentFormat}"), "Use a newer version of this module.");
            }

            manifest = JsonSerializer.Deserialize<ArchiveManifest>(content, Options);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException or NotSupportedException)
        {
            throw Unfit(name, "cannot be read", "It is damaged, or no manifest. The files beside it are whole by themselves: gzip and CSV.");
        }

        var folder = name[..(name.LastIndexOf('/') + 1)];
        return manifest is not null
            && manifest.Columns.Count > 0
            && manifest.Parts.Select(part => part.Number).Distinct().Count() == manifest.Parts.Count
            && manifest.Parts.All(part => part.Name == ArchiveNames.Part(folder, part.Number) && part is { Rows: > 0, StoredBytes: > 0 })
            && manifest.Parts.Sum(part => part.Rows) == manifest.Rows
            ? manifest
            : throw Unfit(name, "contradicts itself", "Somebody has changed it. Compare its SHA-256 with that in maintenance.archives.");
    }

    /// <summary>Columns for maintenance.archives.</summary>
    public static string WriteColumns(IReadOnlyList<ArchivedColumn> columns) => JsonSerializer.Serialize(columns, Options);

    /// <summary>Columns from maintenance.archives.</summary>
    public static IReadOnlyList<ArchivedColumn> ReadColumns(string json) => JsonSerializer.Deserialize<List<ArchivedColumn>>(json, Options) ?? [];

    private static int? FormatOf(ReadOnlySpan<byte> content)
    {
        var reader = new Utf8JsonReader(content);
        using var document = JsonDocument.ParseValue(ref reader);
        return document.RootElement.TryGetProperty("format", out var format) && format.TryGetInt32(out var number) ? number : null;
    }

    private static MaintenanceException Unfit(string name, string what, string recommendation) =>
        new(MaintenanceErrorCode.ArchiveMismatch, $"The manifest {name} {what}.", recommendation);
}
