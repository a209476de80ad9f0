using System.IO.Enumeration;

namespace Maintenance.Engine.Rotation;

/// <summary>Which names a rule means: who says <c>*.log</c> means what was compressed of them too, or it would never be deleted. Pure.</summary>
/// <param name="prefix">What they begin with.</param>
/// <param name="include">Patterns of which one must fit.</param>
/// <param name="ignoreCase">Whether upper and lower case are the same there.</param>
internal sealed class RotationFilter(string prefix, IReadOnlyList<string> include, bool ignoreCase)
{
    /// <summary>Whether it means a name, written with slashes.</summary>
    public bool Includes(string name) => name.StartsWith(prefix, StringComparison.Ordinal)
        && include.Any(pattern => Fits(pattern, name) || (name.EndsWith(".gz", StringComparison.Ordinal) && Fits(pattern, name[..^3])));

    private bool Fits(string pattern, string name)
    {
        var part = pattern.Contains('/', StringComparison.Ordinal) ? name : name[(name.LastIndexOf('/') + 1)..];
        // As in a shell: what hides behind a dot is meant only by who says so.
        return (part.Length == 0 || part[0] != '.' || pattern[0] == '.') && FileSystemName.MatchesSimpleExpression(pattern, part, ignoreCase);
    }
}
