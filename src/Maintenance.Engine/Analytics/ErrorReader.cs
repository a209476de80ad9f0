using Maintenance.Engine.Database;

namespace Maintenance.Engine.Analytics;

/// <summary>Computes error figures from the mapped logs.</summary>
internal static class ErrorReader
{
    private const int TopCount = 10;

    /// <summary>The errors of a window. Without requests, or a log of them, the rate is unknown and the rest is not.</summary>
    /// <exception cref="MaintenanceException">What keeps the error log from being read: MappingInvalid, PermissionDenied, …</exception>
    public static async Task<ErrorAnalytics> ReadAsync(DatabaseSession session, TimeSpan window, Judgement judgement, CancellationToken cancellationToken)
    {
        var analytics = session.Target.Analytics;
        var log = await MappedTable.OpenAsync(session, TableMapping.ErrorLog(analytics), cancellationToken);
        var critical = Lower(analytics.ErrorLog.CriticalSeverities);
        string[] all = [.. Lower(analytics.ErrorLog.ErrorSeverities), .. critical];
        var (errors, criticals) = (await log.QueryAsync(
            session, "Analytics/Sql/ErrorCounts.sql", row => (row.GetInt64(0), row.GetInt64(1)), cancellationToken, window, all, critical))[0];
        var groups = await log.QueryAsync(
            session,
            "Analytics/Sql/TopErrors.sql",
            row => new ErrorGroup
            {
                Message = ErrorText.Normalise(row.IsDBNull(0) ? "" : row.GetString(0)),
                Component = row.IsDBNull(1) ? null : ErrorText.Harmless(row.GetString(1)),
                Count = row.GetInt64(2),
                FirstSeen = row.GetFieldValue<DateTimeOffset>(3),
                LastSeen = row.GetFieldValue<DateTimeOffset>(4),
            },
            cancellationToken,
            window,
            all);

        var (requests, failed, known, reason) = await CountRequestsAsync(session, window, judgement, cancellationToken);
        double? rate = known > 0 ? 100.0 * failed / known : null;
        judgement.Measure("error_rate", rate, reason ?? "No request was logged in this time.");
        judgement.Measure("critical_errors_count", criticals);
        return new ErrorAnalytics
        {
            Target = judgement.Target.Name,
            Status = judgement.Status,
            Source = judgement.Source,
            SourceReason = judgement.SourceReason,
            Window = window,
            CollectedAt = judgement.Now,
            Metrics = judgement.Metrics,
            Findings = judgement.Findings,
            ErrorRatePercent = rate,
            ErrorCount = errors,
            CriticalErrorCount = criticals,
            RequestCount = requests,
            TopErrors = Merge(groups),
        };
    }

    /// <summary>Puts together what became alike when the last differences were taken out. Pure.</summary>
    internal static IReadOnlyList<ErrorGroup> Merge(IEnumerable<ErrorGroup> groups) =>
    [
        .. groups
            .GroupBy(group => (group.Message, group.Component))
            .Select(alike => alike.First() with
            {
                Count = alike.Sum(group => group.Count),
                FirstSeen = alike.Min(group => group.FirstSeen),
                LastSeen = alike.Max(group => group.LastSeen),
            })
            .OrderByDescending(group => group.Count)
            .Take(TopCount),
    ];

    private static async Task<(long? Count, long? Failed, long? Known, string? Reason)> CountRequestsAsync(
        DatabaseSession session, TimeSpan window, Judgement judgement, CancellationToken cancellationToken)
    {
        try
        {
            var log = await MappedTable.OpenAsync(session, TableMapping.RequestLog(session.Target.Analytics), cancellationToken);
            var (count, failed, known) = (await log.QueryAsync(
                session, "Analytics/Sql/RequestCount.sql", row => (row.GetInt64(0), row.GetInt64(1), row.GetInt64(2)), cancellationToken, window))[0];
            return (count, failed, known, null);
        }
        catch (MaintenanceException exception) when (exception.Code != MaintenanceErrorCode.DatabaseUnreachable)
        {
            judgement.Miss("requests", exception);
            return (null, null, null, exception.Message);
        }
    }

    private static string[] Lower(IEnumerable<string> words) => [.. words.Select(word => word.ToLowerInvariant())];
}
