using Maintenance.Engine.Alerts;
using Maintenance.Engine.Performance.Samples;

namespace Maintenance.Engine.Tests.Alerts;

public sealed class HealthSamplesTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void What_was_measured_is_kept_by_name_and_labels_and_what_was_not_is_missing()
    {
        var kept = MetricSample.Read(HealthSamples.Payload([Metric("error_rate", 2.5), Metric("backup_age_seconds", 60, "app"), Metric("storage_usage_percent", null), Metric("avg_query_time", double.NaN)]));
        Assert.Equal(["backup_age_seconds database=app", "error_rate"], kept.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(2.5, kept["error_rate"].Mean);
    }

    [Fact]
    public void A_value_that_one_looked_for_and_did_not_find_is_a_gap()
    {
        var values = HealthSamples.Of(Rule("error_rate"), Samples(("health_coverage_percent", [0, 5, 10]), ("error_rate", [0, 10]))).Select(pair => pair.Value).OrderBy(value => value.At).ToList();
        Assert.Equal([1, null, 1], values.Select(value => value.Value));
    }

    [Fact]
    public void Series_are_told_apart_by_their_labels_and_a_rule_sees_those_that_it_is_about()
    {
        var samples = Samples(("health_coverage_percent", [0]), ("backup_age_seconds database=app", [0]), ("backup_age_seconds database=shop", [0]));
        Assert.Equal(["database=app", "database=shop"], HealthSamples.Of(Rule("backup_age_seconds"), samples).Select(pair => pair.Series));
        Assert.Equal(["database=shop"], HealthSamples.Of(Rule("backup_age_seconds") with { Labels = new Dictionary<string, string> { ["database"] = "shop" } }, samples).Select(pair => pair.Series));
        Assert.Empty(HealthSamples.Of(Rule("backup_age_seconds") with { Labels = new Dictionary<string, string> { ["database"] = "sho" } }, samples));
    }

    private static Metric Metric(string name, double? value, string? database = null) => new()
    {
        Name = name,
        Value = value,
        ObservedAt = Noon,
        Labels = database is null ? new Dictionary<string, string>() : new Dictionary<string, string> { ["database"] = database },
    };

    private static AlertRule Rule(string metric) => new() { Name = "rule", Metric = metric, Operator = AlertOperator.GreaterThan, Threshold = 5, Severity = AlertSeverity.Warning, Message = "Too much", Source = "test" };

    private static Dictionary<string, IReadOnlyList<SeriesPoint>> Samples(params (string Name, int[] Minutes)[] series) => series.ToDictionary(
        one => one.Name,
        one => (IReadOnlyList<SeriesPoint>)[.. one.Minutes.Select(minute => new SeriesPoint(Noon.AddMinutes(minute), Noon.AddMinutes(minute), SampleValue.Of(1), false))]);
}
