using Maintenance.Engine.Analytics;
using Maintenance.Engine.Inspect;
using Maintenance.Engine.Resilience;

namespace Maintenance.Engine.Health;

/// <summary>
/// Response time and error rate of the last minutes (guide T1, T2): what rules are about. In a day an error spike of minutes is nothing. Where
/// there were too few requests to tell, one looks further back.
/// </summary>
internal static class RecentRequests
{
    /// <summary>Of fewer requests than these one that fails says nothing. Our judgement: of 20 requests two that fail are 10 %.</summary>
    private const int Enough = 20;

    private static readonly TimeSpan[] Windows = [TimeSpan.FromMinutes(15), TimeSpan.FromHours(1), TimeSpan.FromDays(1)];

    /// <summary>Measures; what cannot be measured is a metric without a value.</summary>
    public static async Task<IReadOnlyList<Metric>> MeasureAsync(AnalyticsService analytics, MaintenanceTarget target, CallContext call, Deadline deadline, TimeProvider time)
    {
        if (target.ExcludedComponents.Contains(HealthComponents.Errors, StringComparer.OrdinalIgnoreCase))
        {
            return [];
        }

        try
        {
            return await deadline.RunAsync("Looking at the last requests", async token =>
            {
                PerformanceMeasurement? measured = null;
                foreach (var window in Windows)
                {
                    measured = await analytics.GetRequestsAsync(target, window, call with { Timeout = deadline.Remaining }, token);
                    if (measured.RequestsPerSecond * window.TotalSeconds >= Enough)
                    {
                        break;
                    }
                }

                return Metrics(target, time.GetUtcNow(), measured!);
            });
        }
        catch (MaintenanceException exception)
        {
            var factory = new MetricFactory(target, time.GetUtcNow());
            return [Unknown("avg_response_time"), Unknown("error_rate")];

            Metric Unknown(string name) => factory.Create(name, null, exception.Message) with { ExplainedBy = HealthComponents.Behind(exception.Code) };
        }
    }

    /// <summary>Puts them in the place of those of a whole day. Where the day is all that is known, that stays.</summary>
    public static IReadOnlyList<Metric> In(IReadOnlyList<Metric> metrics, IReadOnlyList<Metric> recent, bool isDatabaseDown = false)
    {
        // Whoever waited for a database that is down has no reason of its own.
        recent = isDatabaseDown ? [.. recent.Select(metric => metric.Value is null ? metric with { ExplainedBy = HealthComponents.Database } : metric)] : recent;
        var known = recent.Where(metric => metric.Value is not null || metrics.All(other => other.Name != metric.Name)).ToList();
        return
        [
            .. metrics.Where(metric => known.All(other => other.Name != metric.Name)).Select(metric => recent.Any(other => other.Name == metric.Name) ? metric with { Window = Windows[^1] } : metric),
            .. known,
        ];
    }

    private static Metric[] Metrics(MaintenanceTarget target, DateTimeOffset now, PerformanceMeasurement measured)
    {
        var factory = new MetricFactory(target, now);
        var reason = $"No request was logged in the last {Say.Duration(measured.Window)}.";
        return
        [
            factory.Create("avg_response_time", measured.AverageResponseTime?.TotalMilliseconds, reason) with { Window = measured.Window },
            factory.Create("error_rate", measured.ErrorRatePercent, reason) with { Window = measured.Window },
        ];
    }
}
