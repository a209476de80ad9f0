using System.Management.Automation;
using Maintenance.Completion;
using Maintenance.Infrastructure;

namespace Maintenance.Commands;

/// <summary>Makes the report of slow statements and what would help them.</summary>
/// <remarks>
/// <para>
/// Use it every week, or after Optimize-DbQuery -Apply: give it those results, and it says what was built, measured and kept. Statements are
/// shown without literals, at most 100 characters of each, with mean time, executions and share of all time; recommendations with impact,
/// effort, the exact statement and the one that undoes it.
/// </para>
/// <para>
/// -Path writes it as the extension says. -Publish puts it into the container performance-reports (below a folder store, a folder), as
/// query-optimization/query-optimization-YYYYMMDD.md and .html; one of the same day is replaced, since the later one says the same of a later
/// moment. -Notify tells the summary on the channel Default, without statements.
/// </para>
/// <para>Privileges: pg_read_all_stats (or pg_monitor) to see the statements of all roles, SELECT on their tables to plan them. What could not be found
/// out is in the report. To publish: Storage Blob Data Contributor on the container. It changes nothing in the database, and keeps counters of statements
/// in the history.</para>
/// </remarks>
/// <example>
/// <code>New-QueryOptimizationReport -Path ./queries.html</code>
/// <para>Makes the report of the connected target, and writes it for a browser or a printer.</para>
/// </example>
/// <example>
/// <code>Optimize-DbQuery -Apply -Confirm:$false | New-QueryOptimizationReport -Path ./queries.md -Force</code>
/// <para>Builds what helps, and reports what was measured.</para>
/// </example>
/// <example>
/// <code>Get-MaintenanceTarget | New-QueryOptimizationReport -Publish -Notify -Confirm:$false</code>
/// <para>Publishes the report of each connected target, and tells the summaries.</para>
/// </example>
/// <seealso cref="OptimizeDbQueryCommand"/>
/// <seealso cref="ExportMaintenanceReportCommand"/>
[Cmdlet(VerbsCommon.New, "QueryOptimizationReport", DefaultParameterSetName = TargetSet, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(QueryOptimizationReport))]
public sealed class NewQueryOptimizationReportCommand : MaintenanceCmdlet
{
    private const string TargetSet = "Target";
    private const string RecommendationSet = "Recommendation";

    private readonly List<QueryRecommendation> _recommendations = [];
    private readonly List<TargetArgument> _targets = [];

    /// <summary>What would help or was done, from Optimize-DbQuery. Default: it is found out.</summary>
    [Parameter(ParameterSetName = RecommendationSet, Mandatory = true, ValueFromPipeline = true)]
    [AllowEmptyCollection]
    [Kept]
    public QueryRecommendation[]? InputObject { get; set; }

    /// <summary>The file; its extension says how it is written. Default: none.</summary>
    [Parameter(Position = 0)]
    [Alias("LiteralPath")]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>Html, Markdown, Json or Text. Default: by the file's extension, or text.</summary>
    [Parameter]
    public ReportFormat Format { get; set; }

    /// <summary>Replaces a file that is there. Default: an existing file is an error.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Publishes the report to the artefact store. Default: off.</summary>
    [Parameter]
    public SwitchParameter Publish { get; set; }

    /// <summary>Tells the summary on the channel Default. Default: off.</summary>
    [Parameter]
    public SwitchParameter Notify { get; set; }

    /// <summary>The maintained systems: names of connected targets, or targets. Default: the one connected last, or that of the piped objects.</summary>
    [Parameter(ParameterSetName = RecommendationSet)]
    [Parameter(ParameterSetName = TargetSet, ValueFromPipeline = true)]
    [ArgumentCompleter(typeof(TargetCompleter))]
    [ValidateNotNullOrEmpty]
    public TargetArgument[]? Target { get; set; }

    /// <inheritdoc/>
    protected override async Task BeginAsync(CancellationToken cancellationToken)
    {
        if (Path is not null)
        {
            ReportFile.Check(await OnPipelineAsync(() => ResolvePath(Path)), Force, Format);
        }
    }

    /// <inheritdoc/>
    protected override Task ProcessAsync(CancellationToken cancellationToken)
    {
        _recommendations.AddRange(InputObject ?? []);
        if (ParameterSetName == TargetSet)
        {
            _targets.AddRange(Session.OrCurrent(Target));
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        var all = _targets.Select(target => (Target: target, Recommendations: (IReadOnlyList<QueryRecommendation>?)null))
            .Concat(_recommendations.GroupBy(recommendation => recommendation.Target, StringComparer.OrdinalIgnoreCase).Select(group => (
                (Target ?? []).FirstOrDefault(target => string.Equals(target.Name, group.Key, StringComparison.OrdinalIgnoreCase)) ?? new TargetArgument(group.Key),
                (IReadOnlyList<QueryRecommendation>?)[.. group])))
            .ToList();
        if (all.Count == 0)
        {
            // Recommendations that came to nothing are of the target that was asked.
            all = [(Session.OrCurrent(Target)[0], [])];
        }

        if (Path is not null && all.Count > 1)
        {
            throw new MaintenanceException(
                MaintenanceErrorCode.InvalidArgument, $"One file cannot hold the reports of {all.Count} targets.", "Name one target, or pipe the reports to Export-MaintenanceReport.");
        }

        foreach (var (argument, recommendations) in all)
        {
            try
            {
                await ReportAsync(argument.Resolve(Session), recommendations, cancellationToken);
            }
            catch (MaintenanceException exception) when (!cancellationToken.IsCancellationRequested)
            {
                await WriteErrorAsync(exception, argument.Name);
            }
        }
    }

    private async Task ReportAsync(MaintenanceTarget target, IReadOnlyList<QueryRecommendation>? recommendations, CancellationToken cancellationToken)
    {
        var report = await Engine.QueryReports.MakeAsync(target, recommendations, Call, cancellationToken);
        // What comes after it is tried one by one: that one thing failed must not cost the rest.
        if (Publish)
        {
            report = await TryWithAsync(target, report, Engine.QueryReports.PlaceOf(target), "Publish the report", () => Engine.QueryReports.PublishAsync(target, report, Call, cancellationToken), cancellationToken);
        }

        if (Path is not null)
        {
            var path = await OnPipelineAsync(() => ResolvePath(Path));
            report = await TryWithAsync(target, report, path, "Write the report", () => WriteAsync(path, report, cancellationToken), cancellationToken);
        }

        if (Notify)
        {
            report = await TryWithAsync(target, report, $"{target.Name}: Default", "Tell the summary", () => Engine.QueryReports.NotifyAsync(target, report, Call, cancellationToken), cancellationToken);
            await WriteLostAsync(target, report.Notification);
        }

        await WriteObjectAsync(report);
    }

    private async Task<QueryOptimizationReport> WriteAsync(string path, QueryOptimizationReport report, CancellationToken cancellationToken)
    {
        await ReportFile.WriteAsync(path, Engine.Reports.Render([report], Format != ReportFormat.Auto ? Format : ReportFile.FormatOf(path)), Force, cancellationToken);
        return report with { Path = path };
    }
}
