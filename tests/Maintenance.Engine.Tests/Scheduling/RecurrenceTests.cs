using System.Globalization;
using Maintenance.Engine.Scheduling;

namespace Maintenance.Engine.Tests.Scheduling;

public sealed class RecurrenceTests
{
    [Theory]
    [InlineData("* * * * *", "every minute")]
    [InlineData("*/5 * * * *", "every 5 min")]
    [InlineData("0 * * * *", "hourly")]
    [InlineData("7 * * * *", "hourly at :07")]
    [InlineData("0 2 * * *", "daily at 02:00")]
    [InlineData("30 1 * * sun", "every Sunday at 01:30")]
    [InlineData("0 1 * * 0", "every Sunday at 01:00")]
    [InlineData("0 1 * * MON-FRI", "Monday to Friday at 01:00")]
    [InlineData("0 1 * * MON,WED", "every Monday, Wednesday at 01:00")]
    [InlineData("0 2 * * SUN#1", "first Sunday of the month at 02:00")]
    [InlineData("0 3 * * SUN#2", "second Sunday of the month at 03:00")]
    [InlineData("0 3 * * SUNL", "last Sunday of the month at 03:00")]
    [InlineData("0 6 * 1,4,7,10 SUN#3", "third Sunday of the quarter at 06:00")]
    [InlineData("0 6 1 1,4,7,10 *", "day 1 of the quarter at 06:00")]
    [InlineData("0 6 * 1,4,7,10 SUNL", "last Sunday of the month in January, April, July, October at 06:00")]
    [InlineData("0 6 L 1,4,7,10 *", "last day of the month in January, April, July, October at 06:00")]
    [InlineData("0 6 * 1,4,7,10 SUN#5", "fifth Sunday of the month in January, April, July, October at 06:00")]
    [InlineData("0 6 * 3,6,9,12 SUNL", "last Sunday of the quarter at 06:00")]
    [InlineData("0 6 L 3,6,9,12 *", "last day of the quarter at 06:00")]
    [InlineData("0 6 1 3,6,9,12 *", "day 1 of the month in March, June, September, December at 06:00")]
    [InlineData("*/7 * * * *", "every 7 min from each full hour")]
    [InlineData("0 6 L * *", "last day of the month at 06:00")]
    [InlineData("0 6 1 2 *", "day 1 of the month in February at 06:00")]
    [InlineData("0 6,18 * * *", "cron 0 6,18 * * *")]
    [InlineData("0 6 13 * FRI", "cron 0 6 13 * FRI")]
    public void A_schedule_is_said_in_words(string cron, string words) => Assert.Equal(words, Recurrence.Parse(cron, "UTC").Describe());

    [Theory]
    [InlineData("0 2 * * SUN#1", "2026-11-01T02:00Z", "2026-12-06T02:00Z", "2027-01-03T02:00Z")]
    [InlineData("0 3 * * SUN#2", "2026-11-08T03:00Z", "2026-12-13T03:00Z", "2027-01-10T03:00Z")]
    [InlineData("0 3 * * SUNL", "2026-10-25T03:00Z", "2026-11-29T03:00Z", "2026-12-27T03:00Z")]
    [InlineData("0 6 * 1,4,7,10 SUN#3", "2027-01-17T06:00Z", "2027-04-18T06:00Z", "2027-07-18T06:00Z")]
    [InlineData("0 6 31 * *", "2026-10-31T06:00Z", "2026-12-31T06:00Z", "2027-01-31T06:00Z")]
    [InlineData("0 0 29 2 *", "2028-02-29T00:00Z", "2032-02-29T00:00Z", "2036-02-29T00:00Z")]
    public void Weekdays_of_a_month_and_quarters_come_when_the_calendar_says(string cron, string first, string second, string third) => Assert.Equal(
        [Time(first), Time(second), Time(third)],
        Recurrence.Parse(cron, "UTC").Between(Time("2026-10-20T00:00Z"), Time("2040-01-01T00:00Z")).Take(3));

    [Fact]
    public void A_time_that_summer_time_leaves_out_is_the_first_moment_after_it() => Assert.Equal(
        [Time("2026-03-28T01:30Z"), Time("2026-03-29T01:00Z"), Time("2026-03-30T00:30Z")],
        Recurrence.Parse("30 2 * * *", "Europe/Berlin").Between(Time("2026-03-28T00:00Z"), Time("2026-03-30T12:00Z")));

    [Fact]
    public void A_time_of_day_that_comes_twice_counts_once() => Assert.Equal(
        [Time("2026-10-24T00:30Z"), Time("2026-10-25T00:30Z"), Time("2026-10-26T01:30Z")],
        Recurrence.Parse("30 2 * * *", "Europe/Berlin").Between(Time("2026-10-24T00:00Z"), Time("2026-10-26T12:00Z")));

    // 02:59 in Berlin was at 00:59 UTC, and the clocks show it again at 01:59 UTC.
    [Theory]
    [InlineData("59 2 * * *", "2027-11-01T01:59:00Z")]
    [InlineData("59 2 * * FRI-MON", "2027-11-01T01:59:00Z")]
    [InlineData("59 * * * *", "2027-10-31T01:59:00Z")]
    public void Who_asks_between_the_two_hears_the_second_only_where_both_count(string cron, string next) =>
        Assert.Equal(DateTimeOffset.Parse(next, CultureInfo.InvariantCulture), Recurrence.Parse(cron, "Europe/Berlin").Next(new DateTimeOffset(2027, 10, 31, 1, 0, 0, TimeSpan.Zero)));

    [Fact]
    public void What_comes_every_half_hour_comes_so_through_the_hour_that_comes_twice() => Assert.Equal(
        Enumerable.Range(1, 8).Select(half => Time("2026-10-24T23:00Z").AddMinutes(30 * half)),
        Recurrence.Parse("*/30 * * * *", "Europe/Berlin").Between(Time("2026-10-24T23:00Z"), Time("2026-10-25T03:00Z")));

    [Theory]
    [InlineData("0 2 * *", "UTC", "five fields")]
    [InlineData("0 0 2 * * *", "UTC", "five fields")]
    [InlineData("", "UTC", "five fields")]
    [InlineData("60 2 * * *", "UTC", "cannot be")]
    [InlineData("0 25 * * *", "UTC", "cannot be")]
    [InlineData("0 2 * * SUN#6", "UTC", "cannot be")]
    [InlineData("0 2 * * FOO", "UTC", "cannot be")]
    [InlineData("0 2 30 2 *", "UTC", "never comes")]
    [InlineData("0 2 * * *", "Europe/Atlantis", "time zone")]
    [InlineData("0 2 * * *", "W. Europe Standard Time", "no IANA time zone")]
    [InlineData("'; DROP TABLE x; -- a b", "UTC", "five fields")]
    public void A_schedule_that_cannot_be_is_refused_with_its_mistake(string cron, string zone, string mistake)
    {
        Assert.Contains(mistake, Recurrence.Mistake(cron, zone), StringComparison.Ordinal);
        Assert.Equal(MaintenanceErrorCode.InvalidArgument, Assert.Throws<MaintenanceException>(() => Recurrence.Parse(cron, zone)).Code);
    }

    private static DateTimeOffset Time(string text) => DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
}
