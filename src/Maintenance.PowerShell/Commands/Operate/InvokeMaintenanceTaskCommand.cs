using System.Collections.Concurrent;
using System.Management.Automation;
using Maintenance.Completion;
using Maintenance.Formatting;
using Maintenance.Infrastructure;

namespace Maintenance.Commands;

/// <summary>Runs a maintenance task by name: plans it, runs it under one deadline, logs it and records it.</summary>
/// <remarks>
/// <para>Use it for what runs on a schedule. The task Daily checks database, backups, functions, errors, resources and compliance at
/// once, scores the system, tells the summary on the channel Default and missing backups on Emergency, writes a log as text, JSON
/// lines and Markdown, publishes it to the artefact store as daily-logs/maintenance-YYYYMMDD (UTC; a second run of the day is kept
/// beside), and records the run. What fails is a step of the result; the rest of the task still runs.</para>
/// <para>The tasks DatabaseOptimization (every night) and IndexOptimization (every week) are its halves: rows past their age, vacuum and statistics; and bloated
/// indexes. They, and Weekly, change the database, and want a person's approval: without one a run says what it would do, tells Default that it waits, and ends with a
/// warning; where there is nothing to do it is Ok. -Approve approves this run, schedule.tasks.NAME.approval of maintenance.json those to come. DisasterRecoveryTest and
/// Quarterly want it too. PerformanceBaseline, SecurityAudit and Monthly run without, and end with a warning until somebody has looked (a run with -Approve, or an
/// approval in the schedule); until then the baseline is not passed on to the function.</para>
/// <para>Monthly runs PerformanceBaseline and SecurityAudit, Quarterly BackupVerification and DisasterRecoveryTest, one after another: each is a run of its own, and one
/// that fails does not stop the others.</para>
/// <para>The task Weekly maintains the database as Invoke-DbMaintenance does: it vacuums, rebuilds bloated indexes and analyzes where it is
/// needed, and reports on indexes and sizes. It runs inside the target's maintenance windows alone, unless -Force is given, and what does
/// not fit the time comes first next week. Invoke-DbMaintenance -WhatIf shows the exact SQL.</para>
/// <para>The task LogRotation, meant for every hour, compresses, moves and deletes logs by the rules of the target, as Invoke-LogRotation does: a
/// step for each rule. It asks no database, runs outside the maintenance windows too, and tells people and publishes its log only where
/// something could not be done.</para>
/// <para>The task BackupVerification, meant for every day, says whether the backups are there and young enough, reads the table of contents of
/// each that did not pass before, and the newest of each database to its last byte; it looks for gaps in the archived write-ahead log where
/// walArchive is configured. What passed before and is unchanged is not read again. Missing or damaged backups are told on Emergency, what
/// could not be found out on Default; nothing is told where all is well.</para>
/// <para>The task DisasterRecoveryTest, meant for every quarter, rehearses a recovery as Test-BackupRestore -Drill does: it restores the newest
/// backup of each database into scratch servers on this machine, measures how long that takes and what is lost, and compares both with the
/// objectives. Its report, for people and printers, goes to disaster-recovery-tests/drill-YYYYMMDD (HTML and Markdown) in the artefact store;
/// the summary is told on Default, what could not be recovered on Emergency.</para>
/// <para>The task SecurityScan, meant for every day, looks at the catalogue, row security, dependencies and source code, and tells on Security what is
/// new since the scan before and what could not be determined; nothing is told where there is neither. The task SecurityAudit, meant for every month,
/// does what New-SecurityAuditReport -Publish does, and tells the summary on Security. Findings that were accepted (security.accepted) do not count.</para>
/// <para>The task PerformanceBaseline, meant for every month, measures what is usual from every source that the target has, without the times of
/// maintenance, keeps it as Update-PerformanceBaseline -Push does, and compares it with the baseline before. Its report goes to
/// performance-reports/baselines/baseline-YYYYMMDD (HTML and Markdown) in the artefact store; what has become worse is told on Default.</para>
/// <para>The task HealthMonitoring, meant for every minute or five, checks the system as Daily does, evaluates the alert rules, tells what is new of the alerts,
/// once and each on the channel of its rule, and says which tasks did not run when expected (alerts.expected). What it measured is kept as a sample, for
/// Test-AlertRule -Replay; the run itself is recorded where people were told or something got worse, else once a day.</para>
/// <para>The task Troubleshooting looks for issues as Find-SystemIssue does, those of low severity left out, and repairs as Repair-SystemIssue does what
/// needs no person: remedies of the risk repair.unattendedRisk (Low) at the most, repair.maximumActions (5) of them. An issue is resolved when it was measured
/// to be gone, and the status of the run is that of what remains. The summary is told on Default where something was done or changed, what remains
/// and is critical on the second channel as well. It runs outside the maintenance windows too.</para>
/// <para>The whole run takes at most (TimeoutSeconds): PerformanceMetrics 30 s, HealthMonitoring 60 s, Daily and LogRotation 2 min, BackupVerification and Troubleshooting 15 min, SecurityScan 20 min, DatabaseOptimization 30 min, IndexOptimization and
/// Weekly 2 h, PerformanceBaseline 4 h, SecurityAudit 6 h, DisasterRecoveryTest 8 h, Quarterly 9 h, Monthly 10 h; what changes the database ends when the window closes, if that is earlier. The work has two thirds of it, or all but 30 s.</para>
/// <para>Inside an Azure DevOps job (TF_BUILD) the issues, the summary page and the task's result go to the agent; inside a GitHub job (GITHUB_ACTIONS) the issues and the summary page do.</para>
/// <para>The result's Status is the worst of its steps and ExitCode follows it: 0 ok, 1 warnings, 2 critical, 3 could not
/// determine. A scheduled script ends its process with it, and with 3 where anything kept a run from happening: see the example. <c>exit (Invoke-MaintenanceTask Daily).ExitCode</c> alone
/// would end with 0 then. With several targets it is the worst that counts. What keeps one target's run from happening is told after the runs of the others have ended.</para>
/// <para>A second run of the same task on the same database is refused with AlreadyRunning, naming who holds the lock. LogRotation leaves
/// out the folders in which another is at work, and of DisasterRecoveryTest one runs at a time for an account on a machine.</para>
/// <para>Privileges: those of Get-SystemHealth for Daily and HealthMonitoring, of Get-PerformanceMetric for PerformanceMetrics, of Invoke-DbMaintenance
/// for Weekly, DatabaseOptimization and IndexOptimization, of Update-PerformanceBaseline for PerformanceBaseline, of Invoke-LogRotation for LogRotation,
/// of Test-BackupRestore for BackupVerification and DisasterRecoveryTest, of New-SecurityAuditReport for SecurityScan and SecurityAudit, of
/// Find-SystemIssue and Repair-SystemIssue for Troubleshooting, of all their parts for Monthly and Quarterly, and the right to add blobs to the artefact
/// store. It changes the log, the history, alerts and artefacts of this module, and
/// beyond them: with an approval Weekly, DatabaseOptimization and IndexOptimization the database; LogRotation old logs; Troubleshooting what its remedies
/// of low risk say; PerformanceBaseline, once approved, what the function knows. -WhatIf runs nothing and shows the steps.</para>
/// </remarks>
/// <default parameter="TimeoutSeconds">that of the task, as listed above</default>
/// <example>
/// <code>Invoke-MaintenanceTask Daily</code>
/// <para>Runs the daily check on the connected target.</para>
/// </example>
/// <example>
/// <code>Get-MaintenanceTarget | Invoke-MaintenanceTask Daily</code>
/// <para>Runs it on every connected target, five at once; one that fails does not stop the others.</para>
/// </example>
/// <example>
/// <code>Get-MaintenanceTarget | Invoke-MaintenanceTask PerformanceMetrics -ThrottleLimit 20</code>
/// <para>Samples all targets, twenty at once.</para>
/// </example>
/// <example>
/// <code>(Invoke-MaintenanceTask DatabaseOptimization).Actions | Select-Object Sql; Invoke-MaintenanceTask DatabaseOptimization -Approve</code>
/// <para>Shows what is due, then does it.</para>
/// </example>
/// <example>
/// <code>Invoke-MaintenanceTask Weekly -Approve -Confirm:$false</code>
/// <para>Maintains the database of the connected target, tells people, and publishes the log.</para>
/// </example>
/// <example>
/// <code>Get-MaintenanceTarget | Invoke-MaintenanceTask LogRotation</code>
/// <para>Rotates the logs of every connected target.</para>
/// </example>
/// <example>
/// <code>Invoke-MaintenanceTask BackupVerification</code>
/// <para>Checks that the backups are there, young enough and undamaged.</para>
/// </example>
/// <example>
/// <code>Invoke-MaintenanceTask DisasterRecoveryTest -Approve | Export-MaintenanceReport</code>
/// <para>Rehearses the recovery of the connected target, and shows the run as text. The report of the drill is among its Artifacts.</para>
/// </example>
/// <example>
/// <code>(Invoke-MaintenanceTask SecurityAudit).Findings | Where-Object State -eq New</code>
/// <para>Audits security, publishes the report, and shows what was not there at the audit before.</para>
/// </example>
/// <example>
/// <code>$ErrorActionPreference = 'Stop'; trap { $_; exit 3 }; Connect-MaintenanceTarget; $codes = (Get-MaintenanceTarget | Invoke-MaintenanceTask Daily).ExitCode; exit ((2, 3, 1, 0).Where({ $_ -in $codes }) + 3)[0]</code>
/// <para>A whole scheduled script, for one target or many: ends with 0 if all is well, with 1 for warnings, 2 where a target is critical, and 3 where something could not be determined or did not run at all. With -WhenDue, write + 0 in place of + 3: what is
/// not due does not run.</para>
/// </example>
/// <example>
/// <code>(Invoke-MaintenanceTask Troubleshooting -Confirm:$false).Steps | Where-Object Status -ne Ok</code>
/// <para>Repairs what may be repaired with nobody watching, and shows what remains.</para>
/// </example>
/// <example>
/// <code>Invoke-MaintenanceTask SecurityAudit -WhenDue</code>
/// <para>Audits on the second Sunday of the month, or as the configuration has it, though the pipeline starts it every Sunday.</para>
/// </example>
/// <example>
/// <code>Invoke-MaintenanceTask Daily -WhatIf</code>
/// <para>Shows each step that would run.</para>
/// </example>
/// <example>
/// <code>(Invoke-MaintenanceTask Daily -TimeoutSeconds 30).Steps</code>
/// <para>Gives the whole run 30 seconds and shows its steps. A check that does not finish is Unknown.</para>
/// </example>
/// <seealso cref="GetMaintenanceScheduleCommand"/>
/// <seealso cref="StartMaintenanceAgentCommand"/>
/// <seealso cref="GetMaintenanceHistoryCommand"/>
[Cmdlet(VerbsLifecycle.Invoke, "MaintenanceTask", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(MaintenanceRun))]
public sealed class InvokeMaintenanceTaskCommand : TargetCmdlet
{
    private readonly List<MaintenanceTarget> _targets = [];
    private readonly ConcurrentQueue<(MaintenanceException Problem, string Target)> _problems = new();

