namespace Maintenance;

/// <summary>What became of the wish to let the function resolve its issues of low severity.</summary>
public enum ComplianceResolutionState
{
    /// <summary>It cannot be done: there is no function, or it did not tell its issues.</summary>
    NotPossible = 0,

    /// <summary>There is no issue of low severity.</summary>
    NothingToDo,

    /// <summary>It would be asked to; it was not, under -WhatIf or because somebody said no.</summary>
    Planned,

    /// <summary>Asked again, it tells none of them any more.</summary>
    Resolved,

    /// <summary>Asked again, it still tells some of them.</summary>
    PartlyResolved,

    /// <summary>Asked again, it still tells all of them, whatever it said before.</summary>
    NotResolved,

    /// <summary>It was asked to, and nobody can tell what came of it.</summary>
    Unknown,
}

/// <summary>What became of one issue.</summary>
public enum ComplianceIssueState
{
    /// <summary>It was not touched: it is not of low severity, or nothing was done.</summary>
    NotTouched = 0,

    /// <summary>It is gone.</summary>
    Resolved,

    /// <summary>It is still there.</summary>
    StillThere,

    /// <summary>Nobody can tell.</summary>
    Unknown,
}

/// <summary>An issue as the function tells it.</summary>
public sealed record ComplianceIssue
{
    /// <summary>What is wrong, without what may be personal.</summary>
    public required string Issue { get; init; }

    /// <summary>How much it matters, in the function's word.</summary>
    public required string Severity { get; init; }

    /// <summary>What became of it.</summary>
    public ComplianceIssueState State { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"[{Severity}] {Issue}: {State}";
}

/// <summary>What became of the wish to let the function resolve its issues of low severity (guide T4).</summary>
public sealed record ComplianceResolution
{
    /// <summary>Name of the maintained system.</summary>
    public required string Target { get; init; }

    /// <summary>What came of it, measured after.</summary>
    public required ComplianceResolutionState State { get; init; }

    /// <summary>Why, in one sentence.</summary>
    public required string Reason { get; init; }

    /// <summary>How many the function said it had resolved; null if it was not asked or did not answer. Not taken for true.</summary>
    public long? ClaimedCount { get; init; }

    /// <summary>The issues, those of low severity first.</summary>
    public IReadOnlyList<ComplianceIssue> Issues { get; init => field = Readable.Copy(value); } = Readable.List<ComplianceIssue>.Empty;

    /// <summary>When it was measured (UTC).</summary>
    public required DateTimeOffset CollectedAt { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{State}: {Reason}";
}
