using Maintenance.Engine.Analytics;
using Maintenance.Engine.History;

namespace Maintenance.Engine.Tests.Analytics;

public sealed class SnapshotWindowTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);
    private static readonly DateTimeOffset LongAgo = Noon.AddDays(-300);

    private static Snapshot At(DateTimeOffset time, double calls, DateTimeOffset? reset = null, params (string Name, double Value)[] others) => new()
    {
        Target = "t",
        Kind = "statements",
        TakenAt = time,
        ResetAt = reset,
        Values = others.Append(("calls", calls)).ToDictionary(pair => pair.Item1, pair => pair.Item2),
    };

    private static WindowChoice Choose(Snapshot now, DateTimeOffset? started, params double[] hoursAgo) =>
        SnapshotWindow.Choose([.. hoursAgo.Select(hours => Noon.AddHours(-hours)).Order()], now, started ?? LongAgo, Day);

    [Fact]
    public void The_snapshot_nearest_to_the_windows_start_is_taken() =>
        Assert.Equal(Noon.AddHours(-22), Choose(At(Noon, 9), null, 60, 30, 22, 13, 1).Baseline);

    [Theory]
    [InlineData(11.9)]
    [InlineData(36.1)]
    public void A_snapshot_too_far_from_the_start_is_none_and_the_reason_says_since_when_there_are_any(double hoursAgo)
    {
        var choice = Choose(At(Noon, 9), null, hoursAgo);
        Assert.Null(choice.Baseline);
        Assert.False(choice.SinceReset);
        Assert.Contains($"{Noon.AddHours(-hoursAgo).UtcDateTime:u}", choice.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(12)]
    [InlineData(36)]
    public void Half_a_window_away_is_near_enough(double hoursAgo) => Assert.NotNull(Choose(At(Noon, 9), null, hoursAgo).Baseline);

    [Fact]
    public void Without_snapshots_there_is_too_little_history() =>
        Assert.Contains("too little history", Choose(At(Noon, 9), null).Reason, StringComparison.Ordinal);

    [Fact]
    public void Statistics_reset_within_the_window_count_from_the_reset_and_say_so()
    {
        var now = At(Noon, 9, Noon.AddHours(-2));
        var choice = Choose(now, null, 24);
        var (window, reason) = SnapshotWindow.Measure(choice, At(Noon.AddDays(-1), 1000), now, ["calls"]);
        Assert.Null(reason);
        Assert.Equal(Noon.AddHours(-2), window!.From);
        Assert.Equal(9, window.Values["calls"]);
        Assert.Contains("reset", window.Note, StringComparison.Ordinal);
    }

    [Fact]
    public void Statistics_that_began_when_the_window_did_need_no_snapshot()
    {
        var now = At(Noon, 9, Noon.AddHours(-25));
        var (window, _) = SnapshotWindow.Measure(Choose(now, null), null, now, ["calls"]);
        Assert.Equal(9, window!.Values["calls"]);
        Assert.Null(window.Note);
    }

    [Fact]
    public void A_snapshot_nearer_to_the_start_than_the_reset_before_it_is_preferred() =>
        Assert.Equal(Noon.AddHours(-24), Choose(At(Noon, 9, Noon.AddHours(-30)), null, 24).Baseline);

    [Fact]
    public void The_increase_is_what_counts()
    {
        var now = At(Noon, 150, LongAgo, ("new", 7), ("restarted", 3));
        var then = At(Noon.AddDays(-1), 100, LongAgo, ("restarted", 5));
        var (window, _) = SnapshotWindow.Measure(Choose(now, null, 24), then, now, ["calls"]);
        Assert.Equal(50, window!.Values["calls"]);
        Assert.Equal(7, window.Values["new"]);
        Assert.Equal(3, window.Values["restarted"]);
        Assert.Equal(then.TakenAt, window.From);
    }

    [Fact]
    public void A_counter_that_went_down_without_a_reset_on_record_is_unknown()
    {
        var now = At(Noon, 50);
        var (window, reason) = SnapshotWindow.Measure(Choose(now, null, 24), At(Noon.AddDays(-1), 100), now, ["calls"]);
        Assert.Null(window);
        Assert.Contains("lower", reason, StringComparison.Ordinal);
    }

    [Fact]
    public void After_a_restart_only_later_snapshots_count_unless_the_reset_is_on_record()
    {
        var restarted = Noon.AddHours(-10);
        var choice = Choose(At(Noon, 50), restarted, 24, 8, 2);
        Assert.Equal(Noon.AddHours(-8), choice.Baseline);
        Assert.Contains("started", choice.Note, StringComparison.Ordinal);
        Assert.Contains("started", Choose(At(Noon, 50), restarted, 24).Reason, StringComparison.Ordinal);
        Assert.Equal(Noon.AddHours(-24), Choose(At(Noon, 50, LongAgo), restarted, 24).Baseline);
    }

    [Fact]
    public void A_snapshot_that_was_pruned_meanwhile_leaves_it_unknown()
    {
        var now = At(Noon, 50);
        Assert.Null(SnapshotWindow.Measure(Choose(now, null, 24), null, now, ["calls"]).Window);
    }

    [Fact]
    public void Slow_statements_are_those_of_the_window()
    {
        var counted = new Dictionary<string, double> { ["calls"] = 4, ["time"] = 5000, ["n:1"] = 2, ["t:1"] = 4000, ["n:2"] = 2, ["t:2"] = 1000, ["n:3"] = 0, ["t:3"] = 0 };
        Assert.Equal(1, StatementCounters.CountSlow(counted));
        Assert.Equal(1250, StatementCounters.Average(counted));
        Assert.Null(StatementCounters.Average(new Dictionary<string, double> { ["calls"] = 0, ["time"] = 0 }));
    }
}
