using System.Management.Automation;
using Maintenance.Completion;
using Maintenance.Engine.Scheduling;
using Maintenance.Infrastructure;

namespace Maintenance.Commands;

/// <summary>Reads what was run, when, and what came of it, newest first.</summary>
/// <remarks>
/// <para>
/// Use it to see whether a task ran at all, how it ended, and what it measured and found. Each object is the complete run,
/// with its Steps, Metrics, Findings and Artifacts, as Invoke-MaintenanceTask returned it.
/// </para>
/// <para>
/// -Action reads what was done to tables and indexes instead, and -Repair what was done about issues, by whomever: Repair-SystemIssue, or the
/// task Troubleshooting. Remedy.Command is what ran, or what was refused, and Remedy.Rollback what undoes it, where anything does. They are kept as long as runs.
/// </para>
/// <para>
/// -MissedRun reads which times of the schedule went by without a run: one object for each stretch, with the run after it. A run counts for the last time before it, however
/// late it began. What is looked at are the runs on record and, of HealthMonitoring and PerformanceMetrics, the samples that each run leaves; where these are put together
/// (performance.keepRawSamples), or before anything is on record, it is not known whether a task ran, and the object is Unknown and says why. A task that never ran has been missed since
/// the first run of any. Nothing is told of the last minutes (as long as the task's interval, an hour at most): those runs may still come.
/// </para>
/// <para>
/// -Statistics reads how many runs of each task there were, how they ended, and how long they took. Runs that were stopped, failed in part or only planned, that ended Unknown, and tests of restores that ended Critical count, but tell no duration.
/// </para>
/// <para>
/// -Alert reads how alerts changed: Suppressed says what kept people from being told of a change then, such as a silence or a maintenance window.
/// </para>
/// <para>
/// Runs are read from where the connected targets keep them: a file or their own database. With no target connected, and for
/// names of targets that are not connected, the user's own file is read: maintenance/history.db in XDG_STATE_HOME or
/// ~/.local/state, on Windows in LocalApplicationData. If one place cannot be read, the others still are.
/// </para>
/// <para>Privileges: to read the file, its owner's; to read a history in the database, USAGE on the schema maintenance and SELECT on its tables, which
/// the role that recorded it has. It changes nothing, except that a history written by an older version of this module is brought up to date.</para>
/// </remarks>
/// <example>
/// <code>Get-MaintenanceHistory -First 20</code>
/// <para>Shows the twenty newest runs.</para>
/// </example>
/// <example>
/// <code>Get-MaintenanceHistory -Target production -Task Daily -Since 7d</code>
/// <para>Shows the daily runs of the last seven days on one target.</para>
/// </example>
/// <example>
/// <code>Get-MaintenanceHistory -Status Critical | Select-Object -ExpandProperty Findings | Group-Object Id</code>
/// <para>Counts what the critical runs found, by kind of finding.</para>
/// </example>
/// <example>
/// <code>Get-MaintenanceHistory -Path ./collected/server7.db -Since 2026-01-01 -Until 2026-02-01</code>
/// <para>Reads the runs of January from a file that was brought from another machine.</para>
/// </example>
/// <example>
/// <code>Get-MaintenanceHistory -Action -Since 30d | Where-Object State -eq Deferred</code>
/// <para>Lists what maintenance put off in the last month, with the reason for each.</para>
/// </example>
/// <example>
/// <code>Get-MaintenanceHistory -Repair -Since 7d</code>
/// <para>Shows what was tried about issues in the last seven days, and what it came to.</para>
/// </example>
/// <example>
/// <code>Get-MaintenanceHistory -Repair | Where-Object { $_.Remedy.Rollback } | Format-List</code>
/// <para>Shows the remedies that can be undone, such as an index that was dropped, with the statement that does it.</para>
/// </example>
/// <example>
/// <code>Get-MaintenanceHistory -Alert -Since 1d | Where-Object Suppressed</code>
/// <para>Shows what happened in the last day and was not told at once, and why.</para>
/// </example>
/// <example>
/// <code>Get-MaintenanceHistory -MissedRun -Since 30d</code>
/// <para>Shows which runs of the last thirty days did not happen.</para>
/// </example>
/// <example>
/// <code>Get-MaintenanceTarget | Get-MaintenanceHistory -MissedRun | Where-Object Status -eq Critical</code>
/// <para>Shows which tasks run no more, on any connected target.</para>
/// </example>
/// <example>
/// <code>Get-MaintenanceHistory -Statistics -Since 90d | Sort-Object LongestDuration -Descending</code>
/// <para>Shows how long each task took in the last ninety days, and how often it was well.</para>
/// </example>
/// <seealso cref="GetMaintenanceScheduleCommand"/>
/// <seealso cref="RepairSystemIssueCommand"/>
[Cmdlet(VerbsCommon.Get, "MaintenanceHistory", DefaultParameterSetName = RunSet)]
[OutputType(typeof(MaintenanceRun), ParameterSetName = [RunSet])]
[OutputType(typeof(DbAction), ParameterSetName = [ActionSet])]
[OutputType(typeof(SystemRepair), ParameterSetName = [RepairSet])]
[OutputType(typeof(AlertTransition), ParameterSetName = [AlertSet])]
[OutputType(typeof(MissedRun), ParameterSetName = [MissedSet])]
[OutputType(typeof(TaskStatistics), ParameterSetName = [StatisticsSet])]
public sealed class GetMaintenanceHistoryCommand : MaintenanceCmdlet
{
    private const string RunSet = "Run";
    private const string ActionSet = "Action";
    private const string RepairSet = "Repair";
    private const string AlertSet = "Alert";
    private const string MissedSet = "MissedRun";
    private const string StatisticsSet = "Statistics";
    private const int DefaultActions = 1000;

