using Maintenance.Engine.Database;
using Maintenance.Engine.History;
using Maintenance.Engine.Performance.Samples;
using Maintenance.Engine.Performance.Statements;

namespace Maintenance.Engine.Tests.Performance;

/// <summary>What is made of counters: what a statement spends its time on, whether it has become slower, what samples keep.</summary>
public sealed class SlowQueryTests
{
    private static readonly StatementTracking All = new() { IoTiming = true, Planning = true, JitAndTemporaryFiles = true, BlockSize = 8192, DatabaseId = 5, Hidden = 0 };
    private static readonly StatementCounts Second = new() { Calls = 1, Time = 1000, BlocksHit = 50_000 };

    [Fact]
    public void A_statement_is_bound_by_what_takes_most_of_its_time()
    {
        Assert.Equal(QueryBound.Cpu, QueryBounds.Of(Second, All).Bound);
        Assert.Equal(QueryBound.Io, QueryBounds.Of(Second with { IoTime = 600 }, All).Bound);
        Assert.Equal(QueryBound.TemporaryFiles, QueryBounds.Of(Second with { TemporaryIoTime = 600 }, All).Bound);
        Assert.Equal(QueryBound.Jit, QueryBounds.Of(Second with { JitTime = 600 }, All).Bound);
        Assert.Equal(QueryBound.Planning, QueryBounds.Of(Second with { PlanTime = 3000 }, All).Bound);
        Assert.Equal(QueryBound.Wal, QueryBounds.Of(Second with { WalBytes = 100 << 20 }, All).Bound);
    }

    [Fact]
    public void What_the_server_does_not_measure_is_not_claimed()
    {
        var blind = All with { IoTiming = false, Planning = false };
        var (bound, reason) = QueryBounds.Of(Second with { BlocksRead = 100 }, blind);
        Assert.Equal(QueryBound.Unknown, bound);
        Assert.Contains("track_io_timing", reason, StringComparison.Ordinal);
        Assert.Equal(QueryBound.TemporaryFiles, QueryBounds.Of(Second with { TemporaryBlocks = 20_000 }, blind).Bound);
        Assert.DoesNotContain("planning", QueryBounds.Of(Second, blind).Reason, StringComparison.Ordinal);
        Assert.Equal(QueryBound.Unknown, QueryBounds.Of(default, All).Bound);
    }

    [Fact]
    public void What_handled_hardly_anything_for_its_time_is_not_said_to_compute()
    {
        var idle = Second with { BlocksHit = 6, Rows = 1 };
        var (bound, reason) = QueryBounds.Of(idle, All, "UPDATE accounts SET balance = $1 WHERE id = $2");
        Assert.Equal(QueryBound.Lock, bound);
        Assert.Contains("an inference", reason, StringComparison.Ordinal);
        Assert.Equal(QueryBound.Unknown, QueryBounds.Of(idle, All, "SELECT pg_sleep($1)").Bound);
        Assert.Equal(QueryBound.Unknown, QueryBounds.Of(idle, All).Bound);
        Assert.Equal(QueryBound.Cpu, QueryBounds.Of(Second, All, "UPDATE accounts SET balance = $1").Bound);
        // A few blocks at ten milliseconds each explain a second as little as their time being unmeasured does.
        Assert.Equal(QueryBound.Lock, QueryBounds.Of(idle with { BlocksRead = 3 }, All with { IoTiming = false }, "DELETE FROM accounts").Bound);
    }

    [Fact]
    public void Executions_that_wait_this_moment_are_evidence_and_measured_time_is_stronger()
    {
        Assert.Equal(QueryBound.Lock, QueryBounds.Of(Second, All, "SELECT 1", new RunningStatements(3, 2)).Bound);
        Assert.Equal(QueryBound.Cpu, QueryBounds.Of(Second, All, "SELECT 1", new RunningStatements(3, 1)).Bound);
        Assert.Equal(QueryBound.Io, QueryBounds.Of(Second with { IoTime = 900 }, All, "SELECT 1", new RunningStatements(3, 3)).Bound);
    }

