using System.Globalization;
using Maintenance.Engine;
using Maintenance.Engine.History;
using Maintenance.Engine.Performance.Samples;

namespace Maintenance.Benchmarks.Performance;

/// <summary>The report of a year: two years of history, five-minute samples thinned as the policy says, read, judged and drawn.</summary>
internal sealed class TrendReportBenchmark : IBenchmark
{
    private const string Year = "New-PerformanceTrendReport -Window 365d, HTML";
    private const string Week = "New-PerformanceTrendReport, HTML";

    private readonly string _folder = Directory.CreateTempSubdirectory("maintenance-benchmark-").FullName;
    private readonly MaintenanceEngine _engine = new();

    public string Name => "trends";

    public string Title => "The report of a year of history (five-minute samples thinned by policy, 26 figures), written as a page with charts.";

    public IReadOnlyList<Goal> Goals => [new(Year, null, 2000), new(Week, null, 2000)];

    public async Task<IReadOnlyList<Contender>> PrepareAsync(Action<string> tell, CancellationToken cancellationToken)
    {
        var target = new MaintenanceTarget { Name = "production", History = new HistorySettings { Path = Path.Combine(_folder, "history.db") } };
        var store = _engine.History.StoreOf(target, SilentCall.Context)!;
        var now = TimeProvider.System.GetUtcNow();
        var today = new DateTimeOffset(now.UtcDateTime.Date, TimeSpan.Zero);
        tell("seeding two years of samples");
        await SeedAsync(store, SampleResolution.Raw, today.AddDays(-7), now, TimeSpan.FromMinutes(5), cancellationToken);
        await SeedAsync(store, SampleResolution.Hour, today.AddDays(-90), today.AddDays(-7), TimeSpan.FromHours(1), cancellationToken);
        await SeedAsync(store, SampleResolution.Day, today.AddDays(-730), today.AddDays(-90), TimeSpan.FromDays(1), cancellationToken);
        var version = typeof(MaintenanceEngine).Assembly.GetName().Version!.ToString(3);
        return [new Contender(Year, token => RunAsync(target, TimeSpan.FromDays(365), token), version), new Contender(Week, token => RunAsync(target, TimeSpan.FromDays(7), token), version)];
    }

    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task<Outcome> RunAsync(MaintenanceTarget target, TimeSpan window, CancellationToken cancellationToken)
    {
        var report = await _engine.Trends.ReportAsync(target, window, SilentCall.Context, cancellationToken);
        var page = _engine.Reports.Render([report], ReportFormat.Html);
        return new Outcome(null, string.Create(CultureInfo.InvariantCulture, $"{report.Trends.Count(trend => trend.Mean is not null)} figures, {report.Trends.Sum(trend => trend.Points.Count)} points, page of {page.Length / 1024} kB"));
    }

    private static Task SeedAsync(IHistoryStore store, SampleResolution resolution, DateTimeOffset from, DateTimeOffset to, TimeSpan step, CancellationToken cancellationToken)
    {
        var random = new Random(11);
        var samples = new List<Sample>();
        for (var at = from; at < to; at += step)
        {
            var values = SampledMetrics.All.ToDictionary(metric => metric.Name, _ =>
            {
                var mean = 100 + 20 * Math.Sin(at.UtcTicks / (double)TimeSpan.TicksPerDay * 2 * Math.PI) + random.NextDouble() * 10;
                var count = (long)Math.Max(1, step / TimeSpan.FromMinutes(5));
                return count == 1 ? SampleValue.Of(mean) : new SampleValue(count, mean, mean * 0.8, mean * 1.3, count * 20);
            });
            samples.Add(new Sample("production", SampleKinds.Metrics, resolution, at, step, MetricSample.Write(values)));
        }

        return store.ReplaceSamplesAsync("production", SampleKinds.Metrics, resolution, from, to, samples, cancellationToken);
    }
}
