using Maintenance.Engine.History;
using Maintenance.Engine.Performance.Samples;
using Maintenance.Engine.Performance.Statements;
using Maintenance.Engine.Sandbox.SampleHistory;

namespace Maintenance.Engine.Tests.Sandbox;

/// <summary>The past that a sandbox can be given: it arrives at what is measured, and what happens in it can be found in it.</summary>
public sealed class SamplePastTests
{
    // A Thursday noon, not on a step of five minutes.
    private static readonly DateTimeOffset Now = new(2026, 11, 26, 12, 3, 20, TimeSpan.Zero);
    private static readonly SampleTimeline Timeline = new(TimeSpan.FromDays(180), Now);
    private static readonly MaintenanceTarget Target = new() { Name = "sandbox" };
    private static readonly StatementKey Lookup = new(10, 5, -4711, true);
    private static readonly StatementKey Report = new(10, 5, 42, true);

    private static readonly SampleAnchors Anchors = new()
    {
        DatabaseSize = 100 << 20,
        ServerSize = 130 << 20,
        MaximumConnections = 97,
        Connections = 4,
        XidAge = 1200,
        MultixactAge = 1,
        ResponseTime = 150,
        ResponseTimeP95 = 420,
        ErrorRate = 1.5,
        RequestsPerSecond = 0.001,
        BandwidthPerDay = 50_000,
        Tables = new Dictionary<string, long> { ["public.error_logs"] = 20 << 20, ["shop.orders"] = 40 << 20, ["public.profiles"] = 8 << 20 },
        Keys = new Dictionary<string, SampleKey> { ["public.error_logs_id_seq"] = new(1_825_409_221, int.MaxValue), ["shop.orders_id_seq"] = new(240_000, long.MaxValue) },
        Statements =
        [
            new SampleStatement(Lookup, 16, 1, new StatementCounts { Rows = 60, BlocksHit = 4000 }, "SELECT id FROM shop.orders WHERE number = $1"),
            new SampleStatement(Report, 1100, 0, new StatementCounts { Rows = 1 }, "SELECT count(*) FROM shop.orders"),
        ],
    };

    private static readonly SamplePast Past = Make(1);

    [Fact]
    public void The_same_seed_gives_the_same_past_and_another_seed_another()
    {
        Assert.Equal(All(Past), All(Make(1)));
        Assert.Equal(Past.Runs.Select(run => run.Id), Make(1).Runs.Select(run => run.Id));
        Assert.NotEqual(All(Past), All(Make(2)));
    }

    [Fact]
    public void It_ends_now_and_nothing_lies_in_the_future()
    {
        Assert.InRange(Of(SampleKinds.Metrics).Max(sample => sample.To), Now - TimeSpan.FromMinutes(5), Now);
        Assert.InRange(Of(SampleKinds.Tables).Max(sample => sample.To), Now - TimeSpan.FromHours(1), Now);
        Assert.All(All(Past), sample => Assert.True(sample.To <= Now));
        Assert.All(Past.Runs, run => Assert.True(run.CollectedAt <= Now));
        Assert.All(Past.Baselines, baseline => Assert.True(baseline.CollectedAt <= Now));
        Assert.Equal(Timeline.Start, Of(SampleKinds.Metrics).Min(sample => sample.From));
    }

    [Theory]
    [InlineData(SampleKinds.Metrics)]
    [InlineData(SampleKinds.Tables)]
    [InlineData(SampleKinds.Keys)]
    [InlineData(SampleKinds.Statements)]
    public void Samples_are_thinned_as_the_policy_says(string kind)
    {
        var policy = Target.Performance;
        foreach (var sample in Of(kind))
        {
            var hour = new DateTimeOffset(sample.From.UtcDateTime.Date, TimeSpan.Zero).AddHours(sample.From.Hour + 1);
            var day = new DateTimeOffset(sample.From.UtcDateTime.Date, TimeSpan.Zero).AddDays(1);
            Assert.Equal(
                day <= Now - policy.KeepHourlySamples ? SampleResolution.Day : hour <= Now - policy.KeepRawSamples ? SampleResolution.Hour : SampleResolution.Raw,
                sample.Resolution);
        }

        Assert.Equal(Enum.GetValues<SampleResolution>().Order(), Of(kind).Select(sample => sample.Resolution).Distinct().Order());
        // Two samples of the same stretch would count twice.
        Assert.Equal(Of(kind).Count(), SampleReader.WithoutOverlaps([.. Of(kind)]).Count());
    }

