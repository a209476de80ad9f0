using System.Management.Automation;
using Maintenance.Completion;
using Maintenance.Formatting;
using Maintenance.Infrastructure;

namespace Maintenance.Commands;

/// <summary>Rebuilds indexes concurrently, and leaves nothing behind.</summary>
/// <remarks>
/// <para>
/// Use it on what Get-DbBloat or Get-DbIndexAdvice found; it rebuilds what it is given, never everything. Readers and writers go on
/// meanwhile. The new index takes the place of the old one only when it is complete, and gets another OID.
/// </para>
/// <para>
/// Before each index it asks whether the rebuild can end: an old snapshot anywhere in the database, or a transaction with a lock on
/// the table, would make it wait after the whole build. Then it is put off, and the holder named. So it is when a standby lags, the
/// archiver fails, a base backup runs, space is short, or others maintain the table. What was put off comes first next time.
/// </para>
/// <para>
/// A rebuild that ends early, be it by a timeout, by Ctrl+C, by the end of its connection or of the server, leaves an invalid index that
/// every write maintains. It is recognised by its descent, not by its name, and dropped before the cmdlet returns. If the process was
/// killed, the next run does that; the target needs a history for it. -RepairInvalid drops what other tools have left.
/// </para>
/// <para>
/// A second connection looks whether anybody waits for the rebuild, and ends it after -MaximumBlock. One run at a time works on a
/// database; a second says who has the lock. Connections through a pooler are refused.
/// </para>
/// <para>Privileges: being the owner of the index, or a member of the role that is. On PostgreSQL 17 and later MAINTAIN on the table, or pg_maintain, is
/// enough to rebuild, but not to drop what an interrupted rebuild leaves. pg_monitor to see who is in the way. TOAST indexes need a superuser. It changes
/// the files of indexes, never what they are of, and with -RepairInvalid drops invalid ones that other tools left; no row is touched.</para>
/// </remarks>
/// <example>
/// <code>Invoke-DbReindex -Index public.idx_error_logs_timestamp -WhatIf</code>
/// <para>Shows the exact statement, its lock, the size and how long it should take.</para>
/// </example>
/// <example>
/// <code>Invoke-DbReindex idx_user_consents_user_id, idx_error_logs_timestamp -Window 30m -Check</code>
/// <para>Rebuilds two indexes, if they are predicted to be done within half an hour, and checks them with amcheck.</para>
/// </example>
/// <example>
/// <code>Invoke-DbReindex -Table public.error_logs -Parallel 2 | Where-Object State -ne Done</code>
/// <para>Rebuilds the b-trees of a table and shows what could not be done, and why.</para>
/// </example>
/// <example>
/// <code>Get-MaintenanceTarget | Invoke-DbReindex -RepairInvalid -Confirm:$false</code>
/// <para>Drops what interrupted rebuilds of any tool have left, on every connected system.</para>
/// </example>
/// <seealso cref="GetDbBloatCommand"/>
/// <seealso cref="GetDbIndexAdviceCommand"/>
/// <seealso cref="InvokeDbMaintenanceCommand"/>
[Cmdlet(VerbsLifecycle.Invoke, "DbReindex", DefaultParameterSetName = IndexSet, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(DbAction))]
public sealed class InvokeDbReindexCommand : ConcurrentWorkCmdlet
{
    private const string IndexSet = "Index";
    private const string TableSet = "Table";
    private const string RepairSet = "Repair";

    private readonly List<DbObjectReference> _indexes = [];
    private readonly List<TargetArgument> _targets = [];

    /// <summary>
    /// The indexes: names as they are written in the catalogue, OIDs, or rows of Get-DbBloat and Get-DbIndexAdvice, also kept ones. A partitioned index
    /// stands for those of its partitions. Tables are left out, since rebuilding does not reclaim rows. Default: what is piped in.
    /// </summary>
    [Parameter(ParameterSetName = IndexSet, Position = 0, ValueFromPipeline = true)]
    [Alias("InputObject")]
    [ArgumentCompleter(typeof(IndexCompleter))]
    [ValidateNotNullOrEmpty]
    [DbObject]
    public DbObjectReference[]? Index { get; set; }

    /// <summary>Tables of which every b-tree is rebuilt: names, OIDs or rows of a cmdlet.</summary>
    [Parameter(ParameterSetName = TableSet, Mandatory = true)]
    [ArgumentCompleter(typeof(TableCompleter))]
    [ValidateNotNullOrEmpty]
    [DbObject]
    public DbObjectReference[]? Table { get; set; }

    /// <summary>
    /// Looks for invalid indexes in the whole database, and drops those that an interrupted rebuild has left and another index makes
    /// superfluous. Others are named, and left as they are.
    /// </summary>
    [Parameter(ParameterSetName = RepairSet, Mandatory = true)]
    public SwitchParameter RepairInvalid { get; set; }

