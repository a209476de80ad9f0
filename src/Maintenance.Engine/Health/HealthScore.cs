namespace Maintenance.Engine.Health;

/// <summary>How findings become a part's score, and parts the system's. Pure; documented in docs/health.md.</summary>
internal static class HealthScore
{
    /// <summary>100 less a penalty for each finding that was measured; null if nothing was.</summary>
    public static double OfFindings(IEnumerable<Finding> findings) =>
        Math.Max(0, 100 - findings.Where(finding => finding.Outcome == FindingOutcome.Fail).Sum(finding => Penalty(finding.Severity)));

    /// <summary>
    /// Puts the parts together: the mean of those that have a score, by weight and by how much of each was measured. What was
    /// not measured lowers the coverage and makes the status Unknown at least; it never counts as healthy. The functions' own
    /// score stands beside ours and never enters it.
    /// </summary>
    public static SystemHealth Combine(
        MaintenanceTarget target, IReadOnlyList<ProbeOutcome> outcomes, FunctionOpinion? opinion, TimeSpan duration, DateTimeOffset now)
    {
        var components = outcomes.Select(outcome => new HealthComponent
        {
            Name = outcome.Component,
            Status = outcome.Result.Status,
            Score = outcome.Result.Score,
            Weight = HealthComponents.Weights[outcome.Component],
            CoveragePercent = outcome.Result.Score is null ? 0 : Math.Round(100 * outcome.Result.Coverage, 1),
            Message = outcome.Result.Message,
            Duration = outcome.Duration,
            Error = outcome.Result.Error,
        }).OrderByDescending(component => component.Weight).ToList();

        var total = components.Sum(component => component.Weight);
        var measuredWeight = components.Sum(MeasuredWeight);
        var points = components.Sum(component => (component.Score ?? 0) * MeasuredWeight(component));
        double? score = measuredWeight > 0 ? Math.Round(points / measuredWeight, 1) : null;
        var coverage = total > 0 ? Math.Round(100 * measuredWeight / total, 1) : 0;

        var factory = new MetricFactory(target, now);
        var isDown = HealthComponents.IsDatabaseDown(outcomes);
        // The score of what was measured says nothing about the rest: whoever watches the number alone must not see a good one. But no rest
        // can be worse than 0 or better than 100.
        var overall = factory.Create(
            "overall_health_percent",
            coverage < 100 ? null : score,
            FormattableString.Invariant($"Only {coverage:0.#} % of the system was measured.")) is var known && coverage < 100 && measuredWeight > 0
            ? known with { AtLeast = Math.Floor(10 * points / total) / 10, AtMost = Math.Ceiling(10 * (points + (100 * (total - measuredWeight))) / total) / 10 }
            : known;
        var opinionFindings = opinion?.Findings(target, coverage < 100 ? null : score, now).ToList() ?? [];
        var status = components
            .Select(component => component.Status)
            .Concat(opinionFindings.Select(finding => finding.Status))
            .Append(overall.Status)
            .Append(coverage < 100 ? HealthStatus.Unknown : HealthStatus.Ok)
            .Max();

        return new SystemHealth
        {
            Target = target.Name,
            Status = status,
            Score = score,
            CoveragePercent = coverage,
            FunctionScore = opinion?.Score,
            ScoreDifference = score - opinion?.Score is { } difference ? Math.Round(difference, 1) : null,
            Components = components,
            Findings =
            [
                .. outcomes.SelectMany(outcome => outcome.Result.Findings)
                    .Concat(opinionFindings)
                    .OrderByDescending(finding => finding.Status)
                    .ThenByDescending(finding => finding.Severity),
            ],
            Unknown = [.. components.Where(component => component.Status == HealthStatus.Unknown).Select(component => component.Name)],
            Metrics =
            [
                overall,
                factory.Create("health_coverage_percent", coverage),
                .. opinion is null ? [] : new[] { opinion.Metric(target, now) },
                .. outcomes.SelectMany(outcome => OfPart(factory, outcome, isDown)),
                .. outcomes.SelectMany(outcome => outcome.Result.Metrics.Concat(Missing(factory, outcome, isDown))),
            ],
            Duration = duration,
            CollectedAt = now,
        };
    }

