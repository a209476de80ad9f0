using Maintenance.Engine.Analytics;
using Maintenance.Engine.Functions;
using Maintenance.Engine.Health;
using Maintenance.Engine.Inspect;
using Maintenance.Engine.Thresholds;

namespace Maintenance.Engine.Repair.Issues;

/// <summary>Whether requests take long, and whether slow statements are why (guide T2).</summary>
internal sealed class SlowResponseProbe(FunctionService functions, AnalyticsService analytics) : IIssueProbe
{
    private static readonly IssueKind Kind = IssueCatalogue.SlowResponses;

    public string Name => "the response times";

    public IReadOnlyList<IssueKind> Kinds => [Kind];

    // Requests are of one part, whether they fail or take long.
    public bool AppliesTo(MaintenanceTarget target) => !IssueScope.IsExcluded(target, HealthComponents.Errors);

    public async Task<IReadOnlyList<Finding>> FindAsync(IssueContext context, CancellationToken cancellationToken)
    {
        var measuring = MeasureAsync(context, cancellationToken);
        var function = await IssueScope.AskAsync(context, functions, FunctionCatalogue.PerformanceMetrics, IssueScope.Window, answer => answer.AvgResponseTime, cancellationToken);
        var (own, ownStatements) = await measuring;
        var times = new FigureComparison(function, own, ThresholdCatalogue.For(context.Target, "avg_response_time")!.Critical!.Value, WrongAbove: true, MetricUnit.Milliseconds);
        var slow = times.Verdict == IssueVerdict.Wrong
            ? await IssueScope.AskAsync(context, functions, FunctionCatalogue.PerformanceAnalysis, IssueScope.Window, answer => answer.SlowQueriesCount, cancellationToken)
            : null;
        return [Judge(times, new FigureComparison(slow, ownStatements, ThresholdCatalogue.For(context.Target, "slow_queries_count")!.Warning!.Value, WrongAbove: true, MetricUnit.Count))];
    }

    /// <summary>What the figures amount to. Pure.</summary>
    /// <param name="times">The mean response times.</param>
    /// <param name="statements">The numbers of slow statements; looked at only where the times are wrong.</param>
    public static Finding Judge(FigureComparison times, FigureComparison statements)
    {
        switch (times.Verdict)
        {
            case IssueVerdict.NotKnown:
                return times.NotKnown(Kind, "requests take long");
            case IssueVerdict.Well:
                return Issue.Passed(Kind, $"Requests of the last {IssueScope.WindowText} took {times.Value(times.Telling)} on average.{times.Aside}", [.. times.Evidence]);
        }

        // The function can optimise only where it is the function that sees the statements.
        var helps = statements is { Verdict: IssueVerdict.Wrong, Function.Value: not null, IsContradicted: false } && !times.IsContradicted;
        var cause = statements.Verdict switch
        {
            IssueVerdict.Wrong => $" {statements.Value(statements.Telling)} statements take more than a second on average (limit {Quantities.Text(statements.Limit, MetricUnit.Count)}).{statements.Aside}",
            IssueVerdict.Well => $" Slow statements are not why: there are {statements.Value(statements.Telling)}.{statements.Aside}",
            _ => $" Whether slow statements are why is not known.{statements.Aside}",
        };
        return Issue.Found(
            Kind,
            FindingSeverity.High,
            null,
            $"Requests of the last {IssueScope.WindowText} took {times.Value(times.Telling)} on average (limit {times.Value(times.Telling with { Value = times.Limit })}).{times.Aside}{cause}",
            times.IsContradicted ? "Find out which of the two is right: Get-PerformanceMetric -Window 15m -Source Database."
            : statements.Verdict == IssueVerdict.Wrong ? "See which statements they are (Get-DbSlowQuery) and what would help (Optimize-DbQuery)."
            : "See what is slow: Get-PerformanceMetric -Window 15m, and who waits for whom: Get-DbSession -Blocking.",
            [.. times.Evidence, ("Window", IssueScope.WindowText), ("SlowStatements", statements.Telling?.Value)]) with
        {
            Remedy = helps ? IssueRemedies.Optimize() : null,
        };
    }

    private async Task<(Figure? Times, Figure? Statements)> MeasureAsync(IssueContext context, CancellationToken cancellationToken)
    {
        if (context.Target.Database is null)
        {
            return (null, null);
        }

        const string Requests = "The log of requests";
        const string Server = "The server";
        try
        {
            var measured = await analytics.GetPerformanceAsync(context.Target, IssueScope.Window, MeasurementSourceChoice.Database, context.Call, cancellationToken);
            return (IssueScope.Of(Requests, measured, "avg_response_time"), IssueScope.Of(Server, measured, "slow_queries_count"));
        }
        catch (MaintenanceException exception)
        {
            return (Figure.Unknown(Requests, exception), Figure.Unknown(Server, exception));
        }
    }
}
