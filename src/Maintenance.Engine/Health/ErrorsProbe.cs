using Maintenance.Engine.Analytics;
using Maintenance.Engine.Inspect;

namespace Maintenance.Engine.Health;

/// <summary>The errors of the last 24 hours as a part of the system (guide D3).</summary>
internal sealed class ErrorsProbe(AnalyticsService analytics) : AnalyticsProbe<ErrorAnalytics>
{
    private static readonly TimeSpan Window = TimeSpan.FromDays(1);

    public override string Component => HealthComponents.Errors;

    protected override Task<ErrorAnalytics> MeasureAsync(MaintenanceTarget target, CallContext call, CancellationToken cancellationToken) =>
        analytics.GetErrorsAsync(target, Window, MeasurementSourceChoice.Auto, call, cancellationToken);

    protected override string Summarise(ErrorAnalytics measurement) =>
        $"in the last {Say.Duration(Window)}: error rate {Text(measurement.ErrorRatePercent, "0.##", " %")}, critical errors {Text(measurement.CriticalErrorCount, "0")}";

    // Guide D3: the most frequent errors go with the warning.
    protected override string Details(ErrorAnalytics measurement) => measurement.TopErrors.Count == 0 ? "" :
        $"Most frequent: {string.Join("; ", measurement.TopErrors.Take(3).Select(error => $"{error.Message} ({Text(error.Count, "0")} times{(error.Component is { } component ? $", {component}" : "")})"))}.";
}
