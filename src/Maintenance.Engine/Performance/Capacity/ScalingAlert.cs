using Maintenance.Engine.Inspect;

namespace Maintenance.Engine.Performance.Capacity;

/// <summary>The guide's alert that storage is to be scaled (C2), with the fields of its attachment. Pure.</summary>
internal static class ScalingAlert
{
    public static NotificationMessage? Of(IReadOnlyList<CapacityForecast> forecasts)
    {
        if (forecasts.FirstOrDefault(forecast => forecast is { Resource: CapacityResource.Storage, Limit: { } limit } && (forecast.Projected > limit || forecast.Current > limit || (forecast.Projected is null && forecast.Status is HealthStatus.Warning or HealthStatus.Critical))) is not { } storage)
        {
            return null;
        }

        return new NotificationMessage
        {
            // Also where the newest sample is old, somebody has to look.
            Severity = storage.Status is HealthStatus.Critical ? HealthStatus.Critical : HealthStatus.Warning,
            Title = $"Storage of {storage.Target} needs scaling",
            Text = storage.Message,
            Fields =
            [
                new NotificationField("Current Size", CapacityText.Value(storage.Current, MetricUnit.Bytes)),
                new NotificationField(Say.Text($"{storage.Projection.TotalDays:0}-Day Projection"), CapacityText.Expected(storage.Projected, CapacityText.ErrorOf(storage), MetricUnit.Bytes)),
                new NotificationField("Action", "Review scaling options"),
            ],
            Source = "Get-CapacityForecast",
        };
    }
}
