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

    /// <summary>Key of the evidence of an alert about a part of the system, or its score: everything that makes it fire, as issues are told apart.</summary>
    public const string Causes = "Causes";

    /// <summary>Name of the metric that is the score of the whole system.</summary>
    public const string WholeScore = "overall_health_percent";

    private const string Storage = "storage";

    private static readonly Dictionary<string, string> OfMetrics = new(StringComparer.OrdinalIgnoreCase)
    {
        ["error_rate"] = IssueCatalogue.ErrorRate.Id,
        ["avg_response_time"] = IssueCatalogue.SlowResponses.Id,
        ["connection_pool_usage"] = IssueCatalogue.Connections.Id,
        ["gdpr_compliance_score"] = IssueCatalogue.Compliance.Id,
        ["storage_usage_percent"] = Storage,
    };

    /// <summary>Findings of the system's health that are the very thing an issue is about. All others are explained by no issue.</summary>
    private static readonly Dictionary<string, string> OfHealthFindings = new(StringComparer.Ordinal)
    {
        ["DATABASE-UNREACHABLE"] = IssueCatalogue.DatabaseDown.Id,
        ["ERROR-RATE-HIGH"] = IssueCatalogue.ErrorRate.Id,
        ["DB-CONNECTIONS-HIGH"] = IssueCatalogue.Connections.Id,
        ["DB-CONNECTIONS-CRITICAL"] = IssueCatalogue.Connections.Id,
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
        // The database, the rate, the time and the score are each one thing, whatever is named beside them.
        _ when finding.Id == IssueCatalogue.DatabaseDown.Id || finding.Id == IssueCatalogue.ErrorRate.Id || finding.Id == IssueCatalogue.SlowResponses.Id || finding.Id == IssueCatalogue.Compliance.Id => finding.Id,
        _ when finding.Id == IssueCatalogue.Connections.Id && finding.Subject is null => finding.Id,
        _ => finding.Fingerprint,
    };

    /// <summary>Whether it is an alert that fires.</summary>
    public static bool IsAlert(Finding finding) => finding.Id == IssueCatalogue.AlertFiring.Id && finding.Outcome == FindingOutcome.Fail;

    /// <summary>Which issue a finding of the system's health tells of; its own id, which no issue has, where it is none.</summary>
    public static string OfHealth(Finding finding) => finding.Area == HealthComponents.Compliance
        ? IssueCatalogue.Compliance.Id
        : OfHealthFindings.GetValueOrDefault(finding.Id, finding.Id);

    /// <summary>
    /// The issue that an alert about a part of the system, or the score of the whole, only says again: each thing that makes it fire is an issue by
    /// itself, which matters as much at least. Null where one is not: then the alert is all that tells of it.
    /// </summary>
    public static Finding? Explaining(Finding alert, IEnumerable<Finding> others)
    {
        if (!IsAlert(alert) || alert.Evidence.GetValueOrDefault(Causes) is not IEnumerable<string> causes)
        {
            return null;
        }

        var issues = others.Where(finding => finding.Outcome == FindingOutcome.Fail && !IsAlert(finding) && finding.Severity >= alert.Severity).ToLookup(Of);
        var explaining = causes.Select(cause => issues[cause].MaxBy(finding => finding.Severity)).ToList();
        return explaining.Contains(null) ? null : explaining.MaxBy(finding => finding!.Severity);
    }

    /// <summary>Whether an alert is about the score of the whole system.</summary>
    public static bool IsOfWhole(Finding alert) => IsAlert(alert) && Text(alert, "Metric") is { } metric && Canonical(metric) == WholeScore;

    /// <summary>
    /// Findings without those that only say again what another says, which names the alerts. Those with a remedy of their own stay, and so do those that
    /// matter more than the other: whoever leaves out what matters less must not lose them.
    /// </summary>
    public static IReadOnlyList<Finding> Folded(IReadOnlyList<Finding> findings)
    {
        var alerts = new Dictionary<Finding, List<string>>(ReferenceEqualityComparer.Instance);
        var folded = new HashSet<Finding>(ReferenceEqualityComparer.Instance);
        foreach (var incident in findings.Where(finding => finding.Outcome == FindingOutcome.Fail).GroupBy(Of))
        {
            var told = new List<Finding>();
            foreach (var part in incident.OrderBy(Rank).ThenByDescending(finding => finding.Severity))
            {
                if (Rank(part) > 0 && part.Remedy is null && told.Find(other => other.Severity >= part.Severity) is { } same)
                {
                    Fold(part, same);
                }
                else
                {
                    told.Add(part);
                }
            }
        }

        var left = findings.Where(finding => finding.Outcome == FindingOutcome.Fail && !folded.Contains(finding)).ToList();
        foreach (var alert in left.Where(finding => finding.Remedy is null))
        {
            if (Explaining(alert, left) is { } issue)
            {
                Fold(alert, issue);
            }
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
