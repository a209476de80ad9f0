namespace Maintenance.Engine.Configuration;

/// <summary>What a connected role may do, as one query tells it.</summary>
/// <param name="Role">The role, quoted by the server.</param>
/// <param name="Database">The database, quoted by the server.</param>
/// <param name="ReadsAllStatistics">It sees the sessions and statements of other roles.</param>
/// <param name="ReadsAllSettings">It sees every setting of the server.</param>
/// <param name="HasStatements">The extension pg_stat_statements is installed.</param>
/// <param name="StatementsSchema">The extension's schema, quoted by the server.</param>
/// <param name="ReadsStatements">It may read the extension's view.</param>
/// <param name="KeepsHistory">It may create or use the schema of a history in the database.</param>
internal sealed record PrivilegeFacts(
    string Role,
    string Database,
    bool ReadsAllStatistics,
    bool ReadsAllSettings,
    bool HasStatements,
    string StatementsSchema,
    bool ReadsStatements,
    bool KeepsHistory)
{
    /// <summary>It may end sessions of other roles.</summary>
    public bool SignalsSessions { get; init; } = true;

    /// <summary>It may read every table and sequence.</summary>
    public bool ReadsAllData { get; init; } = true;

    /// <summary>It may read every table, of which the server shows statistics to nobody else.</summary>
    public bool ReadsAllTables { get; init; } = true;

    /// <summary>No policy hides rows from it.</summary>
    public bool SeesAllRows { get; init; } = true;

    /// <summary>Major version of the server.</summary>
    public int MajorVersion { get; init; } = 18;

    /// <summary>What the role lacks to read the tables that analytics are computed from: the grant by name of the setting.</summary>
    public IReadOnlyDictionary<string, string> MissingTableGrants { get; init; } = new Dictionary<string, string>();
}

/// <summary>The privileges that cmdlets need beyond connecting: one row per need, evaluated against what the server says.</summary>
internal static class PrivilegeCatalogue
{
    private static readonly string[] Statistics = ["Get-DbHealth", "Get-PerformanceMetric", "Get-SystemHealth", "Invoke-MaintenanceTask"];

    private const string NotEstimated =
        "mode Estimate calls them and their indexes Unknown. With pg_monitor and the extension pgstattuple, -Mode Verify measures those of 1 MB and more all the same, and -Mode Exact all.";

    private static readonly IReadOnlyList<Need> Needs =
    [
        new(
            Statistics,
            (_, facts) => !facts.ReadsAllStatistics || !facts.ReadsAllSettings,
            "Sessions, statements and settings that belong to other roles stay hidden: query times, blocked sessions and open transactions are incomplete.",
            facts => $"GRANT pg_monitor TO {facts.Role};"),
        Monitor("Who holds back dead rows stays hidden, and modes Verify and Exact cannot measure.", "Get-DbBloat"),
        new(
            ["Get-DbBloat"],
            (_, facts) => !facts.ReadsAllTables,
            $"The server hides statistics of tables that the role may not read: {NotEstimated}",
            ReadAllTables),
        new(
            ["Get-DbBloat"],
            (_, facts) => !facts.SeesAllRows,
            $"The server hides statistics of tables whose row security applies to the role: {NotEstimated}",
            facts => $"ALTER ROLE {facts.Role} BYPASSRLS;"),
        Monitor("Builds of indexes that others have under way cannot be told from failed ones: while there are any, invalid indexes are Unknown. With -Kind Missing, the statements of other roles stay hidden.", "Get-DbIndexAdvice"),
        new(
            ["Get-DbIndexAdvice"],
            (_, facts) => !facts.ReadsAllData,
            "With -Kind Missing, statements on tables that the role may not read have no plan: what indexes they lack is unknown.",
            ReadAllTables),
        new(
            ["Get-DbIndexAdvice"],
            (_, facts) => !facts.HasStatements,
            "With -Kind Missing, there are no statements to look at. The extension must also be in shared_preload_libraries.",
            _ => "CREATE EXTENSION pg_stat_statements;"),
        Monitor("Statements of other roles stay hidden, and what would help them is Unknown. To build an index the role must own the table, which each recommendation checks.", "Optimize-DbQuery", "New-QueryOptimizationReport"),
        Monitor("The archiver is seen by every role; without this the settings and the position of the log may not be, and whether an idle server has archived everything is Unknown.", "Test-BackupRecency"),
        Monitor("How far standbys are behind, and whose snapshots keep rows from being frozen, is Unknown.", "Get-DbReplication", "Get-DbWraparound"),
        Monitor("Sizes of databases that the role may not connect to stay hidden, and with them the storage of the whole server. Last values of sequences need SELECT on them.", "Get-CapacityForecast"),
        Monitor("Statements of other roles are hidden: they are one row for each role, with status Unknown.", "Get-DbSlowQuery"),
        Monitor("Since when sessions of other roles are idle, and from how many addresses they come, stays hidden: a connected role counts as active.", "Get-DbAccessReview"),
        Monitor("Settings of TLS, of preloaded libraries and of replication are NotPermitted. Rules of pg_hba.conf and kinds of passwords need grants of their own, which the findings name.", "Get-DbSecurityFinding", "New-SecurityAuditReport"),
        Monitor(
            "What sessions of other roles do stays hidden, and they cannot be stopped, since nobody could tell whether they are still the ones that were meant.",
            "Get-DbSession",
            "Stop-DbSession"),
        Monitor("What sessions of other roles do, how far standbys are behind and whether an index is being built stays hidden: findings about them are NotPermitted.", "Find-SystemIssue"),
        Monitor(
            "Whose snapshots are in the way of VACUUM and of a rebuild is not seen before it begins. Each table also needs its owner, or MAINTAIN on PostgreSQL 17: the plan says so.",
            "Invoke-DbMaintenance",
            "Invoke-DbReindex",
            "Invoke-DbVacuum"),
        new(
            ["Stop-DbSession", "Repair-SystemIssue"],
            (_, facts) => !facts.SignalsSessions,
            "Sessions of other roles cannot be stopped. Those of superusers need a superuser.",
            facts => $"GRANT pg_signal_backend TO {facts.Role};"),
        Monitor(
            "Which sessions of other roles are idle, and for how long, stays hidden: they are never ended. To drop an index or to vacuum a table the role must own it, which the repair says.",
            "Repair-SystemIssue"),
        new(
            ["New-DatabaseBackup"],
            (_, facts) => !facts.ReadsAllData,
            "pg_dump fails at the first table or sequence that the role may not read: no backup is made.",
            facts => facts.MajorVersion >= 14
                ? $"GRANT pg_read_all_data TO {facts.Role};"
                : $"GRANT USAGE ON SCHEMA ... TO {facts.Role}; GRANT SELECT ON ALL TABLES IN SCHEMA ... TO {facts.Role}; GRANT SELECT ON ALL SEQUENCES IN SCHEMA ... TO {facts.Role};"),
        new(
            ["New-DatabaseBackup"],
            (_, facts) => !facts.SeesAllRows,
            "Row security would hide rows from pg_dump, which therefore fails: no backup is made.",
            facts => $"ALTER ROLE {facts.Role} BYPASSRLS;"),
        new(
            ["Find-DbPersonalData"],
            (_, facts) => !facts.ReadsAllData,
            "Of tables that the role may not read, names and types alone are judged.",
            ReadAllTables),
        new(
            ["Find-DbPersonalData"],
            (_, facts) => !facts.SeesAllRows,
            "Row security hides rows from the role: samples are not of the whole.",
            facts => $"ALTER ROLE {facts.Role} BYPASSRLS;"),
        new(
            [.. Statistics, "Get-DbSlowQuery"],
            (_, facts) => !facts.HasStatements,
            "Query times and slow queries are Unknown. The extension must also be in shared_preload_libraries.",
            _ => "CREATE EXTENSION pg_stat_statements;"),
        new(
            [.. Statistics, "Get-DbSlowQuery"],
            (_, facts) => facts.HasStatements && !facts.ReadsStatements,
            "Query times and slow queries are Unknown.",
            facts => $"GRANT USAGE ON SCHEMA {facts.StatementsSchema} TO {facts.Role}; GRANT SELECT ON {facts.StatementsSchema}.pg_stat_statements TO {facts.Role};"),
        new(
            ["Invoke-MaintenanceTask", "Get-MaintenanceHistory", "Get-PerformanceSample"],
            (target, facts) => target.History.Kind == HistoryKind.Postgres && !facts.KeepsHistory,
            "Runs cannot be recorded in the target's own database.",
            facts => $"GRANT CREATE ON DATABASE {facts.Database} TO {facts.Role};"),
    ];

