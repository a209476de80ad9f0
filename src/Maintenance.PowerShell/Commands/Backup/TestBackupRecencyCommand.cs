using System.Management.Automation;
using Maintenance.Completion;
using Maintenance.Infrastructure;

namespace Maintenance.Commands;

/// <summary>Says whether the newest backup of each database and kind is young enough, and looks as it should.</summary>
/// <remarks>
/// <para>
/// Use it daily, and wherever a decision hangs on a fresh backup. The State tells apart what must not be confused: Fresh; Stale
/// (too old); Incomplete (the newest is empty, half written, uncommitted, or has another size than was noted when it was made); Shrunk
/// (young enough, but much smaller than those before it); Unreadable (it cannot be opened, or its first bytes are those of no backup);
/// None (the store was read to its end and holds no backup); and CannotDetermine (the store could not be read, for the reason in
/// Error). None of these is an error; CannotDetermine also warns.
/// </para>
/// <para>
/// Databases and kinds are told apart by the names of their backups, and each gets a record. Those that must be there
/// (backups.databases, backups.kinds) get one that says None where they are not. A kind that was given up, since another of the same
/// database has newer backups and it had none for 8 times the maximum age, is not judged unless backups.kinds lists it; -Verbose says so.
/// </para>
/// <para>
/// In a container whose names carry dates the newest is found with a few requests, however many blobs there are; with a pattern of the
/// names (backups.namePattern, or -NamePattern) mostly with one. Anything but Fresh and Shrunk is confirmed by reading them all.
/// </para>
/// <para>
/// Shrunk means: smaller than the median of up to 20 complete ones before it, within 8 times the maximum age, by more than
/// backups.maximumShrinkage (30 percent), and by more than three standard deviations, estimated from the median absolute deviation. With
/// fewer than 3 before it nothing is said of its size.
/// </para>
/// <para>
/// A target with an archive of write-ahead log (walArchive) gets a record of the kind WalArchive besides: Gap where segments are missing
/// along the newest timeline's history, Stale where the newest is older than walArchive.maximumAge, unless the server says that nothing
/// old is missing. Property Wal has the details. -MaximumAge is about backups, and about the archive with -WalPath.
/// </para>
/// <para>
/// Backups from a pipeline are judged as they are; what must be there and is not among them is looked for in the store. If the
/// pipeline brings none, the store is asked itself, so that silence is never taken for health. Files that are still being written are
/// known only when the store is read here. To watch several targets, pipe the targets: Get-MaintenanceTarget | Test-BackupRecency.
/// </para>
/// <para>Privileges: reading the folder, or listing the container (a SAS with the List permission, or the role Storage Blob Data Reader). It changes
/// nothing. Of the newest backups the first bytes are read, where that is permitted too (a SAS with the Read permission); where it is not, or a backup
/// lies in the Archive tier or is encrypted, Message says that the content was not looked at, and ContentSeen is false.</para>
/// </remarks>
/// <default parameter="TimeoutSeconds">60, for write-ahead log 300</default>
/// <example>
/// <code>Test-BackupRecency</code>
/// <para>Checks the connected target against its configured maximum age, or 24 hours.</para>
/// </example>
/// <example>
/// <code>Get-DatabaseBackup | Test-BackupRecency -MaximumAge 24:00:00</code>
/// <para>Judges listed backups.</para>
/// </example>
/// <example>
/// <code>if (-not (Test-BackupRecency -Quiet)) { throw 'No fresh backup: the migration will not start.' }</code>
/// <para>Asks for a plain yes or no. Whatever is not known to be fresh is a no.</para>
/// </example>
/// <example>
/// <code>(Test-BackupRecency -WalPath ./wal).Wal.Gaps</code>
/// <para>Names the segments that are missing from an archive of write-ahead log.</para>
/// </example>
/// <example>
/// <code>Get-MaintenanceTarget | Test-BackupRecency | Where-Object State -ne Fresh</code>
/// <para>Names the systems of a fleet that need attention.</para>
/// </example>
/// <seealso cref="GetDatabaseBackupCommand"/>
/// <seealso cref="TestBackupRestoreCommand"/>
[Cmdlet(VerbsDiagnostic.Test, "BackupRecency", DefaultParameterSetName = TargetSet)]
[OutputType(typeof(BackupRecency), typeof(bool))]
public sealed class TestBackupRecencyCommand : MaintenanceCmdlet
{
    private const string TargetSet = "Target";
    private const string PathSet = "Path";
    private const string BackupSet = "Backup";
    private const string WalSet = "Wal";

