#pragma warning disable RS0030 // A benchmark speaks to whoever started it, on the console.
using System.Globalization;
using Maintenance.Benchmarks;
using Maintenance.Benchmarks.Alerts;
using Maintenance.Benchmarks.Backup;
using Maintenance.Benchmarks.Functions;
using Maintenance.Benchmarks.Inspect;
using Maintenance.Benchmarks.Maintain;
using Maintenance.Benchmarks.Performance;
using Maintenance.Benchmarks.Scheduling;
using Maintenance.Benchmarks.Security;
using Maintenance.Benchmarks.Session;
using Maintenance.Benchmarks.Tasks;

// dotnet run -c Release --project tests/Maintenance.Benchmarks -- all [--rounds 9] [--json results.json]
var known = new Dictionary<string, Func<IBenchmark>>(StringComparer.OrdinalIgnoreCase)
{
    ["import"] = () => new ImportBenchmark(),
    ["completion"] = () => new CompletionBenchmark(),
    ["health"] = () => new HealthBenchmark(),
    ["p1"] = () => new NewestBackupBenchmark(),
    ["dump"] = () => new DumpBenchmark(),
    ["dump-memory"] = () => new DumpMemoryBenchmark(),
    ["p2"] = () => new FunctionProbeBenchmark(),
    ["p3"] = () => new BloatBenchmark(),
    ["p3a"] = () => new BloatAccuracyBenchmark(),
    ["p4"] = () => new RetentionBenchmark(),
    ["p4a"] = () => new RetentionStallBenchmark(),
    ["p4b"] = () => new BlobArchiveBenchmark(),
    ["p4c"] = () => new PartitionBenchmark(),
    ["p5"] = () => new VacuumBenchmark(),
    ["p6"] = () => new ReindexBenchmark(),
    ["p6a"] = () => new ReindexRefusalBenchmark(),
    ["p7"] = () => new SecurityAuditBenchmark(),
    ["p8"] = () => new DailyBenchmark(),
    ["p10"] = () => new SlowQueryBenchmark(),
    ["p11"] = () => new SecondVerificationBenchmark(),
    ["checksum"] = () => new ChecksumBenchmark(),
    ["p12"] = () => new LargeCatalogueBenchmark(),
    ["stall"] = () => new StallBenchmark(),
    ["agent"] = () => new AgentBenchmark(),
    ["agent-fleet"] = () => new AgentFleetBenchmark(),
    ["alerts"] = () => new AlertBenchmark(),
    ["monitoring"] = () => new MonitoringBenchmark(),
    ["samples"] = () => new SampleBenchmark(),
    ["samples-year"] = () => new SampleYearBenchmark(),
    ["trends"] = () => new TrendReportBenchmark(),
    ["history"] = () => new HistoryBenchmark(),
    ["indexadvice"] = () => new IndexAdviceBenchmark("indexadvice", 400),
    ["indexadvice-large"] = () => new IndexAdviceBenchmark("indexadvice-large", 10_000),
};

var names = args.TakeWhile(argument => !argument.StartsWith("--", StringComparison.Ordinal)).ToList();
if (names is ["all"])
{
    names = [.. known.Keys];
}

if (names.Count == 0 || names.Exists(name => !known.ContainsKey(name)))
{
    Console.Error.WriteLine($"Name the benchmarks to run: {string.Join(", ", known.Keys)}, or all. Options: --rounds N (at least 5), --json FILE.");
    return 1;
}

var rounds = Math.Max(5, int.Parse(Option("--rounds") ?? "9", CultureInfo.InvariantCulture));
using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    stop.Cancel();
};

var results = new List<string>();
foreach (var name in names)
{
    await using var benchmark = known[name]();
    void Tell(string what) => Console.Error.WriteLine($"{name}: {what}");
    var measured = await BenchmarkRunner.RunAsync(await benchmark.PrepareAsync(Tell, stop.Token), rounds, Tell, stop.Token);
    var json = BenchmarkReport.Json(benchmark, measured, TimeProvider.System.GetUtcNow());
    Console.WriteLine(BenchmarkReport.Table(benchmark, measured));
    Console.WriteLine(json);
    results.Add(json);
}

if (Option("--json") is { } file)
{
    await File.WriteAllTextAsync(file, $"[{string.Join($",{Environment.NewLine}", results)}]", stop.Token);
}

return 0;

string? Option(string option)
{
    var index = Array.IndexOf(args, option);
    return index >= 0 && index + 1 < args.Length ? args[index + 1] : null;
}