    [Fact]
    public void What_stands_for_an_hour_is_what_its_measurements_come_to()
    {
        var everything = SamplePast.Make(
            Target with { Performance = new PerformancePolicy { KeepRawSamples = TimeSpan.FromDays(400), KeepHourlySamples = TimeSpan.FromDays(800) } },
            Timeline, 1, Anchors, TestContext.Current.CancellationToken);
        var hour = Of(SampleKinds.Metrics).First(sample => sample.Resolution == SampleResolution.Hour && sample.From.Hour == 9);

        var measurements = everything.Samples.Single(kind => kind.Key == SampleKinds.Metrics)
            .Where(sample => sample.From >= hour.From && sample.From < hour.To)
            .Select(sample => MetricSample.Read(sample.Payload)["connections"].Mean).ToList();
        var together = MetricSample.Read(hour.Payload)["connections"];
        Assert.Equal(12, measurements.Count);
        Assert.Equal(12, together.Count);
        Assert.Equal(measurements.Average(), together.Mean, 3);
        Assert.Equal((measurements.Min(), measurements.Max()), (together.Minimum, together.Maximum));
    }

    [Fact]
    public void Sizes_and_counters_arrive_at_what_is_measured()
    {
        Assert.Equal(Anchors.DatabaseSize, Series("database_size_bytes")[^1].Value.Mean);
        Assert.Equal(Anchors.ServerSize, Series("server_size_bytes")[^1].Value.Mean);
        Assert.Equal(Anchors.XidAge, Series("xid_age")[^1].Value.Mean, 5.0);
        Assert.All(Anchors.Tables, table => Assert.Equal(table.Value, Series(table.Key, SampleKinds.Tables)[^1].Value.Mean, 65536.0));
        Assert.All(Anchors.Keys, key => Assert.Equal(1, Series(key.Key, SampleKinds.Keys)[^1].Value.Mean / key.Value.Last, 0.001));
        Assert.InRange(Mean(Series("avg_response_time"), Now.AddDays(-7), Now), 0.9 * 150, 1.1 * 150);
        Assert.InRange(Mean(Series("error_rate"), Now.AddDays(-7), Now), 0.9 * 1.5, 1.1 * 1.5);
    }

    [Fact]
    public void Tables_grow_together_as_the_database_does()
    {
        var fixedPart = Anchors.DatabaseSize - Anchors.Tables.Values.Sum();
        var growth = new SampleGrowth(Timeline, Anchors);
        foreach (var days in new[] { 1, 30, 61, 100, 179 })
        {
            Assert.Equal(growth.Database(Now.AddDays(-days)), fixedPart + growth.Tables(Now.AddDays(-days)).Values.Sum());
        }

        Assert.True(growth.Database(Now.AddDays(-50)) < growth.Database(Now.AddDays(-1)));
    }

    [Fact]
    public void A_purge_two_months_ago_made_the_database_smaller()
    {
        var purge = Timeline.Purges[0];
        Assert.InRange((Now - purge).TotalDays, 59, 62);
        var (before, after) = (Mean(Series("database_size_bytes"), purge.AddHours(-12), purge), Mean(Series("database_size_bytes"), purge.AddHours(2), purge.AddHours(14)));
        Assert.InRange(before - after, 5 << 20, 9 << 20);
    }

    [Fact]
    public void Days_are_busier_than_nights_and_weekdays_than_weekends()
    {
        var connections = Series("connections").Where(point => point.To > Now.AddDays(-80)).ToList();
        var day = connections.Where(point => point.From.Hour is >= 8 and < 18).ToLookup(point => point.From.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday, point => point.Value.Mean);
        var night = connections.Where(point => point.From.Hour < 6).Average(point => point.Value.Mean);
        Assert.True(day[false].Average() > 2 * day[true].Average());
        Assert.True(day[false].Average() > 4 * night);
    }

    [Fact]
    public void Peaks_of_connections_rise_towards_the_limit_and_stay_below_what_is_allowed()
    {
        var connections = Series("connections");
        var early = connections.Where(point => point.To < Now.AddDays(-150)).Max(point => point.Value.Maximum);
        var late = connections.Where(point => point.To > Now.AddDays(-30)).Max(point => point.Value.Maximum);
        Assert.True(late > early + 10);
        Assert.InRange(late, 60, 94);
    }

