using System.Globalization;
using Maintenance.Engine.Tasks;

namespace Maintenance.Engine.Tests.Tasks;

public sealed class MaintenanceWindowsTests
{
    private static DateTimeOffset Utc(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    private static MaintenanceWindow Window(string start, double hours, string zone = "UTC", params DayOfWeek[] days) =>
        new() { Days = days, Start = TimeOnly.Parse(start, CultureInfo.InvariantCulture), Duration = TimeSpan.FromHours(hours), TimeZone = zone };

    [Fact]
    public void Without_windows_it_is_always_open_and_never_closes() => Assert.Equal((true, null), MaintenanceWindows.At([], Utc("2026-03-01 12:00")));

    [Theory]
    [InlineData("2026-03-01 00:59", false)]
    [InlineData("2026-03-01 01:00", true)]
    [InlineData("2026-03-01 02:59", true)]
    [InlineData("2026-03-01 03:00", false)]
    [InlineData("2026-03-02 01:30", false)]
    public void A_window_is_open_on_its_days_from_its_start_for_its_duration(string now, bool open) =>
        Assert.Equal(open, MaintenanceWindows.At([Window("01:00", 2, "UTC", DayOfWeek.Sunday)], Utc(now)).IsOpen);

    [Fact]
    public void A_window_may_cross_midnight_and_belongs_to_the_day_it_opens()
    {
        var (isOpen, closesAt) = MaintenanceWindows.At([Window("22:00", 6, "UTC", DayOfWeek.Saturday)], Utc("2026-03-01 03:00"));
        Assert.True(isOpen);
        Assert.Equal(Utc("2026-03-01 04:00"), closesAt);
        Assert.False(MaintenanceWindows.At([Window("22:00", 6, "UTC", DayOfWeek.Saturday)], Utc("2026-03-02 03:00")).IsOpen);
    }

    [Fact]
    public void Of_two_open_windows_the_one_that_closes_last_counts() =>
        Assert.Equal(Utc("2026-03-01 05:00"), MaintenanceWindows.At([Window("01:00", 2), Window("02:00", 3)], Utc("2026-03-01 02:30")).ClosesAt);

    [Theory]
    // Berlin is an hour ahead of UTC in winter, two in summer.
    [InlineData("2026-01-11 00:30", true)]
    [InlineData("2026-07-12 00:30", false)]
    [InlineData("2026-07-11 23:30", true)]
    public void The_time_of_day_is_that_of_the_zone(string now, bool open) =>
        Assert.Equal(open, MaintenanceWindows.At([Window("01:00", 1, "Europe/Berlin")], Utc(now)).IsOpen);

    [Fact]
    public void A_start_that_summer_time_leaves_out_is_the_first_moment_after_it() =>
        Assert.Equal(Utc("2026-03-29 01:00"), MaintenanceWindows.NextOpening([Window("02:30", 1, "Europe/Berlin", DayOfWeek.Sunday)], Utc("2026-03-28 12:00")));

    [Fact]
    public void A_start_that_comes_twice_is_the_first_of_the_two() =>
        Assert.Equal(Utc("2026-10-25 00:30"), MaintenanceWindows.NextOpening([Window("02:30", 1, "Europe/Berlin", DayOfWeek.Sunday)], Utc("2026-10-24 12:00")));

    [Fact]
    public void The_next_opening_is_that_of_any_window() =>
        Assert.Equal(Utc("2026-03-03 04:00"), MaintenanceWindows.NextOpening([Window("01:00", 2, "UTC", DayOfWeek.Sunday), Window("04:00", 1, "UTC", DayOfWeek.Tuesday)], Utc("2026-03-01 02:00")));
}
