using System.Management.Automation;
using Maintenance.Completion;
using Maintenance.Infrastructure;

namespace Maintenance.Commands;

/// <summary>Tells how a server's write-ahead log is shipped and kept: standbys, slots, archiver, and hours until the disk is full or a slot is lost.</summary>
/// <remarks>
/// <para>Use it in scheduled checks, and before work that writes much log. On a primary it shows each standby's distance; on a standby its own,
/// which is unknown, not 0, as soon as the receiver is down or its sender silent. Slots show what they keep and how much more they may.</para>
/// <para>How fast the log grows is measured between calls: each keeps a snapshot in the target's history, and compares with those of the last
/// day, from five minutes on. With -Sample it is measured on the spot. Hours are computed only where rate and limit are both known; else a
/// reason stands beside. Free disk space is known where the server runs on this machine and its data folder can be seen.</para>
/// <para>Privileges: pg_monitor. Without it, slots and failures of the archiver are still seen; the rest is Unknown. It changes nothing but the history,
/// which keeps how far the log had come.</para>
/// </remarks>
/// <default parameter="TimeoutSeconds">30, and what -Sample takes</default>
/// <example>
/// <code>Get-DbReplication</code>
/// <para>Measures the server of the connected target.</para>
/// </example>
/// <example>
/// <code>(Get-DbReplication -Sample 5s).Slots</code>
/// <para>Watches the log for ten seconds, then shows each slot with the hours until it is lost.</para>
/// </example>
/// <example>
/// <code>Get-MaintenanceTarget | Get-DbReplication | Where-Object Status -ne Ok</code>
/// <para>Finds the servers of a fleet, primaries and standbys, that need attention.</para>
/// </example>
/// <example>
/// <code>(Get-DbReplication).Findings | Format-List Id, Subject, Message, Recommendation, Remedy</code>
/// <para>Shows what is wrong, and what would remove the cause.</para>
/// </example>
/// <seealso cref="GetDbWraparoundCommand"/>
[Cmdlet(VerbsCommon.Get, "DbReplication")]
[OutputType(typeof(DbReplication))]
public sealed class GetDbReplicationCommand : TargetCmdlet
{
    /// <summary>How long to watch the log to measure its rate: 10s, 1m or a TimeSpan, at most a day. Default: the rate is measured against the history.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(DurationCompleter))]
    [Duration]
    public TimeSpan? Sample { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessTargetAsync(MaintenanceTarget target, CancellationToken cancellationToken) =>
        await WriteObjectAsync(await Engine.Replication.GetAsync(target, Sample, Call, cancellationToken));
}
