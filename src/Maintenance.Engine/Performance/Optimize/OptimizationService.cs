using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Maintenance.Engine.Database;
using Maintenance.Engine.Functions;
using Maintenance.Engine.History;
using Maintenance.Engine.Maintain;
using Maintenance.Engine.Resilience;

namespace Maintenance.Engine.Performance.Optimize;

/// <summary>Says what would help statements that take long, and does what is safe: it builds, measures, and keeps only what helped.</summary>
public sealed class OptimizationService
{
    /// <summary>Shown in pg_stat_activity, and the name of the lock.</summary>
    internal const string TaskName = "Optimize-DbQuery";

    private static readonly TimeSpan PlanningTimeout = TimeSpan.FromSeconds(120);

    private static readonly TimeSpan FunctionTimeout = TimeSpan.FromSeconds(15);

    private readonly DatabaseConnector _connector;
    private readonly FunctionService _functions;
    private readonly VacuumService _vacuum;
    private readonly IndexSearch _search;
    private readonly ActionHistory _history;
    private readonly TimeProvider _time;

    // What the last plan of a target found. Texts of statements may hold literals, so no contract carries them.
    private readonly ConcurrentDictionary<string, OptimizationPlan> _plans = new(StringComparer.OrdinalIgnoreCase);

    internal OptimizationService(DatabaseConnector connector, FunctionService functions, VacuumService vacuum, HistoryService history, IndexSearch search, TimeProvider time)
    {
        (_connector, _functions, _vacuum, _search, _time) = (connector, functions, vacuum, search, time);
        _history = new ActionHistory(history, time);
    }

    /// <summary>Says what would help, the most first. Changes nothing. Default timeout 2 minutes.</summary>
    /// <param name="target">The target.</param>
    /// <param name="options">Which statements.</param>
    /// <param name="call">What the call brings along.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="MaintenanceException">ExtensionMissing, or what the server reports.</exception>
    public async Task<IReadOnlyList<QueryRecommendation>> PlanAsync(MaintenanceTarget target, OptimizationOptions options, CallContext call, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        var plan = await AdviseAsync(target, options, call, cancellationToken);
        foreach (var said in plan.Unknowns.Concat(plan.Notes))
        {
            call.Sink.Warning(said);
        }

        return plan.Recommendations;
    }

    /// <summary>
    /// Applies those that may be applied without a person: leftovers are dropped, statistics gathered, and indexes built one after another,
    /// measured, and dropped again where they did not help. Others pass through. Results come as they are there; whoever stops reading
    /// stops the work.
    /// </summary>
    /// <param name="target">The target.</param>
    /// <param name="recommendations">Recommendations of <see cref="PlanAsync"/> of this session, without those that were declined.</param>
    /// <param name="options">Within which limits.</param>
    /// <param name="call">What the call brings along; its timeout ends what runs.</param>
    /// <param name="cancellationToken">Ends the work; what is unfinished is dropped before it returns.</param>
    /// <exception cref="MaintenanceException">AlreadyRunning, PoolerNotSupported, DatabaseReadOnly, or what the server reports.</exception>
    public async IAsyncEnumerable<QueryRecommendation> ApplyAsync(
        MaintenanceTarget target,
        IReadOnlyList<QueryRecommendation> recommendations,
        OptimizationOptions options,
        CallContext call,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(recommendations);
        foreach (var other in recommendations.Where(recommendation => !IsToBeApplied(recommendation)))
        {
            yield return other.State == RecommendationState.Proposed ? Left(other) : other;
        }

        var wanted = recommendations.Where(IsToBeApplied).ToList();
        if (wanted.Count == 0)
        {
            yield break;
        }

        await using var held = await AdvisoryLock.AcquireAsync(_connector, target, TaskName, call, cancellationToken);
        await foreach (var applied in held.GuardAsync(token => ApplyAllAsync(target, wanted, options, call, token), cancellationToken))
        {
            yield return applied;
        }
    }

