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

    /// <summary>The whole score, 0 to 100: the mean of the four parts that follow, or the function's own where <see cref="Measurement.Source"/> says so. Null if a part is unknown.</summary>
    public double? Score { get; init; }

    /// <summary>How many of the four parts could be told, in percent; null for what a function tells.</summary>
    public double? CoveragePercent { get; init; }

    /// <summary>Accounts that consented to the processing, in percent.</summary>
    public double? ConsentPercent { get; init; }

    /// <summary>Access requests answered in time, in percent; null where none fell due, too.</summary>
    public double? AccessRequestPercent { get; init; }

    /// <summary>Deletion requests answered in time, in percent; null where none fell due, too.</summary>
    public double? DeletionPercent { get; init; }

    /// <summary>Days with entries in the audit log, in percent.</summary>
    public double? AuditPercent { get; init; }

    /// <summary>Retention policies that are kept, in percent. No part of the score, which is comparable with the function's.</summary>
    public double? RetentionPercent { get; init; }

    /// <summary>Open requests for access and deletion that are past their time.</summary>
    public long? OverdueRequests { get; init; }

    /// <summary>The function's own score, 0 to 100; null if it was not asked or did not answer.</summary>
    public double? FunctionScore { get; init; }

    /// <summary>The function's figure of consents, in percent.</summary>
    public double? FunctionConsentPercent { get; init; }

    /// <summary>The function's figure of access requests, in percent.</summary>
    public double? FunctionAccessRequestPercent { get; init; }

    /// <summary>The function's figure of deletion requests, in percent.</summary>
    public double? FunctionDeletionPercent { get; init; }

    /// <summary>The function's figure of the audit log, in percent.</summary>
    public double? FunctionAuditPercent { get; init; }

    /// <summary>Why the function's figures are there or not.</summary>
    public string? FunctionReason { get; init; }

    /// <summary>What is wrong.</summary>
    public IReadOnlyList<string> Issues { get; init => field = Readable.Copy(value); } = Readable.List<string>.Empty;

    /// <summary>What the function complains of.</summary>
    public IReadOnlyList<string> FunctionIssues { get; init => field = Readable.Copy(value); } = Readable.List<string>.Empty;

    /// <summary>What is to be done, the most urgent first.</summary>
    public IReadOnlyList<ComplianceActionItem> ActionItems { get; init => field = Readable.Copy(value); } = Readable.List<ComplianceActionItem>.Empty;

    /// <summary>What was processed within 30 days, as the audit log and the function tell it (monthly report). Counts only.</summary>
    public IReadOnlyList<ProcessingActivity> ProcessingActivities { get; init => field = Readable.Copy(value); } = Readable.List<ProcessingActivity>.Empty;

    /// <summary>What became of <c>-AutoResolveLow</c>; null if nobody asked for it.</summary>
    public ComplianceResolution? Resolution { get; init; }
}

/// <summary>How urgent something is.</summary>
public enum CompliancePriority
{
    /// <summary>The source does not say it, or not in words that are known: whether 1 is the most or the least urgent, a number does not tell.</summary>
    Unknown = 0,

    /// <summary>When there is time.</summary>
    Low,

    /// <summary>In working hours.</summary>
    Medium,

    /// <summary>Today.</summary>
    High,

    /// <summary>Now.</summary>
    Critical,
}

/// <summary>Something to be done.</summary>
public sealed record ComplianceActionItem
{
    /// <summary>What.</summary>
    public required string Action { get; init; }

    /// <summary>How urgent, in the source's words; a number is its text. Null if it does not say.</summary>
    public string? Priority { get; init; }

    /// <summary>How urgent, if the source's word is known.</summary>
    public CompliancePriority PriorityLevel { get; init; }

    /// <summary>Who says so.</summary>
    public MeasurementSource Source { get; init; }

    /// <summary>Makes one of what a source says.</summary>
    /// <param name="action">What is to be done.</param>
    /// <param name="priority">How urgent, in the source's words.</param>
    /// <param name="source">Who says so.</param>
    public static ComplianceActionItem Of(string action, string? priority, MeasurementSource source) => new()
    {
        Action = action,
        Priority = priority,
        PriorityLevel = priority?.Trim().ToLowerInvariant() switch
        {
            "low" or "info" or "minor" => CompliancePriority.Low,
            "medium" or "normal" or "moderate" => CompliancePriority.Medium,
            "high" or "major" => CompliancePriority.High,
            "critical" or "urgent" or "immediate" => CompliancePriority.Critical,
            _ => CompliancePriority.Unknown,
        },
        Source = source,
    };

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

    /// <summary>Who says so: the audit log or the function.</summary>
    public MeasurementSource Source { get; init; }
}
