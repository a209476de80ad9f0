using System.Globalization;
using Maintenance.Engine.Inspect;

namespace Maintenance.Engine.Alerts;

/// <summary>The one message a day that tells how everything stands, also when all is well: that none comes is news, too. Pure.</summary>
internal static class AlertDigest
{
    /// <summary>It goes where warnings go.</summary>
    public const string Channel = "Default";

    private const int MostLines = 20;

    /// <summary>Under this key it is remembered when it was told last. No rule has such a name.</summary>
    public static readonly AlertKey Key = new("\u001Fdigest", "");

    /// <summary>Whether it is due, and what is remembered of it: new where nobody has looked before; null where none is wanted.</summary>
    /// <param name="policy">What the configuration says.</param>
    /// <param name="memory">What is remembered.</param>
    /// <param name="now">The time.</param>
    public static (bool IsDue, AlertMemory? Memory) At(AlertPolicy policy, AlertMemory? memory, DateTimeOffset now)
    {
        if (policy.Digest is not { } time)
        {
            return (false, null);
        }

        var today = new DateTimeOffset(DateOnly.FromDateTime(now.UtcDateTime).ToDateTime(time), TimeSpan.Zero);
        var due = now >= today ? today : today.AddDays(-1);
        // On the first day it is due only once its time has come: before, there was nobody to miss it.
        memory ??= AlertMachine.Begin(Key, now >= today ? today.AddSeconds(-1) : now);
        return ((memory.ToldAt ?? memory.Since) < due, memory);
    }

    /// <summary>The message.</summary>
    /// <param name="situation">The rules, the silences and the time.</param>
    /// <param name="alerts">The alerts that were evaluated just now.</param>
    /// <param name="memories">Where all alerts stand.</param>
    /// <param name="missed">Runs that did not happen.</param>
    /// <param name="channel">Channel to tell it on.</param>
    public static NotificationMessage Of(
        AlertSituation situation, IReadOnlyList<Alert> alerts, IReadOnlyDictionary<AlertKey, AlertMemory> memories, IReadOnlyList<Finding> missed, string channel)
    {
        var watched = situation.Rules.Where(rule => rule.IsEnabled).ToList();
        var seen = memories.Keys.Select(key => key.Rule).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var latest = alerts.ToLookup(alert => new AlertKey(alert.Rule, alert.Series));
        var lines = watched
            .Join(memories.Values, rule => rule.Name, memory => memory.Key.Rule, (rule, memory) => (Rule: rule, Memory: memory), StringComparer.OrdinalIgnoreCase)
            .Where(one => one.Memory.State != AlertState.Inactive)
            .Select(one => (Status: Status(one.Rule, one.Memory), Text: Line(situation, one.Rule, one.Memory, latest[one.Memory.Key].FirstOrDefault())))
            .Concat(watched.Where(rule => !seen.Contains(rule.Name))
                .Select(rule => (Status: HealthStatus.Unknown, Text: $"NEVER LOOKED AT {rule.Name}: nobody has evaluated it yet.")))
            .Concat(missed.Select(finding => (finding.Status, Text: $"{finding.Status.ToString().ToUpperInvariant()} {finding.Message}")))
            .OrderByDescending(line => line.Status)
            .ToList();
        var counts = lines.Where(line => line.Status != HealthStatus.Ok).GroupBy(line => line.Status).OrderByDescending(group => group.Key).Select(group => Say.Text($"{group.Count()} {group.Key}"));
        var evaluated = alerts.Count > 0 ? $"last evaluation {Time(alerts.Max(alert => alert.CollectedAt))}" : "none was evaluated just now";
        var silences = situation.Silences.Where(silence => silence.From <= situation.Now && situation.Now < silence.Until).Select(silence => $"{silence.Rule} is {AlertSilences.Describe(silence)}");
        return new NotificationMessage
        {
            Channel = channel,
            Severity = lines.Select(line => line.Status).DefaultIfEmpty(HealthStatus.Ok).Max(),
            Title = lines.Count == 0 ? $"Daily digest: nothing fires; {Say.Count(watched.Count, "rule", "rules")} watched" : $"Daily digest: {string.Join(", ", counts)}",
            Text = string.Join('\n',
            [
                .. lines.Take(MostLines).Select(line => AlertMessages.OneLine(line.Text)),
                .. lines.Count > MostLines ? [string.Create(CultureInfo.InvariantCulture, $"… and {lines.Count - MostLines} more")] : Array.Empty<string>(),
                .. silences.Select(AlertMessages.OneLine),
                $"{Say.Count(watched.Count, "rule", "rules")} watched, {evaluated}.",
            ]),
            Source = "Daily digest",
        };
    }

    private static HealthStatus Status(AlertRule rule, AlertMemory memory) => memory.State switch
    {
        AlertState.NoData => HealthStatus.Unknown,
        AlertState.Pending => HealthStatus.Warning,
        _ => rule.Severity == AlertSeverity.Critical ? HealthStatus.Critical : HealthStatus.Warning,
    };

    private static string Line(AlertSituation situation, AlertRule rule, AlertMemory memory, Alert? alert)
    {
        var subject = memory.Key.Series.Length > 0 ? $"{rule.Name} ({memory.Key.Series})" : rule.Name;
        var silence = AlertSilences.For(situation.Silences, rule.Name, situation.Now) is { } held ? $" It is {AlertSilences.Describe(held)}." : "";
        var word = memory.State == AlertState.Pending ? "MAY FIRE" : Status(rule, memory).ToString().ToUpperInvariant();
        return $"{word} {subject}, since {Time(memory.Since)}: {alert?.Message ?? rule.Message.TrimEnd('.') + "."}{silence}";
    }

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture);
}
