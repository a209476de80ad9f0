using Maintenance.Engine.Reporting.Plots;

namespace Maintenance.Engine.Performance.Statistics;

/// <summary>From which difference on anybody would notice it: a smaller one is no change, however certain it is. Pure.</summary>
internal static class LeastDifference
{
    /// <summary>Times of statements differ by this factor at least.</summary>
    public const double Factor = 1.3;

    /// <summary>Durations differ by this at least.</summary>
    public const double Milliseconds = 1;

    /// <summary>Whether a statement takes noticeably longer, or shorter.</summary>
    public static bool IsNoticed(double before, double now) => (now >= Factor * before || before >= Factor * now) && Math.Abs(now - before) >= Milliseconds;

    /// <summary>The least difference of a figure in its own unit.</summary>
    public static double Of(MetricUnit unit) => unit switch
    {
        MetricUnit.Milliseconds => Milliseconds,
        MetricUnit.Seconds => 1,
        MetricUnit.Percent or MetricUnit.Count => 0.5,
        MetricUnit.Bytes => 1024 * 1024,
        MetricUnit.PerSecond => 0.001,
        _ => 0,
    };

    /// <summary>The same as people say it.</summary>
    public static string Text(MetricUnit unit) => unit == MetricUnit.Percent ? "half a percentage point" : FigureScale.Text(unit, Of(unit));
}
