using Maintenance.Engine.Health;
using Maintenance.Engine.Inspect;
using Maintenance.Engine.Performance.Capacity;

namespace Maintenance.Engine.Repair.Issues;

/// <summary>What runs out within the target's projection: storage, connections, keys, transaction ids.</summary>
internal sealed class CapacityProbe(CapacityService capacity) : IIssueProbe
{
    private const int MostKeys = 10;

    private static readonly IssueKind Kind = IssueCatalogue.Capacity;

    public string Name => "capacity";

    public IReadOnlyList<IssueKind> Kinds => [Kind];

    public bool AppliesTo(MaintenanceTarget target) => !IssueScope.IsExcluded(target, HealthComponents.Resources);

    public async Task<IReadOnlyList<Finding>> FindAsync(IssueContext context, CancellationToken cancellationToken) =>
        Judge(await capacity.ForecastAsync(context.Target, null, null, MostKeys, context.Call with { Timeout = context.Call.Timeout / 2 }, cancellationToken));

    /// <summary>One finding for each resource that runs out, and one for all of which nobody can tell. Pure.</summary>
    public static IReadOnlyList<Finding> Judge(IReadOnlyList<CapacityForecast> forecasts)
    {
        var findings = forecasts.Where(forecast => forecast.Status is HealthStatus.Warning or HealthStatus.Critical).Select(Of).ToList();
        // Without a limit nothing can be reached: there is nothing to know.
        var unknown = forecasts.Where(forecast => forecast is { Status: HealthStatus.Unknown, Limit: not null } or { Status: HealthStatus.Unknown, Current: null }).ToList();
        if (unknown.Count > 0)
        {
            findings.Add(Issue.NotKnown(
                Kind,
                FindingSeverity.Low,
                $"Whether these run out is not known: {string.Join(", ", unknown.Select(Label).Distinct().Take(5))}{(unknown.Count > 5 ? ", ..." : "")}. {unknown.SelectMany(forecast => forecast.Reasons).FirstOrDefault()}".TrimEnd(),
                "A forecast needs days of samples: Invoke-MaintenanceTask PerformanceMetrics, every five minutes. Get-CapacityForecast says what is missing.",
                subject: "forecasts"));
        }

        return findings.OrPassed(Kind, $"Nothing of {Say.Count(forecasts.Count, "resource runs", "resources runs")} out within {Say.Duration(forecasts.Count > 0 ? forecasts[0].Projection : TimeSpan.Zero)}.");
    }

    private static Finding Of(CapacityForecast forecast) => Issue.Found(
        Kind,
        forecast.Status == HealthStatus.Critical ? FindingSeverity.High : FindingSeverity.Medium,
        Label(forecast),
        $"{Label(forecast)}: {forecast.Message}",
        forecast.Resource switch
        {
            CapacityResource.Storage => "See what grows (Get-CapacityForecast -Resource Storage | Format-List), keep less of it (Invoke-DbRetention), or get more storage.",
            CapacityResource.Connections => "Use a pooler, or raise max_connections.",
            CapacityResource.Sequence or CapacityResource.IntegerKey => "Change the column to bigint before inserts begin to fail.",
            CapacityResource.TransactionIds => "See what keeps rows from being frozen: Get-DbWraparound.",
            _ => "See Get-CapacityForecast.",
        },
        ("Resource", forecast.Resource.ToString()),
        ("Current", forecast.Current),
        ("Limit", forecast.Limit),
        ("Unit", forecast.Unit.ToString()),
        ("UsedPercent", forecast.UsedPercent),
        ("ReachedExpected", forecast.ReachedExpected),
        ("ReachedEarliest", forecast.ReachedEarliest),
        ("Confidence", forecast.Confidence.ToString())) with
    {
        Database = forecast.Database,
    };

    private static string Label(CapacityForecast forecast) => $"{forecast.Resource} ({forecast.Subject})";
}
