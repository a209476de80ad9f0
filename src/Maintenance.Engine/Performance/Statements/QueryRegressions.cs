using System.Globalization;
using Maintenance.Engine.Performance.Statistics;
using Maintenance.Engine.Reporting.Plots;

namespace Maintenance.Engine.Performance.Statements;

/// <summary>Whether a statement takes longer than it used to, and how that is known.</summary>
internal sealed record QueryShift(QueryRegression Regression, string Reason, double? Factor = null, double? Probability = null, double? BaselineMean = null);

/// <summary>Compares how long a statement takes with how long it took. Pure.</summary>
internal static class QueryRegressions
{
    /// <summary>What chance explains is no regression.</summary>
    public const double MostProbability = 0.01;

    // Of each side. With two nothing is known of how much they differ by themselves.
    private const int LeastIntervals = 3;

    /// <summary>Compares with a baseline.</summary>
    /// <param name="intervals">What it did in each stretch of the window, oldest first.</param>
    /// <param name="baseline">What was usual.</param>
    public static QueryShift Compare(IReadOnlyList<StatementCounts> intervals, PerformanceBaseline baseline)
    {
        var date = baseline.CollectedAt.UtcDateTime;
        if (baseline is not { Count: > 1 and { } count, StandardDeviation: { } deviation, Unit: MetricUnit.Milliseconds })
        {
            return new QueryShift(QueryRegression.Unknown, string.Create(CultureInfo.InvariantCulture, $"The baseline of {date:yyyy-MM-dd} knows of too few executions to say how much the statement's times differ."));
        }

        var now = Observe(intervals) ?? Single(StatementSampler.Sum(intervals.Select(counts => new Dictionary<StatementKey, StatementCounts> { [default] = counts })).GetValueOrDefault(default(StatementKey)));
        return now is null
            ? new QueryShift(QueryRegression.Unknown, "It ran too rarely in the window to tell how much its times differ.", null, null, baseline.Mean)
            : Judge(Usual(baseline) ?? new Observations(count, baseline.Mean, deviation), now.Value, string.Create(CultureInfo.InvariantCulture, $"the baseline of {date:yyyy-MM-dd}{(baseline.IsMadeUp ? " (sample data that the sandbox made up)" : "")}"));
    }

    /// <summary>Compares the later half of a window with the earlier.</summary>
    public static QueryShift Compare(IReadOnlyList<StatementCounts> intervals)
    {
        var ran = intervals.Where(counts => counts.Calls > 0).ToList();
        var (early, late) = (Observe(ran[..(ran.Count / 2)]), Observe(ran[(ran.Count / 2)..]));
        return early is { } first && late is { } second
            ? Judge(first, second, "the earlier half of the window")
            : new QueryShift(QueryRegression.Unknown, string.Create(
                CultureInfo.InvariantCulture, $"There is no baseline of it, and it ran in {(ran.Count == 1 ? "1 sample" : $"{ran.Count} samples")} of the window: of each half there must be {LeastIntervals} at least, with a like number of calls."));
    }

    private static Observations? Observe(IReadOnlyList<StatementCounts> intervals) =>
        StatementStretches.Observe(intervals) is { Count: >= LeastIntervals } observed ? observed : null;

    private static Observations? Usual(PerformanceBaseline baseline) =>
        baseline is { IndependentCount: >= LeastIntervals and { } stretches, IndependentDeviation: { } apart } ? new Observations(stretches, baseline.Mean, apart) : null;

    private static Observations? Single(StatementCounts counts) =>
        counts is { Mean: { } mean, StandardDeviation: { } deviation } ? new Observations((long)counts.Calls, mean, deviation) : null;

    private static QueryShift Judge(Observations before, Observations now, string what)
    {
        if (WelchTest.Compare(before, now) is not { } test || before.Mean <= 0)
        {
            return new QueryShift(QueryRegression.Unknown, before.Mean <= 0 ? $"It took no time that could be measured in {what}." : $"Too few executions are known of {what}.", null, null, before.Mean);
        }

        var factor = now.Mean / before.Mean;
        var isLarge = LeastDifference.IsNoticed(before.Mean, now.Mean);
        var regression = !isLarge || test.Probability > MostProbability ? QueryRegression.None : factor > 1 ? QueryRegression.Slower : QueryRegression.Faster;
        return new QueryShift(regression, Reason(before, now, what, regression, isLarge, factor, test), factor, test.Probability, before.Mean);
    }

    private static string Percent(double factor) => Math.Abs(factor - 1) < 0.005 ? "" : string.Create(CultureInfo.InvariantCulture, $", {100 * Math.Abs(factor - 1):0.##} % {(factor > 1 ? "longer" : "less")}");

    private static string Reason(Observations before, Observations now, string what, QueryRegression regression, bool isLarge, double factor, WelchResult test)
    {
        var means = $"{FigureScale.Text(MetricUnit.Milliseconds, now.Mean)} on average, {FigureScale.Text(MetricUnit.Milliseconds, before.Mean)} in {what}";
        var certainty = double.IsFinite(test.Statistic)
            ? string.Create(CultureInfo.InvariantCulture, $"Welch's t {test.Statistic:0.##}, {Probabilities.Say(test.Probability)}")
            : "neither time varied at all";
        return regression switch
        {
            QueryRegression.Slower => string.Create(CultureInfo.InvariantCulture, $"Slower: {means}, {factor:0.##} times as long ({certainty})."),
            QueryRegression.Faster => string.Create(CultureInfo.InvariantCulture, $"Faster: {means}, {factor:0.##} times as long ({certainty})."),
            _ when isLarge => string.Create(CultureInfo.InvariantCulture, $"It may be chance: {means}, but so large a difference comes about without a cause too often ({certainty}; below p = {MostProbability} counts)."),
            _ => string.Create(
                CultureInfo.InvariantCulture,
                $"About as long as before: {means}{Percent(factor)}. That is below the limit: a difference counts once the longer time is {LeastDifference.Factor:0.0} times the shorter, and {LeastDifference.Milliseconds} ms more."),
        };
    }
}