    /// <summary>Only runs of these targets: names, of connected targets or others, or targets. Default: all that the history holds.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(TargetCompleter))]
    [ValidateNotNullOrEmpty]
    public TargetArgument[]? Target { get; set; }

    /// <summary>
    /// Reads actions instead of runs: what was done to each table and index of a target's database, by a run or by a cmdlet alone,
    /// with its duration and measured effect.
    /// </summary>
    [Parameter(ParameterSetName = ActionSet, Mandatory = true)]
    public SwitchParameter Action { get; set; }

    /// <summary>
    /// Reads repairs instead of runs: which remedy was carried out, or refused, for which issue of a target, what it came to, and what undoes it.
    /// </summary>
    [Parameter(ParameterSetName = RepairSet, Mandatory = true)]
    public SwitchParameter Repair { get; set; }

    /// <summary>
    /// Reads how alerts changed instead of runs: from which state to which, at which value, and why nobody was told, where something held it back.
    /// </summary>
    [Parameter(ParameterSetName = AlertSet, Mandatory = true)]
    public SwitchParameter Alert { get; set; }

    /// <summary>
    /// Reads which scheduled runs did not happen (Get-MaintenanceSchedule has the times), those one after another together, and of which times that is not known.
    /// </summary>
    [Parameter(ParameterSetName = MissedSet, Mandatory = true)]
    public SwitchParameter MissedRun { get; set; }

    /// <summary>
    /// Reads figures instead of runs, one object for each task: how many runs there were, how they ended, and how long they took (half of them, 95 % of them, the longest).
    /// </summary>
    [Parameter(ParameterSetName = StatisticsSet, Mandatory = true)]
    public SwitchParameter Statistics { get; set; }

