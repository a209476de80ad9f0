using System.Management.Automation;
using Maintenance.Completion;
using Maintenance.Engine.Performance.Capacity;
using Maintenance.Infrastructure;

namespace Maintenance.Commands;

/// <summary>Tells when storage, connections, bandwidth, sequences, integer keys and transaction ids run out, as their past tells.</summary>
/// <remarks>
/// <para>Use it every day, and before buying anything. The past comes from the samples that Invoke-MaintenanceTask PerformanceMetrics keeps in the history, the present from
/// one reading of the database. Each forecast says its trend with an interval, the value expected at the end of the projection with the range that holds four times out
/// of five, the dates at which the limit is reached at the earliest, as expected, and at the latest, and what to do. Where days of the week differ, Projected is the value of the last day, and Peak the
/// highest on the way.</para>
/// <para>The trend is taken from the time after the last change: a purge, another growth. With fewer than seven days since then, or a fifth of the projection, the forecast is
/// Unknown and says "insufficient data"; after a jump of the level it is made from the new level with the growth from before, within a range as wide as the jump. Nothing that does not grow gets a date. BacktestError is how far off the same forecasts, made as if earlier, would have been.</para>
/// <para>Limits: capacity.storageLimit, else analytics.storageLimit, else the guide's 100 GB; capacity.connectionLimit (80) and max_connections; capacity.dailyBandwidthLimit; the ends of
/// sequences and of the columns that take their values; the age at which the server gives out no more transaction ids. Where functions are configured, the figures of
/// capacity_analysis stand beside the measured ones, and Reasons say where they disagree.</para>
/// <para>-Notify tells the scaling alert on the channel Default where storage is expected to outgrow its limit; otherwise nothing is sent. It is sent at each call, with the status of the forecast: call it so once a day. -Publish puts the report into the artefact
/// store, as capacity/capacity-YYYYMMDD.md in performance-reports, with .html and .json beside it: one of the same day is replaced, since it is the same report made again. With -Resource, -First or another -Projection it is
/// another report, and gets a name of its own, such as capacity-YYYYMMDD-storage.md. Published of the forecasts says what was put where, and whether it was replaced.</para>
/// <para>Privileges: pg_monitor, to see the sizes of all databases; SELECT on sequences. It changes nothing in the database and reads no table of it.
/// Where the database does not answer, what the history tells is given, and said to be that. -Publish adds a file to the store, -Notify tells
/// people.</para>
/// </remarks>
/// <default parameter="TimeoutSeconds">60</default>
/// <example>
/// <code>Get-CapacityForecast</code>
/// <para>Forecasts everything of the connected target, 30 days ahead.</para>
/// </example>
/// <example>
/// <code>Get-CapacityForecast -Resource Storage -Projection 90d | Select-Object -ExpandProperty Tables</code>
/// <para>Lists the tables that make storage grow.</para>
/// </example>
/// <example>
/// <code>Get-CapacityForecast | Where-Object ReachedEarliest -lt (Get-Date).AddDays(60)</code>
/// <para>Finds what may run out within 60 days.</para>
/// </example>
/// <example>
/// <code>Get-CapacityForecast | Export-MaintenanceReport -Path ./capacity.html -Force</code>
/// <para>Writes the report with its pictures for a browser.</para>
/// </example>
/// <example>
/// <code>Get-CapacityForecast -Notify -Publish</code>
/// <para>Tells the scaling alert if storage needs it, and publishes the day's report.</para>
/// </example>
/// <seealso cref="GetResourceUsageCommand"/>
/// <seealso cref="GetDbWraparoundCommand"/>
/// <seealso cref="ExportMaintenanceReportCommand"/>
[Cmdlet(VerbsCommon.Get, "CapacityForecast", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(CapacityForecast))]
public sealed class GetCapacityForecastCommand : TargetCmdlet
{
    /// <summary>What to look at. Default: everything.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    public CapacityResource[]? Resource { get; set; }

