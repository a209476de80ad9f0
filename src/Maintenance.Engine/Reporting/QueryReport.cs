using System.Globalization;
using Maintenance.Engine.Database;
using Maintenance.Engine.Inspect;
using Maintenance.Engine.Performance.Statements;

namespace Maintenance.Engine.Reporting;

/// <summary>Makes the report of slow statements and what would help (guide Q4). Pure.</summary>
internal static class QueryReport
{
    /// <summary>So much of a statement is shown, as in the guide.</summary>
    private const int TextLength = 100;

    // In a sentence there is less room.
    private const int NameLength = 60;

    private const int MostBars = 10;

    /// <summary>So many are seen without looking further.</summary>
    private const int Worst = 3;

    private static readonly string[] WorstColumns = ["Share %", "Total s", "Mean ms", "What would help", "Statement"];
    private static readonly string[] SlowColumns = ["Status", "Mean ms", "Executions", "Total s", "Share %", "Spent on", "Role"];
    private static readonly string[] ChangedColumn = ["Changed in the window"];

    public static Report Of(QueryOptimizationReport report)
    {
        var changes = new QueryChanges(report);
        var open = report.Recommendations.Where(IsOpen).OrderByDescending(IsEstimated).ToList();
        return new Report(
            $"Slow statements of {report.Target}",
            report.Status,
            [
                .. report.SlowQueries is [var first, ..] ? new[] { Headline(first, open, changes) } : [],
                report.Message,
                Window(report),
                .. SlowQueryService.SayMadeUp(report.SlowQueries) is { } madeUp ? new[] { madeUp } : [],
            ],
            [
                .. report.SlowQueries.Count == 0 ? [] : new[] { Leaders(report, open, changes) },
                ReportSection.Of("What would help", [.. open.Select(Card)], "Nothing was found that would help."),
                ReportSection.Of("What was done", changes.Cards, "Nothing was applied within the window."),
                Slow(report.SlowQueries, changes),
                .. Lines("What could not be found out", "What", report.Unknowns),
                .. Reasons(open),
                .. Lines("Notes", "Note", Notes(report, changes)),
            ])
        {
            Tiles =
            [
                new ReportTile("Slow statements", Number(report.SlowQueries.Count)),
                new ReportTile("Would help, by estimate", Number(open.Count(IsEstimated))),
                new ReportTile("Advice without an estimate", Number(open.Count(recommendation => !IsEstimated(recommendation)))),
                new ReportTile("Applied", Number(changes.Applied)),
                new ReportTile("Built and dropped", Number(changes.Dropped)),
                .. changes.Failed > 0 ? new[] { new ReportTile("Failed", Number(changes.Failed), "Failed") } : [],
            ],
        };
    }

    /// <summary>A statement without literals, as long as a report shows it.</summary>
    public static string Text(string? query, int length = TextLength) => query is null ? "hidden from this role" : QueryText.Redact(query, length);

    /// <summary>A time as a report shows it.</summary>
    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    /// <summary>The index, or whatever else is recommended, in a few words.</summary>
    public static string Name(QueryRecommendation recommendation) => recommendation is { Kind: RecommendationKind.CreateIndex, IndexName: { } index } ? $"{recommendation.Schema}.{index}" : recommendation.Suggestion;

    private static bool IsOpen(QueryRecommendation recommendation) => recommendation.State is RecommendationState.Proposed or RecommendationState.Deferred or RecommendationState.Skipped;

    private static bool IsEstimated(QueryRecommendation recommendation) => recommendation.ImpactPercent is not null;

