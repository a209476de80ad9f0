using System.Globalization;
using System.Management.Automation;
using Maintenance.Completion;
using Maintenance.Infrastructure;

namespace Maintenance.Commands;

/// <summary>Measures what is usual, mean, p50, p95, deviation and number, and keeps it to compare with later.</summary>
/// <remarks>
/// <para>Use it before a release or a change of hardware, and regularly: the weekly maintenance and the task PerformanceBaseline do it too. Feed it to
/// <see cref="ComparePerformanceBaselineCommand"/>, now or months later, to learn what has become slower.</para>
/// <para>Function asks the functions (guide B1, B3). RequestLog reads the log of requests, as a whole and by operation: its percentiles are exact. Statements and
/// Samples read what the task PerformanceMetrics has sampled; percentiles of statements are estimates from mean and deviation, and IsEstimated says
/// so. What one source lacks is told as a warning and never replaced by a number: a window without requests gives no baseline.</para>
/// <para>Times of maintenance are left out, as the history knows them: runs of tasks that change the system, and what was done to tables and indexes. Excluded
/// lists them with the reason. What functions tell is of the whole window; Note says so.</para>
/// <para>Baselines are kept in the target's history for 400 days. The response times of operations are also inserted into the table
/// public.query_performance_baselines of the database, where there is one. -Push tells the function production-monitoring by update_baselines: four numbers, or nothing.</para>
/// <para>Privileges: SELECT on the log of requests, with a policy where row security is on; INSERT on public.query_performance_baselines where it is there,
/// and with -CreateTable CREATE on the schema public. It changes the history, that table, and with -Push what the function knows; -WhatIf measures and
/// keeps nothing.</para>
/// </remarks>
/// <default parameter="TimeoutSeconds">300</default>
/// <example>
/// <code>Update-PerformanceBaseline</code>
/// <para>Measures and keeps what was usual in the last 7 days on the connected target.</para>
/// </example>
/// <example>
/// <code>Update-PerformanceBaseline -WhatIf | Format-List</code>
/// <para>Shows what would be kept, with all figures and the times that are left out. Keeps nothing.</para>
/// </example>
/// <example>
/// <code>Update-PerformanceBaseline -Window 30d -Source RequestLog, Function -Push</code>
/// <para>Measures a month of requests, and tells the function of it.</para>
/// </example>
/// <example>
/// <code>Update-PerformanceBaseline -Window 24h -CreateTable</code>
/// <para>Measures the last day, and makes public.query_performance_baselines for the response times of operations where it is missing.</para>
/// </example>
/// <seealso cref="ComparePerformanceBaselineCommand"/>
/// <seealso cref="GetPerformanceMetricCommand"/>
[Cmdlet(VerbsData.Update, "PerformanceBaseline", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(PerformanceBaseline))]
public sealed class UpdatePerformanceBaselineCommand : TargetCmdlet
{
    /// <summary>The time up to now that is measured: 24h, 7d or a TimeSpan, at most 366 days. Default: performance.baselineWindow of the configuration, else 7 days.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(DurationCompleter))]
    [Duration]
    public TimeSpan? Window { get; set; }

    /// <summary>Where the figures come from. Default: every source that the target has.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public BaselineSource[] Source { get; set; } = [];

    /// <summary>Leaves out the target's maintenance windows too, whether or not anything ran in them. Default: only what the history says was going on.</summary>
    [Parameter]
    public SwitchParameter ExcludeWindows { get; set; }

    /// <summary>Makes the table public.query_performance_baselines where it is missing, closed to all but its owner by row security. Default: a missing table is told and left so.</summary>
    [Parameter]
    public SwitchParameter CreateTable { get; set; }

