using System.Globalization;
using Maintenance.Engine.Maintain;
using Maintenance.Engine.Performance.Indexes;
using Maintenance.Engine.Resilience;

namespace Maintenance.Engine.Performance.Optimize;

/// <summary>Applies recommendations one after another. What goes wrong with one is in its result.</summary>
/// <param name="run">The run.</param>
/// <param name="plan">What was planned; null if nothing was in this session.</param>
/// <param name="vacuum">Gathers statistics.</param>
/// <param name="search">Looks again once an index was kept.</param>
/// <param name="deadline">The end of the time there is.</param>
internal sealed class Applying(BuildRun run, OptimizationPlan? plan, VacuumService vacuum, IndexSearch search, Deadline deadline)
{
    /// <summary>Who has gathered statistics, in the effect of the action.</summary>
    public const string AppliedBy = "AppliedBy";

    // By statement, the index that was built for it and kept in this run.
    private readonly Dictionary<long, string> _helped = [];
    private Workload? _workload = plan?.Workload;
    private IReadOnlyList<MissingIndex>? _foundAgain;
    private int _built;

    /// <summary>Applies one.</summary>
    /// <param name="recommendation">The recommendation.</param>
    /// <param name="caller">The caller's wish to stop.</param>
    public async Task<QueryRecommendation> ApplyAsync(QueryRecommendation recommendation, CancellationToken caller)
    {
        if (WhyNot(recommendation) is { } reason)
        {
            await RememberAsync(recommendation, reason);
            return Put(recommendation, RecommendationState.Deferred, reason);
        }

        try
        {
            return recommendation.Kind switch
            {
                RecommendationKind.CreateIndex => await BuildAsync(recommendation, deadline.Token),
                RecommendationKind.DropIndex => await DropAsync(recommendation, deadline.Token),
                RecommendationKind.Analyze => await AnalyzeAsync(recommendation, deadline.Token),
                _ => throw Unknown(),
            };
        }
        catch (OperationCanceledException) when (deadline.HasPassed)
        {
            return Put(recommendation, RecommendationState.Deferred, new MaintenanceException(
                MaintenanceErrorCode.DeadlineExceeded, "The time was over before it was done; nothing of it is left.", "It comes first next time. Allow a longer window."));
        }
        catch (OperationCanceledException) when (caller.IsCancellationRequested)
        {
            throw;
        }
        catch (MaintenanceException exception)
        {
            return Put(recommendation, BuildRule.IsForLater(exception.Code) ? RecommendationState.Deferred : RecommendationState.Failed, exception);
        }
    }

    private MaintenanceException? WhyNot(QueryRecommendation recommendation)
    {
        if (deadline.Remaining is { } left && (deadline.HasPassed || recommendation.PredictedDuration > left))
        {
            return new MaintenanceException(
                MaintenanceErrorCode.DoesNotFit,
                string.Create(CultureInfo.InvariantCulture, $"It is predicted to take {recommendation.PredictedDuration?.TotalSeconds:0.#} s, and {left.TotalSeconds:0.#} s are left."),
                "It comes first next time. Allow a longer window.");
        }

        return recommendation.Kind == RecommendationKind.CreateIndex && _built >= run.Options.MaximumIndexes
            ? new MaintenanceException(
                MaintenanceErrorCode.DoesNotFit,
                Inspect.Say.Text($"{Inspect.Say.Count(_built, "index was", "indexes were")} built in this run, which is as many as may be."),
                "Run it again: what was built may have changed what helps. -MaximumIndexes allows more.")
            : null;
    }

    // What is put off comes first next time.
    private async Task RememberAsync(QueryRecommendation recommendation, MaintenanceException reason)
    {
        if (recommendation.Kind == RecommendationKind.CreateIndex && Find(recommendation).Index is { } index)
        {
            await run.History.RecordAsync(
                run.Target,
                IndexRecommendation.Action(run.Target.Name, recommendation.Database, index, run.Time.GetUtcNow()) with
                {
                    State = StepState.Deferred, Error = reason.Code, Message = reason.Message, Recommendation = reason.Recommendation,
                },
                run.Call);
        }
    }

    private (MissingIndex? Index, IReadOnlyList<WorkloadItem> Statements) Find(QueryRecommendation recommendation) => plan?.Indexes.FirstOrDefault(candidate =>
        candidate.Index.TableOid == recommendation.Oid && candidate.Index.Name == recommendation.IndexName && candidate.Index.CreateSql == recommendation.Sql) ?? default;

