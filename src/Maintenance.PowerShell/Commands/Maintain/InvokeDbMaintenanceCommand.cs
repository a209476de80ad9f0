using System.Management.Automation;
using Maintenance.Completion;
using Maintenance.Formatting;
using Maintenance.Infrastructure;

namespace Maintenance.Commands;

/// <summary>Maintains a database: retires rows past their age, vacuums, rebuilds bloated indexes and analyzes where it is needed, and reports on indexes and sizes.</summary>
/// <remarks>
/// <para>
/// Use it for the weekly maintenance by hand, to see with -WhatIf what the scheduled one would do, or to go on with what was put off. The
/// scheduled one is Invoke-MaintenanceTask Weekly -Approve: the same work, of which people are told and whose log is published.
/// </para>
/// <para>
/// The parts run in the order in which they help each other: Retention, Vacuum, Reindex, Analyze, Baseline, IndexReport,
/// SizeReport. Each is planned when its turn comes, on what the parts before have left. Nothing is done that is not needed: tables by the
/// thresholds of Invoke-DbVacuum; indexes of which a third and 1 MB at least is reclaimable, measured with pgstattuple where it is
/// installed, and else estimated well enough (guide W3, W4). Rows leave by the retention policies of the target alone, each batch proved
/// as with Invoke-DbRetention -Verify, and it is asked about first; -Confirm:$false answers yes, for scripts. Baseline keeps what was usual in the last days, without this run and other maintenance, as
/// Update-PerformanceBaseline does (guide W6): it asks nothing, and is left out where there is nothing to measure.
/// </para>
/// <para>
/// It never blocks: no ACCESS EXCLUSIVE lock, a lock that is not to be had is not waited for long, and a second connection cancels
/// whatever keeps somebody waiting longer than -MaximumBlock. What does not fit the time, was locked or kept others waiting is
/// Deferred, kept in the history, and comes first in the next run; -Resume does only that, and looks at nothing else.
/// </para>
/// <para>
/// The result is a MaintenanceRun with its Steps, Actions (with their measured effect), Findings, Metrics and an ExitCode: 0 ok, 1
/// warnings, 2 critical, 3 could not determine. It is logged and recorded. Outside the target's maintenance windows it is refused
/// with OutsideWindow, unless -Force is given; -Force skips nothing else. A second run is refused with AlreadyRunning, naming who holds the lock.
/// </para>
/// <para>Privileges: the owner of the tables or of the database; or pg_maintain on PostgreSQL 17 and later, and pg_monitor to see who holds rows back.
/// pg_stat_scan_tables and the extension pgstattuple let it measure bloat. What the role may not do is named with its GRANT. It changes the database:
/// rows past their age go where policies say so, tables are vacuumed and analyzed, indexes rebuilt; -WhatIf shows the exact SQL of each.</para>
/// </remarks>
/// <default parameter="TimeoutSeconds">7200, two hours</default>
/// <example>
/// <code>Invoke-DbMaintenance -WhatIf</code>
/// <para>Shows each statement that would run now, the lock it takes, and how long it should take; and gives the plan as objects, with the
/// reasons of what would be left out. Changes nothing.</para>
/// </example>
/// <example>
/// <code>Invoke-DbMaintenance -Window 2h -Confirm:$false</code>
/// <para>Maintains the connected target within two hours. What does not fit comes first next time.</para>
/// </example>
/// <example>
/// <code>Invoke-DbMaintenance -Step Vacuum, Analyze -Deadline '2030-01-06 04:00Z'</code>
/// <para>Vacuums and analyzes only, and begins nothing that would not be over by four o'clock.</para>
/// </example>
/// <example>
/// <code>(Invoke-DbMaintenance -Resume).Actions | Where-Object State -ne Done</code>
/// <para>Does what was put off before, and shows what still was not to be done, with the reason.</para>
/// </example>
/// <seealso cref="InvokeDbRetentionCommand"/>
/// <seealso cref="InvokeDbVacuumCommand"/>
/// <seealso cref="InvokeDbReindexCommand"/>
/// <seealso cref="InvokeMaintenanceTaskCommand"/>
[Cmdlet(VerbsLifecycle.Invoke, "DbMaintenance", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(MaintenanceRun), typeof(DbAction))]
public sealed class InvokeDbMaintenanceCommand : TargetCmdlet
{
    /// <summary>The parts to run; their order stays as it is. Default: all.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    public DbMaintenanceStep[] Step { get; set; } = [];

