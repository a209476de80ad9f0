namespace Maintenance;

/// <summary>Where a standard or a law asks for what a check looks at.</summary>
/// <param name="Standard">The standard: <c>CIS PostgreSQL 17</c>, <c>GDPR</c>.</param>
/// <param name="Section">The section of it: <c>4.7</c>, <c>Art. 32</c>; of a list such as CWE, the whole name: <c>CWE-79</c>.</param>
public sealed record FindingMapping(string Standard, string Section)
{
    /// <inheritdoc/>
    public override string ToString() => Section.StartsWith($"{Standard}-", StringComparison.Ordinal) ? Section : $"{Standard} {Section}";
}
