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
    public void There_are_ten_of_the_guide_and_two_of_ours()
    {
        Assert.Equal(10, BuiltInRules.Guide.Count);
        Assert.Equal(["component_critical", "component_unknown"], BuiltInRules.All.Except(BuiltInRules.Guide).Select(rule => rule.Name));
        Assert.All(BuiltInRules.All, rule => Assert.Equal(rule.Name.StartsWith("component", StringComparison.Ordinal) ? "ours" : $"guide A{BuiltInRules.All.ToList().IndexOf(rule) + 1}", rule.Source));
    }

    [Fact]
    public void A_part_that_is_critical_is_told_with_what_has_failed_and_what_to_do()
    {
        var functions = AlertTestRules.Metric("component_status", 2, AlertTestRules.Noon, ("component", "Functions")) with { Details = "Failed: gdpr-compliance. See its log." };
        var alert = Assert.Single(AlertEvaluator.Evaluate(AlertTestRules.Situation(AlertTestRules.Noon, BuiltInRules.All), [functions], new Dictionary<AlertKey, AlertMemory>(), false)).Alert;

        Assert.Equal((AlertState.Firing, AlertSeverity.Critical), (alert.State, alert.Severity));
        Assert.Equal("Functions is critical: Failed: gdpr-compliance. See its log.", alert.Message);
    }

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

        Assert.Equal(12, outcomes.Count);
        Assert.All(outcomes, outcome => Assert.Equal(HealthStatus.Unknown, outcome.Alert.Status));
        // That nobody knows whether a part is critical is told by the rule that says how much of it was measured.
        Assert.All(
            outcomes.Where(outcome => outcome.Alert.Rule != "component_critical"), outcome => Assert.Equal((AlertState.NoData, AlertNews.NoData), (outcome.Alert.State, outcome.Alert.News)));
        // The warnings of a metric are not told beside its critical rule.
        Assert.Equal(7, outcomes.Count(outcome => outcome.Alert is { Suppressed: null, News: AlertNews.NoData }));
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
