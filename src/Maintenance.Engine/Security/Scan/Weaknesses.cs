using System.Text.RegularExpressions;

namespace Maintenance.Engine.Security.Scan;

/// <summary>Numbers of the Common Weakness Enumeration in what tools write: CWE-79, external/cwe/cwe-079, or the bare number.</summary>
internal static partial class Weaknesses
{
    private const int Most = 20;

    /// <summary>Adds those in a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="weaknesses">To be added to.</param>
    /// <param name="anywhere">The text is known to be about them, so that a number alone counts.</param>
    public static void AddFrom(string text, List<string> weaknesses, bool anywhere = false)
    {
        foreach (Match match in Named().Matches(text))
        {
            Add(match.Groups["n"].Value);
        }

        if (anywhere && Bare().IsMatch(text))
        {
            Add(text.Trim());
        }

        void Add(string number)
        {
            var name = $"CWE-{number.TrimStart('0')}";
            if (name.Length > 4 && weaknesses.Count < Most && !weaknesses.Contains(name))
            {
                weaknesses.Add(name);
            }
        }
    }

    /// <summary>As mappings of a finding.</summary>
    public static IReadOnlyList<FindingMapping> Mappings(IEnumerable<string> weaknesses) => [.. weaknesses.Distinct().Select(name => new FindingMapping("CWE", name))];

    [GeneratedRegex(@"\bCWE[-_: ]?(?<n>[0-9]{1,5})\b", RegexOptions.IgnoreCase)]
    private static partial Regex Named();

    [GeneratedRegex(@"^\s*[0-9]{1,5}\s*$")]
    private static partial Regex Bare();
}
