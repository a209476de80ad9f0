using Maintenance.Engine.Scheduling;

namespace Maintenance.Engine.Tests.Scheduling;

public sealed class MissedRunsTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 26, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_run_at_each_time_misses_nothing() =>
        Assert.Empty(Find("0 2 * * *", [Day(24, 2), Day(25, 2), Day(26, 2)], Now.AddDays(-2.5)));

    [Fact]
    public void A_run_that_is_hours_late_is_the_run_of_its_time() =>
        Assert.Empty(Find("0 2 * * *", [Day(24, 9), Day(25, 2), Day(26, 11)], Now.AddDays(-2.5)));

    [Fact]
    public void A_run_a_few_seconds_early_is_the_run_of_its_time() =>
        Assert.Empty(Find("0 2 * * *", [Day(24, 2).AddSeconds(-5), Day(25, 2), Day(26, 2)], Now.AddDays(-2.5)));

    [Fact]
    public void A_gap_is_one_stretch_with_the_run_after_it()
    {
        var missed = Assert.Single(Find("0 2 * * *", [Day(20, 2), Day(24, 2), Day(25, 2), Day(26, 2)], Now.AddDays(-6.5)));
        Assert.Equal((Day(21, 2), Day(23, 2), 3, Day(24, 2), HealthStatus.Warning), (missed.From, missed.Until, missed.Count, missed.RanNext, missed.Status));
        Assert.Equal("Test did not run 3 times from 2026-11-21 02:00 to 2026-11-23 02:00 UTC; it ran next on 2026-11-24 at 02:00.", missed.Message);
    }

    [Fact]
    public void What_never_ran_since_is_critical_once_it_is_much()
    {
        var missed = Assert.Single(Find("*/5 * * * *", [Now.AddHours(-2)], Now.AddHours(-2.01)));
        Assert.Equal((23, null, HealthStatus.Critical), (missed.Count, missed.RanNext, missed.Status));
        Assert.EndsWith("and not since.", missed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Many_are_said_so_that_they_can_be_read() => Assert.Contains("did not run 2,879 times from", Assert.Single(Find("* * * * *", [], Now.AddDays(-2))).Message, StringComparison.Ordinal);

    [Fact]
    public void What_was_due_just_now_may_still_come() => Assert.Empty(Find("0 * * * *", [], Now.AddMinutes(-30)));

    [Fact]
    public void What_is_not_scheduled_misses_nothing() => Assert.Empty(MissedRuns.Find("t", Plan("0 2 * * *", enabled: false), [], Now.AddDays(-9), Now));

    private static IReadOnlyList<MissedRun> Find(string cron, DateTimeOffset[] began, DateTimeOffset since) => MissedRuns.Find("t", Plan(cron), began, since, Now);

    private static TaskPlan Plan(string cron, bool enabled = true) =>
        new(new MatrixRow("Test", cron, AutomationLevel.Full, ScheduleImpact.None, null, null), Recurrence.Parse(cron, "UTC"), new TaskSchedule { Enabled = enabled }, false);

    private static DateTimeOffset Day(int day, int hour) => new(2026, 11, day, hour, 0, 0, TimeSpan.Zero);
}