    private static readonly IReadOnlyList<Need> TableNeeds =
    [
        TableNeed("analytics.errorLog", "Errors are Unknown where no function tells them.", "Find-SystemIssue", "Get-ErrorAnalytics", "Get-SystemHealth", "Invoke-MaintenanceTask"),
        TableNeed("analytics.requestLog", "Response times and the error rate are Unknown where no function tells them.", "Compare-PerformanceBaseline", "Find-SystemIssue", "Get-ErrorAnalytics", "Get-PerformanceMetric", "Get-SystemHealth", "Invoke-MaintenanceTask", "Update-PerformanceBaseline"),
        .. new[] { "analytics.consents", "analytics.consents.userTable", "analytics.subjectRequests", "analytics.auditLog" }.Select(setting =>
            TableNeed(setting, "The compliance score cannot be computed, and what a report says of this table is NotPermitted.", "Find-SystemIssue", "Get-ComplianceReport", "Get-SystemHealth", "Invoke-MaintenanceTask")),
    ];

    /// <summary>What the role lacks for a target.</summary>
    public static IEnumerable<MissingPrivilege> Missing(MaintenanceTarget target, PrivilegeFacts facts) =>
        from need in Needs.Concat(TableNeeds)
        where need.IsMissing(target, facts)
        from cmdlet in need.Cmdlets
        select new MissingPrivilege { Target = target.Name, Cmdlet = cmdlet, Effect = need.Effect, Grant = need.Grant(facts) };

    private static Need Monitor(string effect, params string[] cmdlets) => new(
        cmdlets, (_, facts) => !facts.ReadsAllStatistics || !facts.ReadsAllSettings, effect, facts => $"GRANT pg_monitor TO {facts.Role};");

    private static string ReadAllTables(PrivilegeFacts facts) => facts.MajorVersion >= 14
        ? $"GRANT pg_read_all_data TO {facts.Role};"
        : $"GRANT USAGE ON SCHEMA ... TO {facts.Role}; GRANT SELECT ON ALL TABLES IN SCHEMA ... TO {facts.Role};";

    private static Need TableNeed(string setting, string effect, params string[] cmdlets) => new(
        cmdlets, (_, facts) => facts.MissingTableGrants.ContainsKey(setting), effect, facts => facts.MissingTableGrants[setting]);

    private sealed record Need(
        IReadOnlyList<string> Cmdlets,
        Func<MaintenanceTarget, PrivilegeFacts, bool> IsMissing,
        string Effect,
        Func<PrivilegeFacts, string> Grant);
}
