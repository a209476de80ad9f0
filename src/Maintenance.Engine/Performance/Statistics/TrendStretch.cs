namespace Maintenance.Engine.Performance.Statistics;

/// <summary>What is asked of a past.</summary>
/// <param name="Now">The day on which it is asked.</param>
/// <param name="Days">How many days ahead it is asked for.</param>
internal sealed record TrendQuestion(double Now, double Days)
{
    /// <summary>True where days of the week differ.</summary>
    public bool IsWeekly { get; init; }

    /// <summary>True for counters, which only rise: where they fell they were set back.</summary>
    public bool OnlyRises { get; init; }

    /// <summary>How a value is written in sentences.</summary>
    public Func<double, string> Say { get; init; } = value => Inspect.Say.Text($"{value:0.###}");

    /// <summary>A trend needs so many days: a week, and a fifth of what it is to be drawn out to.</summary>
    public int DaysNeeded => (int)Math.Max(7, Math.Ceiling(Days / 5));
}

/// <summary>A level that became another at once.</summary>
/// <param name="Day">The first day of the new one.</param>
/// <param name="Before">The level before.</param>
/// <param name="Since">The level since.</param>
internal readonly record struct LevelStep(double Day, double Before, double Since)
{
    // A week on either side has each day of the week, and little of what grows besides.
    private const int Near = 7;

    /// <summary>The step at one of some values.</summary>
    public static LevelStep Of(IReadOnlyList<TimedValue> points, int first) => new(
        points[first].Day,
        Robust.Median(points.Take(first).TakeLast(Near).Select(point => point.Value)),
        Robust.Median(points.Skip(first).Take(Near).Select(point => point.Value)));
}

/// <summary>The part of the past that tells about the future.</summary>
/// <param name="Points">Its values.</param>
/// <param name="Start">When it begins.</param>
/// <param name="Reason">Why there.</param>
/// <param name="IsEnvelope">True if the values are the peaks of a saw: what they were before each time they fell.</param>
internal sealed record TrendStretch(IReadOnlyList<TimedValue> Points, double Start, string Reason, bool IsEnvelope = false)
{
    /// <summary>A fall of so many standard deviations is a purge.</summary>
    private const double Falls = 6;

    /// <summary>So many teeth make a saw.</summary>
    public const int FewestPeaks = 4;

    /// <summary>The step that it begins with; null where it begins otherwise.</summary>
    public LevelStep? Step { get; init; }

    /// <summary>How far the level jumped just now, where the values are those from before the jump, put onto the level since; 0 for none.</summary>
    public double Jump { get; init; }

    /// <summary>Chooses the part after the last change; where values fall again and again, the peaks of all their teeth.</summary>
    public static TrendStretch Choose(IReadOnlyList<TimedValue> points, TrendQuestion question)
    {
        if (question.OnlyRises)
        {
            var reset = Enumerable.Range(1, Math.Max(0, points.Count - 1)).LastOrDefault(index => points[index].Value < points[index - 1].Value);
            if (reset > 0)
            {
                var later = Choose([.. points.Skip(reset)], question);
                return later.Start > points[reset].Day
                    ? later
                    : later with { Reason = $"it was set back on {Date(points[reset])}, from {question.Say(points[reset - 1].Value)} to {question.Say(points[reset].Value)}" };
            }
        }

        var segments = ChangePoints.Find(points);
        if (segments.Count == 1)
        {
            return new TrendStretch(points, points[0].Day, "the history begins there");
        }

        var noise = Math.Max(Robust.Noise(points), Robust.Floor(points));
        var lines = segments.Select(segment => TheilSen.Fit([.. points.Skip(segment.First).Take(segment.Count)])!).ToList();
        var jumps = segments.Select((segment, index) => index == 0 ? 0 : lines[index].At(points[segment.First].Day) - lines[index - 1].At(points[segment.First].Day)).ToList();
        return Saw(points, segments, lines, jumps, noise) ?? After(points, segments[^1], jumps[^1], noise, question);
    }

    private static TrendStretch After(IReadOnlyList<TimedValue> points, Segment last, double jump, double noise, TrendQuestion question)
    {
        var first = points[last.First];
        var what = jump < -Falls * noise ? $"it fell by {question.Say(-jump)} on {Date(first)}, as after a purge"
            : jump > Falls * noise ? $"it rose by {question.Say(jump)} at once on {Date(first)}"
            : $"its growth is another since {Date(first)}";
        return new TrendStretch([.. points.Skip(last.First)], first.Day, what) { Step = Math.Abs(jump) > Falls * noise ? LevelStep.Of(points, last.First) : null };
    }

    private static TrendStretch? Saw(IReadOnlyList<TimedValue> points, IReadOnlyList<Segment> segments, List<TrendLine> lines, List<double> jumps, double noise)
    {
        var peaks = new List<TimedValue>();
        for (var index = 1; index < segments.Count; index++)
        {
            if (jumps[index] < -Falls * noise)
            {
                var day = points[segments[index].First - 1].Day;
                peaks.Add(new TimedValue(day, lines[index - 1].At(day)));
            }
        }

        if (peaks.Count < FewestPeaks)
        {
            return null;
        }

        // Falls that are over, or come whenever they like, promise nothing.
        var gaps = peaks.Zip(peaks.Skip(1), (before, after) => after.Day - before.Day).ToList();
        var gap = Robust.Median(gaps);
        return gaps.Max() <= 2 * gap && points[^1].Day - peaks[^1].Day <= 2 * gap
            ? new TrendStretch(peaks, peaks[0].Day, Inspect.Say.Text($"it falls about every {gap:0} days, as after purges: the peaks before each fall are compared"), IsEnvelope: true)
            : null;
    }

    private static string Date(TimedValue point) => Inspect.Say.Day(point.At);
}
