using System.Management.Automation;
using Maintenance.Completion;
using Maintenance.Engine.Rotation;
using Maintenance.Formatting;
using Maintenance.Infrastructure;

namespace Maintenance.Commands;

/// <summary>Compresses, moves and deletes logs as they grow old, by rule: this module's own, those in the artefact store, and any folder.</summary>
/// <remarks>
/// <para>Use it, or the hourly task Invoke-MaintenanceTask LogRotation, to keep logs from filling a disk and costing money. Without -Path or
/// -Prefix it follows the rules of the target (logRotation in maintenance.json); a target without any has the usual ones: its run logs, and
/// those published below daily-logs/, weekly-logs/, rotation-logs/, backup-logs/, drill-logs/, security-logs/, performance-logs/, health-logs/ and troubleshooting-logs/, are compressed after 7 days and deleted after 90. Rules can also come
/// through the pipeline.</para>
/// <para>A file is due where it meets a condition that is named: older than -CompressAfter, -TierAfter or -DeleteAfter; the oldest, as long
/// as all together are larger than -MaximumTotalSize. -Keep protects the newest so many from deletion; alone, it means that all others are
/// deleted. Ages count from the last write, which compressing does not change. There is one object for each file that was acted on or
/// refused, the oldest first, and none for what is not due. A second run finds nothing more to do.</para>
/// <para>It never touches what was written to within -QuietTime, what a process has open for writing (Linux: as far as /proc shows it to this
/// user; Windows: any), links and what they lead to, pipes and devices, and names that begin with a dot. What is compressed is read back and
/// compared before the original goes, keeps its time, mode and metadata, and is named NAME.gz; if a run is interrupted, the next one goes
/// on. An artefact whose metadata name a retention, such as retention=7years, is not deleted before it is over, and blobs that are leased,
/// immutable or under a legal hold are left alone: State is Skipped, and Message says why. Ctrl+C leaves no file half done.</para>
/// <para>What is deleted is deleted for good, but it is logs of the age that the caller named, not the data of the system: the
/// confirmation's impact is Medium, so that a schedule is not held up. -WhatIf shows each file first.</para>
/// <para>There is no time limit unless TimeoutSeconds gives one. A second rotation of the same folder by the same user is refused with AlreadyRunning.</para>
/// <para>Privileges: none in the database. To write to the folder; in Azure, Storage Blob Data Contributor on the container, or a SAS with Read, Write,
/// Create, Delete and List. It changes the files that it is pointed at: what it deletes is gone, and -WhatIf shows each first.</para>
/// </remarks>
/// <example>
/// <code>Invoke-LogRotation -WhatIf</code>
/// <para>Shows what is due by the rules of the connected target, and changes nothing.</para>
/// </example>
/// <example>
/// <code>Invoke-LogRotation -Path ./logs -Include *.log -CompressAfter 7d -DeleteAfter 90d</code>
/// <para>Compresses what is older than a week and deletes what is older than 90 days, of the .log files of a folder. What was
/// compressed, *.log.gz, is meant too.</para>
/// </example>
/// <example>
/// <code>Invoke-LogRotation ./traces -Recurse -MaximumTotalSize 2GB -Keep 10 -Confirm:$false</code>
/// <para>Deletes the oldest files until all together have 2 GB, but never the newest ten.</para>
/// </example>
/// <example>
/// <code>Invoke-LogRotation -Target production -Prefix weekly-trends/ -Container performance-reports -TierAfter 30d -Tier Cold</code>
/// <para>Moves old reports in the artefact store to a cheaper tier.</para>
/// </example>
/// <example>
/// <code>(Get-MaintenanceTarget production).LogRotation | Invoke-LogRotation -Target production | Where-Object State -eq Failed</code>
/// <para>Follows each rule of a target, and shows what could not be done.</para>
/// </example>
/// <seealso cref="InvokeMaintenanceTaskCommand"/>
/// <seealso cref="PublishMaintenanceArtifactCommand"/>
[Cmdlet(VerbsLifecycle.Invoke, "LogRotation", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium, DefaultParameterSetName = TargetSet)]
[OutputType(typeof(LogRotation))]
public sealed class InvokeLogRotationCommand : MaintenanceCmdlet
{
    private const string TargetSet = "Target";
    private const string PathSet = "Path";
    private const string StoreSet = "Store";
    private const string RuleSet = "Rule";

