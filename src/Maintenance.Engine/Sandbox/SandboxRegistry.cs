using System.Security.Cryptography;
using System.Text.Json;

namespace Maintenance.Engine.Sandbox;

/// <summary>
/// Knows the sandboxes of this user on this machine: one file each, in a folder that only the user can enter, so that
/// nothing is believed or removed because of what others put into the temporary folder.
/// </summary>
internal sealed class SandboxRegistry
{
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true };

    private readonly Lazy<string> _folder = new(() => UserFolder.Get("sandboxes"));

    /// <summary>A new name, which no one can guess.</summary>
    public static string NewId() => RandomNumberGenerator.GetHexString(12, lowercase: true);

    /// <summary>Where a sandbox's folder lies.</summary>
    /// <param name="id">Id of the sandbox.</param>
    public static string FolderOf(string id) => Path.Combine(Path.GetTempPath(), $"maintenance-sandbox-{id}");

    /// <summary>The file that describes a sandbox.</summary>
    /// <param name="id">Id of the sandbox.</param>
    public string FileOf(string id) => Path.Combine(_folder.Value, $"{id}.json");

    /// <summary>Writes a sandbox down; in one step, so that nobody reads half of it.</summary>
    /// <param name="record">The sandbox.</param>
    public void Save(SandboxRecord record)
    {
        var file = FileOf(record.Id);
        var part = $"{file}.{NewId()}";
        using (var stream = PrivateFiles.CreateNew(part))
        {
            JsonSerializer.Serialize(stream, record, Json);
        }

        File.Move(part, file, overwrite: true);
    }

    /// <summary>The sandboxes of this user on this machine, oldest first.</summary>
    public IReadOnlyList<SandboxRecord> List() =>
    [
        .. Directory.EnumerateFiles(_folder.Value, "*.json")
            .Select(Read)
            .OfType<SandboxRecord>()
            .Where(record => record.Machine == Environment.MachineName)
            .OrderBy(record => record.StartedAt ?? DateTimeOffset.MaxValue),
    ];

    private static SandboxRecord? Read(string file)
    {
        try
        {
            return JsonSerializer.Deserialize<SandboxRecord>(File.ReadAllText(file), Json);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException)
        {
            // Removed just now by its owner, or not a record.
            return null;
        }
    }
}
