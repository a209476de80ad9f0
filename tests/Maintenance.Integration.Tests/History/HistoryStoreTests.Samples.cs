using Maintenance.Engine.Alerts;
using Maintenance.Engine.History;
using Maintenance.Engine.Performance.Samples;
using static Maintenance.IntegrationTests.History.HistorySamples;

namespace Maintenance.IntegrationTests.History;

/// <summary>Samples and baselines, in either store.</summary>
public abstract partial class HistoryStoreTests
{
    private static readonly TimeSpan FiveMinutes = TimeSpan.FromMinutes(5);
    private static readonly PerformancePolicy Policy = new() { KeepRawSamples = TimeSpan.FromDays(1), KeepHourlySamples = TimeSpan.FromDays(2), KeepDailySamples = TimeSpan.FromDays(4) };

    private static Sample Measured(DateTimeOffset to, params (string Name, double Value)[] values) =>
        new("app", SampleKinds.Tables, SampleResolution.Raw, to - FiveMinutes, FiveMinutes, MetricSample.Write(values.ToDictionary(pair => pair.Name, pair => SampleValue.Of(pair.Value))));

    [Fact]
    public async Task A_sample_comes_back_and_one_of_the_same_beginning_takes_its_place()
    {
        var store = await NewStoreAsync();
        await store.RecordAsync(Measured(Noon, ("a", 1)), Token);
        await store.RecordAsync(Measured(Noon, ("a", 2)) with { Target = "APP" }, Token);
        await store.RecordAsync(Measured(Noon.AddHours(1), ("a", 3)), Token);
        await store.RecordAsync(Measured(Noon, ("a", 9)) with { Target = "other" }, Token);
        await store.RecordAsync(Measured(Noon, ("a", 9)) with { Kind = SampleKinds.Keys }, Token);

        var read = await store.ReadSamplesAsync("app", SampleKinds.Tables, Noon.AddDays(-1), Noon.AddDays(1), Token);
        Assert.Equal([(Noon, FiveMinutes, """{"a":2}"""), (Noon.AddHours(1), FiveMinutes, """{"a":3}""")], read.Select(sample => (sample.To, sample.Span, sample.Payload)));
        Assert.Single(await store.ReadSamplesAsync("app", SampleKinds.Tables, Noon - FiveMinutes, Noon, Token));
        Assert.Empty(await store.ReadSamplesAsync("app", SampleKinds.Tables, Noon.AddSeconds(-299), Noon, Token));
        Assert.Equal(Noon - FiveMinutes, await store.ReadEarliestSampleAsync("App", SampleKinds.Tables, SampleResolution.Raw, Token));
        Assert.Null(await store.ReadEarliestSampleAsync("app", SampleKinds.Tables, SampleResolution.Hour, Token));
    }

    [Fact]
    public async Task Where_nothing_remembers_when_a_task_ran_its_newest_sample_tells_it()
    {
        var store = await NewStoreAsync();
        await store.RecordAsync(Measured(Noon, ("a", 1)) with { Kind = SampleKinds.Metrics }, Token);
        await store.RecordAsync(Measured(Noon.AddHours(1), ("a", 1)) with { Kind = SampleKinds.Metrics }, Token);
        var last = await LastRuns.ReadAsync(store, "app", ["PerformanceMetrics", "HealthMonitoring", "Troubleshooting"], Token);
        Assert.Equal([("PerformanceMetrics", Noon.AddHours(1))], last.Where(pair => pair.Value is not null).Select(pair => (pair.Key, pair.Value!.Value)));

        await new SampleState { Taken = { [SampleKinds.Metrics] = Noon.AddHours(2) } }.WriteAsync(store, "app", Token);
        Assert.Equal(Noon.AddHours(2), (await LastRuns.ReadAsync(store, "app", ["PerformanceMetrics"], Token))["PerformanceMetrics"]);
    }

    [Fact]
    public async Task Baselines_come_back_newest_first_and_old_ones_are_forgotten()
    {
        var store = await NewStoreAsync();
        PerformanceBaseline Of(DateTimeOffset at, string metric) => new()
        {
            Target = "app", Source = BaselineSource.RequestLog, Metric = metric, Subject = "sc\0ore", Unit = MetricUnit.Milliseconds, Count = 12, Mean = 1.5, P95 = 3,
            From = at.AddDays(-7), To = at, CollectedAt = at, Excluded = [new BaselineExclusion { From = at.AddDays(-1), To = at.AddHours(-23), Reason = "Weekly" }],
        };
        await store.RecordBaselinesAsync("app", [Of(Noon, "old")], Noon.AddDays(-1), Token);
        await store.RecordBaselinesAsync("APP", [Of(Noon.AddDays(2), "new"), Of(Noon.AddDays(2), "newer")], Noon.AddDays(1), Token);

        var read = await store.ReadBaselinesAsync("app", DateTimeOffset.MinValue, Token);
        Assert.Equal(["new", "newer"], read.Select(baseline => baseline.Metric).Order());
        Assert.Equal((BaselineSource.RequestLog, "score", 12L, 1.5, 3.0, (double?)null, Noon.AddDays(2)), (read[0].Source, read[0].Subject, read[0].Count, read[0].Mean, read[0].P95, read[0].P50, read[0].To));
        Assert.Equal("Weekly", read[0].Excluded.Single().Reason);
        Assert.Empty(await store.ReadBaselinesAsync("app", Noon.AddDays(3), Token));
        Assert.Empty(await store.ReadBaselinesAsync("other", DateTimeOffset.MinValue, Token));
    }

