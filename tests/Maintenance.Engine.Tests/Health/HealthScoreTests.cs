using Maintenance.Engine.Health;

namespace Maintenance.Engine.Tests.Health;

public sealed class HealthScoreTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 23, 2, 0, 0, TimeSpan.Zero);
    private static readonly MaintenanceTarget Target = new() { Name = "production" };

    private static ProbeOutcome Outcome(string component, HealthStatus status, double? score) =>
        new(component, new ProbeResult { Status = status, Score = score, Message = "m" }, Now, TimeSpan.Zero);

    private static SystemHealth Combine(params ProbeOutcome[] outcomes) => HealthScore.Combine(Target, outcomes, null, TimeSpan.Zero, Now);

    [Fact]
    public void The_score_is_the_mean_weighted_60_to_40()
    {
        var health = Combine(Outcome("Database", HealthStatus.Ok, 100), Outcome("Backups", HealthStatus.Critical, 25));
        Assert.Equal(70, health.Score);
        Assert.Equal(100, health.CoveragePercent);
        Assert.Equal(HealthStatus.Critical, health.Status);
    }

    [Fact]
    public void A_part_without_a_score_lowers_coverage_and_status_but_is_not_taken_for_nought()
    {
        var health = Combine(Outcome("Database", HealthStatus.Ok, 100), Outcome("Backups", HealthStatus.Unknown, null));
        Assert.Equal(100, health.Score);
        Assert.Equal(60, health.CoveragePercent);
        Assert.Equal(HealthStatus.Unknown, health.Status);
        Assert.Equal(["Backups"], health.Unknown);
        var overall = health.Metrics.Single(metric => metric.Name == "overall_health_percent");
        Assert.Null(overall.Value);
        Assert.Equal(HealthStatus.Unknown, overall.Status);
        Assert.Contains("60 %", overall.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_not_measured_of_a_part_lowers_the_coverage_too()
    {
        var half = Outcome("Database", HealthStatus.Unknown, 100);
        var health = Combine(half with { Result = half.Result with { Coverage = 0.5 } }, Outcome("Backups", HealthStatus.Ok, 100));
        Assert.Equal(70, health.CoveragePercent);
        Assert.Equal(HealthStatus.Unknown, health.Status);
        Assert.Null(health.Metrics.Single(metric => metric.Name == "overall_health_percent").Value);
    }

    [Fact]
    public void Nothing_measured_is_no_score_and_unknown()
    {
        var health = Combine(Outcome("Database", HealthStatus.Unknown, null), Outcome("Backups", HealthStatus.Unknown, null));
        Assert.Null(health.Score);
        Assert.Equal(0, health.CoveragePercent);
        Assert.Equal(HealthStatus.Unknown, health.Status);
        Assert.Null(health.Metrics.Single(metric => metric.Name == "overall_health_percent").Value);
    }

    [Fact]
    public void Nothing_to_watch_is_unknown_too() => Assert.Equal(HealthStatus.Unknown, Combine().Status);

    [Theory]
    [InlineData(95, HealthStatus.Ok)]
    [InlineData(94, HealthStatus.Warning)]
    public void The_score_itself_warns_below_95(double score, HealthStatus expected) =>
        Assert.Equal(expected, Combine(Outcome("Database", HealthStatus.Ok, score)).Status);

    [Fact]
    public void Each_finding_that_was_measured_costs_by_its_severity()
    {
        Finding Of(FindingSeverity severity, FindingOutcome outcome = FindingOutcome.Fail) =>
            new() { Id = "X", Area = "Database", Severity = severity, Outcome = outcome, Message = "m" };
        Assert.Equal(100, HealthScore.OfFindings([]));
        Assert.Equal(87, HealthScore.OfFindings([Of(FindingSeverity.Medium), Of(FindingSeverity.Low)]));
        Assert.Equal(25, HealthScore.OfFindings([Of(FindingSeverity.Critical), Of(FindingSeverity.High)]));
        Assert.Equal(0, HealthScore.OfFindings([Of(FindingSeverity.Critical), Of(FindingSeverity.Critical), Of(FindingSeverity.Medium)]));
        Assert.Equal(100, HealthScore.OfFindings([Of(FindingSeverity.Critical, FindingOutcome.Unknown)]));
    }
}