    /// <summary>How far ahead to look, 1 to 365 days, such as 30d. Default: the target's capacity.projection, 30 days.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(DurationCompleter))]
    [Duration]
    public TimeSpan Projection { get; set; }

    /// <summary>How many sequences and keys, those nearest to their end. Default: 10.</summary>
    [Parameter]
    [ValidateRange(1, 10_000)]
    public int First { get; set; } = CapacityService.DefaultKeys;

    /// <summary>Tells the scaling alert on the channel Default where storage is expected to outgrow its limit. Default: off.</summary>
    [Parameter]
    public SwitchParameter Notify { get; set; }

    /// <summary>Publishes the report to the artefact store, in place of one of the same day that was made of the same question. Default: off.</summary>
    [Parameter]
    public SwitchParameter Publish { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessTargetAsync(MaintenanceTarget target, CancellationToken cancellationToken)
    {
        TimeSpan? projection = MyInvocation.BoundParameters.ContainsKey(nameof(Projection)) ? Projection : null;
        var forecasts = await Engine.Capacity.ForecastAsync(target, Resource, projection, First, Call, cancellationToken);
        if (Notify)
        {
            await TryAsync(target, () => NotifyAsync(target, forecasts, cancellationToken), cancellationToken);
        }

        if (Publish && forecasts.Count > 0)
        {
            await TryAsync(target, async () => forecasts = await PublishAsync(target, forecasts, cancellationToken), cancellationToken);
        }

        foreach (var forecast in forecasts)
        {
            await WriteObjectAsync(forecast);
        }
    }

    private bool IsWhatIf => MyInvocation.BoundParameters.TryGetValue("WhatIf", out var asked) && LanguagePrimitives.IsTrue(asked);

    // The time of the forecast is over; what is left has its own.
    private CallContext Rest => Call with { Timeout = null };

    private async Task NotifyAsync(MaintenanceTarget target, IReadOnlyList<CapacityForecast> forecasts, CancellationToken cancellationToken)
    {
        if (CapacityService.MessageOf(forecasts) is not { } message)
        {
            // Whoever only asks what would happen has to be told that nothing would.
            if (IsWhatIf)
            {
                await ShouldProcessAsync($"{target.Name}: nobody, since storage is not expected to outgrow its limit, or that is unknown", "Tell the scaling alert");
                return;
            }

            Call.Sink.Verbose($"Storage of '{target.Name}' is not expected to outgrow its limit, or that is unknown: nothing was told.");
            return;
        }

        if (await ShouldProcessAsync($"{target.Name}: {message.Channel}", "Tell the scaling alert")
            && await Engine.Capacity.NotifyAsync(target, message, Rest, cancellationToken) is { State: NotificationState.Rejected or NotificationState.Undelivered } lost)
        {
            throw new MaintenanceException(lost.Error ?? MaintenanceErrorCode.NotificationUndelivered, lost.Message, lost.Recommendation ?? "");
        }
    }

    private async Task<IReadOnlyList<CapacityForecast>> PublishAsync(MaintenanceTarget target, IReadOnlyList<CapacityForecast> forecasts, CancellationToken cancellationToken)
    {
        if (!await ShouldProcessAsync(CapacityService.NameOf(target, forecasts, Resource, First), "Publish the report"))
        {
            return forecasts;
        }

        var published = await Engine.Capacity.PublishAsync(target, forecasts, Resource, First, Rest, cancellationToken);
        Call.Sink.Verbose(string.Join(' ', published[0].Published.Select(artifact => $"{artifact.State}: {artifact.Location}.")));
        return published;
    }

    // That one thing failed must not cost the other.
    private async Task TryAsync(MaintenanceTarget target, Func<Task> work, CancellationToken cancellationToken)
    {
        try
        {
            await work();
        }
        catch (MaintenanceException exception) when (!cancellationToken.IsCancellationRequested)
        {
            await WriteErrorAsync(exception, target.Name);
        }
    }
}
