namespace Maintenance.Engine.Security.Scan;

/// <summary>Which names are those of public lists of weaknesses and vulnerabilities.</summary>
internal static class ScanMappings
{
    private static readonly string[] Lists = ["CWE", "CVE", "GHSA", "PYSEC", "OSV", "OWASP"];

    /// <summary>The mappings among names, each once; what is in no list that is known here is left out.</summary>
    /// <param name="names">Names such as CWE-1321, CVE-2020-7598, GHSA-….</param>
    public static IReadOnlyList<FindingMapping> Of(params IEnumerable<string?> names) =>
    [
        .. names.OfType<string>()
            .Select(name => name.Trim())
            .Where(name => name.Length < 100 && name.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or ':'))
            .Select(name => (Name: name, List: Lists.FirstOrDefault(list => name.StartsWith(list + "-", StringComparison.OrdinalIgnoreCase))))
            .Where(pair => pair.List is not null)
            .Select(pair => new FindingMapping(pair.List!, pair.List + pair.Name[pair.List!.Length..]))
            .Distinct(),
    ];
}