    [Theory]
    [InlineData("COPY shop.orders (id, \"Total\") TO stdout", QueryKind.Maintenance)]
    [InlineData("LOCK TABLE shop.orders, shop.lines IN ACCESS SHARE MODE", QueryKind.Maintenance)]
    [InlineData("COPY ( SELECT * FROM shop.orders ) TO STDOUT", QueryKind.Application)]
    [InlineData("COPY shop.orders (id) FROM stdin", QueryKind.Application)]
    [InlineData("vacuum (ANALYZE) shop.orders", QueryKind.Maintenance)]
    [InlineData("REINDEX INDEX CONCURRENTLY shop.i", QueryKind.Maintenance)]
    [InlineData("SELECT vacuum FROM settings", QueryKind.Application)]
    [InlineData("BEGIN TRANSACTION ISOLATION LEVEL READ COMMITTED", QueryKind.Session)]
    [InlineData("COMMIT", QueryKind.Session)]
    [InlineData("DISCARD ALL", QueryKind.Session)]
    [InlineData("SAVEPOINT a", QueryKind.Session)]
    [InlineData("SELECT pg_catalog.set_config($1, $2, $3)", QueryKind.Session)]
    [InlineData("SELECT version()", QueryKind.Session)]
    [InlineData("SELECT set_config($1, $2, $3), expensive() FROM t", QueryKind.Application)]
    [InlineData("SETTLE", QueryKind.Application)]
    [InlineData(null, QueryKind.Unknown)]
    public void Kinds_are_told_by_text(string? text, QueryKind kind) => Assert.Equal(kind, StatementKinds.Of(text));

    [Fact]
    public void A_dump_of_a_table_of_many_columns_is_told_too()
    {
        var text = StatementKinds.Redact($"COPY shop.wide ({string.Join(", ", Enumerable.Range(0, 200).Select(number => $"column_{number}"))}) TO stdout;");
        Assert.Equal("COPY shop.wide (…) TO stdout;", text);
        Assert.Equal(QueryKind.Maintenance, StatementKinds.Of(text));
    }

    [Fact]
    public void A_plan_that_probably_changed_is_told_with_its_moment_and_growth_is_not_one()
    {
        var start = new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);
        List<(DateTimeOffset, StatementCounts)> Of(Func<int, double> blocks, Func<int, double>? rows = null, Func<int, double>? time = null) =>
            [.. Enumerable.Range(0, 40).Select(number => (start.AddMinutes(5 * number), new StatementCounts { Calls = 10, Time = 10 * (time ?? blocks)(number), BlocksHit = 10 * blocks(number), Rows = 10 * (rows?.Invoke(number) ?? 1) }))];