    private readonly List<DatabaseBackup> _piped = [];
    private bool _processed;
    private bool _allFresh = true;
    private bool _anyJudged;

    /// <summary>
    /// The maintained systems: names of connected targets, or targets. Default: the one connected last. With backups from a
    /// pipeline, the targets that must be among them: one without is asked itself.
    /// </summary>
    [Parameter(ParameterSetName = TargetSet, ValueFromPipeline = true)]
    [Parameter(ParameterSetName = BackupSet)]
    [ArgumentCompleter(typeof(TargetCompleter))]
    [ValidateNotNullOrEmpty]
    public TargetArgument[]? Target { get; set; }

    /// <summary>Folders to look in, with the folders below them, instead of a target's store. Taken literally: no wildcards.</summary>
    [Parameter(ParameterSetName = PathSet, Mandatory = true)]
    [Alias("LiteralPath")]
    [ValidateNotNullOrEmpty]
    public string[]? Path { get; set; }

    /// <summary>
    /// Folders of archived write-ahead log to judge, without a target; the newest segment may be 1 hour old by default. Taken literally: no
    /// wildcards. Default: the target's walArchive, besides its backups.
    /// </summary>
    [Parameter(ParameterSetName = WalSet, Mandatory = true)]
    [ValidateNotNullOrEmpty]
    public string[]? WalPath { get; set; }

    /// <summary>Backups to judge, from Get-DatabaseBackup.</summary>
    [Parameter(ParameterSetName = BackupSet, Mandatory = true, ValueFromPipeline = true)]
    [ValidateNotNull]
    [Kept]
    public DatabaseBackup? InputObject { get; set; }

    /// <summary>
    /// How old the newest backup may be: a TimeSpan, 24:00:00 (24 hours), 36h or 7d. Default: what the target's store is configured
    /// with (backupStore.maximumAge), the target's recovery.pointObjective, or 24 hours.
    /// </summary>
    [Parameter]
    [ArgumentCompleter(typeof(DurationCompleter))]
    [Duration]
    public TimeSpan? MaximumAge { get; set; }

    /// <summary>
    /// How backups are named below the store's prefix, such as {database}-{yyyyMMddHH}.dump. Default: what the target is configured with,
    /// or names are read by their words, dates and endings.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? NamePattern { get; set; }

