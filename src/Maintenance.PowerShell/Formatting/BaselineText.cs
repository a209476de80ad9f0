using System.Globalization;

namespace Maintenance.Formatting;

/// <summary>How views show baselines. Null is shown as nothing.</summary>
public static class BaselineText
{
    /// <summary>A figure with its unit; an estimate begins with ~.</summary>
    /// <param name="value">The figure.</param>
    /// <param name="unit">Its unit.</param>
    /// <param name="isEstimated">Whether it is an estimate.</param>
    public static string Figure(double? value, MetricUnit unit, bool isEstimated)
    {
        if (value is not { } number)
        {
            return "";
        }

        var text = unit switch
        {
            MetricUnit.Milliseconds when number < 922337203685477 => DisplayText.Duration(TimeSpan.FromMilliseconds(number)),
            MetricUnit.Seconds when number < 922337203685 => DisplayText.Duration(TimeSpan.FromSeconds(number)),
            MetricUnit.Bytes when Math.Abs(number) < long.MaxValue => DisplayText.Size((long)number),
            MetricUnit.Percent => DisplayText.Percent(number),
            MetricUnit.PerSecond => string.Create(CultureInfo.InvariantCulture, $"{Number(number)} /s"),
            _ => Number(number),
        };
        return isEstimated ? $"~{text}" : text;
    }

    /// <summary>What a baseline is about; of nothing, all together.</summary>
    /// <param name="about">What it is about.</param>
    // PowerShell makes an empty text of a null that it passes on.
    public static string About(string? about) => string.IsNullOrEmpty(about) ? "(all)" : DisplayText.Harmless(about);

    /// <summary>A change in percent, with its sign.</summary>
    /// <param name="percent">The change.</param>
    public static string Change(double? percent) => percent is { } value ? string.Create(CultureInfo.InvariantCulture, $"{value:+0.#;-0.#;0} %") : "";

    /// <summary>A probability.</summary>
    /// <param name="probability">The probability, 0 to 1.</param>
    public static string Probability(double? probability) => probability switch
    {
        null => "",
        < 0.001 => "<0.001",
        { } value => value.ToString("0.000", CultureInfo.InvariantCulture),
    };

    // About three digits that count: what is small is not shown as nothing.
    private static string Number(double number) => Math.Abs(number) switch
    {
        0 => "0",
        >= 100 => number.ToString("#,0", CultureInfo.InvariantCulture),
        >= 10 => number.ToString("0.#", CultureInfo.InvariantCulture),
        >= 1 => number.ToString("0.##", CultureInfo.InvariantCulture),
        >= 0.001 => number.ToString("0.####", CultureInfo.InvariantCulture),
        _ => number.ToString("0.##e+0", CultureInfo.InvariantCulture),
    };
}
