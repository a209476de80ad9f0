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
    public void What_was_not_measured_can_be_no_worse_than_nothing_and_no_better_than_all()
    {
        var half = Outcome("Database", HealthStatus.Unknown, 50);
        var overall = Combine(half with { Result = half.Result with { Coverage = 0.5 } }, Outcome("Backups", HealthStatus.Ok, 100)).Metrics.Single(metric => metric.Name == "overall_health_percent");
        // 30 · half · 50 and 20 · 100 are known of 50: 55 %; the other half of 30 may be nothing or all.
        Assert.Equal((null, 55.0, 85.0), (overall.Value, overall.AtLeast, overall.AtMost));
    }

    [Fact]
    public void Each_part_is_a_figure_with_the_words_that_people_need()
    {
        var failed = Outcome("Functions", HealthStatus.Critical, 0);
        var half = Outcome("Database", HealthStatus.Unknown, 100);
        var metrics = Combine(
            failed with { Result = failed.Result with { Message = "Failed: a.", Recommendation = "See its log." } },
            half with { Result = half.Result with { Coverage = 0.5 } },
            Outcome("Backups", HealthStatus.Ok, 100),
            Outcome("Errors", HealthStatus.Unknown, null),
            Outcome("Resources", HealthStatus.Unknown, 100)).Metrics;

        Assert.Equal((2, "Failed: a. See its log.", HealthStatus.Critical), Of("component_status", "Functions"));
        Assert.Equal((100, null, HealthStatus.Ok), Of("component_coverage_percent", "Functions"));
        Assert.Equal((null, "m", HealthStatus.Unknown), Of("component_status", "Database"));
        Assert.Equal((50, "m", HealthStatus.Warning), Of("component_coverage_percent", "Database"));
        Assert.Equal((0, null, HealthStatus.Ok), Of("component_status", "Backups"));
        Assert.Equal((0, "m", HealthStatus.Warning), Of("component_coverage_percent", "Errors"));
        Assert.Equal((null, null, HealthStatus.Unknown), Of("component_coverage_percent", "Resources"));

        (double?, string?, HealthStatus) Of(string name, string part) =>
            metrics.Single(metric => metric.Name == name && metric.Labels["component"] == part) is var metric ? (metric.Value, metric.Details, metric.Status) : default;
    }

    [Fact]
    public void What_was_not_measured_is_named_with_its_reason_whatever_is_worse_in_the_part()
    {
        var half = Outcome("Database", HealthStatus.Critical, 50);
        Metric Unknown(string name, string reason) => new() { Name = name, Value = null, Reason = reason, ObservedAt = Now };
        var health = Combine(Outcome("Backups", HealthStatus.Ok, 100), half with
        {
            Result = half.Result with
            {
                Coverage = 0.5,
                Message = "95 % of the connections are in use.",
                Recommendation = "End idle sessions.",
                Findings =
                [
                    new Finding { Id = "W", Area = "Database", Severity = FindingSeverity.Critical, Message = "95 % of the connections are in use.", Recommendation = "End idle sessions." },
                    new Finding { Id = "G", Area = "Database", Severity = FindingSeverity.Medium, Outcome = FindingOutcome.Unknown, Message = "The extension is not installed.", Recommendation = "Install it." },
                    new Finding { Id = "H", Area = "Database", Severity = FindingSeverity.Medium, Outcome = FindingOutcome.NotPermitted, Message = "Sequences may not be read." },
                ],
                Metrics = [Unknown("avg_query_time", "The extension is not installed."), Unknown("slow_queries_count", "The extension is not installed."), Unknown("function_response_time", "95 % of the connections are in use.")],
            },
        });
        var coverage = health.Metrics.Single(metric => metric.Name == "component_coverage_percent" && metric.Labels["component"] == "Database");
        Assert.Equal("avg_query_time, slow_queries_count could not be measured (The extension is not installed). Sequences may not be read. Install it.", coverage.Details);

        var step = Maintenance.Engine.Tasks.HealthSteps.Of(new SystemMeasurement([], null, health))[^1];
        Assert.DoesNotContain("every part was measured", step.Message, StringComparison.Ordinal);
        Assert.EndsWith("not fully measured: Database.", step.Message, StringComparison.Ordinal);
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
