using System.Diagnostics;
using Maintenance.Engine;
using Maintenance.Engine.Retention;
using Maintenance.IntegrationTests.Infrastructure;
using Maintenance.IntegrationTests.Retention.Faults;

namespace Maintenance.IntegrationTests.Retention;

/// <summary>Faults that do not fit into seeds, compared with what the writers did in the same way; and that the comparison finds what is wrong.</summary>
public sealed class RetentionFaultTests(SandboxFixture fixture)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task Two_statements_as_in_the_guide_lose_rows_and_the_comparison_says_so(int major)
    {
        await using var bench = await FaultBench.CreateAsync(fixture, FaultCase.First(major, FaultKind.Table));
        await using var mover = await bench.OpenAsync();
        await using (var writers = await Writers.StartAsync(bench))
        {
            await mover.ExecuteAsync("BEGIN; INSERT INTO t_archive SELECT * FROM t WHERE at < now() - interval '30 days'");
            await writers.MoreAsync(60, Token);
            // Beside the second statement they would deadlock with it; what they did between the two is enough.
            await writers.StopAsync();
            await mover.ExecuteAsync("DELETE FROM t WHERE at < now() - interval '30 days'; COMMIT");
        }

        var problems = await Truth.CompareAsync(bench, await bench.CutOffAsync());
        // A row that came in between is in neither table, one that was changed in between is archived as it was before.
        Assert.Contains(problems, problem => problem.StartsWith("lost", StringComparison.Ordinal));
        Assert.Contains(problems, problem => problem.StartsWith("stale", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("INSERT INTO t_archive SELECT * FROM t WHERE at BETWEEN now() - interval '80 days' AND now() - interval '70 days'", "there more than once")]
    [InlineData("DELETE FROM t WHERE id = 1", "lost")]
    [InlineData("INSERT INTO t_archive SELECT -1, now() - interval '80 days', 1, ''", "written by nobody")]
    [InlineData("UPDATE t SET note = 'other' WHERE id = 1", "changed")]
    [InlineData("WITH gone AS (DELETE FROM t WHERE at > now() - interval '20 days' RETURNING *) INSERT INTO t_archive SELECT * FROM gone", "taken before its time")]
    [InlineData("SELECT", "due, and left behind")]
    public async Task The_comparison_finds_what_is_wrong(string statement, string problem)
    {
        await using var bench = await FaultBench.CreateAsync(fixture, FaultCase.First(18, FaultKind.Table));
        await bench.Admin.ExecuteAsync(statement);
        Assert.Contains(await Truth.CompareAsync(bench, await bench.CutOffAsync()), found => found.StartsWith(problem, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(15, FaultKind.Table)]
    [InlineData(18, FaultKind.Folder)]
    internal async Task The_second_of_two_runs_is_refused_and_nothing_moves_twice(int major, FaultKind kind)
    {
        await using var bench = await FaultBench.CreateAsync(fixture, FaultCase.First(major, kind));
        MaintenanceException? refusal = null;
        await RunAsync(bench, async () => refusal = await Assert.ThrowsAsync<MaintenanceException>(async () =>
        {
            await using var second = new MaintenanceEngine();
            await bench.Request.RunAsync(second, _ => ValueTask.CompletedTask, Token);
        }));
        Assert.Equal(MaintenanceErrorCode.AlreadyRunning, refusal?.Code);
    }

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task An_archive_table_that_goes_in_mid_run_takes_no_row_that_was_not_in_it(int major)
    {
        await using var bench = await FaultBench.CreateAsync(fixture, FaultCase.First(major, FaultKind.Table));
        await RunAsync(
            bench,
            () => bench.Admin.ExecuteAsync("BEGIN; LOCK t_archive; CREATE TABLE saved AS TABLE t_archive; DROP TABLE t_archive; COMMIT"),
            outcome => Assert.Equal(StepState.Failed, outcome.State),
            () => bench.Admin.ExecuteAsync("CREATE TABLE t_archive (LIKE t); INSERT INTO t_archive SELECT * FROM saved"),
            FaultPoint.BatchCommitted);
    }

    [Fact]
    public async Task A_disk_that_is_full_under_the_archive_table_loses_nothing()
    {
        await using var bench = await FaultBench.CreateAsync(fixture, FaultCase.First(15, FaultKind.Table));
        using var folder = new TemporaryFolder();
        var tablespace = $"tiny_{Guid.NewGuid():n}";
        var data = await bench.Admin.ScalarAsync<string>("SHOW data_directory");
        // A disk of its own; where none can be made, an error of the same class in the same place stands for it.
        var isDisk = OperatingSystem.IsLinux() && await SucceedsAsync(
            "sh", "-c", "mount -t tmpfs -o size=64k,uid=$(stat -c %u \"$1\"),gid=$(stat -c %g \"$1\"),mode=700 tmpfs \"$2\"", "sh", data, folder.Path);
        try
        {
            await bench.Admin.ExecuteAsync(isDisk ? $"CREATE TABLESPACE {tablespace} LOCATION '{folder.Path}'" : "SELECT");
            await bench.Admin.ExecuteAsync(isDisk ? $"DROP INDEX t_archive_at_idx; ALTER TABLE t_archive SET TABLESPACE {tablespace}" : "ALTER TABLE t_archive ADD CONSTRAINT room CHECK (full_after(400))");
            await RunAsync(
                bench,
                null,
                outcome => Assert.Equal(StepState.Failed, outcome.State),
                async () =>
                {
                    if (isDisk)
                    {
                        Assert.True(await SucceedsAsync("mount", "-o", "remount,size=64m", folder.Path));
                    }
                    else
                    {
                        await bench.Admin.ExecuteAsync("ALTER TABLE t_archive DROP CONSTRAINT room");
                    }
                });
        }
        finally
        {
            if (isDisk)
            {
                await bench.Admin.ExecuteAsync("DROP TABLE t_archive");
                await bench.Admin.ExecuteAsync($"DROP TABLESPACE IF EXISTS {tablespace}");
                await SucceedsAsync("umount", "-l", folder.Path);
            }
        }
    }

    [Fact]
    public async Task A_disk_that_is_full_under_the_archive_store_loses_nothing()
    {
        await using var bench = await FaultBench.CreateAsync(fixture, FaultCase.First(18, FaultKind.Folder));
        var root = bench.Request.StorePath!;
        Directory.CreateDirectory(root);
        var isDisk = OperatingSystem.IsLinux() && await SucceedsAsync("mount", "-t", "tmpfs", "-o", "size=24k", "tmpfs", root);
        try
        {
            await RunAsync(
                bench,
                () =>
                {
                    if (!isDisk)
                    {
                        bench.Store!.Break();
                    }

                    return Task.CompletedTask;
                },
                outcome => Assert.NotEqual(StepState.Done, outcome.State),
                async () =>
                {
                    bench.Store!.Repair();
                    Assert.True(!isDisk || await SucceedsAsync("mount", "-o", "remount,size=64m", root));
                });
        }
        finally
        {
            if (isDisk)
            {
                await SucceedsAsync("umount", "-l", root);
            }
        }
    }

    // A run, while writers write, to which something happens at a step, or did before; then what repairs it, and the next ordinary runs.
    private static async Task RunAsync(FaultBench bench, Func<Task>? happens, Action<FaultOutcome>? judge = null, Func<Task>? repair = null, FaultPoint? at = null)
    {
        IReadOnlyList<FaultOutcome> last;
        await using (var writers = await Writers.StartAsync(bench))
        {
            // More than one batch takes, so that the step is not the last one.
            await writers.AddAsync(bench.Case.Rows);
            var step = at ?? FaultCase.StepsOf(bench.Case.Kind)[0];
            var hasHappened = 0;
            await using (var engine = new MaintenanceEngine())
            {
                var outcomes = await bench.Request.RunAsync(
                    engine,
                    async point =>
                    {
                        if (happens is not null && point == step && Interlocked.Exchange(ref hasHappened, 1) == 0)
                        {
                            await happens();
                        }
                    },
                    Token);
                judge?.Invoke(outcomes[^1]);
            }

            Assert.True(happens is null || hasHappened == 1);
            await (repair?.Invoke() ?? Task.CompletedTask);
            await writers.MoreAsync(50, Token);
            await bench.RunAsync();
            await writers.StopAsync();
            last = await bench.RunAsync();
        }

        Assert.Empty(await Truth.CompareAsync(bench, last[^1].CutOff!.Value));
        Assert.All(last, outcome => Assert.True(outcome.State is StepState.Done or StepState.Skipped, outcome.ToString()));
    }

    private static async Task<bool> SucceedsAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        await process.WaitForExitAsync(Token);
        return process.ExitCode == 0;
    }
}
