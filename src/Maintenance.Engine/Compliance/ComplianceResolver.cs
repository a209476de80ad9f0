using System.Globalization;
using Maintenance.Engine.Analytics;
using Maintenance.Engine.Functions;
using Maintenance.Engine.Inspect;

namespace Maintenance.Engine.Compliance;

/// <summary>
/// Lets the function resolve its own issues of low severity (guide T4). What it says of that is not taken for true: an issue is resolved
/// when the function, asked again, does not tell of it any more.
/// </summary>
internal sealed class ComplianceResolver(FunctionService functions, MaintenanceTarget target, CallContext call, TimeProvider time)
{
    private const string Low = "low";

    public async Task<ComplianceResolution> PlanAsync(CancellationToken cancellationToken)
    {
        if (target.Functions is null)
        {
            return New(ComplianceResolutionState.NotPossible, $"The functions are not configured, and only {FunctionCatalogue.GdprCompliance} can resolve issues: see ActionItems for what to do.", []);
        }

        List<ComplianceIssue> issues;
        try
        {
            issues = await AskAsync(cancellationToken);
        }
        catch (MaintenanceException exception)
        {
            return New(ComplianceResolutionState.NotPossible, $"{FunctionCatalogue.GdprCompliance} did not tell its issues ({exception.Code}): {exception.Message}", []);
        }

        var low = issues.Count(IsLow);
        return low == 0
            ? New(ComplianceResolutionState.NothingToDo, issues.Count switch
            {
                0 => "The function tells of no issue that it could resolve.",
                1 => "The one issue that the function tells of is not of low severity, and such are never touched.",
                _ => $"None of the {issues.Count} issues is of low severity; the others are never touched.",
            }, issues)
            : New(ComplianceResolutionState.Planned, $"{low} of {Say.Count(issues.Count, "issue", "issues")} {(low == 1 ? "is" : "are")} of low severity.", issues);
    }

    public async Task<ComplianceResolution> ResolveAsync(ComplianceResolution plan, CancellationToken cancellationToken)
    {
        if (plan.State != ComplianceResolutionState.Planned)
        {
            return plan;
        }

        long? claimed = null;
        MaintenanceException? failure = null;
        try
        {
            claimed = (await functions.CallAsync(
                target, FunctionCatalogue.AutoResolveIssues, new Dictionary<string, object?> { ["severity"] = Low }, call, cancellationToken)).ResolvedCount;
        }
        catch (MaintenanceException exception)
        {
            // It may have done it nevertheless: whether it did is seen by what is left.
            failure = exception;
        }

        try
        {
            return Compare(plan, await AskAsync(cancellationToken), claimed, failure, time.GetUtcNow());
        }
        catch (MaintenanceException exception)
        {
            return plan with
            {
                State = ComplianceResolutionState.Unknown,
                Reason = $"{Said(claimed, failure)} Asked again for its issues, it failed ({exception.Code}): {exception.Message}",
                ClaimedCount = claimed,
                Issues = [.. plan.Issues.Select(issue => IsLow(issue) ? issue with { State = ComplianceIssueState.Unknown } : issue)],
                CollectedAt = time.GetUtcNow(),
            };
        }
    }

    /// <summary>What became of each issue. Pure.</summary>
    /// <param name="plan">The issues before.</param>
    /// <param name="after">The issues after.</param>
    /// <param name="claimed">How many the function says it has resolved.</param>
    /// <param name="failure">What kept it from saying so.</param>
    /// <param name="now">The time.</param>
    public static ComplianceResolution Compare(
        ComplianceResolution plan, IReadOnlyList<ComplianceIssue> after, long? claimed, MaintenanceException? failure, DateTimeOffset now)
    {
        // By kind: where 3 of something became 2, it is still there.
        var left = after.CountBy(issue => ErrorText.Normalise(issue.Issue)).ToDictionary();
        var issues = plan.Issues.Select(issue => IsLow(issue) ? issue with { State = Take(left, issue) ? ComplianceIssueState.StillThere : ComplianceIssueState.Resolved } : issue).ToList();
        var (low, gone) = (issues.Count(IsLow), issues.Count(issue => issue.State == ComplianceIssueState.Resolved));
        var state = gone == low ? ComplianceResolutionState.Resolved : gone == 0 ? ComplianceResolutionState.NotResolved : ComplianceResolutionState.PartlyResolved;
        return plan with
        {
            State = state,
            Reason = $"{Said(claimed, failure)} Asked again, {Left(gone, low)}.",
            ClaimedCount = claimed,
            Issues = issues,
            CollectedAt = now,
        };
    }

    private static string Left(int gone, int low) => (gone, low) switch
    {
        (0, 1) => "it still tells of the one of low severity",
        (0, _) => Say.Text($"it still tells of all {low} of low severity"),
        (1, 1) => "it tells no more of the one of low severity",
        _ when gone == low => Say.Text($"it tells no more of the {low} of low severity"),
        _ => Say.Text($"it tells no more of {gone} of the {low} of low severity"),
    };

    private static bool Take(Dictionary<string, int> left, ComplianceIssue issue)
    {
        var kind = ErrorText.Normalise(issue.Issue);
        if (left.GetValueOrDefault(kind) == 0)
        {
            return false;
        }

        left[kind]--;
        return true;
    }

    private static string Said(long? claimed, MaintenanceException? failure) => failure is null
        ? $"{FunctionCatalogue.GdprCompliance} says that it resolved {(claimed ?? 0).ToString(CultureInfo.InvariantCulture)}."
        : $"{FunctionCatalogue.GdprCompliance} failed ({failure.Code}): {failure.Message}";

    private static bool IsLow(ComplianceIssue issue) => issue.Severity.Trim().Equals(Low, StringComparison.OrdinalIgnoreCase);

    private async Task<List<ComplianceIssue>> AskAsync(CancellationToken cancellationToken)
    {
        var answer = await functions.CallAsync(target, FunctionCatalogue.ComplianceIssues, new Dictionary<string, object?>(), call, cancellationToken);
        return
        [
            .. answer.Issues
                .Select(issue => new ComplianceIssue { Issue = ErrorText.Harmless(issue.Issue), Severity = ErrorText.Harmless(issue.Severity) })
                .OrderByDescending(IsLow),
        ];
    }

    private ComplianceResolution New(ComplianceResolutionState state, string reason, IReadOnlyList<ComplianceIssue> issues) =>
        new() { Target = target.Name, State = state, Reason = reason, Issues = issues, CollectedAt = time.GetUtcNow() };
}
