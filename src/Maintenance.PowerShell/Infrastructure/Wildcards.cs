using System.Management.Automation;

namespace Maintenance.Infrastructure;

/// <summary>The one place where names with wildcards become a test of names: of any case, and never with an error that nobody foresaw.</summary>
internal static class Wildcards
{
    /// <summary>Whether a name fits any of some patterns.</summary>
    /// <param name="patterns">The patterns.</param>
    /// <exception cref="MaintenanceException">InvalidArgument: a pattern is none.</exception>
    public static Func<string, bool> Matcher(params IEnumerable<string> patterns)
    {
        var all = patterns.Select(Pattern).ToArray();
        return name => Array.Exists(all, pattern => pattern.IsMatch(name));
    }

    /// <summary>Whether a name is all a pattern can fit: one that nothing fits is a mistake.</summary>
    public static bool IsPlain(string pattern) => !WildcardPattern.ContainsWildcardCharacters(pattern);

    private static WildcardPattern Pattern(string text)
    {
        var pattern = WildcardPattern.Get(text, WildcardOptions.IgnoreCase);
        try
        {
            // PowerShell reads a pattern when it is first used.
            _ = pattern.IsMatch("");
            return pattern;
        }
        catch (WildcardPatternException)
        {
            throw new MaintenanceException(
                MaintenanceErrorCode.InvalidArgument,
                $"'{text}' is no pattern: a bracket [ without its ].",
                "Close the bracket, or write `[ for the character itself, in single quotes.");
        }
    }
}