    /// <summary>The maintained systems: names of connected targets, or targets. Default: the one connected last, or that of the piped objects.</summary>
    [Parameter(ParameterSetName = IndexSet)]
    [Parameter(ParameterSetName = TableSet, ValueFromPipeline = true)]
    [Parameter(ParameterSetName = RepairSet, ValueFromPipeline = true)]
    [ArgumentCompleter(typeof(TargetCompleter))]
    [ValidateNotNullOrEmpty]
    public TargetArgument[]? Target { get; set; }

    /// <summary>
    /// Indexes of different tables that are rebuilt at the same time. Those with expressions or predicates, and all before PostgreSQL
    /// 14, run alone, since such rebuilds wait for each other. Default: 1.
    /// </summary>
    [Parameter]
    [ValidateRange(1, 8)]
    public int Parallel { get; set; } = 1;

    /// <summary>Checks each rebuilt b-tree with bt_index_check of the extension amcheck, one at a time. Default: no check.</summary>
    [Parameter]
    public SwitchParameter Check { get; set; }

    /// <inheritdoc/>
    protected override Task ProcessAsync(CancellationToken cancellationToken)
    {
        // All is collected first: what is planned together is done in the best order.
        _indexes.AddRange(Index ?? []);
        if (ParameterSetName != IndexSet)
        {
            _targets.AddRange(Session.OrCurrent(Target));
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        if (ParameterSetName != IndexSet)
        {
            foreach (var argument in _targets)
            {
                await ReindexAsync(argument, Options([], Table ?? []), cancellationToken);
            }
        }
        else if (_indexes.Count > 0 || !MyInvocation.ExpectingInput)
        {
            // With nothing at all the engine says what to name.
            foreach (var (argument, indexes) in ByTarget())
            {
                await ReindexAsync(argument, Options(indexes, []), cancellationToken);
            }
        }
    }

    private List<(TargetArgument Target, IReadOnlyList<DbObjectReference> Indexes)> ByTarget()
    {
        var named = _indexes.Where(index => index.Target is null).ToList();
        var byTarget = (named.Count > 0 || _indexes.Count == 0 ? Session.OrCurrent(Target) : [])
            .Select(target => (target, (IReadOnlyList<DbObjectReference>)named)).ToList();
        foreach (var piped in _indexes.Where(index => index.Target is not null).GroupBy(index => index.Target!, StringComparer.OrdinalIgnoreCase))
        {
            // The target may have been given as an object that is not connected under its name.
            var argument = (Target ?? []).FirstOrDefault(target => string.Equals(target.Name, piped.Key, StringComparison.OrdinalIgnoreCase)) ?? new TargetArgument(piped.Key);
            var known = byTarget.FindIndex(entry => string.Equals(entry.target.Name, piped.Key, StringComparison.OrdinalIgnoreCase));
            if (known < 0)
            {
                byTarget.Add((argument, [.. piped]));
            }
            else
            {
                byTarget[known] = (argument, [.. byTarget[known].Item2, .. piped]);
            }
        }

        return byTarget;
    }

    private ReindexOptions Options(IReadOnlyList<DbObjectReference> indexes, IReadOnlyList<DbObjectReference> tables)
    {
        return new ReindexOptions
        {
            Index = indexes,
            Table = tables,
            RepairInvalid = RepairInvalid,
            Check = Check,
            Parallel = Parallel,
            Deadline = End(),
            MaximumBlock = MaximumBlock,
            MaximumSnapshotAge = MaximumSnapshotAge,
        };
    }

    private async Task ReindexAsync(TargetArgument argument, ReindexOptions options, CancellationToken cancellationToken)
    {
        try
        {
            var target = argument.Resolve(Session);
            var approved = new List<DbAction>();
            var onlyShown = await IsWhatIfAsync();
            foreach (var action in await Engine.Reindex.PlanAsync(target, options, Call, cancellationToken))
            {
                if (action.State != StepState.Planned || await ShouldProcessAsync(ActionText.Subject(action), ActionText.Question(action)))
                {
                    approved.Add(action);
                }

                if (onlyShown)
                {
                    await WriteObjectAsync(action);
                }
            }

            if (onlyShown)
            {
                return;
            }

            await foreach (var action in Engine.Reindex.ExecuteAsync(target, approved, options, Call, cancellationToken))
            {
                await WriteObjectAsync(action);
                if (action.State == StepState.Failed)
                {
                    await WriteErrorAsync(
                        new MaintenanceException(action.Error ?? MaintenanceErrorCode.Unexpected, $"{ActionText.Object(action)}: {action.Message}", action.Recommendation ?? ""), action);
                }
            }
        }
        catch (MaintenanceException exception) when (!cancellationToken.IsCancellationRequested)
        {
            await WriteErrorAsync(exception, argument.Name);
        }
    }
}
