using Maintenance.Engine.Compliance;
using Maintenance.Engine.Functions;
using Maintenance.Engine.Health;
using Maintenance.Engine.Thresholds;

namespace Maintenance.Engine.Repair.Issues;

/// <summary>Whether data protection rules are kept, and whether the function could resolve what is not (guide T4).</summary>
internal sealed class IssueComplianceProbe(FunctionService functions, ComplianceService compliance) : IIssueProbe
{
    private static readonly IssueKind Kind = IssueCatalogue.Compliance;

    public string Name => "data protection";

    public IReadOnlyList<IssueKind> Kinds => [Kind];

    public bool AppliesTo(MaintenanceTarget target) => !IssueScope.IsExcluded(target, HealthComponents.Compliance);

    public async Task<IReadOnlyList<Finding>> FindAsync(IssueContext context, CancellationToken cancellationToken)
    {
        var measuring = MeasureAsync(context, cancellationToken);
        var function = await IssueScope.AskAsync(
            context, functions, FunctionCatalogue.ComplianceReport, new Dictionary<string, object?> { ["report_type"] = "quick" }, answer => answer.ComplianceScore, cancellationToken);
        var limits = ThresholdCatalogue.For(context.Target, "gdpr_compliance_score")!;
        var scores = new FigureComparison(function, await measuring, limits.Warning!.Value, WrongAbove: false, MetricUnit.None);
        // What the function would resolve it tells itself; nobody else's word does instead.
        var plan = scores.Verdict == IssueVerdict.Wrong && function is not null ? await compliance.PlanResolutionAsync(context.Target, context.FunctionCall, cancellationToken) : null;
        return [Judge(scores, plan, limits.Critical)];
    }

    /// <summary>What the figures amount to. Pure.</summary>
    /// <param name="scores">The scores.</param>
    /// <param name="plan">What the function could resolve; null if it was not asked.</param>
    /// <param name="critical">Below what it is serious.</param>
    public static Finding Judge(FigureComparison scores, ComplianceResolution? plan, double? critical)
    {
        switch (scores.Verdict)
        {
            case IssueVerdict.NotKnown:
                return scores.NotKnown(Kind, "data protection rules are kept");
            case IssueVerdict.Well:
                return Issue.Passed(Kind, $"The compliance score is {scores.Value(scores.Telling)} of 100.{scores.Aside}", [.. scores.Evidence]);
        }

        return Issue.Found(
            Kind,
            scores.Telling.Value < critical ? FindingSeverity.High : FindingSeverity.Medium,
            null,
            $"The compliance score is {scores.Value(scores.Telling)} of 100 (limit {scores.Value(scores.Telling with { Value = scores.Limit })}), as {char.ToLowerInvariant(scores.Telling.Source[0])}{scores.Telling.Source[1..]} says.{scores.Aside}{(plan is null ? "" : $" {plan.Reason}")}",
            "See what is to be done, the most urgent first: (Get-ComplianceReport -Type Monthly).ActionItems.",
            [.. scores.Evidence, ("Issues", (plan?.Issues ?? []).Select(issue => $"[{issue.Severity}] {issue.Issue}").ToArray())]) with
        {
            // The function resolves what the function tells, and nothing is lost by it: the scores need not agree for that.
            Remedy = plan?.State == ComplianceResolutionState.Planned ? IssueRemedies.ResolveLow() : null,
        };
    }

    private async Task<Figure?> MeasureAsync(IssueContext context, CancellationToken cancellationToken)
    {
        const string Source = "The database";
        return context.Target.Database is null ? null : await Figure.ReadAsync(Source, async () => IssueScope.Of(
            Source,
            await compliance.ReportAsync(context.Target, ComplianceReportType.Quick, MeasurementSourceChoice.Database, context.Call, cancellationToken),
            "gdpr_compliance_score"));
    }
}
