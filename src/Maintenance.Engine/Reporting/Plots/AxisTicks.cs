using System.Globalization;

namespace Maintenance.Engine.Reporting.Plots;

/// <summary>Where an axis has its ticks, and what is written at them.</summary>
/// <param name="Low">Where the axis begins.</param>
/// <param name="High">Where it ends.</param>
/// <param name="Ticks">Places and texts.</param>
internal sealed record AxisTicks(double Low, double High, IReadOnlyList<(double Place, string Text)> Ticks)
{
    // A little more than a figure of the largest font that a page may have.
    private const double CharacterWidth = 7.8;

    private static readonly TimeSpan[] Steps =
    [
        TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(15), TimeSpan.FromMinutes(30),
        TimeSpan.FromHours(1), TimeSpan.FromHours(3), TimeSpan.FromHours(6), TimeSpan.FromHours(12),
        TimeSpan.FromDays(1), TimeSpan.FromDays(2), TimeSpan.FromDays(7), TimeSpan.FromDays(14),
    ];

    private static readonly int[] Months = [1, 2, 3, 6, 12, 24, 60, 120];

    /// <summary>Ticks of an axis of figures, at round ones; the axis ends at ticks.</summary>
    public static AxisTicks Of(double low, double high, bool fromZero, MetricUnit unit)
    {
        if (fromZero)
        {
            (low, high) = (Math.Min(low, 0), Math.Max(high, 0));
        }

        if (high - low <= Math.Max(Math.Abs(low), Math.Abs(high)) * 1e-9)
        {
            // All the same: in the middle, or above zero.
            var room = high == 0 ? 1 : Math.Abs(high) * 0.1;
            (low, high) = high == 0 ? (0, 1) : (low - room, unit == MetricUnit.Percent && high <= 100 ? Math.Min(100, high + room) : high + room);
        }

        var scale = FigureScale.For(unit, Math.Max(Math.Abs(low), Math.Abs(high)));
        var step = Round((high - low) / scale.Size / 4) * scale.Size;
        var (first, last) = (Math.Floor(low / step * (1 + 1e-12)), Math.Ceiling(high / step * (1 - 1e-12)));
        if (unit == MetricUnit.Percent && high <= 100 * (1 + 1e-9))
        {
            // There is no more than the whole.
            last = Math.Min(last, Math.Floor(100 / step + 1e-9));
            high = Math.Min(100, Math.Max(high, last * step));
        }
        else
        {
            high = last * step;
        }

        var ticks = new List<(double, string)>();
        for (var index = first; index <= last && ticks.Count < 12; index++)
        {
            ticks.Add((index * step, scale.Tick(index * step, step)));
        }

        return new AxisTicks(first * step, high, ticks);
    }

    /// <summary>Ticks of an axis of time, where days, weeks and months begin; places are seconds since its beginning.</summary>
    /// <param name="from">Where it begins.</param>
    /// <param name="to">Where it ends.</param>
    /// <param name="width">How wide it is; a text that would run into the one before is left out.</param>
    public static AxisTicks Of(DateTimeOffset from, DateTimeOffset to, double width)
    {
        var most = (int)Math.Max(4, width / 78);
        var length = to - from;
        var places = Steps.Where(step => length / step <= most).Take(1).Select(step => Evenly(from, to, step)).FirstOrDefault()
            ?? Monthly(from, to, Months.FirstOrDefault(months => length.TotalDays / (30.44 * months) <= most, 500));
        var ticks = new List<(double, string)>();
        DateTime? before = null;
        var free = double.NegativeInfinity;
        foreach (var place in places)
        {
            var (at, text) = ((place - from.UtcDateTime).TotalSeconds, Text(place, before, length));
            var (middle, half) = (at / length.TotalSeconds * width, text.Length * CharacterWidth / 2);
            if (middle - half < free)
            {
                ticks.Add((at, ""));
                continue;
            }

            ticks.Add((at, text));
            (before, free) = (place, middle + half + CharacterWidth);
        }

        return new AxisTicks(0, length.TotalSeconds, ticks);
    }

    private static List<DateTime> Evenly(DateTimeOffset from, DateTimeOffset to, TimeSpan step)
    {
        // Weeks begin on Mondays; the calendar's first day was one.
        var first = (from.UtcDateTime.Ticks + step.Ticks - 1) / step.Ticks * step.Ticks;
        var places = new List<DateTime>();
        for (var ticks = first; ticks <= to.UtcDateTime.Ticks; ticks += step.Ticks)
        {
            places.Add(new DateTime(ticks, DateTimeKind.Utc));
        }

        return places;
    }

    private static List<DateTime> Monthly(DateTimeOffset from, DateTimeOffset to, int months)
    {
        var places = new List<DateTime>();
        var first = (from.UtcDateTime.Year * 12 + from.UtcDateTime.Month - 1 + months - 1) / months * months;
        for (var month = first; month / 12 is >= 1 and < 9999; month += months)
        {
            var place = new DateTime(month / 12, month % 12 + 1, 1, 0, 0, 0, DateTimeKind.Utc);
            if (place > to.UtcDateTime)
            {
                break;
            }

            if (place >= from.UtcDateTime)
            {
                places.Add(place);
            }
        }

        return places;
    }

    // The day where it begins, the hour within it; the year where it begins and at the first tick.
    private static string Text(DateTime place, DateTime? before, TimeSpan length)
    {
        var format = (place.TimeOfDay, length.TotalDays) switch
        {
            ({ Ticks: > 0 }, _) when before is null || before.Value.Date == place.Date => before is null ? "d MMM HH:mm" : "HH:mm",
            ({ Ticks: > 0 }, _) => "d MMM HH:mm",
            (_, < 180) => before is null && length.TotalDays > 20 ? "d MMM yyyy" : before?.Year == place.Year || before is null ? "d MMM" : "d MMM yyyy",
            (_, > 3000) => "yyyy",
            _ => before?.Year == place.Year ? "MMM" : "MMM yyyy",
        };
        return place.ToString(format, CultureInfo.InvariantCulture);
    }

    private static double Round(double step)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(step)));
        return (step / power) switch
        {
            <= 1.0001 => power,
            <= 2.0001 => 2 * power,
            <= 2.5001 => 2.5 * power,
            <= 5.0001 => 5 * power,
            _ => 10 * power,
        };
    }
}
