using System.Management.Automation;
using Maintenance.Completion;
using Maintenance.Formatting;
using Maintenance.Infrastructure;

namespace Maintenance.Commands;

/// <summary>Vacuums and analyzes the tables that need it, and says what came of each.</summary>
/// <remarks>
/// <para>
/// Use it at night, so that autovacuum need not come by day. A table is due when it has half of the dead rows at which autovacuum would
/// take it (ThresholdPercent), counted by the settings of the server and the table's own: dead rows, rows inserted since the last
/// VACUUM, dead chunks of TOAST, and the age of its transaction ids; or when as many rows have changed that its statistics are due.
/// Partitioned tables, whose own statistics autovacuum never gathers, are analyzed too. -All takes every table.
/// </para>
/// <para>
/// What would be pointless is not run: when somebody's snapshot keeps dead rows from being removed, and a VACUUM has shown it, the
/// result is Skipped with the error HeldBack, and names who it is. What was run says how many rows it removed, how many it could not,
/// the size before and after, and the WAL it wrote, as the server reported them. Each action is recorded in the history at once.
/// </para>
/// <para>
/// It never blocks: VACUUM and ANALYZE take SHARE UPDATE EXCLUSIVE, which lets everybody read and write, and leave a table that is
/// locked to the end of the run and then to the next. A second connection watches whether anybody waits for it, and cancels it after
/// -MaximumBlock. ACCESS EXCLUSIVE, which giving empty pages back to the file system takes, is taken with -Truncate alone.
/// </para>
/// <para>
/// With -Deadline or -TimeoutSeconds nothing is begun that would not be over by then, judged by earlier runs or by size. It is Deferred,
/// and so is what was locked. What was put off comes first in the next run; -Resume does only that.
/// </para>
/// <para>
/// A failed action is an error and an object. A second run on the same database is refused with AlreadyRunning, naming who holds the
/// lock. A standby, a transaction pooler, and a server whose standby lags, whose archiver fails or which is being copied are refused.
/// </para>
/// <para>Privileges: the owner of the tables or of the database; or pg_maintain, or MAINTAIN on the tables, on PostgreSQL 17 and later. With pg_monitor
/// it also sees who holds rows back. A table that the role may not maintain is Failed with the GRANT that allows it. It changes no row that anybody can
/// see: space of dead ones becomes usable again, and statistics are renewed.</para>
/// </remarks>
/// <example>
/// <code>Invoke-DbVacuum -WhatIf</code>
/// <para>Shows the exact SQL for each table that is due, the lock it takes and how long it is expected to take; and gives the plan as
/// objects, with the reasons of what would be left out.</para>
/// </example>
/// <example>
/// <code>Invoke-DbVacuum -Parallel 4 -Deadline (Get-Date).AddHours(2)</code>
/// <para>Works on four tables at a time, and begins nothing that would not be over in two hours.</para>
/// </example>
/// <example>
/// <code>Invoke-DbVacuum -Table error_logs, 'public.user_consents' -All -Analyze</code>
/// <para>Vacuums and analyzes two tables, whether they are due or not.</para>
/// </example>
/// <example>
/// <code>Invoke-DbVacuum | Where-Object State -ne Done | Format-List</code>
/// <para>Shows what was not done, and why.</para>
/// </example>
/// <example>
/// <code>Get-MaintenanceTarget | Invoke-DbVacuum -TimeoutSeconds 3600 -Confirm:$false</code>
/// <para>Gives each system of a fleet an hour.</para>
/// </example>
/// <seealso cref="GetDbBloatCommand"/>
/// <seealso cref="InvokeDbMaintenanceCommand"/>
[Cmdlet(VerbsLifecycle.Invoke, "DbVacuum", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium, DefaultParameterSetName = TargetSet)]
[OutputType(typeof(DbAction))]
public sealed class InvokeDbVacuumCommand : MaintenanceCmdlet
{
    private const string TargetSet = "Target";
    private const string ObjectSet = "Object";

    private readonly List<IDbObject> _piped = [];

