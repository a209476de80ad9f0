using Maintenance.Engine.Alerts;
using Maintenance.Engine.Health;
using Maintenance.Engine.Thresholds;

namespace Maintenance.Engine.Repair.Issues;

/// <summary>
/// What findings are about, so that one incident counts once however many tell of it: an alert about the rate of errors, and a forecast of the connections
/// that the flood has just used up, are no issues beside the errors and the flood. Pure.
/// </summary>
internal static class IssueCauses
{
    /// <summary>Key of the evidence that names the alerts of an issue.</summary>
    public const string Alerts = "Alerts";

    /// <summary>Key of the evidence that names the parts of the system that make its score low.</summary>
    public const string Parts = "Parts";

    private const string WholeScore = "overall_health_percent";

    private const string Storage = "storage";

    private static readonly Dictionary<string, string> OfMetrics = new(StringComparer.OrdinalIgnoreCase)
    {
        ["error_rate"] = IssueCatalogue.ErrorRate.Id,
        ["avg_response_time"] = IssueCatalogue.SlowResponses.Id,
        ["connection_pool_usage"] = IssueCatalogue.Connections.Id,
        ["gdpr_compliance_score"] = IssueCatalogue.Compliance.Id,
        ["storage_usage_percent"] = Storage,
    };

    /// <summary>The areas of issues that explain why a part of the system is not well.</summary>
    private static readonly Dictionary<string, string[]> Explaining = new(StringComparer.OrdinalIgnoreCase)
    {
        [HealthComponents.Database] = ["Connections", "Sessions", "Performance", "Wraparound", "Replication", "Indexes", "Vacuum", "Capacity"],
        [HealthComponents.Errors] = ["Errors"],
        [HealthComponents.Compliance] = ["Compliance"],
        [HealthComponents.Resources] = ["Capacity"],
    };

    /// <summary>What makes two findings the same incident.</summary>
    public static string Of(Finding finding) => finding.Id switch
    {
        _ when finding.Id == IssueCatalogue.AlertFiring.Id && Text(finding, "Metric") is { } metric => OfMetrics.GetValueOrDefault(Canonical(metric)) ?? $"{Canonical(metric)} {Text(finding, "Series")}",
        _ when finding.Id == IssueCatalogue.Capacity.Id && Text(finding, "Resource") is { } resource => resource switch
        {
            nameof(CapacityResource.Connections) => IssueCatalogue.Connections.Id,
            nameof(CapacityResource.Storage) => Storage,
            _ => finding.Fingerprint,
        },
        // The rate, the time and the score are each one thing, whatever is named beside them.
        _ when finding.Id == IssueCatalogue.ErrorRate.Id || finding.Id == IssueCatalogue.SlowResponses.Id || finding.Id == IssueCatalogue.Compliance.Id => finding.Id,
        _ when finding.Id == IssueCatalogue.Connections.Id && finding.Subject is null => finding.Id,
        _ => finding.Fingerprint,
    };

    /// <summary>Whether it is an alert that fires.</summary>
    public static bool IsAlert(Finding finding) => finding.Id == IssueCatalogue.AlertFiring.Id && finding.Outcome == FindingOutcome.Fail;

    /// <summary>Whether it is about a part of the system, or the score of the whole, and each part that is not well is explained by other findings.</summary>
    public static bool IsExplained(Finding alert, IEnumerable<Finding> others)
    {
        var areas = others.Where(finding => finding.Outcome == FindingOutcome.Fail && !IsAlert(finding)).Select(finding => finding.Area).ToHashSet(StringComparer.Ordinal);
        return IsAlert(alert) && PartsOf(alert) is { Count: > 0 } parts && parts.TrueForAll(part => Explaining.GetValueOrDefault(part)?.Any(areas.Contains) == true);
    }

    // The score is made of all parts; a part's own status is of that one.
    private static List<string> PartsOf(Finding alert) => Text(alert, "Metric") is not { } metric ? []
        : Canonical(metric) == WholeScore ? [.. alert.Evidence.GetValueOrDefault(Parts) as IEnumerable<string> ?? []]
        : Canonical(metric) == HealthComponents.StatusMetric && Text(alert, "Series") is { } series ? [.. Explaining.Keys.Where(part => series.Equals(AlertSeries.Of(new Dictionary<string, string> { [HealthComponents.Label] = part }), StringComparison.OrdinalIgnoreCase))]
        : [];

    /// <summary>Findings without those that only say again what another says: that one names the alerts. Those with a remedy of their own stay.</summary>
    public static IReadOnlyList<Finding> Folded(IReadOnlyList<Finding> findings)
    {
        var alerts = new Dictionary<Finding, List<string>>(ReferenceEqualityComparer.Instance);
        var folded = new HashSet<Finding>(ReferenceEqualityComparer.Instance);
        foreach (var incident in findings.Where(finding => finding.Outcome == FindingOutcome.Fail).GroupBy(Of))
        {
            var parts = incident.OrderBy(Rank).ThenByDescending(finding => finding.Severity).ToList();
            foreach (var other in parts.Skip(1).Where(finding => Rank(finding) > 0 && finding.Remedy is null))
            {
                Fold(other, parts[0]);
            }
        }

        var left = findings.Where(finding => finding.Outcome == FindingOutcome.Fail && !folded.Contains(finding)).ToList();
        foreach (var whole in left.Where(finding => finding.Remedy is null && IsExplained(finding, left)))
        {
            Fold(whole, left.Where(finding => !IsAlert(finding)).MaxBy(finding => finding.Severity)!);
        }

        return [.. findings.Where(finding => !folded.Contains(finding)).Select(finding => alerts.TryGetValue(finding, out var names) ? Naming(finding, names) : finding)];

        void Fold(Finding other, Finding into)
        {
            folded.Add(other);
            if (IsAlert(other))
            {
                (alerts.TryGetValue(into, out var names) ? names : alerts[into] = []).Add(other.Subject ?? "");
            }
        }
    }

    private static Finding Naming(Finding finding, List<string> alerts) => finding with
    {
        Message = $"{finding.Message} {(alerts.Count == 1 ? "Alert" : "Alerts")}{(IsAlert(finding) ? " of the same" : "")}: {string.Join(", ", alerts)}.",
        Evidence = new Dictionary<string, object?>(finding.Evidence) { [Alerts] = alerts.ToArray() },
    };

    // What measured the thing itself speaks for all.
    private static int Rank(Finding finding) => IsAlert(finding) ? 1 : finding.Id == IssueCatalogue.Capacity.Id && Of(finding) == IssueCatalogue.Connections.Id ? 2 : 0;

    private static string Canonical(string metric) => ThresholdCatalogue.Find(metric)?.Metric ?? metric;

    private static string? Text(Finding finding, string key) => finding.Evidence.GetValueOrDefault(key)?.ToString();
}
