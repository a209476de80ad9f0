using Maintenance.Engine.Inspect;
using Maintenance.Engine.Performance.Samples;

namespace Maintenance.Engine.Alerts;

/// <summary>A value of a time that is over.</summary>
/// <param name="At">When it was measured; the end of the time that it stands for.</param>
/// <param name="Value">The value; null where it could not be measured.</param>
/// <param name="Range">What it is the mean of; null for a single measurement.</param>
/// <param name="IsMadeUp">True if the sandbox made it up.</param>
internal readonly record struct PastValue(DateTimeOffset At, double? Value, PastRange? Range = null, bool IsMadeUp = false)
{
    /// <summary>The beginning of the time that it stands for.</summary>
    public DateTimeOffset From => Range?.From ?? At;
}

/// <summary>An hour or a day of samples that were put together.</summary>
/// <param name="From">When it began.</param>
/// <param name="Minimum">The lowest sample.</param>
/// <param name="Maximum">The highest.</param>
internal sealed record PastRange(DateTimeOffset From, double Minimum, double Maximum);

/// <summary>What a rule would have done with the values of a time that is over. Pure: nothing is remembered, and nobody is told.</summary>
internal static class AlertReplayer
{
    /// <summary>So many times the usual distance of two values is a gap.</summary>
    private const double GapBegins = 3;

    /// <summary>What is usual where there are too few values to tell.</summary>
    private static readonly TimeSpan Unusual = TimeSpan.FromHours(1);

    /// <summary>Less than this is no gap, however close together values are.</summary>
    private static readonly TimeSpan ShortestGap = TimeSpan.FromMinutes(1);

    /// <summary>With more of the time missing than this, that nothing fired says nothing.</summary>
    private const double MostMissing = 0.1;

    /// <summary>Replays one rule over one series.</summary>
    /// <param name="target">The target.</param>
    /// <param name="rule">The rule.</param>
    /// <param name="series">The metric's labels as one text.</param>
    /// <param name="values">The values, oldest first.</param>
    /// <param name="from">The beginning of the time.</param>
    /// <param name="to">Its end.</param>
    public static AlertReplay Replay(MaintenanceTarget target, AlertRule rule, string series, IReadOnlyList<PastValue> values, DateTimeOffset from, DateTimeOffset to)
    {
        var course = Course(target, rule, series, values, from);
        var gaps = Gaps(values, from, to);
        var spells = course.Spells.Select(spell => spell.To - spell.From - gaps.Aggregate(TimeSpan.Zero, (sum, gap) => sum + Overlap(gap, spell))).ToList();
        var measured = values.Where(value => value.Value is not null).ToList();
        var gapTime = gaps.Aggregate(TimeSpan.Zero, (sum, gap) => sum + (gap.To - gap.From));
        var peaks = measured.Count(value => value.Range is { } range && !rule.IsBad(value.Value!.Value) && (rule.IsBad(range.Minimum) || rule.IsBad(range.Maximum)));
        var isSure = measured.Count > 0 && peaks == 0 && gapTime <= MostMissing * (to - from);
        var replay = new AlertReplay
        {
            Target = target.Name,
            Rule = rule.Name,
            Metric = rule.Metric,
            Series = series,
            Severity = rule.Severity,
            From = from,
            To = to,
            Samples = measured.Count,
            Means = measured.Count(value => value.Range is not null),
            HiddenPeaks = peaks,
            GapTime = gapTime,
            IsMadeUp = measured.Exists(value => value.IsMadeUp),
            Fired = measured.Count > 0 ? spells.Count : null,
            FiringTime = measured.Count > 0 ? spells.Aggregate(TimeSpan.Zero, (sum, spell) => sum + spell) : null,
            LongestFiring = measured.Count > 0 ? spells.DefaultIfEmpty().Max() : null,
            Notifications = measured.Count > 0 ? course.Notifications : null,
            IsFlapping = course.Flapped,
            Status = spells.Count > 0 ? rule.Severity == AlertSeverity.Critical ? HealthStatus.Critical : HealthStatus.Warning
                : isSure ? HealthStatus.Ok
                : HealthStatus.Unknown,
            Message = "",
            Transitions = course.Transitions,
        };
        return replay with { Message = Message(replay, rule, values, spells, gaps.Count) };
    }

