using System.Management.Automation;
using Maintenance.Infrastructure;

namespace Maintenance.Commands;

/// <summary>Gets how well a system keeps the rules of data protection: scores, what is wrong, and what to do.</summary>
/// <remarks>
/// <para>Use it daily for the score, and monthly for the audit. Scores of consents, access requests, deletion requests and the audit log, and
/// whether rows are kept longer than they may, are computed from the database; the scores of the function gdpr-compliance stand beside, and where
/// the two are more than 5 points apart that is a finding. docs/compliance.md has the formulas and where they come from. It is no legal advice.</para>
/// <para>What cannot be measured is null, its finding says why and what to grant, and the status is Unknown: never 0, never Ok. A score is null if one of its
/// parts is unknown.</para>
/// <para>Findings have ids GDPR-*, the articles of the GDPR that ask for them, and outcome Pass where a check found nothing. They hold counts and times, no
/// personal data.</para>
/// <para>Without -AutoResolveLow it changes nothing. With it, the function is asked for its issues and, if some are of low severity and you confirm, to resolve
/// those; then it is asked again: resolved is what it does not tell any more. Other issues are never touched. Resolution says what came of it. This needs the
/// function; nothing of it is done in the database by this module. It does not go together with -Source Database, which asks no function.</para>
/// <para>Privileges: SELECT on the mapped tables and on those of retention policies, and a policy where row security is on; Test-MaintenanceConfiguration
/// -Connect shows the GRANT. It changes nothing, unless -AutoResolveLow lets the function resolve issues of low severity.</para>
/// </remarks>
/// <default parameter="TimeoutSeconds">30</default>
/// <example>
/// <code>Get-ComplianceReport</code>
/// <para>Gets the daily report of the connected target.</para>
/// </example>
/// <example>
/// <code>(Get-ComplianceReport -Type Monthly).ActionItems</code>
/// <para>Shows what the monthly report asks to be done, the most urgent first.</para>
/// </example>
/// <example>
/// <code>(Get-ComplianceReport -Type Monthly -Source Database).Findings | Where-Object Outcome -ne Pass | Format-List</code>
/// <para>Computes the report from the database alone, and shows what is wrong or could not be measured, with the evidence.</para>
/// </example>
/// <example>
/// <code>(Get-ComplianceReport -Type Quick -AutoResolveLow -WhatIf).Resolution.Issues</code>
/// <para>Shows which issues of low severity the function would be asked to resolve.</para>
/// </example>
/// <example>
/// <code>(Get-ComplianceReport -Type Quick -AutoResolveLow -Confirm:$false).Resolution</code>
/// <para>Lets the function resolve them, and tells what it does not tell any more.</para>
/// </example>
/// <seealso cref="InvokeDbRetentionCommand"/>
/// <seealso cref="GetSystemHealthCommand"/>
[Cmdlet(VerbsCommon.Get, "ComplianceReport", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(ComplianceReport))]
public sealed class GetComplianceReportCommand : TargetCmdlet
{
    /// <summary>Which report: Quick is the scores alone, Daily adds retention, Monthly the order of the audit log and what was processed. Default: Daily.</summary>
    [Parameter(Position = 0)]
    [Alias("ReportType")]
    public ComplianceReportType Type { get; set; }

    /// <summary>Where the figures shall come from: Auto computes them and asks the function too, where both are configured. Default: Auto.</summary>
    [Parameter]
    public MeasurementSourceChoice Source { get; set; }

    /// <summary>Lets the function resolve its issues of low severity first, and asks again what is left. Default: off.</summary>
    [Parameter]
    public SwitchParameter AutoResolveLow { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessTargetAsync(MaintenanceTarget target, CancellationToken cancellationToken)
    {
        if (AutoResolveLow && Source == MeasurementSourceChoice.Database)
        {
            throw new MaintenanceException(
                MaintenanceErrorCode.InvalidArgument,
                "-AutoResolveLow asks the function to resolve its issues, and -Source Database says that no function shall be asked.",
                "Leave one of the two out.");
        }

        var resolution = AutoResolveLow ? await ResolveAsync(target, cancellationToken) : null;
        var report = await Engine.Compliance.ReportAsync(target, Type, Source, Call, cancellationToken);
        await WriteObjectAsync(report with { Resolution = resolution });
    }

    private async Task<ComplianceResolution> ResolveAsync(MaintenanceTarget target, CancellationToken cancellationToken)
    {
        var plan = await Engine.Compliance.PlanResolutionAsync(target, Call, cancellationToken);
        return plan.State == ComplianceResolutionState.Planned
            && await ShouldProcessAsync(target.Name, $"Let gdpr-compliance resolve its issues of low severity. {plan.Reason}")
            ? await Engine.Compliance.ResolveAsync(target, plan, Call, cancellationToken)
            : plan;
    }
}
