using Maintenance.Engine.Compliance;

namespace Maintenance.Engine.Security.Audit;

/// <summary>Data protection, in the security audit (guide M4).</summary>
internal sealed class CompliancePart(ComplianceService compliance) : IAuditPart
{
    public AuditPart Part => AuditPart.Compliance;

    public string? NotConfigured(MaintenanceTarget target) => target.Database is null && target.Functions is null ? "Neither a database nor functions are configured." : null;

    /// <summary>The findings of the monthly report; that the score as a whole is low is told by what makes it low.</summary>
    public async Task<IReadOnlyList<Finding>> CollectAsync(MaintenanceTarget target, CallContext call, CancellationToken cancellationToken) =>
        [.. (await compliance.ReportAsync(target, ComplianceReportType.Monthly, MeasurementSourceChoice.Auto, call, cancellationToken)).Findings
            .Where(finding => finding.Id.StartsWith("GDPR-", StringComparison.Ordinal))];
}
