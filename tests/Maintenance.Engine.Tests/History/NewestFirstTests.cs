using Maintenance.Engine.History;

namespace Maintenance.Engine.Tests.History;

public sealed class NewestFirstTests
{
    private readonly List<MaintenanceException> _failures = [];

    [Fact]
    public async Task Several_sources_become_one_sequence()
    {
        var runs = await MergeAsync(Source(9, 5, 1), Source(), Source(8, 2), Source(10));

        Assert.Equal([10, 9, 8, 5, 2, 1], runs);
        Assert.Empty(_failures);
    }

    [Fact]
    public async Task A_run_that_two_sources_know_comes_once() =>
        Assert.Equal([4, 3, 2], await MergeAsync(Source(4, 3), Source(3, 2)));

    [Fact]
    public async Task A_source_that_fails_does_not_stop_the_others()
    {
        var runs = await MergeAsync(Source(9, -1), Source(8, 7), Source(-1));

        Assert.Equal([9, 8, 7], runs);
        Assert.Equal(2, _failures.Count);
    }

    [Fact]
    public async Task Nobody_is_read_further_than_needed()
    {
        // The third element of the first source would fail.
        var first = NewestFirst.MergeAsync([Source(9, 8, -1), Source(1)], _failures.Add, CancellationToken.None).Take(1);

        Assert.Equal([9], await first.Select(run => run.StartedAt.Day).ToListAsync(TestContext.Current.CancellationToken));
        Assert.Empty(_failures);
    }

    private async Task<List<int>> MergeAsync(params IAsyncEnumerable<MaintenanceRun>[] sources) =>
        await NewestFirst.MergeAsync(sources, _failures.Add, CancellationToken.None).Select(run => run.StartedAt.Day).ToListAsync();

    private static async IAsyncEnumerable<MaintenanceRun> Source(params int[] days)
    {
        foreach (var day in days)
        {
            await Task.Yield();
            if (day < 0)
            {
                throw new MaintenanceException(MaintenanceErrorCode.HistoryCorrupt, "Broken.", "Mend it.");
            }

            yield return new MaintenanceRun
            {
                Id = new Guid(day, 0, 0, new byte[8]),
                Task = "Daily",
                Target = "app",
                Status = HealthStatus.Ok,
                StartedAt = new DateTimeOffset(2026, 1, day, 0, 0, 0, TimeSpan.Zero),
                Message = "Fine.",
            };
        }
    }
}
