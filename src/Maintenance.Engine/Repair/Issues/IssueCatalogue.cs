namespace Maintenance.Engine.Repair.Issues;

/// <summary>The kinds of issue that are looked for. Ids are stable: rules, remedies and people's notes name them.</summary>
internal static class IssueCatalogue
{
    // The guide's four (T1 to T4).
    public static readonly IssueKind ErrorRate = new("ISSUE-ERROR-RATE", "Errors", "Many requests fail");
    public static readonly IssueKind SlowResponses = new("ISSUE-SLOW-RESPONSES", "Performance", "Requests take long");
    public static readonly IssueKind Connections = new("ISSUE-CONNECTIONS", "Connections", "Connections run out");
    public static readonly IssueKind Compliance = new("ISSUE-COMPLIANCE", "Compliance", "Data protection rules are not kept");

    // What our own probes know.
    public static readonly IssueKind DatabaseDown = new("ISSUE-DATABASE-DOWN", "Database", "The database does not answer");
    public static readonly IssueKind Blocking = new("ISSUE-BLOCKING", "Sessions", "A session keeps others waiting");
    public static readonly IssueKind IdleInTransaction = new("ISSUE-IDLE-IN-TRANSACTION", "Sessions", "Transactions are open and idle");
    public static readonly IssueKind InvalidIndex = new("ISSUE-INDEX-INVALID", "Indexes", "An index is written but cannot be used");
    public static readonly IssueKind VacuumDue = new("ISSUE-VACUUM-DUE", "Vacuum", "Autovacuum has not come to a table");
    public static readonly IssueKind Capacity = new("ISSUE-CAPACITY", "Capacity", "Something runs out");
    public static readonly IssueKind AlertFiring = new("ISSUE-ALERT-FIRING", "Alerts", "An alert rule fires");
    public static readonly IssueKind RunMissed = new("ALERT-RUN-MISSED", "Alerts", "A task that was expected did not run");

    /// <summary>What Get-DbWraparound finds, under its own ids.</summary>
    public static IReadOnlyList<IssueKind> Wraparound { get; } =
    [
        Of("Wraparound", "XID-AGE-HIGH", "Transaction ids are used up"),
        Of("Wraparound", "XID-STOP-NEAR", "The server stops taking writes soon"),
        Of("Wraparound", "XID-FREEZE-OVERDUE", "Autovacuum has not managed to freeze transaction ids"),
        Of("Wraparound", "XID-FREEZE-BLOCKED", "A snapshot keeps rows from being frozen"),
        Of("Wraparound", "XID-TABLE-OVERDUE", "A table is past the age at which it must be frozen"),
        Of("Wraparound", "XID-TEMP-ORPHANED", "A temporary table outlived its session"),
        Of("Wraparound", "XID-TEMP-OLD", "A temporary table grows old"),
        Of("Wraparound", "XID-HOLDERS-UNKNOWN", "Who keeps rows from being frozen cannot be seen on a standby"),
        Of("Wraparound", "XID-HOLDERS-NOT-PERMITTED", "Who keeps rows from being frozen may not be seen"),
        Of("Wraparound", "XID-NOT-PERMITTED", "A part of the ages may not be read"),
        Of("Wraparound", "XID-NOT-MEASURED", "A part of the ages could not be read"),
        Of("Wraparound", "MXID-AGE-HIGH", "Multixact ids are used up"),
        Of("Wraparound", "MXID-FREEZE-OVERDUE", "Autovacuum has not managed to freeze multixact ids"),
        Of("Wraparound", "MXID-MEMBERS-HIGH", "The space for members of multixacts is used up"),
    ];

    /// <summary>What Get-DbReplication finds, under its own ids.</summary>
    public static IReadOnlyList<IssueKind> Replication { get; } =
    [
        Of("Replication", "REPL-SLOT-RETAINS-WAL", "A slot keeps much of the log"),
        Of("Replication", "REPL-SLOT-IN-DANGER", "A slot is about to be lost"),
        Of("Replication", "REPL-SLOT-LOST", "A slot is lost"),
        Of("Replication", "REPL-SLOT-INACTIVE", "A slot has no consumer"),
        Of("Replication", "REPL-SLOT-HOLDS-XMIN", "A slot keeps rows from being removed"),
        Of("Replication", "REPL-LAG", "A standby is behind"),
        Of("Replication", "REPL-LAG-UNKNOWN", "How far a standby is behind is not known"),
        Of("Replication", "REPL-SYNC-MISSING", "Commits wait for a standby that is not there"),
        Of("Replication", "REPL-ARCHIVER-FAILING", "The log cannot be archived"),
        Of("Replication", "REPL-ARCHIVE-BACKLOG", "The archiver is behind"),
        Of("Replication", "REPL-RECEIVER-DOWN", "The standby has no receiver"),
        Of("Replication", "REPL-RECEIVER-STALLED", "The standby receives nothing"),
        Of("Replication", "REPL-REPLAY-PAUSED", "Somebody paused the replay"),
        Of("Replication", "REPL-NOT-PERMITTED", "A part of the replication may not be read"),
        Of("Replication", "REPL-NOT-MEASURED", "A part of the replication could not be read"),
        Of("Replication", "WAL-DISK-FULL", "The log fills its disk"),
    ];

    private static IssueKind Of(string area, string id, string title) => new(id, area, title);
}
