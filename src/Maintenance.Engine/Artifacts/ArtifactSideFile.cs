using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Maintenance.Engine.Artifacts;

/// <summary>Kind and metadata of an artefact in a folder, in a file beside it.</summary>
/// <param name="ContentType">Its kind; null if that is not known.</param>
/// <param name="Metadata">What is kept with it.</param>
internal sealed record ArtifactSideFile(string? ContentType, IReadOnlyDictionary<string, string> Metadata)
{
    /// <summary>What the name of a side file ends with.</summary>
    public const string Extension = ".metadata.json";

    private const int Largest = 256 * 1024;

    /// <summary>Path of the side file of an artefact.</summary>
    public static string PathFor(string artifact) => artifact + Extension;

    /// <summary>Writes it beside an artefact, whole or not at all.</summary>
    public async Task WriteAsync(string artifact, CancellationToken cancellationToken)
    {
        var temporary = $"{artifact}.{Guid.NewGuid():N}.tmp";
        try
        {
            await using (var file = PrivateFiles.CreateNew(temporary))
            {
                await using var writer = new StreamWriter(file, leaveOpen: true);
                await writer.WriteAsync(JsonConvert.SerializeObject(new { contentType = ContentType, metadata = Metadata }, Formatting.Indented).AsMemory(), cancellationToken);
                await writer.FlushAsync(cancellationToken);
                file.Flush(flushToDisk: true);
            }

            File.Move(temporary, PathFor(artifact), overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    /// <summary>Reads one; null if it is not of this form.</summary>
    /// <param name="path">Path of the side file.</param>
    public static ArtifactSideFile? TryRead(string path)
    {
        try
        {
            if (new FileInfo(path).Length > Largest)
            {
                return null;
            }

            var json = JObject.Parse(File.ReadAllText(path));
            return json["metadata"] is JObject metadata
                ? new ArtifactSideFile((string?)json["contentType"], metadata.Properties().ToDictionary(entry => entry.Name, entry => entry.Value.ToString(), StringComparer.OrdinalIgnoreCase))
                : null;
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
