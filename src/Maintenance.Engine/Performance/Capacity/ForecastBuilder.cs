using Maintenance.Engine.Inspect;
using Maintenance.Engine.Performance.Statistics;

namespace Maintenance.Engine.Performance.Capacity;

/// <summary>Makes the forecast of one thing. Pure.</summary>
internal static class ForecastBuilder
{
    /// <summary>A last value that is older says nothing about the present.</summary>
    private static readonly TimeSpan Stale = TimeSpan.FromDays(2);

    /// <summary>Where the highest counts, it is that of so many days.</summary>
    public const int HighestDays = 30;

    public static CapacityForecast Of(CapacityFacts facts, CapacityCase subject)
    {
        var forecast = Measure(facts, subject.CountsDown ? subject.Negated() : subject);
        forecast = subject.CountsDown ? Negated(forecast) : forecast;
        return CapacityVerdict.Judge(forecast, subject.IsHard, IsStale(facts, subject, forecast), subject.CountsDown, facts.Remedy);
    }

    private static CapacityForecast Measure(CapacityFacts facts, CapacityCase subject)
    {
        var points = subject.Series.Points;
        var course = subject.Course ?? PastCourse.Of(facts, subject);
        var answer = course.Answer;
        var current = subject.Current ?? (points.Count > 0 ? points[^1].Value : null);
        var forecast = new CapacityForecast
        {
            Target = facts.Target.Name,
            Database = subject.Database,
            Resource = subject.Resource,
            Subject = subject.Subject,
            Status = HealthStatus.Unknown,
            Message = "",
            Unit = subject.Unit,
            Current = current,
            CurrentAt = subject.Current is not null ? subject.CurrentAt ?? facts.Now : points.Count > 0 ? points[^1].At : null,
            JustNow = subject.JustNow,
            Limit = subject.Limit,
            LimitSource = subject.LimitSource,
            UsedPercent = current is { } value && subject.Limit is { } limit && limit != 0 ? 100 * value / limit : null,
            Projection = facts.Projection,
            Reasons = [.. subject.Reasons, .. subject.Series.Remarks],
            History = [.. (subject.Shown ?? points).Select(point => new CapacityPoint(point.At, point.Value))],
            CollectedAt = facts.Now,
        };
        forecast = WithStretch(forecast, subject.Series, answer);
        return answer.Trend is { } trend ? WithTrend(forecast, trend, course, subject) : forecast with { Reasons = [.. forecast.Reasons, Sentence(answer.Trouble!)] };
    }

    private static CapacityForecast WithStretch(CapacityForecast forecast, DailySeries series, TrendAnswer answer)
    {
        if (answer.Stretch is not { } stretch)
        {
            return forecast;
        }

        var first = series.Points.TakeWhile(point => point.Day < stretch.Start).Count();
        var days = series.Points.Count - first;
        var span = Math.Floor(series.Points[^1].Day) - Math.Floor(series.Points[first].Day) + 1;
        var coverage = 100 * days / span;
        return forecast with
        {
            SegmentStart = DateTimeOffset.UnixEpoch.AddDays(stretch.Start),
            SegmentReason = stretch.Reason,
            Days = days,
            Samples = series.Counts.Skip(first).Sum(),
            CoveragePercent = coverage,
            Reasons = [.. forecast.Reasons, .. span - days is > 0 and var missing ? [Say.Text($"{missing:0} of {span:0} days {(missing < 1.5 ? "has" : "have")} no samples.")] : Array.Empty<string>()],
        };
    }

