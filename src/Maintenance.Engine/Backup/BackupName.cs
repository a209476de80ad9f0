using System.Text.RegularExpressions;

namespace Maintenance.Engine.Backup;

/// <summary>What the name of a file tells about it, if it is a backup at all.</summary>
/// <param name="Name">Name of the backup: that of the file, or of the folder for pg_dump's directory format.</param>
/// <param name="Kind">Format, by the ending.</param>
/// <param name="Database">Database, by the words around the date; null if they tell none.</param>
/// <param name="Date">The date in the name.</param>
internal sealed partial record BackupName(string Name, BackupKind Kind, string? Database, NameDate? Date)
{
    private static readonly string[] Encryptions = [".gpg", ".pgp", ".age", ".enc", ".aes"];
    private static readonly string[] Compressions = [".gz", ".zst", ".zstd", ".xz", ".bz2", ".lz4", ".zip"];
    private static readonly Dictionary<string, BackupKind> Kinds = new(StringComparer.OrdinalIgnoreCase)
    {
        [".dump"] = BackupKind.Custom,
        [".backup"] = BackupKind.Custom,
        [".pgdump"] = BackupKind.Custom,
        [".pg_dump"] = BackupKind.Custom,
        [".dmp"] = BackupKind.Custom,
        [".custom"] = BackupKind.Custom,
        [".sql"] = BackupKind.Plain,
        [".psql"] = BackupKind.Plain,
        [".tar"] = BackupKind.Tar,
        [".tgz"] = BackupKind.Tar,
    };

    // Words that say what or how often, at the edges of a database's name.
    private static readonly HashSet<string> EdgeWords = new(StringComparer.OrdinalIgnoreCase)
    {
        "backup", "backups", "dump", "dumps", "pgdump", "pg", "full", "base", "basebackup", "hourly", "daily", "weekly", "monthly", "yearly",
    };

    // Words that name no database when they are all there is.
    private static readonly HashSet<string> GenericWords = new(StringComparer.OrdinalIgnoreCase)
    {
        "db", "dbs", "database", "databases", "data", "sql", "latest", "current", "auto", "manual", "scheduled", "toc",
    };

    /// <summary>
    /// Reads a name. Null if it is not that of a backup: the kind decides, so that a README, a log or an upload in progress
    /// (<c>x.dump.partial</c>) is none. A name without an ending counts if it ends in a date (<c>db-2025060103</c>); its kind
    /// is then unknown.
    /// </summary>
    public static BackupName? Parse(string name)
    {
        var file = name[(name.LastIndexOf('/') + 1)..];
        if (name.Split('/').Any(segment => Unfinished().IsMatch(segment)))
        {
            return null;
        }

        if (name.Length > file.Length && (IsBaseMarker(file) ? BackupKind.BaseBackup : file.Equals("toc.dat", StringComparison.OrdinalIgnoreCase) ? BackupKind.Directory : (BackupKind?)null) is { } whole)
        {
            var folder = name[..^(file.Length + 1)];
            var folderDate = NameDate.FindLast(folder);
            return new BackupName(folder, whole, DatabaseOf(folder, folderDate), folderDate);
        }

        if (IsPiece(file))
        {
            return null;
        }

        var date = NameDate.FindLast(name);
        var (stem, kind) = KindOf(name);
        if (kind == BackupKind.Unknown && (date is null || date.Index + date.Length != name.Length))
        {
            return null;
        }

        return new BackupName(name, kind, DatabaseOf(stem, date), date);
    }

    /// <summary>True for a file that makes the folder it lies in a base backup.</summary>
    public static bool IsBaseMarker(string file) => BaseMarker().IsMatch(file);

    /// <summary>The files that make a folder a base backup, the likeliest first.</summary>
    public static IReadOnlyList<string> BaseMarkers { get; } = ["backup_manifest", "PG_VERSION", "base.tar", "base.tar.gz", "base.tar.zst", "base.tar.lz4"];

    /// <summary>True for a base backup that is one file.</summary>
    public static bool IsBaseFile(string name) => KindOf(name).Kind == BackupKind.BaseBackup;

    /// <summary>True for a file that is a dump by its ending, wherever it lies.</summary>
    public static bool IsDump(string name) => Parse(name) is { Kind: not (BackupKind.Unknown or BackupKind.BaseBackup or BackupKind.Directory) };

    /// <summary>True if the name says that what is in it cannot be seen without a key.</summary>
    public static bool IsEncrypted(string name) => Array.Exists(Encryptions, ending => name.EndsWith(ending, StringComparison.OrdinalIgnoreCase));