    /// <summary>The maintained systems: names of connected targets, or targets. Default: the one connected last, or that of each object.</summary>
    [Parameter(ParameterSetName = TargetSet, ValueFromPipeline = true)]
    [Parameter(ParameterSetName = ObjectSet)]
    [ArgumentCompleter(typeof(TargetCompleter))]
    [ValidateNotNullOrEmpty]
    public TargetArgument[]? Target { get; set; }

    /// <summary>Tables from another cmdlet, such as Get-DbBloat. A TOAST table stands for its table; an index is left out.</summary>
    [Parameter(ParameterSetName = ObjectSet, Mandatory = true, ValueFromPipeline = true)]
    [ValidateNotNull]
    [Kept]
    public IDbObject? InputObject { get; set; }

    /// <summary>Only these tables: names, schema.name, OIDs, or rows of a cmdlet such as Get-DbBloat. Names are taken as they are written. A partitioned table stands for its partitions too. Default: all tables.</summary>
    [Parameter(ParameterSetName = TargetSet, Position = 0)]
    [ArgumentCompleter(typeof(TableCompleter))]
    [ValidateNotNullOrEmpty]
    [DbObject]
    public DbObjectReference[]? Table { get; set; }

    /// <summary>Every table, not only those that are due. Default: those that are due.</summary>
    [Parameter]
    public SwitchParameter All { get; set; }

    /// <summary>Freezes every row (VACUUM FREEZE), of every table as with -All. Default: off, but for tables that need it.</summary>
    [Parameter]
    public SwitchParameter Freeze { get; set; }

    /// <summary>Gathers the statistics of every table that is vacuumed. Default: of those where they are due.</summary>
    [Parameter]
    public SwitchParameter Analyze { get; set; }

    /// <summary>Gathers no statistics. Default: off.</summary>
    [Parameter]
    public SwitchParameter NoAnalyze { get; set; }

    /// <summary>Connections that work at the same time, each on one table, the largest first; with one, a VACUUM may use parallel workers. Default: 2.</summary>
    [Parameter]
    [ValidateRange(1, 32)]
    public int Parallel { get; set; } = VacuumOptions.DefaultParallel;

    /// <summary>
    /// A table is due at this share of the threshold at which autovacuum would take it, in percent: one that comes so far between two
    /// runs would reach the threshold before the next but one. Default: 50.
    /// </summary>
    [Parameter]
    [ValidateRange(1.0, 100.0)]
    public double ThresholdPercent { get; set; } = VacuumOptions.DefaultThresholdPercent;

    /// <summary>Below autovacuum's own threshold, fewer dead or changed rows than this do not make a table due. Default: 1000.</summary>
    [Parameter]
    [ValidateRange(0L, long.MaxValue)]
    public long MinimumDeadRows { get; set; } = VacuumOptions.DefaultMinimumDeadRows;

    /// <summary>Nothing is begun that would not be over by then (a time, or 2h for two hours from now), and what still runs is stopped. Default: no end.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(DeadlineCompleter))]
    [TimeOrIn]
    public DateTimeOffset? Deadline { get; set; }

    /// <summary>How long anybody may wait for us before we are cancelled: a TimeSpan, or text such as 500ms or 2s. Default: 1 second.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(DurationCompleter))]
    [Duration]
    public TimeSpan? MaximumBlock { get; set; }

    /// <summary>Does only what an earlier run put off. Default: that first, then whatever is due.</summary>
    [Parameter]
    public SwitchParameter Resume { get; set; }

    /// <summary>Gives empty pages at the end of a table back to the file system, for which VACUUM takes ACCESS EXCLUSIVE for a moment, if nobody else wants the table. Default: off.</summary>
    [Parameter]
    public SwitchParameter Truncate { get; set; }

    /// <summary>The system's catalogues too. Default: off.</summary>
    [Parameter]
    public SwitchParameter IncludeSystem { get; set; }

