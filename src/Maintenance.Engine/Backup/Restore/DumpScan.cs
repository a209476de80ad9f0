using System.Globalization;
using System.Text.RegularExpressions;

namespace Maintenance.Engine.Backup.Restore;

/// <summary>A table in a dump.</summary>
internal readonly record struct DumpTable(string Schema, string Name)
{
    public override string ToString() => $"{Schema}.{Name}";
}

/// <summary>A foreign key in a dump.</summary>
internal readonly record struct DumpForeignKey(DumpTable Table, string Name, DumpTable Referenced);

/// <summary>
/// Learns from the SQL text of a dump what a restore has to know before: roles, extensions, tables, foreign keys, encoding and locale.
/// It reads line by line the forms that pg_dump writes, and runs nothing. A line that only looks like one (in a function's body) makes
/// a role too many at most.
/// </summary>
internal sealed partial class DumpScan
{
    private const string Name = """(?:"(?:[^"]|"")+"|[\w$]+)""";
    private const string Qualified = $@"(?:(?<schema>{Name})\.)?(?<name>{Name})";

    private readonly HashSet<string> _roles = new(StringComparer.Ordinal);
    private readonly HashSet<string> _superusers = new(StringComparer.Ordinal);
    private readonly HashSet<string> _tablespaces = new(StringComparer.Ordinal);
    private readonly List<DumpTable> _tables = [];
    private readonly List<DumpForeignKey> _foreignKeys = [];
    private readonly List<string> _extensions = [];
    private DumpTable? _altered;

    /// <summary>Roles that own something, or may do something.</summary>
    public IReadOnlyCollection<string> Roles => _roles;

    /// <summary>Those among them that a server only lets own what they own, or do what they do, as superusers.</summary>
    public IReadOnlyCollection<string> Superusers => _superusers;

    public IReadOnlyList<DumpTable> Tables => _tables;

    public IReadOnlyList<DumpForeignKey> ForeignKeys => _foreignKeys;

    public IReadOnlyList<string> Extensions => _extensions;

    /// <summary>Tablespaces that something lies in.</summary>
    public IReadOnlyCollection<string> Tablespaces => _tablespaces;

    /// <summary>Major version of the server that was dumped; null until a line has told.</summary>
    public int? ServerMajor { get; private set; }

    /// <summary>Encoding of the dump, and mostly of its database.</summary>
    public string? Encoding { get; private set; }

    /// <summary>Locale of the database, as CREATE DATABASE has it: LOCALE_PROVIDER, LOCALE, LC_COLLATE, LC_CTYPE, ICU_LOCALE, BUILTIN_LOCALE.</summary>
    public IReadOnlyDictionary<string, string> Locale { get; private set; } = new Dictionary<string, string>();

    /// <summary>Reads a line.</summary>
    /// <returns>Roles that no line has named before, or not as such that must be superusers.</returns>
    public IReadOnlyList<string> Read(string line)
    {
        var altered = _altered;
        _altered = null;
        if (line.Length < 8)
        {
            return [];
        }

        switch (line[0])
        {
            case 'A' when AlterTable().Match(line) is { Success: true } table:
                _altered = TableOf(table);
                return [];
            case 'A':
                return Owner().Match(line) is { Success: true } owner ? Add(owner, SuperusersOnly().IsMatch(line)) : Add(DefaultPrivileges().Match(line));
            case 'G' or 'R':
                return Add(Grant().Match(line));
            case 'C':
                return ReadCreate(line);
            case 'S':
                Encoding ??= ClientEncoding().Match(line) is { Success: true } encoding ? encoding.Groups[1].Value : null;
                if (Tablespace().Match(line) is { Success: true } tablespace)
                {
                    _tablespaces.Add(Unquote(tablespace.Groups[1].Value));
                }

                return Add(SessionAuthorization().Match(line), mustBeSuperuser: true);
            case '-':
                ServerMajor ??= DumpedFrom().Match(line) is { Success: true } from ? int.Parse(from.Groups[1].ValueSpan, CultureInfo.InvariantCulture) : null;
                return [];
            case ' ' when altered is { } referencing && ForeignKey().Match(line) is { Success: true } key:
                _foreignKeys.Add(new DumpForeignKey(referencing, Unquote(key.Groups["key"].Value), TableOf(key)));
                return [];
            default:
                return [];
        }
    }

