using System.Diagnostics;
using System.Globalization;

namespace Maintenance.Benchmarks.Maintain;

/// <summary>P4: a million of two million rows into an archive table, with nobody else there.</summary>
internal sealed class RetentionBenchmark : IBenchmark
{
    private const string Ours = "Maintenance, batches of 30 ms";
    private const string Guide = "the guide's two statements";

    private readonly RetentionDatabase _database = new();

    public string Name => "p4";

    public string Title => "Retention of 1,000,000 of 2,000,000 error logs into an archive table, idle server; planning is told apart.";

    public IReadOnlyList<Goal> Goals => [new(Ours, Guide, 1.0)];

    public async Task<IReadOnlyList<Contender>> PrepareAsync(Action<string> tell, CancellationToken cancellationToken)
    {
        tell("starting a sandbox and making two million rows");
        await _database.PrepareAsync("retention", cancellationToken);
        Contender Of(string name, Func<CancellationToken, Task<(string, TimeSpan?)>> work) => new(name, async token => Told(await MeasureAsync(work, token)), _database.Version);

        Outcome Told(Outcome outcome)
        {
            tell(string.Create(CultureInfo.InvariantCulture, $"{outcome.Elapsed!.Value.TotalMilliseconds:0} ms: {outcome.Note}"));
            return outcome;
        }

        async Task<(string, TimeSpan?)> ModuleAsync(bool verify, CancellationToken token)
        {
            var done = await _database.OursAsync(verify, token);
            return done.State == StepState.Done
                ? (string.Create(CultureInfo.InvariantCulture, $"{done.Batches} batches, worst {done.WorstBatch!.Value.TotalMilliseconds:0.0} ms, verified: {done.Verified}"), done.Duration)
                : throw new InvalidOperationException(done.Message);
        }

        return
        [
            Of(Ours, token => ModuleAsync(verify: false, token)),
            Of("Maintenance, with -Verify", token => ModuleAsync(verify: true, token)),
            Of(Guide, async token => (await _database.GuideAsync(token), null)),
            Of("one statement for all rows", async token => (await _database.OneStatementAsync(token), null)),
            Of("batches of 5000, FOR UPDATE SKIP LOCKED", async token => (await _database.SkipLockedAsync(token), null)),
        ];
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    private async Task<Outcome> MeasureAsync(Func<CancellationToken, Task<(string Note, TimeSpan? Took)>> work, CancellationToken cancellationToken)
    {
        await _database.ResetAsync(cancellationToken);
        var wal = await _database.WalAsync(cancellationToken);
        var cpu = await _database.CpuAsync(cancellationToken);
        var started = Stopwatch.GetTimestamp();
        var (note, took) = await work(cancellationToken);
        var whole = Stopwatch.GetElapsedTime(started);
        cpu = await _database.CpuAsync(cancellationToken) - cpu;
        wal = await _database.WalAsync(cancellationToken) - wal;
        var ends = string.Create(CultureInfo.InvariantCulture, $"{note}; {wal / 1048576.0:0} MB of WAL; {cpu?.TotalMilliseconds:0} ms of the server's CPU{(took is null ? "" : $"; {whole.TotalMilliseconds:0} ms with plan and history")}");
        return new Outcome(await _database.StateAsync(cancellationToken), ends, took ?? whole);
    }
}