    /// <summary>How long the run may take, from now: a TimeSpan, 02:00:00 (2 hours), 90m or 2h. Default: 2 hours, or until the target's window closes.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(DurationCompleter))]
    [Duration]
    public TimeSpan? Window { get; set; }

    /// <summary>When the run must be over: a time, which without a zone is local, or 2h for two hours from now. Default: no end but that of -Window.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(DeadlineCompleter))]
    [TimeOrIn]
    public DateTimeOffset? Deadline { get; set; }

    /// <summary>Does only what earlier runs put off. Default: that first, then everything else that is due.</summary>
    [Parameter]
    public SwitchParameter Resume { get; set; }

    /// <summary>How long anybody may wait for us before the work is cancelled and put off: a TimeSpan, 500ms or 2s. Default: 1 second.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(DurationCompleter))]
    [Duration]
    public TimeSpan? MaximumBlock { get; set; }

    /// <summary>Connections that vacuum at the same time, each on one table. Default: 2.</summary>
    [Parameter]
    [ValidateRange(1, 32)]
    public int Parallel { get; set; } = VacuumOptions.DefaultParallel;

    /// <summary>Runs outside the target's maintenance windows too. Skips no safety check.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessTargetAsync(MaintenanceTarget target, CancellationToken cancellationToken)
    {
        var options = new DbMaintenanceOptions
        {
            Steps = Step,
            Resume = Resume,
            MaximumBlock = MaximumBlock,
            Parallel = Parallel,
            Force = Force,
        };
        var call = Call with { Timeout = Limit() };
        if (await IsWhatIfAsync())
        {
            await ShowAsync(target, options, call, cancellationToken);
            return;
        }

        var run = await Engine.DbMaintenance.RunAsync(
            target, options, ShouldAsync, call, cancellationToken);
        await WriteObjectAsync(RunResult.Of(run));
    }

    private async Task ShowAsync(MaintenanceTarget target, DbMaintenanceOptions options, CallContext call, CancellationToken cancellationToken)
    {
        await foreach (var action in Engine.DbMaintenance.PreviewAsync(target, options, call, cancellationToken))
        {
            if (action.State == StepState.Planned)
            {
                await ShouldAsync(action);
            }

            // The plan is worth having as objects too: what would be left out has its reason there.
            await WriteObjectAsync(action);
        }
    }

    private Task<bool> ShouldAsync(DbAction action) => ShouldProcessAsync(
        action.Kind is DbActionKind.DeleteRows or DbActionKind.ArchiveRows or DbActionKind.AnonymiseRows ? ConfirmImpact.High : ConfirmImpact.Medium,
        ActionText.Subject(action),
        ActionText.Question(action));

    private TimeSpan? Limit()
    {
        var now = TimeProvider.System.GetUtcNow();
        if (Deadline is { } end && end <= now)
        {
            throw new MaintenanceException(MaintenanceErrorCode.InvalidArgument, "The -Deadline has passed already.", "Give a time in the future; a time without a zone is local.");
        }

        if (Window is { } window && window <= TimeSpan.Zero)
        {
            throw new MaintenanceException(MaintenanceErrorCode.InvalidArgument, "The -Window is no time at all.", "Give a duration: 02:00:00, 90m or 2h.");
        }

        return new[] { Call.Timeout, Window, Deadline - now }.Min();
    }
}
