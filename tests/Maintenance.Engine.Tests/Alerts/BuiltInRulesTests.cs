using Maintenance.Engine.Alerts;

namespace Maintenance.Engine.Tests.Alerts;

/// <summary>The guide's ten rules, with its words and limits, at, just below and just above them.</summary>
public sealed class BuiltInRulesTests
{
    public static TheoryData<string, string, AlertOperator, double, AlertSeverity, string> Guide => new()
    {
        { "system_health", "overall_health_percent", AlertOperator.LessThan, 90, AlertSeverity.Warning, "System health score below 90%" },
        { "response_time", "avg_response_time", AlertOperator.GreaterThan, 1000, AlertSeverity.Warning, "Average response time exceeds 1000ms" },
        { "critical_response_time", "avg_response_time", AlertOperator.GreaterThan, 2000, AlertSeverity.Critical, "Average response time exceeds 2000ms - immediate action required" },
        { "error_rate_warning", "error_rate", AlertOperator.GreaterThan, 2, AlertSeverity.Warning, "Error rate above 2%" },
        { "error_rate_critical", "error_rate", AlertOperator.GreaterThan, 5, AlertSeverity.Critical, "Error rate above 5% - system degradation detected" },
        { "db_connections_high", "connection_pool_usage", AlertOperator.GreaterThan, 80, AlertSeverity.Warning, "Database connection pool usage above 80%" },
        { "db_connections_critical", "connection_pool_usage", AlertOperator.GreaterThan, 95, AlertSeverity.Critical, "Database connection pool near capacity" },
        { "storage_usage_high", "storage_usage_percent", AlertOperator.GreaterThan, 80, AlertSeverity.Warning, "Storage usage above 80%" },
        { "gdpr_compliance_low", "gdpr_compliance_score", AlertOperator.LessThan, 95, AlertSeverity.Warning, "GDPR compliance score below 95%" },
        { "gdpr_compliance_critical", "gdpr_compliance_score", AlertOperator.LessThan, 90, AlertSeverity.Critical, "GDPR compliance critical - immediate action required" },
    };

    [Theory]
    [MemberData(nameof(Guide))]
    public void Each_says_what_the_guide_says(string name, string metric, AlertOperator comparison, double threshold, AlertSeverity severity, string message)
    {
        var rule = Assert.Single(BuiltInRules.All, rule => rule.Name == name);

        Assert.Equal((metric, comparison, threshold, severity, message), (rule.Metric, rule.Operator, rule.Threshold, rule.Severity, rule.Message));
        Assert.Equal((TimeSpan.Zero, TimeSpan.Zero, 1, NoDataPolicy.Alert), (rule.For, rule.KeepFiringFor, rule.MinimumSamples, rule.NoData));
    }

    [Fact]
    public void There_are_ten() => Assert.Equal(10, BuiltInRules.All.Count);

    [Theory]
    [MemberData(nameof(Guide))]
    public void Each_fires_just_beyond_its_limit_and_not_at_it(string name, string metric, AlertOperator comparison, double threshold, AlertSeverity severity, string message)
    {
        _ = (severity, message);
        var beyond = comparison == AlertOperator.GreaterThan ? Math.BitIncrement(threshold) : Math.BitDecrement(threshold);
        var before = comparison == AlertOperator.GreaterThan ? Math.BitDecrement(threshold) : Math.BitIncrement(threshold);

        Assert.Equal(AlertState.Firing, StateOf(name, metric, beyond));
        Assert.Equal(AlertState.Inactive, StateOf(name, metric, threshold));
        Assert.Equal(AlertState.Inactive, StateOf(name, metric, before));
        Assert.Equal(AlertState.NoData, StateOf(name, metric, null));
        Assert.Equal(AlertState.NoData, StateOf(name, metric, double.NaN));
    }

    [Fact]
    public void A_system_of_which_nothing_is_known_passes_no_rule()
    {
        var outcomes = AlertEvaluator.Evaluate(AlertTestRules.Situation(AlertTestRules.Noon, BuiltInRules.All), [], new Dictionary<AlertKey, AlertMemory>(), true);

        Assert.Equal(10, outcomes.Count);
        Assert.All(outcomes, outcome => Assert.Equal((AlertState.NoData, HealthStatus.Unknown, AlertNews.NoData), (outcome.Alert.State, outcome.Alert.Status, outcome.Alert.News)));
        // The warnings of a metric are not told beside its critical rule.
        Assert.Equal(6, outcomes.Count(outcome => outcome.Alert.Suppressed is null));
    }

    [Fact]
    public void A_metric_is_known_by_its_aliases()
    {
        var outcome = AlertEvaluator.Evaluate(
            AlertTestRules.Situation(AlertTestRules.Noon, BuiltInRules.All), [AlertTestRules.Metric("usage_percentage", 99, AlertTestRules.Noon)], new Dictionary<AlertKey, AlertMemory>(), false);

        Assert.Equal(["db_connections_high", "db_connections_critical"], outcome.Select(one => one.Alert.Rule));
        Assert.Equal("db_connections_critical", outcome[0].Alert.InhibitedBy);
        Assert.Equal("db_connections_critical fires", outcome[0].Alert.Suppressed);
        Assert.Null(outcome[1].Alert.Suppressed);
    }

    private static AlertState StateOf(string name, string metric, double? value) => Assert.Single(
        AlertEvaluator.Evaluate(
            AlertTestRules.Situation(AlertTestRules.Noon, BuiltInRules.All), [AlertTestRules.Metric(metric, value, AlertTestRules.Noon)], new Dictionary<AlertKey, AlertMemory>(), false),
        outcome => outcome.Alert.Rule == name).Alert.State;
}
