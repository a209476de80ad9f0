using Maintenance.Engine.History;
using Maintenance.Engine.Performance.Baselines;
using Maintenance.Engine.Performance.Samples;
using Maintenance.Engine.Performance.Statements;
using Maintenance.Engine.Performance.Statistics;

namespace Maintenance.Engine.Tests.Performance;

public sealed class BaselineStatisticsTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly BaselineWindow Week = new("system", Now - TimeSpan.FromDays(7), Now, []);

    // The data of R's sleep, as in Student 1908 and the manual of t.test: t = -1.8608, df = 17.776, p-value = 0.07939.
    [Fact]
    public void Welchs_test_gives_what_R_publishes_for_the_data_of_sleep()
    {
        double[] first = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0];
        double[] second = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4];

        var result = WelchTest.Compare(Observe(first), Observe(second))!.Value;

        Assert.Equal(1.8608, result.Statistic, 4);
        Assert.Equal(17.776, result.DegreesOfFreedom, 3);
        Assert.Equal(0.07939, result.Probability, 5);
    }

    [Fact]
    public void Figures_that_never_vary_differ_for_certain_or_not_at_all_and_single_ones_tell_nothing()
    {
        Assert.Equal(1, WelchTest.Compare(new(9, 5, 0), new(9, 5, 0))!.Value.Probability);
        Assert.Equal(0, WelchTest.Compare(new(9, 5, 0), new(9, 6, 0))!.Value.Probability);
        Assert.Null(WelchTest.Compare(new(1, 5, 0), new(9, 6, 1)));
    }

    // Fisher's tea (agricolae's manual of R: fisher.test of 3, 1, 1, 3): p-value = 0.4857; and fisher.test of 2, 10, 15, 3: p-value = 0.0005367.
    [Fact]
    public void Fishers_exact_test_gives_what_R_gives()
    {
        Assert.Equal(0.4857, FisherTest.Compare(3, 4, 1, 4), 4);
        Assert.Equal(0.0005367, FisherTest.Compare(2, 12, 15, 18), 7);
        Assert.Equal(1, FisherTest.Compare(0, 17, 0, 1000), 9);
        Assert.InRange(FisherTest.Compare(10_000, 1_000_000, 12_000, 1_000_000), 0, 1e-30);
    }

    [Theory]
    [InlineData(0, 17, 142, 10_000)]
    [InlineData(100, 1000, 0, 8)]
    [InlineData(0, 10, 1, 10)]
    public void A_handful_of_requests_without_a_failure_tells_little_of_a_rate(int failed, int requests, int fails, int now)
    {
        var drift = Assert.Single(BaselineComparer.Compare([Rate(failed, requests)], [Later(Rate(fails, now), TimeSpan.FromDays(7))], 10, Now));
        Assert.True(drift.Probability > 0.3);
        Assert.Equal(BaselineVerdict.Same, drift.Verdict);
    }

    [Fact]
    public void A_rate_of_failures_needs_what_was_counted_and_a_difference_that_matters()
    {
        Assert.Equal((BaselineVerdict.Higher, HealthStatus.Warning), Judge(Rate(10, 10_000), Rate(100, 5000)));
        Assert.Equal((BaselineVerdict.Same, HealthStatus.Ok), Judge(Rate(1000, 1_000_000), Rate(2000, 1_000_000)));
        Assert.Equal((BaselineVerdict.NotEnoughData, HealthStatus.Unknown), Judge(Rate(10, 10_000), Rate(1, 4)));
        var sampled = Rate(10, 10_000) with { Source = BaselineSource.Samples, Occurrences = null };
        Assert.Contains("not of how many requests", Assert.Single(BaselineComparer.Compare([sampled], [sampled with { Mean = 9 }], 10, Now)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Requests_are_compared_by_hours_or_not_at_all_and_statements_by_samples()
    {
        var requests = Figure(100, 1000, 50) with { Source = BaselineSource.RequestLog, Metric = "response_time" };
        Assert.Equal(BaselineVerdict.NotEnoughData, Judge(requests, requests with { Mean = 200 }).Item1);

        var statement = Figure(100, 100_000, 50) with { Source = BaselineSource.Statements, Metric = "query_time", Subject = "1/2/3/top" };
        Assert.Equal(BaselineVerdict.NotEnoughData, Judge(statement, statement with { Mean = 200 }).Item1);
        var sampled = statement with { IndependentCount = 20, IndependentDeviation = 5 };
        Assert.Equal(BaselineVerdict.Slower, Judge(sampled, sampled with { Mean = 140 }).Item1);
        Assert.Equal(BaselineVerdict.Same, Judge(sampled, sampled with { Mean = 125 }).Item1);
        Assert.Equal(BaselineVerdict.Same, Judge(sampled with { Mean = 0.00466, IndependentDeviation = 0.0001 }, sampled with { Mean = 0.00604, IndependentDeviation = 0.0001 }).Item1);
        Assert.Equal(BaselineVerdict.NotEnoughData, Judge(sampled, sampled with { Mean = 300, IndependentCount = 2 }).Item1);
    }

    // p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm") in R.
    [Fact]
    public void Holms_correction_gives_what_R_gives() =>
        Assert.Equal([0.03, 0.06, 0.06, 0.02], HolmCorrection.Adjust([0.01, 0.04, 0.03, 0.005]).Select(p => Math.Round(p, 10)));

    [Fact]
    public void Percentiles_of_a_log_normal_distribution_are_found_from_its_mean_and_deviation()
    {
        var (mu, sigma) = (3.0, 0.6);
        var mean = Math.Exp(mu + sigma * sigma / 2);
        var deviation = mean * Math.Sqrt(Math.Exp(sigma * sigma) - 1);

        Assert.Equal(Math.Exp(mu), LogNormalEstimate.Quantile(mean, deviation, 0.5)!.Value, 6);
        Assert.Equal(Math.Exp(mu + 1.6448536269514722 * sigma), LogNormalEstimate.Quantile(mean, deviation, 0.95)!.Value, 4);
        Assert.Equal(7, LogNormalEstimate.Quantile(7, 0, 0.95));
        Assert.Null(LogNormalEstimate.Quantile(7, null, 0.95));
    }

    [Fact]
    public void Readings_that_resemble_each_other_are_fewer_witnesses_than_there_are_readings()
    {
        var steps = Enumerable.Range(0, 100).Select(n => n < 50 ? 1.0 : 2.0).ToList();
        Assert.InRange(SampleBaselines.Independent(steps), 1, 5);
        Assert.Equal(100, SampleBaselines.Independent([.. Enumerable.Range(0, 100).Select(n => n % 2.0)]));
        Assert.Equal(40, SampleBaselines.Independent([.. Enumerable.Repeat(3.0, 40)]));
    }

    [Fact]
    public void Times_of_maintenance_that_overlap_become_one_and_end_with_the_window()
    {
        var merged = MaintenanceIntervals.Merge([At(2, 4, "Weekly"), At(3, 5, "Vacuum"), At(-30, 1, "Weekly"), At(8, 8, "Nothing")], Now, Now.AddHours(10));

        Assert.Equal([(0.0, 1.0, "Weekly"), (2.0, 5.0, "Weekly, Vacuum")], merged.Select(span => ((span.From - Now).TotalHours, (span.To - Now).TotalHours, span.Reason)));

        static BaselineExclusion At(int from, int to, string reason) => new() { From = Now.AddHours(from), To = Now.AddHours(to), Reason = reason };
    }

    [Fact]
    public void Samples_during_maintenance_are_not_usual()
    {
        var window = Week with { Excluded = [new BaselineExclusion { From = Now.AddHours(-2), To = Now.AddHours(-1), Reason = "Weekly" }] };
        var points = Enumerable.Range(1, 48).Select(n => (At: Now.AddMinutes(-5 * n), Busy: n is >= 12 and <= 23))
            .Select(sample => new SeriesPoint(sample.At.AddMinutes(-5), sample.At, SampleValue.Of(sample.Busy ? 1000 : 10))).ToList();

        var all = SampleBaselines.Of(new Dictionary<string, IReadOnlyList<SeriesPoint>> { ["connections"] = points, ["database_size_bytes"] = points, ["of nobody"] = points }, window);
        Assert.Equal(["connections", "database_size_bytes"], all.Select(baseline => baseline.Metric).Order(StringComparer.Ordinal));
        var connections = all.Single(baseline => baseline.Metric == "connections");

        Assert.Equal(("connections", 10.0, 10.0, 10.0, false), (connections.Metric, connections.Mean, connections.P50, connections.P95, connections.IsEstimated));
        Assert.Equal(MaintenanceErrorCode.InsufficientHistory, Assert.Throws<MaintenanceException>(() => SampleBaselines.Of(new Dictionary<string, IReadOnlyList<SeriesPoint>>(), window)).Code);
    }

    [Fact]
    public void What_statements_did_in_several_samples_is_put_together_and_their_percentiles_are_called_estimates()
    {
        var key = new StatementKey(10, 5, -4711, true);
        // Ten executions of 10 ms and ten of 30 ms: mean 20, deviation 10 times the root of 20/19.
        Sample[] samples = [Ending(-3, 10), Ending(-2, 30), Ending(-1, 500)];
        var window = Week with { Excluded = [new BaselineExclusion { From = Now.AddHours(-2), To = Now.AddHours(-1), Reason = "Weekly" }] };

        var read = StatementBaselines.Read(samples, window);
        var baselines = StatementBaselines.Of(read, window, StatementBaselines.Known(read, StatementTexts.None));

        var one = Assert.Single(baselines, baseline => baseline.Subject is not null);
        Assert.Equal(("10/5/-4711/top", "SELECT $1", 20L, 20.0, true), (one.Subject, one.Text, one.Count, one.Mean, one.IsEstimated));
        Assert.Equal(10 * Math.Sqrt(20 / 19.0), one.StandardDeviation!.Value, 6);
        Assert.Equal(LogNormalEstimate.Quantile(20, one.StandardDeviation, 0.95), one.P95);
        Assert.Contains(LogNormalEstimate.Note, one.Note, StringComparison.Ordinal);
        Assert.Equal((30L, Math.Round(40 / 3.0, 12)), Assert.Single(baselines, baseline => baseline.Subject is null) is var all ? (all.Count, Math.Round(all.Mean, 12)) : default);
        Assert.Throws<MaintenanceException>(() => StatementBaselines.Of([], window, StatementTexts.None));

        Sample Ending(int endsAt, double milliseconds) => new(
            "system", SampleKinds.Statements, SampleResolution.Raw, Now.AddHours(endsAt - 0.5), TimeSpan.FromHours(0.5),
            new StatementSample(
                new Dictionary<StatementKey, StatementCounts> { [key] = new() { Calls = 10, Time = 10 * milliseconds, Squares = 10 * milliseconds * milliseconds } },
                new StatementCounts { Calls = 5, Time = 0 },
                null) { Texts = new Dictionary<StatementKey, string> { [key] = "SELECT $1" } }.Write());
    }

    [Fact]
    public void Statements_of_other_databases_of_this_module_of_drivers_and_of_maintenance_are_not_the_work_of_the_target()
    {
        var (work, unknown, elsewhere, own, driver, vacuum, forgotten) = (Key(1), Key(2), Key(3) with { DatabaseId = 6 }, Key(4), Key(5), Key(6), Key(7));
        var counts = new[] { work, unknown, elsewhere, own, driver, vacuum, forgotten }.ToDictionary(key => key, key => new StatementCounts { Calls = 10, Time = 100 * key.QueryId, Squares = 1000 * key.QueryId * key.QueryId });
        var written = new StatementSample(counts, new StatementCounts { Calls = 1000, Time = 5000 }, null)
        {
            Database = 5,
            OthersHere = new StatementCounts { Calls = 100, Time = 50 },
            Texts = new Dictionary<StatementKey, string> { [driver] = "DISCARD ALL", [vacuum] = "VACUUM shop.orders" },
        };
        var samples = StatementBaselines.Read([new Sample("system", SampleKinds.Statements, SampleResolution.Raw, Now.AddHours(-2), TimeSpan.FromHours(1), written.Write())], Week);
        var known = StatementBaselines.Known(samples, new StatementTexts(new Dictionary<StatementKey, string> { [work] = "SELECT 1" }, new HashSet<StatementKey> { own }));

        // What nobody knows is asked for, the most time first.
        Assert.Equal([forgotten, unknown], StatementBaselines.Untold(samples, known));
        var baselines = StatementBaselines.Of(samples, Week, known with { Own = new HashSet<StatementKey> { own, forgotten } });
        Assert.Equal([(unknown.ToString(), null), (work.ToString(), "SELECT 1")], baselines.Where(baseline => baseline.Subject is not null).Select(baseline => (baseline.Subject!, baseline.Text)));
        // Those two, and the small ones of this database.
        var whole = Assert.Single(baselines, baseline => baseline.Subject is null);
        Assert.Equal((120L, 350 / 120.0), (whole.Count, whole.Mean));

        static StatementKey Key(long id) => new(10, 5, id, true);
    }

    [Fact]
    public void A_difference_counts_only_if_it_is_more_than_chance_and_large_enough()
    {
        Assert.Equal((BaselineVerdict.Slower, HealthStatus.Warning), Judge(Figure(100, 1000, 50), Figure(150, 1000, 50)));
        Assert.Equal((BaselineVerdict.Faster, HealthStatus.Ok), Judge(Figure(100, 1000, 50), Figure(70, 1000, 50)));
        Assert.Equal((BaselineVerdict.Same, HealthStatus.Ok), Judge(Figure(100, 100000, 50), Figure(105, 100000, 50)));
        Assert.Equal((BaselineVerdict.Same, HealthStatus.Ok), Judge(Figure(100, 10, 90), Figure(130, 10, 90)));
        Assert.Equal((BaselineVerdict.NotEnoughData, HealthStatus.Unknown), Judge(Figure(100, 1000, 50), Figure(500, 3, 50)));
        Assert.Equal((BaselineVerdict.NotEnoughData, HealthStatus.Unknown), Judge(Figure(100, null, null), Figure(150, 1000, 50)));
        var ratio = Assert.Single(BaselineComparer.Compare([Figure(100, null, null)], [Figure(150, 1000, 50)], 10, Now));
        Assert.Contains("mean 100 ms before, 150 ms now (+50 %). Only this is known, as the baseline does not say", ratio.Message, StringComparison.Ordinal);
        Assert.Equal(50, ratio.ChangePercent);
    }

    // A baseline of the last seven days has the day in it that is compared: as one of its own days that day is nothing unusual, however slow it was.
    [Theory]
    [InlineData(0, BaselineVerdict.NotEnoughData, HealthStatus.Unknown, "All of this time is in the baseline too")]
    [InlineData(12, BaselineVerdict.NotEnoughData, HealthStatus.Unknown, "50 % of this time is in the baseline too")]
    [InlineData(24, BaselineVerdict.Same, HealthStatus.Ok, "mean 100 ms before, 100 ms now (0 %)")]
    public void That_a_time_is_as_usual_is_not_told_by_a_baseline_that_contains_it(int hoursSince, BaselineVerdict verdict, HealthStatus status, string told)
    {
        var now = Week.To.AddHours(hoursSince);
        PerformanceBaseline[] usual = [Figure(100, 1000, 50), Figure(100, 1000, 50) with { Metric = "slower" }];
        var drifts = BaselineComparer.Compare(usual, [.. usual.Select(figure => figure with { From = now.AddDays(-1), To = now, Mean = figure.Metric == "slower" ? 200 : 100 })], 10, now);

        Assert.Equal((verdict, status), (drifts[0].Verdict, drifts[0].Status));
        Assert.Contains(told, drifts[0].Message, StringComparison.Ordinal);
        // What is in both only hides: a change that is found all the same is one.
        Assert.Equal((BaselineVerdict.Slower, HealthStatus.Warning), (drifts[1].Verdict, drifts[1].Status));
        Assert.Equal(hoursSince < 24, drifts[1].Message.Contains("the change may be larger", StringComparison.Ordinal));
    }

    [Fact]
    public void What_is_pushed_is_numbers_or_nothing()
    {
        PerformanceBaseline[] whole =
        [
            Figure(12.5, 10, 1) with { Source = BaselineSource.RequestLog, P95 = 30 },
            Figure(0, 10, 0) with { Source = BaselineSource.RequestLog, Metric = "error_rate" },
            Figure(0.25, 10, null) with { Source = BaselineSource.RequestLog, Metric = "throughput" },
        ];
        var pushed = PushedBaselines.Of(whole);
        Assert.Equal([12.5, 30.0, 0.0, 0.25, "2026-03-01 00:00:00"], new[] { "avg_response_time", "p95_response_time", "error_rate", "throughput", "timestamp" }.Select(name => pushed[name]));
        Assert.Throws<MaintenanceException>(() => PushedBaselines.Of(whole[..2]));
        Assert.Throws<MaintenanceException>(() => PushedBaselines.Of([whole[0] with { P95 = null }, .. whole[1..]]));
        Assert.Throws<MaintenanceException>(() => PushedBaselines.Of([whole[0] with { Mean = double.NaN }, .. whole[1..]]));
        Assert.Throws<MaintenanceException>(() => PushedBaselines.Of([]));
    }

    [Fact]
    public void Names_of_operations_lose_what_is_personal_and_too_long()
    {
        Assert.DoesNotContain("ada@example.org", RequestLogBaselines.Label("load ada@example.org"), StringComparison.Ordinal);
        Assert.Equal(100, RequestLogBaselines.Label(new string('x', 400)).Length);
        Assert.Equal("(no name)", RequestLogBaselines.Label("\u001b"));
    }

    private static (BaselineVerdict, HealthStatus) Judge(PerformanceBaseline before, PerformanceBaseline now) =>
        Assert.Single(BaselineComparer.Compare([before], [Later(now, TimeSpan.FromDays(7))], 10, Now)) is var drift ? (drift.Verdict, drift.Status) : default;

    private static PerformanceBaseline Later(PerformanceBaseline figure, TimeSpan time) => figure with { From = figure.From + time, To = figure.To + time };

    private static PerformanceBaseline Figure(double mean, long? count, double? deviation) =>
        Week.Of(BaselineSource.Samples, "response_time", MetricUnit.Milliseconds, mean) with { Count = count, StandardDeviation = deviation };

    private static PerformanceBaseline Rate(long failed, long requests) =>
        Week.Of(BaselineSource.RequestLog, "error_rate", MetricUnit.Percent, 100.0 * failed / requests) with { Count = requests, Occurrences = failed, StandardDeviation = failed == 0 ? 0 : 10 };

    private static Observations Observe(double[] values)
    {
        var mean = values.Average();
        return new Observations(values.Length, mean, Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Length - 1)));
    }
}
