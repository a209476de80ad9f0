using Maintenance.Engine.Inspect;

namespace Maintenance.Engine.Tasks;

/// <summary>What became of alert rules, as steps of a run. Pure.</summary>
internal static class AlertSteps
{
    /// <summary>The rules were evaluated.</summary>
    public static MaintenanceStep Evaluated(IReadOnlyList<Alert> alerts, string? notAsked, DateTimeOffset startedAt, TimeSpan duration)
    {
        var firing = alerts.Where(alert => alert.State is AlertState.Firing or AlertState.Recovering).ToList();
        var pending = alerts.Where(alert => alert.State == AlertState.Pending && alert.Status == HealthStatus.Warning).ToList();
        var unknown = alerts.Where(alert => alert.Status == HealthStatus.Unknown).ToList();
        string?[] said =
        [
            firing.Count == 0 ? null : $"{Say.Count(firing.Count, "alert fires", "alerts fire")} ({Names(firing)}).",
            pending.Count == 0 ? null : $"{Say.Count(pending.Count, "may fire", "may fire")} soon ({Names(pending)}).",
            unknown.Count == 0 ? null : $"{Say.Count(unknown.Count, "is", "are")} unknown ({Names(unknown)}).",
        ];
        return Step(
            HealthMonitoringTask.RulesStep,
            // That nothing was evaluated is nothing to be calm about.
            alerts.Select(alert => alert.Status).DefaultIfEmpty(HealthStatus.Unknown).Max(),
            string.Join(' ', new[]
            {
                alerts.Count == 0 ? "There is no rule to evaluate." : said.All(part => part is null) ? $"{Say.Count(alerts.Count, "alert is", "alerts are")} quiet." : string.Join(' ', said.OfType<string>()),
                notAsked,
            }.OfType<string>()),
            startedAt,
            duration);
    }

    /// <summary>People were told.</summary>
    public static MaintenanceStep Told(MaintenanceTarget target, IReadOnlyList<Alert> alerts, IReadOnlyList<NotificationResult> results, DateTimeOffset startedAt, TimeSpan duration)
    {
        var due = alerts.Count(alert => alert is { News: not AlertNews.None, Suppressed: null });
        if (target.Channels.Count == 0)
        {
            // That something fires and nobody hears of it is trouble of its own.
            return Step(
                HealthMonitoringTask.TellStep,
                due > 0 ? HealthStatus.Warning : HealthStatus.Ok,
                due > 0 ? $"Nobody was told of {Say.Count(due, "alert", "alerts")}: no channel is configured." : "No channel is configured.",
                startedAt,
                duration) with { State = StepState.Skipped, Recommendation = due > 0 ? "Configure channels in maintenance.json." : null };
        }

        var failed = results.Where(result => result.State != NotificationState.Delivered).ToList();
        var suppressed = alerts.Where(alert => alert.News != AlertNews.None && alert.Suppressed is not null).ToList();
        string?[] said =
        [
            results.Count > failed.Count ? $"Told on {string.Join(", ", results.Except(failed).Select(result => result.Channel))}." : null,
            .. failed.Select(result => result.Message),
            results.Count == 0 ? "There is nothing to tell that was not told before." : null,
            suppressed.Count == 0 ? null : $"Held back: {string.Join("; ", suppressed.Select(alert => $"{alert.Rule} ({alert.Suppressed})"))}.",
        ];
        return Step(HealthMonitoringTask.TellStep, failed.Count == 0 ? HealthStatus.Ok : HealthStatus.Warning, string.Join(' ', said.OfType<string>()), startedAt, duration) with
        {
            State = failed.Count == 0 ? StepState.Done : StepState.Failed,
            Error = failed.FirstOrDefault()?.Error,
            Recommendation = failed.FirstOrDefault()?.Recommendation,
        };
    }

    /// <summary>Runs that were expected were looked for.</summary>
    public static MaintenanceStep Expected(MaintenanceTarget target, IReadOnlyList<Finding> late, DateTimeOffset startedAt, TimeSpan duration) => Step(
        HealthMonitoringTask.ExpectedStep,
        late.Select(finding => finding.Status).DefaultIfEmpty(HealthStatus.Ok).Max(),
        late.Count == 0 ? $"None of {Say.Count(target.Alerts.Expected.Count, "expected task", "expected tasks")} is late." : string.Join(' ', late.Select(finding => finding.Message)),
        startedAt,
        duration) with
    {
        Recommendation = late.Count > 0 ? late[0].Recommendation : null,
    };

    /// <summary>A step that did not reach its end.</summary>
    public static MaintenanceStep Failed(string name, MaintenanceException problem, DateTimeOffset startedAt, TimeSpan duration) =>
        Step(name, HealthStatus.Unknown, problem.Message, startedAt, duration) with { State = StepState.Failed, Error = problem.Code, Recommendation = problem.Recommendation };

    private static string Names(IEnumerable<Alert> alerts) =>
        string.Join(", ", alerts.Select(alert => alert.Value is { } value ? $"{alert.Rule}{Series(alert)} at {Quantities.Text(value, alert.Unit)}{(alert.Window is { } window ? $" in the last {Say.Duration(window)}" : "")}" : $"{alert.Rule}{Series(alert)}"));

    private static string Series(Alert alert) => alert.Series.Length == 0 ? "" : $" of {alert.Series}";

    private static MaintenanceStep Step(string name, HealthStatus status, string message, DateTimeOffset startedAt, TimeSpan duration) => new()
    {
        Name = name,
        State = StepState.Done,
        Status = status,
        Message = RunLog.OneLine(message),
        StartedAt = startedAt,
        Duration = duration,
    };
}
