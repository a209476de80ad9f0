using System.Globalization;
using Maintenance.Engine.Analytics;
using Maintenance.Engine.History;
using Maintenance.Engine.Performance.Samples;
using Maintenance.Engine.Performance.Statements;
using Maintenance.Engine.Performance.Statistics;

namespace Maintenance.Engine.Performance.Baselines;

/// <summary>Baselines of each statement, and of all together, from the samples of pg_stat_statements. Pure.</summary>
internal static class StatementBaselines
{
    /// <summary>So many statements have baselines of their own: those that took the most time.</summary>
    public const int MostStatements = 200;

    private const int LongestText = 300;

    /// <summary>Puts together what was sampled outside of maintenance.</summary>
    /// <exception cref="MaintenanceException">InsufficientHistory: nothing was.</exception>
    public static IReadOnlyList<PerformanceBaseline> Of(IReadOnlyList<Sample> samples, BaselineWindow window) =>
        Of([.. SampleReader.WithoutOverlaps(samples).Select(sample => (sample.From, sample.To, StatementSample.Read(sample.Payload)))], window);

    /// <summary>The same of samples that do not overlap.</summary>
    /// <exception cref="MaintenanceException">InsufficientHistory: nothing was.</exception>
    public static IReadOnlyList<PerformanceBaseline> Of(IReadOnlyList<(DateTimeOffset From, DateTimeOffset To, StatementSample Sample)> samples, BaselineWindow window)
    {
        var used = samples.Where(sample => !window.Excludes(sample.From, sample.To)).ToList();
        var (statements, texts) = (new Dictionary<StatementKey, (StatementCounts Counts, int Samples)>(), new Dictionary<StatementKey, string>());
        var (all, incomplete, isMadeUp) = (default(StatementCounts), 0, false);
        foreach (var (_, _, sample) in used)
        {
            isMadeUp |= sample.IsMadeUp;
            all += sample.Others;
            incomplete += sample.Incomplete is null ? 0 : 1;
            foreach (var (key, counts) in sample.Statements)
            {
                all += counts;
                statements[key] = statements.TryGetValue(key, out var before) ? (before.Counts + counts, before.Samples + 1) : (counts, 1);
            }

            foreach (var (key, text) in sample.Texts)
            {
                texts[key] = text;
            }
        }

        if (all.Mean is null)
        {
            throw BaselineWindow.Nothing(
                samples.Count == 0 ? "The history has no samples of statements in this window."
                    : used.Count == 0 ? "All samples of statements in this window were taken during maintenance."
                    : "No statement has ended in this window, as far as it was sampled.",
                "Have Invoke-MaintenanceTask PerformanceMetrics run every five minutes: it samples pg_stat_statements.");
        }

        return
        [
            .. Baseline(null, all, null),
            .. statements
                .OrderByDescending(pair => pair.Value.Counts.Time)
                .Take(MostStatements)
                .SelectMany(pair => Baseline(
                    pair.Key,
                    pair.Value.Counts,
                    pair.Value.Samples < used.Count ? string.Create(CultureInfo.InvariantCulture, $"It is in {pair.Value.Samples} of {used.Count} samples; in the others it did not run, or took too little to be told by itself.") : null)),
        ];

        IEnumerable<PerformanceBaseline> Baseline(StatementKey? key, StatementCounts counts, string? note)
        {
            if (counts.Mean is not { } mean || !double.IsFinite(mean) || mean < 0)
            {
                yield break;
            }

            var lost = incomplete > 0 ? string.Create(CultureInfo.InvariantCulture, $"{incomplete} of {used.Count} samples {(incomplete == 1 ? "is" : "are")} incomplete.") : null;
            var deviation = counts.StandardDeviation;
            var (p50, p95) = (LogNormalEstimate.Quantile(mean, deviation, 0.5), LogNormalEstimate.Quantile(mean, deviation, 0.95));
            yield return window.Of(BaselineSource.Statements, BaselineMetrics.QueryTime, MetricUnit.Milliseconds, mean) with
            {
                Subject = key?.ToString(),
                Text = key is { } known && texts.TryGetValue(known, out var text) ? Short(text) : null,
                Count = (long)Math.Round(counts.Calls),
                StandardDeviation = deviation,
                P50 = p50,
                P95 = p95,
                IsEstimated = p50 is not null || p95 is not null,
                IsMadeUp = isMadeUp,
                Note = string.Join(' ', new[] { p95 is null ? null : LogNormalEstimate.Note, note, lost, isMadeUp ? MadeUp.Note : null }.OfType<string>()) is { Length: > 0 } notes ? notes : null,
            };
        }
    }

    private static string Short(string text) => ErrorText.Harmless(text) is var harmless && harmless.Length > LongestText ? string.Concat(harmless.AsSpan(0, LongestText - 1), "…") : harmless;
}
