using Maintenance.Engine.Database;
using Maintenance.Engine.Inspect;
using Maintenance.Engine.Maintain;

namespace Maintenance.Engine.Performance.Optimize;

/// <summary>An index that was built and kept, and is there.</summary>
/// <param name="Trial">The verdict.</param>
/// <param name="Oid">Its OID.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Scans">How often it was read since statistics are counted.</param>
internal sealed record KeptBuild(PastTrial Trial, long Oid, long Bytes, long Scans);

/// <summary>
/// Looks again at what was kept: a trial asks what the application may ask for, and what it does ask for shows in the time of its calls since.
/// </summary>
/// <param name="There">The indexes that are there, of those that were asked for.</param>
/// <param name="Now">What the server has counted of their statements by now.</param>
internal sealed record KeptBuilds(IReadOnlyList<KeptBuild> There, IReadOnlyDictionary<long, StatementCounter> Now)
{
    /// <summary>So many calls since tell more than what else the machine did meanwhile.</summary>
    private const double FewestCalls = 20;

    public static KeptBuilds None { get; } = new([], new Dictionary<long, StatementCounter>());

    /// <summary>Asks the server which of them are there, and what it has counted by now.</summary>
    /// <param name="session">A session of the database, with pg_stat_statements on its search path.</param>
    /// <param name="trials">The verdicts of the database.</param>
    /// <param name="cancellationToken">Cancels on the server too.</param>
    public static async Task<KeptBuilds> ReadAsync(DatabaseSession session, IEnumerable<PastTrial> trials, CancellationToken cancellationToken)
    {
        var kept = trials.Where(trial => trial.Helped).ToList();
        if (kept.Count == 0)
        {
            return None;
        }

        var there = await session.QueryAsync(
            "Performance/Optimize/Sql/IndexesThere.sql",
            row => new KeptBuild(kept[row.GetInt32(0) - 1], row.GetInt64(1), row.GetInt64(2), row.GetInt64(3)),
            cancellationToken,
            kept.Select(trial => trial.Build.Schema).ToArray(),
            kept.Select(trial => trial.Build.Name).ToArray());
        return new KeptBuilds(there, await StatementCounter.ReadAsync(session, there.SelectMany(build => build.Trial.Statements.Keys), cancellationToken));
    }

    /// <summary>Advice to drop what has not made its statements faster, for a person: others may use it by now. Pure.</summary>
    /// <param name="target">Name of the target.</param>
    /// <param name="database">The database.</param>
    /// <param name="now">The time.</param>
    public IReadOnlyList<QueryRecommendation> InVain(string target, string database, DateTimeOffset now) =>
        [.. There.Select(build => InVain(build, target, database, now)).OfType<QueryRecommendation>()];

    private QueryRecommendation? InVain(KeptBuild build, string target, string database, DateTimeOffset now)
    {
        var (trial, action) = (build.Trial, build.Trial.Build);
        var (calls, before, since, earlier) = (0.0, 0.0, 0.0, 0.0);
        foreach (var (id, then) in trial.Statements.Where(pair => pair.Value.Calls > 0))
        {
            var counted = (Now.GetValueOrDefault(id) ?? StatementCounter.None).Since(then);
            calls += counted.Calls;
            since += counted.Milliseconds;
            before += counted.Calls * then.Milliseconds / then.Calls;
            earlier += then.Calls;
        }

        if (calls < FewestCalls || since <= before * (1 - EffectRule.LeastTimeGain / 100) || action.Effect.GetValueOrDefault("RollbackSql")?.ToString() is not { Length: > 0 } drop)
        {
            return null;
        }

        var name = $"{action.Schema}.{action.Name}";
        var slower = Say.Text($"A call of its statements took {before / calls:0.##} ms on the average before ({earlier:0} calls), and takes {since / calls:0.##} ms since ({calls:0} calls): it has to be {EffectRule.LeastTimeGain:0} % less at least. The application asks for other values than those that it was measured with, or the tables have grown.");
        return new QueryRecommendation
        {
            Target = target,
            Database = database,
            Schema = action.Schema,
            Name = action.Name,
            Oid = build.Oid,
            Kind = RecommendationKind.DropIndex,
            Suggestion = Say.Text($"Drop {name}, unless others use it: it was built and kept on {trial.At.UtcDateTime:yyyy-MM-dd}, and what it was built for is no faster since."),
            Impact = RecommendationImpact.Unknown,
            Effort = RecommendationEffort.Low,
            Sql = drop.TrimEnd(';'),
            RollbackSql = action.Sql.TrimEnd(';'),
            Lock = ReindexPlanner.DropLock,
            SizeBytes = build.Bytes,
            Message = slower,
            Recommendation = "Find out whether other statements read it (its idx_scan in pg_stat_user_indexes goes on rising while they run); if none does, drop it with the statement given here.",
            Reasons =
            [
                slower,
                Say.Text($"It was read {Say.Count(build.Scans, "time", "times")} since statistics are counted, by its measuring too: where other statements use it by now, they would miss it. It takes {Say.Size(build.Bytes)}, and every write maintains it."),
            ],
            Evidence = new Dictionary<string, object?>
            {
                ["CallsBefore"] = earlier,
                ["CallsSince"] = calls,
                ["MeanMillisecondsBefore"] = Math.Round(before / calls, 3),
                ["MeanMillisecondsSince"] = Math.Round(since / calls, 3),
                ["Scans"] = build.Scans,
            },
            Confidence = RecommendationConfidence.Medium,
            CollectedAt = now,
        };
    }
}
