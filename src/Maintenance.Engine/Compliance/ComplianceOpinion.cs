using Maintenance.Engine.Analytics;
using Maintenance.Engine.Functions;

namespace Maintenance.Engine.Compliance;

/// <summary>What the function says of compliance, its texts made harmless.</summary>
/// <param name="Score">Its score.</param>
/// <param name="Consents">Its figure of consents.</param>
/// <param name="Access">Its figure of access requests.</param>
/// <param name="Deletion">Its figure of deletion requests.</param>
/// <param name="Audit">Its figure of the audit log.</param>
/// <param name="Issues">What it complains of.</param>
/// <param name="ActionItems">What it asks to be done.</param>
/// <param name="Activities">What was processed.</param>
internal sealed record ComplianceOpinion(
    double Score,
    double? Consents,
    double? Access,
    double? Deletion,
    double? Audit,
    IReadOnlyList<string> Issues,
    IReadOnlyList<ComplianceActionItem> ActionItems,
    IReadOnlyList<ProcessingActivity> Activities)
{
    /// <summary>Further apart than this, one of the two does not see what the other does: the step between the guide's limits, 100, 95 and 90.</summary>
    public const double Tolerance = 5;

    public static ComplianceOpinion Of(ComplianceReportResult answer) => new(
        answer.ComplianceScore,
        answer.ConsentCompliance,
        answer.AccessRequestCompliance,
        answer.DeletionCompliance,
        answer.AuditCompliance,
        [.. answer.Issues.Select(ErrorText.Harmless)],
        [.. answer.ActionItems.Select(item => ComplianceActionItem.Of(
            ErrorText.Harmless(item.Action), item.Priority is null ? null : ErrorText.Harmless(item.Priority), MeasurementSource.Function))],
        [.. answer.ProcessingActivities.Select(activity => new ProcessingActivity
        {
            ActivityType = ErrorText.Harmless(activity.ActivityType),
            ProcessedRecords = activity.ProcessedRecords,
            Source = MeasurementSource.Function,
        })]);

    /// <summary>Tells where it and our own figures are apart, and where it is below the limit.</summary>
    /// <param name="ours">What was computed; null where nothing was.</param>
    /// <param name="limit">What its score amounts to.</param>
    /// <param name="part">Where to tell it.</param>
    public void Judge(ComplianceVerdict? ours, HealthStatus limit, PartJudgement part)
    {
        if (limit != HealthStatus.Ok)
        {
            part.Fail(
                ComplianceCheck.FunctionScore,
                FunctionCatalogue.GdprCompliance,
                $"The function's own compliance score is {Score:0.#} of 100: {(Issues.Count == 0 ? "it names no issue" : IssueText.Join(Issues))}.",
                limit == HealthStatus.Critical ? FindingSeverity.High : null,
                ("FunctionScore", Score));
        }
        else
        {
            part.Pass(ComplianceCheck.FunctionScore, FunctionCatalogue.GdprCompliance, $"The function's own compliance score is {Score:0.#} of 100.", ("FunctionScore", Score));
        }

        if (ours is null)
        {
            return;
        }

        // Like with like: what one of the two does not tell cannot be compared.
        (string Name, double? Ours, double? Theirs)[] all =
        [
            ("Score", ours.Score, Score),
            ("Consents", ours.Consents.Percent, Consents),
            ("Access requests", ours.Access.Percent, Access),
            ("Deletion requests", ours.Deletion.Percent, Deletion),
            ("Audit log", ours.Audit.Percent, Audit),
        ];
        var compared = all.Where(pair => pair is { Ours: not null, Theirs: not null }).ToList();
        var apart = compared.Where(pair => Math.Abs(pair.Ours!.Value - pair.Theirs!.Value) > Tolerance).ToList();
        foreach (var (name, own, theirs) in apart)
        {
            part.Fail(
                ComplianceCheck.ScoresDisagree,
                name,
                $"{name}: the function says {theirs:0.#}, computed from the database it is {own:0.#}: one of the two does not see what the other does.",
                null,
                ("FunctionScore", theirs),
                ("OurScore", own),
                ("Tolerance", Tolerance));
        }

        if (compared.Count == 0)
        {
            part.Unknown(ComplianceCheck.ScoresDisagree, FunctionCatalogue.GdprCompliance, "There is nothing of the function's figures that could be compared with our own.", "See the findings for what could not be measured.");
        }
        else if (apart.Count == 0)
        {
            part.Pass(
                ComplianceCheck.ScoresDisagree,
                FunctionCatalogue.GdprCompliance,
                $"The function's figures and our own are not more than {Tolerance:0.#} apart ({string.Join(", ", compared.Select(pair => pair.Name))}).",
                ("Tolerance", Tolerance));
        }
    }
}
