using System.Text.Json;

namespace Maintenance.Packager;

/// <summary>What restoring has written down: which file comes from which package, and where the packages lie.</summary>
internal sealed class PackageAssets
{
    private readonly Dictionary<string, PackageFolder> _byPath = new(StringComparer.OrdinalIgnoreCase);

    public PackageAssets(string assetsFile)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(assetsFile));
        var root = document.RootElement;
        string[] stores = [.. root.GetProperty("packageFolders").EnumerateObject().Select(folder => folder.Name)];
        // The target without a runtime identifier is what is built for.
        foreach (var library in root.GetProperty("targets").EnumerateObject().First().Value.EnumerateObject())
        {
            if (library.Value.GetProperty("type").GetString() == "package")
            {
                var path = root.GetProperty("libraries").GetProperty(library.Name).GetProperty("path").GetString()!;
                var folder = stores.Select(store => Path.Combine(store, path)).FirstOrDefault(Directory.Exists)
                    ?? throw new PackagingException($"{library.Name} has not been restored.");
                foreach (var file in FilesOf(library.Value))
                {
                    _byPath.TryAdd(file, new PackageFolder(library.Name, folder));
                }
            }
        }
    }

    /// <summary>The package that a file beside the program comes from; null where none brings it.</summary>
    public PackageFolder? Owner(string path) => _byPath.GetValueOrDefault(path);

    private static IEnumerable<string> FilesOf(JsonElement library)
    {
        foreach (var file in Group("runtime").Concat(Group("native")))
        {
            yield return Path.GetFileName(file.Name);
        }

        foreach (var file in Group("runtimeTargets"))
        {
            yield return file.Name;
        }

        foreach (var file in Group("contentFiles"))
        {
            if (file.Value.TryGetProperty("outputPath", out var path))
            {
                yield return path.GetString()!;
            }
        }

        IEnumerable<JsonProperty> Group(string name) =>
            library.TryGetProperty(name, out var group) ? group.EnumerateObject() : Enumerable.Empty<JsonProperty>();
    }
}

/// <summary>Where a package lies, and its identifier and version, as "Npgsql/10.0.3".</summary>
internal sealed record PackageFolder(string Name, string Folder);
