using System.Runtime.CompilerServices;
using Maintenance.Engine.Database;
using Maintenance.Engine.Inspect;
using Maintenance.Engine.Inspect.Bloat;
using Maintenance.Engine.Performance.Baselines;
using Maintenance.Engine.Retention;
using Maintenance.Engine.Tasks;

namespace Maintenance.Engine.Maintain;

/// <summary>What database maintenance is made of.</summary>
internal sealed record DbMaintenanceParts(
    DatabaseConnector Connector, BloatService Bloat, IndexAdviceService Indexes, RetentionService Retention, VacuumService Vacuum, ReindexService Reindex,
    PerformanceBaselineService Baselines, ActionHistory History);

/// <summary>One run of database maintenance: does its parts, and keeps what they came to.</summary>
/// <param name="parts">What does the work.</param>
/// <param name="options">What to do.</param>
/// <param name="confirm">Asks for each action; null to do all that are planned.</param>
/// <param name="context">The run.</param>
internal sealed class DbMaintenanceWork(DbMaintenanceParts parts, DbMaintenanceOptions options, Func<DbAction, Task<bool>>? confirm, TaskContext context)
{
    /// <summary>Of the time there is, rows past their age get so much to leave in; what does not fit goes next time.</summary>
    private const double ShareForRetention = 0.3;

    /// <summary>Vacuuming must be over by then, and leave some time to rebuild indexes in.</summary>
    private const double ShareForVacuum = 0.6;

    /// <summary>Rebuilding must be over by then; the rest is for analyzing and the reports.</summary>
    private const double ShareForReindex = 0.9;

    private const double ShareForAnalyze = 0.95;

    /// <summary>Verifying bloat reads at most so much, the largest suspects first.</summary>
    private const long IoBudget = 4L << 30;

    private readonly DateTimeOffset _startedAt = context.Time.GetUtcNow();
    private readonly TimeSpan? _time = context.Deadline.Remaining;
    private readonly List<DbAction> _actions = [];
    private readonly List<Finding> _findings = [];
    private readonly List<Metric> _metrics = [];

    public IReadOnlyList<DbAction> Actions => _actions;

    public IReadOnlyList<Finding> Findings => _findings;

    public IReadOnlyList<Metric> Metrics => _metrics;

    /// <summary>What an acting part would do now; nothing for one that only looks.</summary>
    public async Task<IReadOnlyList<DbAction>> PlanAsync(DbMaintenanceStep step, CancellationToken cancellationToken) => step switch
    {
        DbMaintenanceStep.Retention => [.. (await PlanRetentionAsync(cancellationToken)).Select(RetentionActions.ToAction)],
        DbMaintenanceStep.Vacuum or DbMaintenanceStep.Analyze => await PlanVacuumAsync(step, OptionsFor(step), cancellationToken),
        DbMaintenanceStep.Reindex => await PlanReindexAsync(await ReindexOptionsAsync(cancellationToken), cancellationToken),
        _ => [],
    };

    /// <summary>Runs a part.</summary>
    public async Task<MaintenanceStep> RunAsync(DbMaintenanceStep step, DateTimeOffset startedAt, CancellationToken cancellationToken)
    {
        switch (step)
        {
            case DbMaintenanceStep.Retention:
                // Also where no row is due: the run begins by finishing what an earlier one has left on its way.
                var policies = (await PlanRetentionAsync(cancellationToken)).ToDictionary<RetentionResult, DbAction>(RetentionActions.ToAction, ReferenceEqualityComparer.Instance);
                return await ActAsync(
                    step,
                    [.. policies.Keys],
                    granted => RetireAsync([.. granted.Select(action => policies[action])], cancellationToken),
                    context.Target.Retention.Count == 0 ? "No retention policy is configured." : "No row is past its age.",
                    startedAt);
            case DbMaintenanceStep.Vacuum or DbMaintenanceStep.Analyze:
                var vacuum = OptionsFor(step);
                var planned = await PlanVacuumAsync(step, vacuum, cancellationToken);
                return await ActAsync(
                    step,
                    planned,
                    granted => parts.Vacuum.ExecuteAsync(context.Target, granted, vacuum, context.Call, cancellationToken),
                    step == DbMaintenanceStep.Vacuum ? "No table needs it." : "The statistics of every table are up to date.",
                    startedAt);
            case DbMaintenanceStep.Reindex:
                var reindex = await ReindexOptionsAsync(cancellationToken);
                return await ActAsync(
                    step,
                    await PlanReindexAsync(reindex, cancellationToken),
                    granted => parts.Reindex.ExecuteAsync(context.Target, granted, reindex, context.Call, cancellationToken),
                    "No index is bloated, and no failed rebuild left anything behind.",
                    startedAt);
            case DbMaintenanceStep.Baseline:
                var baselines = await BaselineSteps.WeeklyAsync(parts.Baselines, context, _startedAt, cancellationToken);
                return baselines with { Name = step.ToString(), StartedAt = startedAt, Duration = context.Time.GetUtcNow() - startedAt };
            default:
                var report = step switch
                {
                    DbMaintenanceStep.IndexReport => await MaintenanceReports.IndexesAsync(parts, context, cancellationToken),
                    _ => await MaintenanceReports.SizesAsync(parts, context, cancellationToken),
                };
                _findings.AddRange(report.Findings);
                _metrics.AddRange(report.Metrics);
                return report.Step with { Name = step.ToString(), StartedAt = startedAt, Duration = context.Time.GetUtcNow() - startedAt };
        }
    }

