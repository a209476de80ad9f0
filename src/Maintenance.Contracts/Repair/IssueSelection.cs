namespace Maintenance;

/// <summary>Which issues of a system are looked for, and what of the result is wanted.</summary>
public sealed record IssueSelection
{
    /// <summary>Which kinds of issue, by id; null for all.</summary>
    public Func<string, bool>? Ids { get; init; }

    /// <summary>Which areas, by name; null for all.</summary>
    public Func<string, bool>? Areas { get; init; }

    /// <summary>Findings that matter less are left out. One that could not be measured counts as much as it would if it had failed.</summary>
    public FindingSeverity MinimumSeverity { get; init; }

    /// <summary>What was looked at and is well is told too: findings with outcome Pass.</summary>
    public bool IncludePassed { get; init; }
}
