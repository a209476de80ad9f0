using Maintenance.Engine.Retention;

namespace Maintenance.Engine.Tests.Retention;

public sealed class CutOffTests
{
    private static readonly TimeZoneInfo Berlin = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin");
    private static readonly TimeZoneInfo NewYork = TimeZoneInfo.FindSystemTimeZoneById("America/New_York");
    private static readonly TimeZoneInfo LordHowe = TimeZoneInfo.FindSystemTimeZoneById("Australia/Lord_Howe");

    [Fact]
    public void A_moment_is_the_servers_time_less_the_age_to_the_microsecond()
    {
        var cutOff = CutOff.Of(new DateTimeOffset(2026, 11, 25, 3, 0, 0, TimeSpan.FromHours(2)).AddTicks(1_234_567), TimeSpan.FromDays(90), TimeKind.Moment, TimeZoneInfo.Utc);
        Assert.Equal("2026-08-27 01:00:00.123456+00", cutOff.Value);
        Assert.Equal(new DateTimeOffset(2026, 8, 27, 1, 0, 0, TimeSpan.Zero).AddTicks(1_234_560), cutOff.Moment);
    }

    [Fact]
    public void A_wall_clock_shows_the_moment_in_its_zone()
    {
        Assert.Equal("2026-07-01 02:00:00.000000", Of("2026-07-01T00:00:00Z", TimeKind.WallClock, Berlin));
        Assert.Equal("2026-01-01 01:00:00.000000", Of("2026-01-01T00:00:00Z", TimeKind.WallClock, Berlin));
    }

    [Fact]
    public void A_day_is_past_only_when_it_is_over_where_its_clock_hangs()
    {
        // 23:30 of the first of July in Berlin: that day is not over, so only days before it are past.
        Assert.Equal("2026-07-01", Of("2026-07-01T21:30:00Z", TimeKind.Day, Berlin));
        Assert.Equal("2026-07-02", Of("2026-07-01T22:00:00Z", TimeKind.Day, Berlin));
        Assert.Equal("2026-06-30", Of("2026-07-01T03:59:59Z", TimeKind.Day, NewYork));
    }

    [Theory]
    // Berlin goes back from 03:00 to 02:00 at 01:00 UTC on 2026-10-25.
    [InlineData("2026-10-24T23:59:59Z", "2026-10-25 01:59:59.000000")]
    // While the hour is shown for the first time, 02:30 may be the second, an hour later: nothing of that hour is surely past.
    [InlineData("2026-10-25T00:00:00Z", "2026-10-25 02:00:00.000000")]
    [InlineData("2026-10-25T00:30:00Z", "2026-10-25 02:00:00.000000")]
    [InlineData("2026-10-25T00:59:59Z", "2026-10-25 02:00:00.000000")]
    // While it is shown for the second time, both are past.
    [InlineData("2026-10-25T01:00:00Z", "2026-10-25 02:00:00.000000")]
    [InlineData("2026-10-25T01:30:00Z", "2026-10-25 02:30:00.000000")]
    [InlineData("2026-10-25T02:00:00Z", "2026-10-25 03:00:00.000000")]
    // In spring an hour is never shown.
    [InlineData("2026-03-29T00:59:59Z", "2026-03-29 01:59:59.000000")]
    [InlineData("2026-03-29T01:00:00Z", "2026-03-29 03:00:00.000000")]
    public void Where_clocks_are_changed_no_row_goes_that_may_be_younger(string moment, string wall) =>
        Assert.Equal(wall, Of(moment, TimeKind.WallClock, Berlin)[..19] + ".000000");

    [Fact]
    public void Whatever_a_reading_of_the_clock_can_mean_lies_before_the_cut_off_if_the_reading_does()
    {
        foreach (var zone in new[] { Berlin, NewYork, LordHowe, TimeZoneInfo.Utc })
        {
            var start = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
            for (var moment = start; moment < start.AddDays(366); moment += TimeSpan.FromMinutes(17))
            {
                var wall = DateTime.Parse(CutOff.Of(moment, TimeSpan.Zero, TimeKind.WallClock, zone).Value, System.Globalization.CultureInfo.InvariantCulture);
                var last = wall.AddTicks(-TimeSpan.TicksPerMicrosecond);
                if (zone.IsInvalidTime(last))
                {
                    continue;
                }

                var latest = zone.IsAmbiguousTime(last)
                    ? zone.GetAmbiguousTimeOffsets(last).Select(offset => new DateTimeOffset(last, offset)).Max()
                    : new DateTimeOffset(last, zone.GetUtcOffset(last));
                Assert.True(latest < moment, $"{zone.Id} {moment:u}: {last:u} may mean {latest:u}");
                // And it is not needlessly careful: at most by the hour that is shown twice.
                Assert.True(moment - latest <= TimeSpan.FromMinutes(121), $"{zone.Id} {moment:u}");
            }
        }
    }

    [Theory]
    [InlineData("2026-10-25T02:30:00Z", "2026-10-25 02:30:00.000000")]
    [InlineData("2026-07-01T00:00:00Z", "2026-07-01 00:00:00.000000")]
    [InlineData("0001-01-01T00:00:00Z", "0001-01-01 00:00:00.000000")]
    public void The_begin_of_a_partition_is_what_its_clock_shows(string begin, string wall)
    {
        var since = (DateTimeOffset.Parse(begin, System.Globalization.CultureInfo.InvariantCulture) - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
        Assert.Equal(wall, CutOff.At(since, TimeKind.WallClock, TimeZoneInfo.Utc).Value);
        if (since > 0)
        {
            Assert.Equal(wall, CutOff.At(since, TimeKind.WallClock, Berlin).Value);
            Assert.Equal(wall[..10], CutOff.At(since, TimeKind.Day, Berlin).Value);
            // The plan keeps the moment, and the run makes the value of it again.
            var again = CutOff.Of(CutOff.At(since, TimeKind.WallClock, Berlin).Moment, TimeSpan.Zero, TimeKind.WallClock, Berlin);
            Assert.Equal(wall, again.Value);
        }
    }

    [Fact]
    public void What_has_no_begin_begins_before_every_row() => Assert.Equal(DateTimeOffset.MinValue, CutOff.At(null, TimeKind.Moment, TimeZoneInfo.Utc).Moment);

    private static string Of(string moment, TimeKind kind, TimeZoneInfo zone) =>
        CutOff.Of(DateTimeOffset.Parse(moment, System.Globalization.CultureInfo.InvariantCulture), TimeSpan.Zero, kind, zone).Value;
}
