namespace Maintenance.Engine.Inspect;

/// <summary>Values of metrics within sentences, each with its unit.</summary>
internal static class Quantities
{
    /// <summary>A value in a unit, as a person would say it.</summary>
    public static string Text(double value, MetricUnit unit) => unit switch
    {
        MetricUnit.Bytes => Say.Size((long)Math.Clamp(value, long.MinValue, long.MaxValue)),
        MetricUnit.Percent => Say.Text($"{value:0.##} %"),
        MetricUnit.Milliseconds => Say.Text($"{value:#,0.##} ms"),
        MetricUnit.Seconds => Say.Duration(TimeSpan.FromSeconds(Math.Clamp(value, 0, TimeSpan.MaxValue.TotalSeconds / 2))),
        MetricUnit.PerSecond => Say.Text($"{value:0.####}/s"),
        _ => Say.Text($"{value:#,0.####}"),
    };
}
