using System.Text.RegularExpressions;

namespace Maintenance.Engine.Security.Scan.Secrets;

/// <summary>Files that programs read passwords from, in forms of their own: by their names, since nothing in them announces anything.</summary>
internal static partial class PasswordFile
{
    private static readonly string[] Postgres = [".pgpass", "pgpass.conf"];

    private static readonly string[] Netrc = [".netrc", "_netrc"];

    /// <summary>Whether a file is one, by its name.</summary>
    /// <param name="name">The name.</param>
    public static bool Is(string name) => Is(name, Postgres) || Is(name, Netrc);

    /// <summary>The password in a line; null if it has none.</summary>
    /// <param name="line">The line.</param>
    /// <param name="number">Its number.</param>
    /// <param name="name">The name of the file.</param>
    public static SourceSecret? In(string line, int number, string name) =>
        (Is(name, Postgres) ? PostgresLine() : NetrcPassword()).Match(line) is { Success: true } match && match.Groups["v"].Value is var value && !Placeholder.Is(value) && !Variable().IsMatch(value)
            ? new SourceSecret("password-file", FindingSeverity.High, number, IsBare: false)
            : null;

    private static bool Is(string path, string[] names) => names.Contains(Path.GetFileName(path), StringComparer.OrdinalIgnoreCase);

    // host:port:database:user:password; a backslash takes a colon's meaning away.
    [GeneratedRegex(@"^(?!\s*#)(([^:\\]|\\.)*:){4}(?<v>.+)$")]
    private static partial Regex PostgresLine();

    [GeneratedRegex(@"^(?!\s*#).*\bpassword\s+""?(?<v>[^\s""]+)")]
    private static partial Regex NetrcPassword();

    [GeneratedRegex(@"^(\$\{?\w+\}?|<[^<>]*>)$")]
    private static partial Regex Variable();
}
