using System.Globalization;

namespace Maintenance.Engine.Performance.Statistics;

/// <summary>Probabilities for people. None is nothing: what a test finds is never certain.</summary>
internal static class Probabilities
{
    /// <summary>Such as <c>p = 0.012</c> or <c>p &lt; 0.001</c>.</summary>
    public static string Say(double probability) => probability < 0.001 ? "p < 0.001" : string.Create(CultureInfo.InvariantCulture, $"p = {probability:0.000}");

    /// <summary>The figure alone, for a column that is headed p.</summary>
    public static string Write(double probability) => probability < 0.001 ? "< 0.001" : probability.ToString("0.000", CultureInfo.InvariantCulture);
}
