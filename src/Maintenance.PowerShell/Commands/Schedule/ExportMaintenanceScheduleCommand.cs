using System.Management.Automation;
using Maintenance.Completion;
using Maintenance.Infrastructure;
using IoPath = System.IO.Path;

namespace Maintenance.Commands;

/// <summary>Writes the schedule for another scheduler: Azure Pipelines, GitHub Actions, cron, systemd or Kubernetes.</summary>
/// <remarks>
/// <para>Use it where something else than Start-MaintenanceAgent is to start the tasks. It writes the tasks that are piped in, or all that are
/// enabled of the target; each file says at its head what it needs. Without -Path the text is the output.</para>
/// <para>Every entry starts at all times of the schedule. Where a scheduler cannot say them exactly (an nth weekday, a time zone with summer time), it
/// starts more often, and the task is run with -WhenDue, which does nothing unless its time has come. That takes a history which outlives the
/// machine the task runs on (history.kind Postgres for hosted agents and pods).</para>
/// <para>AzurePipelines and GitHubActions count in UTC, have a job for each task, start runs by hand too, keep the files of a run, and show its summary. What comes every
/// few minutes starts every 15 min or less often in Azure Pipelines (a pipeline has about 1,000 starts a week) and every 5 min or less often at GitHub, and a warning says
/// how often; another names tasks that may take longer than hosted agents allow. Systemd has time zones, nth weekdays and last days itself; KubernetesCronJob has time zones.</para>
/// <para>The files name each target, and where they are used maintenance.json describes it. A target that came from parameters, the environment or a sandbox is in no such file, so a
/// warning and the head of the file say that it has to be put there.</para>
/// <para>No secret is written: files name the environment variables that carry them (-Secret); those that the shell, the scheduler or the files set themselves (PATH, HOME, MAINTENANCE_CONFIG) are refused. Names of targets and tasks cannot
/// become part of a command, whatever they contain. The exit codes are those of Invoke-MaintenanceTask; where warnings have a form of their own (Azure Pipelines, GitHub,
/// systemd), they are no failure. A line of a crontab prints nothing where its run is Ok, so that cron mails what matters.</para>
/// <para>Privileges: writing to the folder of -Path; none in the database, unless the history is there (Get-MaintenanceHistory). It changes nothing but
/// the files and their folder, and replaces none without -Force.</para>
/// </remarks>
/// <example>
/// <code>Export-MaintenanceSchedule -As AzurePipelines -Path ./azure-pipelines.yml</code>
/// <para>Writes a pipeline with the whole matrix of the connected target.</para>
/// </example>
/// <example>
/// <code>Get-MaintenanceSchedule Backup*, Security* | Export-MaintenanceSchedule -As Cron</code>
/// <para>Shows the lines of a crontab for some of the tasks.</para>
/// </example>
/// <example>
/// <code>Get-MaintenanceTarget | Export-MaintenanceSchedule -As Systemd -Path /etc/systemd/system -WhatIf</code>
/// <para>Shows which units would be written for all connected targets.</para>
/// </example>
/// <example>
/// <code>Export-MaintenanceSchedule -As KubernetesCronJob -Secret PGPASSWORD, SLACK_WEBHOOK_URL -Path ./cronjobs.yml -Force -PassThru</code>
/// <para>Writes the CronJobs anew, with two secrets, and gives the file.</para>
/// </example>
/// <seealso cref="GetMaintenanceScheduleCommand"/>
/// <seealso cref="StartMaintenanceAgentCommand"/>
/// <seealso cref="InvokeMaintenanceTaskCommand"/>
[Cmdlet(VerbsData.Export, "MaintenanceSchedule", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low, DefaultParameterSetName = TargetSet)]
[OutputType(typeof(string), typeof(FileInfo))]
public sealed class ExportMaintenanceScheduleCommand : MaintenanceCmdlet
{
    private const string TargetSet = "Target";
    private const string TaskSet = "Task";

    private readonly List<ScheduledTask> _tasks = [];
    private readonly List<MaintenanceTarget> _targets = [];

    /// <summary>The scheduler to write for.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    public ScheduleFormat As { get; set; }

    /// <summary>
    /// The file, or a folder (one that is there, or ends in a slash) to put the files into under their usual names; Systemd has many and wants a folder. What is not there yet is made.
    /// Default: none, the text is the output.
    /// </summary>
    [Parameter(Position = 1)]
    [Alias("LiteralPath")]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>What is scheduled, from Get-MaintenanceSchedule. Default: all that is enabled of the target.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = TaskSet)]
    [ValidateNotNull]
    [Kept]
    public ScheduledTask[] InputObject { get; set; } = [];

    /// <summary>The maintained systems: names of connected targets, or targets. Default: the one connected last.</summary>
    [Parameter(ValueFromPipeline = true, ParameterSetName = TargetSet)]
    [ArgumentCompleter(typeof(TargetCompleter))]
    [ValidateNotNullOrEmpty]
    public TargetArgument[]? Target { get; set; }

    /// <summary>Names of the environment variables that secrets are in, as the files are to pass them on. Default: those that the configuration of the connected targets refers to.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(EnvironmentVariableCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Secret { get; set; }

    /// <summary>Replaces files that are there.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Gives the files that were written.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        if (ParameterSetName == TaskSet)
        {
            _tasks.AddRange(InputObject);
            foreach (var task in InputObject)
            {
                Learn(new TargetArgument(task.Target).Find(Session));
            }

            return;
        }

        foreach (var argument in Session.OrCurrent(Target))
        {
            try
            {
                var target = argument.Resolve(Session);
                _tasks.AddRange(await Engine.Schedules.ListAsync(target, 1, Call, cancellationToken));
                Learn(target);
            }
            catch (MaintenanceException exception) when (!cancellationToken.IsCancellationRequested)
            {
                await WriteErrorAsync(exception, argument.Name);
            }
        }
    }

    /// <inheritdoc/>
    protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        if (!_tasks.Any(task => task.Enabled))
        {
            Call.Sink.Warning("Nothing is scheduled, so nothing was written.");
            return;
        }

        var export = Engine.Schedules.Export(_tasks, As, _targets, Secret);
        foreach (var note in export.Notes)
        {
            Call.Sink.Warning(note);
        }

        foreach (var file in export.Files)
        {
            if (Path is null)
            {
                await WriteObjectAsync(file.Text);
            }
            else
            {
                await WriteAsync(export, file, cancellationToken);
            }
        }
    }

    private async Task WriteAsync(ScheduleExport export, ScheduleFile file, CancellationToken cancellationToken)
    {
        var place = ResolvePath(Path!);
        var isFolder = Directory.Exists(place) || export.Files.Count > 1 || IoPath.EndsInDirectorySeparator(Path!);
        var path = isFolder ? IoPath.Combine(place, file.Name) : place;
        if (!await ShouldProcessAsync(path, "Write the schedule"))
        {
            return;
        }

        ReportFile.MakeFolder(path);
        await ReportFile.WriteAsync(path, file.Text, Force, cancellationToken);
        if (PassThru)
        {
            await WriteFileAsync(path);
        }
    }

    private void Learn(MaintenanceTarget? target)
    {
        if (target is not null)
        {
            _targets.Add(target);
        }
    }
}
