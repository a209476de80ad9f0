namespace Maintenance;

/// <summary>What a security audit is made of.</summary>
public sealed record SecurityReportQuery
{
    /// <summary>What was found already; null to look.</summary>
    public IReadOnlyList<Finding>? Findings { get; init => field = value?.ToArray(); }

    /// <summary>The parts to look at; null for all. A part that is left out is not looked at, and never green.</summary>
    public IReadOnlyList<AuditPart>? Parts { get; init => field = value?.ToArray(); }

    /// <summary>The history is to keep what was found and that there was an audit.</summary>
    public bool Record { get; init; } = true;

    /// <summary>The report is going to be published: what keeps a published report from being changed is looked at.</summary>
    public bool WillPublish { get; init; }
}
