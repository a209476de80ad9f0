using System.Globalization;
using Maintenance.Engine.Tasks;

namespace Maintenance.Engine.Maintain;

/// <summary>What people are told of database maintenance: what was done, and everything that was not. Pure.</summary>
internal static class MaintenanceMessages
{
    /// <summary>The messages.</summary>
    public static IReadOnlyList<NotificationMessage> Of(MaintenanceRun run)
    {
        var issues = run.Steps.Where(step => step.Status != HealthStatus.Ok).OrderByDescending(step => step.Status).ToList();
        return
        [
            new NotificationMessage
            {
                Severity = run.Status,
                Title = RunTitle.Of(run, issues),
                Text = RunTitle.Lines(issues),
                Fields =
                [
                    new NotificationField("Done", Count(run, StepState.Done)),
                    new NotificationField("Put off", Count(run, StepState.Deferred)),
                    new NotificationField("Failed", Count(run, StepState.Failed)),
                    new NotificationField("Given back", string.Create(CultureInfo.InvariantCulture, $"{run.Actions.Where(action => action.State == StepState.Done).Sum(action => Math.Max(0, action.Reclaimed ?? 0)) / 1048576.0:0.0} MB")),
                ],
                Source = run.Task,
            },
        ];
    }

    private static string Count(MaintenanceRun run, StepState state) =>
        run.Actions.Count(action => action.State == state).ToString(CultureInfo.InvariantCulture);
}
