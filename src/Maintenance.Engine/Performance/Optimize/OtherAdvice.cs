using System.Text.RegularExpressions;
using Maintenance.Engine.Analytics;
using Maintenance.Engine.Database;
using Maintenance.Engine.Inspect;

namespace Maintenance.Engine.Performance.Optimize;

/// <summary>Recommendations other than missing indexes: statistics, memory, and what the function says.</summary>
internal static partial class OtherAdvice
{
    /// <summary>Memory that no statement should be given unasked: beyond it, the statement wants to be changed.</summary>
    private const long MostMemory = 256L << 20;

    /// <summary>Statements of less than this share of all time are not worth a setting, in percent.</summary>
    private const double LeastShare = 1;

    /// <summary>Statistics that are out of date, of tables that the statements name.</summary>
    /// <param name="actions">What the rules of maintenance find due.</param>
    /// <param name="workload">The statements.</param>
    /// <param name="now">The time.</param>
    public static IReadOnlyList<(QueryRecommendation Recommendation, DbAction Action)> Statistics(IEnumerable<DbAction> actions, Workload workload, DateTimeOffset now) =>
    [
        .. actions
            .Where(action => action.State == StepState.Planned && action.Sql.Contains("ANALYZE", StringComparison.Ordinal))
            .Select(action => (Action: action, Items: workload.Items.Where(item => item.Statement.Text.Contains(action.Name, StringComparison.OrdinalIgnoreCase)).Take(5).ToList()))
            .Where(due => due.Items.Count > 0)
            .Select(due => (new QueryRecommendation
            {
                Target = due.Action.Target,
                Database = due.Action.Database,
                Schema = due.Action.Schema,
                Name = due.Action.Name,
                Oid = due.Action.Oid,
                Kind = RecommendationKind.Analyze,
                Suggestion = due.Action.Kind == DbActionKind.Vacuum
                    ? $"Vacuum {due.Action.Schema}.{due.Action.Name} and gather its statistics in the same pass (VACUUM ANALYZE): both are due, and plans are made by what the table was like before."
                    : $"Gather statistics of {due.Action.Schema}.{due.Action.Name} (ANALYZE): plans are made by what the table was like before.",
                Impact = RecommendationImpact.Unknown,
                Effort = IndexRecommendation.Effort(due.Action.PredictedDuration),
                AutoApply = true,
                Sql = due.Action.Sql,
                Lock = due.Action.Lock,
                SizeBytes = due.Action.SizeBytes,
                PredictedDuration = due.Action.PredictedDuration,
                PredictedFrom = due.Action.PredictedFrom,
                Statements = [.. due.Items.Select(Effect)],
                Reasons = [due.Action.Message],
                Confidence = RecommendationConfidence.Medium,
                CollectedAt = now,
            }, due.Action)),
    ];

    /// <summary>Memory for statements that sort and hash in temporary files.</summary>
    public static async Task<IReadOnlyList<QueryRecommendation>> MemoryAsync(DatabaseSession session, Workload workload, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var advice = new List<QueryRecommendation>();
        foreach (var group in workload.Items
            .Where(item => item.TemporaryBytes > 0 && item.Statement.Calls >= IndexRecommendation.FewestCalls && MaySort().IsMatch(item.Statement.Text) && item.Statement.TotalMilliseconds * 100 >= LeastShare * workload.TotalMilliseconds)
            .GroupBy(item => item.User))
        {
            var (setting, role, database, roleOid, databaseOid, connections) = (await session.QueryAsync(
                "Performance/Optimize/Sql/WorkMemory.sql",
                row => (row.GetString(0), row.IsDBNull(1) ? null : row.GetString(1), row.GetString(2), row.IsDBNull(3) ? 0 : row.GetInt64(3), row.GetInt64(4), row.GetInt32(5)),
                cancellationToken,
                group.Key))[0];
            var current = ByteSizes.TryParse(char.IsAsciiDigit(setting[^1]) ? $"{setting}kB" : setting, out var bytes) ? bytes : (long?)null;
            var items = group.OrderByDescending(item => item.Statement.TotalMilliseconds).ToList();
            // Rows take about twice as much in memory as in a file.
            var wanted = Math.Max(2 * items.Max(item => item.TemporaryBytes), 2.0 * (current ?? 0));
            var memory = 1L << 20;
            while (memory < wanted)
            {
                memory *= 2;
            }

            var fits = memory <= MostMemory;
            var who = role is null ? $"DATABASE {database}" : $"ROLE {role} IN DATABASE {database}";
            var percent = workload.TotalMilliseconds > 0 ? 100 * items.Sum(item => item.Statement.TotalMilliseconds) / workload.TotalMilliseconds : (double?)null;
            advice.Add(new QueryRecommendation
            {
                Target = session.Target.Name,
                Database = session.Database,
                Schema = "",
                Name = group.Key ?? session.Database,
                Oid = role is null ? databaseOid : roleOid,
                Kind = RecommendationKind.Setting,
                Suggestion = fits
                    ? Say.Text($"Give {Say.Count(items.Count, "statement", "statements")} of {group.Key ?? session.Database} more memory (work_mem {memory >> 20} MB, now {Say.Size(current)}), so that sorts and hashes need no temporary files.")
                    : Say.Text($"Change {Say.Count(items.Count, "statement", "statements")} of {group.Key ?? session.Database}: one execution sorts or hashes {Say.Size((long)items.Max(item => item.TemporaryBytes))} in temporary files, more than memory should be given for."),
                // What they take in all is known; what of it the files take is not.
                Impact = RecommendationImpact.Unknown,
                Effort = RecommendationEffort.Medium,
                Sql = fits ? Say.Text($"ALTER {who} SET work_mem = '{memory >> 20}MB'") : null,
                RollbackSql = fits ? $"ALTER {who} RESET work_mem" : null,
                Statements = [.. items.Take(5).Select(Effect)],
                Reasons =
                [
                    Say.Text($"One execution writes up to {Say.Size((long)items.Max(item => item.TemporaryBytes))} of temporary files."),
                    Say.Text($"The statements take {percent:0.#} % of all time; how much of it the files cost is not measured."),
                    .. fits ? new[] { Say.Text($"Each sort and hash of each session may take that much: up to {connections} sessions may be connected.") } : [],
                ],
                Evidence = new Dictionary<string, object?> { ["TemporaryBytesPerExecution"] = (long)items.Max(item => item.TemporaryBytes), ["WorkMemBytes"] = current, ["SharePercent"] = percent is { } share ? Math.Round(share, 1) : null },
                Confidence = RecommendationConfidence.Medium,
                CollectedAt = now,
            });
        }

        return advice;
    }

