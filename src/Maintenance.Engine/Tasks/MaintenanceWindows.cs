using System.Globalization;

namespace Maintenance.Engine.Tasks;

/// <summary>When a target's windows are open. Pure: days and times of day are those of each window's own time zone.</summary>
internal static class MaintenanceWindows
{
    /// <summary>When the window that is open now closes; null if none is open. Without windows it is always open, and never closes.</summary>
    /// <param name="windows">The windows.</param>
    /// <param name="now">The time.</param>
    /// <returns>Whether maintenance may change the system, and until when.</returns>
    public static (bool IsOpen, DateTimeOffset? ClosesAt) At(IReadOnlyList<MaintenanceWindow> windows, DateTimeOffset now)
    {
        if (windows.Count == 0)
        {
            return (true, null);
        }

        var closing = windows.SelectMany(window => Openings(window, now.AddDays(-8), now)).Where(span => span.Opens <= now && now < span.Closes).Select(span => span.Closes).ToList();
        return closing.Count == 0 ? (false, null) : (true, closing.Max());
    }

    /// <summary>When the next window opens; null if none does within a week, which no valid window can.</summary>
    public static DateTimeOffset? NextOpening(IReadOnlyList<MaintenanceWindow> windows, DateTimeOffset now) => windows
        .SelectMany(window => Openings(window, now, now.AddDays(9)))
        .Select(span => (DateTimeOffset?)span.Opens)
        .Where(opens => opens > now)
        .Min();

    /// <summary>When the windows are open in a time.</summary>
    public static IEnumerable<(DateTimeOffset Opens, DateTimeOffset Closes)> Between(IReadOnlyList<MaintenanceWindow> windows, DateTimeOffset from, DateTimeOffset to) =>
        windows.SelectMany(window => Openings(window, from.AddDays(-8), to)).Where(span => span.Closes > from && span.Opens < to);

    /// <summary>One line: when it opens next.</summary>
    public static string Describe(IReadOnlyList<MaintenanceWindow> windows, DateTimeOffset now) =>
        NextOpening(windows, now) is { } next ? string.Create(CultureInfo.InvariantCulture, $"The next window opens at {next.UtcDateTime:u}.") : "No window opens within a week.";

    private static IEnumerable<(DateTimeOffset Opens, DateTimeOffset Closes)> Openings(MaintenanceWindow window, DateTimeOffset from, DateTimeOffset to)
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById(window.TimeZone);
        var first = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(from, zone).DateTime).AddDays(-1);
        var last = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(to, zone).DateTime).AddDays(1);
        for (var day = first; day <= last; day = day.AddDays(1))
        {
            if (window.Days.Count == 0 || window.Days.Contains(day.DayOfWeek))
            {
                var opens = InZone(day.ToDateTime(window.Start), zone);
                yield return (opens, opens + window.Duration);
            }
        }
    }

    // A time that the change to summer time leaves out is the first one after it; one that comes twice is the first of the two.
    private static DateTimeOffset InZone(DateTime local, TimeZoneInfo zone)
    {
        while (zone.IsInvalidTime(local))
        {
            local = local.AddMinutes(1);
        }

        return new DateTimeOffset(local, zone.IsAmbiguousTime(local) ? zone.GetAmbiguousTimeOffsets(local).Max() : zone.GetUtcOffset(local));
    }
}
