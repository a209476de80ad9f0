using Maintenance.Engine.Database;
using Maintenance.Engine.Inspect;
using Maintenance.Engine.Maintain;
using Maintenance.Engine.Performance.Indexes;

namespace Maintenance.Engine.Performance.Optimize;

/// <summary>
/// Builds an index, measures before and after what it does for the statements that it is for, and drops it if it does not help. Whatever
/// ends it before that is known also drops it, without a verdict: what was not measured is neither proved nor disproved, and is tried again. Where
/// nothing can be measured in the first place, nothing is built.
/// </summary>
internal sealed class IndexTrial(BuildRun run, IndexBuilder builder, MissingIndex index, IReadOnlyList<WorkloadItem> statements)
{
    /// <summary>How many statements were planned with it, in the evidence: there once it was built and judged.</summary>
    public const string Planned = "StatementsPlanned";

    /// <summary>So many statements are tried: those that take the most time.</summary>
    private const int MostStatements = 5;

    /// <summary>Runs it.</summary>
    /// <param name="proposed">The recommendation.</param>
    /// <param name="cancellationToken">Ends it; what was built is dropped before this returns.</param>
    public async Task<QueryRecommendation> RunAsync(QueryRecommendation proposed, CancellationToken cancellationToken)
    {
        var action = IndexRecommendation.Action(run.Target.Name, proposed.Database, index, run.Time.GetUtcNow());
        BuiltIndex? built = null;
        try
        {
            var session = await builder.SessionAsync(cancellationToken);
            var trials = statements.Take(MostStatements).Select(item => new StatementTrial(session, item, index, run.Options.Measure)).ToList();
            run.Call.Sink.Verbose(Say.Text($"Measuring {trials.Count} statements before {index.Schema}.{index.Name} is built."));
            var before = await TryAllAsync(trials, cancellationToken);
            if (before.All(result => result is null))
            {
                return await UntriedAsync(proposed, action, trials);
            }

            built = await builder.BuildAsync(index, action, proposed.PredictedDuration, cancellationToken);
            action = Done(action, built);
            if (index.Keys.Any(key => key.Contains('(', StringComparison.Ordinal)))
            {
                // Of what an expression comes to there are no statistics before.
                await AnalyzeAsync(session, built.Index, cancellationToken);
            }

            var after = await TryAllAsync(trials, cancellationToken);
            var tried = trials.Select((trial, number) => Effect(trial, before[number], after[number])).ToList();
            var verdict = EffectRule.Judge(tried);
            var effects = tried.Select(one => one.With(one.Worst)).ToList();
            if (verdict.Helped is not { } helped)
            {
                throw new MaintenanceException(MaintenanceErrorCode.HeldBack, verdict.Message, "It is tried again by the next run.");
            }

            var counters = helped ? await CountersAsync(session, cancellationToken) : new Dictionary<long, StatementCounter>();
            return await ConcludeAsync(proposed, action, built, effects, verdict, helped, counters, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            await DropUnjudgedAsync(action, built, "It was stopped before its effect was known, so it was dropped.", cancellationToken);
            if (built is null)
            {
                await RecordAsync(action with { State = StepState.Cancelled, Error = MaintenanceErrorCode.Cancelled, Message = "It was stopped before it was built; nothing of it is left." });
            }

            throw;
        }
        catch (MaintenanceException exception)
        {
            var left = await DropUnjudgedAsync(action, built, $"Its effect could not be measured, so it was dropped: {exception.Message}", cancellationToken);
            var isForLater = BuildRule.IsForLater(exception.Code);
            if (built is null)
            {
                await RecordAsync(action with { State = isForLater ? StepState.Deferred : StepState.Failed, Error = exception.Code, Message = exception.Message, Recommendation = exception.Recommendation });
            }

            return proposed with
            {
                State = isForLater && left is null ? RecommendationState.Deferred : RecommendationState.Failed,
                Error = exception.Code,
                Message = left is null ? exception.Message : $"{exception.Message} {left.Message}",
                Recommendation = left?.Recommendation ?? exception.Recommendation,
                CollectedAt = run.Time.GetUtcNow(),
            };
        }
    }

    private async Task<QueryRecommendation> UntriedAsync(QueryRecommendation proposed, DbAction action, List<StatementTrial> trials)
    {
        var effects = trials.Select(trial => Effect(trial, null, null).Statement).ToList();
        var why = EffectRule.Untold(effects);
        if (run.Options.Measure && trials.TrueForAll(trial => trial.IsLeftToAPerson))
        {
            // The next run would find out no more: it is left to a person from now on. No removal comes with it, since nothing was built.
            var effect = action.Effect.ToDictionary();
            foreach (var (key, value) in PastTrial.EffectOf(false, Ids, new Dictionary<long, StatementCounter>(), why))
            {
                effect[key] = value;
            }

            await RecordAsync(action with { State = StepState.Skipped, Message = $"Not built. {why}", Recommendation = PastTrial.ForAPerson, Effect = effect });
        }

        return proposed with
        {
            State = RecommendationState.Skipped,
            AutoApply = false,
            Message = $"Not built: {why}",
            Recommendation = PastTrial.ForAPerson,
            Statements = effects,
            CollectedAt = run.Time.GetUtcNow(),
        };
    }

    private IEnumerable<long> Ids => statements.Select(item => item.Statement.QueryId).OfType<long>();

    // From here on the statements' time is that with the index.
    private async Task<IReadOnlyDictionary<long, StatementCounter>> CountersAsync(DatabaseSession session, CancellationToken cancellationToken)
    {
        try
        {
            await StatementsExtension.RequireAsync(session, "The extension pg_stat_statements is gone.", cancellationToken);
            return await StatementCounter.ReadAsync(session, Ids, cancellationToken);
        }
        catch (MaintenanceException exception)
        {
            // It helped all the same.
            run.Call.Sink.Verbose($"What was counted of the statements so far could not be read: {exception.Message}");
            return new Dictionary<long, StatementCounter>();
        }
    }

    private static async Task<IReadOnlyList<TrialResult?>> TryAllAsync(List<StatementTrial> trials, CancellationToken cancellationToken)
    {
        var results = new List<TrialResult?>();
        foreach (var trial in trials)
        {
            results.Add(await trial.RunAsync(cancellationToken));
        }

        return results;
    }

    private async Task AnalyzeAsync(DatabaseSession session, IndexState made, CancellationToken cancellationToken) =>
        await run.Watchdog.ExecuteAsync(session, $"ANALYZE {made.Table}", cancellationToken);

    // Costs of the same kind alone can be compared.
    private TrialEffect Effect(StatementTrial trial, TrialResult? before, TrialResult? after) => new(
        new StatementEffect
        {
            QueryId = trial.Item.Statement.QueryId,
            Query = QueryText.Redact(trial.Item.Statement.Text),
            Calls = trial.Item.Statement.Calls,
            TotalTime = TimeSpan.FromMilliseconds(trial.Item.Statement.TotalMilliseconds),
            CostBefore = before?.GenericCost,
            CostAfter = after?.GenericCost,
            UsesIndex = after?.Indexes.Contains(index.Name),
            NotMeasured = trial.NotMeasured,
        },
        before is null || after is null ? [] : [.. trial.Sets.Select((set, number) => new SetEffect(before.Sets[number], after.Sets[number], set.Set.IsCommon, set.IsHarder))]);

    private static DbAction Done(DbAction action, BuiltIndex built)
    {
        var effect = action.Effect.ToDictionary();
        return action with
        {
            State = StepState.Done,
            Oid = built.Index.Oid,
            Table = built.Index.Table,
            Attempts = built.Attempts,
            Duration = built.Duration,
            SizeBytesAfter = built.Index.SizeBytes,
            Effect = effect,
        };
    }

    private async Task<QueryRecommendation> ConcludeAsync(
        QueryRecommendation proposed,
        DbAction action,
        BuiltIndex built,
        IReadOnlyList<StatementEffect> effects,
        EffectVerdict verdict,
        bool helped,
        IReadOnlyDictionary<long, StatementCounter> counters,
        CancellationToken cancellationToken)
    {
        var evidence = proposed.Evidence.ToDictionary();
        var effect = action.Effect.ToDictionary();
        foreach (var (key, value) in Figures(effects, verdict))
        {
            evidence[key] = value;
            effect[key] = value;
        }

        foreach (var (key, value) in PastTrial.EffectOf(helped, Ids, counters, verdict.DependsOnValues ? verdict.Message : null))
        {
            effect[key] = value;
        }

        var dropped = helped ? null : await DropAsync(action, built, effect, cancellationToken);
        var kept = action with { Message = $"{(helped ? "Built and kept" : verdict.DependsOnValues ? "Built, and for a person to decide" : "Built, and did not help")}. {verdict.Message}", Effect = effect };
        await run.History.RecordAsync(run.Target, dropped is null ? [kept] : [kept, dropped], run.Call);
        return proposed with
        {
            Statements = effects,
            Evidence = evidence,
            SizeBytes = built.Index.SizeBytes,
            Duration = built.Duration,
            AutoApply = proposed.AutoApply && !verdict.DependsOnValues,
            State = helped ? RecommendationState.Applied
                : dropped!.State != StepState.Done ? RecommendationState.Failed
                : verdict.DependsOnValues ? RecommendationState.Skipped : RecommendationState.Dropped,
            Message = helped ? $"Kept: {verdict.Message}"
                : dropped!.State != StepState.Done ? $"It {(verdict.DependsOnValues ? "is not sure to help" : "did not help")}, and could not be dropped. {verdict.Message} {dropped.Message}"
                : verdict.DependsOnValues ? $"Built, measured and dropped: a person has to decide about it. {verdict.Message}" : $"Dropped: did not help. {verdict.Message}",
            Error = dropped?.Error,
            Recommendation = dropped?.Recommendation ?? (verdict.DependsOnValues ? PastTrial.ForAPerson : null),
            // What it did is measured; whether that is what the application needs is not known any better than before.
            Confidence = verdict.DependsOnValues ? proposed.Confidence : verdict.TimeGain is null ? RecommendationConfidence.Medium : RecommendationConfidence.High,
            CollectedAt = run.Time.GetUtcNow(),
        };
    }

    private static Dictionary<string, object?> Figures(IReadOnlyList<StatementEffect> effects, EffectVerdict verdict) => new()
    {
        ["CostGainPercent"] = Rounded(verdict.CostGain),
        ["TimeGainPercent"] = Rounded(verdict.TimeGain),
        [Planned] = effects.Count(effect => effect.CostAfter is not null),
        ["StatementsExecuted"] = effects.Count(effect => effect.TimeAfter is not null),
        ["CostBefore"] = Rounded(effects.Sum(effect => effect.CostBefore)),
        ["CostAfter"] = Rounded(effects.Sum(effect => effect.CostAfter)),
        ["BlocksBefore"] = verdict.TimeGain is null ? null : Rounded(effects.Sum(effect => effect.BlocksBefore)),
        ["BlocksAfter"] = verdict.TimeGain is null ? null : Rounded(effects.Sum(effect => effect.BlocksAfter)),
        ["MillisecondsBefore"] = verdict.TimeGain is null ? null : Rounded(effects.Sum(effect => effect.TimeBefore?.TotalMilliseconds)),
        ["MillisecondsAfter"] = verdict.TimeGain is null ? null : Rounded(effects.Sum(effect => effect.TimeAfter?.TotalMilliseconds)),
    };

    private static double? Rounded(double? value) => value is { } known ? Math.Round(known, 2) : null;

    private async Task<DbAction> DropAsync(DbAction creation, BuiltIndex built, IReadOnlyDictionary<string, object?> effect, CancellationToken cancellationToken)
    {
        var began = run.Time.GetUtcNow();
        var action = creation with
        {
            Kind = DbActionKind.DropIndex,
            Sql = built.Index.DropSql,
            Lock = ReindexPlanner.DropLock,
            SizeBytes = built.Index.SizeBytes,
            SizeBytesAfter = null,
            Message = "Dropped: it did not help, or not for all that may be asked for.",
            StartedAt = began,
            Attempts = 1,
            Effect = new Dictionary<string, object?>(effect) { ["RollbackSql"] = index.CreateSql },
        };
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            await builder.RemoveAsync(built.Origin, cancellationToken);
            return action with { SizeBytesAfter = 0, Duration = run.Time.GetUtcNow() - began };
        }
        catch (MaintenanceException exception)
        {
            return action with { State = StepState.Failed, Error = exception.Code, Message = exception.Message, Recommendation = exception.Recommendation, Duration = run.Time.GetUtcNow() - began };
        }
    }

    /// <returns>Null if nothing is left.</returns>
    private async Task<MaintenanceException?> DropUnjudgedAsync(DbAction action, BuiltIndex? built, string message, CancellationToken stop)
    {
        if (built is null)
        {
            return null;
        }

        var cancelled = action with { State = StepState.Cancelled, Error = MaintenanceErrorCode.Cancelled };
        try
        {
            await builder.RemoveAsync(built.Origin, stop);
            await RecordAsync(cancelled with { Message = message, SizeBytesAfter = 0 });
            return null;
        }
        catch (MaintenanceException left)
        {
            await RecordAsync(cancelled with { Message = left.Message, Recommendation = left.Recommendation });
            return left;
        }
    }

    // What is left is found by the next run.
    private Task RecordAsync(DbAction action) =>
        run.History.RecordAsync(run.Target, builder.Left is { } left ? action with { Effect = InterruptedBuilds.Pending(action, left) } : action, run.Call);
}
