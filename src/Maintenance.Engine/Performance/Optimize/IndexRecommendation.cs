using System.Globalization;
using Maintenance.Engine.Database;
using Maintenance.Engine.Inspect;
using Maintenance.Engine.Maintain;
using Maintenance.Engine.Performance.Indexes;

namespace Maintenance.Engine.Performance.Optimize;

/// <summary>Makes recommendations of indexes that are missing. Pure.</summary>
internal static class IndexRecommendation
{
    /// <summary>The lock of a concurrent build.</summary>
    public const string BuildLock = "SHARE UPDATE EXCLUSIVE; waits for older transactions";

    // The table is read twice, and sorted once.
    private const double AssumedBytesPerSecond = 20 << 20;

    /// <summary>Time of all statements of the database, which shares are of, and the part of it that could be planned: names in the evidence.</summary>
    public const string AllSeconds = "AllStatementsSeconds";
    public const string PlannedPercent = "PlannedPercent";

    /// <summary>Which statements that time is of: a name in the evidence.</summary>
    public const string AllOf = "AllStatementsOf";

    /// <summary>Indexes that it is of use once they are there: a name in the evidence.</summary>
    private const string WaitsForKey = "WaitsFor";

    /// <summary>Which indexes have to be there before there is anything to decide about it; null if none.</summary>
    public static string? WaitsFor(QueryRecommendation recommendation) => recommendation.Evidence.GetValueOrDefault(WaitsForKey) as string;

    /// <summary>From this share of the time of all statements on, in percent, an impact is worth a person's time.</summary>
    public const double Medium = 5;

    /// <summary>Nothing is built unasked for statements that ran less often: what seldom runs is no workload yet.</summary>
    public const double FewestCalls = 5;

    /// <summary>Nothing is built unasked that would have saved less, in milliseconds of all that was counted.</summary>
    public const double LeastSavedMilliseconds = 100;

    private const double High = 20;

    /// <summary>How large an impact is.</summary>
    /// <param name="percent">Share of the time of all statements, in percent.</param>
    public static RecommendationImpact Impact(double? percent) => percent switch
    {
        null => RecommendationImpact.Unknown,
        >= High => RecommendationImpact.High,
        >= Medium => RecommendationImpact.Medium,
        _ => RecommendationImpact.Low,
    };

    /// <summary>How large an effort is.</summary>
    public static RecommendationEffort Effort(TimeSpan? duration) => duration switch
    {
        null => RecommendationEffort.Unknown,
        { TotalMinutes: <= 1 } => RecommendationEffort.Low,
        { TotalHours: < 1 } => RecommendationEffort.Medium,
        _ => RecommendationEffort.High,
    };

    /// <summary>How long a build will take, by earlier ones or by the table's size.</summary>
    public static (TimeSpan Duration, string From) Predict(PastActions past, string target, string database, MissingIndex index)
    {
        // What decides is what has to be read. An action has the size of what it made.
        var builds = new PastActions([.. past.Actions
            .Where(action => action.Kind == DbActionKind.CreateIndex)
            .Select(action => action with { SizeBytes = long.TryParse(Convert.ToString(action.Effect.GetValueOrDefault("TableBytes"), CultureInfo.InvariantCulture), CultureInfo.InvariantCulture, out var bytes) ? bytes : null })]);
        return builds.Predict(DbActionKind.CreateIndex, Action(target, database, index), index.TableBytes, AssumedBytesPerSecond);
    }