    /// <summary>The maintained systems: names of connected targets, or targets. Default: the one connected last.</summary>
    [Parameter(ParameterSetName = TargetSet, ValueFromPipeline = true)]
    [Parameter(ParameterSetName = StoreSet)]
    [Parameter(ParameterSetName = RuleSet)]
    [ArgumentCompleter(typeof(TargetCompleter))]
    [ValidateNotNullOrEmpty]
    public TargetArgument[]? Target { get; set; }

    /// <summary>Rules, such as those of a target, instead of the rules of the target.</summary>
    [Parameter(ParameterSetName = RuleSet, Mandatory = true, ValueFromPipeline = true)]
    [ValidateNotNull]
    public LogRotationRule[] Rule { get; set; } = [];

    /// <summary>Folders with logs; needs no target. No wildcards: -Include names the files.</summary>
    [Parameter(ParameterSetName = PathSet, Mandatory = true, Position = 0)]
    [Alias("LiteralPath")]
    [ValidateNotNullOrEmpty]
    public string[] Path { get; set; } = [];

    /// <summary>The folders below it too; never through a link. Default: its own files only.</summary>
    [Parameter(ParameterSetName = PathSet)]
    public SwitchParameter Recurse { get; set; }

    /// <summary>What names in the artefact store begin with, such as daily-logs/; an empty text means all of them.</summary>
    [Parameter(ParameterSetName = StoreSet, Mandatory = true)]
    [AllowEmptyString]
    public string Prefix { get; set; } = "";

