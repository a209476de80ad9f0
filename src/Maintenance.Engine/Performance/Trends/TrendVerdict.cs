using System.Globalization;

namespace Maintenance.Engine.Performance.Trends;

/// <summary>What all figures come to. Pure.</summary>
internal static class TrendVerdict
{
    // More names at once are read by nobody.
    private const int MostNamed = 4;

    /// <summary>The worst that was found; Unknown where nothing bad was, but a figure that the history knows was measured too little to say so.</summary>
    public static HealthStatus StatusOf(IReadOnlyList<PerformanceTrend> trends, IReadOnlyList<Finding> findings) =>
        findings.Any(finding => finding.Severity >= FindingSeverity.Medium) ? HealthStatus.Warning
            : trends.All(trend => trend.Mean is null) || trends.Any(IsTooLittle) ? HealthStatus.Unknown
            : HealthStatus.Ok;

    /// <summary>What is the matter, in a sentence or two: what is bad comes first, and without that, that little was measured.</summary>
    public static string Message(IReadOnlyList<PerformanceTrend> trends, IReadOnlyList<Finding> findings, IReadOnlyList<TrendGap> gaps, double missing, DateTimeOffset from, DateTimeOffset to)
    {
        if (trends.All(trend => trend.Mean is null))
        {
            return "Nothing was measured in this time, so nothing can be said about it: run Invoke-MaintenanceTask PerformanceMetrics every five minutes.";
        }

        const string todo = " Have Invoke-MaintenanceTask PerformanceMetrics run every five minutes; if it does already, each day tells more.";
        var lead = 100 - missing < TrendJudge.LeastCoverage ? $"Only {TrendWords.Coverage(missing)} of the time was measured{(TrendWords.Gaps(gaps, from, to) is { } times ? $" ({times})" : "")}. " : "";
        if (findings.FirstOrDefault(finding => finding.Severity >= FindingSeverity.Medium) is { } worst)
        {
            var others = findings.Where(finding => finding.Severity >= FindingSeverity.Medium && finding != worst).ToList();
            return $"{worst.Message}{Others(others, trends)} {lead}".TrimEnd();
        }

        var doubtful = trends.Where(IsTooLittle).ToList();
        if (doubtful.Count > 0)
        {
            var which = lead.Length > 0 && doubtful.Count > 3 ? "too little to say whether all was well" : $"{string.Join(", ", doubtful.Select(trend => trend.Title))}: measured in less than half of the time, too little to call good";
            return $"{lead}{char.ToUpperInvariant(which[0])}{which[1..]}. Of what was measured nothing is above its limit or worse than before.{(lead.Length > 0 ? todo : "")}";
        }

        var compared = trends.Count(trend => trend.IsChanged is not null);
        return compared == 0
            ? $"{lead}No figure is above its limit. With too little measured in the time before, nothing can be said about changes."
            : string.Create(CultureInfo.InvariantCulture, $"{lead}No figure is above its limit, and none of {compared} is worse than in the time before.");
    }

    private static string Others(List<Finding> findings, IReadOnlyList<PerformanceTrend> trends)
    {
        // Why each of them does, its tile and its finding say.
        var named = findings.Take(MostNamed).Select(finding => trends.FirstOrDefault(trend => trend.Metric == finding.Subject)).OfType<PerformanceTrend>().Select(trend => TrendWords.Inside(trend.Title)).ToList();
        var more = findings.Count - named.Count;
        return named.Count == 0 ? ""
            : $" Also {(findings.Count == 1 ? "needs" : "need")} a look: {string.Join("; ", named)}{(more == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"; and {more} more"))}.";
    }

    // It was there before and is gone, or was there for a part of the time.
    private static bool IsTooLittle(PerformanceTrend trend) => trend.Status == HealthStatus.Unknown && (trend.Mean ?? trend.PreviousMean) is not null;
}