    [Fact]
    public void A_release_three_weeks_ago_made_it_thirty_percent_slower()
    {
        var release = Timeline.Deployment;
        foreach (var figure in new[] { "avg_response_time", "avg_query_time" })
        {
            var series = Series(figure);
            Assert.InRange(Mean(series, release, release.AddDays(7)) / Mean(series, release.AddDays(-7), release), 1.25, 1.35);
        }
    }

    [Fact]
    public void Requests_failed_on_one_weekday_morning()
    {
        var (from, to) = Timeline.Incident;
        Assert.False(from.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday);
        Assert.True(Mean(Series("error_rate"), from, from.AddHours(2)) > 10);
        Assert.True(Mean(Series("error_rate"), from.AddDays(-2), from.AddDays(-1)) < 2);
    }

    [Fact]
    public void Nothing_was_measured_while_the_agent_did_not_run()
    {
        Assert.All(Timeline.Gaps, gap => Assert.DoesNotContain(Of(SampleKinds.Metrics), sample =>
            sample.Resolution == SampleResolution.Raw && sample.From < gap.To && gap.From < sample.To));
        var (from, to) = Timeline.Gaps[1];
        Assert.DoesNotContain(Of(SampleKinds.Metrics), sample => sample.From >= from && sample.To <= to);
    }

    [Fact]
    public void One_counter_runs_out_in_seven_months()
    {
        var series = Series("public.error_logs_id_seq", SampleKinds.Keys);
        Assert.All(series.Zip(series.Skip(1)), pair => Assert.True(pair.First.Value.Mean <= pair.Second.Value.Mean));
        var (before, last) = (series.Last(point => point.To < Now.AddDays(-28)), series[^1]);
        var perDay = (last.Value.Mean - before.Value.Mean) / (last.At - before.At).TotalDays;
        Assert.InRange((int.MaxValue - last.Value.Mean) / perDay, 180, 240);
    }

    [Fact]
    public void Statements_take_what_the_server_measured()
    {
        var counts = Of(SampleKinds.Statements).Where(sample => sample.Resolution == SampleResolution.Raw)
            .Select(sample => StatementSample.Read(sample.Payload).Statements).ToList();
        var lookup = counts.Where(all => all.ContainsKey(Lookup)).Select(all => all[Lookup]).Aggregate((sum, one) => sum + one);
        Assert.InRange(lookup.Mean!.Value, 15.5, 16.5);
        Assert.InRange(lookup.StandardDeviation!.Value, 1, 3);
        Assert.Equal(60 * lookup.Calls, lookup.Rows, 1.0);
        Assert.Equal(7, counts.Count(all => all.ContainsKey(Report)));
    }

    [Fact]
    public void Baselines_were_measured_every_thirty_days_from_the_same_figures()
    {
        Assert.Equal([30, 60, 90, 120, 150], Past.Baselines.Select(baseline => (int)Math.Round((Now.Date - baseline.To.Date).TotalDays)).Distinct().Order());
        var newest = Past.Baselines.Where(baseline => baseline.To == Past.Baselines[^1].To).ToList();
        var response = newest.Single(baseline => baseline.Metric == "avg_response_time");
        Assert.Equal(Mean(Series("avg_response_time"), response.From, response.To), response.Mean, 0.5);
        Assert.True(response.P50 < response.P95);
        var statement = newest.Single(baseline => baseline.Subject == Lookup.ToString());
        Assert.InRange(statement.Mean, 15.5 / 1.3, 16.5 / 1.3);
        var all = newest.Single(baseline => baseline is { Source: BaselineSource.Statements, Subject: null });
        Assert.True(all.Count > statement.Count);
    }

    [Fact]
    public void Baselines_of_the_past_are_measured_as_those_of_any_target_and_without_the_weekly_maintenance()
    {
        Assert.All(Past.Baselines, baseline =>
        {
            Assert.Equal("Weekly", Assert.Single(baseline.Excluded).Reason);
            Assert.True(baseline.Source == BaselineSource.Statements || (baseline.IndependentCount > 0 && baseline.Rhythm is not null), baseline.Metric);
        });
        Assert.Contains(Past.Baselines, baseline => baseline.Metric == "database_size_bytes");
    }

