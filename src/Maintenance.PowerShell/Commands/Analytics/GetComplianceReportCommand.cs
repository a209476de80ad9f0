using System.Management.Automation;
using Maintenance.Infrastructure;

namespace Maintenance.Commands;

/// <summary>Gets how well a system keeps the rules of data protection: score, issues and what to do.</summary>
/// <remarks>
/// <para>Use it daily for the score, and monthly for the audit. The function gdpr-compliance is asked; where it is not configured or fails, a
/// small score is computed from the tables of consents, requests and the audit log of the last 30 days.</para>
/// <para>The computed score is the mean of its parts and no legal advice; docs/analytics.md has the formulas. What cannot be measured is null, its metric says why, and the status is Unknown: never 0, never Ok.</para>
/// <para>Privileges in the database: SELECT on the mapped tables, and a policy where row security is on. Test-MaintenanceConfiguration -Connect
/// shows the GRANT. It changes nothing, and shows no personal data.</para>
/// </remarks>
/// <example>
/// <code>Get-ComplianceReport</code>
/// <para>Gets the daily report of the connected target.</para>
/// </example>
/// <example>
/// <code>(Get-ComplianceReport -ReportType Monthly).ActionItems</code>
/// <para>Shows what the monthly report asks to be done.</para>
/// </example>
/// <example>
/// <code>Get-ComplianceReport -Source Database | Format-List</code>
/// <para>Computes the report from the database and shows all parts of the score.</para>
/// </example>
[Cmdlet(VerbsCommon.Get, "ComplianceReport")]
[OutputType(typeof(ComplianceReport))]
public sealed class GetComplianceReportCommand : TargetCmdlet
{
    /// <summary>Which report. Default: Daily.</summary>
    [Parameter]
    public ComplianceReportType ReportType { get; set; }

    /// <summary>Where the figures shall come from: Auto asks the function and, where it is not configured or fails, computes them from the database. Default: Auto.</summary>
    [Parameter]
    public MeasurementSourceChoice Source { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessTargetAsync(MaintenanceTarget target, CancellationToken cancellationToken) =>
        await WriteObjectAsync(await Engine.Analytics.GetComplianceAsync(target, ReportType, Source, Call, cancellationToken));
}
