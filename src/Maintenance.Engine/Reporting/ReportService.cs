namespace Maintenance.Engine.Reporting;

/// <summary>Writes results of this module for people and programs.</summary>
public sealed class ReportService
{
    private readonly TimeProvider _time;

    internal ReportService(TimeProvider time) => _time = time;

    /// <summary>Writes a report.</summary>
    /// <param name="items">This module's objects; findings make one report together, and so do scheduled tasks, the forecasts of a target, and those that have no report of their own.</param>
    /// <param name="format">How; Auto is text.</param>
    /// <exception cref="MaintenanceException">InvalidArgument for other objects.</exception>
    public string Render(IReadOnlyList<object> items, ReportFormat format) => format switch
    {
        ReportFormat.Markdown => string.Join("\n", Reports(items).Select(MarkdownReportWriter.Write)),
        ReportFormat.Json => Reports(items) is [var only] ? JsonReportWriter.Write(only, _time.GetUtcNow()) : $"[{string.Join(",\n", Reports(items).Select(report => JsonReportWriter.Write(report, _time.GetUtcNow())))}]\n",
        ReportFormat.Html => HtmlReportWriter.Write(Reports(items), _time.GetUtcNow()),
        ReportFormat.Sarif => SarifReportWriter.Write(Analyses(items)),
        _ => string.Join("\n", Reports(items).Select(TextReportWriter.Write)),
    };

    // The findings of each object are a run of an analysis; those that come alone are one together.
    private List<SarifAnalysis> Analyses(IReadOnlyList<object> items)
    {
        _ = Reports(items);
        var analyses = items.Select(item => item switch
        {
            SecurityAuditReport audit => new SarifAnalysis("security-audit", audit.Target, audit.Findings, audit.Fixed, audit.CollectedAt, audit.Duration),
            MaintenanceRun run => new SarifAnalysis(run.Task, run.Target, run.Findings, [], run.StartedAt, run.Duration),
            SystemHealth health => new SarifAnalysis("health", health.Target, health.Findings, [], health.CollectedAt, TimeSpan.Zero),
            PerformanceTrendReport trends => new SarifAnalysis("performance-trends", trends.Target, trends.Findings, [], trends.CollectedAt, trends.Duration),
            RecoveryDrill drill => new SarifAnalysis("recovery-drill", drill.Target, drill.Findings, [], drill.StartedAt, drill.Duration),
            // Wraparound, replication and others come with findings of their own.
            not null and not Finding when FindingsOf(item) is { } own => new SarifAnalysis(item.GetType().Name, own.Target, own.Findings, [], own.At, TimeSpan.Zero),
            _ => null,
        }).OfType<SarifAnalysis>().ToList();
        foreach (var group in items.OfType<Finding>().GroupBy(finding => finding.Target, StringComparer.Ordinal))
        {
            analyses.Add(new SarifAnalysis("findings", group.Key, [.. group], [], null, TimeSpan.Zero));
        }

        return analyses.Count > 0 ? analyses : throw new MaintenanceException(
            MaintenanceErrorCode.InvalidArgument,
            $"{string.Join(", ", items.Select(item => item.GetType().Name).Distinct(StringComparer.Ordinal))} cannot be written as SARIF: it holds findings, and these objects have none.",
            "Write them as Html, Markdown, Json or Text, or pipe what has findings: Get-DbSecurityFinding, Get-SystemHealth, Invoke-MaintenanceTask.");
    }

    private static (string Target, IReadOnlyList<Finding> Findings, DateTimeOffset? At)? FindingsOf(object item) =>
        item.GetType().GetProperty("Findings")?.GetValue(item) is IReadOnlyList<Finding> findings && item.GetType().GetProperty("Target")?.GetValue(item) is string target
            ? (target, findings, item.GetType().GetProperty("CollectedAt")?.GetValue(item) as DateTimeOffset?)
            : null;

    private List<Report> Reports(IReadOnlyList<object> items)
    {
        var reports = new List<Report>();
        var others = new List<object>();
        foreach (var item in items)
        {
            switch (item)
            {
                case MaintenanceRun run:
                    reports.Add(ReportBuilder.Of(run) with { Objects = [run] });
                    break;
                case SystemHealth health:
                    reports.Add(ReportBuilder.Of(health) with { Objects = [health] });
                    break;
                case RecoveryDrill drill:
                    reports.Add(DrillReport.Of(drill) with { Objects = [drill] });
                    break;
                case SecurityAuditReport audit:
                    reports.Add(SecurityReport.Of(audit));
                    break;
                case PerformanceTrendReport trends:
                    reports.Add(PerformanceTrendReporting.Of(trends) with { Objects = [trends] });
                    break;
                case QueryOptimizationReport queries:
                    reports.Add(QueryReport.Of(queries) with { Objects = [queries] });
                    break;
                case Finding or CapacityForecast or ScheduledTask:
                    break;
                case not null when ObjectReport.IsOurs(item):
                    others.Add(item);
                    break;
                default:
                    throw new MaintenanceException(
                        MaintenanceErrorCode.InvalidArgument,
                        $"There is no report of a {item?.GetType().Name ?? "null"}: it is not one of this module's objects.",
                        "Pipe what this module's cmdlets give, before Select-Object, Format-Table or ConvertTo-Json turn it into something else.");
            }
        }

        // The forecasts of a target make one report.
        reports.AddRange(items.OfType<CapacityForecast>().GroupBy(forecast => forecast.Target, StringComparer.Ordinal).Select(group => CapacityReport.Of([.. group]) with { Objects = [.. group] }));
        if (items.OfType<ScheduledTask>().ToList() is { Count: > 0 } tasks)
        {
            reports.Add(ScheduleReport.Of(tasks, _time.GetUtcNow()) with { Objects = tasks });
        }

        if (others.Count > 0)
        {
            reports.Add(ObjectReport.Of(others) with { Objects = others });
        }

        if (items.OfType<Finding>().ToList() is { Count: > 0 } findings)
        {
            reports.Add(ReportBuilder.Of(findings));
        }

        return reports;
    }
}