    // For whoever reads nothing else.
    private static string Headline(SlowQuery query, List<QueryRecommendation> open, QueryChanges changes)
    {
        var takes = query.SharePercent is { } share ? Say.Text($"{share:0.#} % of the time of all statements") : Say.Text($"{query.TotalTime.TotalSeconds:0.#} s");
        return $"The most time, {takes}, goes into “{Text(query.Query, NameLength)}”. {Help(query, open, changes) switch
        {
            [] => "Nothing was found that would help it.",
            var help => $"{string.Join("; ", help)}.",
        }}";
    }

    private static List<string> Help(SlowQuery query, List<QueryRecommendation> open, QueryChanges changes) =>
    [
        .. open.Where(recommendation => query.QueryId is not null && recommendation.Statements.Any(effect => effect.QueryId == query.QueryId)).Select(recommendation =>
            $"{(recommendation.Kind == RecommendationKind.CreateIndex ? $"The index {Name(recommendation)} would help, by estimate" : recommendation.Suggestion.TrimEnd('.'))}"),
        .. changes.OutcomesOf(query),
    ];

    private static ReportSection Leaders(QueryOptimizationReport report, List<QueryRecommendation> open, QueryChanges changes) => new(
        "What takes the most time",
        WorstColumns,
        [
            .. report.SlowQueries.Take(Worst).Select(query => new[]
            {
                query.SharePercent is { } share ? Number(share) : null, Number(query.TotalTime.TotalSeconds), Number(query.MeanTime.TotalMilliseconds),
                Help(query, open, changes) is { Count: > 0 } help ? string.Join("; ", help) : "Nothing was found", Text(query.Query),
            }),
        ],
        "")
    {
        Below = "Statement",
    };

    private static string Window(QueryOptimizationReport report) => report is { From: { } from, To: { } to }
        ? $"Database {report.Database}, figures from {Time(from)} to {Time(to)}{(report.Window is null ? "." : ", as far as they are known: see the notes.")}"
        : $"Database {report.Database}, {Time(report.CollectedAt)}.";

    private static IEnumerable<string> Notes(QueryOptimizationReport report, QueryChanges changes)
    {
        if (report.Window is { } window)
        {
            yield return window;
        }

        if (changes.Indexes is { Count: > 0 } built)
        {
            yield return $"Built within the window: {string.Join(", ", built)}. Figures of slow statements are of all of it, so mostly of before. Ask again after a day of ordinary use.";
        }

        if (report.Base is { } shares)
        {
            yield return shares;
        }

        yield return Say.Text($"Statements are shown without literals, at most {TextLength} characters of each.");
    }

    private static ReportSection[] Lines(string title, string column, IEnumerable<string> lines) =>
        lines.Select(line => new[] { line }).ToList() is { Count: > 0 } rows ? [new ReportSection(title, [column], rows, "")] : [];

    private static ReportSection[] Reasons(List<QueryRecommendation> open) =>
        open.Where(recommendation => recommendation.Reasons.Count > 0).Select(recommendation => new[] { Name(recommendation), string.Join(' ', recommendation.Reasons) }).ToList() is { Count: > 0 } rows
            ? [new ReportSection("Why, and what speaks against it", ["What", "Why"], rows, "") { Below = "Why" }]
            : [];

    private static ReportSection Slow(IReadOnlyList<SlowQuery> queries, QueryChanges changes)
    {
        // Without an index that was built there is nothing to mark.
        var isMarked = changes.Indexes.Count > 0;
        return new(
            "Slow statements",
            [.. SlowColumns, .. isMarked ? ChangedColumn : [], "Statement"],
            [
                .. queries.Select(query => (string?[])
                [
                    query.Status.ToString(), Number(query.MeanTime.TotalMilliseconds), Number(query.Calls), Number(query.TotalTime.TotalSeconds), query.SharePercent is { } share ? Number(share) : null,
                    query.Bound == QueryBound.Unknown ? null : query.Bound.ToString(), query.User,
                    .. isMarked ? new[] { changes.MarksOf(query) } : [],
                    Text(query.Query),
                ]),
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
    }

    private static string Caption(IReadOnlyList<SlowQuery> queries) => queries[0].SharePercent is { } share
        ? Say.Text($"The first statement alone takes {share:0.#} % of the time of all statements in the window.")
        : Say.Text($"The first statement alone takes {queries[0].TotalTime.TotalSeconds:0.#} s.");

    private static ReportCard Card(QueryRecommendation recommendation) => new(
        recommendation.Impact.ToString(),
        recommendation.Suggestion,
        recommendation.Message ?? (recommendation.AutoApply
            ? recommendation.Kind == RecommendationKind.CreateIndex ? "Optimize-DbQuery -Apply does it, measures it, and undoes it if it does not help." : "Optimize-DbQuery -Apply does it."
            : "For a person to decide: Optimize-DbQuery -Apply leaves it alone."),
        Say.Text($"Impact {recommendation.Impact}{(recommendation.ImpactPercent is { } percent ? $" ({percent:0.#} % of the time of all statements counted)" : "")}, effort {recommendation.Effort}, confidence {recommendation.Confidence}, state {recommendation.State}."))
    {
        Items = [.. recommendation.Statements.Select(Item)],
        Code = recommendation.Sql is null ? null : recommendation.RollbackSql is null ? QueryChanges.Statement(recommendation.Sql) : $"{QueryChanges.Statement(recommendation.Sql)}\n{QueryChanges.Undo(recommendation.RollbackSql)}",
    };

    private static ReportItem Item(StatementEffect effect) => new(
        null,
        null,
        Text(effect.Query),
        effect.CostBefore is { } cost ? Say.Text($"cost {cost:0.#} now{(effect.CostAfter is { } after ? $", {after:0.#} by estimate" : "")}") : null);

    private static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}