    /// <summary>Only runs of these tasks, such as Daily; wildcards are allowed for -MissedRun and -Statistics. Default: all.</summary>
    [Parameter(ParameterSetName = RunSet, ValueFromPipelineByPropertyName = true)]
    [Parameter(ParameterSetName = MissedSet)]
    [Parameter(ParameterSetName = StatisticsSet)]
    [ArgumentCompleter(typeof(TaskCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Task { get; set; } = [];

    /// <summary>
    /// Only runs, actions, repairs or changes of alerts that began at this time or later. A time without a zone is local; a TimeSpan, or 7d or 12h, means so long ago. Default: no limit; for -MissedRun 7d, and no time in the future.
    /// </summary>
    [Parameter]
    [ArgumentCompleter(typeof(AgeCompleter))]
    [TimeOrAgo]
    public DateTimeOffset? Since { get; set; }

    /// <summary>
    /// Only runs that began before this time. A time without a zone is local; a TimeSpan, or 7d or 12h, means so long ago. Default: no limit.
    /// </summary>
    [Parameter(ParameterSetName = RunSet)]
    [Parameter(ParameterSetName = StatisticsSet)]
    [ArgumentCompleter(typeof(AgeCompleter))]
    [TimeOrAgo]
    public DateTimeOffset? Until { get; set; }

    /// <summary>Only runs that ended with this status. Default: all.</summary>
    [Parameter(ParameterSetName = RunSet)]
    public HealthStatus? Status { get; set; }

    /// <summary>At most so many runs, actions, repairs or changes of alerts, the newest. Default: all runs, or 1000 of the others of each target.</summary>
    [Parameter(ParameterSetName = RunSet)]
    [Parameter(ParameterSetName = ActionSet)]
    [Parameter(ParameterSetName = RepairSet)]
    [Parameter(ParameterSetName = AlertSet)]
    [ValidateRange(1, int.MaxValue)]
    public int? First { get; set; }

    /// <summary>A history file to read instead of the history of the connected targets; no wildcards. Default: their history.</summary>
    [Parameter(ParameterSetName = RunSet)]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <inheritdoc/>
    protected override Task ProcessAsync(CancellationToken cancellationToken) => ParameterSetName switch
    {
        ActionSet => ReadAsync(target => Engine.History.ReadActionsAsync(target, Earliest, First ?? DefaultActions, Call, cancellationToken), cancellationToken),
        RepairSet => ReadAsync(target => Engine.History.ReadRepairsAsync(target, Earliest, First ?? DefaultActions, Call, cancellationToken), cancellationToken),
        AlertSet => ReadAsync(target => Engine.History.ReadTransitionsAsync(target, Earliest, First ?? DefaultActions, Call, cancellationToken), cancellationToken),
        MissedSet => ReadMissedAsync(cancellationToken),
        StatisticsSet => ReadAsync(target => Engine.Schedules.StatisticsAsync(target, Wanted, Earliest, Until ?? DateTimeOffset.MaxValue, Call, cancellationToken), cancellationToken),
        _ => ReadRunsAsync(cancellationToken),
    };

    private Func<string, bool> Wanted => Wildcards.Matcher(Task.Length == 0 ? ["*"] : Task);

    private DateTimeOffset Earliest => Since ?? DateTimeOffset.MinValue;

    private async Task ReadMissedAsync(CancellationToken cancellationToken)
    {
        foreach (var name in Task.Where(name => Wildcards.IsPlain(name) && !ScheduleService.Tasks.Contains(name, StringComparer.OrdinalIgnoreCase)))
        {
            await WriteErrorAsync(new MaintenanceException(MaintenanceErrorCode.TaskNotFound, $"There is no task named '{name}'.", $"Tasks are: {string.Join(", ", ScheduleService.Tasks)}."), name);
        }

        await ReadAsync(target => Engine.Schedules.MissedAsync(target, Wanted, Since, Call, cancellationToken), cancellationToken);
    }

    private async Task ReadAsync<T>(Func<MaintenanceTarget, Task<IReadOnlyList<T>>> read, CancellationToken cancellationToken)
        where T : notnull
    {
        foreach (var argument in Session.OrCurrent(Target))
        {
            try
            {
                foreach (var item in await read(argument.Resolve(Session)))
                {
                    await WriteObjectAsync(item);
                }
            }
            catch (MaintenanceException exception) when (!cancellationToken.IsCancellationRequested)
            {
                await WriteErrorAsync(exception, argument.Name);
            }
        }
    }

    private async Task ReadRunsAsync(CancellationToken cancellationToken)
    {
        var query = new HistoryQuery
        {
            Targets = [.. (Target ?? []).Select(target => target.Name)],
            Tasks = Task,
            Since = Since,
            Until = Until,
            Status = Status,
            First = First,
        };
        try
        {
            // Paths are the session's: its thread alone knows the current location.
            var path = Path is null ? null : await OnPipelineAsync(() => ResolvePath(Path));
            var runs = path is null
                ? Engine.History.ReadAsync(Targets(), query, Call, cancellationToken)
                : Engine.History.ReadFileAsync(path, query, Call, cancellationToken);
            await foreach (var run in runs)
            {
                await WriteObjectAsync(run);
            }
        }
        catch (MaintenanceException exception) when (!cancellationToken.IsCancellationRequested)
        {
            await WriteErrorAsync(exception, Path ?? (object?)Target);
        }
    }

    private IReadOnlyCollection<MaintenanceTarget> Targets() => Target is null
        ? Session.Targets
        : [.. Target.Select(target => target.Find(Session)).OfType<MaintenanceTarget>()];
}
