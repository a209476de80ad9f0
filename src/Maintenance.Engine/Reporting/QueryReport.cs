using System.Globalization;
using Maintenance.Engine.Database;
using Maintenance.Engine.Inspect;

namespace Maintenance.Engine.Reporting;

/// <summary>Makes the report of slow statements and what would help (guide Q4). Pure.</summary>
internal static class QueryReport
{
    /// <summary>So much of a statement is shown, as in the guide.</summary>
    private const int TextLength = 100;

    private const int MostBars = 10;

    public static Report Of(QueryOptimizationReport report) => new(
        $"Slow statements of {report.Target}",
        report.Status,
        [
            report.Message,
            string.Create(CultureInfo.InvariantCulture, $"Database {report.Database}, {report.CollectedAt.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC. Statements are shown without literals, at most {TextLength} characters of each."),
        ],
        [
            Slow(report.SlowQueries),
            ReportSection.Of("What would help", [.. report.Recommendations.Select(Card)], "Nothing was found that would help."),
            .. report.Unknowns.Count > 0
                ? new[] { new ReportSection("What could not be found out", ["What"], [.. report.Unknowns.Select(unknown => new[] { unknown })], "") }
                : [],
        ])
    {
        Tiles =
        [
            new ReportTile("Slow statements", Number(report.SlowQueries.Count)),
            new ReportTile("Would help", Number(report.Recommendations.Count(recommendation => recommendation.State is RecommendationState.Proposed or RecommendationState.Deferred))),
            new ReportTile("Applied", Number(report.Recommendations.Count(recommendation => recommendation.State == RecommendationState.Applied))),
        ],
    };

    private static ReportSection Slow(IReadOnlyList<SlowQuery> queries) => new(
        "Slow statements",
        ["Status", "Mean ms", "Executions", "Total s", "Share %", "Spent on", "Role", "Statement"],
        [
            .. queries.Select(query => new[]
            {
                query.Status.ToString(), Number(query.MeanTime.TotalMilliseconds), Number(query.Calls), Number(query.TotalTime.TotalSeconds), query.SharePercent is { } share ? Number(share) : null,
                query.Bound == QueryBound.Unknown ? null : query.Bound.ToString(), query.User, Text(query.Query),
            }),
        ],
        "No statement takes long.")
    {
        Below = "Statement",
        Plots = queries.Count == 0
            ? []
            : [new BarPlot(
                "Time by statement",
                Caption(queries),
                MetricUnit.Seconds,
                [.. queries.Take(MostBars).Select(query => new PlotBar(
                    Text(query.Query), Math.Round(query.TotalTime.TotalSeconds, 3), Say.Text($"{query.Calls} x {query.MeanTime.TotalMilliseconds:0.#} ms")))])],
    };

    private static string Caption(IReadOnlyList<SlowQuery> queries) => queries[0].SharePercent is { } share
        ? Say.Text($"The first statement alone takes {share:0.#} % of the time of all.")
        : Say.Text($"The first statement alone takes {queries[0].TotalTime.TotalSeconds:0.#} s.");

    private static ReportCard Card(QueryRecommendation recommendation) => new(
        recommendation.Impact.ToString(),
        recommendation.Suggestion,
        recommendation.Message ?? (recommendation.AutoApply ? "Optimize-DbQuery -Apply does it, measures it, and undoes it if it does not help." : "For a person to decide."),
        Say.Text($"Impact {recommendation.Impact}{(recommendation.ImpactPercent is { } percent ? $" ({percent:0.#} % of all time)" : "")}, effort {recommendation.Effort}, confidence {recommendation.Confidence}, state {recommendation.State}. {string.Join(' ', recommendation.Reasons)}"))
    {
        Items = [.. recommendation.Statements.Select(Item)],
        Code = recommendation.Sql is null ? null : recommendation.RollbackSql is null ? $"{recommendation.Sql};" : $"{recommendation.Sql};\n-- to undo it:\n{recommendation.RollbackSql};",
    };

    private static ReportItem Item(StatementEffect effect) => new(
        null,
        null,
        Text(effect.Query),
        string.Join(", ", new[]
        {
            effect.CostBefore is { } cost ? Say.Text($"cost {cost:0.#} before{(effect.CostAfter is { } after ? $", {after:0.#} after" : "")}") : null,
            effect.TimeBefore is { } time ? Say.Text($"measured {time.TotalMilliseconds:0.##} ms before{(effect.TimeAfter is { } later ? $", {later.TotalMilliseconds:0.##} ms after" : "")}") : null,
            effect.NotMeasured is { } reason ? $"not executed: {reason}" : null,
        }.OfType<string>()));

    private static string Text(string? query) => query is null ? "hidden from this role" : QueryText.Redact(query, TextLength);

    private static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}
