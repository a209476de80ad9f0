using Maintenance.Engine.Inspect;
using Maintenance.Engine.Performance.Optimize;

namespace Maintenance.Engine.Reporting;

/// <summary>What was done for slow statements within the window of a report: by the run that is reported of, and before it, as the history has it. Pure.</summary>
internal sealed class QueryChanges
{
    // The title of a card says this already.
    private static readonly string[] Said = ["Kept: ", "Dropped: did not help. ", "Built and kept. ", "Built, and did not help. ", "Built, and for a person to decide. "];

    private readonly List<Build> _builds;

    public QueryChanges(QueryOptimizationReport report)
    {
        var ours = report.Recommendations.Where(recommendation => !QueryReport.IsOpen(recommendation)).ToList();
        bool IsNew(DbAction action) => !ours.Exists(recommendation => recommendation.State is RecommendationState.Applied or RecommendationState.Dropped && recommendation.Schema == action.Schema
            && (recommendation.Kind == RecommendationKind.CreateIndex ? recommendation.IndexName == action.Name : recommendation.Name == action.Name && recommendation.Sql == action.Sql));
        var (kept, dropped) = (report.Applied.Where(IsNew).ToList(), report.Dropped.Where(IsNew).ToList());
        Cards = [.. ours.Select(Card), .. kept.Select(action => Card(action, true)), .. dropped.Select(action => Card(action, false))];
        Applied = ours.Count(recommendation => recommendation.State == RecommendationState.Applied) + kept.Count;
        Dropped = ours.Count(recommendation => recommendation.State == RecommendationState.Dropped) + dropped.Count;
        Failed = ours.Count(recommendation => recommendation.State == RecommendationState.Failed);
        _builds =
        [
            .. ours.Where(recommendation => recommendation is { Kind: RecommendationKind.CreateIndex, State: RecommendationState.Applied or RecommendationState.Dropped }).Select(recommendation => new Build(
                QueryReport.Name(recommendation),
                recommendation.State == RecommendationState.Applied,
                id => recommendation.Statements.Any(effect => effect.QueryId == id),
                id => recommendation.Statements.FirstOrDefault(effect => effect.QueryId == id) is { TimeBefore: { } before, TimeAfter: { } after }
                    ? Say.Text($"from before {recommendation.IndexName}; measured {before.TotalMilliseconds:0.##} ms, and {after.TotalMilliseconds:0.##} ms with it")
                    : $"from before {recommendation.IndexName}")),
            .. kept.Where(IsIndex).Select(action => Of(action, true)),
            .. dropped.Select(action => Of(action, false)),
        ];
    }

    /// <summary>What was done, one by one.</summary>
    public IReadOnlyList<ReportCard> Cards { get; }

    /// <summary>How much was done and kept.</summary>
    public int Applied { get; }

    /// <summary>How much was built, did not help, and was dropped.</summary>
    public int Dropped { get; }

    /// <summary>How much could not be done.</summary>
    public int Failed { get; }

    /// <summary>The indexes that were built and are there.</summary>
    public IReadOnlyList<string> Indexes => [.. _builds.Where(build => build.IsKept).Select(build => build.Index).Distinct()];

    /// <summary>What came of the indexes that were built for a statement.</summary>
    public IEnumerable<string> OutcomesOf(SlowQuery query) => Concerning(query).Select(build =>
        build.IsKept ? $"The index {build.Index} was built for it: the figures are mostly of before" : $"The index {build.Index} was tried, and {(build.DependsOnValues ? "helps with some values only" : "did not help")}");

    /// <summary>What of a statement's figures is from before an index that is there now; null for nothing.</summary>
    public string? MarksOf(SlowQuery query) => Concerning(query).Where(build => build.IsKept).Select(build => build.Mark(query.QueryId!.Value)).ToList() is { Count: > 0 } marks ? string.Join("; ", marks) : null;

    /// <summary>A statement to copy and run.</summary>
    public static string Statement(string sql) => $"{sql.TrimEnd().TrimEnd(';')};";

    /// <summary>A statement that undoes what was done.</summary>
    public static string Undo(string sql) => $"-- to undo it:\n{Statement(sql)}";

    // By its text nobody can tell whether an index is for a statement: those that it was tried with are known.
    private IEnumerable<Build> Concerning(SlowQuery query) => query.QueryId is { } id ? _builds.Where(build => build.Concerns(id)) : [];

    private static Build Of(DbAction action, bool isKept)
    {
        var trial = new PastTrial(action, isKept);
        return new Build($"{action.Schema}.{action.Name}", isKept, trial.Statements.ContainsKey, _ => Say.Text($"{action.Name} was built {QueryReport.Time(action.StartedAt)}")) { DependsOnValues = trial.DependsOnValues is not null };
    }

