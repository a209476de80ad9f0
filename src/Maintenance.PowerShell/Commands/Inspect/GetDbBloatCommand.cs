using System.Management.Automation;
using Maintenance.Completion;
using Maintenance.Infrastructure;

namespace Maintenance.Commands;

/// <summary>Finds out how much space tables, indexes and TOAST tables could give back, by cause, and how sure that is.</summary>
/// <remarks>
/// <para>
/// Use it before VACUUM FULL, pg_repack or REINDEX, and weekly to see what grows. Reclaimable says how many bytes a rewrite would give
/// back, with its fillfactor kept: what the file takes, less what the live rows need. It is null where that is not known, with the reason
/// and what to run, and never 0 for want of knowledge.
/// </para>
/// <para>
/// Mode Estimate reads the catalogues and statistics alone, in a second even where there are tens of thousands of relations. It reckons
/// with row headers, null bitmaps, alignment, fillfactor, TOAST chunks, expression and INCLUDE columns, and equal keys that share an entry
/// of an index. It is as good as the statistics: ErrorBytes and Confidence say how good. Mode Verify then measures the suspects, most
/// reclaimable first, until the I/O budget is spent. Mode Exact reads everything selected.
/// </para>
/// <para>
/// Each table also says when autovacuum will come to it, by its own settings and the server's, and who holds back dead rows. A
/// partitioned table and its indexes have rows of their own, the sums of their partitions: leave them out when you add up.
/// </para>
/// <para>
/// Not estimated: indexes other than b-trees. Left out: temporary and foreign tables. A name that stands for no table is an error; one
/// with wildcards may stand for none.
/// </para>
/// <para>Privileges: SELECT on the tables, or pg_read_all_data, because the server hides statistics of what a role may not read; pg_monitor to see who
/// holds back dead rows. Verify and Exact need the extension pgstattuple and the role pg_stat_scan_tables, which pg_monitor includes. With
/// pg_freespacemap they also tell what plain VACUUM could cut off at the end of a table. It changes nothing.</para>
/// </remarks>
/// <default parameter="TimeoutSeconds">60, with -Mode Verify or Exact 600</default>
/// <example>
/// <code>Get-DbBloat</code>
/// <para>Estimates every table and index of the connected target, most reclaimable first.</para>
/// </example>
/// <example>
/// <code>Get-DbBloat -Mode Verify -IoBudget 2GB | Where-Object Status -ne Ok</code>
/// <para>Measures the suspects, reading 2 GB at most, and keeps what needs attention or is not known.</para>
/// </example>
/// <example>
/// <code>Get-DbBloat -Table user_consents, 'audit.*' -Mode Exact | Format-List</code>
/// <para>Reads every page of one table, and of all tables of a schema, with their indexes.</para>
/// </example>
/// <example>
/// <code>Get-DbBloat -Kind Table | Where-Object { $_.Autovacuum.VacuumDue -and $_.HeldBackBy }</code>
/// <para>Shows tables that autovacuum is due for but cannot clean, with who keeps it from doing so.</para>
/// </example>
/// <example>
/// <code>Get-DbBloat | Where-Object Reclaimable -eq $null | ForEach-Object Recommendation</code>
/// <para>Lists what to run so that everything becomes known.</para>
/// </example>
/// <seealso cref="InvokeDbVacuumCommand"/>
/// <seealso cref="InvokeDbReindexCommand"/>
/// <seealso href="https://www.postgresql.org/docs/current/pgstattuple.html">pgstattuple</seealso>
/// <seealso href="https://www.postgresql.org/docs/current/storage-page-layout.html">Database page layout</seealso>
[Cmdlet(VerbsCommon.Get, "DbBloat")]
[OutputType(typeof(DbBloat))]
public sealed class GetDbBloatCommand : TargetCmdlet
{
    /// <summary>
    /// Tables: names, with or without their schema and with wildcards, as in audit.events or "Mixed Case"; OIDs; or rows of a cmdlet, also kept ones. With a table come its indexes, its TOAST table
    /// and its partitions. Default: all tables.
    /// </summary>
    [Parameter(Position = 0)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(TableCompleter))]
    [ValidateNotNullOrEmpty]
    [DbObject(IsPattern = true)]
    public DbObjectPattern[] Table { get; set; } = [];

    /// <summary>Names of schemas. Default: all schemas but those of the system.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(SchemaCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Schema { get; set; } = [];

    /// <summary>What to return. Default: everything.</summary>
    [Parameter]
    public DbRelationKind[] Kind { get; set; } = [];

    /// <summary>Leaves out what is smaller, in bytes or as text such as 10MB. Default: 64kB, or 0 if tables are named.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(SizeCompleter))]
    [ByteSize]
    [ValidateRange(0, long.MaxValue)]
    public long? MinimumSize { get; set; }

    /// <summary>How closely to look. Default: Estimate.</summary>
    [Parameter]
    public BloatMode Mode { get; set; }

    /// <summary>How much mode Verify may read, in bytes or as text such as 500MB. Default: 1GB.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(SizeCompleter))]
    [ByteSize]
    [ValidateRange(0, long.MaxValue)]
    public long IoBudget { get; set; } = BloatQuery.DefaultIoBudget;

    /// <summary>Looks at the system catalogues as well. Default: not.</summary>
    [Parameter]
    public SwitchParameter IncludeSystem { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessTargetAsync(MaintenanceTarget target, CancellationToken cancellationToken)
    {
        var tables = await Engine.RelationNames.PatternsAsync(target, Table, Call, cancellationToken);
        var query = new BloatQuery
        {
            Tables = tables,
            Schemas = Schema,
            Kinds = Kind,
            MinimumSize = MinimumSize,
            Mode = Mode,
            IoBudget = IoBudget,
            IncludeSystem = IncludeSystem,
        };
        foreach (var (name, error) in await Engine.RelationNames.FindMissingAsync(target, tables, Schema, Call, cancellationToken))
        {
            await WriteErrorAsync(error, name);
        }

        foreach (var row in await Engine.Bloat.GetBloatAsync(target, query, Call, cancellationToken))
        {
            await WriteObjectAsync(row);
        }
    }
}
