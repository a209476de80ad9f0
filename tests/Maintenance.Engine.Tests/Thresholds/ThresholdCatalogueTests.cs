using Maintenance.Engine.Thresholds;

namespace Maintenance.Engine.Tests.Thresholds;

public sealed class ThresholdCatalogueTests
{
    [Theory]
    [InlineData("overall_health_percent", 95, null)]
    [InlineData("avg_query_time", 200, null)]
    [InlineData("connection_pool_usage", 80, 95)]
    [InlineData("error_rate", 2, 5)]
    [InlineData("critical_errors_count", 0, null)]
    [InlineData("avg_response_time", 1000, 2000)]
    [InlineData("storage_usage_percent", 80, null)]
    [InlineData("bandwidth_usage_percent", 90, null)]
    [InlineData("gdpr_compliance_score", 95, 90)]
    public void The_guides_limits_are_there(string metric, int warning, int? critical)
    {
        var threshold = ThresholdCatalogue.Find(metric)!;
        Assert.Equal(warning, threshold.Warning);
        Assert.Equal(critical, threshold.Critical);
    }

    [Theory]
    [InlineData("usage_percentage", "connection_pool_usage")]
    [InlineData("compliance_score", "gdpr_compliance_score")]
    [InlineData("COMPLIANCE_SCORE", "gdpr_compliance_score")]
    public void Aliases_lead_to_their_metric(string alias, string metric) => Assert.Equal(metric, ThresholdCatalogue.Find(alias)!.Metric);

    [Fact]
    public void An_unknown_metric_has_no_limits() => Assert.Null(ThresholdCatalogue.Find("no_such_metric"));

    [Fact]
    public void No_value_is_unknown_and_so_is_what_is_not_a_number()
    {
        var threshold = ThresholdCatalogue.Find("error_rate")!;
        Assert.Equal(HealthStatus.Unknown, threshold.Evaluate(null));
        Assert.Equal(HealthStatus.Unknown, threshold.Evaluate(double.NaN));
        Assert.Equal(HealthStatus.Unknown, threshold.Evaluate(double.PositiveInfinity));
    }

    [Fact]
    public void A_limit_is_passed_beyond_it_on_its_own_side()
    {
        var above = ThresholdCatalogue.Find("error_rate")!;
        Assert.Equal([HealthStatus.Ok, HealthStatus.Warning, HealthStatus.Warning, HealthStatus.Critical], new double?[] { 2, 2.01, 5, 5.01 }.Select(above.Evaluate));
        var below = ThresholdCatalogue.Find("gdpr_compliance_score")!;
        Assert.Equal([HealthStatus.Ok, HealthStatus.Warning, HealthStatus.Warning, HealthStatus.Critical], new double?[] { 95, 94.9, 90, 89.9 }.Select(below.Evaluate));
    }

    [Fact]
    public void Every_limit_says_where_it_comes_from() => Assert.All(ThresholdCatalogue.All, threshold => Assert.NotEmpty(threshold.Source));
}
