namespace Maintenance.Engine.Alerts;

/// <summary>A message, and what counts as told with it.</summary>
/// <param name="Message">The message.</param>
/// <param name="Before">What was remembered of the alerts in it.</param>
/// <param name="Told">What is to be remembered of them once it is sent.</param>
internal sealed record AlertTelling(NotificationMessage Message, IReadOnlyList<AlertMemory> Before, IReadOnlyList<AlertMemory> Told);

/// <summary>What there is to tell people now. Pure.</summary>
internal static class AlertPlan
{
    /// <summary>Puts the news of each channel together, judged by what is remembered now: somebody else may have told it since the alerts were evaluated.</summary>
    /// <param name="target">The target.</param>
    /// <param name="alerts">Alerts as they were evaluated.</param>
    /// <param name="memories">What is remembered.</param>
    /// <param name="channel">Channel to tell all of it on; null for those of the rules.</param>
    /// <param name="title">Title; null for one made of the alerts.</param>
    /// <param name="now">The time.</param>
    public static IReadOnlyList<AlertTelling> Of(
        MaintenanceTarget target, IReadOnlyList<Alert> alerts, IReadOnlyDictionary<AlertKey, AlertMemory> memories, string? channel, string? title, DateTimeOffset now)
    {
        var due = new List<(Alert Alert, AlertMemory? Memory)>();
        foreach (var alert in Due(alerts).DistinctBy(Key))
        {
            var memory = memories.GetValueOrDefault(Key(alert));
            if (memory is null || (memory.State != alert.State && !alert.IsKept))
            {
                // The history knows nothing of the evaluation: it could not be written.
                due.Add((alert, null));
            }
            // Where it stands elsewhere by now, somebody has evaluated it since, and tells what they have seen.
            else if (memory.State == alert.State && AlertNotices.Of(alert.Definition, memory, target.Alerts, now) is var news and not AlertNews.None)
            {
                due.Add((alert with { News = news }, memory));
            }
        }

        return
        [
            .. due.SelectMany(one => Channels(one.Alert, one.Memory).Select((name, index) => (Channel: name, one.Alert, one.Memory, IsFirst: index == 0)))
                .GroupBy(one => one.Channel, StringComparer.OrdinalIgnoreCase)
                .SelectMany(group => AlertMessageBuilder.Of(group.Key, [.. group.Select(one => one.Alert)], title).Select(message =>
                {
                    // It counts as told where it was told on the rule's own channel.
                    var keys = message.Alerts.Select(Key).ToHashSet();
                    var told = group.Where(one => one is { IsFirst: true, Memory: not null } && keys.Contains(Key(one.Alert))).ToList();
                    return new AlertTelling(
                        message.Message, [.. told.Select(one => one.Memory!)], [.. told.Select(one => AlertNotices.Told(one.Memory!, one.Alert.News, now))]);
                })),
        ];

        IReadOnlyList<string> Channels(Alert alert, AlertMemory? memory) => channel is not null ? [channel] : AlertNotices.Channels(alert.Definition, memory, alert.News, target);
    }

    /// <summary>Takes back what was told in vain, unless something else was told since.</summary>
    /// <param name="telling">What was told.</param>
    /// <param name="memories">What is remembered now.</param>
    public static IEnumerable<AlertMemory> TakenBack(AlertTelling telling, IReadOnlyDictionary<AlertKey, AlertMemory> memories)
    {
        foreach (var (before, told) in telling.Before.Zip(telling.Told))
        {
            if (memories.GetValueOrDefault(told.Key) is { } memory && memory.Told == told.Told && memory.ToldAt == told.ToldAt)
            {
                yield return memory.Back(before);
            }
        }
    }

    private static IEnumerable<Alert> Due(IReadOnlyList<Alert> alerts) => alerts.Where(alert => alert is { News: not AlertNews.None, Suppressed: null });

    private static AlertKey Key(Alert alert) => new(alert.Rule, alert.Series);
}
