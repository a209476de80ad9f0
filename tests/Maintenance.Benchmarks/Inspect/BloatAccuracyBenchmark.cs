using System.Globalization;
using Maintenance.TestSupport;

namespace Maintenance.Benchmarks.Inspect;

/// <summary>P3a: how far estimates and measurements are from what rewriting really gives back. The errors stand in the notes.</summary>
internal sealed class BloatAccuracyBenchmark : IBenchmark
{
    private BloatServer? _server;

    public string Name => "p3a";

    public string Title => "Accuracy of bloat reports over the test fixtures, in percentage points of the size, against VACUUM FULL.";

    public IReadOnlyList<Goal> Goals => [];

    public async Task<IReadOnlyList<Contender>> PrepareAsync(Action<string> tell, CancellationToken cancellationToken)
    {
        tell("building the fixtures");
        _server = await BloatServer.StartAsync("p3a", cancellationToken);
        await _server.ExecuteAsync("CREATE EXTENSION IF NOT EXISTS pgstattuple", cancellationToken);
        await BloatTruth.BuildAsync(_server.Connection, cancellationToken);
        tell("measuring and taking the truth");
        var reports = new Dictionary<BloatMode, IReadOnlyList<DbBloat>>();
        foreach (var mode in Enum.GetValues<BloatMode>())
        {
            reports[mode] = await _server.ReportAsync(mode, cancellationToken);
        }

        var truths = await BloatTruth.TakeAsync(_server.Connection, cancellationToken);
        return [.. reports.Select(report => new Contender($"Get-DbBloat, {report.Key}", async token => new Outcome((await _server.ReportAsync(report.Key, token)).Count.ToString(CultureInfo.InvariantCulture), Errors(report.Value, truths)), _server.Version))];
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }

    private static string Errors(IReadOnlyList<DbBloat> rows, IReadOnlyDictionary<string, BloatTruth> truths)
    {
        var errors = rows
            .Where(row => row.SizeBytes >= 256 << 10 && truths.ContainsKey(BloatTruth.NameOf(row)) && row.ReclaimablePercent is not null)
            .Select(row => (row.QualifiedName, Error: Math.Abs(row.ReclaimablePercent!.Value - truths[BloatTruth.NameOf(row)].Percent)))
            .OrderByDescending(error => error.Error)
            .ToList();
        return string.Create(CultureInfo.InvariantCulture, $"{errors.Count} relations: mean error {errors.Average(error => error.Error):0.00} points, worst {errors[0].Error:0.0} ({errors[0].QualifiedName})");
    }
}
