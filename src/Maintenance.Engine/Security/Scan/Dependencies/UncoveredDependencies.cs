using System.Globalization;
using System.Text.RegularExpressions;

namespace Maintenance.Engine.Security.Scan.Dependencies;

/// <summary>Lists of dependencies that no scanner here reads. A project that has some is not well because what can be read is.</summary>
internal static partial class UncoveredDependencies
{
    public const string Id = "DEP-UNCOVERED";

    /// <summary>How much of a source file is looked at: imports stand at its beginning.</summary>
    private const int BeginningLength = 64 * 1024;

    /// <summary>How many files a finding names.</summary>
    private const int MostFiles = 50;

    private static readonly Dictionary<string, string> Kinds = new(StringComparer.OrdinalIgnoreCase)
    {
        ["deno.lock"] = "Deno",
        ["yarn.lock"] = "Yarn",
        ["pnpm-lock.yaml"] = "pnpm",
        ["bun.lock"] = "Bun",
        ["bun.lockb"] = "Bun",
        ["poetry.lock"] = "Poetry",
        ["pipfile.lock"] = "Pipenv",
        ["uv.lock"] = "uv",
        ["pdm.lock"] = "PDM",
        ["pylock.toml"] = "Python",
        ["packages.config"] = "NuGet",
        ["paket.lock"] = "Paket",
        ["cargo.lock"] = "Rust",
        ["go.sum"] = "Go",
        ["gemfile.lock"] = "Ruby",
        ["composer.lock"] = "PHP",
        ["pom.xml"] = "Maven",
        ["gradle.lockfile"] = "Gradle",
        ["package.resolved"] = "Swift",
        ["pubspec.lock"] = "Dart",
        ["mix.lock"] = "Elixir",
    };

    private static readonly string[] DenoFiles = ["deno.json", "deno.jsonc", "import_map.json", "import_map.jsonc"];

    private static readonly string[] Sources = [".ts", ".tsx", ".js", ".jsx", ".mjs", ".mts"];

    /// <summary>One finding with outcome Manual for each kind of list, and one with outcome Unknown if a folder could not be read.</summary>
    /// <param name="root">What is scanned.</param>
    /// <param name="name">What it is called.</param>
    /// <param name="now">Now.</param>
    public static IEnumerable<Finding> In(string root, string name, DateTimeOffset now)
    {
        var unread = new List<string>();
        var lists = ProjectFiles.Find(root, IsCandidate, unread.Add).Select(file => (File: file, Kind: KindOf(file, root))).Where(list => list.Kind is not null).ToLookup(list => list.Kind!, list => Below(list.File, root));
        foreach (var list in lists)
        {
            yield return Make(FindingOutcome.Manual, list.Key, [.. list], $"No scanner here knows dependencies of {list.Key}, which {Some([.. list])} in {name} names: whether they are vulnerable is not known.", Advice(list.Key));
        }

        var elsewhere = ProjectFiles.Find(root, file => NpmLockFile.Names.Contains(file, StringComparer.Ordinal))
            .GroupBy(file => Path.GetDirectoryName(file)!).Select(files => (Folder: files.Key, File: Below(files.First(), root), NpmLockFile.In(files.Key).Elsewhere)).Where(one => one.Elsewhere > 0).ToList();
        if (elsewhere.Count > 0)
        {
            var count = elsewhere.Sum(one => one.Elsewhere);
            string[] files = [.. elsewhere.Select(one => one.File)];
            yield return Make(
                FindingOutcome.Manual,
                "npm from git or folders",
                files,
                string.Create(CultureInfo.InvariantCulture, $"{count} {(count == 1 ? "package" : "packages")} that {Some(files)} in {name} names {(count == 1 ? "comes" : "come")} from git, folders or files, and {(count == 1 ? "is" : "are")} in no list of advisories: whether {(count == 1 ? "it is" : "they are")} vulnerable is not known."),
                "Look at their sources, or take them from the registry.");
        }

        if (unread.Count > 0)
        {
            var folders = unread.Select(folder => Below(folder, root)).ToArray();
            yield return Make(FindingOutcome.Unknown, "folders", folders, $"What {Some(folders)} in {name} depends on is not known: it cannot be read.", "Give the account that scans the right to read it, or name another folder.");
        }

        Finding Make(FindingOutcome outcome, string subject, string[] files, string message, string recommendation) => new()
        {
            Id = Id,
            Area = SecurityAuditor.Area,
            Severity = FindingSeverity.Medium,
            Outcome = outcome,
            Subject = subject,
            Message = ScanText.Clean(message),
            Recommendation = recommendation,
            Evidence = new Dictionary<string, object?> { ["Files"] = files.Take(MostFiles).ToArray(), ["FileCount"] = files.Length },
            Scope = name,
            CollectedAt = now,
        };
    }

    private static string Some(string[] files) => files.Length == 1 ? files[0] : $"{files[0]} with {files.Length - 1} more";

    private static bool IsCandidate(string name) =>
        Kinds.ContainsKey(name)
        || DenoFiles.Contains(name, StringComparer.OrdinalIgnoreCase)
        || name.Equals("package.json", StringComparison.OrdinalIgnoreCase)
        || Sources.Contains(Path.GetExtension(name), StringComparer.OrdinalIgnoreCase);

    private static string? KindOf(string file, string root)
    {
        var name = Path.GetFileName(file);
        if (Kinds.TryGetValue(name, out var kind))
        {
            // Where the requirements are written out too, those are read.
            return kind is "Poetry" or "Pipenv" or "uv" or "PDM" or "Python" && PythonRequirements.In(Path.GetDirectoryName(file)!).Count > 0 ? null : kind;
        }

        return name.Equals("package.json", StringComparison.OrdinalIgnoreCase) ? (NpmLockFile.IsLocked(file, root) || !Has(file, Dependencies()) ? null : "npm without a lock file")
            : Has(file, DenoImports()) ? "Deno"
            : null;
    }

    private static string Advice(string kind) => kind switch
    {
        "Deno" => "Look up the versions of its npm: and jsr: imports at https://osv.dev, or run deno audit, which knows npm packages alone.",
        "npm without a lock file" => "Write a lock file with npm install --package-lock-only, commit it, and scan again.",
        "Poetry" or "Pipenv" or "uv" or "PDM" or "Python" => "Export it as requirements.txt with all versions, and scan that.",
        "NuGet" => "Move the project to PackageReference, which dotnet list package reads.",
        "Yarn" or "pnpm" or "Bun" => $"Run the audit command of {kind}, or another scanner that reads its lock file.",
        _ => "Run a scanner that reads it, and look at what it says.",
    };

    private static bool Has(string file, Regex pattern)
    {
        try
        {
            using var reader = new StreamReader(file);
            var buffer = new char[BeginningLength];
            return pattern.IsMatch(buffer.AsSpan(0, reader.ReadBlock(buffer)));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It may well import something.
            return true;
        }
    }

    private static string Below(string path, string root) => ScanPath.Below(path, File.Exists(root) ? Path.GetDirectoryName(root)! : root);

    // What a module of Deno imports, or a map of imports names: "npm:zod@3", "jsr:@std/assert", a module by its address.
    [GeneratedRegex(@"(\b(from|import)\s*\(?\s*|[""']\s*:\s*)[""'](npm:|jsr:|https://)[^""']")]
    private static partial Regex DenoImports();

    [GeneratedRegex(@"""(dependencies|devDependencies|optionalDependencies|peerDependencies)""\s*:\s*\{\s*""")]
    private static partial Regex Dependencies();
}