    /// <summary>True if the name says that all of it is compressed.</summary>
    public static bool IsCompressed(string name) =>
        name.EndsWith(".tgz", StringComparison.OrdinalIgnoreCase) || Array.Exists(Compressions, ending => name.EndsWith(ending, StringComparison.OrdinalIgnoreCase));

    /// <summary>The name that a file is going to have, if its name says that it is still being written; else null.</summary>
    public static string? Unfinished(string name)
    {
        var folder = name[..(name.LastIndexOf('/') + 1)];
        return Unfinished().Match(name[folder.Length..]) is { Success: true } match
            ? folder + (match.Groups["hidden"] is { Success: true } hidden ? hidden : match.Groups["name"]).Value
            : null;
    }

    /// <summary>
    /// True for files that belong to a backup of several files and are none themselves: the data of pg_dump's directory format,
    /// and what pg_basebackup writes beside <c>base.tar</c>.
    /// </summary>
    private static bool IsPiece(string file) => Piece().IsMatch(file);

    // The stem is the name without the ending that told the kind; the whole name if nothing told it.
    private static (string Stem, BackupKind Kind) KindOf(string name)
    {
        var inner = Strip(Strip(name, Encryptions, out _), Compressions, out var compressed);
        var file = inner[(inner.LastIndexOf('/') + 1)..];
        var ending = Path.GetExtension(file);
        if (ending.Length == 0 || !Kinds.TryGetValue(ending, out var kind))
        {
            return (name, BackupKind.Unknown);
        }

        var stem = inner[..^ending.Length];
        return kind switch
        {
            BackupKind.Plain when compressed => (stem, BackupKind.PlainCompressed),
            BackupKind.Tar when BaseBackupWord().IsMatch(file) => (stem, BackupKind.BaseBackup),
            _ => (stem, kind),
        };
    }

    private static string Strip(string name, string[] endings, out bool stripped)
    {
        var ending = Array.Find(endings, candidate => name.EndsWith(candidate, StringComparison.OrdinalIgnoreCase));
        stripped = ending is not null;
        return ending is null ? name : name[..^ending.Length];
    }

    // The words before the date tell the database. Where none precede it (2025-06-01_app, 2025/06/01/app) those behind it do,
    // and where the file's own name tells nothing (db-2025060103) the folder may.
    private static string? DatabaseOf(string stem, NameDate? date)
    {
        const char Mark = '\0';
        var marked = date is null ? stem : $"{stem[..date.Index]}{Mark}{stem[Math.Min(stem.Length, date.Index + date.Length)..]}";
        foreach (var segment in marked.Split('/').Reverse())
        {
            var mark = segment.IndexOf(Mark, StringComparison.Ordinal);
            var before = mark < 0 ? segment : segment[..mark];
            var telling = before.Any(char.IsLetter) || mark < 0 ? before : segment[(mark + 1)..];
            if (Telling(telling) is { } database)
            {
                return database;
            }
        }

        return null;
    }

    private static string? Telling(string text)
    {
        var words = Word().Matches(text).Where(word => !EdgeWords.Contains(word.Value)).ToList();
        if (words.Count == 0 || words.All(word => GenericWords.Contains(word.Value)))
        {
            return null;
        }

        var from = words[0].Index;
        var found = text[from..(words[^1].Index + words[^1].Length)];

        // A number or a hash is a run, not a database: every backup would be of its own.
        return found.Any(char.IsLetter) && !Hash().IsMatch(found) ? found : null;
    }

    [GeneratedRegex(@"^((blob_)?\d+\.dat|blobs(_\d+)?\.toc|toc\.dat|pg_wal\.tar|\d{4,7}\.tar)(\.(gz|zst|lz4|xz|bz2))?$|^backup_manifest$", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex Piece();

    [GeneratedRegex(@"^(PG_VERSION|backup_manifest|base\.tar(\.(gz|zst|lz4|xz|bz2))?)$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex BaseMarker();

    // Those of this module, of curl and wget users, of SFTP programs and browsers.
    [GeneratedRegex(@"^\.(?<hidden>.+)\.[0-9a-f]{32}\.tmp$|^(?<name>.+)\.(partial|part|filepart|crdownload)$", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture | RegexOptions.Singleline)]
    private static partial Regex Unfinished();

    [GeneratedRegex(@"(?<![a-z])(pg_?)?base(_?backup)?(?![a-z])", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex BaseBackupWord();

    [GeneratedRegex(@"[\p{L}\p{N}]+", RegexOptions.CultureInvariant)]
    private static partial Regex Word();

    [GeneratedRegex(@"^(?=.*\d)[0-9a-f-]{8,}$", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Hash();
}
