using Maintenance.Engine.Performance.Samples;
using Maintenance.Engine.Performance.Statistics;

namespace Maintenance.Engine.Performance.Trends;

/// <summary>
/// The last course of a figure: since when its days follow one line, and the step that this began with. What went before a step says nothing of
/// where the figure is going, nor of what a usual day is. The change points are those of forecasts (<see cref="TrendStretch"/>). Pure.
/// </summary>
/// <param name="Since">When it began.</param>
/// <param name="Shift">The step that it began with; null for none that is worth telling.</param>
internal sealed record LastCourse(DateTimeOffset Since, TrendShift? Shift)
{
    // A day of which much less was measured than of others tells of its hours.
    private const double LeastOfDay = 1 / 3.0;

    /// <summary>The last course of samples, oldest first; null where there are too few days.</summary>
    /// <param name="points">The samples.</param>
    /// <param name="to">When the time ended: days end when it does, so that each has all hours.</param>
    public static LastCourse? Of(IReadOnlyList<SeriesPoint> points, DateTimeOffset to)
    {
        var days = Days(points, to);
        if (days.Count < DailyTrend.FewestDays)
        {
            return null;
        }

        var season = WeeklySeason.Find(days);
        IReadOnlyList<TimedValue> level = [.. days.Select(day => day with { Value = day.Value - (season?.Of(day.Day) ?? 0) })];
        var stretch = TrendStretch.Choose(level, new TrendQuestion(TimedValue.DayOf(to), 0));
        // Of a saw, which falls again and again, all of it is its course.
        var start = stretch.IsEnvelope ? days[0].Day : stretch.Start;
        if (stretch.Step is not { } step || Math.Abs(step.Since - step.Before) * 100 < Math.Abs(step.Before) * TrendJudge.WorthTelling)
        {
            return new LastCourse(DateTimeOffset.UnixEpoch.AddDays(start - 0.5), null);
        }

        var at = Moment(points, step);
        return new LastCourse(at, new TrendShift(at, step.Before, step.Since));
    }

    private static List<TimedValue> Days(IReadOnlyList<SeriesPoint> points, DateTimeOffset to)
    {
        var days = points.Where(point => point.At < to).GroupBy(point => (to - point.At).Ticks / TimeSpan.TicksPerDay).OrderByDescending(group => group.Key)
            .Select(group => (Value: TrendCourse.Together(group), Day: TimedValue.DayOf(to) - group.Key - 0.5)).ToList();
        if (days.Count == 0)
        {
            return [];
        }

        var usual = Robust.Median(days.Select(day => (double)day.Value.Count));
        return [.. days.Where(day => day.Value.Count >= usual * LeastOfDay).Select(day => new TimedValue(day.Day, day.Value.Mean))];
    }

    // Days only say on which of two it was: the samples around it are on the old level, and then on the new one.
    private static DateTimeOffset Moment(IReadOnlyList<SeriesPoint> points, LevelStep step)
    {
        var around = points.Where(point => Math.Abs(TimedValue.DayOf(point.At) - step.Day) < 2).ToList();
        var (best, least, cost) = (DateTimeOffset.UnixEpoch.AddDays(step.Day - 0.5), double.PositiveInfinity, 0d);
        foreach (var point in around)
        {
            if (cost < least)
            {
                (best, least) = (point.Value.Count == 1 ? point.To : point.From, cost);
            }

            // As an old one it costs its distance from the old level, as a new one that from the new.
            cost += Math.Abs(point.Value.Mean - step.Before) - Math.Abs(point.Value.Mean - step.Since);
        }

        return best;
    }
}
