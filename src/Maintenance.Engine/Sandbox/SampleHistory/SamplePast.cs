using Maintenance.Engine.History;
using Maintenance.Engine.Performance.Samples;
using Maintenance.Engine.Performance.Statements;

namespace Maintenance.Engine.Sandbox.SampleHistory;

/// <summary>
/// Months of believable past for a sandbox, which are sample data: made up, not measured, and marked so (<see cref="MadeUp"/>). The same seed, time and measurements give the same
/// past. Pure.
/// </summary>
internal sealed class SamplePast
{
    private static readonly TimeSpan Spacing = TimeSpan.FromMinutes(5);

    private SamplePast(IReadOnlyList<IGrouping<string, Sample>> samples, IReadOnlyList<PerformanceBaseline> baselines, IReadOnlyList<MaintenanceRun> runs)
    {
        Samples = samples;
        Baselines = baselines;
        Runs = runs;
    }

    /// <summary>The samples by kind, each oldest first, as the policy would have left them.</summary>
    public IReadOnlyList<IGrouping<string, Sample>> Samples { get; }

    public IReadOnlyList<PerformanceBaseline> Baselines { get; }

    public IReadOnlyList<MaintenanceRun> Runs { get; }

    /// <summary>Makes a past.</summary>
    /// <param name="target">Whose.</param>
    /// <param name="timeline">When what happened.</param>
    /// <param name="seed">Which past.</param>
    /// <param name="anchors">What the sandbox measures now.</param>
    /// <param name="cancellationToken">Ends the making.</param>
    public static SamplePast Make(MaintenanceTarget target, SampleTimeline timeline, int seed, SampleAnchors anchors, CancellationToken cancellationToken)
    {
        var noise = new SampleNoise(seed);
        var growth = new SampleGrowth(timeline, anchors);
        var work = new SampleWork(noise, timeline, anchors);
        var figures = new SampleFigures(noise, timeline, growth, anchors, target.Performance.SlowQuery);
        IReadOnlyList<MaintenanceRun> runs = [.. new SampleRuns(noise, timeline, target.Name, Tasks.TaskService.ModuleVersion).Kept()];
        var texts = anchors.Statements.DistinctBy(statement => statement.Key).ToDictionary(statement => statement.Key, statement => statement.Text);
        var baselines = new SampleBaselines(target.Name, timeline.Now, target.Performance.BaselineWindow, runs, texts);
        var metrics = Values(SampleKinds.Metrics);
        var tables = Values(SampleKinds.Tables);
        var keys = Values(SampleKinds.Keys);
        var statements = new SampleThinning<Dictionary<StatementKey, StatementCounts>>(
            target.Name, SampleKinds.Statements, timeline.Now, target.Performance, Together,
            // As of a server that tells a text when it is new to it: not with each sample, of which there are 288 a day.
            (from, counts) => new StatementSample(counts, default, null) { IsMadeUp = true, Texts = from.UtcDateTime.TimeOfDay == TimeSpan.Zero ? texts : new Dictionary<StatementKey, string>() }.Write());

        for (var from = timeline.Start; from + Spacing <= timeline.Now; from += Spacing)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var to = from + Spacing;
            if (!timeline.IsMeasured(from, to))
            {
                continue;
            }

            var counts = work.At(from);
            var measured = figures.At(to, counts);
            metrics.Add(from, Spacing, Single(measured));
            statements.Add(from, Spacing, counts);
            baselines.Add(from, to, measured, counts);
            if (to.UtcDateTime.Minute == 0)
            {
                tables.Add(to - TimeSpan.FromHours(1), TimeSpan.FromHours(1), Single(growth.Tables(to)));
                keys.Add(to - TimeSpan.FromHours(1), TimeSpan.FromHours(1), Single(growth.Keys(to)));
            }
        }

        return new SamplePast(
            [.. new[] { metrics.Samples, tables.Samples, keys.Samples, statements.Samples }.SelectMany(samples => samples).GroupBy(sample => sample.Kind)],
            baselines.All(),
            runs);

        SampleThinning<Dictionary<string, SampleValue>> Values(string kind) =>
            new(target.Name, kind, timeline.Now, target.Performance, Together, (_, values) => MetricSample.Write(values, isMadeUp: true));
    }

    private static Dictionary<string, SampleValue> Single(Dictionary<string, double> values) =>
        values.ToDictionary(pair => pair.Key, pair => SampleValue.Of(pair.Value), StringComparer.Ordinal);

    private static Dictionary<string, SampleValue> Together(Dictionary<string, SampleValue> first, Dictionary<string, SampleValue> second)
    {
        foreach (var (name, value) in second)
        {
            first[name] = first.TryGetValue(name, out var before) ? before.With(value) : value;
        }

        return first;
    }

    private static Dictionary<StatementKey, StatementCounts> Together(
        Dictionary<StatementKey, StatementCounts> first, Dictionary<StatementKey, StatementCounts> second)
    {
        foreach (var (key, counts) in second)
        {
            first[key] = first.GetValueOrDefault(key) + counts;
        }

        return first;
    }
}
