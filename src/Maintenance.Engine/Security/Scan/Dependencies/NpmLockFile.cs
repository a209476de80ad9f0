using Maintenance.Engine.Security.Scan.Json;

namespace Maintenance.Engine.Security.Scan.Dependencies;

/// <summary>A lock file of npm: which version lies where, and what only development needs. npm audit tells neither.</summary>
internal sealed class NpmLockFile
{
    /// <summary>npm prefers the first where there are both.</summary>
    public static readonly string[] Names = ["npm-shrinkwrap.json", "package-lock.json"];

    private static readonly string[] OtherLocks = ["yarn.lock", "pnpm-lock.yaml", "bun.lock", "bun.lockb"];

    private readonly Dictionary<string, NpmPackage> _packages = new(StringComparer.Ordinal);

    private bool _isOld;

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
        root = File.Exists(root) ? own : root;
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

    /// <summary>The folders of the project itself, its workspaces among them, below that of the lock file; none in version 1 of the format, which has but one.</summary>
    public IEnumerable<KeyValuePair<string, NpmPackage>> Projects =>
        _isOld ? [] : _packages.Where(package => !package.Key.Split('/').Contains("node_modules") && !package.Key.StartsWith("..", StringComparison.Ordinal));

    /// <summary>How many packages come from where no list of advisories looks: git, folders, files.</summary>
    public int Elsewhere => _packages.Count(package => package.Value.IsElsewhere && !(package.Value.LinksTo is { } folder && _packages.ContainsKey(folder) && !folder.StartsWith("..", StringComparison.Ordinal)));

    /// <summary>Whether it is of version 1 of the format, which does not tell what package.json asked for.</summary>
    public bool IsOld => _isOld;

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
        _isOld = _packages.Count == 0 && old.Count > 0;
        foreach (var (node, package) in _isOld ? old : [])
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
        var (version, resolved, development, isLink) = ((string?)null, (string?)null, false, false);
        var asked = new List<NpmRequirement>();
        foreach (var property in walk.Properties())
        {
            switch (property)
            {
                case "version":
                    version = walk.Text;
                    break;
                case "resolved":
                    resolved = walk.Text;
                    break;
                case "dev":
                    development = walk.Flag == true;
                    break;
                case "link":
                    isLink = walk.Flag == true;
                    break;
                case "dependencies" when node is not null:
                    ReadNested(walk, node + "/", packages);
                    break;
                case var list when NpmRequirement.Lists.Contains(list):
                    NpmRequirement.Read(walk, list, asked);
                    break;
            }
        }

        return new NpmPackage(version, development)
        {
            Asked = asked,
            IsElsewhere = isLink || IsElsewhere(resolved) || (node is not null && IsElsewhere(version)),
            LinksTo = isLink ? resolved : null,
        };
    }

    private static bool IsElsewhere(string? source) =>
        source is not null && (source.StartsWith("git", StringComparison.OrdinalIgnoreCase) || source.StartsWith("file:", StringComparison.OrdinalIgnoreCase)
            || source.StartsWith("bitbucket:", StringComparison.OrdinalIgnoreCase) || source.StartsWith("link:", StringComparison.OrdinalIgnoreCase));
}

/// <summary>A package that npm installs.</summary>
/// <param name="Version">Its version.</param>
/// <param name="IsDevelopment">True if only development needs it.</param>
internal sealed record NpmPackage(string? Version, bool IsDevelopment)
{
    /// <summary>What it asked for when the lock file was written.</summary>
    public IReadOnlyList<NpmRequirement> Asked { get; init; } = [];

    /// <summary>True if it comes from git, a folder or a file.</summary>
    public bool IsElsewhere { get; init; }

    /// <summary>The folder that it is a link to; null if it is none.</summary>
    public string? LinksTo { get; init; }
}
