using System.Globalization;
using Maintenance.Engine.Functions;

namespace Maintenance.Engine.Health;

/// <summary>The edge functions as a part of the system (guide D7): does each answer, and does it say that it is healthy?</summary>
internal sealed class FunctionsProbe(FunctionService functions, TimeProvider time) : IHealthProbe
{
    public string Component => HealthComponents.Functions;

    public string Describe(MaintenanceTarget target) => target.Functions is { } settings
        ? $"Ask {string.Join(", ", FunctionCatalogue.Functions)} at {settings.BaseUri.Authority} how they are"
        : "Nothing: no functions are configured";

    public async Task<ProbeResult> ProbeAsync(MaintenanceTarget target, CallContext call, CancellationToken cancellationToken)
    {
        var tested = await functions.TestAsync(target, null, call, cancellationToken);
        var factory = new MetricFactory(target, time.GetUtcNow());
        var answered = tested.Where(function => function.Status != HealthStatus.Unknown).ToList();
        var bad = tested.Where(function => function.Status != HealthStatus.Ok).OrderByDescending(function => function.Status).ToList();
        return new ProbeResult
        {
            Status = tested.Max(function => function.Status),
            Score = answered.Count == 0 ? null : answered.Average(Score),
            Coverage = (double)answered.Count / tested.Count,
            Message = bad.Count == 0
                ? string.Create(CultureInfo.InvariantCulture, $"All {tested.Count} functions are healthy; the slowest took {tested.Max(function => function.TotalTime ?? TimeSpan.Zero).TotalMilliseconds:0} ms.")
                : bad[0].Status == HealthStatus.Warning
                ? $"Of {tested.Count} functions not all are well: {string.Join(", ", bad.Select(function => function.Function))}. {bad[0].Message}"
                : $"Edge functions health check failed: {string.Join(", ", bad.Select(function => function.Function))}. {bad[0].Message}",
            Findings = [.. bad.Select(ToFinding)],
            Metrics =
            [
                Failed(factory, tested, bad),
                .. tested.Select(function => factory.Create("function_response_time", function.TotalTime?.TotalMilliseconds, function.Message, MetricUnit.Milliseconds) with
                {
                    Labels = new Dictionary<string, string> { ["function"] = function.Function },
                }),
            ],
            Error = bad.FirstOrDefault()?.Error,
            Recommendation = bad.FirstOrDefault()?.Recommendation,
        };
    }

    // Those of which nobody knows may have failed as well.
    private static Metric Failed(MetricFactory factory, IReadOnlyList<EdgeFunctionHealth> tested, List<EdgeFunctionHealth> bad)
    {
        var failed = bad.Where(function => function.Status == HealthStatus.Critical).ToList();
        var unknown = bad.Where(function => function.Status == HealthStatus.Unknown).ToList();
        var metric = factory.Create("failed_functions_count", unknown.Count > 0 ? null : failed.Count, $"Nobody knows how {string.Join(", ", unknown.Select(function => function.Function))} are.") with
        {
            Details = failed.Count > 0 ? $"Failed: {string.Join(", ", failed.Select(function => function.Function))}. {failed[0].Message} {failed[0].Recommendation}".TrimEnd() : null,
        };
        return unknown.Count == 0 ? metric : metric with { AtLeast = failed.Count, AtMost = failed.Count + unknown.Count };
    }

    private static double Score(EdgeFunctionHealth function) => function.Status switch
    {
        HealthStatus.Ok => 100,
        HealthStatus.Warning => 75,
        _ => 0,
    };

    private static Finding ToFinding(EdgeFunctionHealth function) => new()
    {
        Id = function.Status == HealthStatus.Unknown ? "FUNCTION-NOT-MEASURED" : function.Error is not null ? "FUNCTION-UNHEALTHY" : FunctionHealthEvaluator.EndsSoon(function) ? "FUNCTION-CERTIFICATE" : "FUNCTION-SLOW",
        Area = HealthComponents.Functions,
        Severity = function.Status == HealthStatus.Critical ? FindingSeverity.High : FindingSeverity.Medium,
        Outcome = function.Status == HealthStatus.Unknown ? FindingOutcome.Unknown : FindingOutcome.Fail,
        Subject = function.Function,
        Message = function.Message,
        Recommendation = function.Recommendation,
        Evidence = new Dictionary<string, object?> { ["StatusCode"] = function.StatusCode, ["Error"] = function.Error?.ToString(), ["Reported"] = function.ReportedStatus },
        Target = function.Target,
        CollectedAt = function.CollectedAt,
    };
}
