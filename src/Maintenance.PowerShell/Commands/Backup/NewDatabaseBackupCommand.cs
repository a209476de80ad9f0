using System.Management.Automation;
using Maintenance.Completion;
using Maintenance.Infrastructure;

namespace Maintenance.Commands;

/// <summary>Makes a backup of a database with pg_dump, straight into the backup store.</summary>
/// <remarks>
/// <para>
/// What pg_dump writes is streamed into the folder or blob container: it needs no space on this machine, and nothing of it can be seen
/// in the store before all of it is there. A backup that fails, is stopped or killed leaves none. The directory format, which several
/// jobs write, lies in a temporary folder first, and its toc.dat is sent last.
/// </para>
/// <para>
/// Beside it lies a manifest (NAME.manifest.json): the moment of the snapshot, size and SHA-256, versions, and the rows of each table,
/// counted in the same snapshot while pg_dump works. <see cref="TestBackupRestoreCommand"/> compares a restore with them.
/// </para>
/// <para>
/// Old backups of the same database and format that no rule keeps (the -Keep… parameters, or backups.keep in maintenance.json) are
/// deleted after the new one is whole, and only those that this module made. Each is asked about first; -Confirm:$false answers yes, for
/// scripts. Without a rule nothing is deleted. What an immutability
/// policy or a legal hold keeps is left. One that cannot be deleted is a warning.
/// </para>
/// <para>
/// Reading and writing go on meanwhile: pg_dump takes ACCESS SHARE, and waits five minutes at most for a table that is locked. A second backup of
/// the same database at the same time is refused with AlreadyRunning. pg_dump must be of the server's major version or later. Its
/// password is nowhere on a command line. A standby can be dumped too; a transaction pooler cannot.
/// </para>
/// <para>Privileges: SELECT on all tables and sequences (pg_read_all_data, from PostgreSQL 14 on), and BYPASSRLS where row security is on. In a
/// container: creating, writing and reading blobs; with rules for keeping also listing and deleting (the role Storage Blob Data Contributor). It changes
/// nothing in the database; in the store it adds one backup, and removes those that rules for keeping leave out, which -WhatIf names.</para>
/// </remarks>
/// <example>
/// <code>New-DatabaseBackup</code>
/// <para>Backs up the database of the connected target into its backup store.</para>
/// </example>
/// <example>
/// <code>New-DatabaseBackup -WhatIf</code>
/// <para>Says what would be dumped where, under which name, and which old backups would go. Changes nothing.</para>
/// </example>
/// <example>
/// <code>New-DatabaseBackup -KeepLast 7 -KeepWeekly 4 -KeepMonthly 12</code>
/// <para>Then keeps the last seven, the last of each of four weeks and the last of each of twelve months, and deletes the others.</para>
/// </example>
/// <example>
/// <code>New-DatabaseBackup -Format PlainCompressed -Path $HOME -Name 'before-migration.sql.gz'</code>
/// <para>Writes compressed SQL into a folder, under a name of its own.</para>
/// </example>
/// <example>
/// <code>New-DatabaseBackup | Test-BackupRestore</code>
/// <para>Makes a backup and tests it. With -Level Full it is restored into a scratch server.</para>
/// </example>
/// <seealso cref="GetDatabaseBackupCommand"/>
/// <seealso cref="TestBackupRestoreCommand"/>
[Cmdlet(VerbsCommon.New, "DatabaseBackup", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(DatabaseBackup))]
public sealed class NewDatabaseBackupCommand : TargetCmdlet
{
    /// <summary>Another database of the target's server. Default: the target's database.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(ServerDatabaseCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Database { get; set; }

    /// <summary>Custom and Directory are restored with pg_restore, in part or with several jobs; Plain and PlainCompressed (gzip) are SQL. Default: Custom.</summary>
    [Parameter]
    public BackupKind Format { get; set; } = BackupKind.Custom;

    /// <summary>Name in the store, below its prefix, with the ending of the format. One that is taken is never replaced. Default: by the configured pattern, or DATABASE-yyyyMMddTHHmmssZ (UTC).</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    /// <summary>How many tables are dumped at once, for the directory format; each takes a connection. Default: the processors of this machine, 8 at most.</summary>
    [Parameter]
    [ValidateRange(1, 64)]
    public int? Jobs { get; set; }