    private static ReportCard Card(DbAction action, bool isKept) => new(
        isKept ? "Applied" : "Dropped",
        isKept ? $"{(IsIndex(action) ? "Kept" : "Done")}: {(IsIndex(action) ? $"{action.Schema}.{action.Name}" : action.Sql)}" : $"Built and dropped: {action.Schema}.{action.Name}, {(new PastTrial(action, isKept).DependsOnValues is null ? "did not help" : "for a person to decide")}",
        Short(action.Message),
        $"{QueryReport.Time(action.StartedAt)}.{Took(action.Duration, IsIndex(action))}")
    {
        IsDone = true,
        Code = isKept && action.Effect.GetValueOrDefault("RollbackSql")?.ToString() is { Length: > 0 } undo ? Undo(undo) : null,
    };

    private static ReportCard Card(QueryRecommendation recommendation)
    {
        var (name, isIndex) = (QueryReport.Name(recommendation), recommendation.Kind == RecommendationKind.CreateIndex);
        return new ReportCard(
            recommendation.State.ToString(),
            recommendation.State switch
            {
                RecommendationState.Applied => $"{(isIndex ? "Kept" : "Done")}: {name}",
                RecommendationState.Dropped => $"Built and dropped: {name}, did not help",
                RecommendationState.Cancelled => $"Stopped: {name}",
                RecommendationState.Skipped => $"Not built: {name}",
                _ => $"Failed: {name}",
            },
            Short(recommendation.Message),
            string.Join(' ', new[] { recommendation.Recommendation, Took(recommendation.Duration, isIndex).Trim() }.Where(part => part is { Length: > 0 })) is { Length: > 0 } note ? note : null)
        {
            IsDone = recommendation.State is RecommendationState.Applied or RecommendationState.Dropped or RecommendationState.Skipped,
            Items = [.. recommendation.Statements.Select(Item)],
            Code = Code(recommendation),
        };
    }

    // Only what is still to be run, and what takes back what is there.
    private static string? Code(QueryRecommendation recommendation) => recommendation switch
    {
        { State: RecommendationState.Dropped or RecommendationState.Skipped } => null,
        { State: RecommendationState.Applied, RollbackSql: { } undo } => Undo(undo),
        { State: RecommendationState.Applied } => null,
        // It was built and measured: what is left to do is to drop it.
        { State: RecommendationState.Failed, RollbackSql: { } undo } when recommendation.Evidence.ContainsKey(IndexTrial.Planned) => Statement(undo),
        { Sql: { } sql } => Statement(sql),
        _ => null,
    };

    // What was estimated before is no result: without an execution the plans alone are.
    private static ReportItem Item(StatementEffect effect) => new(
        null,
        null,
        QueryReport.Text(effect.Query),
        effect.TimeBefore is null && effect.UsesIndex is null
            ? null
            : string.Join(", ", new[]
            {
                effect.TimeBefore is { } time ? Say.Text($"measured {time.TotalMilliseconds:0.##} ms before{(effect.TimeAfter is { } later ? $", {later.TotalMilliseconds:0.##} ms after" : "")}") : null,
                effect.CostBefore is { } cost ? Say.Text($"cost {cost:0.#} before{(effect.CostAfter is { } after ? $", {after:0.#} after" : "")}") : null,
                effect.NotMeasured is { } reason ? $"not executed: {reason}" : null,
            }.OfType<string>()));

    private static string? Short(string? message) => message is not null && Said.FirstOrDefault(said => message.StartsWith(said, StringComparison.Ordinal)) is { } known ? message[known.Length..] : message;

    private static bool IsIndex(DbAction action) => action.Kind == DbActionKind.CreateIndex;

    private static string Took(TimeSpan? duration, bool isIndex) => duration is { } took ? Say.Text($" {(isIndex ? "Building" : "It")} took {took.TotalSeconds:0.#} s.") : "";

    /// <summary>An index that was built.</summary>
    /// <param name="Index">Its name.</param>
    /// <param name="IsKept">Whether it is there.</param>
    /// <param name="Concerns">Whether it was built for a statement, by the statement's id.</param>
    /// <param name="Mark">What is to be said beside the figures of such a statement.</param>
    private sealed record Build(string Index, bool IsKept, Func<long, bool> Concerns, Func<long, string> Mark)
    {
        /// <summary>It was dropped since it helps with some values only.</summary>
        public bool DependsOnValues { get; init; }
    }
}