    /// <summary>The recommendation.</summary>
    /// <param name="target">Name of the target.</param>
    /// <param name="database">The database.</param>
    /// <param name="index">The index.</param>
    /// <param name="workload">The statements that were looked at.</param>
    /// <param name="plannedMilliseconds">Time of those that could be planned.</param>
    /// <param name="past">What was done before.</param>
    /// <param name="now">The time.</param>
    public static QueryRecommendation Of(string target, string database, MissingIndex index, Workload workload, double plannedMilliseconds, PastActions past, DateTimeOffset now)
    {
        var (duration, from) = Predict(past, target, database, index);
        var planned = workload.TotalMilliseconds > 0 ? Math.Min(1, plannedMilliseconds / workload.TotalMilliseconds) : 1;
        var percent = index.SavedPercent;
        var tooLittle = TooLittle(index.Benefits.Sum(benefit => benefit.Statement.Calls), index.Benefits.Sum(Saved));
        return new QueryRecommendation
        {
            Target = target,
            Database = database,
            Schema = index.Schema,
            Name = index.Table,
            Oid = index.TableOid,
            Kind = RecommendationKind.CreateIndex,
            Suggestion = Suggestion(index),
            Impact = Impact(percent),
            ImpactPercent = Math.Round(percent, 1),
            Effort = Effort(duration),
            // Of a partitioned table it takes several steps, each of which a person should see through.
            AutoApply = tooLittle is null && index is { IsAdvised: true, IsPartitioned: false },
            Sql = index.IsPartitioned ? string.Join(";\n", index.Steps) : index.CreateSql,
            RollbackSql = index.DropSql,
            Lock = BuildLock,
            IndexName = index.Name,
            SizeBytes = index.EstimatedBytes,
            PredictedDuration = duration,
            PredictedFrom = from,
            Statements = [.. index.Benefits.Select(Effect)],
            // What waits for another is not to be decided yet.
            Message = index.WaitsFor.Count > 0 ? null : index.WhyNotAdvised ?? tooLittle ?? (index.IsPartitioned ? "The table is partitioned: its index takes several statements, each of which a person should see through." : null),
            Reasons = tooLittle is null ? index.Reasons : [.. index.Reasons, tooLittle],
            Evidence = new Dictionary<string, object?>
            {
                ["SavedPercent"] = Math.Round(percent, 1),
                [AllSeconds] = Math.Round(workload.TotalMilliseconds / 1000, 3),
                [AllOf] = workload.Basis,
                [PlannedPercent] = Math.Round(100 * planned, 1),
                ["TableBytes"] = index.TableBytes,
                ["EstimatedBytes"] = index.EstimatedBytes,
                ["WritesPerDay"] = index.WritesPerDay,
                [WaitsForKey] = index.WaitsFor.Count == 0 ? null : string.Join(" and ", index.WaitsFor),
                ["KnownBy"] = index.Evidence == IndexEvidence.Hypothetical ? "HypoPG" : "estimate",
            },
            Confidence = index.Evidence == IndexEvidence.Hypothetical ? RecommendationConfidence.Medium : RecommendationConfidence.Low,
            CollectedAt = now,
        };
    }

    /// <summary>The action of building it, for the history.</summary>
    public static DbAction Action(string target, string database, MissingIndex index, DateTimeOffset startedAt = default) => new()
    {
        Target = target,
        Database = database,
        Kind = DbActionKind.CreateIndex,
        Schema = index.Schema,
        Name = index.Name,
        Oid = 0,
        Sql = index.CreateSql,
        Lock = BuildLock,
        State = StepState.Planned,
        Message = "",
        StartedAt = startedAt,
        Effect = new Dictionary<string, object?> { ["TableBytes"] = index.TableBytes, ["Table"] = index.Table, ["RollbackSql"] = index.DropSql },
    };

    private static double Saved(IndexBenefit benefit) =>
        benefit.CostBefore > 0 ? benefit.Statement.TotalMilliseconds * Math.Max(0, 1 - benefit.CostAfter / benefit.CostBefore) : 0;

    private static string? TooLittle(double calls, double saved) =>
        calls < FewestCalls ? Say.Text($"Its statements ran {Say.Count((long)calls, "time", "times")} only: with fewer than {FewestCalls:0} nothing is built unasked.")
        : saved < LeastSavedMilliseconds ? Say.Text($"It would have saved {saved:0.#} ms of all that was counted: for less than {LeastSavedMilliseconds:0} ms nothing is built unasked.")
        : null;

    private static string Suggestion(MissingIndex index) => Say.Text(
        $"Create an index of {index.Schema}.{index.Table} on {string.Join(", ", index.Keys)}{(index.Include.Count > 0 ? $", carrying {string.Join(", ", index.Include)}" : "")}{(index.Predicate is null ? "" : $", for the rows where {QueryText.Redact(index.Predicate, 100)}")}{(index.Together.Count == 0 ? "" : $", together with {string.Join(" and ", index.Together)}")}: {Say.Count(index.Benefits.Count, "statement", "statements")} would take less time.");

    private static StatementEffect Effect(IndexBenefit benefit) => new()
    {
        QueryId = benefit.Statement.QueryId,
        Query = QueryText.Redact(benefit.Statement.Text),
        Calls = benefit.Statement.Calls,
        TotalTime = TimeSpan.FromMilliseconds(benefit.Statement.TotalMilliseconds),
        CostBefore = Math.Round(benefit.CostBefore, 2),
        CostAfter = Math.Round(benefit.CostAfter, 2),
    };
}
