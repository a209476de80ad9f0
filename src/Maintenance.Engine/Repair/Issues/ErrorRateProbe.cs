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

    /// <summary>A function stands out that makes at least so many times as many errors as all others together (ours): two thirds of them.</summary>
    private const int StandsOut = 2;

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

    /// <summary>What the figures amount to: one finding, for the errors are one issue whichever function is named; it is about a function where one makes most of them. Pure.</summary>
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
        var (culprit, who) = errors.Count == 0 ? (null, trouble is null ? "" : $" What fails is not known: {trouble}") : Culprit(errors);
        return
        [
            Issue.Found(
                Kind, FindingSeverity.High, culprit, $"{what}{who}",
                rates.IsContradicted ? "Find out which of the two is right before anything is deployed: Get-ErrorAnalytics -Window 15m -Source Database."
                : culprit is null ? "See what fails, and what the errors have in common, before anything is deployed: Get-ErrorAnalytics -Window 15m."
                : target.Repair.FunctionDeployment is null ? "See its log first: what was deployed last may be the cause. To have it deployed again from a revision of your choice, set repair.functionDeployment."
                : "See its log first: what was deployed last may be the cause. Deploying again brings the pinned revision back.",
                evidence) with
            {
                // The rate is the issue: what was done about it counts, whichever function is named the next time.
                Fingerprint = FindingFingerprint.Of(Kind.Id, null, null),
                Remedy = rates.IsContradicted || culprit is null ? null : IssueRemedies.Deploy(culprit, target.Repair.FunctionDeployment),
            },
        ];
    }

    // The function that makes most of the errors, and a sentence that says so, or why there is none to name.
    private static (string? Function, string Sentence) Culprit(IReadOnlyList<FunctionError> errors)
    {
        var functions = errors.GroupBy(error => IssueRemedies.FunctionOf(error.Component)).ToList();
        if (functions.TrueForAll(function => function.Key is null))
        {
            return (null, " None of the most frequent errors comes from a function.");
        }

        if (functions is [var only])
        {
            return (only.Key, $" All of the most frequent errors come from the function {only.Key}{(only.All(error => error.Count is not null) ? Say.Text($" ({only.Sum(error => error.Count)})") : "")}.");
        }

        if (errors.Any(error => error.Count is null))
        {
            return (null, $" Functions among the most frequent errors: {string.Join(", ", functions.Select(function => function.Key).OfType<string>())}; which of them makes most is not known, since not every error says how often it occurred.");
        }

        var total = errors.Sum(error => error.Count!.Value);
        var counted = functions.Select(function => (function.Key, Count: function.Sum(error => error.Count!.Value))).OrderByDescending(function => function.Count).ToList();
        return counted[0] is { Key: { } most } first && first.Count >= StandsOut * (total - first.Count)
            ? (most, Say.Text($" The function {most} makes {first.Count} of the {total} most frequent errors ({100.0 * first.Count / total:0} %)."))
            : (null, Say.Text($" No function makes most of the {total} most frequent errors: {string.Join(", ", counted.Select(function => Say.Text($"{function.Key ?? "others"} {function.Count}")))}."));
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