        var found = PlanChanges.Find(Of(number => number < 25 ? 40 : 4000));
        Assert.Contains("Since about 2026-03-01 02:05:00Z", found, StringComparison.Ordinal);
        Assert.Contains("an inference", found, StringComparison.Ordinal);
        Assert.NotNull(PlanChanges.Find(Of(number => number < 25 ? 4000 : 40)));
        Assert.Null(PlanChanges.Find(Of(number => 40 + 10 * number)));
        Assert.Null(PlanChanges.Find(Of(number => number < 25 ? 40 : 4000, number => number < 25 ? 1 : 100)));
        Assert.Null(PlanChanges.Find(Of(number => number < 25 ? 40 : 4000, time: _ => 5)));
        Assert.Null(PlanChanges.Find(Of(number => number == 25 ? 40_000 : 40, time: _ => 5)));
        Assert.Null(PlanChanges.Find(Of(_ => 40)[..4]));
        Assert.Null(PlanChanges.Find([]));
    }

    [Fact]
    public void What_is_missing_of_the_extension_is_what_is_advised()
    {
        var loaded = new StatementsSetting(IsLoaded: true, IsAvailable: true, IsStandby: false, IsSupabase: false, IsManaged: false, "app");
        Assert.DoesNotContain("preload", loaded.Advice, StringComparison.Ordinal);
        Assert.Contains("needs no restart", loaded.Advice, StringComparison.Ordinal);
        Assert.Contains("on the primary", (loaded with { IsStandby = true }).Advice, StringComparison.Ordinal);
        Assert.Contains("dashboard", (loaded with { IsSupabase = true }).Advice, StringComparison.Ordinal);
        var bare = loaded with { IsLoaded = false };
        Assert.Matches("postgresql.conf.*restart.*CREATE EXTENSION", bare.Advice);
        Assert.Contains("provider", (bare with { IsManaged = true }).Advice, StringComparison.Ordinal);
        Assert.DoesNotContain("CREATE EXTENSION", (bare with { IsCreated = true }).Advice, StringComparison.Ordinal);
        Assert.Contains("postgresql-contrib", (bare with { IsAvailable = false }).Advice, StringComparison.Ordinal);
    }

    [Fact]
    public void Twice_the_time_is_a_regression_and_noise_is_none()
    {
        Assert.Equal(QueryRegression.Slower, QueryRegressions.Compare([.. Steady(10, 100), .. Steady(10, 200)]).Regression);
        Assert.Equal(QueryRegression.Faster, QueryRegressions.Compare([.. Steady(10, 200), .. Steady(10, 100)]).Regression);
        Assert.Equal(QueryRegression.None, QueryRegressions.Compare(Steady(20, 100)).Regression);
    }

    [Fact]
    public void A_small_shift_is_no_regression_however_sure_it_is()
    {
        var shift = QueryRegressions.Compare([.. Steady(50, 100), .. Steady(50, 115)]);
        Assert.Equal(QueryRegression.None, shift.Regression);
        Assert.True(shift.Probability < 0.001);
    }

    [Fact]
    public void Too_few_stretches_are_compared_with_nothing()
    {
        Assert.Equal(QueryRegression.Unknown, QueryRegressions.Compare(Steady(5, 100)).Regression);
        // One stretch with nearly all calls is as one, however many there are.
        var lopsided = new[] { Steady(1, 100)[0] with { Calls = 1e6, Time = 1e8 } }.Concat(Steady(9, 100)).Concat(Steady(10, 300)).ToList();
        Assert.Equal(QueryRegression.Unknown, QueryRegressions.Compare(lopsided).Regression);
    }

    [Fact]
    public void A_baseline_is_what_a_statement_is_compared_with()
    {
        var baseline = new PerformanceBaseline
        {
            Target = "t", Source = BaselineSource.Statements, Metric = "query_time", Subject = "10/5/1/top", Unit = MetricUnit.Milliseconds,
            Count = 500, Mean = 50, StandardDeviation = 10, From = default, To = default, CollectedAt = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero),
        };
        var shift = QueryRegressions.Compare(Steady(10, 100), baseline);
        Assert.Equal(QueryRegression.Slower, shift.Regression);
        Assert.Equal(50, shift.BaselineMean);
        Assert.Equal(2, shift.Factor!.Value, 0.1);
        Assert.Contains("2026-03-01", shift.Reason, StringComparison.Ordinal);
        Assert.Equal(QueryRegression.Unknown, QueryRegressions.Compare(Steady(10, 100), baseline with { StandardDeviation = null }).Regression);
    }

    [Fact]
    public void The_95th_percentile_is_that_of_a_log_normal_distribution()
    {
        // exp(mu + 1.644854 sigma) with mu = 0, sigma = 1.
        var (mean, deviation) = (Math.Exp(0.5), Math.Sqrt((Math.E - 1) * Math.E));
        var counts = new StatementCounts { Calls = 1e6, Time = 1e6 * mean, Squares = 1e6 * (mean * mean + deviation * deviation) };
        Assert.Equal(Math.Exp(1.6448536), SlowQueryBuilder.P95(counts)!.Value.TotalMilliseconds, 0.01);
        Assert.Null(SlowQueryBuilder.P95(Second));
        Assert.Equal(10, SlowQueryBuilder.P95(new StatementCounts { Calls = 2, Time = 20, Squares = 200 })!.Value.TotalMilliseconds, 1e-3);
    }

    [Fact]
    public void A_sample_keeps_the_first_two_hundred_and_every_slow_one()
    {
        var counts = Enumerable.Range(1, 1000).ToDictionary(Key, number => new StatementCounts { Calls = 1000, Time = 10_000 + number });
        counts[Key(5000)] = new StatementCounts { Calls = 1, Time = 1500 };
        counts[Key(1) with { DatabaseId = 6 }] = new StatementCounts { Calls = 1, Time = 700 };
        var (top, others, here) = StatementRanking.Split(counts, TimeSpan.FromSeconds(1), Key(1).DatabaseId);
        Assert.Equal(700, others.Time - here.Time, 1e-6);
        Assert.Equal(201, top.Count);
        Assert.Contains(Key(5000), top.Keys);
        Assert.Equal(counts.Values.Sum(each => each.Time), top.Values.Sum(each => each.Time) + others.Time, 1e-6);
    }

    [Fact]
    public void Samples_of_an_hour_become_one_that_has_the_same_sums_and_reasons()
    {
        var first = new StatementSample(new Dictionary<StatementKey, StatementCounts> { [Key(1)] = Second }, Second, "Reset.") { Texts = new Dictionary<StatementKey, string> { [Key(1)] = "SELECT ?" } };
        var second = new StatementSample(new Dictionary<StatementKey, StatementCounts> { [Key(1)] = Second, [Key(2)] = Second }, Second, null) { Database = 5, OthersHere = default };
        var merged = StatementSample.Read(new StatementSampler().Merge([Sample(0, first), Sample(5, second), Sample(10, first)]));

        Assert.Equal(3, merged.Statements[Key(1)].Calls);
        Assert.Equal(1, merged.Statements[Key(2)].Calls);
        Assert.Equal(3000, merged.Others.Time);
        Assert.Equal((5, 2000), (merged.Database, merged.OthersHere.Time));
        Assert.Equal("Reset.", merged.Incomplete);
        Assert.Equal("SELECT ?", merged.Texts[Key(1)]);
    }

    [Fact]
    public void Our_mark_stands_inside_every_statement_once()
    {
        foreach (var path in typeof(SqlText).Assembly.GetManifestResourceNames().Where(name => name.EndsWith(".sql", StringComparison.Ordinal)))
        {
            var parts = SqlText.ReadMarked(path).Split(SqlText.Mark);
            Assert.True(parts.Length == 2, path);
            Assert.Matches(@"[A-Za-z] \z", parts[0]);
            Assert.DoesNotMatch(@"--[^\n]*\z", parts[0]);
            Assert.Equal(SqlText.Read(path), parts[0][..^1] + parts[1]);
        }
    }

    private static StatementKey Key(int number) => new(10, 5, number, true);

    private static Sample Sample(int minute, StatementSample sample) =>
        new("t", SampleKinds.Statements, SampleResolution.Raw, new DateTimeOffset(2026, 3, 1, 0, minute, 0, TimeSpan.Zero), TimeSpan.FromMinutes(5), sample.Write());

    // Means that differ by two in a hundred, as those of a steady statement do.
    private static List<StatementCounts> Steady(int count, double mean) =>
        [.. Enumerable.Range(0, count).Select(number => new StatementCounts { Calls = 100, Time = 100 * mean * (1 + 0.02 * Math.Sin(number * 2.4)) })];
}
