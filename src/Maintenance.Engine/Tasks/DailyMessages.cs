using System.Globalization;

namespace Maintenance.Engine.Tasks;

/// <summary>What people are told of a daily run: a summary that is true (guide DS), and an emergency where backups are missing (guide D6). Pure.</summary>
internal static class DailyMessages
{
    /// <summary>The messages, the most urgent first.</summary>
    public static IReadOnlyList<NotificationMessage> Of(MaintenanceRun run) => [.. Emergencies(run), Summary(run)];

    // Only what was measured is an emergency: that the store could not be asked is in the summary, as unknown.
    private static IEnumerable<NotificationMessage> Emergencies(MaintenanceRun run)
    {
        var missing = run.Findings
            .Where(finding => finding is { Area: Health.HealthComponents.Backups, Outcome: FindingOutcome.Fail, Severity: FindingSeverity.Critical })
            .ToList();
        if (missing.Count == 0)
        {
            yield break;
        }

        var hours = missing[0].Evidence.TryGetValue("MaximumAgeSeconds", out var seconds) && seconds is double known ? known / 3600 : 24;
        yield return new NotificationMessage
        {
            Channel = "Emergency",
            Severity = HealthStatus.Critical,
            Title = missing.TrueForAll(finding => finding.Id is "BACKUP-NONE" or "BACKUP-STALE")
                ? string.Create(CultureInfo.InvariantCulture, $"CRITICAL: No database backups{Which(run, missing)} found in last {hours:0.##} hours")
                : "CRITICAL: The newest database backup cannot be relied on",
            Text = string.Join('\n', missing.Select(finding => $"{finding.Message} {finding.Recommendation}".TrimEnd())),
            Source = run.Task,
        };
    }

    // Where some are there, the title must not say that none are.
    private static string Which(MaintenanceRun run, List<Finding> missing)
    {
        var judged = run.Metrics.Count(metric => metric.Name == "backup_age_seconds");
        var databases = missing.Select(finding => finding.Evidence.GetValueOrDefault("Database") as string).ToList();
        return judged <= missing.Count || databases.Contains(null) ? "" : $" of {string.Join(", ", databases.Distinct(StringComparer.OrdinalIgnoreCase))}";
    }

    private static NotificationMessage Summary(MaintenanceRun run)
    {
        // The order is that of attention, so that whoever reads only the beginning reads what matters.
        var issues = run.Steps.Where(step => step.Status != HealthStatus.Ok).OrderByDescending(step => step.Status).ToList();
        // The overall score repeats the parts; it counts only where no part explains it.
        if (issues.Exists(step => step.Name != HealthSteps.OverallStep))
        {
            issues.RemoveAll(step => step.Name == HealthSteps.OverallStep);
        }

        return new NotificationMessage
        {
            Severity = run.Status,
            Title = RunTitle.Of(run, issues),
            Text = RunTitle.Lines(issues),
            Fields =
            [
                Field(run, "Health Score", "overall_health_percent", "0.#", "%"),
                Field(run, "Error Rate", "error_rate", "0.##", "%"),
                Field(run, "DB Avg Query Time", "avg_query_time", "0.#", "ms"),
                Field(run, "GDPR Compliance", "gdpr_compliance_score", "0.#", "%"),
            ],
            Source = run.Task,
        };
    }

    // What is not known is called so.
    private static NotificationField Field(MaintenanceRun run, string name, string metric, string format, string unit)
    {
        var value = run.Metrics.FirstOrDefault(known => known.Name == metric)?.Value;
        return new NotificationField(name, value is { } number ? $"{number.ToString(format, CultureInfo.InvariantCulture)} {unit}" : "unknown");
    }
}
