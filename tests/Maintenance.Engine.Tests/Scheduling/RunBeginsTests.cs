using Maintenance.Engine.History;
using Maintenance.Engine.Scheduling;

namespace Maintenance.Engine.Tests.Scheduling;

public sealed class RunBeginsTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 26, 12, 0, 0, TimeSpan.Zero);
    private static readonly TaskPlan EveryFive =
        new(new MatrixRow("PerformanceMetrics", "*/5 * * * *", AutomationLevel.Full, ScheduleImpact.None, null, null), Recurrence.Parse("*/5 * * * *", "UTC"), new TaskSchedule(), false);

    [Fact]
    public void A_run_that_left_a_sample_alone_did_run()
    {
        var samples = Enumerable.Range(0, 24).Select(n => Raw(Now.AddMinutes(-5 * (n + 1)))).ToList();
        Assert.Empty(MissedRuns.Find("t", EveryFive, RunBegins.OfSamples([], samples, Now.AddHours(-2)), Now.AddHours(-2), Now));
    }

    [Fact]
    public void A_sample_after_a_gap_counts_from_when_it_was_taken_not_from_when_the_one_before_was()
    {
        var samples = new[] { Raw(Now.AddMinutes(-60)), Raw(Now.AddMinutes(-10), since: TimeSpan.FromMinutes(50)), Raw(Now.AddMinutes(-5)) };
        var missed = Assert.Single(MissedRuns.Find("t", EveryFive, RunBegins.OfSamples([], samples, Now.AddMinutes(-61)), Now.AddMinutes(-61), Now));
        Assert.Equal((9, Now.AddMinutes(-55), Now.AddMinutes(-10)), (missed.Count ?? 0, missed.From, missed.RanNext!.Value));
    }

    [Fact]
    public void Of_samples_that_were_put_together_nobody_knows_and_it_says_until_when()
    {
        var known = RunBegins.OfSamples([], [new Sample("t", "metrics", SampleResolution.Hour, Now.AddHours(-4), TimeSpan.FromHours(1), "{}"), .. Enumerable.Range(1, 36).Select(n => Raw(Now.AddMinutes(-5 * n)))], Now.AddHours(-8));
        var only = Assert.Single(MissedRuns.Find("t", EveryFive, known, Now.AddHours(-8), Now));
        Assert.Equal((HealthStatus.Unknown, null, Now.AddHours(-8), Now.AddHours(-3)), (only.Status, only.Count, only.From, only.Until));
        Assert.Equal("Older samples are put together, and tell no single runs: whether PerformanceMetrics ran when due before 2026-11-26 09:00 UTC is not known.", only.Message);
    }

    [Fact]
    public void What_was_not_due_in_the_time_that_is_not_known_was_not_missed()
    {
        var quarterly = EveryFive with { Recurrence = Recurrence.Parse("0 6 * 1,4,7,10 SUN#3", "UTC") };
        Assert.Empty(MissedRuns.Find("t", quarterly, new RunBegins([], Now.AddHours(-3), "Why"), Now.AddHours(-8), Now));
    }

    [Theory]
    [InlineData("Europe/Berlin", "2026-10-24T22:00:00Z", "2026-10-26T22:00:00Z", new[] { "2026-10-25T01:30:00Z", "2026-10-26T01:30:00Z" })]
    [InlineData("Europe/Berlin", "2027-03-27T12:00:00Z", "2027-03-29T12:00:00Z", new[] { "2027-03-28T01:00:00Z", "2027-03-29T00:30:00Z" })]
    public void A_change_of_the_clock_makes_no_run_missed(string zone, string since, string now, string[] ran)
    {
        var plan = EveryFive with { Recurrence = Recurrence.Parse("30 2 * * *", zone) };
        DateTimeOffset[] began = [.. ran.Select(Parse)];
        Assert.Empty(MissedRuns.Find("t", plan, began, Parse(since), Parse(now)));
        Assert.Equal(2, MissedRuns.Find("t", plan, [], Parse(since), Parse(now)).Sum(missed => missed.Count));
    }

    [Fact]
    public void Figures_count_every_run_and_time_those_alone_that_came_to_their_end()
    {
        RunTime[] runs =
        [
            .. Enumerable.Range(1, 20).Select(n => new RunTime("Daily", Now.AddDays(-n), TimeSpan.FromSeconds(n), HealthStatus.Ok, "", true)).Reverse(),
            new RunTime("daily", Now.AddHours(-2), TimeSpan.FromHours(9), HealthStatus.Unknown, "", false),
            new RunTime("HealthMonitoring", Now, TimeSpan.FromSeconds(1), HealthStatus.Warning, "", true),
        ];
        var (health, daily) = RunStatistics.Of("t", runs, Now) is [var first, var second] ? (first, second) : throw new InvalidOperationException();
        Assert.Equal(("HealthMonitoring", 1, 0.0, 1), (health.Task, health.Runs, health.OkPercent, health.Warning));
        Assert.NotNull(health.Note);
        Assert.Equal((21, 20, 1, 20, TimeSpan.FromSeconds(20), HealthStatus.Unknown), (daily.Runs, daily.Ok, daily.Unknown, daily.Measured, daily.LongestDuration!.Value, daily.LastStatus));
        Assert.NotNull(daily.LongDuration);
        Assert.Null(health.LongDuration);
    }

    [Fact]
    public void A_rehearsal_that_could_not_be_done_tells_no_duration_and_a_check_that_found_something_does()
    {
        RunTime[] runs =
        [
            .. Enumerable.Range(1, 6).Select(n => new RunTime("DisasterRecoveryTest", Now.AddDays(-n), TimeSpan.FromSeconds(0.2), HealthStatus.Critical, "Nothing was restored.", true)),
            new RunTime("SecurityAudit", Now, TimeSpan.FromMinutes(3), HealthStatus.Critical, "", true),
            new RunTime("SecurityScan", Now, TimeSpan.FromMinutes(3), HealthStatus.Unknown, "", true),
        ];
        var rows = RunStatistics.Of("t", runs, Now).ToDictionary(row => row.Task);
        Assert.Equal((6, 0, null, null), (rows["DisasterRecoveryTest"].Runs, rows["DisasterRecoveryTest"].Measured, rows["DisasterRecoveryTest"].TypicalDuration, rows["DisasterRecoveryTest"].LongestDuration));
        Assert.Equal((1, 0), (rows["SecurityAudit"].Measured, rows["SecurityScan"].Measured));
        Assert.Null(PastRuns.Of(runs, new Dictionary<string, DateTimeOffset?>(), Now).Of("DisasterRecoveryTest").Durations.Typical);
    }

    private static DateTimeOffset Parse(string time) => DateTimeOffset.Parse(time, System.Globalization.CultureInfo.InvariantCulture);

    private static Sample Raw(DateTimeOffset taken, TimeSpan? since = null) => new("t", "metrics", SampleResolution.Raw, taken - (since ?? TimeSpan.FromMinutes(5)), since ?? TimeSpan.FromMinutes(5), "{}");
}
