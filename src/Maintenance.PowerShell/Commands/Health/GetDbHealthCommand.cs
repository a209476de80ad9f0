using System.Management.Automation;
using Maintenance.Infrastructure;

namespace Maintenance.Commands;

/// <summary>Measures how a PostgreSQL database is: query times, connections, cache, locks, sequences, invalid objects.</summary>
/// <remarks>
/// <para>Use it for a first look at a database, and in scheduled checks. It reads a few statistics views in under a second. What cannot be measured is null, has a finding that says what to do, and makes the status Unknown.</para>
/// <para>Figures named "since the statistics began" are cumulative: they cover the time since StatisticsSince.</para>
/// <para>Privileges: pg_monitor, SELECT on the sequences, and the extension pg_stat_statements in the database. Without them everything else is still
/// measured. It changes nothing.</para>
/// </remarks>
/// <default parameter="TimeoutSeconds">30</default>
/// <example>
/// <code>Get-DbHealth</code>
/// <para>Measures the connected target.</para>
/// </example>
/// <example>
/// <code>(Get-DbHealth).Findings</code>
/// <para>Shows what is worth attention, with a recommendation for each.</para>
/// </example>
/// <example>
/// <code>Get-MaintenanceTarget | Get-DbHealth | Where-Object Status -ne Ok</code>
/// <para>Measures every connected target and keeps those that need attention.</para>
/// </example>
/// <seealso cref="GetSystemHealthCommand"/>
/// <seealso cref="FindSystemIssueCommand"/>
[Cmdlet(VerbsCommon.Get, "DbHealth")]
[OutputType(typeof(DbHealth))]
public sealed class GetDbHealthCommand : TargetCmdlet
{
    /// <inheritdoc/>
    protected override async Task ProcessTargetAsync(MaintenanceTarget target, CancellationToken cancellationToken) =>
        await WriteObjectAsync(await Engine.Health.GetDbHealthAsync(target, Call, cancellationToken));
}
