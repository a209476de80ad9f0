using System.Management.Automation;
using Maintenance.Completion;
using Maintenance.Infrastructure;

namespace Maintenance.Commands;

/// <summary>Gets the errors of a system over a time: their rate, the critical ones, and the most frequent.</summary>
/// <remarks>
/// <para>Use it to see whether a system fails, and where. The function error-tracking is asked; where it is not configured or fails, the
/// figures are computed from the error log and the request log of the database. Source and SourceReason say which it was.</para>
/// <para>The rate is the number of errors per hundred requests. What cannot be measured is null, its metric says why, and the status is Unknown: never 0, never Ok.
/// In messages numbers, addresses, identifiers and quoted texts are replaced, for they may be personal data.</para>
/// <para>The tables are those of the setting analytics.</para>
/// <para>Privileges: SELECT on the two mapped tables, and a policy where row security is on; Test-MaintenanceConfiguration -Connect shows the GRANT. A
/// function needs a token or key that it accepts. It changes nothing.</para>
/// </remarks>
/// <default parameter="TimeoutSeconds">30</default>
/// <example>
/// <code>Get-ErrorAnalytics</code>
/// <para>Gets the errors of the last 24 hours of the connected target.</para>
/// </example>
/// <example>
/// <code>(Get-ErrorAnalytics -Window 15m).TopErrors</code>
/// <para>Shows what fails most right now.</para>
/// </example>
/// <example>
/// <code>Get-ErrorAnalytics -Source Database -Window 7d | Format-List</code>
/// <para>Computes a week from the database, whatever the function would say.</para>
/// </example>
/// <seealso cref="GetPerformanceMetricCommand"/>
[Cmdlet(VerbsCommon.Get, "ErrorAnalytics")]
[OutputType(typeof(ErrorAnalytics))]
public sealed class GetErrorAnalyticsCommand : TargetCmdlet
{
    /// <summary>The time up to now that is looked at: 15m, 24h, 7d or a TimeSpan, at most 90 days. Default: 24h.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(DurationCompleter))]
    [Duration]
    public TimeSpan Window { get; set; } = TimeSpan.FromDays(1);

    /// <summary>Where the figures shall come from: Auto asks the function and, where it is not configured or fails, computes them from the database. Default: Auto.</summary>
    [Parameter]
    public MeasurementSourceChoice Source { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessTargetAsync(MaintenanceTarget target, CancellationToken cancellationToken) =>
        await WriteObjectAsync(await Engine.Analytics.GetErrorsAsync(target, Window, Source, Call, cancellationToken));
}
