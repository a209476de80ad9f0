using System.Management.Automation;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Maintenance.ModuleTests.Docs;

/// <summary>What there is in the repository and in the built module, for texts that name it.</summary>
public sealed partial class RepositoryFacts : IDisposable
{
    private static readonly string[] NotOurs = ["artifacts", "bin", "obj", "node_modules", ".git", ".vs", ".idea"];

    // Where the rest of a path may begin that does not begin at the root.
    private static readonly string[] Bases = ["", "module/", "src/Maintenance.Engine/", "src/Maintenance.PowerShell/"];

    private readonly ModuleRunspace _runspace = new();
    private readonly Dictionary<string, CommandInfo?> _commands = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _paths = new(StringComparer.Ordinal);
    private readonly HashSet<string> _folders = new(StringComparer.Ordinal);
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly HashSet<string> _words = new(StringComparer.Ordinal);
    private readonly HashSet<string> _ids = new(StringComparer.Ordinal);
    private readonly HashSet<string> _verbs;
    private readonly JsonElement _schema;

    public RepositoryFacts()
    {
        Scan(new DirectoryInfo(Root), "");
        var source = _paths.Where(path => IsSource(path)).Select(Read).ToList();
        foreach (var text in source)
        {
            _words.UnionWith(Word().Matches(text).Select(match => match.Value));
            _ids.UnionWith(Id().Matches(text).Select(match => match.Value));
        }

        Benchmarks = BenchmarkName().Matches(Read("tests/Maintenance.Benchmarks/Program.cs")).Select(match => match.Groups[1].Value).ToHashSet(StringComparer.Ordinal);
        Assert.NotEmpty(Benchmarks);
        _words.UnionWith(Benchmarks);
        _verbs = _runspace.Invoke("(Get-Verb).Verb").Select(verb => $"{verb}").ToHashSet(StringComparer.Ordinal);
        Exported = _runspace.Invoke("(Get-Module Maintenance).ExportedCmdlets.Values").Select(command => (CommandInfo)command.BaseObject).ToList();
        _schema = JsonDocument.Parse(Read("module/maintenance.schema.json")).RootElement;
    }

    public string Root { get; } = ModuleRunspace.Metadata("RepositoryRoot");

    /// <summary>The cmdlets of this module.</summary>
    public IReadOnlyList<CommandInfo> Exported { get; }

    /// <summary>What the benchmarks are called on the command line.</summary>
    public IReadOnlySet<string> Benchmarks { get; }

    /// <summary>All files, as paths below the root with slashes.</summary>
    public IEnumerable<string> Files => _paths;

    public void Dispose() => _runspace.Dispose();

    public string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    /// <summary>A command by its name, of this module or of PowerShell; null where there is none.</summary>
    public CommandInfo? Command(string name)
    {
        if (!_commands.TryGetValue(name, out var command))
        {
            _commands[name] = command = _runspace.Command(name);
        }

        return command;
    }

    public bool IsVerb(string word) => _verbs.Contains(word);

    /// <summary>Whether a path is one of this repository, by the folder that it begins with.</summary>
    public bool IsOurs(string path) => path.IndexOf('/') is > 0 and var slash && Bases.Any(start => _folders.Contains(start + path[..slash]));

    /// <summary>Whether there is a file or folder of this path, below the root or below what texts leave out.</summary>
    public bool HasPath(string path)
    {
        var bare = path.TrimEnd('/');
        return bare.Contains('*')
            ? _paths.Any(file => Bases.Any(start => new Regex($"^{Regex.Escape(start + bare).Replace(@"\*", "[^/]*", StringComparison.Ordinal)}$").IsMatch(file)))
            : Bases.Any(start => _paths.Contains(start + bare) || _folders.Contains(start + bare) || _paths.Contains($"{start}{bare}.cs"));
    }

    /// <summary>Whether there is a file of this name anywhere.</summary>
    public bool HasFileNamed(string name) => _names.Contains(name);

