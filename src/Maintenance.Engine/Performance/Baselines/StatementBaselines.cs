using System.Globalization;
using Maintenance.Engine.Analytics;
using Maintenance.Engine.History;
using Maintenance.Engine.Performance.Samples;
using Maintenance.Engine.Performance.Statements;
using Maintenance.Engine.Performance.Statistics;

namespace Maintenance.Engine.Performance.Baselines;

/// <summary>
/// Baselines of each statement, and of all together, from the samples of pg_stat_statements: of those of the target's database that do its work. Those of other
/// databases, of this module, of drivers and pools, and of maintenance are none, as far as their texts are known. Pure.
/// </summary>
internal static class StatementBaselines
{
    /// <summary>So many statements have baselines of their own: those that took the most time.</summary>
    public const int MostStatements = 200;

    private const int LongestText = 300;

    /// <summary>Reads samples, those that do not overlap.</summary>
    public static IReadOnlyList<(DateTimeOffset From, DateTimeOffset To, StatementSample Sample)> Read(IReadOnlyList<Sample> samples, BaselineWindow window) =>
        [.. SampleReader.WithoutOverlaps(samples, window.To).Select(sample => (sample.From, sample.To, StatementSample.Read(sample.Payload)))];

    /// <summary>Texts that are known, of samples and otherwise.</summary>
    public static StatementTexts Known(IReadOnlyList<(DateTimeOffset From, DateTimeOffset To, StatementSample Sample)> samples, StatementTexts otherwise) => otherwise with
    {
        Texts = samples.Reverse().SelectMany(sample => sample.Sample.Texts).Concat(otherwise.Texts).DistinctBy(pair => pair.Key).ToDictionary(),
    };

    /// <summary>The statements that may have baselines of their own, and whose text is not known: they may yet be none of the target's work.</summary>
    public static IReadOnlyList<StatementKey> Untold(IReadOnlyList<(DateTimeOffset From, DateTimeOffset To, StatementSample Sample)> samples, StatementTexts known)
    {
        var times = new Dictionary<StatementKey, double>();
        foreach (var (key, counts) in samples.SelectMany(sample => Work(sample.Sample, known)))
        {
            times[key] = times.GetValueOrDefault(key) + counts.Time;
        }

        return [.. times.OrderByDescending(pair => pair.Value).Take(2 * MostStatements).Select(pair => pair.Key).Where(key => !known.Texts.ContainsKey(key))];
    }

    /// <summary>Puts together what was sampled outside of maintenance.</summary>
    /// <param name="samples">The samples; they do not overlap.</param>
    /// <param name="window">The time that the baselines are of.</param>
    /// <param name="known">What is known of texts.</param>
    /// <exception cref="MaintenanceException">InsufficientHistory: nothing was.</exception>
    public static IReadOnlyList<PerformanceBaseline> Of(IReadOnlyList<(DateTimeOffset From, DateTimeOffset To, StatementSample Sample)> samples, BaselineWindow window, StatementTexts known)
    {
        var used = samples.Where(sample => !window.Excludes(sample.From, sample.To)).ToList();
        var statements = new Dictionary<StatementKey, List<StatementCounts>>();
        var stretches = new List<StatementCounts>(used.Count);
        var (all, incomplete, isMadeUp) = (default(StatementCounts), 0, false);
        foreach (var (_, _, sample) in used)
        {
            isMadeUp |= sample.IsMadeUp;
            var together = sample.OthersHere;
            incomplete += sample.Incomplete is null ? 0 : 1;
            foreach (var (key, counts) in Work(sample, known))
            {
                together += counts;
                if (!statements.TryGetValue(key, out var ran))
                {
                    statements[key] = ran = [];
                }

                ran.Add(counts);
            }

            all += together;
            stretches.Add(together);
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
            .. Baseline(null, stretches, null),
            .. statements
                .OrderByDescending(pair => pair.Value.Sum(counts => counts.Time))
                .Take(MostStatements)
                .SelectMany(pair => Baseline(
                    pair.Key,
                    pair.Value,
                    pair.Value.Count < used.Count ? string.Create(CultureInfo.InvariantCulture, $"It is in {pair.Value.Count} of {used.Count} samples; in the others it did not run, or took too little to be told by itself.") : null)),
        ];

        IEnumerable<PerformanceBaseline> Baseline(StatementKey? key, List<StatementCounts> ran, string? note)
        {
            var counts = ran.Aggregate(default(StatementCounts), (sum, stretch) => sum + stretch);
            if (counts.Mean is not { } mean || !double.IsFinite(mean) || mean < 0)
            {
                yield break;
            }

            // The executions of one stretch have much in common, and a stretch resembles the one before.
            var observed = StatementStretches.Observe(ran);
            var independent = observed is { Count: var count } ? Math.Min(count, SampleBaselines.Independent([.. ran.Select(stretch => stretch.Mean).OfType<double>()])) : 1;
            var lost = incomplete > 0 ? string.Create(CultureInfo.InvariantCulture, $"{incomplete} of {used.Count} samples {(incomplete == 1 ? "is" : "are")} incomplete.") : null;
            var deviation = counts.StandardDeviation;
            var (p50, p95) = (LogNormalEstimate.Quantile(mean, deviation, 0.5), LogNormalEstimate.Quantile(mean, deviation, 0.95));
            yield return window.Of(BaselineSource.Statements, BaselineMetrics.QueryTime, MetricUnit.Milliseconds, mean) with
            {
                Subject = key?.ToString(),
                Text = key is { } id && known.Texts.TryGetValue(id, out var text) ? Short(text) : null,
                Count = (long)Math.Round(counts.Calls),
                IndependentCount = independent,
                IndependentDeviation = observed?.StandardDeviation,
                StandardDeviation = deviation,
                P50 = p50,
                P95 = p95,
                IsEstimated = p50 is not null || p95 is not null,
                IsMadeUp = isMadeUp,
                Note = string.Join(' ', new[] { p95 is null ? null : LogNormalEstimate.Note, note, lost, isMadeUp ? MadeUp.Note : null }.OfType<string>()) is { Length: > 0 } notes ? notes : null,
            };
        }
    }

    private static IEnumerable<KeyValuePair<StatementKey, StatementCounts>> Work(StatementSample sample, StatementTexts known) => sample.Statements.Where(pair =>
        (sample.Database is null || pair.Key.DatabaseId == sample.Database)
        && !known.Own.Contains(pair.Key)
        && StatementKinds.Of(known.Texts.GetValueOrDefault(pair.Key)) is (QueryKind.Application or QueryKind.Unknown));

    private static string Short(string text) => ErrorText.Harmless(text) is var harmless && harmless.Length > LongestText ? string.Concat(harmless.AsSpan(0, LongestText - 1), "…") : harmless;
}
