using System.Globalization;
using Maintenance.Engine;
using Maintenance.Engine.History;
using Maintenance.Engine.Performance.Samples;
using Maintenance.Engine.Performance.Statements;
using Maintenance.Engine.Sandbox.SampleHistory;

namespace Maintenance.Benchmarks.Performance;

/// <summary>What a year of five-minute samples of ten targets takes in a SQLite history, as the policy leaves them, and how fast the series of a report are read from it.</summary>
internal sealed class SampleYearBenchmark : IBenchmark
{
    private const int Targets = 10;
    private const int Tables = 100;
    private const int Keys = 50;
    private const int Statements = 50;
    private const string Week = "the figures of a weekly report (14 days)";
    private const string Year = "the figures of a year";
    private const string Sizes = "the sizes of the tables of a year";

    private readonly string _folder = Directory.CreateTempSubdirectory("maintenance-benchmark-").FullName;
    private readonly MaintenanceEngine _engine = new();

    public string Name => "samples-year";

    public string Title => $"Reading series from a SQLite history of a year of {Targets} targets ({Tables} tables, {Keys} keys and {Statements} statements each).";

    public IReadOnlyList<Goal> Goals => [new(Week, null, 500), new(Year, null, 1000), new(Sizes, null, 2000)];

    public async Task<IReadOnlyList<Contender>> PrepareAsync(Action<string> tell, CancellationToken cancellationToken)
    {
        var now = TimeProvider.System.GetUtcNow();
        var path = Path.Combine(_folder, "history.db");
        MaintenanceTarget Named(int number) => new() { Name = $"target{number}", History = new HistorySettings { Path = path } };
        tell("making up a year of five-minute samples");
        var past = SamplePast.Make(Named(0), new SampleTimeline(TimeSpan.FromDays(365), now), 1, Anchors(), cancellationToken);
        for (var number = 0; number < Targets; number++)
        {
            tell(string.Create(CultureInfo.InvariantCulture, $"writing target {number + 1} of {Targets}"));
            var (target, store) = (Named(number), _engine.History.StoreOf(Named(number), SilentCall.Context)!);
            foreach (var samples in past.Samples.SelectMany(kind => kind).GroupBy(sample => (sample.Kind, sample.Resolution)))
            {
                await store.ReplaceSamplesAsync(
                    target.Name, samples.Key.Kind, samples.Key.Resolution, DateTimeOffset.UnixEpoch, DateTimeOffset.MaxValue, [.. samples.Select(sample => sample with { Target = target.Name })], cancellationToken);
            }
        }

        var weight = Weight(path, past);
        tell(weight);
        var version = typeof(MaintenanceEngine).Assembly.GetName().Version!.ToString(3);
        return
        [
            new(Week, token => ReadAsync(Named(3), SampleKinds.Metrics, now.AddDays(-14), now, weight, token), version),
            new(Year, token => ReadAsync(Named(4), SampleKinds.Metrics, now.AddDays(-365), now, weight, token), version),
            new(Sizes, token => ReadAsync(Named(5), SampleKinds.Tables, now.AddDays(-365), now, weight, token), version),
        ];
    }

    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task<Outcome> ReadAsync(MaintenanceTarget target, string kind, DateTimeOffset since, DateTimeOffset until, string weight, CancellationToken cancellationToken)
    {
        var series = await new SampleReader(_engine.History.StoreOf(target, SilentCall.Context)!).ReadAsync(target.Name, kind, since, until, cancellationToken);
        return new Outcome(null, string.Create(CultureInfo.InvariantCulture, $"{series.Count} series of {series.Values.Max(points => points.Count)} points; {weight}"));
    }

    // What is in the file and in the log of SQLite beside it; and of one target what each kind takes, compressed as it is kept.
    private static string Weight(string path, SamplePast past)
    {
        var bytes = new[] { path, $"{path}-wal" }.Where(File.Exists).Sum(file => new FileInfo(file).Length);
        var kinds = past.Samples.Select(kind => (kind.Key, Rows: kind.Count(), Bytes: kind.Sum(sample => SampleRows.Write(sample).Values.OfType<byte[]>().Sum(payload => (long)payload.Length))));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{bytes / 1e6:0.0} MB on disk for {Targets} targets; each has {string.Join(", ", kinds.Select(kind => string.Create(CultureInfo.InvariantCulture, $"{kind.Bytes / 1e6:0.00} MB of {kind.Key} in {kind.Rows} rows")))}");
    }

    private static SampleAnchors Anchors() => new()
    {
        DatabaseSize = 4L << 30,
        ServerSize = 5L << 30,
        MaximumConnections = 97,
        Connections = 4,
        XidAge = 120_000,
        MultixactAge = 1,
        ResponseTime = 150,
        ResponseTimeP95 = 420,
        ErrorRate = 1.5,
        RequestsPerSecond = 3,
        BandwidthPerDay = 5e9,
        Tables = Enumerable.Range(1, Tables).ToDictionary(number => string.Create(CultureInfo.InvariantCulture, $"public.table_of_records_{number}"), number => (long)number << 18),
        Keys = Enumerable.Range(1, Keys).ToDictionary(number => string.Create(CultureInfo.InvariantCulture, $"public.table_of_records_{number}_id_seq"), number => new SampleKey(number * 12_345L, int.MaxValue)),
        Statements =
        [
            .. Enumerable.Range(1, Statements).Select(number => new SampleStatement(
                new StatementKey(10, 5, number * 40_111_222_333_444_555, true), 0.3 * number, 0.1 * number, new StatementCounts { Rows = number, BlocksHit = 40 * number, BlocksRead = number % 7, WalBytes = 90 * number }, $"SELECT {number}")),
        ],
    };
}