    /// <summary>
    /// Name of the task: HealthMonitoring, PerformanceMetrics, LogRotation, DatabaseOptimization, SecurityScan, BackupVerification, IndexOptimization, PerformanceBaseline,
    /// SecurityAudit, DisasterRecoveryTest, Troubleshooting, or one of the bundles Daily, Weekly, Monthly and Quarterly.
    /// </summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ArgumentCompleter(typeof(TaskCompleter))]
    [ValidateNotNullOrEmpty]
    public string Task { get; set; } = "";

    /// <summary>Runs a task that changes the system outside the target's maintenance windows too. Skips no safety check. Default: off.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>
    /// You approve this run of a task that wants a person: DatabaseOptimization, IndexOptimization and Weekly (they change the database), DisasterRecoveryTest and
    /// Quarterly (they load this machine), PerformanceBaseline, SecurityAudit and Monthly (somebody has to look at what they found). The run records who.
    /// Default: off; then the approval of the schedule counts (schedule.tasks.NAME.approval), if it holds.
    /// </summary>
    [Parameter]
    public SwitchParameter Approve { get; set; }

    /// <summary>
    /// Runs only where the task's schedule (Get-MaintenanceSchedule) has a time since its last run, no longer than a day ago; elsewhere nothing happens. For schedulers that know no nth
    /// weekday or no time zones and start it too often, such as Azure Pipelines. A run that waited for approval and did nothing does not keep an approved one away. A task that is not
    /// scheduled at all is an error: it would never run. Default: off.
    /// </summary>
    [Parameter]
    public SwitchParameter WhenDue { get; set; }

