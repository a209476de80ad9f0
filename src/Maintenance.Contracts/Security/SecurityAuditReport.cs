namespace Maintenance;

/// <summary>A security audit: every line of the checklist with its verdict and evidence, what was found, and what changed since the last audit.</summary>
public sealed record SecurityAuditReport
{
    /// <summary>Name of the maintained system.</summary>
    public required string Target { get; init; }

    /// <summary>True if it was made of findings from the pipeline. They may be a choice: what is gone cannot be told then.</summary>
    public bool IsFromPipeline { get; init; }

    /// <summary>The worst of what was found and not accepted; at least Unknown where a part was not looked at.</summary>
    public required HealthStatus Status { get; init; }

    /// <summary>One sentence: what the audit came to.</summary>
    public required string Message { get; init; }

    /// <summary>The checklist, in seven sections.</summary>
    public IReadOnlyList<AuditSection> Sections { get; init => field = Readable.Copy(value); } = Readable.List<AuditSection>.Empty;

    /// <summary>The parts of the audit, and whether each was looked at.</summary>
    public IReadOnlyList<AuditPartResult> Parts { get; init => field = Readable.Copy(value); } = Readable.List<AuditPartResult>.Empty;

    /// <summary>What was found, the worst first; passed checks come last.</summary>
    public IReadOnlyList<Finding> Findings { get; init => field = Readable.Copy(value); } = Readable.List<Finding>.Empty;

    /// <summary>What was found before and is gone since the last audit.</summary>
    public IReadOnlyList<Finding> Fixed { get; init => field = Readable.Copy(value); } = Readable.List<Finding>.Empty;

    /// <summary>What was found before, and no check looked again: it may still be so.</summary>
    public IReadOnlyList<Finding> NotChecked { get; init => field = Readable.Copy(value); } = Readable.List<Finding>.Empty;

    /// <summary>How many of what.</summary>
    public required AuditCounts Counts { get; init; }

    /// <summary>What Fixed and the states of findings compare with (UTC): the audit recorded last; null if there was none.</summary>
    public DateTimeOffset? PreviousAuditAt { get; init; }

    /// <summary>How many of what the audit before found; null if there was none.</summary>
    public AuditCounts? PreviousCounts { get; init; }

    /// <summary>The day on which the next audit is due (UTC).</summary>
    public required DateOnly NextAuditOn { get; init; }

    /// <summary>Version of the server; null if no server was asked.</summary>
    public string? ServerVersion { get; init; }

    /// <summary>Role with which the database was read; null if none was.</summary>
    public string? Role { get; init; }

    /// <summary>Version of this module.</summary>
    public string? ModuleVersion { get; init; }

    /// <summary>Machine that made it.</summary>
    public string? Machine { get; init; }

    /// <summary>Files that hold it.</summary>
    public IReadOnlyList<MaintenanceArtifact> Artifacts { get; init => field = Readable.Copy(value); } = Readable.List<MaintenanceArtifact>.Empty;

    /// <summary>Where it was published.</summary>
    public IReadOnlyList<PublishedArtifact> Published { get; init => field = Readable.Copy(value); } = Readable.List<PublishedArtifact>.Empty;

    /// <summary>What became of telling people; null if nobody was told.</summary>
    public NotificationResult? Notification { get; init; }

    /// <summary>When the audit began (UTC).</summary>
    public required DateTimeOffset CollectedAt { get; init; }

    /// <summary>How long it took.</summary>
    public TimeSpan Duration { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Target}: {Status}. {Message}";
}

/// <summary>A section of the checklist.</summary>
/// <param name="Number">Its number, from 1.</param>
/// <param name="Title">Its heading.</param>
/// <param name="Lines">Its lines.</param>
public sealed record AuditSection(int Number, string Title, IReadOnlyList<AuditLine> Lines)
{
    /// <summary>Its lines.</summary>
    public IReadOnlyList<AuditLine> Lines { get; init => field = Readable.Copy(value); } = Readable.Copy(Lines);

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{Number}. {Title}: {Lines.Count(line => line.Outcome == FindingOutcome.Pass)} of {Lines.Count} passed");
}

