using System.Globalization;
using Maintenance.Engine.Inspect;
using Maintenance.Engine.Performance.Samples;
using Maintenance.Engine.Performance.Statistics;
using Maintenance.Engine.Reporting.Plots;

namespace Maintenance.Engine.Performance.Baselines;

/// <summary>
/// Compares figures with what was usual: shares by what was counted, hours with the same hours where both have a daily rhythm, else the means by Welch's
/// test; corrected after Holm for the number of comparisons; sizes and ages, which only ever grow, are left out. A difference counts if it is more than
/// chance (p below 0.05) and large enough to matter (<see cref="LeastDifference"/>, and a percentage). Pure.
/// </summary>
internal static class BaselineComparer
{
    // In a sentence a statement is told from others by its beginning.
    private const int LongestName = 100;

    /// <summary>A difference is more than chance below this.</summary>
    public const double Level = 0.05;

    /// <summary>With fewer observations the test would rest on what single ones happen to be.</summary>
    public const int FewestObservations = 5;

    /// <summary>Where more of the time that is compared is in the baseline too, that nothing has changed cannot be told.</summary>
    public const double MostOverlap = 0.05;

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
        var known = currents.Where(BaselineMetrics.IsComparable).DistinctBy(KeyOf).ToDictionary(KeyOf);
        var pairs = baselines.Where(BaselineMetrics.IsComparable).DistinctBy(KeyOf).Select(baseline => (Baseline: (PerformanceBaseline?)baseline, Current: known.GetValueOrDefault(KeyOf(baseline)))).ToList();
        var usual = pairs.Select(pair => KeyOf(pair.Baseline!)).ToHashSet();
        // Statements come and go all the time; that one is new is not told of each.
        pairs.AddRange(known.Values.Where(current => !usual.Contains(KeyOf(current)) && !(current.Source == BaselineSource.Statements && current.Subject is not null)).Select(current => ((PerformanceBaseline?)null, (PerformanceBaseline?)current)));

        var tests = pairs.Select(pair => pair is { Baseline: { } baseline, Current: { } current } ? Test(baseline, current) : null).ToList();
        var tested = tests.OfType<Tested>().ToList();
        var adjusted = new Queue<double>(HolmCorrection.Adjust([.. tested.Select(test => test.Probability)]));
        return [.. pairs.Zip(tests, (pair, test) => Judge(pair.Baseline, pair.Current, test, test is null ? null : adjusted.Dequeue(), tested.Count))];

