using System.Globalization;
using Maintenance.Engine.Analytics;
using Maintenance.Engine.Functions;
using Maintenance.Engine.Resilience;

namespace Maintenance.Engine.Health;

/// <summary>What the production-monitoring function thinks of the system as a whole (guide D1), beside our own score.</summary>
/// <param name="Score">Its score, 0 to 100; null if it could not be asked.</param>
/// <param name="Issues">What it complains of.</param>
/// <param name="Error">What kept it from answering.</param>
/// <param name="StartedAt">When it was asked.</param>
/// <param name="Duration">How long it took.</param>
internal sealed record FunctionOpinion(
    double? Score, IReadOnlyList<string> Issues, MaintenanceException? Error, DateTimeOffset StartedAt, TimeSpan Duration)
{
    /// <summary>Further apart than this, one of the two does not see what the other does. Our judgement.</summary>
    public const double Tolerance = 10;

    /// <summary>Asks for it; null where there is nobody to ask.</summary>
    public static async Task<FunctionOpinion?> AskAsync(
        FunctionService functions, MaintenanceTarget target, CallContext call, Deadline deadline, TimeProvider time)
    {
        if (!IsAsked(target))
        {
            return null;
        }

        var startedAt = time.GetUtcNow();
        var started = time.GetTimestamp();
        try
        {
            var answer = await deadline.RunAsync("Asking the functions for their own score", token => functions.CallAsync(
                target, FunctionCatalogue.ComprehensiveHealthCheck, new Dictionary<string, object?>(), call with { Timeout = deadline.Remaining }, token));
            return new FunctionOpinion(answer.OverallHealthPercent, answer.Issues, null, startedAt, time.GetElapsedTime(started));
        }
        catch (MaintenanceException exception)
        {
            return new FunctionOpinion(null, [], exception, startedAt, time.GetElapsedTime(started));
        }
    }

    /// <summary>Whether there is somebody to ask.</summary>
    public static bool IsAsked(MaintenanceTarget target) =>
        target.Functions is not null && !target.ExcludedComponents.Contains(HealthComponents.Functions, StringComparer.OrdinalIgnoreCase);

    /// <summary>What of it is worth attention.</summary>
    /// <param name="target">The target.</param>
    /// <param name="ours">Our own score.</param>
    /// <param name="now">The time.</param>
    public IEnumerable<Finding> Findings(MaintenanceTarget target, double? ours, DateTimeOffset now)
    {
        Finding Finding(string id, FindingSeverity severity, string message, string? recommendation) => new()
        {
            Id = id,
            Area = HealthComponents.Functions,
            Severity = severity,
            Outcome = Error is null ? FindingOutcome.Fail : FindingOutcome.Unknown,
            Subject = FunctionCatalogue.ProductionMonitoring,
            Message = message,
            Recommendation = recommendation,
            Evidence = new Dictionary<string, object?> { ["FunctionScore"] = Score, ["OurScore"] = ours, ["Error"] = Error?.Code.ToString() },
            Target = target.Name,
            CollectedAt = now,
        };

        if (Score is not { } theirs)
        {
            yield return Finding("FUNCTION-SCORE-NOT-MEASURED", FindingSeverity.Medium, $"The functions' own health score is not known. {Error!.Message}", Error.Recommendation);
            yield break;
        }

        var metric = Metric(target, now);
        if (metric.Status != HealthStatus.Ok)
        {
            var issues = Issues.Count == 0 ? "it names no issue" : IssueText.Join(Issues);
            yield return Finding(
                "FUNCTION-HEALTH-LOW",
                metric.Status == HealthStatus.Critical ? FindingSeverity.High : FindingSeverity.Medium,
                string.Create(CultureInfo.InvariantCulture, $"The functions' own health score is {theirs:0.#} of 100: {issues}."),
                "See what production-monitoring counts: Invoke-EdgeFunction production-monitoring comprehensive_health_check.");
        }

        if (ours is { } own && Math.Abs(own - theirs) > Tolerance)
        {
            yield return Finding(
                "HEALTH-SCORES-DISAGREE",
                FindingSeverity.Low,
                string.Create(CultureInfo.InvariantCulture, $"The functions score the system {theirs:0.#}, our own measurements {own:0.#}: one of the two does not see what the other does."),
                "Compare the findings with the function's issues; trust what was measured.");
        }
    }

    /// <summary>Its score as a metric, under a name of its own: a series of ours must not mix with it.</summary>
    public Metric Metric(MaintenanceTarget target, DateTimeOffset now) =>
        new MetricFactory(target, now).Create("function_health_percent", Score, Error?.Message);
}
