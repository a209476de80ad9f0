using System.Globalization;

namespace Maintenance.Engine.Health;

/// <summary>A part of the system that analytics measure: what is common to errors, resources and compliance.</summary>
/// <typeparam name="T">The measurement.</typeparam>
internal abstract class AnalyticsProbe<T> : IHealthProbe
    where T : Measurement
{
    public abstract string Component { get; }

    public virtual string Describe(MaintenanceTarget target) => (target.Functions, target.Database) switch
    {
        (not null, not null) => $"Ask the function for the {Component.ToLowerInvariant()}, or compute them from {target.Database}",
        (not null, null) => $"Ask the function for the {Component.ToLowerInvariant()}",
        (null, not null) => $"Compute the {Component.ToLowerInvariant()} from {target.Database}",
        _ => "Nothing: neither functions nor a database are configured",
    };

    public async Task<ProbeResult> ProbeAsync(MaintenanceTarget target, CallContext call, CancellationToken cancellationToken)
    {
        var measurement = await MeasureAsync(target, call, cancellationToken);
        var known = measurement.Metrics.Count(metric => metric.Value is not null);
        var details = Details(measurement);
        var figures = $"{Summarise(measurement)}, from the {measurement.Source.ToString().ToLowerInvariant()}";
        return new ProbeResult
        {
            Status = measurement.Status,
            Score = known == 0 ? null : HealthScore.OfFindings(measurement.Findings),
            Coverage = measurement.Metrics.Count == 0 ? 0 : (double)known / measurement.Metrics.Count,
            Message = measurement.Findings.FirstOrDefault(finding => finding.Status != HealthStatus.Ok) is { } worst ? $"{worst.Message} ({figures})" : $"{figures}.",
            Findings = [.. measurement.Findings.Select(finding => IsOfFigures(finding) && details.Length > 0 ? finding with { Recommendation = details } : finding)],
            Metrics = measurement.Metrics,
            Error = known == 0 ? ErrorOf(measurement) : null,
            Recommendation = measurement.Findings.Select(finding => finding.Recommendation).OfType<string>().FirstOrDefault(),
        };
    }

    // Not that a function failed: what to do about that is another matter.
    protected virtual bool IsOfFigures(Finding finding) => finding.Outcome == FindingOutcome.Fail && !finding.Id.StartsWith("ANALYTICS-", StringComparison.Ordinal);

    private static MaintenanceErrorCode? ErrorOf(T measurement) => measurement.Findings
        .Select(finding => Enum.TryParse<MaintenanceErrorCode>(finding.Evidence.GetValueOrDefault("Error") as string, out var code) ? code : (MaintenanceErrorCode?)null)
        .FirstOrDefault(code => code is not null);

    protected abstract Task<T> MeasureAsync(MaintenanceTarget target, CallContext call, CancellationToken cancellationToken);

    protected abstract string Summarise(T measurement);

    /// <summary>What stands behind the figures: whoever reads a log cannot ask the measurement for it. None by default.</summary>
    protected virtual string Details(T measurement) => "";

    protected static string Text(double? value, string format, string unit = "") =>
        value is { } number ? number.ToString(format, CultureInfo.InvariantCulture) + unit : "unknown";
}
