using Maintenance.Engine.Health;
using Maintenance.Engine.Inspect;
using Maintenance.Engine.Thresholds;

namespace Maintenance.Engine.Alerts;

/// <summary>Looks at values with all rules. Pure.</summary>
internal static class AlertEvaluator
{
    /// <summary>So far ahead of ours another machine's clock may be (ours).</summary>
    private static readonly TimeSpan MostAhead = TimeSpan.FromMinutes(5);

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

            // What is not asked for on purpose is no gap: nothing begins because of it, and nothing that is there ends.
            if (isComplete && seen.Count == 0 && HealthComponents.ExcludedSources(situation.Target, rule.Metric) is { Count: > 0 } excluded)
            {
                outcomes.AddRange(known[rule.Name].Where(key => AlertUnwatched.IsOpen(memories[key])).Select(key => AlertUnwatched.NotAsked(situation, rule, memories[key], excluded)));
            }
            else if (isComplete)
            {
                // Whoever has labels is known by having been seen; a metric that was never seen has none.
                foreach (var key in known[rule.Name].Where(key => !seen.Contains(key.Series)))
                {
                    if (AlertUnwatched.Why(situation, rule, key.Series, seen.Count > 0) is not { } why)
                    {
                        outcomes.Add(Next(situation, rule, key.Series, null, memories));
                        seen.Add(key.Series);
                    }
                    else if (AlertUnwatched.IsOpen(memories[key]))
                    {
                        outcomes.Add(AlertUnwatched.End(situation, memories[key], why, rule));
                    }
                }

                if (seen.Count == 0)
                {
                    outcomes.Add(Next(situation, rule, "", null, memories));
                }
            }
        }

        return Inhibited(situation, [.. outcomes, .. AlertUnwatched.Of(situation, memories)]);
    }

    private static AlertOutcome Next(AlertSituation situation, AlertRule rule, Metric metric, IReadOnlyDictionary<AlertKey, AlertMemory> memories) =>
        Next(situation, rule, AlertSeries.Of(metric.Labels), metric, memories);

    private static AlertOutcome Next(AlertSituation situation, AlertRule rule, string series, Metric? metric, IReadOnlyDictionary<AlertKey, AlertMemory> memories)
    {
        var key = new AlertKey(rule.Name, series);
        var before = memories.GetValueOrDefault(key) ?? AlertMachine.Begin(key, situation.Now);
        metric = metric is null ? null : Possible(situation, Fresh(situation, before, AlertSeries.InUnitOf(rule, metric)));
        var judged = AlertValue.Of(rule, before.State, metric);
        var isOld = judged.Number is not null && AlertMachine.IsOld(before, metric!.ObservedAt);
        var given = judged;
        var after = AlertMachine.Next(rule, before, judged.Number, metric?.ObservedAt ?? situation.Now, situation.Now);
        after = after with
        {
            Value = judged.Number is null || isOld ? before.Value : judged.Bound is null ? judged.Number : null,
            // Whoever finds the rule gone has to know what there is to end.
            Definition = AlertUnwatched.IsOpen(after) ? AlertRules.Definition(rule) : null,
            IsGiven = rule.Source == AlertRules.Pipeline,
            Causes = AlertUnwatched.IsOpen(after) ? AlertCauses.Of(metric, isOld ? null : judged.Number) ?? after.Causes : null,
        };
        if (isOld)
        {
            // What counts is shown, not what came too late.
            judged = after.NoDataSince is null && after.Value is { } counts ? new AlertValue(counts, null) : default;
            metric = metric! with { Reason = "only an older value was given", Details = null, Window = null };
        }

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
            Value = judged.Bound is null ? judged.Number : null,
            Bound = judged.Bound is null ? null : judged.Number,
            Window = judged.Number is null ? null : metric?.Window,
            Threshold = rule.Threshold,
            Unit = rule.Unit,
            Message = AlertMessages.Of(rule, after, situation.Target.Name, metric, judged, situation.Now) + (isOld ? AlertMessages.TooLate(rule, given, metric!.ObservedAt, before.ObservedAt!.Value) : ""),
            Runbook = rule.Runbook,
            News = AlertNotices.Of(rule, after, situation.Target.Alerts, situation.Now),
            Also = [.. AlertCauses.Joined(after).Select(cause => metric?.Causes.GetValueOrDefault(cause)).OfType<string>()],
            IsFlapping = after.IsFlapping,
            CollectedAt = situation.Now,
        })
        {
            ExplainedBy = judged.Number is null || rule.Metric == HealthComponents.CoverageMetric ? metric?.ExplainedBy : null,
        };
    }

    // What was measured long ago says nothing about now, neither that it is well nor that it is over.
    private static Metric Fresh(AlertSituation situation, AlertMemory before, Metric metric)
    {
        var longest = situation.Target.Alerts.MaximumAge;
        var newest = before.ObservedAt > metric.ObservedAt ? before.ObservedAt.Value : metric.ObservedAt;
        return longest <= TimeSpan.Zero || situation.Now - newest <= longest || (metric.Value ?? metric.AtLeast ?? metric.AtMost) is null ? metric : metric with
        {
            Value = null,
            AtLeast = null,
            AtMost = null,
            Reason = $"it was measured {Say.Duration(situation.Now - newest)} ago, and what is older than {Say.Duration(longest)} (alerts.maximumAge) says nothing about now",
        };
    }

    // Clocks differ by a little; what was measured tomorrow, or cannot be, was not measured.
    private static Metric Possible(AlertSituation situation, Metric metric)
    {
        if ((metric.Value ?? metric.AtLeast ?? metric.AtMost) is null)
        {
            return metric;
        }

        var why = metric.ObservedAt - situation.Now > MostAhead ? Say.Text($"it is said to be measured at {metric.ObservedAt.UtcDateTime:yyyy-MM-dd HH:mm'Z'}, which is yet to come")
            : metric.Value is { } value && AlertMetrics.WhyImpossible(metric.Name, metric.Unit, value) is { } impossible ? $"it was given as {Quantities.Text(value, metric.Unit)}, which is {impossible}"
            : null;
        return why is null ? metric : metric with { Value = null, AtLeast = null, AtMost = null, Reason = why };
    }

    // Who knows that it is critical need not be told that it is a warning as well. It is told when only the warning is left.
    private static List<AlertOutcome> Inhibited(AlertSituation situation, List<AlertOutcome> outcomes)
    {
        // That nobody knows the value is told once as well, by the critical rule.
        var critical = outcomes
            // One that comes and goes was told as that: in its pauses, too, the warning is no news.
            .Where(outcome => outcome.Alert is { Severity: AlertSeverity.Critical } and ({ State: AlertState.Firing or AlertState.Recovering or AlertState.NoData } or { IsFlapping: true }))
            .ToLookup(outcome => Matter(outcome.Alert), outcome => outcome.Alert);
        var parts = outcomes
            .Where(outcome => outcome.Alert is { Metric: HealthComponents.StatusMetric or HealthComponents.CoverageMetric, State: AlertState.Firing or AlertState.Recovering })
            .OrderByDescending(outcome => outcome.Alert.Severity)
            .ToLookup(outcome => outcome.Alert.Series, outcome => outcome.Alert, StringComparer.OrdinalIgnoreCase);
        return
        [
            .. outcomes.Select(outcome =>
            {
                var inhibitor = outcome.Alert.Severity == AlertSeverity.Warning ? critical[Matter(outcome.Alert)].FirstOrDefault() : null;
                // What is behind it is told by the part that is in trouble: once, and not for each figure that is unknown for it.
                inhibitor ??= outcome.ExplainedBy is { } part
                    ? parts[AlertSeries.Of(new Dictionary<string, string> { [HealthComponents.Label] = part })].FirstOrDefault(one => one.Series != outcome.Alert.Series && one.Severity >= outcome.Alert.Severity)
                    : null;
                return outcome with
                {
                    Alert = outcome.Alert with { InhibitedBy = inhibitor?.Rule, Suppressed = outcome.Alert.News == AlertNews.None ? null : Suppressed(situation, outcome.Alert, inhibitor) },
                };
            }),
        ];
    }

    private static (string Metric, string Series, bool IsWithoutData) Matter(Alert alert) => (alert.Metric.ToUpperInvariant(), alert.Series, alert.State == AlertState.NoData);

    private static string? Suppressed(AlertSituation situation, Alert alert, Alert? inhibitor) =>
        inhibitor is not null && alert.News is not (AlertNews.Resolved or AlertNews.Unwatched)
            ? $"{inhibitor.Rule}{(inhibitor.Series.Length > 0 && inhibitor.Series != alert.Series ? $" of {inhibitor.Series}" : "")} {(alert.News == AlertNews.NoData ? "tells of it" : inhibitor.IsFlapping ? "comes and goes" : "fires")}"
        : AlertSilences.For(situation.Silences, alert.Rule, situation.Now) is { } silence ? AlertSilences.Describe(silence)
        : situation.Window;
}