    private async Task<MaintenanceStep> ActAsync(
        DbMaintenanceStep step, IReadOnlyList<DbAction> planned, Func<IReadOnlyList<DbAction>, IAsyncEnumerable<DbAction>> execute, string nothing, DateTimeOffset startedAt)
    {
        var before = _actions.Count;
        var granted = new List<DbAction>();
        foreach (var action in planned)
        {
            if (action.State != StepState.Planned || confirm is null || await confirm(action))
            {
                granted.Add(action);
            }
            else
            {
                _actions.Add(action with { State = StepState.Skipped, Message = "It was not confirmed." });
            }
        }

        if (granted.Count > 0)
        {
            // What stops the part in its middle must not lose what was done before.
            await foreach (var action in execute(granted))
            {
                _actions.Add(action);
            }
        }

        // What was not looked at must not be called well.
        return ActionSummary.ToStep(step.ToString(), _actions[before..], options.Resume ? "Nothing was put off before; nothing else was looked at." : nothing, startedAt, context.Time.GetUtcNow() - startedAt);
    }

    // Without a policy there is nothing to do here, which is no mistake.
    private async Task<IReadOnlyList<RetentionResult>> PlanRetentionAsync(CancellationToken cancellationToken) =>
        context.Target.Retention.Count == 0 ? [] : await parts.Retention.PlanAsync(context.Target, RetentionOptions, context.Call, cancellationToken);

    private async IAsyncEnumerable<DbAction> RetireAsync(IReadOnlyList<RetentionResult> granted, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var result in parts.Retention.ExecuteAsync(context.Target, granted, RetentionOptions, context.Call, cancellationToken))
        {
            // A policy for which no row is due is nothing to be told of.
            if (result is { State: StepState.Skipped, Error: null })
            {
                continue;
            }

            yield return RetentionActions.ToAction(result);
        }
    }

    // Unattended, so every batch is proved.
    private RetentionOptions RetentionOptions => new()
    {
        Verify = true,
        Deadline = Until(ShareForRetention),
        MaximumBlock = options.MaximumBlock,
        Resume = options.Resume,
    };

    private async Task<IReadOnlyList<DbAction>> PlanVacuumAsync(DbMaintenanceStep step, VacuumOptions vacuum, CancellationToken cancellationToken)
    {
        var kind = step == DbMaintenanceStep.Vacuum ? DbActionKind.Vacuum : DbActionKind.Analyze;
        var plan = await parts.Vacuum.PlanAsync(context.Target, vacuum, context.Call, cancellationToken);
        return [.. plan.Actions.Where(action => action.Kind == kind)];
    }

    // Nothing named means nothing to do here, and is no mistake of the caller.
    private async Task<IReadOnlyList<DbAction>> PlanReindexAsync(ReindexOptions reindex, CancellationToken cancellationToken) =>
        reindex is { Index.Count: 0, RepairInvalid: false } ? [] : await parts.Reindex.PlanAsync(context.Target, reindex, context.Call, cancellationToken);

    private VacuumOptions OptionsFor(DbMaintenanceStep step) => new()
    {
        Deadline = Until(step == DbMaintenanceStep.Vacuum ? ShareForVacuum : ShareForAnalyze),
        MaximumBlock = options.MaximumBlock,
        Parallel = options.Parallel ?? VacuumOptions.DefaultParallel,
        Resume = options.Resume,
    };

    private async Task<ReindexOptions> ReindexOptionsAsync(CancellationToken cancellationToken)
    {
        var past = await parts.History.ReadAsync(context.Target, context.Call, cancellationToken);
        var deferred = await DeferredAsync(past, cancellationToken);
        var bloated = options.Resume
            ? []
            : ReindexRule.Choose(past, await parts.Bloat.GetBloatAsync(
                context.Target, new BloatQuery { Kinds = [DbRelationKind.Index], Mode = BloatMode.Verify, IoBudget = IoBudget }, context.Call, cancellationToken));
        return new ReindexOptions
        {
            Index = [.. deferred.Concat<IDbObject>(bloated).DistinctBy(item => item.Oid).Select(item => new DbObjectReference(item))],
            RepairInvalid = !options.Resume,
            Deadline = Until(ShareForReindex),
            MaximumBlock = options.MaximumBlock,
        };
    }

    private async Task<IReadOnlyList<DbAction>> DeferredAsync(PastActions past, CancellationToken cancellationToken)
    {
        if (past.Actions.Count == 0)
        {
            return [];
        }

        await using var session = await parts.Connector.OpenAsync(context.Target, new SessionOptions("Deferred work", TimeSpan.FromSeconds(10)), context.Call, cancellationToken);
        return past.Deferred(session.Database, DbActionKind.Reindex);
    }

    // A share of the whole time. Nothing is begun that is not predicted to be over by then.
    private DateTimeOffset? Until(double share) => _time is { } time ? _startedAt + (time * share) : null;
}