    /// <summary>Shared buffers that one VACUUM may use, in bytes or as text such as 256MB, 128kB to 16GB; PostgreSQL 16 and later. Default: what the server says.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(SizeCompleter))]
    [ByteSize]
    [ValidateRange(128L * 1024, 16L << 30)]
    public long? BufferUsageLimit { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        if (InputObject is not null)
        {
            _piped.Add(InputObject);
            return;
        }

        foreach (var argument in Session.OrCurrent(Target))
        {
            await TryAsync(argument, Table ?? [], cancellationToken);
        }
    }

    /// <inheritdoc/>
    protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        foreach (var items in _piped.GroupBy(item => item.Target, StringComparer.OrdinalIgnoreCase))
        {
            var argument = Target?.FirstOrDefault(target => target.Name.Equals(items.Key, StringComparison.OrdinalIgnoreCase)) ?? new TargetArgument(items.Key);
            await TryAsync(argument, [.. items.Select(item => new DbObjectReference(item))], cancellationToken);
        }
    }

    private async Task TryAsync(TargetArgument argument, IReadOnlyList<DbObjectReference> objects, CancellationToken cancellationToken)
    {
        try
        {
            await VacuumAsync(argument.Resolve(Session), Options(objects), cancellationToken);
        }
        catch (MaintenanceException exception) when (!cancellationToken.IsCancellationRequested)
        {
            await WriteErrorAsync(exception, argument.Name);
        }
    }

    private async Task VacuumAsync(MaintenanceTarget target, VacuumOptions options, CancellationToken cancellationToken)
    {
        // The time of the call is in the deadline; planning has its own.
        var call = Call with { Timeout = null };
        var plan = await Engine.Vacuum.PlanAsync(target, options, call, cancellationToken);
        var actions = new List<DbAction>();
        foreach (var action in plan.Actions)
        {
            if (action.State != StepState.Planned || await ShouldProcessAsync(ActionText.Subject(action), ActionText.Question(action)))
            {
                actions.Add(action);
            }
        }

        // Nothing is done, so nothing is recorded. The plan is worth having as objects: what would be left out has its reason there.
        var onlyShown = await IsWhatIfAsync();
        var declined = actions.Count < plan.Actions.Count && actions.TrueForAll(action => action.State != StepState.Planned);
        if (onlyShown || declined)
        {
            foreach (var action in onlyShown ? plan.Actions : actions)
            {
                await WriteAsync(action);
            }

            return;
        }

        await foreach (var action in Engine.Vacuum.ExecuteAsync(target, actions, options, call, cancellationToken))
        {
            await WriteAsync(action);
        }
    }

    private async Task WriteAsync(DbAction action)
    {
        await WriteObjectAsync(action);
        if (action is { State: StepState.Failed, Error: { } error })
        {
            await WriteErrorAsync(new MaintenanceException(error, $"{action}. {action.Message}", action.Recommendation ?? ""), action);
        }
    }

    private VacuumOptions Options(IReadOnlyList<DbObjectReference> objects)
    {
        if (Analyze && NoAnalyze)
        {
            throw new MaintenanceException(MaintenanceErrorCode.InvalidArgument, "-Analyze and -NoAnalyze cannot be meant at the same time.", "Give one of them, or none.");
        }

        DateTimeOffset? timeout = TimeoutSeconds > 0 ? TimeProvider.System.GetUtcNow().AddSeconds(TimeoutSeconds) : null;
        return new VacuumOptions
        {
            Objects = objects,
            All = All,
            Freeze = Freeze,
            Analyze = Analyze ? VacuumAnalyze.Always : NoAnalyze ? VacuumAnalyze.Never : VacuumAnalyze.WhenDue,
            Parallel = Parallel,
            ThresholdPercent = ThresholdPercent,
            MinimumDeadRows = MinimumDeadRows,
            Deadline = timeout is null || Deadline < timeout ? Deadline : timeout,
            MaximumBlock = MaximumBlock,
            Resume = Resume,
            Truncate = Truncate,
            IncludeSystem = IncludeSystem,
            BufferUsageLimitBytes = BufferUsageLimit,
        };
    }
}
