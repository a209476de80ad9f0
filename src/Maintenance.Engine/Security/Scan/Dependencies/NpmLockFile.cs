using Maintenance.Engine.Security.Scan.Json;

namespace Maintenance.Engine.Security.Scan.Dependencies;

/// <summary>A lock file of npm: which version lies where, and what only development needs. npm audit tells neither.</summary>
internal sealed class NpmLockFile
{
    /// <summary>npm prefers the first where there are both.</summary>
    public static readonly string[] Names = ["npm-shrinkwrap.json", "package-lock.json"];

    private static readonly string[] OtherLocks = ["yarn.lock", "pnpm-lock.yaml", "bun.lock", "bun.lockb"];

    private readonly Dictionary<string, NpmPackage> _packages = new(StringComparer.Ordinal);

    /// <summary>Reads the lock file of a folder; one that is not there or cannot be read knows no package, and npm says what is wrong.</summary>
    /// <param name="folder">The folder.</param>
    public static NpmLockFile In(string folder)
    {
        var file = new NpmLockFile();
        try
        {
            if (Names.Select(name => Path.Combine(folder, name)).FirstOrDefault(File.Exists) is { } path)
            {
                using var text = File.OpenRead(path);
                using var walk = new JsonWalk(text);
                walk.Begin();
                file.Read(walk);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            file._packages.Clear();
        }

        return file;
    }

    /// <summary>Whether a lock file tells what a package.json depends on: one beside it, or that of a workspace above it.</summary>
    /// <param name="packageFile">The package.json.</param>
    /// <param name="root">Where to stop.</param>
    public static bool IsLocked(string packageFile, string root)
    {
        var own = Path.GetDirectoryName(packageFile)!;
        for (var folder = own; folder is not null && folder.StartsWith(root, StringComparison.Ordinal); folder = Path.GetDirectoryName(folder))
        {
            // What other managers locked is told as theirs.
            if (OtherLocks.Any(name => File.Exists(Path.Combine(folder, name)))
                || (Names.Any(name => File.Exists(Path.Combine(folder, name))) && (folder == own || In(folder).Knows(Path.GetRelativePath(folder, own)))))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>What lies in a folder of the installation; null if the lock file does not say.</summary>
    /// <param name="node">The folder: <c>node_modules/minimist</c>.</param>
    public NpmPackage? this[string node] => _packages.GetValueOrDefault(node);

    private bool Knows(string folder) => _packages.ContainsKey(folder.Replace('\\', '/'));

    private void Read(JsonWalk walk)
    {
        var old = new Dictionary<string, NpmPackage>(StringComparer.Ordinal);
        foreach (var property in walk.Properties())
        {
            if (property == "packages")
            {
                foreach (var node in walk.Properties())
                {
                    _packages[node] = ReadPackage(walk, null, old);
                }
            }
            else if (property == "dependencies")
            {
                ReadNested(walk, "", old);
            }
        }

        // Version 1 of the format has dependencies within dependencies alone; version 2 has both.
        foreach (var (node, package) in _packages.Count == 0 ? old : [])
        {
            _packages[node] = package;
        }
    }

    private static void ReadNested(JsonWalk walk, string above, Dictionary<string, NpmPackage> packages)
    {
        foreach (var name in walk.Properties())
        {
            var node = $"{above}node_modules/{name}";
            packages[node] = ReadPackage(walk, node, packages);
        }
    }

    private static NpmPackage ReadPackage(JsonWalk walk, string? node, Dictionary<string, NpmPackage> packages)
    {
        var (version, development) = ((string?)null, false);
        foreach (var property in walk.Properties())
        {
            if (property == "version")
            {
                version = walk.Text;
            }
            else if (property == "dev")
            {
                development = walk.Flag == true;
            }
            else if (property == "dependencies" && node is not null)
            {
                ReadNested(walk, node + "/", packages);
            }
        }

        return new NpmPackage(version, development);
    }
}

/// <summary>A package that npm installs.</summary>
/// <param name="Version">Its version.</param>
/// <param name="IsDevelopment">True if only development needs it.</param>
internal sealed record NpmPackage(string? Version, bool IsDevelopment);
