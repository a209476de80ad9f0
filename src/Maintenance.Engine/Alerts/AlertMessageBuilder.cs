using System.Globalization;

namespace Maintenance.Engine.Alerts;

/// <summary>Puts the news of several alerts of one channel into one message, the worst first. Pure.</summary>
internal static class AlertMessageBuilder
{
    private const int MostLines = 10;

    /// <summary>One message.</summary>
    /// <param name="channel">Channel to tell it on.</param>
    /// <param name="alerts">Alerts with news, of one target.</param>
    /// <param name="title">Title; null for one made of the alerts.</param>
    public static NotificationMessage Of(string channel, IReadOnlyList<Alert> alerts, string? title)
    {
        var sorted = alerts.OrderByDescending(Severity).ThenBy(alert => alert.Rule, StringComparer.OrdinalIgnoreCase).ThenBy(alert => alert.Series, StringComparer.Ordinal).ToList();
        var left = sorted.Count - MostLines;
        return new NotificationMessage
        {
            Channel = channel,
            Severity = sorted.Select(Severity).DefaultIfEmpty(HealthStatus.Ok).Max(),
            Title = title ?? Title(sorted),
            Text = string.Join('\n', sorted.Take(MostLines).Select(Line)) + (left > 0 ? string.Create(CultureInfo.InvariantCulture, $"\n… and {left} more") : ""),
            Source = sorted is [var only] ? only.Rule : "Alert rules",
        };
    }

    // What is over is good news, however bad the rule is.
    private static HealthStatus Severity(Alert alert) => alert.News switch
    {
        AlertNews.Resolved => HealthStatus.Ok,
        AlertNews.NoData => HealthStatus.Unknown,
        AlertNews.Flapping => HealthStatus.Warning,
        _ => alert.Status,
    };

    private static string Title(List<Alert> alerts)
    {
        if (alerts is [var only])
        {
            return only.News switch
            {
                AlertNews.Resolved => $"Over: {Subject(only)}",
                AlertNews.NoData => $"Nobody knows: {Subject(only)}",
                AlertNews.Flapping => $"Comes and goes: {Subject(only)}",
                AlertNews.Repeated => $"Still: {Subject(only)}",
                AlertNews.Escalated => $"Still critical: {Subject(only)}",
                _ => $"{only.Severity}: {Subject(only)}",
            };
        }

        var counts = alerts.GroupBy(alert => alert.News).OrderBy(group => group.Key).Select(group => string.Create(CultureInfo.InvariantCulture, $"{group.Count()} {Word(group.Key)}"));
        return $"Alerts: {string.Join(", ", counts)}";
    }

    private static string Subject(Alert alert) => AlertMessages.OneLine(alert.Series.Length > 0 ? $"{alert.Rule} ({alert.Series})" : alert.Rule);

    private static string Word(AlertNews news) => news switch
    {
        AlertNews.Firing => "firing",
        AlertNews.Resolved => "over",
        AlertNews.NoData => "without data",
        AlertNews.Flapping => "coming and going",
        AlertNews.Repeated => "still not well",
        _ => "escalated",
    };

    private static string Line(Alert alert) => AlertMessages.OneLine(Text(alert));

    private static string Text(Alert alert)
    {
        var runbook = alert.Runbook is { } address && alert.News != AlertNews.Resolved ? $" {address.AbsoluteUri}" : "";
        return alert.News switch
        {
            AlertNews.Resolved => $"OVER {Subject(alert)}: {alert.Message}",
            AlertNews.Flapping => $"COMES AND GOES {Subject(alert)}: {alert.Message} Nothing more is told until it is steady.{runbook}",
            AlertNews.Repeated or AlertNews.Escalated => $"STILL {alert.Status.ToString().ToUpperInvariant()} {Subject(alert)}, since {alert.Since.UtcDateTime:yyyy-MM-dd HH:mm'Z'}: {alert.Message}{runbook}",
            _ => $"{alert.Status.ToString().ToUpperInvariant()} {Subject(alert)}: {alert.Message}{runbook}",
        };
    }
}
