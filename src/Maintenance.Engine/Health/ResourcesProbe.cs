using Maintenance.Engine.Analytics;

namespace Maintenance.Engine.Health;

/// <summary>Storage and bandwidth as a part of the system (guide D5).</summary>
internal sealed class ResourcesProbe(AnalyticsService analytics) : AnalyticsProbe<ResourceUsage>
{
    public override string Component => HealthComponents.Resources;

    protected override Task<ResourceUsage> MeasureAsync(MaintenanceTarget target, CallContext call, CancellationToken cancellationToken) =>
        analytics.GetResourcesAsync(target, TimeSpan.FromDays(1), MeasurementSourceChoice.Auto, call, cancellationToken);

    protected override string Summarise(ResourceUsage measurement) =>
        $"storage {Text(measurement.StorageUsagePercent, "0.#", " %")}, bandwidth {Text(measurement.BandwidthUsagePercent, "0.#", " %")}";
}
