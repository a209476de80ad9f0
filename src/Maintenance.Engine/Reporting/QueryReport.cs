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

    private static readonly string[] SlowColumns = ["Status", "Mean ms", "Executions", "Total s", "Share %", "Spent on", "Role"];
    private static readonly string[] ChangedColumn = ["Changed in the window"];

    public static Report Of(QueryOptimizationReport report) => new(
        $"Slow statements of {report.Target}",
        report.Status,
        [
            report.Message,
            Say.Text($"Database {report.Database}, {Time(report.CollectedAt)}. {Window(report)} Statements are shown without literals, at most {TextLength} characters of each."),
            .. report.Base is { } shares ? new[] { shares } : [],
            .. Changed(report) is { Count: > 0 } changed ? new[] { Say.Text($"Built within the window: {string.Join(", ", changed.Select(change => change.Index).Distinct())}. Figures of slow statements are of all of it, so mostly of before. Ask again after a day of ordinary use.") } : [],
        ],
        [
            ReportSection.Of("What would help", [.. report.Recommendations.Where(IsOpen).OrderByDescending(IsEstimated).Select(Card)], "Nothing was found that would help."),
            ReportSection.Of("What was done", [.. report.Recommendations.Where(recommendation => !IsOpen(recommendation)).Select(Card), .. Earlier(report).Select(Card)], "Nothing was applied within the window."),
            Slow(report),
            .. report.Unknowns.Count > 0
                ? new[] { new ReportSection("What could not be found out", ["What"], [.. report.Unknowns.Select(unknown => new[] { unknown })], "") }
                : [],
        ])
    {
        Tiles =
        [
            new ReportTile("Slow statements", Number(report.SlowQueries.Count)),
            new ReportTile("Would help, by estimate", Number(report.Recommendations.Count(recommendation => IsOpen(recommendation) && IsEstimated(recommendation)))),
            new ReportTile("Advice without an estimate", Number(report.Recommendations.Count(recommendation => IsOpen(recommendation) && !IsEstimated(recommendation)))),
            new ReportTile("Applied", Number(report.Recommendations.Count(recommendation => recommendation.State == RecommendationState.Applied) + Earlier(report).Count)),
        ],
    };

    private static bool IsOpen(QueryRecommendation recommendation) => recommendation.State is RecommendationState.Proposed or RecommendationState.Deferred or RecommendationState.Skipped;

    private static bool IsEstimated(QueryRecommendation recommendation) => recommendation.ImpactPercent is not null;

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    private static string Window(QueryOptimizationReport report) => report is { From: { } from, To: { } to }
        ? $"Figures of slow statements are from {Time(from)} to {Time(to)}{(report.Window is { } what ? $". {what}" : ".")}"
        : "";

    /// <summary>What the history has and the run that is reported of did not do.</summary>
    private static IReadOnlyList<DbAction> Earlier(QueryOptimizationReport report) =>
    [
        .. report.Applied.Where(action => !report.Recommendations.Any(recommendation =>
            recommendation.State == RecommendationState.Applied && recommendation.Kind == RecommendationKind.CreateIndex && recommendation.Schema == action.Schema && recommendation.IndexName == action.Name)),
    ];

    /// <summary>Which statements an index was built for within the window, and what it did to them where that was measured.</summary>
    private static IReadOnlyList<(string Index, Func<SlowQuery, bool> Concerns, Func<SlowQuery, string> What)> Changed(QueryOptimizationReport report) =>
    [
        .. report.Recommendations.Where(recommendation => recommendation is { State: RecommendationState.Applied, Kind: RecommendationKind.CreateIndex }).Select(recommendation => (
            $"{recommendation.Schema}.{recommendation.IndexName}",
            (Func<SlowQuery, bool>)(query => recommendation.Statements.Any(effect => effect.QueryId is not null && effect.QueryId == query.QueryId)),
            (Func<SlowQuery, string>)(query => recommendation.Statements.First(effect => effect.QueryId == query.QueryId) is { TimeBefore: { } before, TimeAfter: { } after }
                ? Say.Text($"from before {recommendation.IndexName}; measured {before.TotalMilliseconds:0.##} ms, and {after.TotalMilliseconds:0.##} ms with it")
                : $"from before {recommendation.IndexName}"))),
        .. Earlier(report).Select(action => (
            $"{action.Schema}.{action.Name}",
            (Func<SlowQuery, bool>)(query => action.Effect.GetValueOrDefault("Table")?.ToString() is { Length: > 0 } table && query.Query?.Contains(table, StringComparison.OrdinalIgnoreCase) == true),
            (Func<SlowQuery, string>)(_ => Say.Text($"{action.Name} was built {Time(action.StartedAt)}")))),
    ];

    private static ReportCard Card(DbAction action) => new(
        "Applied",
        $"Built {action.Schema}.{action.Name}, {Time(action.StartedAt)}.",
        action.Message,
        action.Duration is { } took ? Say.Text($"Building took {took.TotalSeconds:0.#} s.") : null)
    {
        Code = action.Effect.GetValueOrDefault("RollbackSql")?.ToString() is { Length: > 0 } undo ? $"{action.Sql.TrimEnd(';')};\n-- to undo it:\n{undo.TrimEnd(';')};" : $"{action.Sql.TrimEnd(';')};",
    };

    private static ReportSection Slow(QueryOptimizationReport report)
    {
        var (queries, changed) = (report.SlowQueries, Changed(report));
        return Slow(
            queries,
            // Without an index that was built there is nothing to mark.
            [.. SlowColumns, .. changed.Count > 0 ? ChangedColumn : [], "Statement"],
            query =>
            [
                query.Status.ToString(), Number(query.MeanTime.TotalMilliseconds), Number(query.Calls), Number(query.TotalTime.TotalSeconds), query.SharePercent is { } share ? Number(share) : null,
                query.Bound == QueryBound.Unknown ? null : query.Bound.ToString(), query.User,
                .. changed.Count > 0 ? new[] { changed.Where(change => change.Concerns(query)).Select(change => change.What(query)).ToList() is { Count: > 0 } what ? string.Join("; ", what) : null } : [],
                Text(query.Query),
            ]);
    }

    private static ReportSection Slow(IReadOnlyList<SlowQuery> queries, IReadOnlyList<string> columns, Func<SlowQuery, string?[]> row) => new(
        "Slow statements",
        columns,
        [.. queries.Select(row)],
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
        ? Say.Text($"The first statement alone takes {share:0.#} % of the time of all statements in the window.")
        : Say.Text($"The first statement alone takes {queries[0].TotalTime.TotalSeconds:0.#} s.");

    private static ReportCard Card(QueryRecommendation recommendation) => new(
        recommendation.Impact.ToString(),
        recommendation.Suggestion,
        recommendation.Message ?? (recommendation.AutoApply
            ? recommendation.Kind == RecommendationKind.CreateIndex ? "Optimize-DbQuery -Apply does it, measures it, and undoes it if it does not help." : "Optimize-DbQuery -Apply does it."
            : "For a person to decide: Optimize-DbQuery -Apply leaves it alone."),
        Say.Text($"Impact {recommendation.Impact}{(recommendation.ImpactPercent is { } percent ? $" ({percent:0.#} % of the time of all statements counted)" : "")}, effort {recommendation.Effort}, confidence {recommendation.Confidence}, state {recommendation.State}. {string.Join(' ', recommendation.Reasons)}"))
    {
        Items = [.. recommendation.Statements.Select(Item)],
        Code = recommendation.Sql is null ? null : recommendation.RollbackSql is null ? Statement(recommendation.Sql) : $"{Statement(recommendation.Sql)}\n-- to undo it:\n{Statement(recommendation.RollbackSql)}",
    };

    private static string Statement(string sql) => $"{sql.TrimEnd().TrimEnd(';')};";

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