/// <summary>A line of the checklist.</summary>
public sealed record AuditLine
{
    /// <summary>The heading within its section that it stands under.</summary>
    public required string Group { get; init; }

    /// <summary>What is so where all is well, or what is to be done.</summary>
    public required string Text { get; init; }

    /// <summary>Pass only if every check that the line needs ran and found nothing.</summary>
    public required FindingOutcome Outcome { get; init; }

    /// <summary>True if what failed was all accepted until a date.</summary>
    public bool IsAccepted { get; init; }

    /// <summary>One sentence: why the line says so.</summary>
    public required string Evidence { get; init; }

    /// <summary>Ids of the checks that answer it and say something other than Pass.</summary>
    public IReadOnlyList<string> FindingIds { get; init => field = Readable.Copy(value); } = Readable.List<string>.Empty;

    /// <summary>How many findings speak against it.</summary>
    public int FindingCount { get; init; }

    /// <summary>How much it matters; null for a line that asks for nothing.</summary>
    public FindingSeverity? Priority { get; init; }

    /// <summary>By when it has to be done (UTC); null for a line that asks for nothing.</summary>
    public DateOnly? DueOn { get; init; }

    /// <summary>The word to show for it.</summary>
    public string Verdict() => IsAccepted ? nameof(FindingState.Accepted) : Outcome.ToString();

    /// <inheritdoc/>
    public override string ToString() => $"{Verdict()}: {Text}";
}

/// <summary>What became of a part of the audit.</summary>
/// <param name="Part">The part.</param>
/// <param name="IsLookedAt">True if it came to its end.</param>
/// <param name="Message">One sentence: what it came to, or why it was not looked at.</param>
public sealed record AuditPartResult(AuditPart Part, bool IsLookedAt, string Message)
{
    /// <summary>False if there was nothing to look at, because the configuration names nothing.</summary>
    public bool IsConfigured { get; init; } = true;

    /// <summary>How many findings it told that are not passed checks.</summary>
    public int FindingCount { get; init; }

    /// <summary>How many of its checks passed.</summary>
    public int PassedCount { get; init; }

    /// <summary>What to do so that it is looked at.</summary>
    public string? Recommendation { get; init; }

    /// <summary>How long it took.</summary>
    public TimeSpan Duration { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Message;
}

/// <summary>How many of what an audit found.</summary>
public sealed record AuditCounts
{
    /// <summary>Faults that nobody accepted, without what is only worth knowing.</summary>
    public int Failed { get; init; }

    /// <summary>Of them, those whose severity is Critical.</summary>
    public int Critical { get; init; }

    /// <summary>Of them, those whose severity is High.</summary>
    public int High { get; init; }

    /// <summary>Of them, those whose severity is Medium.</summary>
    public int Medium { get; init; }

    /// <summary>Of them, those whose severity is Low.</summary>
    public int Low { get; init; }

    /// <summary>What is worth knowing, with nothing to do.</summary>
    public int Info { get; init; }

    /// <summary>Of the faults, those that were not there the last time.</summary>
    public int New { get; init; }

    /// <summary>Of the faults, those that were there before.</summary>
    public int Known { get; init; }

    /// <summary>What somebody decided to live with until a date.</summary>
    public int Accepted { get; init; }

    /// <summary>What was there before and is gone.</summary>
    public int Fixed { get; init; }

    /// <summary>What could not be determined.</summary>
    public int Unknown { get; init; }

    /// <summary>What the role may not see.</summary>
    public int NotPermitted { get; init; }

    /// <summary>What only a person can tell.</summary>
    public int Manual { get; init; }

    /// <summary>Checks that found nothing wrong.</summary>
    public int Passed { get; init; }

    /// <summary>Findings and passed checks that were measured. 0 says that nothing could be judged, and then that there are no faults says nothing.</summary>
    public int Judged { get; init; }

    /// <summary>What was found before, and no check looked again.</summary>
    public int NotChecked { get; init; }
}
