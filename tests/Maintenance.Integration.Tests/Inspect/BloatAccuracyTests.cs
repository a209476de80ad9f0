using System.Globalization;
using System.Text;
using Maintenance.Engine;
using Maintenance.IntegrationTests.Infrastructure;

namespace Maintenance.IntegrationTests.Inspect;

/// <summary>Estimates and measurements against what VACUUM FULL, which rebuilds the indexes too, really gave back.</summary>
public sealed class BloatAccuracyTests(SandboxFixture fixture, ITestOutputHelper output) : IAsyncDisposable
{
    private readonly MaintenanceEngine _engine = new();

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task Estimates_and_measurements_are_near_the_truth_and_nothing_fresh_is_called_bloated(int major)
    {
        var sandbox = await fixture.PostgresAsync(major);
        await SandboxDatabase.CreateAsync(sandbox, "bloat_accuracy");
        var target = sandbox.Target.As(database: "bloat_accuracy");
        await using var connection = await SandboxDatabase.OpenAsync(sandbox, "bloat_accuracy");
        await connection.ExecuteAsync("CREATE SCHEMA measuring; CREATE EXTENSION pgstattuple SCHEMA measuring");
        await BloatTruth.BuildAsync(connection, TestContext.Current.CancellationToken);

        var estimates = await MeasureAsync(target, BloatMode.Estimate);
        var verified = await MeasureAsync(target, BloatMode.Verify);
        var exact = await MeasureAsync(target, BloatMode.Exact);
        var truths = await BloatTruth.TakeAsync(connection, TestContext.Current.CancellationToken);

        var table = new StringBuilder().AppendLine(CultureInfo.InvariantCulture, $"PostgreSQL {major}: percent of the size that could be given back");
        table.AppendLine(CultureInfo.InvariantCulture, $"{"relation",-38} {"size",8} {"truth",7} {"estimate",9} {"+/-",6} {"verified",9} {"+/-",6} {"exact",7} {"+/-",6}");
        foreach (var (name, truth) in truths.Where(pair => estimates.ContainsKey(pair.Key)).OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            table.AppendLine(CultureInfo.InvariantCulture, $"{name,-38} {truth.Before / 1024,6}kB {truth.Percent,7:0.0} {estimates[name].ReclaimablePercent,9:0.0} {estimates[name].ErrorPoints,6:0.0} {verified[name].ReclaimablePercent,9:0.0} {verified[name].ErrorPoints,6:0.0} {exact[name].ReclaimablePercent,7:0.0} {exact[name].ErrorPoints,6:0.0}");
        }

        Assert.All(estimates.Values, row => Assert.True(row.Reclaimable is not null, $"{row.QualifiedName}: {row.Reason}"));
        var summaries = new[] { ("estimate", estimates), ("verified", verified), ("exact", exact) }.Select(mode => Errors.Of(mode.Item1, mode.Item2, truths)).ToList();
        summaries.ForEach(summary => table.AppendLine(summary.ToString()));
        output.WriteLine(table.ToString());
        Assert.All(summaries, summary => Assert.True(summary is { Mean: <= 5, Worst: <= 15 }, $"{summary}{Environment.NewLine}{table}"));
        foreach (var rows in new[] { estimates, verified, exact })
        {
            var fresh = rows.Values.Where(row => row.Table.StartsWith("public.fresh_", StringComparison.Ordinal)).ToList();
            Assert.NotEmpty(fresh);
            // Confidence follows from the error, so the error must not promise more than is kept. Short text beside an alignment may shift by more than
            // the formulas reckon with: the index fill70_b does, by three points.
            Assert.All(rows, pair => Assert.True(
                Math.Abs(pair.Value.ReclaimablePercent!.Value - truths[pair.Key].Percent) <= pair.Value.ErrorPoints + 4,
                $"{pair.Key} ({pair.Value.Method}): {pair.Value.ReclaimablePercent} +/- {pair.Value.ErrorPoints}, really {truths[pair.Key].Percent}"));
            Assert.All(fresh, row => Assert.True(row is { ReclaimablePercent: <= 15, Status: HealthStatus.Ok }, $"{row.QualifiedName}: {row.ReclaimablePercent} %, {row.Status}"));
        }
    }

    private async Task<Dictionary<string, DbBloat>> MeasureAsync(MaintenanceTarget target, BloatMode mode) =>
        (await _engine.Bloat.GetBloatAsync(target, new BloatQuery { Mode = mode, MinimumSize = 256 << 10 }, Calls.Silent(), TestContext.Current.CancellationToken))
            .Where(row => row.Kind is not (DbRelationKind.PartitionedTable or DbRelationKind.PartitionedIndex))
            .ToDictionary(BloatTruth.NameOf);

    public ValueTask DisposeAsync() => _engine.DisposeAsync();

    private sealed record Errors(string Mode, double Mean, double Worst, string Where)
    {
        public static Errors Of(string mode, Dictionary<string, DbBloat> rows, IReadOnlyDictionary<string, BloatTruth> truths)
        {
            var errors = rows.Select(row => (row.Key, Error: Math.Abs(row.Value.ReclaimablePercent!.Value - truths[row.Key].Percent))).ToList();
            var (name, worst) = errors.MaxBy(error => error.Error);
            return new Errors(mode, errors.Average(error => error.Error), worst, name);
        }

        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Mode}: mean error {Mean:0.00} points, worst {Worst:0.0} ({Where})");
    }
}
