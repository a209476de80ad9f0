using System.Management.Automation;
using Maintenance.Infrastructure;

namespace Maintenance.Commands;

/// <summary>Measures every part of a maintained system at once and scores its health.</summary>
/// <remarks>
/// <para>Use it to see at a glance how a system is: its database, backups, edge functions, errors, resources and compliance are
/// measured side by side under one deadline.</para>
/// <para>FunctionScore is the score that the production-monitoring function gives, ScoreDifference how far ours lies above it; a
/// difference of more than 10 points is a finding. It never enters our score.</para>
/// <para>A part that cannot be measured is Unknown and lowers the status; it never counts as healthy. A part that is not
/// configured is Unknown too, unless the configuration lists it under excludedComponents. Score is the weighted mean over
/// the parts that were measured: read it together with CoveragePercent.</para>
/// <para>Among its Metrics, error_rate and avg_response_time are those of the last 15 minutes, for alert rules; where there were fewer than 20 requests in
/// them, those of an hour or a day. The part Errors is about the last 24 hours.</para>
/// <para>Privileges: those of Get-DbHealth, Test-BackupRecency, Test-EdgeFunction, Get-ErrorAnalytics, Get-ResourceUsage and Get-ComplianceReport; what
/// is missing makes its component Unknown. It changes nothing.</para>
/// </remarks>
/// <default parameter="TimeoutSeconds">60</default>
/// <example>
/// <code>Get-SystemHealth</code>
/// <para>Measures the connected target.</para>
/// </example>
/// <example>
/// <code>(Get-SystemHealth).Components</code>
/// <para>Shows each part with its status, score and message.</para>
/// </example>
/// <example>
/// <code>Get-MaintenanceTarget | Get-SystemHealth -TimeoutSeconds 20</code>
/// <para>Measures every connected target, each within 20 seconds.</para>
/// </example>
/// <seealso cref="GetDbHealthCommand"/>
/// <seealso cref="TestAlertRuleCommand"/>
/// <seealso cref="FindSystemIssueCommand"/>
[Cmdlet(VerbsCommon.Get, "SystemHealth")]
[OutputType(typeof(SystemHealth))]
public sealed class GetSystemHealthCommand : TargetCmdlet
{
    /// <inheritdoc/>
    protected override async Task ProcessTargetAsync(MaintenanceTarget target, CancellationToken cancellationToken) =>
        await WriteObjectAsync(await Engine.Health.GetSystemHealthAsync(target, Call, cancellationToken));
}
