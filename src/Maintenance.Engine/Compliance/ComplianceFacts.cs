namespace Maintenance.Engine.Compliance;

/// <summary>What reading a part came to: facts, or what kept them.</summary>
/// <typeparam name="T">The facts.</typeparam>
/// <param name="Facts">The facts; null if they could not be read.</param>
/// <param name="Failure">What kept them; null if they were read.</param>
internal sealed record Reading<T>(T? Facts, MaintenanceException? Failure)
    where T : class
{
    public static Reading<T> Of(T facts) => new(facts, null);

    public static Reading<T> Failed(MaintenanceException failure) => new(null, failure);
}

/// <summary>Accounts and their consents. Tables are named as the server quotes them.</summary>
/// <param name="Table">The table of consents.</param>
/// <param name="Accounts">All accounts.</param>
/// <param name="Consented">Those with a consent of the kind that is needed.</param>
/// <param name="Contradictory">Of these, those that have a refusal of it too, and nothing tells which is newer.</param>
internal sealed record ConsentFacts(string Table, long Accounts, long Consented, long Contradictory);

/// <summary>Requests of one kind.</summary>
internal sealed record RequestFacts
{
    public required string Table { get; init; }

    /// <summary>The kind, as it is configured.</summary>
    public required string Kind { get; init; }

    /// <summary>The table has times by which requests must be answered; otherwise they were computed from their receipt.</summary>
    public required bool HasDue { get; init; }

    /// <summary>All of the kind, ever.</summary>
    public required long Total { get; init; }

    /// <summary>Requests of kinds that nobody knows, open or counted within the period: one may be this kind under another name.</summary>
    public long Unrecognised { get; init; }

    /// <summary>How many such kinds there are.</summary>
    public long UnrecognisedKinds { get; init; }

    /// <summary>Those of their names that can be shown, the most frequent first.</summary>
    public IReadOnlyList<string> UnrecognisedNames { get; init; } = [];

    /// <summary>Open requests of which nothing tells when they must be answered.</summary>
    public long Undated { get; init; }

    /// <summary>Requests answered within the period of which nothing tells whether that was in time.</summary>
    public long UndatedAnswered { get; init; }

    /// <summary>Those that fell due within the period, or are open past their time.</summary>
    public long FellDue { get; init; }

    public long InTime { get; init; }

    public long AnsweredLate { get; init; }

    public long Open { get; init; }

    public long Overdue { get; init; }

    public long DueWithinWeek { get; init; }

    /// <summary>When the oldest open one came.</summary>
    public DateTimeOffset? OldestOpen { get; init; }

    /// <summary>When the first open one must be, or should have been, answered.</summary>
    public DateTimeOffset? FirstDue { get; init; }
}

/// <summary>Entries of the audit log within the period.</summary>
/// <param name="Table">The table.</param>
/// <param name="Entries">How many.</param>
/// <param name="Days">Days with an entry: 0 for the last 24 hours, 1 for those before.</param>
/// <param name="GapFrom">Where the longest time without an entry begins.</param>
/// <param name="GapTo">Where it ends.</param>
/// <param name="Now">The server's time.</param>
internal sealed record AuditCoverageFacts(string Table, long Entries, IReadOnlySet<int> Days, DateTimeOffset GapFrom, DateTimeOffset GapTo, DateTimeOffset Now);

/// <summary>What the numbers of the audit log's entries tell.</summary>
/// <param name="Table">The table.</param>
/// <param name="Entries">Entries that were looked at.</param>
/// <param name="Missing">Numbers without an entry.</param>
/// <param name="Holes">In how many places.</param>
/// <param name="WrittenLater">Entries that have a higher number than one of a much later time.</param>
/// <param name="InFuture">Entries of a time to come.</param>
/// <param name="Duplicate">Entries with the number of another.</param>
internal sealed record AuditSequenceFacts(string Table, long Entries, decimal Missing, long Holes, long WrittenLater, long InFuture, long Duplicate);

/// <summary>Rows of a policy's table that are past their age.</summary>
/// <param name="Table">The table.</param>
/// <param name="Rows">How many were seen.</param>
/// <param name="IsBound">There may be more: counting ended there.</param>
/// <param name="Oldest">The oldest that was seen.</param>
/// <param name="Held">A legal hold was respected.</param>
internal sealed record RetentionFacts(string Table, long Rows, bool IsBound, DateTimeOffset? Oldest, bool Held);

/// <summary>A policy and what reading its table came to.</summary>
internal sealed record PolicyReading(RetentionPolicy Policy, Reading<RetentionFacts> Reading);

/// <summary>Everything a report is computed from. Null is what it does not look at.</summary>
internal sealed record ComplianceFacts
{
    /// <summary>The database; null if it could not be opened.</summary>
    public string? Database { get; init; }

    public required Reading<ConsentFacts> Consents { get; init; }

    public required Reading<RequestFacts> Access { get; init; }

    public required Reading<RequestFacts> Deletion { get; init; }

    public required Reading<AuditCoverageFacts> Audit { get; init; }

    public Reading<AuditSequenceFacts>? Sequence { get; init; }

    public IReadOnlyList<PolicyReading>? Retention { get; init; }

    public Reading<IReadOnlyList<ProcessingActivity>>? Activities { get; init; }

    /// <summary>What keeps each of the four parts of the score.</summary>
    public IReadOnlyList<MaintenanceException> Failures =>
        [.. new[] { Consents.Failure, Access.Failure, Deletion.Failure, Audit.Failure }.OfType<MaintenanceException>()];

    /// <summary>Nothing could be read.</summary>
    /// <param name="type">The report.</param>
    /// <param name="target">The target.</param>
    /// <param name="failure">What kept everything.</param>
    public static ComplianceFacts Nothing(ComplianceReportType type, MaintenanceTarget target, MaintenanceException failure) => new()
    {
        Database = target.Database?.Database,
        Consents = Reading<ConsentFacts>.Failed(failure),
        Access = Reading<RequestFacts>.Failed(failure),
        Deletion = Reading<RequestFacts>.Failed(failure),
        Audit = Reading<AuditCoverageFacts>.Failed(failure),
        Sequence = type == ComplianceReportType.Monthly ? Reading<AuditSequenceFacts>.Failed(failure) : null,
        Retention = type == ComplianceReportType.Quick
            ? null
            : [.. RetentionDefaults.Of(target).Select(policy => new PolicyReading(policy, Reading<RetentionFacts>.Failed(failure)))],
        Activities = type == ComplianceReportType.Monthly ? Reading<IReadOnlyList<ProcessingActivity>>.Failed(failure) : null,
    };
}
