using System.Management.Automation;
using Maintenance.Infrastructure;

namespace Maintenance.Commands;

/// <summary>Tells how far each database of a server is from running out of transaction ids and multixact ids, and when that would be.</summary>
/// <remarks>
/// <para>Use it in scheduled checks, and before a vacuum of large tables is put off. It gives a record for each database of the server,
/// the connected one first with its oldest tables. Age below 100 % of the freeze limit is normal: beyond it autovacuum should have
/// frozen, and Blocker says who may have kept it from that.</para>
/// <para>Dates come from a measured rate: each call keeps a snapshot of the counters in the target's history, and compares with those of
/// the last seven days. Until they cover an hour there is no rate and no date, and Reason says so. A date means: if nothing is frozen until
/// then. Reading consumes no transaction id, and works on a standby.</para>
/// <para>Privileges: pg_monitor, to see whose snapshots are in the way; without it that is Unknown. EXECUTE on pg_ls_dir(text) adds the space for members
/// of multixacts. It changes nothing but the history, which keeps how far the counters had come, and waits for no table's lock.</para>
/// </remarks>
/// <default parameter="TimeoutSeconds">30</default>
/// <example>
/// <code>Get-DbWraparound</code>
/// <para>Measures the server of the connected target.</para>
/// </example>
/// <example>
/// <code>(Get-DbWraparound -First 20)[0].Tables</code>
/// <para>Lists the twenty tables of the connected database that must be frozen next, TOAST counted.</para>
/// </example>
/// <example>
/// <code>Get-DbWraparound | Where-Object StopAt -lt (Get-Date).AddDays(90)</code>
/// <para>Finds databases that would stop taking writes within 90 days if nothing were frozen.</para>
/// </example>
/// <example>
/// <code>(Get-DbWraparound).Findings | Where-Object Remedy | ForEach-Object { $_.Remedy.Command }</code>
/// <para>Writes the freeze plan: the VACUUM statement of each table that is overdue, the most overdue first.</para>
/// </example>
/// <seealso cref="GetDbReplicationCommand"/>
/// <seealso cref="GetDbHealthCommand"/>
[Cmdlet(VerbsCommon.Get, "DbWraparound")]
[OutputType(typeof(DbWraparound))]
public sealed class GetDbWraparoundCommand : TargetCmdlet
{
    /// <summary>How many tables of the connected database to list, those nearest to their limits; 0 for none. Default: 10.</summary>
    [Parameter]
    [ValidateRange(0, 100_000)]
    public int First { get; set; } = 10;

    /// <inheritdoc/>
    protected override async Task ProcessTargetAsync(MaintenanceTarget target, CancellationToken cancellationToken)
    {
        foreach (var database in await Engine.Wraparound.GetAsync(target, First, Call, cancellationToken))
        {
            await WriteObjectAsync(database);
        }
    }
}
