namespace Maintenance.Engine.Security.Audit;

/// <summary>When audits are due. Pure; days are UTC.</summary>
internal static class AuditCalendar
{
    /// <summary>The day on which the next audit is due: the first such Sunday after a day.</summary>
    /// <param name="day">A day.</param>
    /// <param name="sunday">Which Sunday of the month: 1 to 4.</param>
    public static DateOnly Next(DateOnly day, int sunday)
    {
        var due = NthSunday(day, sunday);
        // From the first of the month: a month after the 31st of January would be in March, or on the 28th.
        return due > day ? due : NthSunday(new DateOnly(day.Year, day.Month, 1).AddMonths(1), sunday);
    }

    /// <summary>A Sunday of a month.</summary>
    /// <param name="month">A day of the month.</param>
    /// <param name="number">Which: 1 to 4, which every month has.</param>
    public static DateOnly NthSunday(DateOnly month, int number)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(number, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(number, 4);
        var first = new DateOnly(month.Year, month.Month, 1);
        var untilSunday = (7 - (int)first.DayOfWeek) % 7;
        return first.AddDays(untilSunday + (7 * (number - 1)));
    }

    /// <summary>By when something has to be done that matters so much: what is critical within a week, what is high within 30 days (guide M7).</summary>
    public static DateOnly Due(DateOnly day, FindingSeverity severity) => day.AddDays(severity switch
    {
        FindingSeverity.Critical => 7,
        FindingSeverity.High => 30,
        FindingSeverity.Medium => 90,
        _ => 180,
    });
}
