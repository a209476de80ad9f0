using Maintenance.Engine.Performance.Samples;

namespace Maintenance.Engine.Performance.Trends;

/// <summary>
/// The course of a figure, all its points of one length: samples grow coarser with age, and one line of five-minute points and of hours would
/// seem to have become restless. What was not measured stays a gap. Pure.
/// </summary>
/// <param name="Step">Length of a point's time; null where each measurement is a point.</param>
/// <param name="Points">What was measured, oldest first.</param>
/// <param name="Gaps">The times of which nothing is known, oldest first.</param>
internal sealed record TrendCourse(TimeSpan? Step, IReadOnlyList<SeriesPoint> Points, IReadOnlyList<TrendGap> Gaps)
{
    // Up to here each measurement is shown, and from there on hours.
    private static readonly TimeSpan Short = TimeSpan.FromDays(2);

    // From here on a picture shows days.
    private static readonly TimeSpan Long = TimeSpan.FromDays(60);

    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    /// <summary>Of samples within a time, oldest first; of a total, what each day (or hour) came to.</summary>
    public static TrendCourse Of(IReadOnlyList<SeriesPoint> points, DateTimeOffset from, DateTimeOffset to, bool isTotal)
    {
        var length = to - from;
        var coarsest = points.Where(point => point.Value.Count > 1).Select(point => point.To - point.From).DefaultIfEmpty().Max();
        TimeSpan? step = coarsest > Hour || length > Long || (isTotal && length > Short) ? Day : coarsest > TimeSpan.Zero || length > Short || isTotal ? Hour : null;
        var gaps = GapsOf(points, from, to);
        if (step is not { } width)
        {
            return new TrendCourse(null, points, gaps);
        }

        // What a day came to is told of whole days: these end when the time does. Days that are compared by their names are those of the calendar.
        var (seconds, start) = isTotal ? (Seconds(points), to.UtcTicks % width.Ticks) : (null, 0);
        return new TrendCourse(
            width,
            [
                .. points.Index().GroupBy(entry => (Math.Max(Middle(entry.Item).Ticks, isTotal ? from.UtcTicks : 0) - start) / width.Ticks).OrderBy(group => group.Key).Select(group =>
                {
                    var at = new DateTimeOffset(group.Key * width.Ticks + start, TimeSpan.Zero);
                    var value = seconds is null ? Together(group.Select(entry => entry.Item)) : SampleValue.Of(group.Sum(entry => entry.Item.Value.Mean * seconds[entry.Index] / Day.TotalSeconds));
                    return new SeriesPoint(at, at + width, value, group.Any(entry => entry.Item.IsMadeUp));
                }),
            ],
            gaps);
    }

    /// <summary>The points to draw: those between which something is missing that is as wide as a point have one without a value between them.</summary>
    public List<TrendPoint> Drawn()
    {
        var drawn = new List<TrendPoint>(Points.Count + Gaps.Count);
        foreach (var (index, point) in Points.Index())
        {
            var at = At(point);
            if (index > 0 && At(Points[index - 1]) is var before && (Step is null || point.From > Points[index - 1].To) && Gaps.FirstOrDefault(gap => gap.From < at && gap.To > before) is not null)
            {
                drawn.Add(new TrendPoint { At = before + (at - before) / 2 });
            }

            drawn.Add(new TrendPoint { At = at, Mean = point.Value.Mean, Minimum = point.Value.Minimum, Maximum = point.Value.Maximum });
        }

        return drawn;
    }

    /// <summary>The points whose whole time lies after another; all where none does.</summary>
    public IReadOnlyList<SeriesPoint> Since(DateTimeOffset from) => Points.Where(point => Step is null || point.From >= from).ToList() is { Count: > 0 } whole ? whole : Points;

    /// <summary>Where a point stands on the line of time.</summary>
    public DateTimeOffset At(SeriesPoint point) => Step is null ? point.At : point.From + (point.To - point.From) / 2;

    /// <summary>How much of a time gaps take, in percent.</summary>
    public static double Missing(IReadOnlyList<TrendGap> gaps, DateTimeOffset from, DateTimeOffset to) => Math.Clamp(gaps.Sum(gap => (gap.To - gap.From).Ticks) * 100d / (to - from).Ticks, 0, 100);

