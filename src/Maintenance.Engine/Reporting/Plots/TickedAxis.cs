using OxyPlot.Axes;

namespace Maintenance.Engine.Reporting.Plots;

/// <summary>An axis of the library with our ticks: dates and sizes at the places, and in the words, that people expect.</summary>
internal sealed class TickedAxis(AxisTicks ticks) : LinearAxis
{
    public override void GetTickValues(out IList<double> majorLabelValues, out IList<double> majorTickValues, out IList<double> minorTickValues)
    {
        majorLabelValues = majorTickValues = [.. ticks.Ticks.Select(tick => tick.Place)];
        minorTickValues = [];
    }

    protected override string FormatValueOverride(double x) => ticks.Ticks.MinBy(tick => Math.Abs(tick.Place - x)).Text;
}
