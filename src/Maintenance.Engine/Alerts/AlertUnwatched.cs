using Maintenance.Engine.Health;
using Maintenance.Engine.Inspect;
using Maintenance.Engine.Thresholds;

namespace Maintenance.Engine.Alerts;

/// <summary>What nothing watches any more, and of which there is still something to tell: it ends, once, and people hear that. Pure.</summary>
internal static class AlertUnwatched
{
    /// <summary>A rule that was given with a call, and by none for so long, is given up (ours: it may be a pipeline that runs once a day).</summary>
    public static readonly TimeSpan GivenFor = TimeSpan.FromHours(25);

    /// <summary>What ends of the alerts whose rules are looked at no more.</summary>
    /// <param name="situation">The situation; nothing ends where it does not know the rules in force.</param>
    /// <param name="memories">What is remembered.</param>
    public static IEnumerable<AlertOutcome> Of(AlertSituation situation, IReadOnlyDictionary<AlertKey, AlertMemory> memories)
    {
        if (situation.InForce is not { } inForce)
        {
            return [];
        }

        var watched = inForce.Concat(situation.Rules).Where(rule => rule.IsEnabled).Select(rule => rule.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return memories.Values
            .Where(memory => IsOpen(memory) && memory.Key != AlertDigest.Key && !watched.Contains(memory.Key.Rule))
            .Where(memory => !IsStillGiven(memory, situation.Now))
            .OrderBy(memory => memory.Key.Rule, StringComparer.OrdinalIgnoreCase)
            .Select(memory => End(situation, memory, memory.IsGiven
                ? $"it came with -Rule of a call, and no call has brought it for {Say.Duration(GivenFor)}"
                : "it was removed from the configuration, or switched off"));
    }

    /// <summary>Whether there is anything to tell of an alert.</summary>
    public static bool IsOpen(AlertMemory memory) => memory.State != AlertState.Inactive || memory.Told != AlertTold.Nothing;

    /// <summary>Whether a rule in no configuration may still be given again.</summary>
    public static bool IsStillGiven(AlertMemory memory, DateTimeOffset now) => memory.IsGiven && now - (memory.ObservedAt ?? memory.Since) < GivenFor;

    /// <summary>Why nothing watches a series of a rule that is looked at; null if it is only missing.</summary>
    /// <param name="situation">The situation.</param>
    /// <param name="rule">The rule.</param>
    /// <param name="series">The series, of which there is no value.</param>
    /// <param name="hasOthers">Whether there are values of other series.</param>
    public static string? Why(AlertSituation situation, AlertRule rule, string series, bool hasOthers) =>
        // Before its first value nobody knew that the metric has labels.
        series.Length == 0 ? hasOthers ? "its metric is known by its labels now" : null
        : !AlertSeries.HasLabels(rule, series) ? "the rule has other labels now"
        : situation.Target.ExcludedComponents.FirstOrDefault(part => AlertSeries.Of(new Dictionary<string, string> { [HealthComponents.Label] = part }).Equals(series, StringComparison.OrdinalIgnoreCase)) is { } excluded
            ? $"{excluded} is excluded (excludedComponents)"
        : null;

    /// <summary>The rules whose values were not asked for on purpose, and the parts of the system that were left out.</summary>
    public static (IReadOnlyList<string> Rules, IReadOnlyList<string> Parts) NotAsked(MaintenanceTarget target, IReadOnlyList<AlertRule> rules, IReadOnlyList<Metric> metrics)
    {
        var measured = metrics.Select(metric => ThresholdCatalogue.Find(metric.Name)?.Metric ?? metric.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var left = rules.Where(rule => rule.IsEnabled && !measured.Contains(rule.Metric)).Select(rule => (rule.Name, Parts: HealthComponents.ExcludedSources(target, rule.Metric))).Where(rule => rule.Parts.Count > 0).ToList();
        return ([.. left.Select(rule => rule.Name)], [.. left.SelectMany(rule => rule.Parts).Distinct()]);
    }

    /// <summary>One of which there is something to tell, whose values are not asked for any more: it stays what it is, and is no news.</summary>
    public static AlertOutcome NotAsked(AlertSituation situation, AlertRule rule, AlertMemory memory, IReadOnlyList<string> excluded) => new(memory, memory, Of(
        situation,
        rule,
        memory,
        memory,
        $"{rule.Metric} is not asked for: {string.Join(", ", excluded)} {(excluded.Count == 1 ? "is" : "are")} excluded (excludedComponents). Where it stood before, it stays, and nobody is told",
        AlertNews.None) with
    {
        IsFlapping = memory.IsFlapping,
    });

    /// <summary>The end of one.</summary>
    public static AlertOutcome End(AlertSituation situation, AlertMemory before, string why, AlertRule? rule = null)
    {
        rule ??= AlertRules.Defined(before);
        var after = AlertMachine.End(before, situation.Now);
        var news = AlertNotices.Of(rule, after, situation.Target.Alerts, situation.Now);
        return new AlertOutcome(before, after, Of(situation, rule, before, after, $"{rule.Name} is no longer watched: {why}. Nobody looks any more whether this is over", news));
    }

    private static Alert Of(AlertSituation situation, AlertRule rule, AlertMemory before, AlertMemory after, string what, AlertNews news) => new()
    {
        Target = situation.Target.Name,
        Rule = rule.Name,
        Definition = rule,
        Metric = rule.Metric,
        Series = before.Key.Series,
        State = after.State,
        PreviousState = before.State,
        Since = after.Since,
        Severity = rule.Severity,
        Threshold = rule.Threshold,
        Unit = rule.Unit,
        Message = AlertMessages.OneLine($"{what}: {AlertMessages.WithoutValue(rule, situation.Target.Name, before.Key.Series)}."),
        News = news,
        CollectedAt = situation.Now,
    };
}
