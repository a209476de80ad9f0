using System.Globalization;
using Maintenance.Engine.Inspect;

namespace Maintenance.Engine.Alerts;

/// <summary>
/// Puts the news of several alerts of one channel into one message, the worst first; into more where there are very many. Each alert is named in one
/// of them: what is told once and never again must not be left out. Pure.
/// </summary>
internal static class AlertMessageBuilder
{
    /// <summary>So many have a line of their own; the others are named, by rule.</summary>
    private const int MostLines = 10;

    /// <summary>So many are in one message: with names of the usual length a quarter of what a webhook takes.</summary>
    private const int MostAtOnce = 100;

    private const int LongestLine = 500;
    private const int LongestName = 150;

    /// <summary>The messages, and which alerts each tells of.</summary>
    /// <param name="channel">Channel to tell it on.</param>
    /// <param name="alerts">Alerts with news, of one target.</param>
    /// <param name="title">Title; null for one made of the alerts.</param>
    public static IReadOnlyList<(NotificationMessage Message, IReadOnlyList<Alert> Alerts)> Of(string channel, IReadOnlyList<Alert> alerts, string? title)
    {
        var sorted = alerts.OrderByDescending(Severity).ThenBy(alert => alert.Rule, StringComparer.OrdinalIgnoreCase).ThenBy(alert => alert.Series, StringComparer.Ordinal).ToList();
        var parts = sorted.Chunk(MostAtOnce).ToList();
        return
        [
            .. parts.Select((part, index) => (new NotificationMessage
            {
                Channel = channel,
                Severity = part.Max(Severity),
                Title = (title ?? Title(part)) + (parts.Count > 1 ? string.Create(CultureInfo.InvariantCulture, $" ({index + 1} of {parts.Count} messages)") : ""),
                Text = string.Join('\n', [.. part.Take(MostLines).Select(Line), .. part.Skip(MostLines).GroupBy(alert => (Word: Heading(alert), alert.Rule)).SelectMany(group => Named(group.Key.Word, group.Key.Rule, [.. group]))]),
                Source = sorted is [var only] ? only.Rule : "Alert rules",
            }, (IReadOnlyList<Alert>)part)),
        ];
    }

    // Those of one rule on as few lines as they need.
    private static IEnumerable<string> Named(string word, string rule, IReadOnlyList<Alert> alerts)
    {
        var heading = AlertMessages.OneLine($"{word} {rule}");
        if (alerts is [{ Series.Length: 0 }])
        {
            yield return heading;
            yield break;
        }

        var line = $"{heading}, {Say.Count(alerts.Count, "more", "more")}:";
        foreach (var alert in alerts)
        {
            var name = alert.Series.Length == 0 ? "without labels" : Short(AlertMessages.OneLine(alert.Series));
            if (line.Length + name.Length > LongestLine)
            {
                yield return line;
                line = $"{heading}:";
            }

            line += line.EndsWith(':') ? $" {name}" : $", {name}";
        }

        yield return line;
    }

    private static string Short(string name) => name.Length <= LongestName ? name : name[..(char.IsHighSurrogate(name[LongestName - 2]) ? LongestName - 2 : LongestName - 1)] + "…";

    // What is over is good news, however bad the rule is.
    private static HealthStatus Severity(Alert alert) => alert.News switch
    {
        AlertNews.Resolved => HealthStatus.Ok,
        AlertNews.NoData or AlertNews.Unwatched => HealthStatus.Unknown,
        AlertNews.Flapping => HealthStatus.Warning,
        _ => alert.Status,
    };

    private static string Title(IReadOnlyList<Alert> alerts)
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
                AlertNews.Joined => $"Also: {Subject(only)}",
                AlertNews.Unwatched => $"No longer watched: {Subject(only)}",
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
        AlertNews.Unwatched => "no longer watched",
        AlertNews.Joined => "with more that failed",
        _ => "escalated",
    };

    private static string Line(Alert alert) => AlertMessages.OneLine(Text(alert));

    private static string Text(Alert alert)
    {
        var runbook = alert.Runbook is { } address && alert.News != AlertNews.Resolved ? $" {address.AbsoluteUri}" : "";
        var since = $"since {alert.Since.UtcDateTime:yyyy-MM-dd HH:mm'Z'}";
        return alert.News switch
        {
            AlertNews.Flapping => $"{Heading(alert)} {Subject(alert)}: {alert.Message} Nothing more is told until it is steady.{runbook}",
            AlertNews.Joined when alert.Also.Count > 0 => $"{Heading(alert)} {Subject(alert)}: new is: {string.Join(' ', alert.Also)} In all: {alert.Message}{runbook}",
            AlertNews.Repeated => $"{Heading(alert)} {Subject(alert)}, {since}: {alert.Message}{runbook}",
            AlertNews.Escalated => $"{Heading(alert)} {Subject(alert)}, {since}: {alert.Message} It is not over after {Say.Duration(alert.CollectedAt - alert.Since)}: it is told on a second channel as well.{runbook}",
            _ => $"{Heading(alert)} {Subject(alert)}: {alert.Message}{runbook}",
        };
    }

    private static string Heading(Alert alert) => alert.News switch
    {
        AlertNews.Resolved => "OVER",
        AlertNews.Flapping => "COMES AND GOES",
        AlertNews.Repeated or AlertNews.Escalated => $"STILL {alert.Status.ToString().ToUpperInvariant()}",
        AlertNews.Unwatched => "NO LONGER WATCHED",
        AlertNews.Joined => $"ALSO {alert.Status.ToString().ToUpperInvariant()}",
        _ => alert.Status.ToString().ToUpperInvariant(),
    };
}
