using System.Globalization;
using Maintenance.Engine.Performance.Samples;
using Maintenance.Engine.Performance.Statistics;
using Maintenance.Engine.Reporting;
using Maintenance.Engine.Reporting.Plots;

namespace Maintenance.Engine.Performance.Baselines;

/// <summary>Baselines, and how they differ from those before, for people. Pure.</summary>
internal static class BaselineReport
{
    private const int Most = 50;

    /// <summary>The verdict of a comparison: worse is a warning; what cannot be told by itself counts only where nothing can.</summary>
    public static HealthStatus StatusOf(IReadOnlyList<BaselineDrift> drifts) =>
        drifts.Any(drift => drift.Status == HealthStatus.Warning) ? HealthStatus.Warning
        : drifts.All(drift => drift.Verdict == BaselineVerdict.NotEnoughData) ? HealthStatus.Unknown
        : HealthStatus.Ok;

    /// <summary>What a comparison came to, in a sentence or two.</summary>
    public static string Say(IReadOnlyList<BaselineDrift> drifts)
    {
        var worse = drifts.Where(drift => drift.Status == HealthStatus.Warning).OrderByDescending(drift => Math.Abs(drift.ChangePercent ?? double.MaxValue)).ToList();
        var unknown = drifts.Count(drift => drift.Verdict == BaselineVerdict.NotEnoughData);
        var judged = drifts.Count - unknown;
        var text = judged == 0 ? "Nothing could be compared for want of data."
            : worse.Count == 0 ? (judged == 1 ? "The one figure that could be compared has not become worse." : Inspect.Say.Text($"None of {judged} figures has become worse."))
            : Inspect.Say.Text($"{worse.Count} of {Inspect.Say.Count(judged, "figure has", worse.Count == 1 ? "figures has" : "figures have")} become worse: {string.Join(", ", worse.Take(3).Select(Short))}{(worse.Count > 3 ? " and others" : "")}.");
        text = unknown > 0 && judged > 0 ? Inspect.Say.Text($"{text} {unknown} more could not be compared.") : text;
        return drifts.Any(drift => drift.Baseline?.IsMadeUp == true || drift.Current?.IsMadeUp == true) ? $"{text} In it: {MadeUp.Note}" : text;
    }

    /// <summary>What has become worse, as findings.</summary>
    public static IEnumerable<Finding> Findings(IReadOnlyList<BaselineDrift> drifts) => drifts.Where(drift => drift.Status == HealthStatus.Warning).Select(drift => new Finding
    {
        Id = "PERFORMANCE-DRIFT",
        Area = "Performance",
        Severity = FindingSeverity.Medium,
        // The same statement may be another role's; its number tells which.
        Subject = (drift.Subject, drift.Text) switch
        {
            (null, _) => $"{drift.Source} {drift.Metric}",
            (var subject, null) => $"{drift.Source} {drift.Metric} {subject}",
            (var subject, _) => $"{drift.Source} {BaselineComparer.NameOf(drift.Metric, drift.About)} [{subject}]",
        },
        Message = drift.Message,
        Recommendation = "See what has changed since: Get-PerformanceMetric tells the operations, Get-DbSlowQuery the statements.",
        Evidence = new Dictionary<string, object?>
        {
            ["BaselineMean"] = drift.BaselineMean,
            ["CurrentMean"] = drift.CurrentMean,
            ["ChangePercent"] = drift.ChangePercent,
            ["AdjustedProbability"] = drift.AdjustedProbability,
        },
        Target = drift.Target,
        CollectedAt = drift.CollectedAt,
    });

