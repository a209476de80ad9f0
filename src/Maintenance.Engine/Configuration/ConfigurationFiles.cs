using Newtonsoft.Json.Linq;

namespace Maintenance.Engine.Configuration;

/// <summary>Finds, reads and writes configuration files.</summary>
/// <param name="environment">The value of an environment variable.</param>
/// <param name="userFolder">The user's own folder.</param>
internal sealed class ConfigurationFiles(Func<string, string?> environment, string userFolder)
{
    private const string SchemaFileName = "maintenance.schema.json";

    /// <summary>Where the file is; null if nobody named one and there is none in the usual places.</summary>
    public ConfigurationLocation? Locate(string? path, string currentFolder) =>
        ConfigurationLocation.Find(path, currentFolder, userFolder, environment, File.Exists);

    /// <summary>Reads a file, and tells which.</summary>
    /// <exception cref="MaintenanceException">ConfigurationNotFound, FileUnavailable; never for what is wrong in the file.</exception>
    public static async Task<ConfigurationFile> ReadAsync(ConfigurationLocation location, IMaintenanceSink sink, CancellationToken cancellationToken)
    {
        sink.Verbose($"The configuration is {location.Path} ({location.Reason}).");
        string text;
        try
        {
            text = await File.ReadAllTextAsync(location.Path, cancellationToken);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw NotFound(location.Path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Unavailable(location.Path, "read", exception);
        }

        return await ConfigurationReader.ReadAsync(text, location.Path);
    }

    /// <summary>The names of the targets in a file, however little of it is right: nothing if it cannot be read at all.</summary>
    public IReadOnlyList<string> TargetNames(string? path, string currentFolder)
    {
        try
        {
            return Locate(path, currentFolder) is { } location
                && JsonSource.Parse(File.ReadAllText(location.Path), location.Path).Root is JObject root
                && root["targets"] is JObject targets
                    ? [.. targets.Properties().Select(property => property.Name)]
                    : [];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return [];
        }
    }

    /// <summary>Writes the starter file, and beside it the schema that editors complete and check it with.</summary>
    /// <remarks>
    /// The schema lies beside the file, not in the module's folder: the reference stays right when the module is updated,
    /// on another machine and in version control.
    /// </remarks>
    public static async Task WriteStarterAsync(string path, bool overwrite, CancellationToken cancellationToken)
    {
        if (!overwrite && File.Exists(path))
        {
            throw new MaintenanceException(MaintenanceErrorCode.FileExists, $"{path} exists already.", "Choose another path, or replace it with -Force.");
        }

        var folder = Path.GetDirectoryName(path)!;
        try
        {
            PrivateFiles.CreateFolder(folder);
            await ReplaceAsync(path, EngineResource.Read("Configuration/Starter.json"), cancellationToken);
            await ReplaceAsync(Path.Combine(folder, SchemaFileName), ConfigurationSchema.Text, cancellationToken);
        }
        catch (Exception exception) when (exception is FileNotFoundException or UnauthorizedAccessException)
        {
            // The system names the draft, of which nobody has heard.
            throw new MaintenanceException(
                MaintenanceErrorCode.FileUnavailable, $"{path} cannot be written: this account can make no file in the folder {folder}.", "Choose another path, or get the right to write there.");
        }
        catch (IOException exception)
        {
            throw Unavailable(path, "written", exception);
        }
    }

    public static MaintenanceException NotFound(string path) => new(
        MaintenanceErrorCode.ConfigurationNotFound,
        $"There is no configuration file {path}.",
        "Make one with New-MaintenanceConfiguration, or name another with -Path.");

    // Whole or not at all: the old file stays until the new one is complete.
    private static async Task ReplaceAsync(string path, string text, CancellationToken cancellationToken)
    {
        var draft = $"{path}.{Guid.NewGuid():N}";
        try
        {
            await using (var writer = new StreamWriter(PrivateFiles.CreateNew(draft)))
            {
                await writer.WriteAsync(text.AsMemory(), cancellationToken);
            }

            File.Move(draft, path, overwrite: true);
        }
        catch
        {
            File.Delete(draft);
            throw;
        }
    }

    private static MaintenanceException Unavailable(string path, string done, Exception exception) => new(
        MaintenanceErrorCode.FileUnavailable,
        $"{path} cannot be {done}: {exception.Message}",
        "Check that it is a file and that you have the right to it.");
}
