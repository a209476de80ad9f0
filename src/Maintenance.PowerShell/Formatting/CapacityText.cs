using System.Globalization;

namespace Maintenance.Formatting;

/// <summary>How views show figures and dates of capacity. Null is shown as nothing.</summary>
public static class CapacityText
{
    /// <summary>A figure in its unit: <c>12.3 GB</c>, <c>2,147,483,647</c>.</summary>
    /// <param name="value">The figure.</param>
    /// <param name="unit">Its unit.</param>
    public static string Value(double? value, MetricUnit unit) => value is not { } known ? ""
        : unit == MetricUnit.Bytes ? DisplayText.Size((long)Math.Clamp(known, long.MinValue / 2, long.MaxValue / 2))
        : Math.Abs(known) >= 1e13 ? known.ToString("0.###e0", CultureInfo.InvariantCulture)
        : known.ToString("#,0.#", CultureInfo.InvariantCulture);

    /// <summary>A day in UTC: <c>2025-06-01</c>.</summary>
    /// <param name="time">The time.</param>
    public static string Day(DateTimeOffset? time) => time?.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? "";

    /// <summary>A range of days; an end that cannot be told is left open.</summary>
    /// <param name="earliest">The first day.</param>
    /// <param name="latest">The last day.</param>
    public static string Between(DateTimeOffset? earliest, DateTimeOffset? latest) =>
        earliest is null && latest is null ? "" : $"{Day(earliest)}–{Day(latest)}";
}
