using System.Management.Automation;
using Maintenance.Completion;
using Maintenance.Infrastructure;

namespace Maintenance.Commands;

/// <summary>Gets what a system uses of its storage and bandwidth.</summary>
/// <remarks>
/// <para>Use it to see trouble coming before a disk or a quota is full. The function database-scalability is asked; where it is not configured
/// or fails, the size of the database is compared with the setting analytics.storageLimit.</para>
/// <para>Without that setting the share of storage is Unknown, for no limit is assumed. A database does not know its bandwidth, so that is
/// Unknown where no function tells it. What cannot be measured is null, its metric says why, and the status is Unknown: never 0, never Ok.</para>
/// <para>Privileges: CONNECT on the database. A function needs a token or key that it accepts. It changes nothing.</para>
/// </remarks>
/// <default parameter="TimeoutSeconds">30</default>
/// <example>
/// <code>Get-ResourceUsage</code>
/// <para>Gets the resources the connected target uses.</para>
/// </example>
/// <example>
/// <code>Get-ResourceUsage | Format-List</code>
/// <para>Shows sizes, limits, and where the figures come from.</para>
/// </example>
/// <example>
/// <code>Get-MaintenanceTarget | Get-ResourceUsage | Where-Object StorageUsagePercent -gt 80</code>
/// <para>Finds the targets whose storage fills up.</para>
/// </example>
/// <seealso cref="GetSystemHealthCommand"/>
/// <seealso cref="GetCapacityForecastCommand"/>
[Cmdlet(VerbsCommon.Get, "ResourceUsage")]
[OutputType(typeof(ResourceUsage))]
public sealed class GetResourceUsageCommand : TargetCmdlet
{
    /// <summary>The time up to now that is looked at, for what has a time; sizes are those of now: 15m, 24h, 7d or a TimeSpan, at most 90 days. Default: 24h.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(DurationCompleter))]
    [Duration]
    public TimeSpan Window { get; set; } = TimeSpan.FromDays(1);

    /// <summary>Where the figures shall come from: Auto asks the function and, where it is not configured or fails, computes them from the database. Default: Auto.</summary>
    [Parameter]
    public MeasurementSourceChoice Source { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessTargetAsync(MaintenanceTarget target, CancellationToken cancellationToken) =>
        await WriteObjectAsync(await Engine.Analytics.GetResourcesAsync(target, Window, Source, Call, cancellationToken));
}