    private async Task<QueryRecommendation> BuildAsync(QueryRecommendation recommendation, CancellationToken cancellationToken)
    {
        var (index, statements) = Find(recommendation);
        if (index is null)
        {
            throw Unknown();
        }

        if (index.Benefits.Select(benefit => benefit.Statement.QueryId is { } id ? _helped.GetValueOrDefault(id) : null).FirstOrDefault(name => name is not null) is { } kept)
        {
            // What it was proposed for takes less by now: the proposal is as old as the figures were.
            if (await FindAgainAsync(index, cancellationToken) is not { } still)
            {
                return recommendation with
                {
                    State = RecommendationState.Skipped,
                    AutoApply = false,
                    Impact = RecommendationImpact.Low,
                    ImpactPercent = 0,
                    Message = $"Not built: {kept} was built for the same statements in this run, and with it this one is not worth what it costs any more.",
                    CollectedAt = run.Time.GetUtcNow(),
                };
            }

            (index, statements) = (index with { Benefits = still.Benefits }, _workload!.Of(still));
        }

        _built++;
        await using var builder = new IndexBuilder(run);
        var done = await new IndexTrial(run, builder, index, statements).RunAsync(recommendation, cancellationToken);
        if (done.State == RecommendationState.Applied)
        {
            Note(done);
        }

        return done;
    }

    // What each statement takes by now, as measured; by the cost of its plan where it was not executed.
    private void Note(QueryRecommendation done)
    {
        var shares = new Dictionary<long, double>();
        foreach (var effect in done.Statements)
        {
            if (effect.QueryId is { } id)
            {
                shares[id] = effect is { TimeBefore.Ticks: > 0 and var before, TimeAfter.Ticks: var after }
                    ? Math.Min(1, (double)after / before)
                    : effect is { CostBefore: > 0 and var cost, CostAfter: { } left } ? Math.Min(1, left / cost) : 1;
            }
        }

        foreach (var id in shares.Keys)
        {
            _helped[id] = $"{done.Schema}.{done.IndexName}";
        }

        _workload = _workload?.With(shares);
        _foundAgain = null;
    }

    private async Task<MissingIndex?> FindAgainAsync(MissingIndex index, CancellationToken cancellationToken)
    {
        if (_foundAgain is null)
        {
            await using var session = await run.OpenAsync(" search", LockTimeoutLadder.Shortest, cancellationToken);
            _foundAgain = (await search(session, [.. _workload!.Items.Select(item => item.Statement)], _workload.TotalMilliseconds, run.Call, cancellationToken)).Indexes;
        }

        return _foundAgain.FirstOrDefault(found => found.IsAdvised && PastTrial.IsSame(found, index));
    }

    private async Task<QueryRecommendation> DropAsync(QueryRecommendation recommendation, CancellationToken cancellationToken)
    {
        var build = plan?.Leftovers.FirstOrDefault(left => left.Origin.Schema == recommendation.Schema && left.Origin.Name == recommendation.Name) ?? throw Unknown();
        cancellationToken.ThrowIfCancellationRequested();
        var began = run.Time.GetTimestamp();
        await using var builder = new IndexBuilder(run);
        await builder.RemoveAsync(build.Origin, cancellationToken);
        await run.History.RecordAsync(run.Target, InterruptedBuilds.Close(build), run.Call);
        return recommendation with
        {
            State = RecommendationState.Applied,
            Message = "Dropped: it was left of an interrupted run.",
            Duration = run.Time.GetElapsedTime(began),
            CollectedAt = run.Time.GetUtcNow(),
        };
    }

    private async Task<QueryRecommendation> AnalyzeAsync(QueryRecommendation recommendation, CancellationToken cancellationToken)
    {
        var due = plan?.Statistics.FirstOrDefault(action => action.Oid == recommendation.Oid && action.Sql == recommendation.Sql) ?? throw Unknown();
        // The history also has what others have vacuumed and analysed.
        var planned = due with { Effect = new Dictionary<string, object?>(due.Effect) { [AppliedBy] = OptimizationService.TaskName } };
        var options = new VacuumOptions { MaximumBlock = run.Options.MaximumBlock, Deadline = run.Options.Deadline, Parallel = 1 };
        await foreach (var action in vacuum.ExecuteAsync(run.Target, [planned], options, run.Call, cancellationToken))
        {
            return recommendation with
            {
                State = action.State switch
                {
                    StepState.Done => RecommendationState.Applied,
                    StepState.Deferred => RecommendationState.Deferred,
                    StepState.Skipped => RecommendationState.Skipped,
                    StepState.Cancelled => RecommendationState.Cancelled,
                    _ => RecommendationState.Failed,
                },
                Message = action.Message,
                Error = action.Error,
                Recommendation = action.Recommendation,
                Duration = action.Duration,
                CollectedAt = run.Time.GetUtcNow(),
            };
        }

        throw Unknown();
    }

    private QueryRecommendation Put(QueryRecommendation recommendation, RecommendationState state, MaintenanceException reason) => recommendation with
    {
        State = state,
        Error = reason.Code,
        Message = reason.Message,
        Recommendation = reason.Recommendation,
        CollectedAt = run.Time.GetUtcNow(),
    };

    private static MaintenanceException Unknown() => new(
        MaintenanceErrorCode.InvalidArgument, "It is no recommendation of this session, so what it would do is not known.", "Ask for recommendations again: Optimize-DbQuery.");
}
