using System.Globalization;

namespace Maintenance.Engine.Notify;

/// <summary>Puts what came through a pipeline into one message: the worst first, and what does not fit as a number.</summary>
internal static class MessageBuilder
{
    private const int MostLines = 10;

    /// <summary>One message about several things.</summary>
    /// <param name="channel">Channel to tell it on.</param>
    /// <param name="title">Title; null for one made of what there is.</param>
    /// <param name="items">Findings, healths, runs and other results of this module.</param>
    public static NotificationMessage Of(string channel, string? title, IReadOnlyList<object> items)
    {
        var lines = items.SelectMany(Lines).OrderByDescending(line => line.Status).ToList();
        var worst = lines.Select(line => line.Status).DefaultIfEmpty(HealthStatus.Ok).Max();
        var attention = lines.Where(line => line.Status != HealthStatus.Ok).ToList();
        var shown = (attention.Count > 0 ? attention : lines).Take(MostLines).ToList();
        var left = (attention.Count > 0 ? attention.Count : lines.Count) - shown.Count;
        return new NotificationMessage
        {
            Channel = channel,
            Severity = worst,
            Title = title ?? items switch
            {
                [MaintenanceRun run] => run.Message,
                [SystemHealth health] => health.Score is { } score
                    ? string.Create(CultureInfo.InvariantCulture, $"System health of {health.Target}: {worst}, score {score:0.#} of 100")
                    : $"System health of {health.Target}: {worst}, no score",
                _ when attention.Count == 0 => string.Create(CultureInfo.InvariantCulture, $"{lines.Count} results, all fine"),
                _ => string.Create(CultureInfo.InvariantCulture, $"{attention.Count} of {lines.Count} results need attention, the worst is {worst}"),
            },
            Text = string.Join('\n', shown.Select(line => $"{line.Status.ToString().ToUpperInvariant()} {line.Text}"))
                + (left > 0 ? string.Create(CultureInfo.InvariantCulture, $"\n… and {left} more") : ""),
            Source = "Send-MaintenanceNotification",
        };
    }

    private static IEnumerable<(HealthStatus Status, string Text)> Lines(object item) => item switch
    {
        MaintenanceRun run => run.Steps.Select(step => (step.Status, $"{step.Name}: {step.Message}")),
        SystemHealth health => health.Components.Select(component => (component.Status, $"{component.Name}: {component.Message}"))
            .Concat(health.Findings.Where(finding => finding.Id.StartsWith("FUNCTION-", StringComparison.Ordinal) || finding.Id.StartsWith("HEALTH-", StringComparison.Ordinal))
                .Select(finding => (finding.Status, finding.Message))),
        Finding finding => [(finding.Status, $"{finding.Message}{(finding.Recommendation is { } advice ? $" {advice}" : "")}")],
        // The other results of this module carry the same two properties.
        _ when item.GetType().GetProperty("Status")?.GetValue(item) is HealthStatus status =>
            [(status, item.GetType().GetProperty("Message")?.GetValue(item) as string ?? item.ToString() ?? "")],
        _ => [(HealthStatus.Ok, item.ToString() ?? "")],
    };
}
