using Maintenance.Engine.Inspect;

namespace Maintenance.Engine.Performance.Statistics;

/// <summary>A value that is expected on a day, and the ends of its 80 % interval.</summary>
internal readonly record struct ExpectedValue(double Day, double Expected, double Low, double High);

/// <summary>A trend, or the reason why there is none.</summary>
/// <param name="Stretch">The past that it was taken from; null without any.</param>
/// <param name="Trend">The trend; null where there is none.</param>
/// <param name="Trouble">Why there is none.</param>
internal sealed record TrendAnswer(TrendStretch? Stretch, Trend? Trend, string? Trouble);

/// <summary>The line through the part of the past that tells about the future, and how far off it may be.</summary>
internal sealed class Trend
{
    /// <summary>Share of futures between the ends of an interval.</summary>
    public const double Interval = 0.8;

    /// <summary>One does not look further ahead than five times the past that is known, nor than five years.</summary>
    private const double MostPasts = 5;
    private const double MostDays = 5 * 365;

    /// <summary>No growth is known better than to this share of itself, however even the past was: what lies ahead is another time.</summary>
    private const double LeastError = 0.1;

    private readonly double _carried;
    private readonly double _correlation;
    private readonly IReadOnlyList<TimedValue> _residuals;
    private readonly double _least;
    private readonly double _jump;

    private Trend(TrendStretch stretch, WeeklySeason? season, double least)
    {
        (Points, Season, _jump, _least) = (stretch.Points, season, Math.Abs(stretch.Jump), least);
        IReadOnlyList<TimedValue> level = [.. stretch.Points.Select(point => point with { Value = point.Value - SeasonOf(point.Day) })];
        var line = TheilSen.Fit(level)!;
        _residuals = Left(level, line);
        _correlation = stretch.IsEnvelope ? 0 : Correlation.Of(_residuals);
        Line = _correlation > 0 ? TheilSen.Fit(level, correlation: _correlation)! : line;
        var bound = 3 * Robust.ScaleAroundZero(_residuals.Select(residual => residual.Value));
        _carried = _correlation > 0 ? Math.Clamp(_residuals[^1].Value, -bound, bound) : 0;
    }

    /// <summary>The values that it was taken from.</summary>
    public IReadOnlyList<TimedValue> Points { get; }

    /// <summary>The line, with the season taken away.</summary>
    public TrendLine Line { get; }

    /// <summary>The season; null for none.</summary>
    public WeeklySeason? Season { get; }

    /// <summary>Finds the trend of a past.</summary>
    /// <param name="points">One value a day, in the order of time.</param>
    /// <param name="question">What is asked.</param>
    public static TrendAnswer Find(IReadOnlyList<TimedValue> points, TrendQuestion question)
    {
        if (points.Count == 0)
        {
            return new TrendAnswer(null, null, Say.Text($"insufficient data: 0 days, {question.DaysNeeded} needed"));
        }

        var season = question.IsWeekly ? WeeklySeason.Find(points) : null;
        IReadOnlyList<TimedValue> level = [.. points.Select(point => point with { Value = point.Value - (season?.Of(point.Day) ?? 0) })];
        var stretch = TrendStretch.Choose(level, question);
        stretch = RecentJump.Carry(level, stretch, question) ?? stretch;
        if (!stretch.IsEnvelope)
        {
            stretch = stretch with { Points = [.. stretch.Points.Select(point => point with { Value = point.Value + (season?.Of(point.Day) ?? 0) })] };
            if (stretch.Points.Count < question.DaysNeeded)
            {
                return new TrendAnswer(stretch, null, Say.Text($"insufficient data: {Say.Count(stretch.Points.Count, "day", "days")}, {question.DaysNeeded} needed for {question.Days:0} days ahead"));
            }
        }

        var least = question.OnlyRises ? points[^1].Value : points.Min(point => point.Value) >= 0 ? 0 : double.NegativeInfinity;
        return new TrendAnswer(stretch, new Trend(stretch, season, least), null);
    }

    /// <summary>The day since a time that was highest above the line, and how far that was; null where none was above it.</summary>
    /// <param name="since">The first of those days.</param>
    public TimedValue? HighestAbove(double since)
    {
        var above = Points.Where(point => point.Day >= since).Select(point => point with { Value = point.Value - Line.At(point.Day) - SeasonOf(point.Day) }).Where(point => point.Value > 0).ToList();
        return above.Count == 0 ? null : above.MaxBy(point => point.Value);
    }

    /// <summary>What is expected on a day.</summary>
    public double Expected(double day) => Math.Max(_least, Line.At(day) + _carried * Math.Pow(_correlation, day - Points[^1].Day) + SeasonOf(day));

    /// <summary>What is expected from now on: each day up to what is asked for, then farther and farther apart as far as can be told.</summary>
    public IReadOnlyList<ExpectedValue> Ahead(TrendQuestion question)
    {
        var last = Points[^1].Day;
        var end = question.Now + Math.Clamp(MostPasts * (last - Points[0].Day), question.Days, MostDays);
        var days = new List<double>();
        for (var day = Math.Max(question.Now, last + 1e-6); day <= end; day += day < question.Now + question.Days || Season is not null ? 1 : Math.Max(1, (day - question.Now) * 0.1))
        {
            days.Add(day);
        }

        if (days.Count == 0 || !days.Exists(day => day >= question.Now + question.Days))
        {
            days.Add(question.Now + question.Days);
        }

        var errors = ForecastError.Of(_residuals, _correlation, [.. days.Select(day => day - last)]);
        return
        [
            .. days.Select((day, step) =>
            {
                var expected = Expected(day);
                // What jumped may fall back, or jump as far again.
                var least = Math.Max(_jump, LeastError * Math.Abs(Line.Slope) * (day - last));
                return new ExpectedValue(
                    day,
                    expected,
                    Math.Max(_least, expected + Math.Min(-least, errors.Quantile(step, (1 - Interval) / 2))),
                    expected + Math.Max(least, errors.Quantile(step, (1 + Interval) / 2)));
            }),
        ];
    }

    private double SeasonOf(double day) => Season?.Of(day) ?? 0;

    private static IReadOnlyList<TimedValue> Left(IReadOnlyList<TimedValue> points, TrendLine line) => [.. points.Select(point => point with { Value = point.Value - line.At(point.Day) })];
}