    /// <summary>What would help, with what could not be found out.</summary>
    internal async Task<OptimizationPlan> AdviseAsync(MaintenanceTarget target, OptimizationOptions options, CallContext call, CancellationToken cancellationToken)
    {
        // If this one fails, what the one before it found is no answer.
        _plans.TryRemove(target.Name, out _);
        using var deadline = new Deadline(call.Timeout ?? PlanningTimeout, _time, cancellationToken);
        return await deadline.RunAsync($"Looking for what would help '{target.Name}'", async token =>
        {
            // Neither keeps the database waiting.
            var asking = AskAsync(target, options, call, token);
            var remembering = _history.ReadAsync(target, call, token);
            try
            {
                await using var session = await _connector.OpenAsync(target, new SessionOptions($"{TaskName} plan", deadline.Remaining), call, token);
                var past = await remembering;
                var trials = PastTrial.Find(past, session.Database);
                var all = await WorkloadReader.ReadAsync(session, options.Queries, token);
                var kept = await KeptBuilds.ReadAsync(session, trials, token);
                var workload = WorkloadSinceBuilds.Weigh(all, options.Queries, kept);
                var advice = new OptimizationAdvice(session, workload, past, call, _time.GetUtcNow());
                var plan = new Verdicts(trials, options.RetryDropped).Apply(await advice.GatherAsync(_search, _vacuum, token));
                if (!_history.IsKept(target, call) && plan.Indexes.Count > 0)
                {
                    plan = plan with { Unknowns = [.. plan.Unknowns, $"'{target.Name}' has no history, so verdicts are not remembered: an index that -Apply has dropped because it did not help is built again by the next. Give the target a history."] };
                }

                var (said, unknown) = await asking;
                plan = plan with { Recommendations = OtherAdvice.Together(plan.Recommendations, said), Unknowns = [.. plan.Unknowns, .. unknown is null ? Array.Empty<string>() : [unknown]] };
                plan = plan with { Recommendations = [.. plan.Recommendations, .. kept.InVain(target.Name, session.Database, _time.GetUtcNow())] };
                _plans[target.Name] = plan;
                return plan;
            }
            finally
            {
                await ((Task)asking).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                await ((Task)remembering).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        });
    }

    /// <summary>The plan of this session that recommendations come from; null if they come from elsewhere.</summary>
    internal OptimizationPlan? PlanOf(MaintenanceTarget target, IReadOnlyList<QueryRecommendation> recommendations) =>
        _plans.TryGetValue(target.Name, out var plan) && plan.Made(recommendations) ? plan : null;

    /// <summary>What was done before, as far as it was kept.</summary>
    internal Task<PastActions> ReadPastAsync(MaintenanceTarget target, CallContext call, CancellationToken cancellationToken) => _history.ReadAsync(target, call, cancellationToken);

    private static QueryRecommendation Left(QueryRecommendation other) => other with
    {
        State = RecommendationState.Skipped,
        Message = IndexRecommendation.WaitsFor(other) is { } first
            ? $"It is of use once {first} is there: when that is built, the next run of Optimize-DbQuery looks at this one. Nothing was done."
            : $"A person has to decide about it; nothing was done.{((other.Message ?? (other.Reasons is [var reason, ..] ? reason : null)) is { } why ? $" {why}" : "")}",
    };

    private static bool IsToBeApplied(QueryRecommendation recommendation) => recommendation is { AutoApply: true, State: RecommendationState.Proposed };

    private async Task<(IReadOnlyList<QueryRecommendation> Said, string? Unknown)> AskAsync(MaintenanceTarget target, OptimizationOptions options, CallContext call, CancellationToken cancellationToken)
    {
        if (target.Functions is null || !options.AskFunction)
        {
            return ([], null);
        }

        try
        {
            var answer = await _functions.CallAsync(target, FunctionCatalogue.QueryOptimizationRecommendations, new Dictionary<string, object?>(), call with { Timeout = FunctionTimeout }, cancellationToken);
            return (OtherAdvice.OfFunction(target, answer, _time.GetUtcNow()), null);
        }
        catch (MaintenanceException exception)
        {
            return ([], $"What the function recommends is not known: {exception.Message}");
        }
    }

    private async IAsyncEnumerable<QueryRecommendation> ApplyAllAsync(
        MaintenanceTarget target, IReadOnlyList<QueryRecommendation> wanted, OptimizationOptions options, CallContext call, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var deadline = new Deadline(Limit(options, call), _time, cancellationToken);
        await using var run = await BuildRun.StartAsync(_connector, target, options, call, _history, _time, cancellationToken);
        await AssureItIsAPrimaryAsync(run, cancellationToken);
        var applying = new Applying(run, _plans.GetValueOrDefault(target.Name), _vacuum, _search, deadline);
        // Statistics decide about plans, so they come before what is measured by plans.
        foreach (var recommendation in wanted.OrderBy(Order))
        {
            yield return await applying.ApplyAsync(recommendation, cancellationToken);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private static int Order(QueryRecommendation recommendation) => recommendation.Kind switch
    {
        RecommendationKind.DropIndex => 0,
        RecommendationKind.Analyze => 1,
        _ => 2,
    };

    private static async Task AssureItIsAPrimaryAsync(BuildRun run, CancellationToken cancellationToken)
    {
        await using var session = await run.OpenAsync("", LockTimeoutLadder.Shortest, cancellationToken);
        if (Preflight.Judge(run.Target.Name, await Preflight.ReadAsync(session, run.Ours, cancellationToken)) is { Code: MaintenanceErrorCode.PoolerNotSupported or MaintenanceErrorCode.DatabaseReadOnly } never)
        {
            throw never;
        }
    }

    private TimeSpan? Limit(OptimizationOptions options, CallContext call)
    {
        var window = options.Deadline - _time.GetUtcNow() is { } left ? left > TimeSpan.Zero ? left : TimeSpan.Zero : (TimeSpan?)null;
        return call.Timeout is { } timeout && !(window < timeout) ? timeout : window;
    }
}
