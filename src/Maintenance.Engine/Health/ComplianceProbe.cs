using Maintenance.Engine.Analytics;
using Maintenance.Engine.Compliance;

namespace Maintenance.Engine.Health;

/// <summary>
/// Data protection as a part of the system (guide D4): what Get-ComplianceReport says, so that the two never differ. The function's word
/// stands beside what was measured and hides nothing of it.
/// </summary>
internal sealed class ComplianceProbe(ComplianceService compliance) : AnalyticsProbe<ComplianceReport>
{
    public override string Component => HealthComponents.Compliance;

    public override string Describe(MaintenanceTarget target) => (target.Functions, target.Database) switch
    {
        (not null, not null) => $"Compute the compliance from {target.Database}, and ask the function for its word",
        _ => base.Describe(target),
    };

    protected override async Task<ComplianceReport> MeasureAsync(MaintenanceTarget target, CallContext call, CancellationToken cancellationToken)
    {
        var report = await compliance.ReportAsync(target, ComplianceReportType.Daily, MeasurementSourceChoice.Auto, call, cancellationToken);
        return report with
        {
            // Health tells what is not well. That a function did not answer is among it, and makes what we measured no less.
            Findings = [.. report.Findings.Where(finding => finding.Status != HealthStatus.Ok).Select(finding => finding with { Area = Component })],
            Metrics = [.. report.Metrics.Where(metric => metric is not { Name: "function_compliance_score", Value: null })],
        };
    }

    protected override string Summarise(ComplianceReport measurement) =>
        $"compliance score {Text(measurement.Score, "0.#")}{(measurement is { Source: MeasurementSource.Database, FunctionScore: { } theirs } ? $" (the function's {Text(theirs, "0.#")})" : "")}";

    // Guide D4: the issues go with the warning.
    protected override string Details(ComplianceReport measurement)
    {
        var issues = measurement.Issues.Count > 0 ? measurement.Issues : measurement.FunctionIssues;
        return issues.Count == 0 ? "" : $"{IssueText.Join(issues)}.";
    }

    // Each other finding has its own advice.
    protected override bool IsOfFigures(Finding finding) => finding.Id == "COMPLIANCE-LOW";
}
