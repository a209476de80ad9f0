using Maintenance.Engine.Thresholds;

namespace Maintenance.Engine.Alerts;

/// <summary>Looks at values with all rules. Pure.</summary>
internal static class AlertEvaluator
{
    /// <summary>Evaluates.</summary>
    /// <param name="situation">What it has to know.</param>
    /// <param name="metrics">The values.</param>
    /// <param name="memories">What is remembered of each alert.</param>
    /// <param name="isComplete">Whether the values are all that is known of the target: a metric that is not among them has no data. Otherwise its rules are left alone.</param>
    public static IReadOnlyList<AlertOutcome> Evaluate(
        AlertSituation situation, IReadOnlyList<Metric> metrics, IReadOnlyDictionary<AlertKey, AlertMemory> memories, bool isComplete)
    {
        var byName = metrics.ToLookup(metric => ThresholdCatalogue.Find(metric.Name)?.Metric ?? metric.Name, StringComparer.OrdinalIgnoreCase);
        var known = memories.Keys.ToLookup(key => key.Rule, StringComparer.OrdinalIgnoreCase);
        var outcomes = new List<AlertOutcome>();
        foreach (var rule in situation.Rules.Where(rule => rule.IsEnabled))
        {
            var seen = new HashSet<string>(StringComparer.Ordinal);
            // Of several values of one series the newest counts.
            foreach (var metric in byName[rule.Metric].Where(metric => AlertSeries.Matches(rule, metric)).OrderByDescending(metric => metric.ObservedAt))
            {
                if (seen.Add(AlertSeries.Of(metric.Labels)))
                {
                    outcomes.Add(Next(situation, rule, metric, memories));
                }
            }

            if (isComplete)
            {
                // Whoever has labels is known by having been seen; a metric that was never seen has none.
                var missing = known[rule.Name].Select(key => key.Series).Where(series => !seen.Contains(series)).ToList();
                if (missing.Count == 0 && seen.Count == 0)
                {
                    missing.Add("");
                }

                outcomes.AddRange(missing.Select(series => Next(situation, rule, series, null, memories)));
            }
        }

        return Inhibited(situation, outcomes);
    }

    private static AlertOutcome Next(AlertSituation situation, AlertRule rule, Metric metric, IReadOnlyDictionary<AlertKey, AlertMemory> memories) =>
        Next(situation, rule, AlertSeries.Of(metric.Labels), metric, memories);

    private static AlertOutcome Next(AlertSituation situation, AlertRule rule, string series, Metric? metric, IReadOnlyDictionary<AlertKey, AlertMemory> memories)
    {
        var key = new AlertKey(rule.Name, series);
        var before = memories.GetValueOrDefault(key) ?? AlertMachine.Begin(key, situation.Now);
        metric = metric is null ? null : AlertSeries.InUnitOf(rule, metric);
        var value = metric?.Value is { } number && double.IsFinite(number) ? metric.Value : null;
        var isOld = value is not null && AlertMachine.IsOld(before, metric!.ObservedAt);
        var after = AlertMachine.Next(rule, before, value, metric?.ObservedAt ?? situation.Now, situation.Now);
        return new AlertOutcome(before, after, new Alert
        {
            Target = situation.Target.Name,
            Rule = rule.Name,
            Definition = rule,
            Metric = rule.Metric,
            Series = series,
            State = after.State,
            PreviousState = before.State,
            Since = after.Since,
            Severity = rule.Severity,
            Value = value,
            Window = value is null ? null : metric!.Window,
            Threshold = rule.Threshold,
            Unit = rule.Unit,
            Message = AlertMessages.Of(rule, after, situation.Target.Name, metric, situation.Now) + (isOld ? " A newer value was looked at before, and counts." : ""),
            Runbook = rule.Runbook,
            News = AlertNotices.Of(rule, after, situation.Target.Alerts, situation.Now),
            IsFlapping = after.IsFlapping,
            CollectedAt = situation.Now,
        });
    }

    // Who knows that it is critical need not be told that it is a warning as well. It is told when only the warning is left.
    private static List<AlertOutcome> Inhibited(AlertSituation situation, List<AlertOutcome> outcomes)
    {
        // That nobody knows the value is told once as well, by the critical rule.
        var critical = outcomes
            .Where(outcome => outcome.Alert is { Severity: AlertSeverity.Critical, State: AlertState.Firing or AlertState.Recovering or AlertState.NoData })
            .ToLookup(outcome => Matter(outcome.Alert), outcome => outcome.Alert.Rule);
        return
        [
            .. outcomes.Select(outcome =>
            {
                var inhibitor = outcome.Alert.Severity == AlertSeverity.Warning ? critical[Matter(outcome.Alert)].FirstOrDefault() : null;
                return outcome with
                {
                    Alert = outcome.Alert with { InhibitedBy = inhibitor, Suppressed = outcome.Alert.News == AlertNews.None ? null : Suppressed(situation, outcome.Alert, inhibitor) },
                };
            }),
        ];
    }

    private static (string Metric, string Series, bool IsWithoutData) Matter(Alert alert) => (alert.Metric.ToUpperInvariant(), alert.Series, alert.State == AlertState.NoData);

    private static string? Suppressed(AlertSituation situation, Alert alert, string? inhibitor) =>
        inhibitor is not null && alert.News != AlertNews.Resolved ? $"{inhibitor} {(alert.News == AlertNews.NoData ? "tells of it" : "fires")}"
        : AlertSilences.For(situation.Silences, alert.Rule, situation.Now) is { } silence ? AlertSilences.Describe(silence)
        : situation.Window;
}