    /// <summary>Another container than the store's own; below a folder store, a folder. Default: the store's own.</summary>
    [Parameter(ParameterSetName = StoreSet)]
    [ArgumentCompleter(typeof(ContainerCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Container { get; set; }

    /// <summary>Only names that fit one of these, with * and ?; one with a slash is for the name with its folders. What was compressed of them is meant too. Default: all, but for names that begin with a dot.</summary>
    [Parameter(ParameterSetName = PathSet)]
    [Parameter(ParameterSetName = StoreSet)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Include { get; set; } = ["*"];

    /// <summary>Compresses what is older, from 1 kB on: a TimeSpan, or text such as 7d or 12h. Default: nothing is compressed.</summary>
    [Parameter(ParameterSetName = PathSet)]
    [Parameter(ParameterSetName = StoreSet)]
    [ArgumentCompleter(typeof(DurationCompleter))]
    [Duration]
    public TimeSpan? CompressAfter { get; set; }

    /// <summary>Moves blobs that are older to a cheaper tier: a TimeSpan, or text such as 30d. Default: nothing is moved.</summary>
    [Parameter(ParameterSetName = StoreSet)]
    [ArgumentCompleter(typeof(DurationCompleter))]
    [Duration]
    public TimeSpan? TierAfter { get; set; }

    /// <summary>The tier. Default: Cool.</summary>
    [Parameter(ParameterSetName = StoreSet)]
    public LogTier? Tier { get; set; }

    /// <summary>Deletes what is older: a TimeSpan, or text such as 90d. Default: nothing is deleted for its age.</summary>
    [Parameter(ParameterSetName = PathSet)]
    [Parameter(ParameterSetName = StoreSet)]
    [ArgumentCompleter(typeof(DurationCompleter))]
    [Duration]
    public TimeSpan? DeleteAfter { get; set; }

    /// <summary>Never deletes the newest so many; without -DeleteAfter and -MaximumTotalSize, deletes all others. Default: none is kept for being new.</summary>
    [Parameter(ParameterSetName = PathSet)]
    [Parameter(ParameterSetName = StoreSet)]
    [ValidateRange(1, int.MaxValue)]
    public int? Keep { get; set; }

    /// <summary>Deletes the oldest while all together are larger: a number of bytes, or text such as 500MB. Default: no limit.</summary>
    [Parameter(ParameterSetName = PathSet)]
    [Parameter(ParameterSetName = StoreSet)]
    [ArgumentCompleter(typeof(SizeCompleter))]
    [ByteSize]
    [ValidateRange(1L, long.MaxValue)]
    public long? MaximumTotalSize { get; set; }

    /// <summary>Leaves alone what was written to within this time: a TimeSpan, or text such as 10m. Default: 5 minutes.</summary>
    [Parameter(ParameterSetName = PathSet)]
    [Parameter(ParameterSetName = StoreSet)]
    [ArgumentCompleter(typeof(DurationCompleter))]
    [Duration]
    public TimeSpan QuietTime { get; set; } = LogRotationRule.DefaultQuietTime;

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        if (ParameterSetName == PathSet)
        {
            foreach (var path in Path)
            {
                var full = await OnPipelineAsync(() => ResolvePath(path));
                await TryAsync(null, Parameters() with { Path = full, Recurse = Recurse }, path, cancellationToken);
            }

            return;
        }

        // A folder needs no target; one that is there is said in the result.
        if (ParameterSetName == RuleSet && Target is null && Session.Current is null && Array.TrueForAll(Rule, rule => rule.Source == LogSource.Folder))
        {
            foreach (var rule in Rule)
            {
                await TryAsync(null, await WithFullPathAsync(rule), rule.Path, cancellationToken);
            }

            return;
        }

        foreach (var argument in Session.OrCurrent(Target))
        {
            await RotateAsync(argument, cancellationToken);
        }
    }

    private async Task RotateAsync(TargetArgument argument, CancellationToken cancellationToken)
    {
        try
        {
            var target = argument.Resolve(Session);
            IReadOnlyList<LogRotationRule> rules = ParameterSetName switch
            {
                RuleSet => Rule,
                StoreSet => [Parameters() with { Source = LogSource.Store, Container = Container, Prefix = Prefix, TierAfter = TierAfter, Tier = Tier }],
                _ => LogRotationService.RulesFor(target),
            };
            foreach (var rule in rules)
            {
                await TryAsync(target, await WithFullPathAsync(rule), argument.Name, cancellationToken);
            }
        }
        catch (MaintenanceException exception) when (!cancellationToken.IsCancellationRequested)
        {
            await WriteErrorAsync(exception, argument.Name);
        }
    }

    private LogRotationRule Parameters() => new()
    {
        Include = Include,
        CompressAfter = CompressAfter,
        DeleteAfter = DeleteAfter,
        Keep = Keep,
        MaximumTotalSize = MaximumTotalSize,
        QuietTime = QuietTime,
    };

    // Paths are the session's: its thread alone knows the current location.
    private async Task<LogRotationRule> WithFullPathAsync(LogRotationRule rule) =>
        rule.Path is { Length: > 0 } path ? rule with { Path = await OnPipelineAsync(() => ResolvePath(path)) } : rule;

    // One rule that cannot be followed does not stop the others.
    private async Task TryAsync(MaintenanceTarget? target, LogRotationRule rule, object? subject, CancellationToken cancellationToken)
    {
        try
        {
            if (await IsWhatIfAsync())
            {
                await foreach (var record in Engine.LogRotation.PreviewAsync(target, rule, Call, cancellationToken))
                {
                    if (record.State == StepState.Planned)
                    {
                        await ConfirmAsync(record);
                    }

                    await WriteObjectAsync(record);
                }

                return;
            }

            await foreach (var record in Engine.LogRotation.RotateAsync(target, rule, ConfirmAsync, Call, cancellationToken))
            {
                await WriteAsync(record);
            }
        }
        catch (MaintenanceException exception) when (!cancellationToken.IsCancellationRequested)
        {
            await WriteErrorAsync(exception, subject);
        }
    }

    private Task<bool> ConfirmAsync(LogRotation record) => ShouldProcessAsync(
        DisplayText.Harmless($"{record.Store}: {record.Name}"),
        DisplayText.Harmless($"{record.Action}{(record.Action == LogRotationAction.Tier ? $" ({record.Tier})" : "")}, {DisplayText.Size(record.SizeBytes)}, {record.Reason}"));

    private async Task WriteAsync(LogRotation record)
    {
        await WriteObjectAsync(record);
        if (record is { State: StepState.Failed, Error: { } error })
        {
            await WriteErrorAsync(
                new MaintenanceException(error, DisplayText.Harmless($"{record.Name}: {record.Message}"), record.Recommendation ?? "Run it again with -Verbose."), record);
        }
    }
}