    /// <summary>How many targets to run on at once. Default: 5.</summary>
    [Parameter]
    [ValidateRange(1, 1000)]
    public int ThrottleLimit { get; set; } = 5;

    private TaskRequest Request => new()
    {
        Force = Force,
        Approval = Approve ? new TaskApproval { By = $"{Environment.UserName} on {Environment.MachineName}" } : null,
    };

    /// <inheritdoc/>
    protected override async Task ProcessTargetAsync(MaintenanceTarget target, CancellationToken cancellationToken)
    {
        var confirmed = true;
        var steps = Engine.Tasks.Plan(target, Task, Request);
        try
        {
            if (WhenDue && await Engine.Schedules.DueAsync(target, Task, Request, Call, cancellationToken) is (false, var next))
            {
                await WriteInformationAsync(FormattableString.Invariant($"{Task} on '{target.Name}' is not due before {next.UtcDateTime:yyyy-MM-dd HH:mm'Z'}."));
                return;
            }
        }
        catch (MaintenanceException exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Whether it is due cannot be said: no reason to keep the other targets waiting.
            await TellPipelineAsync(target.Name, exception);
            _problems.Enqueue((exception, target.Name));
            return;
        }

        foreach (var step in steps)
        {
            confirmed &= await ShouldProcessAsync($"{target.Name}: {step.Name}", step.Description);
        }

        if (confirmed)
        {
            _targets.Add(target);
        }
    }

