using Maintenance.Engine.Database;

namespace Maintenance.Engine.Analytics;

/// <summary>
/// Computes what the mapped tables honestly tell of data protection. The formulas are ours and stand in docs/analytics.md.
/// </summary>
internal sealed class ComplianceReader(DatabaseSession session, ComplianceReportType type, Judgement judgement)
{
    /// <summary>The time that requests and audit entries are looked at, whatever the report.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromDays(30);

    private readonly List<string> _issues = [];
    private readonly List<ComplianceActionItem> _actions = [];
    private readonly List<MaintenanceException> _failures = [];

    public async Task<ComplianceReport> ReadAsync(CancellationToken cancellationToken)
    {
        var analytics = session.Target.Analytics;
        var consent = await TryAsync("consents", () => ReadConsentsAsync(analytics, cancellationToken));
        var access = await TryAsync("access requests", () => ReadRequestsAsync(analytics, analytics.SubjectRequests.AccessType, "access", cancellationToken));
        var deletion = await TryAsync("erasure requests", () => ReadRequestsAsync(analytics, analytics.SubjectRequests.ErasureType, "erasure", cancellationToken));
        var audit = await TryAsync("audit log", () => ReadAuditAsync(analytics, cancellationToken));
        if (_failures.Count == 4)
        {
            throw _failures[0];
        }

        double[] parts = [.. new[] { consent, access, deletion, audit }.OfType<double>()];
        // A mean of what could be read would hide what could not.
        double? score = _failures.Count == 0 && parts.Length > 0 ? parts.Average() : null;
        judgement.Measure("gdpr_compliance_score", score, _failures.FirstOrDefault()?.Message ?? "There is nothing to judge by.");
        return new ComplianceReport
        {
            Target = judgement.Target.Name,
            Status = judgement.Status,
            Source = judgement.Source,
            SourceReason = judgement.SourceReason,
            Window = Period,
            CollectedAt = judgement.Now,
            Metrics = judgement.Metrics,
            Findings = judgement.Findings,
            ReportType = type,
            Score = score,
            ConsentPercent = consent,
            AccessRequestPercent = access,
            DeletionPercent = deletion,
            AuditPercent = audit,
            Issues = _issues,
            ActionItems = _actions,
        };
    }

    private async Task<double?> ReadConsentsAsync(AnalyticsSettings analytics, CancellationToken cancellationToken)
    {
        var consents = await MappedTable.OpenAsync(session, TableMapping.Consents(analytics), cancellationToken);
        var users = await MappedTable.OpenAsync(session, TableMapping.Users(analytics), cancellationToken);
        var (all, consented) = (await consents.With(users).QueryAsync(
            session, "Analytics/Sql/Consents.sql", row => (row.GetInt64(0), row.GetInt64(1)), cancellationToken, analytics.Consents.RequiredType))[0];
        if (consented < all)
        {
            _issues.Add(FormattableString.Invariant($"{all - consented} of {all} accounts have not consented to the processing."));
            _actions.Add(new ComplianceActionItem { Action = "Ask these accounts for their consent, or stop processing their data.", Priority = "high" });
        }

        return Share(consented, all);
    }

    private async Task<double?> ReadRequestsAsync(AnalyticsSettings analytics, string kind, string name, CancellationToken cancellationToken)
    {
        var requests = await MappedTable.OpenAsync(session, TableMapping.SubjectRequests(analytics), cancellationToken);
        var (due, inTime) = (await requests.QueryAsync(
            session, "Analytics/Sql/SubjectRequests.sql", row => (row.GetInt64(0), row.GetInt64(1)), cancellationToken, kind, Period))[0];
        if (inTime < due)
        {
            _issues.Add(FormattableString.Invariant($"{due - inTime} of {due} {name} requests were not answered in time."));
            _actions.Add(new ComplianceActionItem { Action = $"Answer the open {name} requests, and find out why they were late.", Priority = "high" });
        }

        return Share(inTime, due);
    }

    private async Task<double?> ReadAuditAsync(AnalyticsSettings analytics, CancellationToken cancellationToken)
    {
        var log = await MappedTable.OpenAsync(session, TableMapping.AuditLog(analytics), cancellationToken);
        var days = (await log.QueryAsync(session, "Analytics/Sql/AuditDays.sql", row => row.GetInt64(0), cancellationToken, Period))[0];
        if (days < Period.Days)
        {
            _issues.Add(FormattableString.Invariant($"The audit log has no entry on {Period.Days - days} of the last {Period.Days} days."));
            _actions.Add(new ComplianceActionItem { Action = "Find out whether nothing was processed on these days or nothing was logged.", Priority = "medium" });
        }

        return Share(days, Period.Days);
    }

    private async Task<double?> TryAsync(string subject, Func<Task<double?>> read)
    {
        try
        {
            return await read();
        }
        catch (MaintenanceException exception) when (exception.Code != MaintenanceErrorCode.DatabaseUnreachable)
        {
            _failures.Add(exception);
            judgement.Miss(subject, exception);
            return null;
        }
    }

    // Where nothing was to be done there is no share, which is not the same as none.
    private static double? Share(long part, long whole) => whole > 0 ? 100.0 * part / whole : null;
}
