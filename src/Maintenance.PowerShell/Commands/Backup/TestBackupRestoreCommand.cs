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
/// CannotDetermine if it could not be tested to the end, which also warns. None of these is an error. What a level cannot see is in
/// docs/backup-tests.md: only a hash that was noted when the backup was made shows every byte that was changed.
/// </para>
/// <para>
/// What passed is noted in the target's history. A backup with the same size, time and entity tag that passed the same level or a deeper
/// one within -ReverifyAfter is not read again, and FromLedger is true; -Force reads it. Backups given by -Path, and those of no target,
/// are always read.
/// </para>
/// <para>
/// -Drill rehearses the recovery of a whole system: it restores the newest whole backup of each database, one after another (where that
/// one is broken, the one before it too), measures how long that takes and how much would be lost, compares both with recovery.timeObjective
/// and recovery.pointObjective of the configuration, and gives one record with findings, timeline and evidence. It has no time limit unless
/// -TimeoutSeconds gives one. One drill at a time runs for an account on a machine. Invoke-MaintenanceTask DisasterRecoveryTest -Approve does the same,
/// and tells people, publishes the report and records the run.
/// </para>
/// <para>
/// A dump is code: what is in it runs in the scratch server. See docs/restore-tests.md for what is done about that.
/// </para>
/// <para>Privileges: reading the folder, or reading blobs of the container (a SAS with the Read permission, or the role Storage Blob Data Reader). Sample
/// and Full need PostgreSQL on this machine, of the backup's version or later; or, with -ScratchTarget, a role with CREATEDB. It changes nothing in the
/// store and nothing in the database that was backed up; what it restores, it restores into a server or database made for it and removed afterwards, and
/// the history remembers what passed.</para>
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
/// <code>Get-DatabaseBackup -Path ./backups -Newest 1 | Test-BackupRestore</code>
/// <para>Tests a backup in a folder, without a target.</para>
/// </example>
/// <example>
/// <code>Get-DatabaseBackup -Path ./base -Newest 1 | Test-BackupRestore -Level Full -WalPath ./wal -PointInTime 2h</code>
/// <para>Recovers a base backup and its archived log to the state of two hours ago, in a scratch server.</para>
/// </example>
/// <example>
/// <code>Get-DatabaseBackup -Newest 1 | Test-BackupRestore -Level Full -Assertion @{ Name = 'Users'; Sql = 'SELECT count(*) > 0 FROM auth.users' }</code>
/// <para>Restores the newest backup into a scratch server, checks it there, and measures how long a recovery takes (RecoveryTime).</para>
/// </example>
/// <example>
/// <code>Get-DatabaseBackup -Since 7d | Test-BackupRestore -Level Checksum | Where-Object Verdict -eq Failed</code>
/// <para>Reads the backups of the last week whole, except those that passed before and have not changed, and names those that are damaged.</para>
/// </example>
/// <example>
/// <code>Test-BackupRestore -Path ./app.dump -Level Toc</code>
/// <para>Tests one file: what it holds, and that nothing is missing, as far as that is seen without its data.</para>
/// </example>
/// <example>
/// <code>Test-BackupRestore -Drill -ReportPath ./drill.html</code>
/// <para>Rehearses the recovery of the connected target, and writes a report for a browser.</para>
/// </example>
/// <example>
/// <code>Get-MaintenanceTarget | Test-BackupRestore -Drill | Where-Object Status -ne Ok</code>
/// <para>Rehearses the recovery of each connected target, and shows those in which something was missed.</para>
/// </example>
/// <seealso cref="GetDatabaseBackupCommand"/>
/// <seealso cref="TestBackupRecencyCommand"/>
[Cmdlet(VerbsDiagnostic.Test, "BackupRestore", DefaultParameterSetName = BackupSet, SupportsShouldProcess = true)]
[OutputType(typeof(BackupVerification), ParameterSetName = [BackupSet, PathSet])]
[OutputType(typeof(RecoveryDrill), ParameterSetName = [DrillSet])]
public sealed partial class TestBackupRestoreCommand : MaintenanceCmdlet
{
    private const string PathSet = "Path";

    /// <summary>
    /// The backups: from Get-DatabaseBackup, also kept in a file meanwhile, or the path of a file or folder, or the name of a backup in the store of the target. Default: what is piped in.
    /// </summary>
    [Parameter(ParameterSetName = BackupSet, ValueFromPipeline = true)]
    [ArgumentCompleter(typeof(BackupCompleter))]
    [ValidateNotNull]
    public BackupArgument? InputObject { get; set; }

    /// <summary>Backups by their files or folders, wherever they are, instead of what a store lists. Taken literally: no wildcards.</summary>
    [Parameter(ParameterSetName = PathSet, Mandatory = true)]
    [Alias("LiteralPath")]
    [ValidateNotNullOrEmpty]
    public string[]? Path { get; set; }

    /// <summary>
    /// The maintained system that the backups belong to, or whose recovery is rehearsed: its name or itself. Default: the one that the
    /// backups were listed from; for a drill, the one connected last.
    /// </summary>
    [Parameter(ParameterSetName = BackupSet)]
    [Parameter(ParameterSetName = PathSet)]
    [Parameter(ParameterSetName = DrillSet, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(TargetCompleter))]
    public TargetArgument? Target { get; set; }

