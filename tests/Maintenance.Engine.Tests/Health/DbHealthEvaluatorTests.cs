using Maintenance.Engine.Health;

namespace Maintenance.Engine.Tests.Health;

public sealed class DbHealthEvaluatorTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 23, 2, 0, 0, TimeSpan.Zero);
    private static readonly MaintenanceTarget Target = new() { Name = "production" };

    private static DbHealthFacts Healthy => new()
    {
        Database = "app",
        ServerVersion = "15.18",
        IsStandby = false,
        Uptime = TimeSpan.FromDays(30),
        ServerTime = Now,
        StatisticsSince = Now.AddDays(-10),
        SizeBytes = 1_000_000,
        AverageQueryMilliseconds = 12.5,
        SlowQueryCount = 0,
        Connections = 10,
        ConnectionLimit = 97,
        BlocksHit = 990_000,
        BlocksRead = 10_000,
        Deadlocks = 0,
        TempFiles = 0,
        TempBytes = 0,
        TimedCheckpoints = 100,
        RequestedCheckpoints = 2,
        FullestSequence = "public.a_id_seq",
        SequenceUsagePercent = 3,
        InvalidObjects = [],
        BlockedSessions = 0,
        OldestTransactionSeconds = 4,
    };

    private static DbHealth Evaluate(DbHealthFacts facts, MaintenanceTarget? target = null) => DbHealthEvaluator.Evaluate(target ?? Target, facts, Now);

    [Fact]
    public void A_healthy_database_is_ok_and_has_no_findings()
    {
        var health = Evaluate(Healthy);
        Assert.Equal(HealthStatus.Ok, health.Status);
        Assert.Empty(health.Findings);
        Assert.Empty(health.Recommendations);
        Assert.Equal(99, health.CacheHitPercent);
        Assert.Equal(TimeSpan.FromMilliseconds(12.5), health.AverageQueryTime);
    }

    [Theory]
    [InlineData(200.0, HealthStatus.Ok)]
    [InlineData(200.1, HealthStatus.Warning)]
    public void Mean_query_time_warns_beyond_200_ms(double milliseconds, HealthStatus expected) =>
        Assert.Equal(expected, Evaluate(Healthy with { AverageQueryMilliseconds = milliseconds }).Status);

    [Theory]
    [InlineData(80, HealthStatus.Ok)]
    [InlineData(81, HealthStatus.Warning)]
    [InlineData(95, HealthStatus.Warning)]
    [InlineData(96, HealthStatus.Critical)]
    public void Connections_warn_beyond_80_and_are_critical_beyond_95_percent(int connections, HealthStatus expected) =>
        Assert.Equal(expected, Evaluate(Healthy with { Connections = connections, ConnectionLimit = 100 }).Status);

    [Fact]
    public void One_checksum_failure_is_critical() =>
        Assert.Equal(HealthStatus.Critical, Evaluate(Healthy with { ChecksumFailures = 1 }).Status);

    [Fact]
    public void Checksums_that_are_off_are_no_metric_and_no_worry()
    {
        var health = Evaluate(Healthy with { ChecksumFailures = null });
        Assert.DoesNotContain(health.Metrics, metric => metric.Name == "checksum_failures");
        Assert.Equal(HealthStatus.Ok, health.Status);
    }

    [Fact]
    public void What_could_not_be_measured_is_unknown_and_never_a_number()
    {
        var gap = new Gap("DB-STATEMENTS-MISSING", "pg_stat_statements", FindingOutcome.Unknown, "It is not installed.", "CREATE EXTENSION");
        var health = Evaluate(Healthy with { AverageQueryMilliseconds = null, SlowQueryCount = null, Gaps = [gap] });
        Assert.Equal(HealthStatus.Unknown, health.Status);
        Assert.Null(health.AverageQueryTime);
        var metric = health.Metrics.Single(item => item.Name == "avg_query_time");
        Assert.Null(metric.Value);
        Assert.Equal(HealthStatus.Unknown, metric.Status);
        Assert.Equal("It is not installed.", metric.Reason);
        Assert.Equal(FindingOutcome.Unknown, Assert.Single(health.Findings).Outcome);
        Assert.Equal(["CREATE EXTENSION"], health.Recommendations);
    }

    [Fact]
    public void Facts_without_anything_are_unknown_all_over()
    {
        var health = Evaluate(new DbHealthFacts());
        Assert.Equal(HealthStatus.Unknown, health.Status);
        Assert.All(health.Metrics, metric => Assert.Equal(HealthStatus.Unknown, metric.Status));
    }

    [Fact]
    public void A_critical_fact_outranks_an_unknown_one() =>
        Assert.Equal(HealthStatus.Critical, Evaluate(Healthy with { AverageQueryMilliseconds = null, Connections = 99, ConnectionLimit = 100 }).Status);

    [Fact]
    public void Counters_of_unknown_age_give_no_rate()
    {
        var health = Evaluate(Healthy with { StatisticsSince = null, Deadlocks = 1_000_000 });
        Assert.DoesNotContain(health.Metrics, metric => metric.Name == "deadlocks_per_day");
        Assert.Equal(1_000_000, health.Deadlocks);
    }

    [Fact]
    public void Deadlocks_are_judged_by_the_day()
    {
        var health = Evaluate(Healthy with { Deadlocks = 200 });
        Assert.Equal(20, health.Metrics.Single(metric => metric.Name == "deadlocks_per_day").Value);
        Assert.Equal("DB-DEADLOCKS", Assert.Single(health.Findings).Id);
    }

    [Fact]
    public void A_configured_limit_replaces_the_catalogues()
    {
        var target = Target with { Thresholds = new Dictionary<string, ThresholdOverride> { ["usage_percentage"] = new(5, null) } };
        Assert.Equal(HealthStatus.Warning, Evaluate(Healthy, target).Status);
    }

    [Fact]
    public void Findings_come_worst_first_and_name_the_target()
    {
        var health = Evaluate(Healthy with { AverageQueryMilliseconds = 500, Connections = 99, ConnectionLimit = 100, BlockedSessions = 2 });
        Assert.Equal("DB-CONNECTIONS-CRITICAL", health.Findings[0].Id);
        Assert.Equal(3, health.Findings.Count);
        Assert.All(health.Findings, finding => Assert.Equal("production", finding.Target));
    }
}
