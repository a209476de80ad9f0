using Maintenance.Engine.Performance.Samples;

namespace Maintenance.Engine.Performance.Baselines;

/// <summary>
/// What is usual of a sampled figure at each hour of weekdays and weekends, and how much the hours still differ and resemble each other once that is
/// taken away. A rhythm that comes back every day is no drift, and makes no two readings witnesses of the same thing. Pure.
/// </summary>
internal static class DailyRhythm
{
    /// <summary>With fewer days nobody knows how much an hour differs from one day to the next.</summary>
    public const int FewestDays = 2;

    /// <summary>What lasted longer belongs to no hour.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(66);

    /// <summary>So far apart hours are asked whether they resemble each other.</summary>
    private const int MostLags = 72;

    /// <summary>Finds it; null where hours cannot be told apart, as in samples that were put together by the day.</summary>
    /// <param name="points">The samples.</param>
    public static BaselineRhythm? Of(IReadOnlyList<SeriesPoint> points)
    {
        if (points.Any(point => point.Value.Count > 1 && point.To - point.From > Longest))
        {
            return null;
        }

        // One measurement after a gap may be a rate of all of it.
        var hours = points.Where(point => point.To - point.From <= Longest)
            .GroupBy(point => (long)Math.Floor((Middle(point) - DateTimeOffset.UnixEpoch).TotalHours))
            .Select(hour => new Hour(hour.Key, hour.Sum(point => point.Value.Count * point.Value.Mean) / hour.Sum(point => point.Value.Count)))
            .OrderBy(hour => hour.Index)
            .ToList();
        if (hours.Count == 0)
        {
            return null;
        }

        var usual = hours.GroupBy(hour => hour.Kind).ToDictionary(kind => kind.Key, kind => (Days: kind.Count(), Mean: kind.Average(hour => hour.Mean)));
        var rhythm = new BaselineRhythm
        {
            Hours = [.. usual.OrderBy(pair => pair.Key).Select(pair => new BaselineHour(pair.Key.IsWeekend, pair.Key.Hour, pair.Value.Days, pair.Value.Mean))],
        };
        // An hour of a single day is what is usual by itself, and tells nothing of differences.
        var left = hours.Where(hour => usual[hour.Kind].Days >= FewestDays).Select(hour => hour with { Mean = hour.Mean - usual[hour.Kind].Mean }).ToList();
        var freedom = left.Count - usual.Count(kind => kind.Value.Days >= FewestDays);
        if (freedom < 1)
        {
            return rhythm;
        }

        var variance = left.Sum(hour => hour.Mean * hour.Mean) / freedom;
        return rhythm with
        {
            Deviation = Math.Sqrt(variance),
            IndependentHours = variance == 0 ? left.Count : Math.Max(1, left.Count / Math.Max(OfNeighbours(left), OfDays(left, variance))),
        };
    }

    private static DateTimeOffset Middle(SeriesPoint point) => point.From + (point.To - point.From) / 2;

    /// <summary>So many hours tell as much as one: 1 + 2 Σ ρ, as long as hours resemble those before (Geyer 1992, the initial positive sequence).</summary>
    private static double OfNeighbours(List<Hour> left)
    {
        var squares = left.Sum(hour => hour.Mean * hour.Mean) / left.Count;
        var byIndex = left.ToDictionary(hour => hour.Index, hour => hour.Mean);
        var sum = 1.0;
        for (var lag = 1; lag <= MostLags; lag++)
        {
            var pairs = left.Where(hour => byIndex.ContainsKey(hour.Index + lag)).Select(hour => hour.Mean * byIndex[hour.Index + lag]).ToList();
            if (pairs.Count < MostLags / 4 || pairs.Average() is not (> 0 and var product))
            {
                break;
            }

            sum += 2 * product / squares;
        }

        return sum;
    }

    /// <summary>The same from how much whole days differ: a day that is busy as a whole is one witness, however many hours it has.</summary>
    private static double OfDays(List<Hour> left, double variance)
    {
        var days = left.GroupBy(hour => hour.Day).ToList();
        var freedom = days.Count - left.Select(hour => hour.IsWeekend).Distinct().Count();
        return freedom < 1 ? 1 : days.Sum(day => day.Sum(hour => hour.Mean) * day.Sum(hour => hour.Mean) / day.Count()) / freedom / variance;
    }

    private readonly record struct Hour(long Index, double Mean)
    {
        public long Day => Math.DivRem(Index, 24).Quotient;

        public bool IsWeekend => DateTimeOffset.UnixEpoch.AddHours(Index).DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday;

        public (bool IsWeekend, int Hour) Kind => (IsWeekend, (int)(Index % 24));
    }
}
