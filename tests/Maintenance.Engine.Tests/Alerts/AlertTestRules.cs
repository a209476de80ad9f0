using Maintenance.Engine.Alerts;

namespace Maintenance.Engine.Tests.Alerts;

/// <summary>Rules, values and times that the tests of alerts share.</summary>
internal static class AlertTestRules
{
    public static readonly DateTimeOffset Noon = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);

    public static AlertRule Rule(
        double threshold = 10,
        double? clear = null,
        int forMinutes = 0,
        int keepMinutes = 0,
        int samples = 1,
        NoDataPolicy noData = NoDataPolicy.Alert,
        AlertSeverity severity = AlertSeverity.Warning,
        string name = "rule",
        string metric = "error_rate") => new()
        {
            Name = name,
            Metric = metric,
            Operator = AlertOperator.GreaterThan,
            Threshold = threshold,
            ClearThreshold = clear,
            For = TimeSpan.FromMinutes(forMinutes),
            KeepFiringFor = TimeSpan.FromMinutes(keepMinutes),
            MinimumSamples = samples,
            NoData = noData,
            Severity = severity,
            Unit = MetricUnit.Percent,
            Message = "It is bad",
            Source = "test",
        };

    public static Metric Metric(string name, double? value, DateTimeOffset at, params (string Name, string Value)[] labels) => new()
    {
        Name = name,
        Value = value,
        Unit = AlertMetrics.Find(name)?.Unit ?? MetricUnit.None,
        ObservedAt = at,
        Labels = labels.ToDictionary(label => label.Name, label => label.Value),
        Reason = value is null ? "It could not be asked." : null,
    };

    public static AlertSituation Situation(DateTimeOffset now, params IReadOnlyList<AlertRule> rules) => new(new MaintenanceTarget { Name = "prod" }, rules, [], null, now);

    public static AlertMemory Begin(DateTimeOffset now) => AlertMachine.Begin(new AlertKey("rule", ""), now);
}