    /// <summary>Whether a word stands in the source: a name, a value, a column, a code.</summary>
    public bool HasWord(string word) => _words.Contains(word);

    /// <summary>Whether an id is of a family that the source knows, as DB-… or ISSUE-….</summary>
    public bool IsIdOfOurs(string id) => _ids.Any(known => known.StartsWith(id[..(id.IndexOf('-') + 1)], StringComparison.Ordinal));

    public bool HasId(string id) => id.TrimEnd('*', '…') is var start && start.Length < id.Length
        ? _ids.Any(known => known.StartsWith(start, StringComparison.Ordinal))
        : _ids.Contains(id);

    /// <summary>Whether a name is that of a group of settings: of a target's, or of one further inside.</summary>
    public bool IsSettingGroup(string name) => name == "targets" || Definitions.TryGetProperty(name, out _) || TargetSettings.TryGetProperty(name, out _);

    /// <summary>Whether settings can be followed by their names from a group, as in history.kind.</summary>
    public bool HasSetting(IReadOnlyList<string> path)
    {
        JsonElement? at = TargetSettings.TryGetProperty(path[0], out var setting) ? setting
            : Definitions.TryGetProperty(path[0], out var definition) ? definition
            : _schema.GetProperty("properties").GetProperty(path[0]);
        foreach (var name in path.Skip(1))
        {
            at = at is { } parent ? Below(parent, name) : null;
        }

        return at is not null;
    }

    private JsonElement Definitions => _schema.GetProperty("definitions");

    private JsonElement TargetSettings => Definitions.GetProperty("target").GetProperty("properties");

    private JsonElement? Below(JsonElement parent, string name)
    {
        var holder = Followed(parent);
        holder = holder.TryGetProperty("items", out var items) ? Followed(items) : holder;
        if (holder.TryGetProperty("properties", out var properties) && properties.TryGetProperty(name, out var found))
        {
            return found;
        }

        // Names that the writer of the file chooses: targets, channels, labels.
        return holder.TryGetProperty("patternProperties", out var patterns) ? patterns.EnumerateObject().First().Value
            : holder.TryGetProperty("additionalProperties", out var more) && more.ValueKind == JsonValueKind.Object ? more
            : null;
    }

    private JsonElement Followed(JsonElement setting) =>
        setting.TryGetProperty("$ref", out var reference) ? Definitions.GetProperty(reference.GetString()!.Split('/')[^1]) : setting;

    private void Scan(DirectoryInfo folder, string prefix)
    {
        foreach (var file in folder.EnumerateFiles())
        {
            _paths.Add(prefix + file.Name);
            _names.Add(file.Name);
        }

        foreach (var below in folder.EnumerateDirectories().Where(below => !NotOurs.Contains(below.Name)))
        {
            _folders.Add(prefix + below.Name);
            Scan(below, $"{prefix}{below.Name}/");
        }
    }

    // Tests count: retention-proof and the like name what only they know. Their texts about texts do not.
    private static bool IsSource(string path) =>
        (path.StartsWith("src/", StringComparison.Ordinal) || path.StartsWith("module/", StringComparison.Ordinal) || path.StartsWith(".ci/", StringComparison.Ordinal)
            || (path.StartsWith("tests/", StringComparison.Ordinal) && !path.Contains("/Docs/", StringComparison.Ordinal)))
        && Path.GetExtension(path) is not (".md" or ".txt") && !path.EndsWith("lock.json", StringComparison.Ordinal);

    [GeneratedRegex(@"\w+")]
    private static partial Regex Word();

    [GeneratedRegex(@"\b[A-Z]+(?:-[A-Z0-9]+)+\b")]
    private static partial Regex Id();

    [GeneratedRegex(@"^\s*\[""([a-z0-9-]+)""\] = \(\) =>", RegexOptions.Multiline)]
    private static partial Regex BenchmarkName();
}