    private static (List<AlertTransition> Transitions, List<(DateTimeOffset From, DateTimeOffset To)> Spells, int Notifications, bool Flapped) Course(
        MaintenanceTarget target, AlertRule rule, string series, IReadOnlyList<PastValue> values, DateTimeOffset from)
    {
        var memory = AlertMachine.Begin(new AlertKey(rule.Name, series), values.Count > 0 ? values[0].From : from);
        var transitions = new List<AlertTransition>();
        var spells = new List<(DateTimeOffset From, DateTimeOffset To)>();
        DateTimeOffset? firingSince = null;
        var (notifications, flapped) = (0, false);
        foreach (var (at, value) in values.SelectMany(Looks))
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

        return (transitions, spells, notifications, flapped);
    }

    // A mean holds for the whole of its time.
    private static IEnumerable<(DateTimeOffset At, double? Value)> Looks(PastValue value) =>
        value.Range is null ? [(value.At, value.Value)] : [(value.From, value.Value), (value.At, value.Value)];

    // Where far more time goes by than usual between two values, nobody has looked; nor before the first one.
    private static List<(DateTimeOffset From, DateTimeOffset To)> Gaps(IReadOnlyList<PastValue> values, DateTimeOffset from, DateTimeOffset to)
    {
        if (values.Count == 0)
        {
            return [];
        }

        var steps = values.Zip(values.Skip(1), (earlier, later) => later.At - earlier.At).Order().ToList();
        // Of one or two values nobody can say what is usual.
        var usual = steps.Count < 2 ? Unusual : GapBegins * steps[steps.Count / 2];
        var most = usual > ShortestGap ? usual : ShortestGap;
        return
        [
            .. values.Zip(values.Skip(1), (earlier, later) => (From: earlier.At, To: later.From))
                .Prepend((From: from, To: values[0].From))
                .Append((From: values[^1].At, To: to))
                .Where(gap => gap.To - gap.From > most),
        ];
    }

    private static TimeSpan Overlap((DateTimeOffset From, DateTimeOffset To) gap, (DateTimeOffset From, DateTimeOffset To) spell)
    {
        var overlap = (gap.To < spell.To ? gap.To : spell.To) - (gap.From > spell.From ? gap.From : spell.From);
        return overlap > TimeSpan.Zero ? overlap : TimeSpan.Zero;
    }

    private static string Message(AlertReplay replay, AlertRule rule, IReadOnlyList<PastValue> values, List<TimeSpan> spells, int gaps)
    {
        if (replay.Samples == 0)
        {
            return $"The history has no value of {rule.Metric} since {Say.Day(replay.From)}: nobody knows what the rule would have done.";
        }

        var missing = values.Count - replay.Samples;
        var basis = $"{Say.Count(replay.Samples, "value", "values")} since {Say.Text($"{values[0].From.UtcDateTime:yyyy-MM-dd HH:mm'Z'}")}"
            + (missing > 0 ? $" ({Say.Count(missing, "was", "were")} missing)" : "");
        return (spells.Count == 0
            ? $"It would not have fired with {basis}; the worst was {Quantities.Text(Worst(rule, values), rule.Unit)}, limit {Quantities.Text(rule.Threshold, rule.Unit)}."
            : $"It would have fired {(spells.Count == 1 ? "once" : Say.Text($"{spells.Count} times"))} with {basis}, {Lasting(spells)}, and told people {Say.Count(replay.Notifications ?? 0, "time", "times")}."
                + (replay.IsFlapping ? " It would have come and gone too often: a clear threshold or keepFiringFor would steady it." : ""))
            + (gaps > 0 ? $" Of {Say.Duration(replay.GapTime)} ({Say.Count(gaps, "gap", "gaps")}) there are no values: nobody knows." : "")
            + (replay.HiddenPeaks > 0 ? $" In {Say.Count(replay.HiddenPeaks, "mean", "means")} of hours or days a single sample was beyond the limit: whether that would have fired is not known." : "")
            + (replay.IsMadeUp ? $" {(values.All(value => value.IsMadeUp) ? MadeUp.Note : "Part of this is sample data: the sandbox made it up, nobody measured it.")}" : "");
    }

    // Nobody knows how long a single bad value held.
    private static string Lasting(List<TimeSpan> spells) => spells.Aggregate(TimeSpan.Zero, (sum, spell) => sum + spell) is var whole && whole < TimeSpan.FromSeconds(1)
        ? spells.Count == 1 ? "for a single value" : "each time for a single value"
        : $"for {Say.Duration(whole)} altogether";

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