    [Fact]
    public void Everything_of_it_says_that_it_is_sample_data()
    {
        Assert.All(Past.Baselines, baseline =>
        {
            Assert.True(baseline.IsMadeUp);
            Assert.Contains(MadeUp.Note, baseline.Note, StringComparison.Ordinal);
        });
        foreach (var sample in Past.Samples.SelectMany(kind => kind))
        {
            var isMarked = false;
            Assert.True(sample.Kind == SampleKinds.Statements ? StatementSample.Read(sample.Payload).IsMadeUp : MetricSample.Read(sample.Payload, out isMarked).Count > 0 && isMarked, sample.Kind);
        }

        // What is put together later keeps the mark, also with what was measured since.
        var merged = MetricSample.Merge([Of(SampleKinds.Metrics).Last(), Of(SampleKinds.Metrics).Last() with { Payload = """{"connections":1}""" }]);
        MetricSample.Read(merged, out var stays);
        Assert.True(stays);
    }

    [Fact]
    public void Runs_say_that_they_are_sample_data()
    {
        Assert.All(Past.Runs, run =>
        {
            Assert.Equal(SampleRuns.Machine, run.Machine);
            Assert.StartsWith("Sample data: ", run.Message, StringComparison.Ordinal);
        });
        Assert.Equal(Past.Runs.Count, Past.Runs.Select(run => run.Id).Distinct().Count());
        Assert.Equal(["BackupVerification", "Daily", "Weekly"], Past.Runs.Select(run => run.Task).Distinct().Order());
        Assert.Single(Past.Runs, run => run.Task == "Weekly" && run.Status == HealthStatus.Critical);
        Assert.All(Past.Runs.Where(run => run.Task == "Weekly"), run => Assert.InRange(run.Duration.TotalMinutes, 10, 90));
    }

    [Fact]
    public void A_short_past_holds_what_happened_in_it()
    {
        var week = SamplePast.Make(Target, new SampleTimeline(TimeSpan.FromDays(5), Now), 1, Anchors, TestContext.Current.CancellationToken);
        Assert.Empty(week.Baselines);
        Assert.Equal([SampleResolution.Raw], week.Samples.SelectMany(kind => kind).Select(sample => sample.Resolution).Distinct());
        Assert.Equal(Anchors.DatabaseSize, MetricSample.Read(week.Samples.Single(kind => kind.Key == SampleKinds.Metrics).Last().Payload)["database_size_bytes"].Mean);
    }

    [Fact]
    public void An_empty_database_has_a_past_without_requests_and_statements()
    {
        var past = SamplePast.Make(
            Target, Timeline, 1, Anchors with { ResponseTime = null, ResponseTimeP95 = null, ErrorRate = null, RequestsPerSecond = null, BandwidthPerDay = null, Statements = [], Tables = new Dictionary<string, long>(), Keys = new Dictionary<string, SampleKey>() },
            TestContext.Current.CancellationToken);
        var names = MetricSample.Read(past.Samples.Single(kind => kind.Key == SampleKinds.Metrics).First().Payload).Keys;
        Assert.DoesNotContain("avg_response_time", names);
        Assert.DoesNotContain("avg_query_time", names);
        Assert.Contains("database_size_bytes", names);
    }

    private static SamplePast Make(int seed) => SamplePast.Make(Target, Timeline, seed, Anchors, CancellationToken.None);

    private static IReadOnlyList<Sample> All(SamplePast past) => [.. past.Samples.SelectMany(kind => kind)];

    private static IEnumerable<Sample> Of(string kind) => Past.Samples.Single(samples => samples.Key == kind);

    private static List<SeriesPoint> Series(string name, string kind = SampleKinds.Metrics) =>
    [
        .. Of(kind).Select(sample => (sample, Values: MetricSample.Read(sample.Payload)))
            .Where(pair => pair.Values.ContainsKey(name))
            .Select(pair => new SeriesPoint(pair.sample.From, pair.sample.To, pair.Values[name])),
    ];

    private static double Mean(IEnumerable<SeriesPoint> series, DateTimeOffset from, DateTimeOffset to) =>
        series.Where(point => point.From >= from && point.To <= to).Average(point => point.Value.Mean);
}
