using Maintenance.Engine.Health;

namespace Maintenance.Engine.Analytics;

/// <summary>What a mapped column must hold.</summary>
internal enum ColumnKind
{
    Any,
    Text,
    Time,
    Number,
    Integer,
    Flag,
}

/// <summary>A column that a configuration maps to.</summary>
/// <param name="Placeholder">What stands for it in SQL texts, without braces.</param>
/// <param name="Name">Its name, exactly.</param>
/// <param name="Kind">What it must hold.</param>
/// <param name="Optional">The table serves without it, or where it holds something else or may not be read: something is not told then.</param>
internal sealed record ColumnMapping(string Placeholder, string Name, ColumnKind Kind, bool Optional = false);

/// <summary>A table that a configuration maps to.</summary>
/// <param name="Setting">Name of the setting, for messages.</param>
/// <param name="Placeholder">What stands for it in SQL texts, without braces.</param>
/// <param name="Table">Its name, as in SQL.</param>
/// <param name="Columns">The columns that are used.</param>
internal sealed record TableMapping(string Setting, string Placeholder, string Table, IReadOnlyList<ColumnMapping> Columns)
{
    /// <summary>The part of the system that is measured from it, for messages.</summary>
    public string Part => Setting is "analytics.errorLog" or "analytics.requestLog" ? HealthComponents.Errors : HealthComponents.Compliance;

    /// <summary>All tables that analytics read.</summary>
    public static IReadOnlyList<TableMapping> All(AnalyticsSettings analytics) =>
        [ErrorLog(analytics), RequestLog(analytics), Consents(analytics), Users(analytics), SubjectRequests(analytics), AuditLog(analytics)];

    public static TableMapping ErrorLog(AnalyticsSettings analytics) => new(
        "analytics.errorLog",
        "table",
        analytics.ErrorLog.Table,
        [
            new("time", analytics.ErrorLog.Time, ColumnKind.Time),
            new("severity", analytics.ErrorLog.Severity, ColumnKind.Text),
            new("component", analytics.ErrorLog.Component, ColumnKind.Text),
            new("message", analytics.ErrorLog.Message, ColumnKind.Text),
        ]);

    public static TableMapping RequestLog(AnalyticsSettings analytics) => new(
        "analytics.requestLog",
        "table",
        analytics.RequestLog.Table,
        [
            new("time", analytics.RequestLog.Time, ColumnKind.Time),
            new("operation", analytics.RequestLog.Operation, ColumnKind.Text),
            new("duration", analytics.RequestLog.Duration, ColumnKind.Number),
            new("succeeded", analytics.RequestLog.Succeeded, ColumnKind.Flag),
        ]);

    public static TableMapping Consents(AnalyticsSettings analytics) => new(
        "analytics.consents",
        "table",
        analytics.Consents.Table,
        [
            new("user", analytics.Consents.User, ColumnKind.Any),
            new("type", analytics.Consents.Type, ColumnKind.Text),
            new("granted", analytics.Consents.Granted, ColumnKind.Flag),
            new("withdrawn", analytics.Consents.Withdrawn, ColumnKind.Time, IsDefault(analytics.Consents.Withdrawn, DefaultConsents.Withdrawn)),
            new("expires", analytics.Consents.Expires, ColumnKind.Time, IsDefault(analytics.Consents.Expires, DefaultConsents.Expires)),
            .. analytics.Consents.Time is { } time ? new ColumnMapping[] { new("time", time, ColumnKind.Time) } : [],
        ]);

    public static TableMapping Users(AnalyticsSettings analytics) => new(
        "analytics.consents.userTable", "user_table", analytics.Consents.UserTable, [new("user_id", analytics.Consents.UserId, ColumnKind.Any)]);

    public static TableMapping SubjectRequests(AnalyticsSettings analytics) => new(
        "analytics.subjectRequests",
        "table",
        analytics.SubjectRequests.Table,
        [
            new("type", analytics.SubjectRequests.Type, ColumnKind.Text),
            new("due", analytics.SubjectRequests.Due, ColumnKind.Time, IsDefault(analytics.SubjectRequests.Due, DefaultRequests.Due)),
            new("received", analytics.SubjectRequests.Received, ColumnKind.Time, IsDefault(analytics.SubjectRequests.Received, DefaultRequests.Received)),
            new("completed", analytics.SubjectRequests.Completed, ColumnKind.Time),
        ]);

    public static TableMapping AuditLog(AnalyticsSettings analytics) => new(
        "analytics.auditLog",
        "table",
        analytics.AuditLog.Table,
        [
            new("time", analytics.AuditLog.Time, ColumnKind.Time),
            new("id", analytics.AuditLog.Id, ColumnKind.Integer, IsDefault(analytics.AuditLog.Id, DefaultLog.Id)),
            new("activity", analytics.AuditLog.ActivityType, ColumnKind.Text, IsDefault(analytics.AuditLog.ActivityType, DefaultLog.ActivityType)),
            new("records", analytics.AuditLog.ProcessedRecords, ColumnKind.Number, IsDefault(analytics.AuditLog.ProcessedRecords, DefaultLog.ProcessedRecords)),
        ]);

    private static ConsentSettings DefaultConsents { get; } = new();

    private static SubjectRequestSettings DefaultRequests { get; } = new();

    private static AuditLogSettings DefaultLog { get; } = new();

    // A name that somebody wrote must be right; one that nobody wrote may be missing.
    private static bool IsDefault(string name, string usual) => name == usual;
}