    // Other temporary files, such as the rows of a function, want no more memory.
    [GeneratedRegex(@"\b(ORDER\s+BY|GROUP\s+BY|DISTINCT|JOIN|UNION|INTERSECT|EXCEPT|OVER|IN\s*\(\s*SELECT|CREATE\s+TABLE)\b", RegexOptions.IgnoreCase)]
    private static partial Regex MaySort();

    /// <summary>What the function says, which is shown and never run.</summary>
    public static IReadOnlyList<QueryRecommendation> OfFunction(MaintenanceTarget target, QueryOptimizationResult answer, DateTimeOffset now) =>
    [
        .. answer.Recommendations.Select(said => new QueryRecommendation
        {
            Target = target.Name,
            Database = target.Database?.Database ?? "",
            Schema = "",
            Name = "",
            Oid = 0,
            Kind = RecommendationKind.FunctionAdvice,
            Suggestion = ErrorText.Harmless(said.Suggestion),
            // Nobody has estimated it; what the function calls it is told with the reasons.
            Impact = RecommendationImpact.Unknown,
            Effort = Enum.TryParse<RecommendationEffort>(said.Effort, ignoreCase: true, out var effort) && Enum.IsDefined(effort) ? effort : RecommendationEffort.Unknown,
            // Shown with a semicolon of ours, as all others are.
            Sql = said.SqlCommand is { } sql ? QueryText.Redact(sql).TrimEnd(' ', ';', '\r', '\n', '\t') : null,
            Reasons = [$"The target's function query_optimization_recommendations says so{(said.Impact is { Length: > 0 } words ? $", and calls the impact {ErrorText.Harmless(words)}" : "")}; nothing of it was measured or estimated."],
            Evidence = new Dictionary<string, object?> { ["FunctionAutoApply"] = said.AutoApply, ["FunctionImpact"] = said.Impact is { } word ? ErrorText.Harmless(word) : null },
            Confidence = RecommendationConfidence.Unknown,
            CollectedAt = now,
        }),
    ];

    /// <summary>Ours and the function's, with an index that both recommend shown once, as ours: it is known what that would do.</summary>
    public static IReadOnlyList<QueryRecommendation> Together(IReadOnlyList<QueryRecommendation> ours, IReadOnlyList<QueryRecommendation> functions)
    {
        var left = functions.ToList();
        var all = new List<QueryRecommendation>();
        foreach (var one in ours)
        {
            var same = one.Kind == RecommendationKind.CreateIndex ? left.Where(other => IndexStatement.AreSame(one.Sql, other.Sql)).ToList() : [];
            left.RemoveAll(same.Contains);
            all.Add(same.Count == 0 ? one : one with
            {
                Reasons = [.. one.Reasons, "The target's function query_optimization_recommendations recommends the same index."],
                Evidence = new Dictionary<string, object?>(one.Evidence) { ["FunctionRecommends"] = true },
            });
        }

        return [.. all, .. left];
    }

    private static StatementEffect Effect(WorkloadItem item) => new()
    {
        QueryId = item.Statement.QueryId,
        Query = QueryText.Redact(item.Statement.Text),
        Calls = item.Statement.Calls,
        TotalTime = TimeSpan.FromMilliseconds(item.Statement.TotalMilliseconds),
    };
}
