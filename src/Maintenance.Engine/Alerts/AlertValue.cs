namespace Maintenance.Engine.Alerts;

/// <summary>
/// What a rule is judged by: the value, or, where that is not known, the bound that decides all the same. A score that is at most 70 is below 90,
/// whatever it is. Pure.
/// </summary>
/// <param name="Number">The number; null where nothing decides.</param>
/// <param name="Bound">"at least" or "at most" where it is a bound; null for the value itself.</param>
internal readonly record struct AlertValue(double? Number, string? Bound)
{
    private const string Least = "at least";
    private const string Most = "at most";

    /// <summary>Judges a metric.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="state">Where the alert stands: what fires is over on the good side of the clear threshold.</param>
    /// <param name="metric">The metric in the rule's unit; null if there is none.</param>
    public static AlertValue Of(AlertRule rule, AlertState state, Metric? metric)
    {
        if (metric is null)
        {
            return default;
        }

        if (metric.Value is { } value)
        {
            return double.IsFinite(value) ? new AlertValue(value, null) : default;
        }

        // What is no number bounds nothing.
        var (least, most) = (new AlertValue(Finite(metric.AtLeast), Least), new AlertValue(Finite(metric.AtMost), Most));
        var (best, worst) = IsAbove(rule) ? (least, most) : (most, least);
        return best.Number is { } hopeful && IsBad(rule, state, hopeful) ? best
            : worst.Number is { } dire && !IsBad(rule, state, dire) ? worst
            : default;
    }

    private static bool IsBad(AlertRule rule, AlertState state, double value) =>
        state is AlertState.Firing or AlertState.Recovering ? rule.IsNotClear(value) : rule.IsBad(value);

    private static double? Finite(double? value) => value is { } number && double.IsFinite(number) ? value : null;

    private static bool IsAbove(AlertRule rule) => rule.Operator is AlertOperator.GreaterThan or AlertOperator.GreaterThanOrEqual;
}