    /// <summary>Gives one Boolean instead of records: true only if every record would say Fresh.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        _processed = true;
        if (InputObject is not null)
        {
            _piped.Add(InputObject);
        }
        else if (Path is not null)
        {
            foreach (var path in Path)
            {
                await WriteAsync(
                    () => Engine.Backups.TestRecencyAsync(new StoreSettings { Path = ResolvePath(path) }, MaximumAge, NamePattern, Call, cancellationToken), path, cancellationToken);
            }
        }
        else if (WalPath is not null)
        {
            foreach (var path in WalPath)
            {
                await WriteAsync(
                    async () => [await Engine.WalArchives.TestAsync(new StoreSettings { Path = ResolvePath(path) }, MaximumAge, Call, cancellationToken)], path, cancellationToken);
            }
        }
        else
        {
            await AskAsync(Session.OrCurrent(Target), cancellationToken);
        }
    }

    /// <inheritdoc/>
    protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        foreach (var backups in _piped.GroupBy(backup => backup.Target))
        {
            await WriteAsync(
                () => Engine.Backups.TestRecencyAsync(backups, Find, MaximumAge, NamePattern, Call, cancellationToken), backups.Key, cancellationToken);
        }

        if (_piped.Count > 0)
        {
            var present = _piped.Select(backup => backup.Target).ToHashSet(StringComparer.OrdinalIgnoreCase);
            await AskAsync((Target ?? []).Where(target => !present.Contains(target.Name)), cancellationToken);
        }
        else if (!_processed)
        {
            await AskInsteadAsync(cancellationToken);
        }

        if (Quiet)
        {
            await WriteObjectAsync(_allFresh && _anyJudged);
        }
    }

    // The target of a listed backup: named here, or connected.
    private MaintenanceTarget? Find(string name) =>
        (Target ?? []).FirstOrDefault(argument => string.Equals(argument.Name, name, StringComparison.OrdinalIgnoreCase))?.Resolve(Session)
        ?? (Session.TryGet(name, out var target) ? target : null);

    // The pipeline brought nothing: an empty store, a filter, or an error upstream. Which store was meant is not known for sure
    // unless -Target says it, so a connected target that happens to be fresh proves nothing.
    private async Task AskInsteadAsync(CancellationToken cancellationToken)
    {
        if (Target is not null)
        {
            await AskAsync(Target, cancellationToken);
            return;
        }

        foreach (var argument in Session.OrCurrent(null))
        {
            await WriteAsync(
                async () =>
                {
                    var found = await Engine.Backups.TestRecencyAsync(argument.Resolve(Session), MaximumAge, NamePattern, Call, cancellationToken);
                    return [.. found.Select(DoubtFresh)];
                },
                argument.Name,
                cancellationToken);
        }
    }

    private static BackupRecency DoubtFresh(BackupRecency recency) => recency.State != BackupRecencyState.Fresh ? recency : recency with
    {
        State = BackupRecencyState.CannotDetermine,
        Message = $"The pipeline brought no backup, although the store of '{recency.Target}' has a fresh one: it was another store, or a filter or an error stopped them.",
        Recommendation = "Look for an error of the command before, or name the target: Test-BackupRecency -Target.",
    };

    private async Task AskAsync(IEnumerable<TargetArgument> targets, CancellationToken cancellationToken)
    {
        foreach (var argument in targets)
        {
            await WriteAsync(
                async () => await WithWalAsync(argument.Resolve(Session), cancellationToken), argument.Name, cancellationToken);
        }
    }

    // -MaximumAge is about backups: an archive has its own limit, which is mostly much shorter.
    private async Task<IReadOnlyList<BackupRecency>> WithWalAsync(MaintenanceTarget target, CancellationToken cancellationToken)
    {
        var found = target.BackupStore is null && target.WalArchive is not null
            ? []
            : await Engine.Backups.TestRecencyAsync(target, MaximumAge, NamePattern, Call, cancellationToken);
        return target.WalArchive is null ? found : [.. found, await Engine.WalArchives.TestAsync(target, null, Call, cancellationToken)];
    }

    private async Task WriteAsync(Func<Task<IReadOnlyList<BackupRecency>>> test, string? item, CancellationToken cancellationToken)
    {
        try
        {
            foreach (var recency in await test())
            {
                _allFresh &= recency.State == BackupRecencyState.Fresh;
                _anyJudged = true;
                if (recency.State == BackupRecencyState.CannotDetermine)
                {
                    Call.Sink.Warning($"{recency.Message} {recency.Recommendation}".TrimEnd());
                }

                if (!Quiet)
                {
                    await WriteObjectAsync(recency);
                }
            }
        }
        catch (MaintenanceException exception) when (!cancellationToken.IsCancellationRequested)
        {
            _allFresh = false;
            await WriteErrorAsync(exception, item);
        }
    }
}
