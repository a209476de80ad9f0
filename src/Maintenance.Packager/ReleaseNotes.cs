namespace Maintenance.Packager;

/// <summary>What the changelog tells of a version.</summary>
internal static class ReleaseNotes
{
    public static string Of(string version, string changelog)
    {
        var lines = changelog.ReplaceLineEndings("\n").Split('\n');
        var start = Array.FindIndex(lines, line => line.StartsWith($"## [{version}]", StringComparison.Ordinal));
        var section = start < 0 ? [] : lines.Skip(start + 1).TakeWhile(line => !line.StartsWith("## ", StringComparison.Ordinal));
        var notes = string.Join('\n', section).Trim();
        return notes.Length > 0 ? notes : throw new PackagingException($"CHANGELOG.md tells nothing of version {version}.");
    }
}
