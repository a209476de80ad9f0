namespace Maintenance.Engine.Performance.Statistics;

/// <summary>What forecasts as if made earlier came to.</summary>
internal sealed record BacktestResult(int Forecasts, double DaysAhead, double MeanAbsoluteError, double? MeanAbsolutePercent);

/// <summary>Makes forecasts as if on earlier days, each from what was known until then, change points and all (rolling origin, Tashman 2000).</summary>
internal static class Backtest
{
    private const int Most = 8;

    /// <summary>One or two forecasts may be right by chance.</summary>
    private const int Fewest = 3;

    private const double Near = 1.5;

    /// <summary>Tries the forecast; null where fewer than three can be made.</summary>
    /// <param name="points">The whole past.</param>
    /// <param name="answer">What it came to.</param>
    /// <param name="question">What was asked.</param>
    public static BacktestResult? Run(IReadOnlyList<TimedValue> points, TrendAnswer answer, TrendQuestion question) =>
        answer.Stretch is { IsEnvelope: true } saw ? OfPeaks(saw.Points) : OfDays(points, question);

    private static BacktestResult? OfDays(IReadOnlyList<TimedValue> points, TrendQuestion question)
    {
        var ahead = Math.Floor(Math.Min(question.Days, (points[^1].Day - points[0].Day) / 3));
        var latest = points[^1].Day - ahead;
        var earliest = Math.Max(points[0].Day + question.DaysNeeded, points[^1].Day - Math.Max(3 * ahead, 2 * question.DaysNeeded));
        if (ahead < 1 || latest <= earliest)
        {
            return null;
        }

        var (errors, actuals) = (new List<double>(), new List<double>());
        for (var origin = 0; origin < Most; origin++)
        {
            var day = earliest + (latest - earliest) * origin / (Most - 1);
            var known = points.TakeWhile(point => point.Day <= day).ToList();
            if (known.Count == 0 || Trend.Find(known, question with { Now = known[^1].Day, Days = ahead }).Trend is not { } trend)
            {
                continue;
            }

            var target = known[^1].Day + ahead;
            var actual = points.Skip(known.Count).MinBy(point => Math.Abs(point.Day - target));
            if (Math.Abs(actual.Day - target) <= Near)
            {
                errors.Add(Math.Abs(trend.Expected(actual.Day) - actual.Value));
                actuals.Add(Math.Abs(actual.Value));
            }
        }

        return Of(errors, actuals, ahead);
    }

    private static BacktestResult? OfPeaks(IReadOnlyList<TimedValue> peaks)
    {
        var (errors, actuals) = (new List<double>(), new List<double>());
        for (var index = 2; index < peaks.Count; index++)
        {
            var line = TheilSen.Fit([.. peaks.Take(index)])!;
            errors.Add(Math.Abs(line.At(peaks[index].Day) - peaks[index].Value));
            actuals.Add(Math.Abs(peaks[index].Value));
        }

        return Of(errors, actuals, Robust.Median(peaks.Zip(peaks.Skip(1), (before, after) => after.Day - before.Day)));
    }

    private static BacktestResult? Of(List<double> errors, List<double> actuals, double ahead) => errors.Count < Fewest ? null : new BacktestResult(
        errors.Count,
        ahead,
        errors.Average(),
        actuals.TrueForAll(actual => actual > 0) ? 100 * errors.Zip(actuals, (error, actual) => error / actual).Average() : null);
}
