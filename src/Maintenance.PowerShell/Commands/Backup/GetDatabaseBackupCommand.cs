using System.Management.Automation;
using Maintenance.Completion;
using Maintenance.Infrastructure;

namespace Maintenance.Commands;

/// <summary>Lists the database backups in a target's backup store or in a folder.</summary>
/// <remarks>
/// <para>
/// Use it to see which backups there are, of which database, from when and how large. Files that are no backups (a README, a log,
/// an upload in progress) are left out: the ending decides, or a date at the end of a name without one. The list streams, and is
/// read to its end however many files there are.
/// </para>
/// <para>
/// TakenAt comes from the date in the name, read as UTC, where there is one; TakenAtFromName says so. A copy of an old backup
/// therefore stays old. What this module noted when it made a backup (at the blob, or in NAME.manifest.json beside it) wins over the
/// name. pg_dump's directory format (a folder with toc.dat) is one backup, and so is a base backup (a folder with backup_manifest,
/// PG_VERSION or base.tar).
/// </para>
/// <para>
/// Completeness says what the store tells without a backup's being read: Empty, Uncommitted (blocks were sent, but never put
/// together), Partial or Complete (another size than was noted, or the same), and Unknown where nothing was noted. A file whose name
/// says that it is still being written (x.partial, x.part, x.crdownload, ...) is no backup yet. ImmutableUntil and LegalHold are those of
/// the single blob, where the account tells them; policies of a whole container are not among them.
/// </para>
/// <para>
/// Where names follow a pattern (backups.namePattern, or -NamePattern), those that do not are left out, except of kinds that
/// backups.kinds lists.
/// </para>
/// <para>Privileges: reading the folder, or listing the container (a SAS with the List permission, or the role Storage Blob Data Reader). It changes
/// nothing and opens no backup; a manifest beside one is read, if it may be.</para>
/// </remarks>
/// <example>
/// <code>Get-DatabaseBackup</code>
/// <para>Lists the backups of the connected target.</para>
/// </example>
/// <example>
/// <code>Get-DatabaseBackup -Newest 5</code>
/// <para>Shows the five newest, the newest first.</para>
/// </example>
/// <example>
/// <code>Get-DatabaseBackup -Path ./backups -Since 7d</code>
/// <para>Lists last week's backups in a folder, without a target.</para>
/// </example>
/// <example>
/// <code>Get-DatabaseBackup -Path ./backups -NamePattern '{database}/{yyyy}-{MM}-{dd}*' -Database app</code>
/// <para>Lists the backups of one database in folders that are named by databases.</para>
/// </example>
/// <example>
/// <code>Get-DatabaseBackup | Where-Object Completeness -in Empty, Partial, Uncommitted</code>
/// <para>Names those that are not all there.</para>
/// </example>
/// <example>
/// <code>Get-DatabaseBackup | Test-BackupRecency -MaximumAge 24:00:00</code>
/// <para>Says whether the newest backup of each database is at most a day old.</para>
/// </example>
/// <seealso cref="TestBackupRecencyCommand"/>
/// <seealso cref="TestBackupRestoreCommand"/>
/// <seealso cref="NewDatabaseBackupCommand"/>
[Cmdlet(VerbsCommon.Get, "DatabaseBackup", DefaultParameterSetName = TargetSet)]
[OutputType(typeof(DatabaseBackup))]
public sealed class GetDatabaseBackupCommand : MaintenanceCmdlet
{
    private const string TargetSet = "Target";
    private const string PathSet = "Path";

    /// <summary>The maintained systems: names of connected targets, or targets. Default: the one connected last.</summary>
    [Parameter(ParameterSetName = TargetSet, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(TargetCompleter))]
    [ValidateNotNullOrEmpty]
    public TargetArgument[]? Target { get; set; }

    /// <summary>Folders to look in, with the folders below them, instead of a target's store. Taken literally: no wildcards.</summary>
    [Parameter(ParameterSetName = PathSet, Mandatory = true)]
    [Alias("LiteralPath")]
    [ValidateNotNullOrEmpty]
    public string[]? Path { get; set; }

    /// <summary>Only the newest backup of each store, or so many as Count says, the newest first. Default: all, in the order of the store.</summary>
    [Parameter]
    [PlainSwitch]
    public SwitchParameter Newest { get; set; }

    /// <summary>How many of the newest: -Newest 5. Default: 1.</summary>
    [Parameter(Position = 0)]
    [ValidateRange(1, int.MaxValue)]
    public int Count { get; set; } = 1;

    /// <summary>
    /// Only backups taken at this time or later. A time without a zone is local; a TimeSpan, or 7d or 12h, means so long ago. Default: all.
    /// A container is then not read whole, where its names carry dates.
    /// </summary>
    [Parameter]
    [ArgumentCompleter(typeof(AgeCompleter))]
    [TimeOrAgo]
    public DateTimeOffset? Since { get; set; }

    /// <summary>Only backups of these databases, whatever upper and lower case. Default: all.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(BackupDatabaseCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Database { get; set; }

    /// <summary>Only backups of these kinds. Default: all.</summary>
    [Parameter]
    public BackupKind[]? Kind { get; set; }

    /// <summary>
    /// How backups are named below the store's prefix: text, {database}, a date of yyyy, MM, dd, HH, mm and ss in braces, and * for
    /// anything but a slash, such as {database}-{yyyyMMddHH}.dump. Default: what the target is configured with, or names are read by
    /// their words, dates and endings.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? NamePattern { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        // A number alone means the newest too: nothing else is counted here.
        var newest = Newest || MyInvocation.BoundParameters.ContainsKey(nameof(Count)) ? Count : (int?)null;
        var query = new BackupQuery { Newest = newest, Since = Since, Databases = Database ?? [], Kinds = Kind ?? [], NamePattern = NamePattern };
        foreach (var path in Path ?? [])
        {
            await WriteAsync(
                () => Engine.Backups.ListAsync(new StoreSettings { Path = ResolvePath(path) }, query, Call, cancellationToken), path, cancellationToken);
        }

        foreach (var argument in Path is null ? Session.OrCurrent(Target) : [])
        {
            await WriteAsync(
                () => Engine.Backups.ListAsync(argument.Resolve(Session), query, Call, cancellationToken), argument.Name, cancellationToken);
        }
    }

    private async Task WriteAsync(Func<IAsyncEnumerable<DatabaseBackup>> list, string item, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var backup in list().WithCancellation(cancellationToken))
            {
                await WriteObjectAsync(backup);
            }
        }
        catch (MaintenanceException exception) when (!cancellationToken.IsCancellationRequested)
        {
            await WriteErrorAsync(exception, item);
        }
    }
}