    /// <summary>How deeply: Header, Toc, Checksum, Sample or Full. Each includes those before it. Default: Header.</summary>
    [Parameter(ParameterSetName = BackupSet)]
    [Parameter(ParameterSetName = PathSet)]
    public BackupLevel Level { get; set; } = BackupLevel.Header;

    /// <summary>
    /// Reads a backup again that passed this level before; without it, an unchanged one is not read. A drill always reads all: there it
    /// replaces a report that exists. Default: off.
    /// </summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Reads an unchanged backup again if it passed longer ago than this: a TimeSpan, 36h or 30d. Default: 30 days.</summary>
    [Parameter(ParameterSetName = BackupSet)]
    [Parameter(ParameterSetName = PathSet)]
    [ArgumentCompleter(typeof(DurationCompleter))]
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
    [Parameter(ParameterSetName = BackupSet)]
    [Parameter(ParameterSetName = PathSet)]
    [ValidateRange(1, 1000)]
    public int SampleTables { get; set; } = 3;

    /// <summary>
    /// Statements that must give what is expected in what was restored, besides those of recovery.assertions:
    /// @{ Name = 'Orders'; Sql = 'SELECT count(*) FROM orders'; Expected = '5' }. Each runs in a read-only transaction, and gives one
    /// value; without Expected it must be true. Database limits one to backups of that database. Default: none.
    /// </summary>
    [Parameter]
    [RecoveryAssertion]
    public RecoveryAssertion[] Assertion { get; set; } = [];

    /// <summary>
    /// For a base backup, the moment to recover to. A time without a zone is local; a TimeSpan, or 12h, means so long ago. Default: the end of the
    /// archived write-ahead log.
    /// </summary>
    [Parameter(ParameterSetName = BackupSet)]
    [Parameter(ParameterSetName = PathSet)]
    [ArgumentCompleter(typeof(AgeCompleter))]
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
        if (Drill)
        {
            await DrillAsync(cancellationToken);
            return;
        }

        if (Path is not null)
        {
            foreach (var path in Path)
            {
                await TestAsync(() => Task.FromResult(Engine.BackupTests.FromPath(ResolvePath(path))), path, cancellationToken);
            }

            return;
        }

        if (InputObject is null)
        {
            // PowerShell would ask for it, as if it were to be typed.
            throw new MaintenanceException(
                MaintenanceErrorCode.InvalidArgument,
                "No backup is named.",
                "Pipe backups in (Get-DatabaseBackup -Newest | Test-BackupRestore), name one of the store with -InputObject or a file or folder with -Path, or rehearse a whole recovery with -Drill.");
        }

        await TestAsync(() => FindAsync(InputObject, cancellationToken), InputObject.Name, cancellationToken);
    }

    // One after the other, and what keeps one from being tested keeps no other.
    private async Task TestAsync(Func<Task<DatabaseBackup>> backup, string item, CancellationToken cancellationToken)
    {
        try
        {
            var tested = await backup();
            if (Level >= BackupLevel.Sample && !await ShouldProcessAsync(tested.Name, $"{(Level == BackupLevel.Full ? "Restore" : "Restore a sample of it")} into {Scratch()}, check it there, and remove it again"))
            {
                return;
            }

            var verification = await Engine.BackupTests.TestAsync(tested, OwnerOf(tested), Options(), Call, cancellationToken);
            if (verification.Verdict == BackupVerdict.CannotDetermine)
            {
                Call.Sink.Warning($"{verification.Name} could not be tested. {verification.Message} {verification.Recommendation}".TrimEnd());
            }

            await WriteObjectAsync(verification);
        }
        catch (MaintenanceException exception) when (!cancellationToken.IsCancellationRequested)
        {
            await WriteErrorAsync(exception, item);
        }
    }

    private Task<DatabaseBackup> FindAsync(BackupArgument argument, CancellationToken cancellationToken)
    {
        var target = Target?.Resolve(Session) ?? Session.Current;
        return argument.FindAsync(
            ResolvePath(argument.Name),
            Engine.BackupTests.FromPath,
            target is null ? null : () => Engine.Backups.ListAsync(target, new BackupQuery(), Call, cancellationToken),
            cancellationToken);
    }

    private string Scratch() => ScratchTarget is { } server ? $"a new database on the server of {server.Name}" : "a scratch server on this machine";

    private MaintenanceTarget? OwnerOf(DatabaseBackup backup) =>
        Target?.Resolve(Session) ?? (backup.Target is { } name && Session.TryGet(name, out var connected) ? connected : null);

    private BackupTestOptions Options() => new()
    {
        Level = Level,
        Force = Force,
        ReverifyAfter = ReverifyAfter,
        ScratchTarget = ScratchTarget?.Resolve(Session),
        ScratchPath = ScratchPath is null ? null : ResolvePath(ScratchPath),
        PostgresPath = PostgresPath is null ? null : ResolvePath(PostgresPath),
        Jobs = Jobs,
        SampleTables = SampleTables,
        Assertions = Assertion,
        PointInTime = PointInTime,
        WalArchive = WalPath is null ? null : new StoreSettings { Path = ResolvePath(WalPath) },
    };
}
