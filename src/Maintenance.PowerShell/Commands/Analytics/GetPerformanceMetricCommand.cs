using System.Management.Automation;
using Maintenance.Completion;
using Maintenance.Infrastructure;

namespace Maintenance.Commands;

/// <summary>Gets how fast a system was over a time: response times, query times, slow statements, connections.</summary>
/// <remarks>
/// <para>Use it to see whether a system is slow, and at what. The functions production-monitoring and database-scalability are asked; where
/// they are not configured or one fails, the figures are computed from the request log and the statistics of the database.</para>
/// <para>Statistics of a server only ever grow. Each call keeps a snapshot of them in the target's history, at most one in five minutes, and the
/// figures are the difference to the snapshot at the start of the window. With too little history they are Unknown and say since when there
/// is one. Resets are noticed: then figures count from the reset, and StatementsSince says so. What cannot be measured is null, its metric says why, and the status is Unknown: never 0, never Ok.</para>
/// <para>Privileges: pg_monitor, the extension pg_stat_statements, and SELECT on the request log with a policy where row security is on. A function needs
/// a token or key that it accepts. It changes nothing but the history, which keeps the snapshot.</para>
/// </remarks>
/// <default parameter="TimeoutSeconds">30</default>
/// <example>
/// <code>Get-PerformanceMetric</code>
/// <para>Gets the performance of the last 24 hours of the connected target.</para>
/// </example>
/// <example>
/// <code>(Get-PerformanceMetric -Window 7d).Operations</code>
/// <para>Shows the requests of a week by operation.</para>
/// </example>
/// <example>
/// <code>(Get-PerformanceMetric -Source Database).Metrics | Where-Object Status -ne Ok</code>
/// <para>Shows what is past its limit or could not be measured, with the reason.</para>
/// </example>
/// <seealso cref="GetErrorAnalyticsCommand"/>
/// <seealso cref="GetDbHealthCommand"/>
[Cmdlet(VerbsCommon.Get, "PerformanceMetric")]
[OutputType(typeof(PerformanceMeasurement))]
public sealed class GetPerformanceMetricCommand : TargetCmdlet
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
        await WriteObjectAsync(await Engine.Analytics.GetPerformanceAsync(target, Window, Source, Call, cancellationToken));
}
