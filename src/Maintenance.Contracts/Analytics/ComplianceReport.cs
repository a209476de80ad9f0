namespace Maintenance;

/// <summary>Which report on data protection.</summary>
public enum ComplianceReportType
{
    /// <summary>What the daily check wants to know.</summary>
    Daily = 0,

    /// <summary>The audit's report, with all scores.</summary>
    Monthly,

    /// <summary>The score alone, as troubleshooting asks for it.</summary>
    Quick,
}

/// <summary>How well data protection rules are kept (guide D4, M4, T4). Null is unknown or not told; Findings say more.</summary>
public sealed record ComplianceReport : Measurement
{
    /// <summary>Which report it is.</summary>
    public required ComplianceReportType ReportType { get; init; }

    /// <summary>The whole score, 0 to 100: the function's own, or the mean of the four parts.</summary>
    public double? Score { get; init; }

    /// <summary>Accounts that consented to the processing, in percent.</summary>
    public double? ConsentPercent { get; init; }

    /// <summary>Access requests answered in time, in percent.</summary>
    public double? AccessRequestPercent { get; init; }

    /// <summary>Erasure requests answered in time, in percent.</summary>
    public double? DeletionPercent { get; init; }

    /// <summary>Days with entries in the audit log, in percent.</summary>
    public double? AuditPercent { get; init; }

    /// <summary>What is wrong.</summary>
    public IReadOnlyList<string> Issues { get; init => field = value.ToArray(); } = [];

    /// <summary>What is to be done.</summary>
    public IReadOnlyList<ComplianceActionItem> ActionItems { get; init => field = value.ToArray(); } = [];

    /// <summary>What was processed; from the function only.</summary>
    public IReadOnlyList<ProcessingActivity> ProcessingActivities { get; init => field = value.ToArray(); } = [];
}

/// <summary>Something to be done.</summary>
public sealed record ComplianceActionItem
{
    /// <summary>What.</summary>
    public required string Action { get; init; }

    /// <summary>How urgent, in the source's words.</summary>
    public string? Priority { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Priority is null ? Action : $"[{Priority}] {Action}";
}

/// <summary>A kind of processing, and how many records it touched.</summary>
public sealed record ProcessingActivity
{
    /// <summary>Its kind.</summary>
    public required string ActivityType { get; init; }

    /// <summary>Number of records.</summary>
    public required long ProcessedRecords { get; init; }
}