    /// <summary>Tells the function production-monitoring too, by update_baselines. Default: it is not told.</summary>
    [Parameter]
    public SwitchParameter Push { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessTargetAsync(MaintenanceTarget target, CancellationToken cancellationToken)
    {
        var service = Engine.PerformanceBaselines;
        var update = await service.MeasureAsync(target, new BaselineQuery { Window = Window, Sources = Source, ExcludeWindows = ExcludeWindows }, Call, cancellationToken);
        if (update.Baselines.Count == 0)
        {
            var worst = update.Gaps.OrderBy(gap => gap.IsAbsent).FirstOrDefault();
            throw new MaintenanceException(
                worst?.Error ?? MaintenanceErrorCode.NotConfigured,
                worst is null ? $"The target '{target.Name}' has nothing that a baseline could be measured from." : $"No baseline was measured, and nothing was stored{(CreateTable ? ", nor any table made" : "")}. {string.Join(" ", update.Gaps.Select(gap => gap.Message))}",
                worst?.Recommendation ?? "Configure a database or functions.");
        }

        foreach (var gap in update.Gaps)
        {
            Call.Sink.Warning($"{gap} {gap.Recommendation}");
        }

        if (update.ExclusionsUnknown is { } unknown)
        {
            Call.Sink.Warning(unknown);
        }

        await StoreAsync(target, update.Baselines, cancellationToken);
        foreach (var baseline in update.Baselines)
        {
            await WriteObjectAsync(baseline);
        }
    }

    private async Task StoreAsync(MaintenanceTarget target, IReadOnlyList<PerformanceBaseline> baselines, CancellationToken cancellationToken)
    {
        var service = Engine.PerformanceBaselines;
        if (target.History.Kind == HistoryKind.None)
        {
            Call.Sink.Warning($"The target '{target.Name}' keeps no history (history.kind is None): the baselines are only told, not kept.");
        }
        else if (await ShouldProcessAsync($"the history of '{target.Name}'", string.Create(CultureInfo.InvariantCulture, $"Keep {baselines.Count} baselines")))
        {
            await service.KeepAsync(target, baselines, Call, cancellationToken);
        }

        // What fails to be told to one must not keep the other from it, nor the objects from the pipeline.
        var rows = Maintenance.Engine.Performance.Baselines.PerformanceBaselineService.RowsFor(baselines).Count;
        if (rows > 0 || CreateTable)
        {
            await WriteTableAsync(target, baselines, rows, cancellationToken);
        }

        if (Push && await ShouldProcessAsync($"the function production-monitoring of '{target.Name}'", "Tell it the baselines of the whole (update_baselines)"))
        {
            await TryAsync(target, () => service.PushAsync(target, baselines, Call, cancellationToken), cancellationToken);
        }
    }

    private async Task WriteTableAsync(MaintenanceTarget target, IReadOnlyList<PerformanceBaseline> baselines, int rows, CancellationToken cancellationToken)
    {
        string?[] actions = [rows > 0 ? string.Create(CultureInfo.InvariantCulture, $"Insert {rows} baselines") : null, CreateTable ? "make the table where it is missing" : null];
        var action = string.Join(", and ", actions.OfType<string>());
        if (!await ShouldProcessAsync($"public.query_performance_baselines of '{target.Name}'", string.Concat(action[..1].ToUpperInvariant(), action[1..])))
        {
            return;
        }

        await TryAsync(
            target,
            async () =>
            {
                if (await Engine.PerformanceBaselines.WriteTableAsync(target, baselines, CreateTable, Call, cancellationToken) is null)
                {
                    Call.Sink.Warning($"'{target.Name}' has no table public.query_performance_baselines: nothing was inserted. -CreateTable makes it.");
                }
                else if (rows == 0)
                {
                    Call.Sink.Warning($"The table public.query_performance_baselines of '{target.Name}' is there, but nothing was inserted: it is for response times of operations from the log of requests (RequestLog), and none were measured.");
                }
            },
            cancellationToken);
    }

    private async Task TryAsync(MaintenanceTarget target, Func<Task> store, CancellationToken cancellationToken)
    {
        try
        {
            await store();
        }
        catch (MaintenanceException exception) when (!cancellationToken.IsCancellationRequested)
        {
            await WriteErrorAsync(exception, target.Name);
        }
    }
}
