namespace Maintenance.Engine.Security.Audit;

/// <summary>A line of the checklist, and what answers it.</summary>
/// <param name="Section">Number of its section.</param>
/// <param name="Group">The heading it stands under.</param>
/// <param name="Text">What is so where all is well.</param>
/// <param name="Needs">Ids of checks, or what they begin with and a star. Each must be answered for the line to pass; A|B is answered by either.</param>
internal sealed record ChecklistRule(int Section, string Group, string Text, params string[] Needs)
{
    /// <summary>Ids that count as well where there are any, and need not be.</summary>
    public IReadOnlyList<string> Also { get; init; } = [];

    /// <summary>Ids that none of its patterns means.</summary>
    public IReadOnlyList<string> Except { get; init; } = [];

    /// <summary>What only a person can tell, whatever the checks say; null if the checks say all.</summary>
    public string? Person { get; init; }

    /// <summary>The parts of the audit whose checks answer it.</summary>
    public IEnumerable<AuditPart> Parts => Needs.SelectMany(need => need.Split('|')).Select(AuditParts.Of).OfType<AuditPart>().Distinct();

    /// <summary>What must be answered, one by one: of the catalogue every check that a pattern means, of other parts one at least.</summary>
    public IEnumerable<string> Required => Needs.SelectMany(need => need.StartsWith("DBSEC-", StringComparison.Ordinal) && need.EndsWith('*')
        ? SecurityCatalogue.Checks.Select(check => check.Id).Where(id => Answers(need, id))
        : [need]);

    /// <summary>Whether a check speaks for it or against it.</summary>
    public bool Means(string id) => Needs.Concat(Also).Any(need => Answers(need, id));

    /// <summary>Whether a check answers one of its needs.</summary>
    public bool Answers(string need, string id) =>
        need.Split('|').Any(pattern => Matches(pattern, id)) && !Except.Any(pattern => Matches(pattern, id));

    private static bool Matches(string pattern, string id) =>
        pattern.EndsWith('*') ? id.StartsWith(pattern[..^1], StringComparison.OrdinalIgnoreCase) : id.Equals(pattern, StringComparison.OrdinalIgnoreCase);
}