    /// <summary>Leaves the rows uncounted, which spares the server reading every table twice; a restore can then not be compared with them. Default: they are counted.</summary>
    [Parameter]
    public SwitchParameter SkipRowCount { get; set; }

    /// <summary>Folder of pg_dump. Default: what is configured (recovery.postgresPath), or the PATH and the usual folders.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? PostgresPath { get; set; }

    /// <summary>A folder to put the backup into, instead of the target's store; it must exist. Taken literally: no wildcards. Default: the target's store.</summary>
    [Parameter]
    [Alias("LiteralPath")]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>Keeps the last so many. With any -Keep… parameter the configured rules do not count. Default: what is configured, or all.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int? KeepLast { get; set; }

    /// <summary>Keeps the last of each day (UTC), for so many days that have one. Default: what is configured, or all.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int? KeepDaily { get; set; }

    /// <summary>Keeps the last of each week (ISO 8601, UTC), for so many weeks that have one. Default: what is configured, or all.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int? KeepWeekly { get; set; }

    /// <summary>Keeps the last of each month (UTC), for so many months that have one. Default: what is configured, or all.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int? KeepMonthly { get; set; }

    /// <summary>Keeps everything that is younger: a TimeSpan, or text such as 30d. Default: what is configured, or all.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(DurationCompleter))]
    [Duration]
    public TimeSpan? KeepWithin { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessTargetAsync(MaintenanceTarget target, CancellationToken cancellationToken)
    {
        var options = Options();
        // The time of the call is for the dump; planning has its own.
        var plan = await Engine.Dumps.PlanAsync(target, options, Call with { Timeout = null }, cancellationToken);
        if (!await ShouldProcessAsync(ConfirmImpact.Medium, $"database '{plan.Database}' on '{plan.Target}'", $"Dump as {plan.Kind} with {plan.Program} to '{plan.Name}' in {plan.Store}"))
        {
            if (await IsWhatIfAsync())
            {
                foreach (var backup in plan.Expired)
                {
                    await ShouldDeleteAsync(backup);
                }
            }

            return;
        }

        var made = await Engine.Dumps.CreateAsync(target, options, plan, Call, cancellationToken);
        await WriteObjectAsync(made);
        try
        {
            foreach (var backup in await Engine.Dumps.FindExpiredAsync(target, options, plan, made, Call, cancellationToken))
            {
                if (await ShouldDeleteAsync(backup))
                {
                    await DeleteAsync(target, options, backup, cancellationToken);
                }
            }
        }
        catch (MaintenanceException exception) when (!cancellationToken.IsCancellationRequested)
        {
            Call.Sink.Warning($"The new backup is whole, but no old ones were deleted. {exception.Message} {exception.Recommendation}");
        }
    }

    private Task<bool> ShouldDeleteAsync(DatabaseBackup backup) =>
        ShouldProcessAsync(ConfirmImpact.High, $"'{backup.Name}' in {backup.Store}", FormattableString.Invariant($"Delete the old backup of {backup.TakenAt.UtcDateTime:u}, which no rule keeps"));

    // What cannot be deleted must not make the backup fail that was made.
    private async Task DeleteAsync(MaintenanceTarget target, BackupOptions options, DatabaseBackup backup, CancellationToken cancellationToken)
    {
        try
        {
            await Engine.Dumps.DeleteAsync(target, options, backup, Call, cancellationToken);
        }
        catch (MaintenanceException exception) when (!cancellationToken.IsCancellationRequested)
        {
            Call.Sink.Warning($"The old backup {backup.Name} could not be deleted. {exception.Message} {exception.Recommendation}");
        }
    }

    private BackupOptions Options() => new()
    {
        Format = Format,
        Database = Database,
        Name = Name,
        Jobs = Jobs,
        CountRows = !SkipRowCount,
        Store = Path is null ? null : new StoreSettings { Path = ResolvePath(Path) },
        PostgresPath = PostgresPath is null ? null : ResolvePath(PostgresPath),
        Keep = KeepLast is null && KeepDaily is null && KeepWeekly is null && KeepMonthly is null && KeepWithin is null
            ? null
            : new BackupKeepRules { Last = KeepLast, Daily = KeepDaily, Weekly = KeepWeekly, Monthly = KeepMonthly, Within = KeepWithin },
    };
}