    private static CapacityForecast WithTrend(CapacityForecast forecast, Trend trend, PastCourse course, CapacityCase subject)
    {
        var (answer, question, ahead) = (course.Answer, course.Question, course.Ahead);
        var end = question.Now + question.Days;
        var within = ahead.Where(value => value.Day <= end + 0.5).ToList();
        var last = within.MinBy(value => Math.Abs(value.Day - end));
        // A projection may happen to end on a Sunday: what the limit has to bear is the highest day before.
        // And days differ by chance: as far above what is expected as the highest lately was, the highest to come may be.
        var worst = subject.CountsHighest ? trend.HighestAbove(question.Now - HighestDays) : null;
        var above = worst?.Value ?? 0;
        ExpectedValue Raised(ExpectedValue value) => new(value.Day, value.Expected + above, value.Low + above, value.High + above);
        var peak = trend.Season is null && !subject.CountsHighest ? last : Raised(within.MaxBy(value => value.Expected));
        var backtest = course.Backtest;
        var crossing = new Crossing(forecast, [.. ahead.Select(Raised)], trend.Line.Low > 0, end);
        var envelope = answer.Stretch!.IsEnvelope;
        return forecast with
        {
            TrendPerDay = trend.Line.Slope,
            TrendLow = trend.Line.Low,
            TrendHigh = trend.Line.High,
            Projected = last.Expected,
            ProjectedLow = last.Low,
            ProjectedHigh = last.High,
            ProjectedIsPeak = envelope,
            HighestAbove = subject.CountsHighest ? above : null,
            HighestAboveAt = worst?.At,
            Peak = subject.CountsHighest || peak.Expected > last.Expected ? Expectation(peak) : null,
            ReachedEarliest = crossing.Earliest,
            ReachedExpected = crossing.Expected,
            ReachedLatest = crossing.Latest,
            Backtest = backtest is null ? null : new CapacityBacktest(backtest.Forecasts, TimeSpan.FromDays(backtest.DaysAhead), backtest.MeanAbsoluteError, backtest.MeanAbsolutePercent),
            BacktestError = backtest?.MeanAbsolutePercent,
            Confidence = CapacityVerdict.ConfidenceOf(forecast.Days, forecast.CoveragePercent ?? 0, backtest),
            Method = $"Theil–Sen line through {Say.Count(trend.Points.Count, envelope ? "peak" : "day", envelope ? "peaks" : "days")} since {Say.Day(trend.Points[0].At)}"
                + (answer.Stretch.Jump == 0 ? "" : ", those before the jump put onto the level since")
                + (trend.Season is null ? "" : " with a weekly season") + "; 80 % interval from the residual bootstrap",
            Forecast = [.. within.Select(Expectation)],
            Reasons =
            [
                .. forecast.Reasons,
                .. answer.Stretch.Jump == 0 ? Array.Empty<string>() : [Sentence(answer.Stretch.Reason)],
                .. trend.Line is { Low: <= 0, High: >= 0 } line ? [$"No growth that can be told from chance: between {CapacityText.PerDay(line.Low, line.High - line.Low, forecast.Unit)} and {CapacityText.PerDay(line.High, line.High - line.Low, forecast.Unit)}."] : Array.Empty<string>(),
                .. backtest is null ? ["Too little history to try the forecast on."] : Array.Empty<string>(),
            ],
        };
    }

    private static CapacityForecast Negated(CapacityForecast forecast) => forecast with
    {
        Current = -forecast.Current,
        Limit = -forecast.Limit,
        TrendPerDay = -forecast.TrendPerDay,
        TrendLow = -forecast.TrendHigh,
        TrendHigh = -forecast.TrendLow,
        Projected = -forecast.Projected,
        ProjectedLow = -forecast.ProjectedHigh,
        ProjectedHigh = -forecast.ProjectedLow,
        Peak = forecast.Peak is { } peak ? Negated(peak) : null,
        History = [.. forecast.History.Select(point => point with { Value = -point.Value })],
        Forecast = [.. forecast.Forecast.Select(Negated)],
    };

    private static CapacityExpectation Negated(CapacityExpectation value) => new(value.At, -value.Expected, -value.High, -value.Low);

    private static CapacityExpectation Expectation(ExpectedValue value) => new(DateTimeOffset.UnixEpoch.AddDays(value.Day), value.Expected, value.Low, value.High);

    // The highest of many days may be old where the newest is not.
    private static bool IsStale(CapacityFacts facts, CapacityCase subject, CapacityForecast forecast) =>
        (subject.CountsHighest && subject.Series.Points is [.., var newest] ? newest.At : forecast.CurrentAt) is { } at && facts.Now - at > Stale;

    private static string Sentence(string text) => char.ToUpperInvariant(text[0]) + text[1..] + ".";
}
