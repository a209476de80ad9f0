using System.Globalization;
using Maintenance.Engine.Database;
using Maintenance.Engine.Inspect;
using Maintenance.Engine.Performance.Optimize;
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

    private const int MostBest = 5;

    private static readonly string[] WorstColumns = ["Share %", "Total s", "Mean ms", "What would help", "Statement"];
    private static readonly string[] BestColumns = ["Saves %", "What", "How it is known", "What to do", "Statement"];
    private static readonly string[] SlowColumns = ["Status", "Mean ms", "Executions", "Total s", "Share %", "Spent on", "Role"];
    private static readonly string[] ChangedColumn = ["Changed in the window"];

    public static Report Of(QueryOptimizationReport report)
    {
        var changes = new QueryChanges(report);
        // What is sure before what is to be tried, and then what saves most.
        var open = report.Recommendations.Where(IsOpen)
            .OrderByDescending(IsSure).ThenByDescending(IsEstimated).ThenByDescending(recommendation => recommendation.ImpactPercent).ThenByDescending(recommendation => recommendation.Confidence).ToList();
        return new Report(
            $"Slow statements of {report.Target}",
            report.Status,
            [
                .. Headline(report, open, changes) is { } headline ? new[] { headline } : [],
                .. changes.Indexes is { Count: > 0 } built ? new[] { $"Built and kept within the window: {string.Join(", ", built)}." } : [],
                report.Message,
                Window(report),
                .. SlowQueryService.SayMadeUp(report.SlowQueries) is { } madeUp ? new[] { madeUp } : [],
            ],
            [
                .. open.Exists(IsEstimated) ? new[] { Best(open) } : [],
                .. report.SlowQueries.Count == 0 ? [] : new[] { Leaders(report, open, changes) },
                ReportSection.Of(open.Count == 0 || open.Exists(IsSure) ? "What would help" : "What may help, and how to try it", [.. open.Select(Card)], report.RecommendationsUnknown is { } why ? $"Nothing was found that would help, but not all could be looked at: {why}." : "Nothing was found that would help."),
                ReportSection.Of("What was done", changes.Cards, "Nothing was applied within the window."),
                Slow(report.SlowQueries, report.SlowQueriesUnknown, changes),
                .. Lines("What could not be found out", "What", report.Unknowns),
                .. Reasons(open),
                .. Lines("Notes", "Note", Notes(report, changes)),
            ])
        {
            Tiles =
            [
                new ReportTile("Slow statements", Found(report.SlowQueries.Count, report.SlowQueriesUnknown)),
                new ReportTile("Would help, by estimate", Found(open.Count(IsSure), open.Count == 0 ? report.RecommendationsUnknown : null)),
                // What the target's function says is told apart: nobody has tested it.
                new ReportTile("May help, for a person to try", Number(open.Count(recommendation => !IsSure(recommendation) && recommendation.Kind != RecommendationKind.FunctionAdvice))),
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

    /// <summary>Whether it is still to be done. What is of no use any more is skipped with an impact of nothing.</summary>
    public static bool IsOpen(QueryRecommendation recommendation) =>
        recommendation.State is RecommendationState.Proposed or RecommendationState.Deferred || recommendation is { State: RecommendationState.Skipped, ImpactPercent: not 0 };

    /// <summary>Whether what speaks for it is enough for Optimize-DbQuery -Apply; the rest is for a person to try.</summary>
    public static bool IsSure(QueryRecommendation recommendation) => recommendation.AutoApply;

    private static bool IsEstimated(QueryRecommendation recommendation) => recommendation.ImpactPercent is not null;

    private static string Found(int count, string? unknown) => count == 0 && unknown is not null ? "?" : Number(count);

    // For whoever reads nothing else: what is to be done first, or where the time goes.
    private static string? Headline(QueryOptimizationReport report, List<QueryRecommendation> open, QueryChanges changes) =>
        open is [{ Kind: RecommendationKind.CreateIndex, ImpactPercent: { } percent } best, ..] && IsSure(best)
            ? Say.Text($"The index {Name(best)} would save the most: about {percent:0.#} % of the time of all statements counted, by estimate.{(best.Statements is [var first, ..] ? $" It is for “{Text(first.Query, NameLength)}”." : "")}")
            // One that an index was built for is not where to begin.
            : report.SlowQueries.FirstOrDefault(query => changes.MarksOf(query) is null) is { } query ? Headline(query, query == report.SlowQueries[0], open, changes)
            : report.SlowQueries.Count > 0 ? "Each statement that took long has got an index: ask again after a day of ordinary use." : null;

    private static string Headline(SlowQuery query, bool isFirst, List<QueryRecommendation> open, QueryChanges changes)
    {
        var takes = query.SharePercent is { } share ? Say.Text($"{share:0.#} % of the time of all statements") : Say.Text($"{query.TotalTime.TotalSeconds:0.#} s");
        return $"{(isFirst ? "The most time" : "The most time of those that no index was built for")}, {takes}, goes into “{Text(query.Query, NameLength)}”. {Help(query, open, changes) switch
        {
            [] => "Nothing was found that would help it.",
            var help => $"{string.Join("; ", help)}.",
        }}";
    }

    private static List<string> Help(SlowQuery query, List<QueryRecommendation> open, QueryChanges changes) =>
    [
        .. open.Where(recommendation => query.QueryId is not null && recommendation.Statements.Any(effect => effect.QueryId == query.QueryId)).Select(recommendation =>
            recommendation.Kind != RecommendationKind.CreateIndex ? recommendation.Suggestion.TrimEnd('.')
            : IsSure(recommendation) ? $"The index {Name(recommendation)} would help, by estimate"
            : IndexRecommendation.WaitsFor(recommendation) is { } first ? $"The index {Name(recommendation)} may help once {first} is there: the next run looks at it"
            : $"The index {Name(recommendation)} may help: a person has to try it"),
        .. changes.OutcomesOf(query),
    ];

    private static ReportSection Best(List<QueryRecommendation> open) => new(
        open.Exists(IsSure) ? "What would help most" : "What may help",
        BestColumns,
        [
            .. open.Where(IsEstimated).Take(MostBest).Select(recommendation => new[]
            {
                Number(recommendation.ImpactPercent!.Value),
                Name(recommendation),
                recommendation.Confidence switch { RecommendationConfidence.High => "measured", RecommendationConfidence.Medium => "the planner was asked", _ => "estimated" },
                IsSure(recommendation) ? "Optimize-DbQuery -Apply builds and measures it" : IndexRecommendation.WaitsFor(recommendation) is { } awaited ? $"May help once {awaited} is there: the next run looks at it" : "May help: a person has to try it",
                recommendation.Statements is [var first, ..] ? $"{Text(first.Query)}{(recommendation.Statements.Count > 1 ? Say.Text($" and {recommendation.Statements.Count - 1} more") : "")}" : null,
            }),
        ],
        "")
    {
        Below = "Statement",
    };

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

        foreach (var note in report.Notes)
        {
            yield return note;
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

    private static ReportSection Slow(IReadOnlyList<SlowQuery> queries, string? unknown, QueryChanges changes)
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
            unknown is null ? "No statement takes long." : $"None was seen that takes long, but not all could be looked at: {unknown}.")
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
        recommendation is { State: RecommendationState.Proposed, AutoApply: false, Message: { } why } ? $"It may help: for a person to try or to decide. Optimize-DbQuery -Apply leaves it alone. {why}"
        : recommendation.Message ?? (recommendation.AutoApply
            ? recommendation.Kind == RecommendationKind.CreateIndex ? "Optimize-DbQuery -Apply does it, measures it, and undoes it if it does not help." : "Optimize-DbQuery -Apply does it."
            : IndexRecommendation.WaitsFor(recommendation) is { } first ? $"It may help once {first} is there: when that is built, the next run looks at it."
            : "It may help: for a person to try or to decide. Optimize-DbQuery -Apply leaves it alone."),
        Say.Text($"Impact {recommendation.Impact}{(recommendation.ImpactPercent is { } percent ? $" ({percent:0.#} % of the time of all statements counted)" : "")}, effort {recommendation.Effort}, confidence {recommendation.Confidence}, state {recommendation.State}."))
    {
        // Several roles may run the same.
        Items = [.. recommendation.Statements.DistinctBy(effect => effect.Query).Select(Item)],
        Code = recommendation.Sql is null ? null : recommendation.RollbackSql is null ? QueryChanges.Statement(recommendation.Sql) : $"{QueryChanges.Statement(recommendation.Sql)}\n{QueryChanges.Undo(recommendation.RollbackSql)}",
    };

    private static ReportItem Item(StatementEffect effect) => new(
        null,
        null,
        Text(effect.Query),
        effect.CostBefore is { } cost ? Say.Text($"cost {cost:0.#} now{(effect.CostAfter is { } after ? $", {after:0.#} by estimate" : "")}") : null);

    private static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}
