using Maintenance.Engine.Performance.Samples;

namespace Maintenance.Engine.Performance.Statistics;

/// <summary>Samples as one value a day (UTC).</summary>
/// <param name="Points">A value for each day that has one; days without are missing.</param>
/// <param name="Counts">How many measurements each of them stands for.</param>
/// <param name="Remarks">What was left out, in sentences.</param>
internal sealed record DailySeries(IReadOnlyList<TimedValue> Points, IReadOnlyList<long> Counts, IReadOnlyList<string> Remarks)
{
    /// <summary>So much of a day must have samples before its highest value is the day's peak.</summary>
    private static readonly TimeSpan HalfDay = TimeSpan.FromHours(12);

    /// <summary>A sample stands for no longer than this, however long ago the one before was taken.</summary>
    private static readonly TimeSpan MostSpan = TimeSpan.FromHours(1);

    /// <summary>The median of each day, at the median of its times: a few samples that a clock put into the wrong place do not move it.</summary>
    public static DailySeries OfMedians(IReadOnlyList<SeriesPoint> samples, DateTimeOffset now)
    {
        var remarks = new List<string>();
        var days = Days(samples, now, remarks)
            .Select(day => (Value: new TimedValue(Robust.Median(day.Select(point => TimedValue.DayOf(point.At))), Robust.Median(day.Select(point => point.Value.Mean))), Count: Count(day)))
            .ToList();
        return new DailySeries([.. days.Select(day => day.Value)], [.. days.Select(day => day.Count)], remarks);
    }

    /// <summary>The highest value of each day that is over; a day of which less than half has samples has no peak.</summary>
    public static DailySeries OfPeaks(IReadOnlyList<SeriesPoint> samples, DateTimeOffset now)
    {
        var remarks = new List<string>();
        var all = Days(samples, now, remarks).Where(day => day.Key < DayOf(now)).ToList();
        var whole = all.Where(day => day.Aggregate(TimeSpan.Zero, (sum, point) => sum + Covered(point)) >= HalfDay).ToList();
        if (all.Count - whole.Count is > 0 and var partial)
        {
            remarks.Add($"{partial} {(partial == 1 ? "day has" : "days have")} samples for less than half of the day, so that the peak is not known: left out.");
        }

        return new DailySeries(
            [.. whole.Select(day => new TimedValue(day.Key + 0.5, day.Max(point => point.Value.Maximum)))], [.. whole.Select(day => Count(day))], remarks);
    }

    private static IOrderedEnumerable<IGrouping<long, SeriesPoint>> Days(IReadOnlyList<SeriesPoint> samples, DateTimeOffset now, List<string> remarks)
    {
        // A day's sample reaches to its end, which may lie ahead.
        var known = samples.Where(point => point.At <= now && double.IsFinite(point.Value.Mean) && point.To >= point.From).ToList();
        if (samples.Count - known.Count is > 0 and var wrong)
        {
            remarks.Add($"{wrong} {(wrong == 1 ? "sample lies" : "samples lie")} in the future or ended before beginning, as where a clock was set back: left out.");
        }

        return known.GroupBy(point => DayOf(point.At)).OrderBy(day => day.Key);
    }

    private static TimeSpan Covered(SeriesPoint point) => point.Value.Count > 1 || point.To - point.From < MostSpan ? point.To - point.From : MostSpan;

    private static long Count(IEnumerable<SeriesPoint> day) => day.Sum(point => point.Value.Count);

    private static long DayOf(DateTimeOffset time) => (long)Math.Floor(TimedValue.DayOf(time));
}
