using System.Management.Automation;
using Maintenance.Completion;
using Maintenance.Engine.Security.Audit;
using Maintenance.Infrastructure;

namespace Maintenance.Commands;

/// <summary>Makes the report of a security audit: every line of the checklist with its verdict and evidence, and what changed since the last one.</summary>
/// <remarks>
/// <para>Use it every month, and whenever somebody asks how safe the system is. It looks at every part at once: catalogue and settings of the database, row security,
/// access, dependencies, secrets and flaws in source code, data protection, personal data, and Azure resources, as far as they are configured. Or it takes findings from
/// the pipeline: give it those of Get-DbSecurityFinding -All, since only passed checks can make a line pass; or anything with a property Findings. Each is counted once.
/// Findings without a target, such as those of scanners, belong to the one target that the others name, else to the one connected last.</para>
/// <para>A line passes only if every check that it needs ran and found nothing. What was not looked at, could not be determined or may not be seen is called so, with the
/// reason; what only a person can tell is Manual. A part that fails or takes too long does not stop the others.</para>
/// <para>Findings are compared with those of the audit recorded last: new, known, fixed, or accepted until a date (security.accepted). An audit of all parts that looked itself is recorded as one;
/// with -Part what was found and mended is kept, but the next audit compares with the one before. Of findings from the pipeline only what was found is kept: they may be filtered, so nothing
/// is fixed by not being among them. With -WhatIf nothing is kept.</para>
/// <para>-Path writes the report as the extension says: .html for people and printers, .md, .json, .sarif for tools. -Publish puts all four into the audit store (auditStore, else
/// security-audits in the artefact store), beside an earlier one of the month, and protects them until security.reportRetention where the container has version-level immutability.
/// -Notify tells the counts on the channel Security, without names of objects or people.</para>
/// <para>The whole call may take 30 min (TimeoutSeconds).</para>
/// <para>Privileges: those of Get-DbSecurityFinding and Test-DbRowSecurity; what is missing is a finding with the GRANT. To publish: Storage Blob Data
/// Contributor on the container, and Storage Blob Data Owner to protect blobs. It changes nothing in the database, and nothing but the files it writes
/// and what the history knows of findings.</para>
/// </remarks>
/// <default parameter="TimeoutSeconds">1800, half an hour</default>
/// <example>
/// <code>New-SecurityAuditReport -Path ./audit.html</code>
/// <para>Audits the connected target, and writes the report for a browser or a printer.</para>
/// </example>
/// <example>
/// <code>Get-DbSecurityFinding -All | New-SecurityAuditReport -Path ./database.md -Force</code>
/// <para>Makes the report of what one part found; the lines of other parts are Unknown.</para>
/// </example>
/// <example>
/// <code>&amp; { Get-DbSecurityFinding -All; Test-DbRowSecurity; Find-Secret ./app; Get-DependencyVulnerability ./app } | New-SecurityAuditReport -Path ./audit.html -Force</code>
/// <para>Makes one report of what several cmdlets found.</para>
/// </example>
/// <example>
/// <code>New-SecurityAuditReport -Publish -Notify -Confirm:$false</code>
/// <para>Audits, publishes the report in every form, and tells the summary.</para>
/// </example>
/// <example>
/// <code>(New-SecurityAuditReport -Part Catalogue, RowSecurity).Sections.Lines | Where-Object Outcome -ne Pass</code>
/// <para>Lists the lines of the checklist that did not pass, looking at the database alone.</para>
/// </example>
/// <example>
/// <code>New-SecurityAuditReport | Select-Object -ExpandProperty Fixed</code>
/// <para>Shows what was mended since the last audit.</para>
/// </example>
/// <seealso cref="GetDbSecurityFindingCommand"/>
/// <seealso cref="TestDbRowSecurityCommand"/>
/// <seealso cref="ExportMaintenanceReportCommand"/>
[Cmdlet(VerbsCommon.New, "SecurityAuditReport", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(SecurityAuditReport))]
public sealed class NewSecurityAuditReportCommand : MaintenanceCmdlet
{
    private readonly List<Finding> _findings = [];
    private bool _isPiped;

    /// <summary>Findings to make the report of, passed checks included, or what carries findings: what Test-DbRowSecurity, Get-DbAccessReview, Find-DbPersonalData, Get-ComplianceReport,
    /// Get-SystemHealth and Invoke-MaintenanceTask return. Default: none, the audit looks itself.</summary>
    [Parameter(ValueFromPipeline = true)]
    [ValidateNotNull]
    [Findings]
    public Finding[]? InputObject { get; set; }

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

    /// <summary>The parts to look at; the lines of the others are Unknown. Default: all.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public AuditPart[]? Part { get; set; }

