using System.Management.Automation;
using Maintenance.Completion;
using Maintenance.Engine.Performance.Trends;
using Maintenance.Infrastructure;

namespace Maintenance.Commands;

/// <summary>Makes the report of performance over a time: what is slower or larger than before, what is above its limit, and what to do.</summary>
/// <remarks>
/// <para>Use it every week, or when somebody says that the system became slow. It is made of the samples that Invoke-MaintenanceTask PerformanceMetrics keeps in the history every
/// five minutes; nothing is asked of the server. The time is compared with one as long before it, by the means of days (of hours where there are few days) with Welch's test, and within the
/// time a steady direction is looked for (Mann-Kendall, Theil-Sen). A change counts from 5 % on, where chance would bring it less often than once in a hundred times.</para>
/// <para>A mean error rate above 1 % and a mean response time above 500 ms are findings, whatever was before. What is usual, where Update-PerformanceBaseline kept it from samples, is drawn as a band:
/// the mean and twice the standard deviation to both sides, of the newest baseline from before the time (or from its first third). More than a fifth of the time on the wrong side of it is a warning, more than a
/// tenth worth knowing. Deadlocks and temporary files are counted over the time; a warning are more than 10 deadlocks or 10 GB a day, or many more than before. Runs that worked on the database are marked.</para>
/// <para>How much of the time was measured is said first. A figure measured in less than half of it is Unknown, unless what was measured is bad. What was not measured is Unknown and says why: never 0, never Ok.
/// Each chart has points of one length, which its caption says: measurements up to 2 days, hours up to 60 days, then days, or coarser where the history has kept only that.</para>
/// <para>-Path writes the report as the extension says: .html with charts, .md, .json with every point. -Publish puts these three into the container or folder performance-reports beside the
/// artefact store: weekly-trends/trends-YYYYMMDD.md for 7 days. A target's second report of the same day and length takes the place of its first; one of another target stays, and the report goes beside it, with the target's name at the end of its own. -Notify tells the verdict on the channel Default.</para>
/// <para>The whole call may take 5 min (TimeoutSeconds).</para>
/// <para>Privileges: none in the database, unless the history is kept there. To publish: Storage Blob Data Contributor on the container. It changes
/// nothing but the files it writes.</para>
/// </remarks>
/// <default parameter="TimeoutSeconds">300</default>
/// <example>
/// <code>New-PerformanceTrendReport -Path ./trends.html</code>
/// <para>Writes the report of the last seven days for a browser or a printer.</para>
/// </example>
/// <example>
/// <code>New-PerformanceTrendReport -Window 30d -Publish -Notify -Confirm:$false</code>
/// <para>Publishes the report of 30 days, and tells the verdict.</para>
/// </example>
/// <example>
/// <code>(New-PerformanceTrendReport).Trends | Where-Object IsChanged</code>
/// <para>Lists the figures that changed against the week before.</para>
/// </example>
/// <example>
/// <code>(New-PerformanceTrendReport -Window 365d).Findings</code>
/// <para>Shows what the year came to, and what to do.</para>
/// </example>
/// <seealso cref="GetPerformanceMetricCommand"/>
/// <seealso cref="ExportMaintenanceReportCommand"/>
[Cmdlet(VerbsCommon.New, "PerformanceTrendReport", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(PerformanceTrendReport))]
public sealed class NewPerformanceTrendReportCommand : TargetCmdlet
{
    private bool _isWritten;

    /// <summary>The time up to now: 24h, 7d, 30d, 365d or a TimeSpan, 1 hour to 1,826 days. Default: 7d.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(DurationCompleter))]
    [Duration]
    public TimeSpan Window { get; set; } = TimeSpan.FromDays(7);

    /// <summary>The file; its extension says how it is written. Default: none.</summary>
    [Parameter(Position = 0)]
    [Alias("LiteralPath")]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>Html, Markdown, Json, Sarif or Text. Default: by the file's extension, or text.</summary>
    [Parameter]
    public ReportFormat Format { get; set; }

    /// <summary>Replaces a file that is there. Default: an existing file is an error.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Publishes the report to performance-reports in the artefact store; the target's own of the same day and length is replaced. Default: off.</summary>
    [Parameter]
    public SwitchParameter Publish { get; set; }

    /// <summary>Tells the verdict on the channel Default. Default: off.</summary>
    [Parameter]
    public SwitchParameter Notify { get; set; }

    /// <inheritdoc/>
    protected override async Task BeginAsync(CancellationToken cancellationToken)
    {
        if (Window < TimeSpan.FromHours(1) || Window > TimeSpan.FromDays(1826))
        {
            throw new MaintenanceException(MaintenanceErrorCode.InvalidArgument, $"A window of {Window} cannot be reported on.", "Choose one from 1h to 1826d, such as 7d.");
        }

        if (Path is not null)
        {
            ReportFile.Check(await OnPipelineAsync(() => ResolvePath(Path)), Force, Format);
        }

        await base.BeginAsync(cancellationToken);
    }

    /// <inheritdoc/>
    protected override async Task ProcessTargetAsync(MaintenanceTarget target, CancellationToken cancellationToken)
    {
        if (Path is not null && _isWritten)
        {
            throw new MaintenanceException(MaintenanceErrorCode.InvalidArgument, "One file cannot hold the reports of several targets.", "Name one target, or pipe the reports to Export-MaintenanceReport.");
        }

        var report = await Engine.Trends.ReportAsync(target, Window, Call, cancellationToken);
        // What comes after is tried one by one: that one thing failed must not cost the rest.
        if (Publish)
        {
            report = await TryWithAsync(target, report, TrendService.PlaceOf(target, report), "Publish the report", () => Engine.Trends.PublishAsync(target, report, Call, cancellationToken), cancellationToken);
        }

        if (Path is not null)
        {
            var path = await OnPipelineAsync(() => ResolvePath(Path));
            _isWritten = true;
            report = await TryWithAsync(target, report, path, "Write the report", () => WriteAsync(path, report, cancellationToken), cancellationToken);
        }

        if (Notify)
        {
            report = await TryWithAsync(target, report, $"{target.Name}: Default", "Tell the verdict", () => Engine.Trends.NotifyAsync(target, report, Call, cancellationToken), cancellationToken);
            await WriteLostAsync(target, report.Notification);
        }

        await WriteObjectAsync(report);
    }

    private async Task<PerformanceTrendReport> WriteAsync(string path, PerformanceTrendReport report, CancellationToken cancellationToken)
    {
        var text = Engine.Reports.Render([report], Format != ReportFormat.Auto ? Format : ReportFile.FormatOf(path));
        var size = await ReportFile.WriteAsync(path, text, Force, cancellationToken);
        return report with { Artifacts = [.. report.Artifacts, new MaintenanceArtifact("TrendReport", path, size)] };
    }
}
