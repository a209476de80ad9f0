using Maintenance.IntegrationTests.Infrastructure;
using Maintenance.IntegrationTests.Retention.Faults;

namespace Maintenance.IntegrationTests.Retention;

/// <summary>
/// Whatever ends a retention run, at whatever moment, and whoever writes meanwhile: after the next ordinary run each row that ever was
/// past its age is in exactly one place, in its newest version.
/// </summary>
/// <remarks>
/// The set below is for every build. MAINTENANCE_FAULT_RUNS=200 runs the seeds 1 to 200, MAINTENANCE_FAULT_SEED=17 or 17-40 only those:
/// <c>MAINTENANCE_FAULT_RUNS=200 dotnet run --project tests/Maintenance.Integration.Tests -- --filter-class '*ExactlyOnceTests'</c>.
/// </remarks>
public sealed class ExactlyOnceTests(SandboxFixture fixture)
{
    public static TheoryData<int> Seeds() => [.. FaultSeeds.Chosen()];

    [Theory(Timeout = 120_000)]
    [MemberData(nameof(Seeds))]
    public async Task Each_row_is_in_exactly_one_place_after_any_fault(int seed)
    {
        var @case = FaultCase.Of(seed);
        TestContext.Current.TestOutputHelper!.WriteLine(@case.ToString());
        await using var bench = await FaultBench.CreateAsync(fixture, @case);
        IReadOnlyList<FaultOutcome> last;
        int operations;
        int? struck;
        await bench.PrepareAsync();
        await using (var writers = await Writers.StartAsync(bench))
        {
            struck = await FaultInjector.StrikeAsync(bench, writers);
            if (@case.StrikesAgain)
            {
                await writers.AddAsync(@case.Rows / 2);
                await bench.PrepareAsync();
                struck += await FaultInjector.StrikeAsync(bench, writers);
            }

            await writers.MoreAsync(50, TestContext.Current.CancellationToken);
            // The next ordinary run, while the writers go on; and one more once they have stopped, which must find nothing that it cannot take.
            await bench.RunAsync();
            await writers.StopAsync();
            last = await bench.RunAsync();
            operations = writers.Operations;
            TestContext.Current.TestOutputHelper.WriteLine($"{operations} operations, {writers.Refused} refused; {(struck is null ? "no run failed" : $"{struck} run(s) until it failed")}; {string.Join("; ", last)}");
        }

        var problems = await Truth.CompareAsync(bench, @case.IsRestore ? DateTimeOffset.MinValue : last[^1].CutOff!.Value);
        Assert.True(problems.Count == 0, $"{@case}{Environment.NewLine}{string.Join(Environment.NewLine, problems)}{Environment.NewLine}Again: MAINTENANCE_FAULT_SEED={seed}");
        Assert.All(last, outcome => Assert.True(outcome.State is StepState.Done or StepState.Skipped, $"{@case}: {outcome}"));
        Assert.True(operations > 0);
        Assert.True(struck is not null, $"{@case}: no run failed.");
        if (@case.Kind is FaultKind.Table or FaultKind.Folder or FaultKind.Blob)
        {
            await bench.Admin.ExecuteAsync("INSERT INTO t SELECT * FROM t_archive; INSERT INTO t SELECT * FROM files");
            Assert.Equal(0, await Truth.DifferencesAsync(bench));
        }
    }
}
