namespace Maintenance.Engine.Sandbox.SampleHistory;

/// <summary>What happened in the months before a sandbox was started, and when. Pure: it hangs on the times of its ends alone.</summary>
internal sealed class SampleTimeline
{
    private const int PurgeEveryDays = 120;

    // Midnight of a Monday.
    private static readonly DateTimeOffset Monday = new(1970, 1, 5, 0, 0, 0, TimeSpan.Zero);

    /// <summary>A time up to now.</summary>
    /// <param name="length">How long.</param>
    /// <param name="now">Its end.</param>
    public SampleTimeline(TimeSpan length, DateTimeOffset now)
    {
        var today = new DateTimeOffset(now.UtcDateTime.Date, TimeSpan.Zero);
        Now = now.ToUniversalTime();
        Start = new DateTimeOffset((now - length).UtcDateTime.Date, TimeSpan.Zero);
        Deployment = today.AddDays(-21).AddHours(14);
        var failing = today.AddDays(-9);
        failing = failing.AddDays(failing.DayOfWeek switch { DayOfWeek.Saturday => -1, DayOfWeek.Sunday => -2, _ => 0 });
        Incident = (failing.AddHours(10), failing.AddHours(12.5));
        Gaps =
        [
            (today.AddDays(-112), today.AddDays(-111).AddHours(6)),
            (today.AddDays(-40).AddHours(22), today.AddDays(-39).AddHours(5)),
            (today.AddDays(-3).AddHours(3), today.AddDays(-3).AddMinutes(230)),
        ];
        Purges = [.. Enumerable.Range(0, 64).Select(index => today.AddDays(-60 - index * PurgeEveryDays).AddHours(2.5))];
    }

    /// <summary>The first moment of the history: midnight (UTC).</summary>
    public DateTimeOffset Start { get; }

    /// <summary>Its end.</summary>
    public DateTimeOffset Now { get; }

    /// <summary>When a release made everything 30 % slower: three weeks ago.</summary>
    public DateTimeOffset Deployment { get; }

    /// <summary>When requests failed: a weekday morning of last week.</summary>
    public (DateTimeOffset From, DateTimeOffset To) Incident { get; }

    /// <summary>When nobody measured.</summary>
    public IReadOnlyList<(DateTimeOffset From, DateTimeOffset To)> Gaps { get; }

    /// <summary>When old rows were deleted and their space was given back: two months ago, and every four months before. Newest first.</summary>
    public IReadOnlyList<DateTimeOffset> Purges { get; }

    public bool IsMeasured(DateTimeOffset from, DateTimeOffset to) => !Gaps.Any(gap => from < gap.To && gap.From < to);

    public bool IsIncident(DateTimeOffset at) => Incident.From <= at && at < Incident.To;

    /// <summary>How slow everything is, in what it is now.</summary>
    public double Slowness(DateTimeOffset at) => at < Deployment ? 1 / 1.3 : 1;

    /// <summary>How busy it is, from 0 to 1, as the rows of the sample are spread: busy by day (UTC), quiet by night and on weekends.</summary>
    public static double Load(DateTimeOffset at)
    {
        var byHour = at.UtcDateTime.Hour switch { >= 7 and <= 18 => 10, >= 19 and <= 22 => 6, _ => 2 };
        return byHour * (IsWeekend(at) ? 1 : 3) / 30.0;
    }

    /// <summary>Days of growth up to now: those of a week are seven, most of it on its weekdays.</summary>
    public double DaysBack(DateTimeOffset at) => GrowthDays(Now) - GrowthDays(at);

    /// <summary>Purges between a time and now.</summary>
    public int PurgesSince(DateTimeOffset at) => Purges.Count(purge => at < purge && purge <= Now);

    private static bool IsWeekend(DateTimeOffset at) => at.UtcDateTime.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday;

    private static double GrowthDays(DateTimeOffset at)
    {
        var days = (at - Monday).TotalDays;
        var weeks = Math.Floor(days / 7);
        var day = days - 7 * weeks;
        return 7 * weeks + (day < 5 ? 1.3 * day : 6.5 + 0.25 * (day - 5));
    }
}