    private List<string> ReadCreate(string line)
    {
        if (CreateTable().Match(line) is { Success: true } table)
        {
            _tables.Add(TableOf(table));
        }
        else if (CreateExtension().Match(line) is { Success: true } extension)
        {
            _extensions.Add(Unquote(extension.Groups[1].Value));
        }
        else if (line.StartsWith("CREATE DATABASE ", StringComparison.Ordinal))
        {
            var settings = DatabaseSetting().Matches(line).ToDictionary(match => match.Groups[1].Value, match => match.Groups[2].Value.Trim('\''), StringComparer.Ordinal);
            Encoding = settings.GetValueOrDefault("ENCODING") ?? Encoding;
            Locale = settings.Where(setting => setting.Key is not "ENCODING").ToDictionary();
        }
        else
        {
            return Add(Policy().Match(line) is { Success: true } policy ? policy : UserMapping().Match(line));
        }

        return [];
    }

    private List<string> Add(Match match, bool mustBeSuperuser = false) =>
    [
        .. match.Groups["role"].Captures
            .Select(capture => capture.Value)
            .Where(role => role is not ("PUBLIC" or "CURRENT_USER" or "SESSION_USER" or "CURRENT_ROLE"))
            .Select(Unquote)
            .Where(role => !role.StartsWith("pg_", StringComparison.Ordinal) && (_roles.Add(role) | (mustBeSuperuser && _superusers.Add(role)))),
    ];

    private static DumpTable TableOf(Match match) =>
        new(match.Groups["schema"] is { Success: true } schema ? Unquote(schema.Value) : "public", Unquote(match.Groups["name"].Value));

    private static string Unquote(string name) => name[0] == '"' ? name[1..^1].Replace("\"\"", "\"", StringComparison.Ordinal) : name;

    [GeneratedRegex($@"^ALTER TABLE (?:ONLY )?{Qualified}$")]
    private static partial Regex AlterTable();

    [GeneratedRegex($@"^ALTER .* OWNER TO (?<role>{Name});$")]
    private static partial Regex Owner();

    // A publication, if it is of all tables.
    [GeneratedRegex("^ALTER (?:EVENT TRIGGER|FOREIGN DATA WRAPPER|SUBSCRIPTION|PUBLICATION) ")]
    private static partial Regex SuperusersOnly();

    [GeneratedRegex($"^ALTER DEFAULT PRIVILEGES FOR ROLE (?<role>{Name}) .* (?:TO|FROM) (?<role>{Name})(?: WITH GRANT OPTION)?;$")]
    private static partial Regex DefaultPrivileges();

    [GeneratedRegex($"^(?:GRANT|REVOKE) .* (?:TO|FROM) (?<role>{Name})(?:, ?(?<role>{Name}))*(?: WITH GRANT OPTION)?(?: GRANTED BY (?<role>{Name}))?;$")]
    private static partial Regex Grant();

    [GeneratedRegex($"^SET SESSION AUTHORIZATION '?(?<role>{Name})'?;$")]
    private static partial Regex SessionAuthorization();

    [GeneratedRegex($"^SET default_tablespace = ({Name});$")]
    private static partial Regex Tablespace();

    [GeneratedRegex($"^CREATE POLICY .*? TO (?<role>{Name})(?:, (?<role>{Name}))*(?: USING| WITH CHECK|;)")]
    private static partial Regex Policy();

    [GeneratedRegex($"^CREATE USER MAPPING FOR (?<role>{Name}) SERVER ")]
    private static partial Regex UserMapping();

    [GeneratedRegex($@"^CREATE (?:UNLOGGED )?TABLE {Qualified} (?:\(|PARTITION OF |OF )")]
    private static partial Regex CreateTable();

    [GeneratedRegex($@"^CREATE EXTENSION (?:IF NOT EXISTS )?({Name})")]
    private static partial Regex CreateExtension();

    [GeneratedRegex($@"^    ADD CONSTRAINT (?<key>{Name}) FOREIGN KEY .* REFERENCES {Qualified}\(")]
    private static partial Regex ForeignKey();

    [GeneratedRegex(@" (ENCODING|LOCALE_PROVIDER|LOCALE|LC_COLLATE|LC_CTYPE|ICU_LOCALE|BUILTIN_LOCALE) = ('[^']*'|\w+)")]
    private static partial Regex DatabaseSetting();

    [GeneratedRegex(@"^SET client_encoding = '(\w+)';$")]
    private static partial Regex ClientEncoding();

    [GeneratedRegex(@"^-- Dumped from database version (\d{1,3})")]
    private static partial Regex DumpedFrom();
}
