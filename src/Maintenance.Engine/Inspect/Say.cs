using System.Globalization;

namespace Maintenance.Engine.Inspect;

/// <summary>Figures within sentences: the same whatever the culture.</summary>
internal static class Say
{
    private static readonly string[] Units = ["B", "kB", "MB", "GB", "TB"];

    public static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    public static string Size(long? bytes)
    {
        if (bytes is not { } size)
        {
            return "of unknown size";
        }

        var (value, unit) = ((double)size, 0);
        for (; value >= 1024 && unit < Units.Length - 1; unit++)
        {
            value /= 1024;
        }

        return Text($"{value:0.#} {Units[unit]}");
    }

    public static string Duration(TimeSpan time) => time switch
    {
        { TotalDays: >= 2 } => Text($"{Math.Floor(time.TotalDays):0} days"),
        { TotalHours: >= 2 } => Text($"{Math.Floor(time.TotalHours):0} hours"),
        { TotalMinutes: >= 2 } => Text($"{Math.Floor(time.TotalMinutes):0} minutes"),
        _ => Count(Math.Max(0, (long)time.TotalSeconds), "second", "seconds"),
    };

    public static string Day(DateTimeOffset time) => Text($"{time.UtcDateTime:yyyy-MM-dd}");

    public static string Count(long number, string one, string many) => Text($"{number} {(number == 1 ? one : many)}");
}
