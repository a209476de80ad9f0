using Maintenance.Engine.Tasks;

namespace Maintenance.Engine.Backup.Drill;

/// <summary>
/// What people are told of drills and of verified backups. Only what was measured is an emergency: that something could not be found
/// out is in the summary, as unknown. Pure.
/// </summary>
internal static class RecoveryMessages
{
    /// <summary>How many findings a message names.</summary>
    private const int Most = 10;

    /// <summary>The messages about a drill, the most urgent first.</summary>
    public static IReadOnlyList<NotificationMessage> OfDrill(MaintenanceRun run)
    {
        var verdict = run.Steps.FirstOrDefault(step => step.Name == DrillSteps.Verdict);
        var issues = Issues(run).Where(step => step.Name != DrillSteps.Verdict).ToList();
        return
        [
            .. Emergency(run, $"CRITICAL: The recovery drill of {run.Target} failed"),
            new NotificationMessage
            {
                Severity = run.Status,
                Title = run.Status == HealthStatus.Ok ? $"The recovery drill of {run.Target} passed" : $"The recovery drill of {run.Target} needs attention ({run.Status.ToString().ToLowerInvariant()})",
                Text = string.Join('\n', new[] { verdict?.Message, RunTitle.Lines(issues.Take(Most)), More(issues.Count) }.Where(line => !string.IsNullOrEmpty(line))),
                Fields = [Field(run, "Recovery time", DrillSteps.Time), Field(run, "Recovery point", DrillSteps.Point)],
                Source = run.Task,
            },
        ];
    }

    /// <summary>The messages about verified backups; none where all is well.</summary>
    public static IReadOnlyList<NotificationMessage> OfVerification(MaintenanceRun run)
    {
        var issues = Issues(run);
        return issues.Count == 0
            ? []
            :
            [
                .. Emergency(run, $"CRITICAL: Backups of {run.Target} are missing or damaged"),
                new NotificationMessage { Severity = run.Status, Title = RunTitle.Of(run, issues), Text = $"{RunTitle.Lines(issues.Take(Most))}{More(issues.Count)}", Source = run.Task },
            ];
    }

    private static List<MaintenanceStep> Issues(MaintenanceRun run) =>
        [.. run.Steps.Where(step => step.Status != HealthStatus.Ok).OrderByDescending(step => step.Status)];

    private static IEnumerable<NotificationMessage> Emergency(MaintenanceRun run, string title)
    {
        var failed = run.Findings.Where(finding => finding is { Outcome: FindingOutcome.Fail, Severity: FindingSeverity.Critical }).ToList();
        if (failed.Count > 0)
        {
            yield return new NotificationMessage
            {
                Channel = "Emergency",
                Severity = HealthStatus.Critical,
                Title = title,
                Text = string.Join('\n', failed.Take(Most).Select(finding => $"{finding.Message} {finding.Recommendation}".TrimEnd())) + More(failed.Count),
                Source = run.Task,
            };
        }
    }

    private static string More(int count) => count > Most ? Inspect.Say.Text($"\nAnd {count - Most} more.") : "";

    // The step says the figure first, and what is wanted.
    private static NotificationField Field(MaintenanceRun run, string name, string step) =>
        new(name, run.Steps.FirstOrDefault(known => known.Name == step)?.Message.Split(". ")[0] ?? "unknown");
}
