using Maintenance.Engine.Analytics;

namespace Maintenance.Engine.Health;

/// <summary>Data protection as a part of the system (guide D4).</summary>
internal sealed class ComplianceProbe(AnalyticsService analytics) : AnalyticsProbe<ComplianceReport>
{
    public override string Component => HealthComponents.Compliance;

    protected override Task<ComplianceReport> MeasureAsync(MaintenanceTarget target, CallContext call, CancellationToken cancellationToken) =>
        analytics.GetComplianceAsync(target, ComplianceReportType.Daily, MeasurementSourceChoice.Auto, call, cancellationToken);

    protected override string Summarise(ComplianceReport measurement) => $"compliance score {Text(measurement.Score, "0.#")}";

    // Guide D4: the issues go with the warning.
    protected override string Details(ComplianceReport measurement) => measurement.Issues.Count == 0 ? "" :
        $"{string.Join("; ", measurement.Issues.Take(5))}{(measurement.Issues.Count > 5 ? $"; and {measurement.Issues.Count - 5} more" : "")}.";
}
