using System.Text.RegularExpressions;

namespace Maintenance.Engine.Repair;

/// <summary>What the configuration of repairs may say. Pure.</summary>
internal static partial class RepairSettings
{
    /// <summary>A run waits that long for each remedy, with the lock in its hand.</summary>
    public static readonly TimeSpan LongestSettle = TimeSpan.FromMinutes(30);

    private static readonly string[] Known = ["{subject}", "{target}", "{database}"];

    /// <summary>What looks like a placeholder and is none, with the number of its argument.</summary>
    /// <param name="remedy">The remedy.</param>
    public static IEnumerable<(int Index, string Placeholder)> UnknownPlaceholders(CustomRemedy remedy) =>
        from argument in remedy.Arguments.Index()
        from Match match in Braces().Matches(argument.Item)
        where !Known.Contains(match.Value, StringComparer.Ordinal)
        select (argument.Index, match.Value);

    [GeneratedRegex("\\{[A-Za-z]+\\}")]
    private static partial Regex Braces();
}
