using System.Globalization;
using Maintenance.Engine.Health;

namespace Maintenance.Engine.Analytics;

/// <summary>Collects the metrics of one measurement and makes findings of what crosses its limits. Pure.</summary>
internal sealed class Judgement
{
    private readonly List<Metric> _metrics = [];
    private readonly List<Finding> _findings = [];
    private readonly MetricFactory _factory;
    private readonly string _area;

    public Judgement(MaintenanceTarget target, string area, MeasurementSource source, string sourceReason, DateTimeOffset now)
    {
        Target = target;
        Source = source;
        SourceReason = sourceReason;
        Now = now;
        _area = area;
        _factory = new MetricFactory(target, now);
    }

    public MaintenanceTarget Target { get; }

    public MeasurementSource Source { get; }

    public string SourceReason { get; }

    public DateTimeOffset Now { get; }

    public IReadOnlyList<Metric> Metrics => _metrics;

    /// <summary>The findings, worst first.</summary>
    public IReadOnlyList<Finding> Findings =>
        [.. _findings.OrderByDescending(finding => finding.Status).ThenByDescending(finding => finding.Severity)];

    /// <summary>The worst of all metrics and findings; Unknown where nothing was measured.</summary>
    public HealthStatus Status => _metrics.Select(metric => metric.Status).Concat(_findings.Select(finding => finding.Status)).DefaultIfEmpty(HealthStatus.Unknown).Max();

    /// <summary>A metric, and a finding if it crosses its limits.</summary>
    public void Measure(string name, double? value, string? reason = null, MetricUnit unit = MetricUnit.None)
    {
        var metric = _factory.Create(name, value, reason, unit);
        _metrics.Add(metric);
        if (metric.Status is HealthStatus.Warning or HealthStatus.Critical && Crossings.TryGetValue(metric.Name, out var crossing))
        {
            Find(
                crossing.Id,
                metric.Status == HealthStatus.Critical ? FindingSeverity.Critical : FindingSeverity.Medium,
                string.Format(CultureInfo.InvariantCulture, crossing.Message, metric.Value),
                crossing.Recommendation,
                (metric.Name, metric.Value),
                ("Source", Source.ToString()));
        }
    }

    /// <summary>Something worth attention.</summary>
    public void Find(string id, FindingSeverity severity, string message, string? recommendation, params (string Key, object? Value)[] evidence) =>
        _findings.Add(New(id, severity, FindingOutcome.Fail, message, recommendation, evidence));

    /// <summary>Something that could not be measured, and what to do about it.</summary>
    public void Miss(string subject, MaintenanceErrorCode code, string message, string? recommendation) => _findings.Add(New(
        code switch
        {
            MaintenanceErrorCode.PermissionDenied => $"{_area.ToUpperInvariant()}-NOT-PERMITTED",
            MaintenanceErrorCode.InsufficientHistory => $"{_area.ToUpperInvariant()}-HISTORY-SHORT",
            _ => $"{_area.ToUpperInvariant()}-NOT-MEASURED",
        },
        FindingSeverity.Medium,
        code == MaintenanceErrorCode.PermissionDenied ? FindingOutcome.NotPermitted : FindingOutcome.Unknown,
        message,
        recommendation,
        [("Error", code.ToString())]) with { Subject = subject });

    /// <summary>Something that could not be measured, because of an error.</summary>
    public void Miss(string subject, MaintenanceException exception) => Miss(subject, exception.Code, exception.Message, exception.Recommendation);

    private Finding New(
        string id, FindingSeverity severity, FindingOutcome outcome, string message, string? recommendation, (string Key, object? Value)[] evidence) => new()
        {
            Id = id,
            Area = _area,
            Severity = severity,
            Outcome = outcome,
            Message = message,
            Recommendation = recommendation,
            Evidence = evidence.ToDictionary(pair => pair.Key, pair => pair.Value),
            Target = Target.Name,
            CollectedAt = Now,
        };

    private static readonly Dictionary<string, (string Id, string Message, string Recommendation)> Crossings = new()
    {
        ["error_rate"] = ("ERROR-RATE-HIGH", "{0:0.##} % of the requests failed.", "See TopErrors for what fails, and where."),
        ["critical_errors_count"] = ("ERRORS-CRITICAL", "{0:0} critical errors were logged.", "See TopErrors for what fails, and where."),
        ["storage_usage_percent"] = ("STORAGE-HIGH", "{0:0.#} % of the storage is in use.", "Delete or archive what is no longer needed, or get more storage and raise analytics.storageLimit."),
        ["bandwidth_usage_percent"] = ("BANDWIDTH-HIGH", "{0:0.#} % of the bandwidth is in use.", "Look for clients that fetch too much, or get a larger plan."),
        ["gdpr_compliance_score"] = ("COMPLIANCE-LOW", "The compliance score is {0:0.#} of 100.", "See Issues for what is wrong, and ActionItems for what to do."),
        ["avg_response_time"] = ("RESPONSE-TIME-HIGH", "Requests take {0:0} ms on average.", "See Operations for what is slow."),
        ["avg_query_time"] = ("DB-QUERY-TIME-HIGH", "The mean query time is {0:0} ms.", "Find the statements that take the time in pg_stat_statements, by total_exec_time, and tune them."),
        ["slow_queries_count"] = ("DB-SLOW-QUERIES", "{0:0} statements take more than a second on average.", "Look at them in pg_stat_statements, by mean_exec_time."),
        ["connection_pool_usage"] = ("DB-CONNECTIONS-HIGH", "{0:0} % of the connections are in use.", "Look for idle sessions, use a pooler, or raise max_connections."),
    };
}
