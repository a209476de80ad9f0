using System.Globalization;
using System.Management.Automation;
using Maintenance.Completion;
using Maintenance.Formatting;
using Maintenance.Infrastructure;

namespace Maintenance.Commands;

/// <summary>Says what would help statements that take long, and with -Apply does what is safe, measures it, and keeps only what helped.</summary>
/// <remarks>
/// <para>
/// Use it on what Get-DbSlowQuery found, or by itself on the statements that take most of the time of the database. It recommends indexes that
/// are missing, statistics to gather, and memory for sorts that go to temporary files; each with its impact (the share of all time that it would
/// save: High from 20 %, Medium from 5 %), its effort, the exact statement and the one that undoes it. What the function
/// query_optimization_recommendations says stands beside ours: its SQL is shown, and never run.
/// </para>
/// <para>
/// Without -Apply it changes nothing. With it, indexes are built with CREATE INDEX CONCURRENTLY, one after another, while everybody goes on
/// reading and writing. The statements are planned before and after; those that only read are executed too, in a transaction that
/// may only read and is rolled back, with values out of the statistics of the columns, which are neither shown nor kept. An index is kept if a plan
/// uses it, the cost of its statements fell by 10 % at least, and their measured time did too (by half, where as many blocks are read as before). That has to be so
/// with every set of values that the application may ask for, the most common ones too, unless the rows and the time that the server has counted of
/// its calls rule them out. Otherwise it is dropped again, and the result says so; where it helps with some of them only, it is dropped and left to a person. Where
/// nothing that could be found out would prove anything, nothing is built. An index that was kept, and whose statements are no faster after 20 calls or more, is proposed to be dropped. Settings are for a person to decide, and are never applied.
/// </para>
/// <para>
/// What was tried is remembered in the target's history. An index that did not help is shown with the figures, in the state Dropped, and not built
/// again, until the table's size has changed by half, other statements would gain the most, or -RetryDropped asks for it. What a statement
/// took before an index was built for it is no reason for another: its time counts from the build on, and where it has not run since,
/// nothing more is proposed for it, which a warning says. Without a history none of that is remembered.
/// </para>
/// <para>
/// It begins nothing on a replica, through a pooler, while a base backup runs, a standby lags, the archiver fails or space is short, or when an old
/// transaction would make the build wait. A second connection looks whether anybody waits for the build, and ends it after
/// -MaximumBlock. A build that ends early leaves nothing behind; if the process was killed, the next run drops what is left, for which
/// the target needs a history. What did not fit comes first next time.
/// </para>
/// <para>Privileges: pg_read_all_stats (or pg_monitor) to see the statements, SELECT on their tables to plan and measure them. -Apply needs to be the
/// owner of the table, or a member of the role that is, and CREATE on its schema. Do not connect as a superuser without need: planning runs functions
/// that statements of others lead to. Statements that may lead to a function that belongs neither to a superuser nor to the connected role, by its name
/// or through a view, a policy, an index or the like, are neither planned nor executed, which a warning says. It changes nothing without -Apply; with it,
/// indexes are added, and those that it added and that do not help are dropped again.</para>
/// </remarks>
/// <default parameter="TimeoutSeconds">120 to look, no limit for -Apply</default>
/// <example>
/// <code>Optimize-DbQuery</code>
/// <para>Shows what would help the statements that take most of the time. Changes nothing.</para>
/// </example>
/// <example>
/// <code>Get-DbSlowQuery | Optimize-DbQuery -Apply</code>
/// <para>Builds the indexes that slow statements lack, measures them, and keeps those that helped.</para>
/// </example>
/// <example>
/// <code>Optimize-DbQuery -Apply -WhatIf</code>
/// <para>Shows the exact statements, their locks and how long they should take.</para>
/// </example>
/// <example>
/// <code>Optimize-DbQuery -Apply -Window 30m -MaximumIndexes 2 -Confirm:$false | Where-Object State -eq Dropped</code>
/// <para>Builds at most two indexes within half an hour, and shows those that did not help.</para>
/// </example>
/// <example>
/// <code>(Optimize-DbQuery | Where-Object Kind -eq CreateIndex).Statements</code>
/// <para>Lists the statements that indexes would help, with the cost of their plans before and after.</para>
/// </example>
/// <seealso cref="NewQueryOptimizationReportCommand"/>
[Cmdlet(VerbsCommon.Optimize, "DbQuery", DefaultParameterSetName = TargetSet, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(QueryRecommendation))]
public sealed class OptimizeDbQueryCommand : ConcurrentWorkCmdlet
{
    private const string QuerySet = "Query";
    private const string TargetSet = "Target";

    private readonly List<SlowQuery> _queries = [];
    private readonly List<TargetArgument> _targets = [];

    /// <summary>The statements, from Get-DbSlowQuery. Default: those that take most of the time of the database.</summary>
    [Parameter(ParameterSetName = QuerySet, Mandatory = true, ValueFromPipeline = true)]
    [AllowEmptyCollection]
    [Kept]
    public SlowQuery[]? InputObject { get; set; }

    /// <summary>The maintained systems: names of connected targets, or targets. Default: the one connected last, or that of the piped statements.</summary>
    [Parameter(ParameterSetName = QuerySet)]
    [Parameter(ParameterSetName = TargetSet, ValueFromPipeline = true)]
    [ArgumentCompleter(typeof(TargetCompleter))]
    [ValidateNotNullOrEmpty]
    public TargetArgument[]? Target { get; set; }

