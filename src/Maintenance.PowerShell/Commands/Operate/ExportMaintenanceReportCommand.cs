using System.Management.Automation;
using Maintenance.Infrastructure;

namespace Maintenance.Commands;

/// <summary>Writes this module's objects as a report: HTML, Markdown, JSON, SARIF or text.</summary>
/// <remarks>
/// <para>Use it to show others what a run or a check came to: on a wiki page, in a mail, or for a program. What is not known is written
/// as unknown, with its reason. Text from outside stays text, and makes no markup.</para>
/// <para>Runs, healths, schedules, recovery drills, security audits, performance trends and findings have reports of their own. Anything else that this module's cmdlets give becomes a
/// table for each type, with the worst status as the verdict. Its columns are those of the console: what it is of, the figures, what they come to. Objects of others, and those that Select-Object or Format-Table made, are refused.</para>
/// <para>HTML is one file for a browser or a printer: nothing is loaded from elsewhere, and nothing in it runs.
/// SARIF holds the findings alone, for tools that show and compare the results of analyses; objects without findings are refused. JSON is for
/// programs: objects has all properties of each object, with sizes in bytes, durations in seconds and times in UTC. Secrets are in none of them.</para>
/// <para>Without -Path the report is the output. With it, a file is written, and given back with -PassThru.</para>
/// <para>Privileges: writing to the folder of -Path; none in the database, and no connection is needed. It changes nothing but the file, and replaces
/// none without -Force.</para>
/// </remarks>
/// <example>
/// <code>Get-SystemHealth | Export-MaintenanceReport</code>
/// <para>Shows the system's health as text.</para>
/// </example>
/// <example>
/// <code>Get-MaintenanceTarget | Get-MaintenanceSchedule | Export-MaintenanceReport -Path ./status.html -Force</code>
/// <para>Writes the status page of all connected targets: which tasks failed or did not run, what is in whose way, and what comes next. An agent serves the same page.</para>
/// </example>
/// <example>
/// <code>Invoke-MaintenanceTask Daily | Export-MaintenanceReport -Format Markdown</code>
/// <para>Gives the report of a run as Markdown.</para>
/// </example>
/// <example>
/// <code>(Get-DbHealth).Findings | Export-MaintenanceReport -Path ./findings.json -Force</code>
/// <para>Writes findings for a program, in the place of an earlier file.</para>
/// </example>
/// <example>
/// <code>Test-BackupRestore -Drill | Export-MaintenanceReport -Path ./drill.html</code>
/// <para>Writes the report of a recovery drill for a browser.</para>
/// </example>
/// <example>
/// <code>Get-DbSecurityFinding | Export-MaintenanceReport -Path ./findings.sarif -Force</code>
/// <para>Writes findings as SARIF, for code scanning and other tools.</para>
/// </example>
/// <example>
/// <code>&amp; { Get-DbBloat; Get-DbIndexAdvice } | Export-MaintenanceReport -Path ./space.html -Force</code>
/// <para>Writes two tables in one report.</para>
/// </example>
/// <seealso cref="PublishMaintenanceArtifactCommand"/>
/// <seealso cref="NewSecurityAuditReportCommand"/>
[Cmdlet(VerbsData.Export, "MaintenanceReport", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(string), typeof(FileInfo))]
public sealed class ExportMaintenanceReportCommand : MaintenanceCmdlet
{
    private readonly List<object> _items = [];

    /// <summary>What this module's cmdlets give. All findings make one report, and so do all scheduled tasks, the forecasts of a target, and all objects without a report of their own.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true)]
    [ValidateNotNull]
    public PSObject[] InputObject { get; set; } = [];

    /// <summary>The file. Default: none, the report is the output.</summary>
    [Parameter(Position = 0)]
    [Alias("LiteralPath")]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>Html, Markdown, Json, Sarif or Text. Default: by the file's extension (.html, .md, .json, .sarif, .txt; others are refused), or text.</summary>
    [Parameter]
    public ReportFormat Format { get; set; }

    /// <summary>Replaces a file that is there.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Gives the file that was written.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override Task BeginAsync(CancellationToken cancellationToken)
    {
        // Before what is piped is gathered, which can take hours.
        _ = Form();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    protected override Task ProcessAsync(CancellationToken cancellationToken)
    {
        _items.AddRange(InputObject.Select(item => item.BaseObject));
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        if (_items.Count == 0)
        {
            // A page of another day would pass for one of now.
            var old = Path is not null && ResolvePath(Path) is var place && File.Exists(place) ? $" {place} was there before and is as it was: it says nothing of now." : "";
            Call.Sink.Warning($"Nothing was piped in, so no report was written.{old}");
            return;
        }

        var text = Engine.Reports.Render(_items, Form());
        if (Path is null)
        {
            await WriteObjectAsync(text);
            return;
        }

        var path = ResolvePath(Path);
        if (await ShouldProcessAsync(path, "Write the report"))
        {
            await ReportFile.WriteAsync(path, text, Force, cancellationToken);
            if (PassThru)
            {
                await WriteFileAsync(path);
            }
        }
    }

    private ReportFormat Form() => Format != ReportFormat.Auto ? Format : ReportFile.FormatOf(Path);
}
