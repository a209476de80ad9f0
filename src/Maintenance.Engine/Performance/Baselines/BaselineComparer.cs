using System.Globalization;
using Maintenance.Engine.Performance.Statistics;

namespace Maintenance.Engine.Performance.Baselines;

/// <summary>
/// Compares figures with what was usual: Welch's test of the means, corrected after Holm for the number of comparisons. A difference counts
/// if it is more than chance (p below 0.05) and large enough to matter. Pure.
/// </summary>
internal static class BaselineComparer
{
    /// <summary>A difference is more than chance below this.</summary>
    public const double Level = 0.05;

    /// <summary>With fewer observations the test would rest on what single ones happen to be.</summary>
    public const int FewestObservations = 5;

    /// <summary>Compares what has the same source, metric and subject.</summary>
    /// <param name="baselines">What was usual; each figure once.</param>
    /// <param name="currents">What is so now.</param>
    /// <param name="minimumPercent">A smaller difference does not matter.</param>
    /// <param name="now">When it is compared.</param>
    /// <param name="missing">Why a source tells nothing now; null where it does.</param>
    public static IReadOnlyList<BaselineDrift> Compare(
        IReadOnlyList<PerformanceBaseline> baselines,
        IReadOnlyList<PerformanceBaseline> currents,
        double minimumPercent,
        DateTimeOffset now,
        Func<BaselineSource, string?>? missing = null)
    {
        var known = currents.DistinctBy(KeyOf).ToDictionary(KeyOf);
        var pairs = baselines.DistinctBy(KeyOf).Select(baseline => (Baseline: (PerformanceBaseline?)baseline, Current: known.GetValueOrDefault(KeyOf(baseline)))).ToList();
        var usual = pairs.Select(pair => KeyOf(pair.Baseline!)).ToHashSet();
        // Statements come and go all the time; that one is new is not told of each.
        pairs.AddRange(known.Values.Where(current => !usual.Contains(KeyOf(current)) && !(current.Source == BaselineSource.Statements && current.Subject is not null)).Select(current => ((PerformanceBaseline?)null, (PerformanceBaseline?)current)));

        var tests = pairs.Select(pair => pair is { Baseline: { } baseline, Current: { } current } ? Test(baseline, current) : null).ToList();
        var tested = tests.OfType<WelchResult>().ToList();
        var adjusted = new Queue<double>(HolmCorrection.Adjust([.. tested.Select(test => test.Probability)]));
        return [.. pairs.Zip(tests, (pair, test) => Judge(pair.Baseline, pair.Current, test, test is null ? null : adjusted.Dequeue(), tested.Count))];

        BaselineDrift Judge(PerformanceBaseline? baseline, PerformanceBaseline? current, WelchResult? test, double? probability, int comparisons)
        {
            var figure = (baseline ?? current)!;
            var drift = new BaselineDrift
            {
                Target = figure.Target,
                Source = figure.Source,
                Metric = figure.Metric,
                Subject = figure.Subject,
                Text = current?.Text ?? baseline?.Text,
                Unit = figure.Unit,
                Baseline = baseline,
                Current = current,
                Probability = test?.Probability,
                AdjustedProbability = probability,
                Verdict = BaselineVerdict.NotEnoughData,
                Status = HealthStatus.Unknown,
                Message = "",
                CollectedAt = now,
            };
            if (test is null)
            {
                return drift with { Message = $"{NameOf(figure)}: {WhyNot(baseline, current, missing)}" };
            }

            // A figure that was nothing has no percent, and any that is certain is large.
            var matters = drift.ChangePercent is not { } change || Math.Abs(change) >= minimumPercent;
            var verdict = probability < Level && matters && current!.Mean != baseline!.Mean
                ? BaselineMetrics.VerdictOf(figure.Unit, current.Mean > baseline.Mean)
                : BaselineVerdict.Same;
            return drift with
            {
                Verdict = verdict,
                Status = BaselineMetrics.IsWorse(figure.Metric, verdict) ? HealthStatus.Warning : HealthStatus.Ok,
                Message = string.Create(
                    CultureInfo.InvariantCulture,
                    $"{NameOf(figure)}: {Change(drift)}, p = {probability:0.0###}{(comparisons > 1 ? $" after correction for {comparisons} comparisons" : "")}.{Overlap(baseline!, current!)}"),
            };
        }
    }

    /// <summary>What a figure is called.</summary>
    internal static string NameOf(PerformanceBaseline figure) => figure.Subject is null ? figure.Metric : $"{figure.Metric} of {figure.Subject}";

    private static (BaselineSource, string, string?) KeyOf(PerformanceBaseline baseline) => (baseline.Source, baseline.Metric, baseline.Subject);

    private static WelchResult? Test(PerformanceBaseline baseline, PerformanceBaseline current) =>
        Observed(baseline) is { Count: >= FewestObservations } before && Observed(current) is { Count: >= FewestObservations } after ? WelchTest.Compare(before, after) : null;

    private static Observations? Observed(PerformanceBaseline figure) =>
        (figure.IndependentCount ?? figure.Count) is { } count && figure.StandardDeviation is { } deviation ? new Observations(count, figure.Mean, deviation) : null;

    private static string WhyNot(PerformanceBaseline? baseline, PerformanceBaseline? current, Func<BaselineSource, string?>? missing)
    {
        if (baseline is null)
        {
            return "there is no baseline of it.";
        }

        if (current is null)
        {
            return missing?.Invoke(baseline.Source) is { } reason ? $"not measured now. {reason}" : "nothing of it in the time that is compared.";
        }

        var change = string.Create(CultureInfo.InvariantCulture, $"mean {baseline.Mean:0.###} before, {current.Mean:0.###} now");
        return Observed(baseline) is not { } before || Observed(current) is not { } after
            ? $"{change}{(baseline.Mean != 0 ? string.Create(CultureInfo.InvariantCulture, $", {current.Mean / baseline.Mean:0.##} times as much") : "")}. Only the ratio is known: without the number of observations and their deviation nobody can tell chance from change."
            : string.Create(CultureInfo.InvariantCulture, $"{change}. Too few independent observations to tell chance from change: {before.Count} before, {after.Count} now, {FewestObservations} of each are needed.");
    }

    private static string Change(BaselineDrift drift) => string.Create(
        CultureInfo.InvariantCulture,
        $"mean {drift.BaselineMean:0.###} before, {drift.CurrentMean:0.###} now{(drift.ChangePercent is { } change ? $" ({change:+0.#;-0.#;0} %)" : "")}");

    // What is in both makes the difference smaller than it is, never larger.
    private static string Overlap(PerformanceBaseline baseline, PerformanceBaseline current)
    {
        var common = (baseline.To < current.To ? baseline.To : current.To) - (baseline.From > current.From ? baseline.From : current.From);
        var share = common / (current.To - current.From);
        return share >= 0.05 ? string.Create(CultureInfo.InvariantCulture, $" {Math.Min(100, 100 * share):0} % of this time is in the baseline too, which hides part of a change.") : "";
    }
}
