namespace Maintenance.Engine.Reporting;

/// <summary>Writes results of this module for people and programs.</summary>
public sealed class ReportService
{
    private readonly TimeProvider _time;

    internal ReportService(TimeProvider time) => _time = time;

    /// <summary>Writes a report.</summary>
    /// <param name="items">This module's objects; findings make one report together, and so do the forecasts of a target, and those that have no report of their own.</param>
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
    private static List<SarifAnalysis> Analyses(IReadOnlyList<object> items)
    {
        _ = Reports(items);
        var analyses = items.Select(item => item switch
        {
            SecurityAuditReport audit => new SarifAnalysis("security-audit", audit.Target, audit.Findings, audit.Fixed, audit.CollectedAt, audit.Duration),
            MaintenanceRun run => new SarifAnalysis(run.Task, run.Target, run.Findings, [], run.StartedAt, run.Duration),
            SystemHealth health => new SarifAnalysis("health", health.Target, health.Findings, [], health.CollectedAt, TimeSpan.Zero),
            PerformanceTrendReport trends => new SarifAnalysis("performance-trends", trends.Target, trends.Findings, [], trends.CollectedAt, trends.Duration),
            RecoveryDrill drill => new SarifAnalysis("recovery-drill", drill.Target, drill.Findings, [], drill.StartedAt, drill.Duration),
            _ => null,
        }).OfType<SarifAnalysis>().ToList();
        foreach (var group in items.OfType<Finding>().GroupBy(finding => finding.Target, StringComparer.Ordinal))
        {
            analyses.Add(new SarifAnalysis("findings", group.Key, [.. group], [], null, TimeSpan.Zero));
        }

        return analyses;
    }

    private static List<Report> Reports(IReadOnlyList<object> items)
    {
        var reports = new List<Report>();
        var others = new List<object>();
        foreach (var item in items)
        {
            switch (item)
            {
                case MaintenanceRun run:
                    reports.Add(ReportBuilder.Of(run));
                    break;
                case SystemHealth health:
                    reports.Add(ReportBuilder.Of(health));
                    break;
                case RecoveryDrill drill:
                    reports.Add(DrillReport.Of(drill));
                    break;
                case SecurityAuditReport audit:
                    reports.Add(SecurityReport.Of(audit));
                    break;
                case PerformanceTrendReport trends:
                    reports.Add(PerformanceTrendReporting.Of(trends));
                    break;
                case QueryOptimizationReport queries:
                    reports.Add(QueryReport.Of(queries));
                    break;
                case Finding or CapacityForecast:
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
        reports.AddRange(items.OfType<CapacityForecast>().GroupBy(forecast => forecast.Target, StringComparer.Ordinal).Select(group => CapacityReport.Of([.. group])));
        if (others.Count > 0)
        {
            reports.Add(ObjectReport.Of(others));
        }

        if (items.OfType<Finding>().ToList() is { Count: > 0 } findings)
        {
            reports.Add(ReportBuilder.Of(findings));
        }

        return reports;
    }
}
