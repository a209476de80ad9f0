namespace Maintenance.Engine.Repair.Issues;

/// <summary>Makes the findings of probes: what is wrong, what is well, and what nobody could tell.</summary>
internal static class Issue
{
    private const string What = "What";

    private const string Reason = "Reason";

    /// <summary>Something is wrong.</summary>
    public static Finding Found(
        IssueKind kind, FindingSeverity severity, string? subject, string message, string recommendation, params (string Key, object? Value)[] evidence) => new()
        {
            Id = kind.Id,
            Area = kind.Area,
            Severity = severity,
            Subject = subject,
            Message = message,
            Recommendation = recommendation,
            Evidence = evidence.ToDictionary(pair => pair.Key, pair => pair.Value),
        };

    /// <summary>It was measured, and nothing is wrong.</summary>
    public static Finding Passed(IssueKind kind, string message, params (string Key, object? Value)[] evidence) =>
        Found(kind, FindingSeverity.Info, null, message, "Nothing to do.", evidence) with { Outcome = FindingOutcome.Pass };

    /// <summary>It could not be measured.</summary>
    public static Finding NotKnown(IssueKind kind, FindingSeverity severity, string message, string? recommendation, MaintenanceErrorCode? error = null, string? subject = null) => new()
    {
        Id = kind.Id,
        Area = kind.Area,
        Severity = severity,
        Outcome = error == MaintenanceErrorCode.PermissionDenied ? FindingOutcome.NotPermitted : FindingOutcome.Unknown,
        Subject = subject,
        Message = message,
        Recommendation = recommendation,
        Evidence = error is { } code ? new Dictionary<string, object?> { ["Error"] = code.ToString() } : new Dictionary<string, object?>(),
    };

    /// <summary>Says what could not be looked at and why, apart, so that several with the same reason can be told in one sentence.</summary>
    public static Finding Because(this Finding finding, string what, string reason) =>
        finding with { Evidence = new Dictionary<string, object?>(finding.Evidence) { [What] = what, [Reason] = reason } };

    /// <summary>Sentences for what could not be told: what has the same reason is in one.</summary>
    /// <param name="gaps">Findings that are neither right nor wrong.</param>
    public static IReadOnlyList<(string Names, string Sentence)> Gaps(IEnumerable<Finding> gaps) =>
    [
        .. gaps.GroupBy(finding => finding.Evidence.GetValueOrDefault(Reason)?.ToString() ?? finding.Message).Select(group => (
            string.Join(", ", group.Select(finding => finding.Subject is { } subject ? $"{finding.Id} {subject}" : finding.Id)),
            group.First().Evidence.GetValueOrDefault(What) is null || group.Count() == 1
                ? group.First().Message
                : $"Nobody can tell now: {string.Join(", ", group.Select(finding => finding.Evidence.GetValueOrDefault(What)?.ToString() ?? finding.Id))}. {group.Key}")),
    ];

    /// <summary>Findings, or what is well where there are none.</summary>
    public static IReadOnlyList<Finding> OrPassed(this IEnumerable<Finding> findings, IssueKind kind, string message, params (string Key, object? Value)[] evidence)
    {
        IReadOnlyList<Finding> all = [.. findings];
        return all.Count > 0 ? all : [Passed(kind, message, evidence)];
    }
}
