namespace Maintenance;

/// <summary>What was usual of a figure at each hour of the day (UTC), on weekdays and on weekends: with it, like hours are compared with like.</summary>
public sealed record BaselineRhythm
{
    /// <summary>The hours of which something was measured.</summary>
    public IReadOnlyList<BaselineHour> Hours { get; init => field = Readable.Copy(value); } = Readable.List<BaselineHour>.Empty;

    /// <summary>By how much the mean of an hour differs from what is usual at that hour (standard deviation); null where no hour was measured on two days.</summary>
    public double? Deviation { get; init; }

    /// <summary>So many of the hours count as independent of each other, once what is usual at each is taken away; null where no hour was measured on two days.</summary>
    public double? IndependentHours { get; init; }
}

/// <summary>What was usual at an hour of the day.</summary>
/// <param name="IsWeekend">Of Saturdays and Sundays, not of the other days.</param>
/// <param name="Hour">The hour, 0 to 23 (UTC).</param>
/// <param name="Days">On how many days it was measured.</param>
/// <param name="Mean">The mean of their means.</param>
public sealed record BaselineHour(bool IsWeekend, int Hour, int Days, double Mean);
