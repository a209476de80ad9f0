using Maintenance.Engine.Security.Audit;

namespace Maintenance.Engine.Tests.Security.Audit;

public sealed class AuditCalendarTests
{
    [Theory]
    [InlineData("2026-01-31", 2, "2026-02-08")] // a month after the 31st of January is no day of March
    [InlineData("2026-01-11", 2, "2026-02-08")] // on the day of the audit itself
    [InlineData("2026-11-02", 2, "2026-11-08")] // before the day of this month
    [InlineData("2026-11-07", 2, "2026-11-08")]
    [InlineData("2026-11-08", 2, "2026-12-13")]
    [InlineData("2026-01-01", 2, "2026-01-11")]
    [InlineData("2028-01-31", 4, "2028-02-27")]
    [InlineData("2028-02-29", 1, "2028-03-05")]
    [InlineData("2026-12-31", 1, "2027-01-03")]
    [InlineData("2026-01-20", 1, "2026-02-01")] // the first of the month is a Sunday
    [InlineData("2026-02-28", 4, "2026-03-22")]
    public void The_next_audit_is_on_the_first_such_Sunday_after_the_day(string day, int sunday, string expected)
    {
        var next = AuditCalendar.Next(DateOnly.Parse(day, System.Globalization.CultureInfo.InvariantCulture), sunday);
        Assert.Equal(expected, next.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public void It_is_always_that_Sunday_and_none_lies_between()
    {
        for (var day = new DateOnly(2024, 1, 1); day.Year < 2033; day = day.AddDays(1))
        {
            for (var sunday = 1; sunday <= 4; sunday++)
            {
                var next = AuditCalendar.Next(day, sunday);
                Assert.Equal(DayOfWeek.Sunday, next.DayOfWeek);
                Assert.Equal(sunday, ((next.Day - 1) / 7) + 1);
                Assert.True(next > day);
                Assert.True(AuditCalendar.NthSunday(day, sunday) == next || (AuditCalendar.NthSunday(day, sunday) <= day && next == AuditCalendar.NthSunday(new DateOnly(day.Year, day.Month, 1).AddMonths(1), sunday)));
            }
        }
    }
}