        BaselineDrift Judge(PerformanceBaseline? baseline, PerformanceBaseline? current, Tested? test, double? probability, int comparisons)
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
                BaselineMean = test?.Usual,
                CurrentMean = test?.Now,
                Probability = test?.Probability,
                AdjustedProbability = probability,
                Verdict = BaselineVerdict.NotEnoughData,
                Status = HealthStatus.Unknown,
                Message = "",
                CollectedAt = now,
            };
            if (test is null)
            {
                return drift with { Message = $"{NameOf(drift.Metric, drift.About)}: {WhyNot(baseline, current, missing)}{Origin(baseline, current)}" };
            }

            // A figure that was nothing has no percent.
            var small = drift.ChangePercent is { } change && Math.Abs(change) < minimumPercent ? Say.Text($"{minimumPercent:0.##} %")
                : figure.Source == BaselineSource.Statements && !LeastDifference.IsNoticed(test.Usual, test.Now) ? Say.Text($"{LeastDifference.Factor:0.0} times, or of less than {LeastDifference.Text(figure.Unit)},")
                : Math.Abs(test.Now - test.Usual) < LeastDifference.Of(figure.Unit) ? LeastDifference.Text(figure.Unit)
                : null;
            var isCertain = probability < Level && test.Now != test.Usual;
            // What is in both makes the difference smaller than it is, never larger: a change that is found all the same is one, but one that is not found may be there.
            var verdict = isCertain && small is null ? BaselineMetrics.VerdictOf(figure.Unit, test.Now > test.Usual)
                : Overlap(baseline!, current!) > MostOverlap ? BaselineVerdict.NotEnoughData
                : BaselineVerdict.Same;
            return drift with
            {
                Verdict = verdict,
                Status = verdict == BaselineVerdict.NotEnoughData ? HealthStatus.Unknown : BaselineMetrics.IsWorse(figure.Metric, verdict) ? HealthStatus.Warning : HealthStatus.Ok,
                Message = $"{NameOf(drift.Metric, drift.About)}: {Change(figure.Unit, test.Usual, test.Now, test.ComparesHours)}, {Probabilities.Say(probability!.Value)}{(comparisons > 1 ? Say.Text($" after correction for {comparisons} comparisons") : "")}.{(isCertain && small is not null ? $" A difference of less than {small} does not count." : "")}{Hours(test)}{SayOverlap(baseline!, current!, verdict)}{Origin(baseline, current)}",
            };
        }
    }

    /// <summary>What a figure is called in a sentence: a long statement by its beginning.</summary>
    internal static string NameOf(string metric, string? about) =>
        about is null ? metric : $"{metric} of {(about.Length > LongestName ? string.Concat(about.AsSpan(0, LongestName - 1).TrimEnd(), "…") : about)}";

    private static (BaselineSource, string, string?) KeyOf(PerformanceBaseline baseline) => (baseline.Source, baseline.Metric, baseline.Subject);

    private static Tested? Test(PerformanceBaseline baseline, PerformanceBaseline current)
    {
        if (baseline.Metric == BaselineMetrics.ErrorRate)
        {
            return Counted(baseline) is { Count: >= FewestObservations } failed && Counted(current) is { Count: >= FewestObservations } fails
                ? new Tested(baseline.Mean, current.Mean, FisherTest.Compare(failed.Occurrences, failed.Count, fails.Occurrences, fails.Count), false, 0)
                : null;
        }

        if (HaveHours(baseline, current))
        {
            // An hour of a few requests is what those few happen to be.
            var ownError = current is { Source: BaselineSource.RequestLog, StandardDeviation: { } deviation, Count: { } count } ? deviation / Math.Sqrt(count) : 0;
            return current.Count >= FewestObservations && LikeHours.Compare(baseline.Rhythm!, current.Rhythm!, DailyRhythm.FewestDays, ownError) is { } hours
                ? new Tested(hours.Usual, hours.Now, hours.Probability, true, hours.LeftOut)
                : null;
        }

        return NeedsHours(baseline) ? null : Observed(baseline) is { Count: >= FewestObservations } before && Observed(current) is { Count: >= FewestObservations } after && WelchTest.Compare(before, after) is { } test
            ? new Tested(baseline.Mean, current.Mean, test.Probability, false, 0)
            : null;
    }

    // A baseline of a single day does not know what comes back every day.
    private static bool HaveHours(PerformanceBaseline baseline, PerformanceBaseline current) => baseline.Rhythm?.Deviation is not null && current.Rhythm is not null;

    // Every day has its slow hours, and requests of one of them are no witnesses of their own.
    private static bool NeedsHours(PerformanceBaseline figure) => figure is { Source: BaselineSource.RequestLog, Metric: BaselineMetrics.ResponseTime };

    private static Observations? Observed(PerformanceBaseline figure) =>
        // Executions are no observations: what was measured before samples were counted knows of nothing else.
        figure is { Source: BaselineSource.Statements, IndependentCount: null } ? null
        : (figure.IndependentCount ?? figure.Count) is { } count && (figure.IndependentDeviation ?? figure.StandardDeviation) is { } deviation ? new Observations(count, figure.Mean, deviation) : null;

    /// <summary>What was counted of a share. The log tells each request, so there the share itself says it.</summary>
    private static (long Occurrences, long Count)? Counted(PerformanceBaseline figure) => figure switch
    {
        { Occurrences: { } occurrences, Count: { } count } => (occurrences, count),
        { Source: BaselineSource.RequestLog, Count: { } count } => ((long)Math.Round(figure.Mean * count / 100), count),
        _ => null,
    };

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

        var change = $"{Change(baseline.Unit, baseline.Mean, current.Mean, false)}.";
        if (baseline.Metric == BaselineMetrics.ErrorRate && (Counted(baseline) is null || Counted(current) is null))
        {
            return $"{change} Only the share is known, not of how many requests it is, so nobody can tell chance from change. The log of requests tells.";
        }

        if (baseline.Count is null || current.Count is null)
        {
            var silent = baseline.Count is not null ? "what is measured now does" : current.Count is not null ? "the baseline does" : "both do";
            return $"{change} Only this is known, as {silent} not say of how many observations it is, nor how far they lie apart, so nobody can tell chance from change.";
        }

        if (current.Count < FewestObservations || (!HaveHours(baseline, current) && baseline.Count < FewestObservations))
        {
            return $"{change} Too few observations to tell chance from change: {baseline.Count} before, {current.Count} now; {FewestObservations} of each are needed.";
        }

        if (HaveHours(baseline, current))
        {
            return baseline.Rhythm!.IndependentHours < LikeHours.FewestIndependent
                ? Say.Text($"{change} Whole days of the baseline differ so much that its hours count as {baseline.Rhythm.IndependentHours:0.#} independent ones: {LikeHours.FewestIndependent:0} are needed. Measure it over more days.")
                : Say.Text($"{change} Most of the hours that are compared are in the baseline on fewer than {DailyRhythm.FewestDays} days (weekdays and weekends apart), so what is usual at them is not known. Measure it over more days.");
        }

        if (NeedsHours(baseline))
        {
            return $"{change} {(baseline.Rhythm is null ? "The baseline does not know what is usual at which hour" : $"The baseline has no hour on {DailyRhythm.FewestDays} days, so what comes back every day is not known")}. Measure it anew over some days: Update-PerformanceBaseline -Window 7d.";
        }

        if (baseline is { Source: BaselineSource.Statements } && (baseline.IndependentCount is null || current.IndependentCount is null))
        {
            return $"{change} Only executions were counted, and those of the same minutes have much in common. Measure the baseline anew: Update-PerformanceBaseline.";
        }

        if (baseline is { Source: BaselineSource.Statements } && (baseline.IndependentCount < FewestObservations || current.IndependentCount < FewestObservations))
        {
            return Say.Text($"{change} Executions of the same minutes have much in common, so they count as {baseline.IndependentCount} independent ones before and {current.IndependentCount} now: {FewestObservations} of each are needed. Compare a longer time.");
        }

        return Observed(baseline) is { } before && Observed(current) is { } after
            ? Say.Text($"{change} Readings in a row resemble each other, so they count as {before.Count} independent ones before and {after.Count} now: {FewestObservations} of each are needed. A baseline of some days knows what comes back every day, and needs fewer.")
            : $"{change} How far single observations lie apart is not known, so nobody can tell chance from change.";
    }

    private static string Change(MetricUnit unit, double before, double now, bool atHours)
    {
        var percent = before != 0 ? 100 * (now / before - 1) : (double?)null;
        return $"mean {FigureScale.Text(unit, before)} before{(atHours ? " at these hours" : "")}, {FigureScale.Text(unit, now)} now{(percent is { } change ? string.Create(CultureInfo.InvariantCulture, $" ({change:+0.#;-0.#;0} %)") : "")}";
    }

    private static string Hours(Tested test) => test.LeftOut > 0 ? $" {Say.Count(test.LeftOut, "hour was", "hours were")} left out: the baseline does not have them on {DailyRhythm.FewestDays} days." : "";

    /// <summary>How much of the time that is compared is in the baseline too, 0 to 1.</summary>
    private static double Overlap(PerformanceBaseline baseline, PerformanceBaseline current)
    {
        var common = (baseline.To < current.To ? baseline.To : current.To) - (baseline.From > current.From ? baseline.From : current.From);
        return current.To > current.From ? Math.Clamp(common / (current.To - current.From), 0, 1) : 0;
    }

    private static string SayOverlap(PerformanceBaseline baseline, PerformanceBaseline current, BaselineVerdict verdict) => (Overlap(baseline, current), verdict) switch
    {
        (<= MostOverlap, _) => "",
        (var share, BaselineVerdict.NotEnoughData) => Say.Text($" {Share(share)} of this time is in the baseline too, so whether it has changed is not known. Compare a time after the baseline (a shorter -Window), or wait."),
        (var share, _) => Say.Text($" {Share(share)} of this time is in the baseline too, so the change may be larger."),
    };

    private static string Share(double share) => share > 0.995 ? "All" : Say.Text($"{100 * share:0} %");

    private static string Origin(PerformanceBaseline? baseline, PerformanceBaseline? current) => (baseline?.IsMadeUp, current?.IsMadeUp) switch
    {
        (true, true) => $" Both: {MadeUp.Note}",
        (true, _) => $" The baseline: {MadeUp.Note}",
        (_, true) => $" What it is now: {MadeUp.Note}",
        _ => "",
    };

    private sealed record Tested(double Usual, double Now, double Probability, bool ComparesHours, int LeftOut);
}
