using System.Text.RegularExpressions;

namespace Maintenance.Engine.Security.Scan;

/// <summary>Names files by where they lie below what is scanned, with slashes, as the same file is named on every machine.</summary>
internal static partial class ScanPath
{
    private const int Longest = 300;

    /// <summary>The path below the root; if it does not lie there, the path as it is, without the name of whoever's home it lies in.</summary>
    /// <param name="path">The path, absolute or relative, with either kind of slashes. Others wrote it, so anything can be in it.</param>
    /// <param name="root">The folder or file that is scanned.</param>
    public static string Below(string path, string root)
    {
        var slashed = path.Replace('\\', '/');
        var parent = (File.Exists(root) ? Path.GetDirectoryName(root)! : root).Replace('\\', '/').TrimEnd('/') + "/";
        var comparison = OperatingSystem.IsWindows() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;
        var below = slashed.StartsWith(parent, comparison) ? slashed[parent.Length..]
            : slashed.StartsWith('/') && slashed[1..].StartsWith(parent, comparison) ? slashed[(parent.Length + 1)..] : slashed;
        while (below.StartsWith("./", StringComparison.Ordinal))
        {
            below = below[2..];
        }

        return ScanText.Clean(Home().Replace(below, "~/"), Longest);
    }

    // Whose machine a tool ran on is nobody's business, and differs between machines.
    [GeneratedRegex(@"^(//?localhost(?=/))?/?([A-Za-z]:)?/(home|Users|export/home)/[^/]+/|^/root/", RegexOptions.IgnoreCase)]
    private static partial Regex Home();
}
