using System.Globalization;

namespace Maintenance.Engine.Reporting;

/// <summary>Makes reports of what this module's cmdlets give. Pure.</summary>
internal static class ReportBuilder
{
    private static readonly string[] FindingColumns = ["Verdict", "Id", "Subject", "Message", "To do"];
    private static readonly string[] MetricColumns = ["Metric", "Value", "Unit", "Status", "About", "Why unknown"];

    /// <summary>A report of a run.</summary>
    public static Report Of(MaintenanceRun run) => new(
        $"{run.Task} maintenance of {run.Target}",
        run.Status,
        [
            run.Message,
            string.Create(CultureInfo.InvariantCulture, $"Began {run.StartedAt.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC, took {run.Duration.TotalSeconds:0.0} s, exit code {run.ExitCode}, run {run.Id:D}."),
        ],
        [
            new ReportSection(
                "Steps",
                ["Status", "Step", "State", "Seconds", "Message"],
                [.. run.Steps.Select(step => new[] { step.Status.ToString(), step.Name, step.State.ToString(), step.Duration.TotalSeconds.ToString("0.00", CultureInfo.InvariantCulture), step.Message })],
                "No step ran."),
            .. run.Actions.Count > 0 ? new[] { Actions(run.Actions) } : [],
            Findings(run.Findings),
            Metrics(run.Metrics),
            new ReportSection(
                "Files",
                ["Kind", "Path", "Bytes"],
                [.. run.Artifacts.Select(artifact => new[] { artifact.Kind, artifact.Path, artifact.SizeBytes.ToString(CultureInfo.InvariantCulture) })],
                "The run made no files."),
        ]);

    /// <summary>A report of a system's health.</summary>
    public static Report Of(SystemHealth health) => new(
        $"Health of {health.Target}",
        health.Status,
        [
            string.Create(CultureInfo.InvariantCulture, $"Score {Number(health.Score)} over {health.CoveragePercent:0.#} % of the system; the functions' own score is {Number(health.FunctionScore)}."),
            string.Create(CultureInfo.InvariantCulture, $"Measured {health.CollectedAt.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC."),
        ],
        [
            new ReportSection(
                "Parts",
                ["Status", "Part", "Score", "Covered %", "Message"],
                [.. health.Components.Select(part => new[] { part.Status.ToString(), part.Name, Number(part.Score), Number(part.CoveragePercent), part.Message })],
                "No part is watched."),
            Findings(health.Findings),
            Metrics(health.Metrics),
        ]);

    /// <summary>A report of findings.</summary>
    public static Report Of(IReadOnlyList<Finding> findings) => new(
        $"Findings{(findings.Select(finding => finding.Target).Distinct().ToList() is [{ } target] ? $" of {target}" : "")}",
        findings.Select(finding => finding.Status).DefaultIfEmpty(HealthStatus.Unknown).Max(),
        [string.Create(CultureInfo.InvariantCulture, $"{findings.Count} findings.")],
        [Findings(findings)])
    {
        Findings = findings,
    };

    private static ReportSection Actions(IReadOnlyList<DbAction> actions) => new(
        "Actions",
        ["State", "Action", "Object", "Bytes before", "Bytes after", "Seconds", "Message", "SQL"],
        [
            .. actions.Select(action => new[]
            {
                action.State.ToString(), action.Kind.ToString(), $"{action.Schema}.{action.Name}",
                action.SizeBytes?.ToString(CultureInfo.InvariantCulture), action.SizeBytesAfter?.ToString(CultureInfo.InvariantCulture),
                action.Duration?.TotalSeconds.ToString("0.00", CultureInfo.InvariantCulture), action.Message, action.Sql,
            }),
        ],
        "Nothing was done.");

    private static ReportSection Findings(IReadOnlyList<Finding> findings) => new(
        "Findings",
        FindingColumns,
        [.. findings.Select(finding => new[] { finding.Verdict(), finding.Id, finding.Subject, finding.Message, finding.Recommendation })],
        "Nothing was found.");

    private static ReportSection Metrics(IReadOnlyList<Metric> metrics) => new(
        "Figures",
        MetricColumns,
        [
            .. metrics.Select(metric => new[]
            {
                metric.Name, Number(metric.Value), metric.Unit.ToString(), metric.Status.ToString(),
                metric.Labels.Count == 0 ? null : string.Join(", ", metric.Labels.Select(label => $"{label.Key} {label.Value}")),
                metric.Reason,
            }),
        ],
        "Nothing was measured.");

    // What is not known is never written as a number.
    private static string Number(double? value) => value?.ToString("0.###", CultureInfo.InvariantCulture) ?? "unknown";
}
