using System.IO.Enumeration;
using Maintenance.Engine.Security.Audit;

namespace Maintenance.Engine.Security.Ledger;

/// <summary>What somebody decided to live with, and until when.</summary>
internal sealed class AcceptanceList(IReadOnlyList<AcceptedFinding> accepted, DateOnly today)
{
    private readonly HashSet<AcceptedFinding> _used = new(ReferenceEqualityComparer.Instance);

    /// <summary>Those that named nothing that was asked for.</summary>
    public IReadOnlyList<AcceptedFinding> Unused => [.. accepted.Where(rule => !_used.Contains(rule))];

    /// <summary>The decision about a finding: one that holds, else the one that ended last; null if there is none.</summary>
    public FindingAcceptance? Find(Finding finding)
    {
        // Nobody accepts that what was accepted is too much.
        if (AcceptanceFindings.IsOne(finding.Id))
        {
            return null;
        }

        var matching = accepted.Where(rule => Matches(rule.Id, finding.Id) && Matches(rule.Subject, finding.Subject) && Matches(rule.Scope, finding.Scope)).ToList();
        _used.UnionWith(matching);
        return matching.MaxBy(rule => rule.Until) is { } last ? new FindingAcceptance(last.By, last.Until, last.Reason) : null;
    }

    /// <summary>Whether it still counts: on its last day it does.</summary>
    public bool Holds(FindingAcceptance acceptance) => acceptance.Until >= today;

    // * and ? stand for others; a backslash takes that from the next character.
    internal static bool Matches(string? pattern, string? text) => pattern is null || FileSystemName.MatchesSimpleExpression(pattern, text ?? "", ignoreCase: true);
}
