using Maintenance.Engine.Database;
using Maintenance.Engine.Maintain;
using Maintenance.Engine.Performance.Indexes;
using Maintenance.Engine.Performance.Optimize;

namespace Maintenance.Engine.Inspect;

/// <summary>Advice about indexes that are not there and would help the statements of pg_stat_statements.</summary>
internal static class MissingIndexAdvice
{
    private const int MostStatements = 200;

    /// <summary>Finds it.</summary>
    /// <exception cref="MaintenanceException">ExtensionMissing where nothing counts statements.</exception>
    public static async Task<IReadOnlyList<IndexAdvice>> FindAsync(
        DatabaseSession session, IndexAdviceQuery query, IndexFacts facts, ActionHistory history, TimeProvider time, CallContext call, CancellationToken cancellationToken)
    {
        // As Optimize-DbQuery has it: what an index was built for weighs by what it took since, and one that did not help is not advised again.
        var trials = PastTrial.Find(await history.ReadAsync(session.Target, call, cancellationToken), session.Database);
        var workload = await WorkloadReader.ReadAsync(session, null, cancellationToken, MostStatements);
        workload = WorkloadSinceBuilds.Weigh(workload, null, await KeptBuilds.ReadAsync(session, trials, cancellationToken));
        foreach (var unknown in workload.Unknowns.Concat(workload.Served))
        {
            call.Sink.Warning(unknown);
        }

        var options = new MissingIndexOptions { MinimumTableBytes = query.MinimumSizeBytes, MaximumStatements = MostStatements, AllMilliseconds = workload.TotalMilliseconds, Tables = query.Tables };
        var search = await new MissingIndexFinder(time).SearchAsync(session, [.. workload.Items.Select(item => item.Statement)], options, cancellationToken);
        foreach (var note in search.Notes)
        {
            call.Sink.Warning(note);
        }

        var now = time.GetUtcNow();
        return [.. search.Indexes.Select(index => ToAdvice(index, Verdicts.Refuting(trials, index), session, facts, now)).Where(advice => query.Verdicts.Count == 0 || query.Verdicts.Contains(advice.Verdict))];
    }

    private static IndexAdvice ToAdvice(MissingIndex index, PastTrial? tried, DatabaseSession session, IndexFacts facts, DateTimeOffset now)
    {
        var changed = tried?.Changed(index);
        var isAdvised = index.IsAdvised && (tried is null || changed is not null);
        return new IndexAdvice
        {
            Target = session.Target.Name,
            Database = session.Database,
            Schema = index.Schema,
            Name = index.Table,
            Oid = index.TableOid,
            Table = index.Table,
            TableOid = index.TableOid,
            Kind = IndexAdviceKind.Missing,
            Verdict = isAdvised ? IndexVerdict.Create : IndexVerdict.Observe,
            Status = isAdvised ? HealthStatus.Warning : HealthStatus.Ok,
            Reasons = [$"An index on ({string.Join(", ", index.Keys)}){(index.Include.Count > 0 ? $" with {string.Join(", ", index.Include)} stored beside" : "")}{(index.Predicate is null ? "" : $" of the rows where {index.Predicate}")} is missing.", .. tried is null ? Array.Empty<string>() : [changed is null ? $"{tried} Optimize-DbQuery -Apply -RetryDropped tries it again." : $"{tried} It may be tried again, since {changed}."], .. index.Reasons],
            SizeBytes = index.TableBytes,
            StatisticsSince = facts.StatisticsSince,
            WritesPerDay = index.WritesPerDay,
            Sql = index.Steps,
            RollbackSql = [index.DropSql],
            Evidence = new Dictionary<string, object?>
            {
                ["IndexName"] = index.Name,
                ["Keys"] = index.Keys.ToArray(),
                ["Include"] = index.Include.ToArray(),
                ["Predicate"] = index.Predicate,
                ["Evidence"] = index.Evidence.ToString(),
                ["SavedPercent"] = Math.Round(index.SavedPercent, 2),
                ["EstimatedSizeBytes"] = index.EstimatedBytes,
                ["BlockedHotUpdatesPerDay"] = index.BlockedHotUpdatesPerDay,
                ["QueryIds"] = index.Benefits.Select(benefit => benefit.Statement.QueryId).ToArray(),
                ["CostBefore"] = index.Benefits.Select(benefit => Math.Round(benefit.CostBefore, 2)).ToArray(),
                ["CostAfter"] = index.Benefits.Select(benefit => Math.Round(benefit.CostAfter, 2)).ToArray(),
            },
            CollectedAt = now,
        };
    }
}
