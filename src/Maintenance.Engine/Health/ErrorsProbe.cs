using Maintenance.Engine.Analytics;

namespace Maintenance.Engine.Health;

/// <summary>The errors of the last 24 hours as a part of the system (guide D3).</summary>
internal sealed class ErrorsProbe(AnalyticsService analytics) : AnalyticsProbe<ErrorAnalytics>
{
    public override string Component => HealthComponents.Errors;

    protected override Task<ErrorAnalytics> MeasureAsync(MaintenanceTarget target, CallContext call, CancellationToken cancellationToken) =>
        analytics.GetErrorsAsync(target, TimeSpan.FromDays(1), MeasurementSourceChoice.Auto, call, cancellationToken);

    protected override string Summarise(ErrorAnalytics measurement) =>
        $"error rate {Text(measurement.ErrorRatePercent, "0.##", " %")}, critical errors {Text(measurement.CriticalErrorCount, "0")}";
}