    /// <summary>Does what is safe: drops leftovers, gathers statistics, builds indexes and keeps those that helped. Default: off, nothing is changed.</summary>
    [Parameter]
    public SwitchParameter Apply { get; set; }

    /// <summary>Indexes that are built in one run at the most. Default: 5.</summary>
    [Parameter]
    [ValidateRange(1, 50)]
    public int MaximumIndexes { get; set; } = OptimizationOptions.DefaultMaximumIndexes;

    /// <summary>
    /// Decides by the cost of plans alone, and executes no statement: an index that only looks good is kept then, and not looked at again. Default: off,
    /// statements that only read are executed.
    /// </summary>
    [Parameter]
    public SwitchParameter NoMeasure { get; set; }

    /// <summary>
    /// Tries indexes again that were built before and dropped because they did not help. Default: off, they are shown with what came of them,
    /// and tried again only when the table's size has changed by half or other statements would gain the most.
    /// </summary>
    [Parameter]
    public SwitchParameter RetryDropped { get; set; }

    /// <inheritdoc/>
    protected override Task ProcessAsync(CancellationToken cancellationToken)
    {
        // All is collected first: an index may help several.
        _queries.AddRange(InputObject ?? []);
        if (ParameterSetName == TargetSet)
        {
            _targets.AddRange(Session.OrCurrent(Target));
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        foreach (var argument in _targets)
        {
            await OptimizeAsync(argument, null, cancellationToken);
        }

        foreach (var group in _queries.GroupBy(query => query.Target, StringComparer.OrdinalIgnoreCase))
        {
            // The target may have been given as an object that is not connected under its name.
            var argument = (Target ?? []).FirstOrDefault(target => string.Equals(target.Name, group.Key, StringComparison.OrdinalIgnoreCase)) ?? new TargetArgument(group.Key);
            await OptimizeAsync(argument, [.. group], cancellationToken);
        }
    }

    private async Task OptimizeAsync(TargetArgument argument, IReadOnlyList<SlowQuery>? queries, CancellationToken cancellationToken)
    {
        try
        {
            var target = argument.Resolve(Session);
            var options = Options(queries);
            var recommendations = await Engine.Optimization.PlanAsync(target, options, Call, cancellationToken);
            if (!Apply)
            {
                foreach (var recommendation in recommendations)
                {
                    await WriteObjectAsync(recommendation);
                }

                return;
            }

            await ApplyAsync(target, recommendations, options, cancellationToken);
        }
        catch (MaintenanceException exception) when (!cancellationToken.IsCancellationRequested)
        {
            await WriteErrorAsync(exception, argument.Name);
        }
    }

    private async Task ApplyAsync(MaintenanceTarget target, IReadOnlyList<QueryRecommendation> recommendations, OptimizationOptions options, CancellationToken cancellationToken)
    {
        var onlyShown = await IsWhatIfAsync();
        var approved = new List<QueryRecommendation>();
        foreach (var recommendation in recommendations)
        {
            var mayBe = !recommendation.AutoApply || await ShouldProcessAsync(Subject(recommendation), Question(recommendation));
            if (onlyShown)
            {
                await WriteObjectAsync(recommendation);
                continue;
            }

            approved.Add(mayBe ? recommendation : recommendation with { State = RecommendationState.Skipped, Message = "It was not confirmed." });
        }

        if (onlyShown)
        {
            return;
        }

        await foreach (var applied in Engine.Optimization.ApplyAsync(target, approved, options, Call, cancellationToken))
        {
            await WriteObjectAsync(applied);
            if (applied.State == RecommendationState.Failed)
            {
                await WriteErrorAsync(
                    new MaintenanceException(applied.Error ?? MaintenanceErrorCode.Unexpected, $"{applied.Schema}.{applied.IndexName ?? applied.Name}: {applied.Message}", applied.Recommendation ?? ""), applied);
            }
        }
    }

    private static string Subject(QueryRecommendation recommendation) => DisplayText.Harmless($"{recommendation.Target}: {recommendation.Schema}.{recommendation.Name}");

    private static string Question(QueryRecommendation recommendation) => DisplayText.Harmless(string.Create(
        CultureInfo.InvariantCulture,
        $"{ActionText.OneLine(recommendation.Sql ?? "")}; lock: {recommendation.Lock}{(recommendation.SizeBytes is { } bytes ? $"; size: about {DisplayText.Size(bytes)}" : "")}{(recommendation.PredictedDuration is { } duration ? $"; about {DisplayText.Duration(duration)}, by {recommendation.PredictedFrom}" : "")}{(recommendation.Kind == RecommendationKind.CreateIndex ? "; dropped again if it does not help" : "")}"));

    private OptimizationOptions Options(IReadOnlyList<SlowQuery>? queries)
    {
        return new OptimizationOptions
        {
            Queries = queries,
            MaximumIndexes = MaximumIndexes,
            Deadline = End(),
            MaximumBlock = MaximumBlock,
            MaximumSnapshotAge = MaximumSnapshotAge,
            Measure = !NoMeasure,
            RetryDropped = RetryDropped,
        };
    }
}