    // All questions are asked before the first run begins. An error may end the command: it waits until the runs of the other targets are over.
    /// <inheritdoc/>
    protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        await Parallel.ForEachAsync(_targets, new ParallelOptions { MaxDegreeOfParallelism = ThrottleLimit, CancellationToken = cancellationToken }, async (target, token) =>
        {
            try
            {
                await RunAsync(target, token);
            }
            catch (MaintenanceException exception) when (!cancellationToken.IsCancellationRequested)
            {
                await TellPipelineAsync(target.Name, exception);
                _problems.Enqueue((exception, target.Name));
            }
        });
        foreach (var (problem, target) in _problems)
        {
            await WriteErrorAsync(problem, target);
        }
    }

    private async Task RunAsync(MaintenanceTarget target, CancellationToken cancellationToken)
    {
        var result = await Engine.Tasks.RunAsync(target, Task, Request, Call, cancellationToken);
        await TellPipelineAsync(
        [
            .. AzurePipelinesText.IsRead ? AzurePipelinesText.Of(result) : [],
            .. GitHubActionsText.IsRead ? GitHubActionsText.Of(result) : [],
        ]);
        if (GitHubActionsText.IsRead && GitHubActionsText.SummaryPath is { } summary)
        {
            await SummarizeAsync(summary, result, cancellationToken);
        }

        await WriteObjectAsync(RunResult.Of(result));
    }

    // A summary that cannot be written is no reason to lose the run.
    private async Task SummarizeAsync(string summary, MaintenanceRun run, CancellationToken cancellationToken)
    {
        try
        {
            foreach (var report in run.Artifacts.Where(artifact => artifact.Kind == "Report" && File.Exists(artifact.Path)))
            {
                await File.AppendAllTextAsync(summary, await File.ReadAllTextAsync(report.Path, cancellationToken) + "\n", cancellationToken);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Call.Sink.Warning($"The summary could not be written to {summary}: {exception.Message}");
        }
    }
}