    // How a part is, and how much of it was measured, as figures that rules can watch, with the words that people need.
    private static Metric[] OfPart(MetricFactory factory, ProbeOutcome outcome, bool isDown)
    {
        var result = outcome.Result;
        var labels = new Dictionary<string, string> { [HealthComponents.Label] = outcome.Component };
        var details = result.Status == HealthStatus.Ok ? null : result.Details ?? string.Join(' ', new[] { result.Message, result.Recommendation }.OfType<string>());
        var gaps = NotMeasured(result);
        var coverage = result.Score is null ? 0 : Math.Round(100 * result.Coverage, 1);
        // What is Unknown was not measured as a whole, even where nobody can say how much of it was not.
        var isMeasured = coverage < 100 || result.Status != HealthStatus.Unknown;
        return
        [
            factory.Create(HealthComponents.StatusMetric, Figure(result.Status), details) with { Labels = labels, Details = details, ExplainedBy = Behind(outcome, isDown), Causes = Causes(result) },
            factory.Create(HealthComponents.CoverageMetric, isMeasured ? coverage : null, gaps) with { Labels = labels, Details = coverage < 100 ? gaps : null, ExplainedBy = Behind(outcome, isDown) },
        ];
    }

    /// <summary>What of a part was not measured, why, and what to do about that: whatever is worse in the part has no place in it.</summary>
    internal static string NotMeasured(ProbeResult result)
    {
        var told = result.Findings.Select(finding => finding.Message).ToHashSet(StringComparer.Ordinal);
        var gaps = result.Findings.Where(finding => finding.Outcome is FindingOutcome.Unknown or FindingOutcome.NotPermitted).ToList();
        var unknown = gaps.Select(gap => gap.Message).ToHashSet(StringComparer.Ordinal);
        // A figure that has none because of what was measured to be wrong is no gap.
        var figures = result.Metrics
            .Where(metric => metric.Value is null && (unknown.Contains(metric.Reason ?? "") || !told.Contains(metric.Reason ?? "")))
            .GroupBy(metric => metric.Reason ?? "", StringComparer.Ordinal)
            .ToList();
        var reasons = figures.Select(group => group.Key).ToHashSet(StringComparer.Ordinal);
        string[] sentences =
        [
            .. figures.Select(group => $"{string.Join(", ", group.Select(metric => metric.Name).Distinct())} could not be measured ({group.Key.TrimEnd('.')})."),
            .. gaps.Select(gap => gap.Message).Where(message => !reasons.Contains(message)),
            .. gaps.Select(gap => gap.Recommendation).OfType<string>().Distinct(),
        ];
        return sentences.Length > 0 ? string.Join(' ', sentences) : string.Join(' ', new[] { result.Message, result.Recommendation }.OfType<string>());
    }

    // What makes it as bad as it is. The words of a finding have figures in them; what it is about stays.
    private static Dictionary<string, string> Causes(ProbeResult result) => result.Status is HealthStatus.Ok or HealthStatus.Unknown ? [] : result.Findings
        .Where(finding => finding.Status == result.Status)
        .GroupBy(finding => finding.Subject is { } subject ? $"{finding.Id} {subject}" : finding.Id, StringComparer.Ordinal)
        .ToDictionary(group => group.Key, group => group.First().Message, StringComparer.Ordinal);

    // Who watches a figure is told why there is none.
    private static IEnumerable<Metric> Missing(MetricFactory factory, ProbeOutcome outcome, bool isDown) => outcome.Result.Error is null ? [] :
        HealthComponents.Watched[outcome.Component]
            .Where(name => !outcome.Result.Metrics.Any(metric => metric.Name == name && metric.Labels.Count == 0))
            .Select(name => factory.Create(name, null, outcome.Result.Message) with { ExplainedBy = HealthComponents.Behind(outcome, isDown) });

    private static string? Behind(ProbeOutcome outcome, bool isDown) =>
        outcome.Result.Score is null && HealthComponents.Behind(outcome, isDown) is { } part && part != outcome.Component ? part : null;

    private static double? Figure(HealthStatus status) => status switch
    {
        HealthStatus.Ok => 0,
        HealthStatus.Warning => 1,
        HealthStatus.Critical => 2,
        _ => null,
    };

    private static double MeasuredWeight(HealthComponent component) => component.Weight * component.CoveragePercent / 100;

    private static double Penalty(FindingSeverity severity) => severity switch
    {
        FindingSeverity.Critical => 50,
        FindingSeverity.High => 25,
        FindingSeverity.Medium => 10,
        FindingSeverity.Low => 3,
        _ => 0,
    };
}
