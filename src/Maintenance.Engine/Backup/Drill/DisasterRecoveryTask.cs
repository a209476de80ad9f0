using Maintenance.Engine.Reporting;
using Maintenance.Engine.Tasks;

namespace Maintenance.Engine.Backup.Drill;

/// <summary>The quarterly rehearsal of a recovery (guide S10): a step for each database and for each objective, and a report for people.</summary>
/// <param name="drills">What does it.</param>
internal sealed class DisasterRecoveryTask(RecoveryDrillService drills) : IMaintenanceTask
{
    /// <summary>Folder of the reports in the artefact store. They are no logs, and no rotation touches them.</summary>
    public const string ReportFolder = "disaster-recovery-tests";

    public string Name => "DisasterRecoveryTest";

    public string Description => "Restores the newest backup of each database into scratch servers, measures how long that takes and what is lost, and reports it.";

    // It reads the backup store and nothing else of the system.
    public bool ChangesSystem => false;

    // The drill has a lock of this machine: what two would fight for is its processors.
    public string? LockName => null;

    public string OverallStep => DrillSteps.Verdict;

    public string Announcement => "Tell the summary on Default, and on Emergency what could not be recovered";

    public string LogFolder => "drill-logs";

    // Guide S10: four to eight hours.
    public TimeSpan DefaultTimeout => TimeSpan.FromHours(8);

    public IReadOnlyList<PlannedStep> Plan(MaintenanceTarget target) =>
    [
        new PlannedStep(DrillSteps.Find, target.BackupStore is { } store ? $"Find the newest backup of each database in {store}" : "Nothing: no backup store is configured"),
        .. target.Backups.Databases.Count > 0
            ? target.Backups.Databases.Select(database => new PlannedStep(DrillSteps.Restore(database), "Restore its newest backup into a scratch server, check it, and remove the server"))
            : [new PlannedStep(DrillSteps.Restore("each database"), "Restore the newest backup of each into a scratch server, check it, and remove the server")],
        new PlannedStep(DrillSteps.Time, $"Add up what a recovery takes; wanted: {DrillText.Objective(target.Recovery.TimeObjective)}"),
        new PlannedStep(DrillSteps.Point, $"Find the oldest state that comes back; wanted: {DrillText.Objective(target.Recovery.PointObjective ?? target.BackupStore?.MaximumAge)}"),
    ];

    // Nobody should approve what cannot be done.
    public IAsyncEnumerable<DbAction> PreviewAsync(TaskContext context)
    {
        RecoveryDrillService.RequireBackups(context.Target);
        return AsyncEnumerable.Empty<DbAction>();
    }

    public async Task<TaskOutcome> RunAsync(TaskContext context, CancellationToken cancellationToken)
    {
        var last = context.Time.GetUtcNow();
        var drill = await drills.RunAsync(
            context.Target,
            new BackupTestOptions(),
            context.Call with { Timeout = context.Deadline.Remaining },
            attempt =>
            {
                var now = context.Time.GetUtcNow();
                context.Report(DrillSteps.Of(attempt, last, now));
                last = now;
            },
            cancellationToken);
        var report = DrillReport.Of(drill);
        return new TaskOutcome(
            [DrillSteps.Found(drill), .. context.Finished, .. DrillSteps.Missing(drill, context.Finished), .. DrillSteps.Judged(drill)],
            DrillSteps.Metrics(drill, context.Target),
            drill.Findings)
        {
            Documents =
            [
                new TaskDocument("DrillReport", ReportFolder, "drill", "html", HtmlReportWriter.Write([report], context.Time.GetUtcNow())),
                new TaskDocument("DrillReport", ReportFolder, "drill", "md", MarkdownReportWriter.Write(report)),
            ],
        };
    }

    public IReadOnlyList<NotificationMessage> MessagesFor(MaintenanceRun run) => RecoveryMessages.OfDrill(run);
}