    /// <summary>Publishes the report to the audit store, or to the artefact store. Default: off.</summary>
    [Parameter]
    public SwitchParameter Publish { get; set; }

    /// <summary>Tells the summary on the channel Security. Default: off.</summary>
    [Parameter]
    public SwitchParameter Notify { get; set; }

    /// <summary>The maintained systems: names of connected targets, or targets. Default: what the findings are about, or the one connected last.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(TargetCompleter))]
    [ValidateNotNullOrEmpty]
    public TargetArgument[]? Target { get; set; }

    /// <inheritdoc/>
    protected override async Task BeginAsync(CancellationToken cancellationToken)
    {
        _isPiped = MyInvocation.ExpectingInput || MyInvocation.BoundParameters.ContainsKey(nameof(InputObject));
        if (Path is not null)
        {
            // Hours of work must not end in a file that cannot be written.
            ReportFile.Check(await OnPipelineAsync(() => ResolvePath(Path)), Force, Format);
        }
    }

    /// <inheritdoc/>
    protected override Task ProcessAsync(CancellationToken cancellationToken)
    {
        _findings.AddRange(InputObject ?? []);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        var targets = Targets();
        if (Path is not null && targets.Count > 1)
        {
            throw new MaintenanceException(
                MaintenanceErrorCode.InvalidArgument,
                $"One file cannot hold the audits of {targets.Count} targets.",
                "Name one target, or pipe the reports to Export-MaintenanceReport.");
        }

        foreach (var (argument, findings) in targets)
        {
            try
            {
                await AuditAsync(argument.Resolve(Session), findings, cancellationToken);
            }
            catch (MaintenanceException exception) when (!cancellationToken.IsCancellationRequested)
            {
                await WriteErrorAsync(exception, argument.Name);
            }
        }
    }

    private List<(TargetArgument Target, IReadOnlyList<Finding>? Findings)> Targets()
    {
        if (!_isPiped)
        {
            return [.. Session.OrCurrent(Target).Select(target => (target, (IReadOnlyList<Finding>?)null))];
        }

        if (Target is not null)
        {
            return [.. Target.Select(target => (target, (IReadOnlyList<Finding>?)_findings))];
        }

        var home = new Lazy<string>(Home);
        // Findings that came to nothing are of the target that was asked: the one connected last.
        return _findings.Count == 0
            ? [(Session.OrCurrent(null)[0], _findings)]
            : [.. _findings
                .GroupBy(finding => finding.Target ?? home.Value, StringComparer.OrdinalIgnoreCase)
                .Select(group => (new TargetArgument(group.Key), (IReadOnlyList<Finding>?)[.. group]))];
    }

    // Source code belongs to no target of its own: its findings are about the system that the others are about.
    private string Home() =>
        _findings.Select(finding => finding.Target).OfType<string>().Distinct(StringComparer.OrdinalIgnoreCase).ToList() is [var only] ? only : Session.OrCurrent(null)[0].Name;

    private async Task AuditAsync(MaintenanceTarget target, IReadOnlyList<Finding>? findings, CancellationToken cancellationToken)
    {
        var query = new SecurityReportQuery { Findings = findings, Parts = Part, WillPublish = Publish, Record = !await IsWhatIfAsync() };
        var report = await Engine.SecurityReports.AuditAsync(target, query, Call, cancellationToken);
        // What comes after the audit is tried one by one: that one thing failed must not cost the rest.
        if (Publish)
        {
            report = await TryWithAsync(target, report, SecurityAuditService.PlaceOf(target) ?? "nowhere", "Publish the report", () => Engine.SecurityReports.PublishAsync(target, report, Rest, cancellationToken), cancellationToken);
        }

        if (Path is not null)
        {
            var path = await OnPipelineAsync(() => ResolvePath(Path));
            report = await TryWithAsync(target, report, path, "Write the report", () => WriteAsync(path, report, cancellationToken), cancellationToken);
        }

        if (Notify)
        {
            report = await TryWithAsync(target, report, $"{target.Name}: Security", "Tell the summary", () => Engine.SecurityReports.NotifyAsync(target, report, Rest, cancellationToken), cancellationToken);
            await WriteLostAsync(target, report.Notification);
        }

        await WriteObjectAsync(report);
    }

    // The time of the audit is over; what is left has its own.
    private CallContext Rest => Call with { Timeout = null };

    private async Task<SecurityAuditReport> WriteAsync(string path, SecurityAuditReport report, CancellationToken cancellationToken)
    {
        var text = Engine.Reports.Render([report], Format != ReportFormat.Auto ? Format : ReportFile.FormatOf(path));
        var size = await ReportFile.WriteAsync(path, text, Force, cancellationToken);
        return report with { Artifacts = [.. report.Artifacts, new MaintenanceArtifact("AuditReport", path, size)] };
    }
}