    /// <summary>How much of a time was not measured, in percent: gaps, and what is missing within hours and days that hold fewer measurements than those around them.</summary>
    public static double Missing(IReadOnlyList<SeriesPoint> points, IReadOnlyList<TrendGap> gaps, DateTimeOffset from, DateTimeOffset to)
    {
        double missing = 0;
        for (var index = 0; index < points.Count; index++)
        {
            var (length, count) = (points[index].To - points[index].From, points[index].Value.Count);
            if (count == 1)
            {
                continue;
            }

            var around = points.Skip(Math.Max(0, index - 6)).Take(13).Where(point => point.To - point.From == length).Select(point => point.Value.Count).Order().ToList();
            var usual = around[around.Count / 2];
            // One more or less is when the clock struck.
            missing += usual - count <= 1 ? 0 : length.Ticks * (1 - (double)count / usual);
        }

        return Math.Clamp(Missing(gaps, from, to) + missing * 100 / (to - from).Ticks, 0, 100);
    }

    /// <summary>
    /// The times of which samples tell nothing. Hours and days are as long as they are: each that is missing is a gap. How far single measurements
    /// are apart is only known from those around: three times as long without one is a gap.
    /// </summary>
    public static IReadOnlyList<TrendGap> GapsOf(IReadOnlyList<SeriesPoint> points, DateTimeOffset from, DateTimeOffset to)
    {
        if (points.Count == 0)
        {
            return [new TrendGap(from, to)];
        }

        var gaps = new List<TrendGap>();
        // The first hour may have begun before the time, and then it is not among them.
        AddIf(points[0].IsStretch ? Length(points[0]) / 2 : Usual(points, 0) * 3, from, Start(points, 0));
        for (var index = 1; index < points.Count; index++)
        {
            var (before, here) = (points[index - 1], points[index]);
            var usual = Usual(points, index);
            var most = before.IsStretch && here.IsStretch ? Shorter(Length(before), Length(here)) - TimeSpan.FromTicks(1)
                : usual > TimeSpan.Zero ? usual * 2
                : Length(before.IsStretch ? before : here);
            AddIf(most, before.To, Start(points, index));
        }

        // One that is not over yet is not missing.
        AddIf(points[^1].IsStretch ? Length(points[^1]) - TimeSpan.FromTicks(1) : Usual(points, points.Count - 1) * 3, points[^1].To, to);
        return gaps;

        void AddIf(TimeSpan most, DateTimeOffset begin, DateTimeOffset end)
        {
            if (end - begin > most && end > begin)
            {
                gaps.Add(new TrendGap(begin, end));
            }
        }
    }

    /// <summary>How many seconds of each sample were measured: hours and days count as much as they have measurements, against the fullest of their length.</summary>
    public static IReadOnlyList<double> Seconds(IReadOnlyList<SeriesPoint> points)
    {
        var most = points.GroupBy(point => point.To - point.From).ToDictionary(group => group.Key, group => group.Max(point => point.Value.Count));
        return [.. points.Select(point => (point.To - point.From).TotalSeconds * point.Value.Count / most[point.To - point.From])];
    }

    /// <summary>All of them as one, each with the weight of its measurements.</summary>
    public static SampleValue Together(IEnumerable<SeriesPoint> points) => points.Select(point => point.Value).Aggregate((sum, value) => sum.With(value));

    // A measurement tells of the time before it.
    private static DateTime Middle(SeriesPoint point) => (point.Value.Count == 1 ? point.To.AddTicks(-1) : point.At).UtcDateTime;

    // A single measurement stands for no longer than is usual, whatever it counts from.
    private static DateTimeOffset Start(IReadOnlyList<SeriesPoint> points, int index) => points[index].IsStretch ? points[index].From : points[index].To - Usual(points, index);

    // How far single measurements are apart around one of them; nothing where it stands alone.
    private static TimeSpan Usual(IReadOnlyList<SeriesPoint> points, int index)
    {
        var distances = new List<TimeSpan>();
        for (var second = Math.Max(1, index - 6); second <= Math.Min(points.Count - 1, index + 5); second++)
        {
            if (!points[second].IsStretch && !points[second - 1].IsStretch)
            {
                distances.Add(points[second].To - points[second - 1].To);
            }
        }

        distances.Sort();
        return distances.Count == 0 ? TimeSpan.Zero : distances[distances.Count / 2];
    }

    private static TimeSpan Length(SeriesPoint point) => point.To - point.From;

    private static TimeSpan Shorter(TimeSpan first, TimeSpan second) => first < second ? first : second;
}
