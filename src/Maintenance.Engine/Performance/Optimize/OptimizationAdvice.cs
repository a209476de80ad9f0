using Maintenance.Engine.Database;
using Maintenance.Engine.Maintain;
using Maintenance.Engine.Performance.Indexes;

namespace Maintenance.Engine.Performance.Optimize;

/// <summary>Gathers what would help a workload.</summary>
internal sealed class OptimizationAdvice(DatabaseSession session, Workload all, PastActions past, CallContext call, DateTimeOffset now)
{
    private readonly List<string> _unknowns = [.. all.Unknowns];

    /// <summary>Without utility statements: what builds an index or copies a table is not helped by advice for queries. Their time is still part of all.</summary>
    private readonly Workload _workload = all with { Items = [.. all.Items.Where(item => StatementText.HasPlan(item.Statement.Text))] };

    private double _planned;
    private double _unplanned;

    public async Task<OptimizationPlan> GatherAsync(IndexSearch search, VacuumService vacuum, CancellationToken cancellationToken)
    {
        var (leftovers, drops) = await LeftoversAsync(cancellationToken);
        var statistics = OtherAdvice.Statistics(await DueAsync(vacuum, cancellationToken), _workload, now);
        var memory = await OtherAdvice.MemoryAsync(session, _workload, now, cancellationToken);
        // Last, since it leaves the session to find names elsewhere.
        var indexes = await IndexesAsync(search, cancellationToken);
        return new OptimizationPlan
        {
            Database = session.Database,
            Recommendations =
            [
                .. drops,
                .. statistics.Select(due => due.Recommendation),
                .. InOrder(indexes.Select(index => IndexRecommendation.Of(session.Target.Name, session.Database, index.Index, _workload, _planned, past, now))),
                .. memory,
            ],
            Unknowns = _unknowns,
            Notes = _workload.Served,
            Unseen = new Unseen(_workload.Hidden, _unplanned, _workload.TotalMilliseconds, _planned + _unplanned <= 0 && _workload.Served.Count == 0),
            Indexes = indexes,
            Workload = _workload,
            Statistics = [.. statistics.Select(due => due.Action)],
            Leftovers = leftovers,
        };
    }

    private async Task<List<(MissingIndex Index, IReadOnlyList<WorkloadItem> Statements)>> IndexesAsync(IndexSearch search, CancellationToken cancellationToken)
    {
        var found = await search(session, [.. _workload.Items.Select(item => item.Statement)], _workload.TotalMilliseconds, call, cancellationToken);
        _unknowns.AddRange(found.Notes);
        _unplanned = found.UnplannedMilliseconds;
        _planned = found.PlannedMilliseconds ?? _workload.Items.Sum(item => item.Statement.TotalMilliseconds);
        return
        [
            // Each statement is run and shown by itself.
            .. found.Indexes.Select(index => index with { CreateSql = index.CreateSql.TrimEnd(';'), DropSql = index.DropSql.TrimEnd(';'), Steps = [.. index.Steps.Select(step => step.TrimEnd(';'))] })
                .Select(index => (index, _workload.Of(index))),
        ];
    }

    // What was put off comes first.
    private IEnumerable<QueryRecommendation> InOrder(IEnumerable<QueryRecommendation> recommendations)
    {
        var putOff = past.Deferred(session.Database, DbActionKind.CreateIndex).Select(action => (action.Schema, action.Name)).ToHashSet();
        return recommendations
            .OrderByDescending(recommendation => putOff.Contains((recommendation.Schema, recommendation.IndexName!)))
            .ThenByDescending(recommendation => recommendation.AutoApply)
            .ThenByDescending(recommendation => recommendation.ImpactPercent);
    }

    private async Task<IReadOnlyList<DbAction>> DueAsync(VacuumService vacuum, CancellationToken cancellationToken)
    {
        try
        {
            return session.IsStandby ? [] : (await vacuum.PlanAsync(session.Target, new VacuumOptions(), call, cancellationToken)).Actions;
        }
        catch (MaintenanceException exception)
        {
            _unknowns.Add($"Whether statistics are out of date is not known: {exception.Message}");
            return [];
        }
    }

    private async Task<(IReadOnlyList<InterruptedBuild> Builds, IReadOnlyList<QueryRecommendation> Drops)> LeftoversAsync(CancellationToken cancellationToken)
    {
        var builds = InterruptedBuilds.Find(past, session.Database);
        if (builds.Count == 0)
        {
            return ([], []);
        }

        var now = await IndexState.OfTablesAsync(session, builds.Select(build => build.Origin.TableOid).Distinct(), [session.Connection.ProcessID], cancellationToken);
        var left = builds.Select(build => (Build: build, Index: build.Origin.Find(now))).Where(found => found.Index is { WorkedOnBy: null }).ToList();
        return (builds, [.. left.Select(found => Drop(found.Index!))]);
    }

    private QueryRecommendation Drop(IndexState index) => new()
    {
        Target = session.Target.Name,
        Database = session.Database,
        Schema = index.Schema,
        Name = index.Name,
        Oid = index.Oid,
        Kind = RecommendationKind.DropIndex,
        Suggestion = $"Drop {index.Schema}.{index.Name}, which an interrupted run of ours has left{(index.IsValid ? " before it was measured" : "")}: every write maintains it.",
        Impact = RecommendationImpact.Unknown,
        Effort = RecommendationEffort.Low,
        AutoApply = true,
        Sql = index.DropSql,
        Lock = ReindexPlanner.DropLock,
        SizeBytes = index.SizeBytes,
        Reasons = [index.IsValid ? "What it does was never measured." : "It is invalid: no query uses it."],
        Confidence = RecommendationConfidence.High,
        CollectedAt = now,
    };
}
