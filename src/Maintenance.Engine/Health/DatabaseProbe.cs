using System.Globalization;

namespace Maintenance.Engine.Health;

/// <summary>The database as a part of the system (guide D2).</summary>
internal sealed class DatabaseProbe(HealthService health) : IHealthProbe
{
    public string Component => HealthComponents.Database;

    public string Describe(MaintenanceTarget target) =>
        target.Database is { } database ? $"Read statistics views of {database}" : "Nothing: no database is configured";

    public async Task<ProbeResult> ProbeAsync(MaintenanceTarget target, CallContext call, CancellationToken cancellationToken)
    {
        var database = await health.GetDbHealthAsync(target, call, cancellationToken);
        return new ProbeResult
        {
            Status = database.Status,
            Score = HealthScore.OfFindings(database.Findings),
            Coverage = (double)database.Metrics.Count(metric => metric.Value is not null) / database.Metrics.Count,
            Message = Summarise(database),
            Findings = database.Findings,
            Metrics = database.Metrics,
        };
    }

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
