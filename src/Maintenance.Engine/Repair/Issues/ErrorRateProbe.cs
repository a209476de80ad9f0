using Maintenance.Engine.Analytics;
using Maintenance.Engine.Functions;
using Maintenance.Engine.Health;
using Maintenance.Engine.Inspect;
using Maintenance.Engine.Thresholds;

namespace Maintenance.Engine.Repair.Issues;

/// <summary>Whether many requests fail, and which function fails them (guide T1).</summary>
internal sealed class ErrorRateProbe(FunctionService functions, AnalyticsService analytics) : IIssueProbe
{
    private const int TopCount = 5;

    private static readonly IssueKind Kind = IssueCatalogue.ErrorRate;

    public string Name => "the errors";

    public IReadOnlyList<IssueKind> Kinds => [Kind];

    // Errors do not go away by having another component named.
    public bool IsOneIssue => true;

    public bool AppliesTo(MaintenanceTarget target) => !IssueScope.IsExcluded(target, HealthComponents.Errors);

    public async Task<IReadOnlyList<Finding>> FindAsync(IssueContext context, CancellationToken cancellationToken)
    {
        var measuring = MeasureAsync(context, cancellationToken);
        var function = await IssueScope.AskAsync(context, functions, FunctionCatalogue.ErrorRate, IssueScope.Window, answer => answer.ErrorRate, cancellationToken);
        var (own, measured) = await measuring;
        var rates = new FigureComparison(function, own, ThresholdCatalogue.For(context.Target, "error_rate")!.Critical!.Value, WrongAbove: true, MetricUnit.Percent);
        if (rates.Verdict != IssueVerdict.Wrong)
        {
            return Judge(context.Target, rates, [], null);
        }

        var (errors, trouble) = await TopErrorsAsync(context, function is not null, measured, cancellationToken);
        return Judge(context.Target, rates, errors, trouble);
    }

    /// <summary>What the figures amount to: one finding for each function that is among the errors, else one for all. Pure.</summary>
    /// <param name="target">The target.</param>
    /// <param name="rates">The rates of errors.</param>
    /// <param name="errors">The most frequent errors.</param>
    /// <param name="trouble">Why they are not known.</param>
    public static IReadOnlyList<Finding> Judge(MaintenanceTarget target, FigureComparison rates, IReadOnlyList<FunctionError> errors, string? trouble)
    {
        if (rates.Verdict != IssueVerdict.Wrong)
        {
            return rates.Verdict == IssueVerdict.NotKnown
                ? [rates.NotKnown(Kind, "many requests fail")]
                : [Issue.Passed(Kind, $"{rates.Value(rates.Telling)} of the requests of the last {IssueScope.WindowText} failed.{rates.Aside}", [.. rates.Evidence])];
        }

        var what = $"{rates.Value(rates.Telling)} of the requests of the last {IssueScope.WindowText} failed (limit {Quantities.Text(rates.Limit, MetricUnit.Percent)}), as {Lower(rates.Telling.Source)} says.{rates.Aside}";
        (string, object?)[] evidence =
        [
            .. rates.Evidence,
            ("Window", IssueScope.WindowText),
            ("TopErrors", errors.Select(error => $"{(error.Count is { } count ? Say.Text($"{count}x ") : "")}{ErrorText.Normalise(error.Message)}{(error.Component is { } component ? $" ({ErrorText.Harmless(component)})" : "")}").ToArray()),
        ];
        var culprits = errors.GroupBy(error => IssueRemedies.FunctionOf(error.Component)).Where(group => group.Key is not null).ToList();
        if (culprits.Count == 0)
        {
            return
            [
                Issue.Found(
                    Kind, FindingSeverity.High, null, trouble is null ? what : $"{what} What fails is not known: {trouble}",
                    errors.Count == 0 ? "See what fails: Get-ErrorAnalytics -Window 15m." : "None of the most frequent errors comes from a function. See what they have in common: Get-ErrorAnalytics -Window 15m.", evidence),
            ];
        }

        return
        [
            .. culprits.Select(group => Issue.Found(
                Kind, FindingSeverity.High, group.Key,
                Say.Text($"{what} The function {group.Key} is among the most frequent errors{(group.All(error => error.Count is not null) ? $" ({group.Sum(error => error.Count)} of them)" : "")}."),
                rates.IsContradicted ? "Find out which of the two is right before anything is deployed: Get-ErrorAnalytics -Window 15m -Source Database."
                : target.Repair.FunctionDeployment is null ? "See its log first: what was deployed last may be the cause. To have it deployed again from a revision of your choice, set repair.functionDeployment."
                : "See its log first: what was deployed last may be the cause. Deploying again brings the pinned revision back.",
                evidence) with
            {
                Remedy = rates.IsContradicted ? null : IssueRemedies.Deploy(group.Key!, target.Repair.FunctionDeployment),
            }),
        ];
    }

    private async Task<(Figure? Figure, ErrorAnalytics? Measured)> MeasureAsync(IssueContext context, CancellationToken cancellationToken)
    {
        if (context.Target.Database is null)
        {
            return (null, null);
        }

        const string Source = "The log of requests";
        try
        {
            var measured = await analytics.GetErrorsAsync(context.Target, IssueScope.Window, MeasurementSourceChoice.Database, context.Call, cancellationToken);
            return (IssueScope.Of(Source, measured, "error_rate"), measured);
        }
        catch (MaintenanceException exception)
        {
            return (Figure.Unknown(Source, exception), null);
        }
    }

    private async Task<(IReadOnlyList<FunctionError> Errors, string? Trouble)> TopErrorsAsync(
        IssueContext context, bool asksFunction, ErrorAnalytics? measured, CancellationToken cancellationToken)
    {
        string? trouble = null;
        if (asksFunction)
        {
            try
            {
                var arguments = new Dictionary<string, object?> { ["time_window"] = IssueScope.WindowText, ["limit"] = TopCount };
                return ((await functions.CallAsync(context.Target, FunctionCatalogue.TopErrors, arguments, context.FunctionCall, cancellationToken)).Errors, null);
            }
            catch (MaintenanceException exception)
            {
                trouble = exception.Message;
            }
        }

        // The function is the guide's source; what was logged is as good where it is silent.
        IReadOnlyList<FunctionError> logged = [.. (measured?.TopErrors ?? []).Take(TopCount).Select(error => new FunctionError { Message = error.Message, Count = error.Count, Component = error.Component })];
        return (logged, logged.Count > 0 ? null : trouble);
    }

    private static string Lower(string text) => char.ToLowerInvariant(text[0]) + text[1..];
}
