using Maintenance.Engine.History;
using Maintenance.Engine.Inspect;

namespace Maintenance.Engine.Tests.Inspect;

/// <summary>What a run knows from those before it.</summary>
public sealed class IndexScanHistoryTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    private Snapshot? _last;

    private QuietTime? Run(int day, long? scans, DateTimeOffset? statisticsSince = null)
    {
        var now = Start + (day * Day);
        var source = new ScanSource { Target = "shop", StatisticsSince = statisticsSince ?? Start - Day, Scans = scans is { } count ? new Dictionary<long, long> { [1] = count } : new Dictionary<long, long>() };
        var quiet = IndexScanHistory.Carry(_last, source, now);
        _last = IndexScanHistory.ToSnapshot("shop", source, quiet, now);
        return quiet.GetValueOrDefault(1);
    }

    [Fact]
    public void The_first_run_knows_nothing_but_that_the_index_is_there() => Assert.Equal(new QuietTime(Start, TimeSpan.Zero), Run(0, 0));

    [Fact]
    public void An_index_that_is_not_used_stays_quiet_since_it_was_first_seen()
    {
        Run(0, 5);
        Run(10, 5);
        Assert.Equal(new QuietTime(Start, TimeSpan.Zero), Run(20, 5));
    }

    [Fact]
    public void A_use_begins_it_anew()
    {
        Run(0, 5);
        Assert.Equal(Start + (10 * Day), Run(10, 6)!.Since);
        Assert.Equal(Start + (10 * Day), Run(20, 6)!.Since);
    }

    [Fact]
    public void A_reset_leaves_a_gap_of_what_nobody_saw()
    {
        Run(0, 5);
        var after = Run(10, 0, statisticsSince: Start + (7 * Day));
        Assert.Equal(new QuietTime(Start, 7 * Day), after);
        Assert.Equal(after, Run(20, 0, statisticsSince: Start + (7 * Day)));
        Assert.Equal(new QuietTime(Start, 12 * Day), Run(30, 0, statisticsSince: Start + (25 * Day)));
    }

    [Fact]
    public void A_use_after_a_reset_begins_it_anew()
    {
        Run(0, 5);
        Assert.Equal(Start + (10 * Day), Run(10, 5, statisticsSince: Start + (7 * Day))!.Since);
    }

    [Fact]
    public void Counters_that_went_down_without_a_word_begin_it_anew()
    {
        Run(0, 5);
        Assert.Equal(Start + (10 * Day), Run(10, 0)!.Since);
    }

    [Fact]
    public void A_new_index_begins_when_it_is_first_seen()
    {
        Run(0, null);
        Assert.Equal(Start + (10 * Day), Run(10, 0)!.Since);
    }
}
