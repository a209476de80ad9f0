using Maintenance.Engine.History;
using Maintenance.Engine.Performance.Samples;
using Maintenance.IntegrationTests.Infrastructure;

namespace Maintenance.IntegrationTests.Performance;

/// <summary>What a history weighs: the bound that docs/performance-samples.md states.</summary>
public sealed class SampleSizeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_year_of_the_figures_of_a_target_stays_below_five_megabytes()
    {
        var path = Path.Combine(_folder.Path, "history.db");
        var store = new SqliteHistoryStore(path, TimeProvider.System, HistoryMigrations.Of("sqlite"));
        // As the policy leaves it: 7 days raw, 83 days by the hour, 275 by the day; each written at once, which the store takes as it is.
        var now = new DateTimeOffset(2026, 6, 1, 0, 0, 0, TimeSpan.Zero);
        await WriteAsync(store, SampleResolution.Raw, now.AddDays(-7), TimeSpan.FromMinutes(5), 7 * 288, 1);
        await WriteAsync(store, SampleResolution.Hour, now.AddDays(-90), TimeSpan.FromHours(1), 83 * 24, 12);
        await WriteAsync(store, SampleResolution.Day, now.AddDays(-365), TimeSpan.FromDays(1), 275, 288);
        Assert.InRange(new FileInfo(path).Length + (File.Exists($"{path}-wal") ? new FileInfo($"{path}-wal").Length : 0), 500_000, 5_000_000);
        var series = await new SampleReader(store).ReadAsync("app", SampleKinds.Metrics, now.AddDays(-366), now, TestContext.Current.CancellationToken);
        Assert.Equal(7 * 288 + 83 * 24 + 275, series["connections"].Count);
    }

    private static Task WriteAsync(SqliteHistoryStore store, SampleResolution resolution, DateTimeOffset from, TimeSpan span, int count, int measurements)
    {
        var random = new Random(1);
        var samples = Enumerable.Range(0, count).Select(index => new Sample("app", SampleKinds.Metrics, resolution, from + index * span, span, MetricSample.Write(
            SampledMetrics.All.ToDictionary(metric => metric.Name, _ => Value(random, measurements)))));
        return store.ReplaceSamplesAsync("app", SampleKinds.Metrics, resolution, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch, [.. samples], TestContext.Current.CancellationToken);
    }

    // Values without any pattern: what is measured compresses better.
    private static SampleValue Value(Random random, int measurements)
    {
        double Next() => random.NextDouble() * 1000;
        return measurements == 1 ? SampleValue.Of(Next()) : new SampleValue(measurements, Next(), Next(), Next(), Next() * 1000);
    }
}