    [Fact]
    public async Task Thinned_samples_tell_what_the_measurements_told_and_nothing_is_merged_too_early()
    {
        var store = await NewStoreAsync();
        var now = Noon.AddMinutes(17);
        var random = new Random(7);
        var values = new Dictionary<DateTimeOffset, double>();
        // Half an hour past the third day: that day is not whole yet for the policy.
        for (var at = Noon.AddDays(-3).AddMinutes(30); at <= now; at += FiveMinutes)
        {
            values[at] = Math.Round(random.NextDouble() * 1000, 2);
            await store.RecordAsync(Measured(at, ("a", values[at])), Token);
        }

        // Two machines at once.
        await Task.WhenAll(Thin(now), Thin(now));
        await Thin(now);

        var all = await store.ReadSamplesAsync("app", SampleKinds.Tables, DateTimeOffset.MinValue, now.AddDays(1), Token);
        Assert.All(all.Where(sample => sample.Resolution == SampleResolution.Raw), sample => Assert.True(sample.From >= Noon.AddDays(-1)));
        Assert.All(all.Where(sample => sample.Resolution == SampleResolution.Hour), sample => Assert.True(sample.Span == TimeSpan.FromHours(1) && sample.From.Minute == 0 && sample.To <= Noon.AddDays(-1) && sample.From.UtcDateTime >= Noon.AddDays(-2).UtcDateTime.Date));
        Assert.Equal([Noon.AddDays(-3).UtcDateTime.Date], all.Where(sample => sample.Resolution == SampleResolution.Day).Select(sample => sample.From.UtcDateTime));
        var series = (await new SampleReader(store).ReadAsync("app", SampleKinds.Tables, DateTimeOffset.MinValue, now.AddDays(1), Token))["a"];
        var whole = series.Select(point => point.Value).Aggregate((first, second) => first.With(second));
        var truth = values.Values.Select(SampleValue.Of).Aggregate((first, second) => first.With(second));
        Assert.Equal((truth.Count, truth.Minimum, truth.Maximum), (whole.Count, whole.Minimum, whole.Maximum));
        Assert.Equal(1, whole.Mean / truth.Mean, 1e-5);
        Assert.Equal(1, whole.StandardDeviation!.Value / truth.StandardDeviation!.Value, 1e-5);
        foreach (var point in series)
        {
            var inside = values.Where(pair => pair.Key - FiveMinutes >= point.From && pair.Key - FiveMinutes < (point.Value.Count == 1 ? point.From.AddTicks(1) : point.To)).Select(pair => pair.Value).ToList();
            Assert.Equal((inside.Count, inside.Min(), inside.Max()), (point.Value.Count, point.Value.Minimum, point.Value.Maximum));
        }

        await Thin(now.AddDays(30));
        Assert.Empty(await store.ReadSamplesAsync("app", SampleKinds.Tables, DateTimeOffset.MinValue, now.AddDays(1), Token));

        Task<int> Thin(DateTimeOffset at) => SampleThinner.ThinAsync(store, "app", new TableSampler(), Policy, at, Token);
    }

    [Fact]
    public async Task A_measurement_after_a_long_gap_keeps_saying_how_long_it_was_and_one_that_came_late_is_put_in()
    {
        var store = await NewStoreAsync();
        await store.RecordAsync(Measured(Noon, ("a", 1)), Token);
        await store.RecordAsync(new Sample("app", SampleKinds.Tables, SampleResolution.Raw, Noon, TimeSpan.FromDays(7), """{"a":5}"""), Token);
        var now = Noon.AddDays(40);
        await SampleThinner.ThinAsync(store, "app", new TableSampler(), Policy with { KeepDailySamples = TimeSpan.FromDays(1000) }, now, Token);
        var read = await store.ReadSamplesAsync("app", SampleKinds.Tables, DateTimeOffset.MinValue, now, Token);
        Assert.All(read, sample => Assert.Equal(SampleResolution.Day, sample.Resolution));
        Assert.Contains(read, sample => sample is { Span.TotalDays: 7, Payload: """{"a":5}""" } && sample.From == Noon);

        await store.RecordAsync(Measured(Noon.AddMinutes(-5), ("a", 3)), Token);
        await SampleThinner.ThinAsync(store, "app", new TableSampler(), Policy with { KeepDailySamples = TimeSpan.FromDays(1000) }, now, Token);
        read = await store.ReadSamplesAsync("app", SampleKinds.Tables, DateTimeOffset.MinValue, now, Token);
        Assert.Contains(read, sample => sample.Payload == """{"a":[2,2,1,3,2]}""");
    }
}
