using System.Management.Automation;
using Maintenance.Completion;
using Maintenance.Infrastructure;

namespace Maintenance.Commands;

/// <summary>Lists the maintenance matrix: which task runs when, how long it takes, how its last run went, and what is in its way.</summary>
/// <remarks>
/// <para>Use it to see what is coming, what did not happen, and whether the times fit together. The ten rows of the operations guide are in force unless
/// <c>schedule</c> of maintenance.json changes them; the bundles Daily, Weekly, Monthly and Quarterly, and Troubleshooting, are listed where they are named there.</para>
/// <para>Listing starts nothing: Start-MaintenanceAgent runs what is listed, and Export-MaintenanceSchedule writes it for other schedulers.</para>
/// <para>How long a task takes is told by its runs on record (TypicalDuration: half of them took at most that; LongDuration: 95 %, of at least 20 runs), and
/// by the guide (GuideDurationText). Conflicts are runs that are expected to be at work at once, by the runs on record where there are at least five,
/// else by the guide: two that change the database, a baseline measured under maintenance; a bundle and a member of it that are both scheduled; a run outside the maintenance windows or longer than they are open. Each
/// names the nearest time of day at which nothing would be in the way, where there is one.</para>
/// <para>Times are UTC, or of a named zone (timeZone). A time of day that the change to summer time leaves out is the first moment after it; one that comes twice counts once.</para>
/// <para>MissedRuns counts the times since the last run that went by without one (Get-MaintenanceHistory -MissedRun names them); those of a task that never ran count since
/// the first run of any. Status is the worst of how the last run went, of missed runs (a warning, Critical from six on) and of conflicts (a warning);
/// Unknown, which outranks a warning, where runs are not known, and for what never ran and was not due yet.</para>
/// <para>Privileges: none, unless the history is in the database (Get-MaintenanceHistory). It changes nothing.</para>
/// </remarks>
/// <default parameter="TimeoutSeconds">30</default>
/// <example>
/// <code>Get-MaintenanceSchedule</code>
/// <para>Lists the matrix of the connected target.</para>
/// </example>
/// <example>
/// <code>Get-MaintenanceSchedule -Task SecurityAudit, DisasterRecoveryTest -Next 4 | Select-Object Task -ExpandProperty NextRuns</code>
/// <para>Shows the next four times of two tasks.</para>
/// </example>
/// <example>
/// <code>Get-MaintenanceTarget | Get-MaintenanceSchedule | Where-Object MissedRuns -gt 0</code>
/// <para>Shows what did not run on any connected target.</para>
/// </example>
/// <example>
/// <code>Get-MaintenanceSchedule | Export-MaintenanceReport -Path ./status.html -Force</code>
/// <para>Writes the status page: what is wrong first, then what runs next, then every task.</para>
/// </example>
/// <example>
/// <code>(Get-MaintenanceSchedule).Conflicts | Select-Object Message, ProposedCron</code>
/// <para>Shows what is in whose way, and a time that would help.</para>
/// </example>
/// <seealso cref="StartMaintenanceAgentCommand"/>
/// <seealso cref="InvokeMaintenanceTaskCommand"/>
/// <seealso cref="ExportMaintenanceScheduleCommand"/>
[Cmdlet(VerbsCommon.Get, "MaintenanceSchedule")]
[OutputType(typeof(ScheduledTask))]
public sealed class GetMaintenanceScheduleCommand : TargetCmdlet
{
    /// <summary>Names of tasks; wildcards are allowed. Default: all that are scheduled, or named in the configuration.</summary>
    [Parameter(Position = 0)]
    [ArgumentCompleter(typeof(TaskCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[]? Task { get; set; }

    /// <summary>How many of the next runs to name. Default: 3.</summary>
    [Parameter]
    [ValidateRange(1, 1000)]
    public int Next { get; set; } = 3;

    /// <inheritdoc/>
    protected override async Task ProcessTargetAsync(MaintenanceTarget target, CancellationToken cancellationToken)
    {
        var isWanted = Wildcards.Matcher(Task ?? ["*"]);
        var rows = await Engine.Schedules.ListAsync(target, Next, Call, cancellationToken);
        foreach (var row in rows.Where(row => isWanted(row.Task)))
        {
            await WriteObjectAsync(row);
        }

        foreach (var name in (Task ?? []).Where(name => Wildcards.IsPlain(name) && !rows.Any(row => row.Task.Equals(name, StringComparison.OrdinalIgnoreCase))))
        {
            await WriteErrorAsync(
                new MaintenanceException(
                    MaintenanceErrorCode.TaskNotFound,
                    $"No task '{name}' is scheduled for '{target.Name}'.",
                    $"Scheduled are: {string.Join(", ", rows.Select(row => row.Task))}. Others are scheduled by naming them in schedule.tasks of maintenance.json."),
                name);
        }
    }
}
