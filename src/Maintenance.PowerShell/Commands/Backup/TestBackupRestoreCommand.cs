using System.Management.Automation;
using Maintenance.Completion;
using Maintenance.Infrastructure;

namespace Maintenance.Commands;

/// <summary>Tests backups: from their first bytes to a restore of the whole into a scratch server.</summary>
/// <remarks>
/// <para>
/// A backup that was never restored is a hope. Header and Toc read a few parts of it, Checksum reads it whole, Sample and Full restore
/// it and look at what came of it.
/// </para>
/// <para>
/// Verdict is Verified only if every check of the level was done and passed; Failed if one found a fault, which Fault names; and
/// CannotDetermine if it could not be tested to the end.
/// </para>
/// <para>
/// Privileges: reading the folder, or reading blobs of the container (a SAS with the Read permission, or the role Storage Blob Data
/// Reader). Nothing in the store is changed.
/// </para>
/// </remarks>
/// <example>
/// <code>Get-DatabaseBackup -Newest 1 | Test-BackupRestore</code>
/// <para>Looks at the first bytes of the newest backup.</para>
/// </example>
/// <example>
/// <code>Get-DatabaseBackup | Test-BackupRestore -Level Header | Where-Object Verdict -ne Verified</code>
/// <para>Names the files that are called backups and are none.</para>
/// </example>
/// <example>
/// <code>Get-DatabaseBackup -Path /var/backups/postgresql -Newest 1 | Test-BackupRestore</code>
/// <para>Tests a backup in a folder, without a target.</para>
/// </example>
/// <example>
/// <code>Get-DatabaseBackup -Path /var/backups/base -Newest 1 | Test-BackupRestore -Level Full -WalPath /var/backups/wal -PointInTime (New-TimeSpan -Hours 2)</code>
/// <para>Recovers a base backup and its archived log to the state of two hours ago, in a scratch server.</para>
/// </example>
[Cmdlet(VerbsDiagnostic.Test, "BackupRestore")]
[OutputType(typeof(BackupVerification))]
public sealed class TestBackupRestoreCommand : MaintenanceCmdlet
{
    /// <summary>The backups, from Get-DatabaseBackup.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true)]
    [ValidateNotNull]
    public DatabaseBackup? InputObject { get; set; }

    /// <summary>The maintained system that the backups belong to: its name or itself. Default: the one they were listed from.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(TargetCompleter))]
    public TargetArgument? Target { get; set; }

    /// <summary>How deeply: Header, Toc, Checksum, Sample or Full. Each includes those before it. Default: Header.</summary>
    [Parameter]
    public BackupLevel Level { get; set; } = BackupLevel.Header;

    /// <summary>Reads a backup again that passed this level before. Without it, an unchanged one is not read.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Reads an unchanged backup again if it passed longer ago than this: a TimeSpan, 36h or 30d. Default: 30 days.</summary>
    [Parameter]
    [Duration]
    public TimeSpan ReverifyAfter { get; set; } = TimeSpan.FromDays(30);

    /// <summary>
    /// The server to restore into, in new databases that are dropped again: a target's name or itself. Default: a scratch server on this
    /// machine, which is removed again.
    /// </summary>
    [Parameter]
    [ArgumentCompleter(typeof(TargetCompleter))]
    public TargetArgument? ScratchTarget { get; set; }

    /// <summary>Folder for the scratch server and the copy of the backup. Default: recovery.scratchPath of the target, or the temporary folder.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? ScratchPath { get; set; }

    /// <summary>Folder of PostgreSQL's programs. Default: recovery.postgresPath of the target, or they are looked for.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? PostgresPath { get; set; }

    /// <summary>How many tables and indexes are restored at once. Default: the processors of this machine, 8 at most.</summary>
    [Parameter]
    [ValidateRange(1, 64)]
    public int? Jobs { get; set; }

    /// <summary>How many tables the level Sample restores. Default: 3.</summary>
    [Parameter]
    [ValidateRange(1, 1000)]
    public int SampleTables { get; set; } = 3;

    /// <summary>
    /// For a base backup, the moment to recover to. A time without a zone is local; a TimeSpan means so long ago. Default: the end of the
    /// archived write-ahead log.
    /// </summary>
    [Parameter]
    [TimeOrAgo]
    public DateTimeOffset? PointInTime { get; set; }

    /// <summary>
    /// For a base backup, the folder of the archived write-ahead log. Taken literally: no wildcards. Default: walArchive of the target, or
    /// what the backup holds itself.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? WalPath { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var options = new BackupTestOptions
        {
            Level = Level,
            Force = Force,
            ReverifyAfter = ReverifyAfter,
            ScratchTarget = ScratchTarget?.Resolve(Session),
            ScratchPath = ScratchPath is null ? null : ResolvePath(ScratchPath),
            PostgresPath = PostgresPath is null ? null : ResolvePath(PostgresPath),
            Jobs = Jobs,
            SampleTables = SampleTables,
            PointInTime = PointInTime,
            WalArchive = WalPath is null ? null : new StoreSettings { Path = ResolvePath(WalPath) },
        };
        var target = Target?.Resolve(Session) ?? (InputObject!.Target is { } name && Session.TryGet(name, out var connected) ? connected : null);
        await WriteObjectAsync(await Engine.BackupTests.TestAsync(InputObject!, target, options, Call, cancellationToken));
    }
}
