using Maintenance.Engine.Inspect;

namespace Maintenance.Engine.Alerts;

/// <summary>A value of a time that is over.</summary>
/// <param name="At">When it was measured.</param>
/// <param name="Value">The value; null where it could not be measured.</param>
internal readonly record struct PastValue(DateTimeOffset At, double? Value);

/// <summary>What a rule would have done with the values of a time that is over. Pure: nothing is remembered, and nobody is told.</summary>
internal static class AlertReplayer
{
    /// <summary>Replays one rule over one series.</summary>
    /// <param name="target">The target.</param>
    /// <param name="rule">The rule.</param>
    /// <param name="series">The metric's labels as one text.</param>
    /// <param name="values">The values, oldest first.</param>
    /// <param name="from">The beginning of the time.</param>
    /// <param name="to">Its end.</param>
    public static AlertReplay Replay(MaintenanceTarget target, AlertRule rule, string series, IReadOnlyList<PastValue> values, DateTimeOffset from, DateTimeOffset to)
    {
        var memory = AlertMachine.Begin(new AlertKey(rule.Name, series), values.Count > 0 ? values[0].At : from);
        var transitions = new List<AlertTransition>();
        var spells = new List<(DateTimeOffset From, DateTimeOffset To)>();
        DateTimeOffset? firingSince = null;
        var (notifications, flapped) = (0, false);
        foreach (var (at, value) in values)
        {
            var before = memory.State;
            memory = AlertMachine.Next(rule, memory, value, at, at);
            if (memory.State != before)
            {
                transitions.Add(Transition(target, rule, series, before, memory.State, value, at));
            }

            if (IsFiring(memory.State))
            {
                firingSince ??= at;
            }
            else if (firingSince is { } since)
            {
                spells.Add((since, at));
                firingSince = null;
            }

            flapped |= memory.IsFlapping;
            var news = AlertNotices.Of(rule, memory, target.Alerts, at);
            notifications += news == AlertNews.None ? 0 : 1;
            memory = AlertNotices.Told(memory, news, at);
        }

        if (firingSince is { } still)
        {
            spells.Add((still, values[^1].At));
        }

        var measured = values.Count(value => value.Value is not null);
        var replay = new AlertReplay
        {
            Target = target.Name,
            Rule = rule.Name,
            Metric = rule.Metric,
            Series = series,
            Severity = rule.Severity,
            From = from,
            To = to,
            Samples = measured,
            Fired = spells.Count,
            FiringTime = spells.Aggregate(TimeSpan.Zero, (sum, spell) => sum + (spell.To - spell.From)),
            LongestFiring = spells.Select(spell => spell.To - spell.From).DefaultIfEmpty().Max(),
            Notifications = notifications,
            IsFlapping = flapped,
            Status = measured == 0 ? HealthStatus.Unknown
                : spells.Count == 0 ? HealthStatus.Ok
                : rule.Severity == AlertSeverity.Critical ? HealthStatus.Critical : HealthStatus.Warning,
            Message = "",
            Transitions = transitions,
        };
        return replay with { Message = Message(replay, rule, values) };
    }

    private static string Message(AlertReplay replay, AlertRule rule, IReadOnlyList<PastValue> values)
    {
        if (replay.Samples == 0)
        {
            return $"The history has no value of {rule.Metric} since {Say.Day(replay.From)}: nobody knows what the rule would have done.";
        }

        var missing = values.Count - replay.Samples;
        var basis = $"{Say.Count(replay.Samples, "value", "values")} since {Say.Text($"{values[0].At.UtcDateTime:yyyy-MM-dd HH:mm'Z'}")}"
            + (missing > 0 ? $" ({Say.Count(missing, "was", "were")} missing)" : "");
        return replay.Fired == 0
            ? $"It would not have fired with {basis}; the worst was {Quantities.Text(Worst(rule, values), rule.Unit)}, limit {Quantities.Text(rule.Threshold, rule.Unit)}."
            : $"It would have fired {(replay.Fired == 1 ? "once" : Say.Text($"{replay.Fired} times"))} with {basis}, for {Say.Duration(replay.FiringTime)} altogether, and told people {Say.Count(replay.Notifications, "time", "times")}."
                + (replay.IsFlapping ? " It would have come and gone too often: a clear threshold or keepFiringFor would steady it." : "");
    }

    private static double Worst(AlertRule rule, IReadOnlyList<PastValue> values)
    {
        var numbers = values.Where(value => value.Value is not null).Select(value => value.Value!.Value);
        return rule.Operator is AlertOperator.GreaterThan or AlertOperator.GreaterThanOrEqual ? numbers.Max() : numbers.Min();
    }

    private static bool IsFiring(AlertState state) => state is AlertState.Firing or AlertState.Recovering;

    private static AlertTransition Transition(MaintenanceTarget target, AlertRule rule, string series, AlertState from, AlertState to, double? value, DateTimeOffset at) => new()
    {
        Target = target.Name,
        Rule = rule.Name,
        Metric = rule.Metric,
        Series = series,
        Severity = rule.Severity,
        From = from,
        To = to,
        Value = value,
        At = at,
    };
}
