using Maintenance.Engine.Thresholds;

namespace Maintenance.Engine.Health;

/// <summary>Makes metrics of one target at one moment, judged by the limits in force.</summary>
internal sealed class MetricFactory(MaintenanceTarget target, DateTimeOffset observedAt)
{
    /// <summary>A metric; without a value it is Unknown and says why.</summary>
    /// <param name="name">Name in the catalogue, or any other name with its unit.</param>
    /// <param name="value">The value, or null.</param>
    /// <param name="reason">Why there is no value.</param>
    /// <param name="unit">Unit, for a metric without limits.</param>
    public Metric Create(string name, double? value, string? reason = null, MetricUnit unit = MetricUnit.None)
    {
        var threshold = ThresholdCatalogue.For(target, name);
        var known = value is { } number && double.IsFinite(number) ? value : null;
        return new Metric
        {
            Name = threshold?.Metric ?? name,
            Value = known,
            Unit = threshold?.Unit ?? unit,
            ObservedAt = observedAt,
            Target = target.Name,
            Status = threshold?.Evaluate(known) ?? (known is null ? HealthStatus.Unknown : HealthStatus.Ok),
            Reason = known is null ? reason ?? "It could not be measured." : null,
        };
    }
}
