using System.Globalization;
using Maintenance.Engine.Database;
using Maintenance.Engine.Functions;

namespace Maintenance.Engine.Health;

/// <summary>
/// The database as a part of the system (guide D2): measured first-hand, with what the database-scalability function says of it
/// beside. Without a database of its own in the configuration, the function's word is all there is.
/// </summary>
internal sealed class DatabaseProbe(HealthService health, FunctionService functions, TimeProvider time) : IHealthProbe
{
    public string Component => HealthComponents.Database;

    public string Describe(MaintenanceTarget target) => (target.Database, AsksFunction(target)) switch
    {
        ({ } database, false) => $"Read statistics views of {database}",
        ({ } database, true) => $"Read statistics views of {database}, and ask {FunctionCatalogue.DatabaseScalability} for its analysis",
        (null, true) => $"Ask {FunctionCatalogue.DatabaseScalability} for its analysis: no database is configured",
        _ => "Nothing: no database is configured",
    };

    public async Task<ProbeResult> ProbeAsync(MaintenanceTarget target, CallContext call, CancellationToken cancellationToken)
    {
        var asking = AskFunctionAsync(target, call, cancellationToken);
        if (target.Database is null && AsksFunction(target))
        {
            var (answer, error) = await asking;
            return answer is null ? throw error! : OfFunction(target, answer);
        }

        ProbeResult measured;
        try
        {
            measured = OfDatabase(await health.GetDbHealthAsync(target, call, cancellationToken));
        }
        catch (MaintenanceException exception)
        {
            // Hearsay does not stand in for a measurement that failed, but it is all there is to go by.
            measured = PostgresErrors.IsDown(exception)
                ? ProbeResult.Down(target, Component, exception, time.GetUtcNow())
                : ProbeResult.NotMeasured(target, Component, exception, time.GetUtcNow());
        }

        // A function that hangs, perhaps for the very same reason, must not take the time in which it is told that the database is down.
        if (IsDown(measured) && !asking.IsCompleted)
        {
            _ = asking.ContinueWith(done => _ = done.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
            return measured;
        }

        return await asking switch
        {
            ({ } answer, _) => Beside(measured, OfFunction(target, answer)),
            // The figures were measured first-hand; that the function failed is for the functions' own part to say.
            (null, { } error) => measured with { Message = $"{measured.Message} {FunctionCatalogue.DatabaseScalability} gave no analysis ({error.Code})." },
            _ => measured,
        };
    }

    private static bool IsDown(ProbeResult measured) => measured is { Status: HealthStatus.Critical, Error: not null };

    private static bool AsksFunction(MaintenanceTarget target) => FunctionOpinion.IsAsked(target);

    private async Task<(PerformanceAnalysisResult? Answer, MaintenanceException? Error)> AskFunctionAsync(
        MaintenanceTarget target, CallContext call, CancellationToken cancellationToken)
    {
        if (!AsksFunction(target))
        {
            return (null, null);
        }

        try
        {
            var arguments = new Dictionary<string, object?> { ["time_window"] = "24h" };
            return (await functions.CallAsync(target, FunctionCatalogue.PerformanceAnalysis, arguments, call, cancellationToken), null);
        }
        catch (MaintenanceException exception)
        {
            return (null, exception);
        }
    }

    private static ProbeResult OfDatabase(DbHealth database) => new()
    {
        Status = database.Status,
        Score = HealthScore.OfFindings(database.Findings),
        Coverage = (double)database.Metrics.Count(metric => metric.Value is not null) / database.Metrics.Count,
        Message = Summarise(database),
        Findings = database.Findings,
        Metrics = database.Metrics,
        Details = Details(database),
        Recommendation = database.Findings.Select(finding => finding.Recommendation).OfType<string>().FirstOrDefault(),
    };

    // All that is as bad as the whole, each with its step; of the rest, that there is more.
    private static string? Details(DbHealth database)
    {
        var worst = database.Findings.Where(finding => finding.Status == database.Status).ToList();
        var others = database.Findings.Count - worst.Count;
        return worst.Count == 0 ? null : string.Join(' ',
        [
            .. worst.Select(finding => finding.Recommendation is { } advice ? $"{finding.Message} {advice}" : finding.Message),
            .. others > 0 ? [$"Less urgent: {others} more (Get-DbHealth)."] : Array.Empty<string>(),
        ]);
    }

    private ProbeResult OfFunction(MaintenanceTarget target, PerformanceAnalysisResult answer)
    {
        var now = time.GetUtcNow();
        var factory = new MetricFactory(target, now);
        var source = new Dictionary<string, string> { ["source"] = FunctionCatalogue.DatabaseScalability };
        Metric[] metrics =
        [
            factory.Create("avg_query_time", answer.AvgQueryTime) with { Labels = source },
            factory.Create("slow_queries_count", answer.SlowQueriesCount) with { Labels = source },
            factory.Create("connection_pool_usage", answer.ConnectionPoolUsage) with { Labels = source },
        ];
        var status = metrics.Max(metric => metric.Status);
        var figures = string.Create(
            CultureInfo.InvariantCulture,
            $"{FunctionCatalogue.DatabaseScalability} reports mean query {answer.AvgQueryTime:0.0} ms, connections {answer.ConnectionPoolUsage:0} %, slow statements {answer.SlowQueriesCount}");
        Finding[] findings = status == HealthStatus.Ok ? [] :
        [
            new Finding
            {
                Id = "FUNCTION-DB-PERFORMANCE",
                Area = HealthComponents.Database,
                Severity = status == HealthStatus.Critical ? FindingSeverity.High : FindingSeverity.Medium,
                Subject = FunctionCatalogue.DatabaseScalability,
                Message = $"{figures}, over the last 24 hours.",
                Recommendation = answer.Recommendations.Count > 0
                    ? string.Join(" ", answer.Recommendations.Take(5))
                    : "Look for slow statements and idle sessions: Get-DbHealth.",
                Evidence = metrics.ToDictionary(metric => metric.Name, metric => (object?)metric.Value),
                Target = target.Name,
                CollectedAt = now,
            },
        ];
        return new ProbeResult
        {
            Status = status,
            Score = HealthScore.OfFindings(findings),
            Message = $"{figures}.",
            Findings = findings,
            Metrics = metrics,
        };
    }

    private static ProbeResult Beside(ProbeResult measured, ProbeResult told) => measured with
    {
        Status = measured.Status > told.Status ? measured.Status : told.Status,
        Message = told.Status > measured.Status ? $"{told.Message} {measured.Message}"
            : measured.Error is null ? measured.Message
            : $"{measured.Message} {told.Message}",
        Findings = [.. measured.Findings, .. told.Findings],
        // One name, one series: what was measured, or for want of that what was told.
        Metrics = measured.Error is null ? measured.Metrics : told.Metrics,
        // The same trouble seen twice does not count twice, and without a measurement there is no score.
        Score = measured.Score is { } own ? Math.Min(own, told.Score ?? own) : null,
    };

    private static string Summarise(DbHealth database)
    {
        var figures = string.Create(
            CultureInfo.InvariantCulture,
            $"mean query {Text(database.AverageQueryTime?.TotalMilliseconds, "0.0", "ms")}, connections {Text(database.ConnectionUsagePercent, "0", "%")}, slow statements {Text(database.SlowQueryCount, "0", "").TrimEnd()}");
        return database.Findings.Count == 0
            ? $"Healthy: {figures}."
            : $"{database.Findings[0].Message}{(database.Findings.Count > 1 ? $" And {database.Findings.Count - 1} more." : "")} ({figures})";
    }

    private static string Text(double? value, string format, string unit) =>
        value is { } number ? $"{number.ToString(format, CultureInfo.InvariantCulture)} {unit}" : "unknown";
}
