namespace Maintenance.Engine.Reporting;

/// <summary>Writes results of this module for people and programs.</summary>
public sealed class ReportService
{
    private readonly TimeProvider _time;

    internal ReportService(TimeProvider time) => _time = time;

    /// <summary>Writes a report.</summary>
    /// <param name="items">Runs, healths, recovery drills, or findings; findings make one report together.</param>
    /// <param name="format">How; Auto is text.</param>
    /// <exception cref="MaintenanceException">InvalidArgument for other objects.</exception>
    public string Render(IReadOnlyList<object> items, ReportFormat format) => format switch
    {
        ReportFormat.Markdown => string.Join("\n", Reports(items).Select(MarkdownReportWriter.Write)),
        ReportFormat.Json => Reports(items) is [var only] ? JsonReportWriter.Write(only, _time.GetUtcNow()) : $"[{string.Join(",\n", Reports(items).Select(report => JsonReportWriter.Write(report, _time.GetUtcNow())))}]\n",
        ReportFormat.Html => HtmlReportWriter.Write(Reports(items), _time.GetUtcNow()),
        _ => string.Join("\n", Reports(items).Select(TextReportWriter.Write)),
    };

    private static List<Report> Reports(IReadOnlyList<object> items)
    {
        var reports = new List<Report>();
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
                case Finding:
                    break;
                default:
                    throw new MaintenanceException(
                        MaintenanceErrorCode.InvalidArgument,
                        $"There is no report of a {item.GetType().Name}.",
                        "Pipe runs (Invoke-MaintenanceTask, Get-MaintenanceHistory), healths (Get-SystemHealth), drills (Test-BackupRestore -Drill) or findings.");
            }
        }

        if (items.OfType<Finding>().ToList() is { Count: > 0 } findings)
        {
            reports.Add(ReportBuilder.Of(findings));
        }

        return reports;
    }
}