    /// <summary>The report.</summary>
    public static Report Of(BaselineUpdate update, IReadOnlyList<BaselineDrift> drifts)
    {
        var worse = drifts.Count(drift => drift.Status == HealthStatus.Warning);
        var status = update.Baselines.Count == 0 || drifts.Count == 0 ? HealthStatus.Unknown : StatusOf(drifts);
        var whole = update.Baselines.FirstOrDefault(baseline => baseline is { Metric: BaselineMetrics.ResponseTime, Subject: null });
        return new Report(
            $"Performance baseline of {update.Target}",
            status,
            [
                update.Baselines.Count == 0 ? "Nothing could be measured: see below what is missing." : drifts.Count == 0 ? "This is what is usual; there is no earlier baseline to compare it with yet." : Say(drifts),
                .. Enumerable.Repeat("Look at what was changed since the baseline before: releases, data that has grown, plans of statements.", Math.Min(worse, 1)),
                BaselineSteps.Say(update),
                .. update.Baselines.Any(baseline => baseline.IsMadeUp) ? new[] { $"In what is usual: {MadeUp.Note}" } : [],
                .. update.ExclusionsUnknown is { } unknown ? new[] { unknown } : [],
            ],
            [
                new ReportSection(
                    "What has changed",
                    ["Figure", "Source", "Before", "Now", "Change", "p (Holm)", "Verdict"],
                    [
                        .. drifts.Where(drift => drift.Verdict is not (BaselineVerdict.Same or BaselineVerdict.NotEnoughData))
                            .OrderByDescending(drift => drift.Status).ThenByDescending(drift => Math.Abs(drift.ChangePercent ?? double.MaxValue)).Take(Most)
                            .Select(drift => (IReadOnlyList<string?>)
                            [
                                Named(drift.Metric, drift.About), drift.Source.ToString(), Figure(drift.BaselineMean, drift.Unit), Figure(drift.CurrentMean, drift.Unit),
                                drift.ChangePercent is { } change ? string.Create(CultureInfo.InvariantCulture, $"{change:+0.#;-0.#;0} %") : null, Probability(drift.AdjustedProbability), drift.Verdict.ToString(),
                            ]),
                    ],
                    drifts.Count == 0 ? "There is no earlier baseline." : "Nothing has changed by more than chance and 10 %."),
                new ReportSection(
                    "What is usual",
                    ["Figure", "Source", "Mean", "p50", "p95", "Deviation", "Observations"],
                    [
                        .. update.Baselines.Take(4 * Most).Select(baseline => (IReadOnlyList<string?>)
                        [
                            Named(baseline.Metric, baseline.About), baseline.Source.ToString(), Figure(baseline.Mean, baseline.Unit), Estimate(baseline, baseline.P50), Estimate(baseline, baseline.P95),
                            Figure(baseline.StandardDeviation, baseline.Unit), baseline.Count?.ToString(CultureInfo.InvariantCulture),
                        ]),
                    ],
                    "Nothing could be measured."),
                new ReportSection(
                    "Times that were left out",
                    ["From (UTC)", "To (UTC)", "What was going on"],
                    [.. update.Excluded.Select(excluded => (IReadOnlyList<string?>)[excluded.From.UtcDateTime.ToString("u", CultureInfo.InvariantCulture), excluded.To.UtcDateTime.ToString("u", CultureInfo.InvariantCulture), excluded.Reason])],
                    update.ExclusionsUnknown ?? "None: no maintenance was going on."),
                new ReportSection(
                    "What is missing",
                    ["Source", "Why", "What to do"],
                    [.. update.Gaps.Select(gap => (IReadOnlyList<string?>)[gap.Source.ToString(), gap.Message, gap.Recommendation])],
                    "Nothing: every source has told."),
            ])
        {
            Tiles =
            [
                new ReportTile("Baselines", update.Baselines.Count.ToString(CultureInfo.InvariantCulture)),
                .. whole is null ? Array.Empty<ReportTile>() : [new ReportTile("Mean response time", Figure(whole.Mean, whole.Unit)!, Note: whole.P95 is { } p95 ? $"p95 {Figure(p95, whole.Unit)}" : null)],
                new ReportTile("Became worse", worse.ToString(CultureInfo.InvariantCulture)),
            ],
            Findings = [.. Findings(drifts)],
        };
    }

    private static string Short(BaselineDrift drift) => string.Create(
        CultureInfo.InvariantCulture, $"{BaselineComparer.NameOf(drift.Metric, drift.About)}{(drift.ChangePercent is { } change ? $" ({change:+0;-0;0} %)" : "")}");

    private static string Named(string metric, string? about) => about is null ? metric : $"{metric} of {about}";

    private static string? Estimate(PerformanceBaseline baseline, double? value) => Figure(value, baseline.Unit) is { } text ? baseline.IsEstimated ? $"~{text} (estimate)" : text : null;

    private static string? Figure(double? value, MetricUnit unit) => value is { } number ? FigureScale.Text(unit, number) : null;

    private static string? Probability(double? value) => value is { } probability ? Probabilities.Write(probability) : null;
}
