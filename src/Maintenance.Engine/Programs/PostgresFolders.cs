namespace Maintenance.Engine.Programs;

/// <summary>Where the programs of PostgreSQL usually lie.</summary>
internal static class PostgresFolders
{
    /// <summary>The PATH's folders first, then those of the usual installers. Not all exist.</summary>
    public static IEnumerable<string> All() =>
    [
        .. SearchPath.Folders(),
        .. OperatingSystem.IsWindows() ? Windows() : OperatingSystem.IsMacOS() ? MacOS() : Linux(),
    ];

    // Debian and its kin, Red Hat and its kin, Alpine, Arch and SUSE.
    private static IEnumerable<string> Linux() =>
    [
        .. Below("/usr/lib/postgresql", "*", "bin"),
        .. Below("/usr", "pgsql-*", "bin"),
        .. Below("/usr/libexec", "postgresql*", ""),
        .. Below("/usr/lib", "postgresql*", "bin"),
        "/usr/local/pgsql/bin",
    ];

    // Homebrew on both processors, Postgres.app, the graphical installer, MacPorts.
    private static IEnumerable<string> MacOS() =>
    [
        .. Below("/opt/homebrew/opt", "postgresql*", "bin"),
        .. Below("/usr/local/opt", "postgresql*", "bin"),
        .. Below("/Applications/Postgres.app/Contents/Versions", "*", "bin"),
        .. Below("/Library/PostgreSQL", "*", "bin"),
        .. Below("/opt/local/lib", "postgresql*", "bin"),
    ];

    private static IEnumerable<string> Windows() =>
    [
        .. Below(Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ProgramFiles), "PostgreSQL"), "*", "bin"),
        .. Below(Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), "scoop", "apps"), "postgresql*", @"current\bin"),
    ];

    private static IEnumerable<string> Below(string folder, string pattern, string sub)
    {
        try
        {
            return [.. Directory.EnumerateDirectories(folder, pattern).Select(found => Path.Combine(found, sub)).Where(Directory.Exists)];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
