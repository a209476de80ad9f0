using Maintenance.Engine.Inspect;

namespace Maintenance.Engine.Repair.Issues;

/// <summary>Indexes that a failed build left behind: written with every change, and of no use. One that is being built now is none.</summary>
internal sealed class InvalidIndexProbe(IndexAdviceService indexes) : IIssueProbe
{
    private static readonly IssueKind Kind = IssueCatalogue.InvalidIndex;

    public string Name => "invalid indexes";

    public IReadOnlyList<IssueKind> Kinds => [Kind];

    public bool AppliesTo(MaintenanceTarget target) => IssueScope.HasDatabase(target);

    public async Task<IReadOnlyList<Finding>> FindAsync(IssueContext context, CancellationToken cancellationToken) =>
        Judge(await indexes.GetAsync(context.Target, new IndexAdviceQuery { Kinds = [IndexAdviceKind.Invalid], MinimumSizeBytes = 0 }, context.Call, cancellationToken)) is var findings
            && findings.Any(finding => finding.Outcome == FindingOutcome.NotPermitted) && await context.RightsAsync() is { } rights
            ? [.. findings.Select(finding => finding.Outcome == FindingOutcome.NotPermitted ? finding with { Recommendation = SessionRights.Grant(rights, "pg_monitor") } : finding)]
            : findings;

    /// <summary>One finding for each. Pure.</summary>
    public static IReadOnlyList<Finding> Judge(IReadOnlyList<IndexAdvice> advice)
    {
        var invalid = advice.Where(index => index.Kind == IndexAdviceKind.Invalid).ToList();
        var underWay = invalid.Count(index => index.Status == HealthStatus.Ok);
        return invalid
            .Where(index => index.Status != HealthStatus.Ok)
            .Select(Of)
            .OrPassed(Kind, underWay == 0 ? "No index is invalid." : $"{Say.Count(underWay, "index is", "indexes are")} not valid yet: somebody works on it now.", ("UnderWay", underWay));
    }

    private static Finding Of(IndexAdvice index)
    {
        var subject = $"{index.Schema}.{index.Name}";
        var finding = index.Status == HealthStatus.Unknown
            ? Issue.NotKnown(Kind, FindingSeverity.Medium, $"{subject} is not valid. {string.Join(' ', index.Reasons)}", SessionRights.Grant(null, "pg_monitor"), MaintenanceErrorCode.PermissionDenied, subject)
            : Issue.Found(
                Kind,
                FindingSeverity.Medium,
                subject,
                $"{subject} is not valid. {string.Join(' ', index.Reasons)}",
                index.Verdict == IndexVerdict.Drop ? "Drop it; create it anew if it is wanted."
                : index.Sql.Count > 0 ? $"Rebuild it: {string.Join("; ", index.Sql)}"
                : "See Get-DbIndexAdvice -Kind Invalid.",
                ("Table", $"{index.Schema}.{index.Table}"),
                ("SizeBytes", index.SizeBytes),
                ("ReplacedBy", index.ReplacedBy)) with
            {
                FixSql = index.Sql.Count > 0 ? string.Join("\n", index.Sql) : null,
                Remedy = index is { Verdict: IndexVerdict.Drop, Sql.Count: > 0 } ? IssueRemedies.DropIndex(index) : null,
            };
        return finding with { Database = index.Database };
    }
}
