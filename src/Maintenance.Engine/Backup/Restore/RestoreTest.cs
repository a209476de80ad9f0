using Maintenance.Engine.Backup.Testing;
using Maintenance.Engine.Programs;
using Maintenance.Engine.Sandbox;

namespace Maintenance.Engine.Backup.Restore;

/// <summary>
/// The levels Sample and Full for dumps: restores them into a scratch server, or into a new database on a given one, measures how long
/// that takes, and looks at what came of it. Nothing is left, however it ends.
/// </summary>
internal sealed class RestoreTest
{
    private const int MostJobs = 8;

    /// <summary>The oldest encoding name that every server has.</summary>
    private const string DefaultEncoding = "UTF8";

    private readonly TestWork _work;
    private readonly ScratchServer _scratch;
    private readonly RestoreErrors _errors;
    private DumpScan _scan = new();
    private IReadOnlyList<DumpTable>? _sample;
    private IReadOnlyList<DumpForeignKey> _leftKeys = [];

    private RestoreTest(TestWork work, ScratchServer scratch)
    {
        (_work, _scratch) = (work, scratch);
        _errors = new RestoreErrors(isGuest: work.Options.ScratchTarget is not null);
    }

    private BackupLevel Level => _work.Options.Level;

    private int Jobs => _work.Options.Jobs ?? Math.Min(Environment.ProcessorCount, MostJobs);

    private string? PostgresPath => _work.Options.PostgresPath ?? _work.Target?.Recovery.PostgresPath;

    /// <summary>Reads all of the backup of a test, restores it, and checks what came of it.</summary>
    /// <remarks>What is in a container comes over the network once: the copy is read, and then restored.</remarks>
    /// <param name="work">The test, whose format is known.</param>
    /// <param name="seen">What looking at the backup has shown.</param>
    /// <param name="cancellationToken">Ends the test at once; nothing of it is left.</param>
    /// <exception cref="BackupFaultException">What makes further checks pointless.</exception>
    /// <exception cref="MaintenanceException">SandboxStartFailed, ProgramNotFound, PermissionDenied, InvalidArgument, ...</exception>
    public static async Task RunAsync(TestWork work, Examination seen, CancellationToken cancellationToken)
    {
        if (work.Options.ScratchTarget is { } target && (work.Format is BackupKind.Plain or BackupKind.PlainCompressed))
        {
            throw new MaintenanceException(
                MaintenanceErrorCode.InvalidArgument,
                $"{work.Backup.Name} is SQL text, which can do anything on the server that it runs on, such as dropping databases of the names it holds. It is not restored on '{target.Name}'.",
                "Leave -ScratchTarget out: a scratch server on this machine holds nothing else.");
        }

        var parent = work.Options.ScratchPath ?? work.Target?.Recovery.ScratchPath;
        var needsCopy = LocalDump.NeedsCopy(work);
        var lack = ScratchSpace.FindLack(work, parent ?? Path.GetTempPath(), needsCopy, isServerHere: work.Options.ScratchTarget is null);
        if (!needsCopy || lack is not null || work.IsTooNew)
        {
            // Whether its bytes are right can be told also where it cannot be restored.
            await LogicalExamination.ReadAllAsync(work, seen, null, cancellationToken);
        }

        if (work.HasFailed || work.IsTooNew)
        {
            return;
        }

        if (lack is not null)
        {
            throw lack;
        }

        await using var scratch = await ScratchServer.CreateAsync(parent, work.Call.Sink, cancellationToken);
        try
        {
            await new RestoreTest(work, scratch).RunAsync(seen, cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested
            && exception is not BackupFaultException && (ScratchSpace.IsFullDisk(exception) || scratch.RanOutOfSpace))
        {
            throw ScratchSpace.NoSpace(work, $"The disk of {parent ?? Path.GetTempPath()} was full before the restore had come to its end.");
        }
    }

    private async Task RunAsync(Examination seen, CancellationToken cancellationToken)
    {
        var dump = LocalDump.InPlace(_work);
        if (LocalDump.NeedsCopy(_work))
        {
            var copy = await _work.PhaseAsync("Fetch the backup", true, () => LocalDump.FetchAsync(_work, seen.Files, _scratch.FilesFolder, cancellationToken));
            await LogicalExamination.ReadAllAsync(_work, seen, copy, cancellationToken);
            if (_work.HasFailed)
            {
                return;
            }

            dump = LocalDump.Of(copy, _work.Format);
        }

        var look = await dump.LookAsync(cancellationToken);
        if (look.Compression is not (Compression.None or Compression.Gzip))
        {
            _work.Unknown("Restore", Level, $"{_work.Backup.Name} is compressed with {look.Compression}, which is not unpacked here. Unpack it into a folder, and test it there.");
            return;
        }

        if (dump.IsArchive && look.Compression == Compression.Gzip)
        {
            dump = await _work.PhaseAsync("Unpack", true, () => dump.UnpackAsync(_scratch.FilesFolder, cancellationToken));
        }

        if (!dump.IsArchive && await dump.IsClusterAsync(cancellationToken))
        {
            _work.Unknown("Restore", Level, $"{_work.Backup.Name} is of pg_dumpall, and holds a whole cluster. Such are read, but not restored here; pg_dump makes backups of single databases.");
            _work.Advice = "Back each database up with New-DatabaseBackup (pg_dump), and roles and tablespaces with pg_dumpall --globals-only; or rehearse the restore of this one by hand, into an empty server of its own.";
            return;
        }

        var program = dump.IsArchive
            ? await RestorePrograms.FindAsync("pg_restore", await ArchiveVersion.OldestReaderAsync(dump, cancellationToken), PostgresPath, cancellationToken)
            : null;
        IReadOnlyList<string> entries = [];
        if (program is not null)
        {
            // Before there is a server's account for it: as ourselves, who can read it. Nothing of it is run.
            var reader = new DumpReader(program, dump, ServerAccount.Self);
            _scan = await _work.PhaseAsync("Read the table of contents", true, () => reader.ScanAsync(_errors, cancellationToken));
            ThrowIfUnreadable();
            entries = Level == BackupLevel.Sample || _scan.Tables.Count == 0 ? await reader.ListAsync(_errors, cancellationToken) : [];
            if (RestoreList.IsDataOnly(entries))
            {
                SayDataOnly();
                return;
            }
        }
        else
        {
            _scan = await DumpHead.ScanAsync(dump, cancellationToken);
        }

        await using var place = await PlaceAsync(cancellationToken);
        if (!await RestoreAsync(place, dump, program, entries, cancellationToken))
        {
            SayDataOnly();
            return;
        }

        await using var database = place.Connect();
        await new RestoreChecks(_work, database, place, Jobs).RunAsync(_sample, await MissingExtensionsAsync(database, cancellationToken), _leftKeys, cancellationToken);
    }

    private async Task<RestorePlace> PlaceAsync(CancellationToken cancellationToken)
    {
        var wanted = _scan.ServerMajor ?? MajorOf(_work.Manifest?.ServerVersion);
        if (_work.Options.ScratchTarget is { } target)
        {
            var place = await _work.PhaseAsync("Connect to the server", true, () => TargetPlace.OpenAsync(target, PostgresPath, _work.Call, cancellationToken));
            if (wanted > place.Major)
            {
                await place.DisposeAsync();
                throw Newer(wanted.Value, $"the server of '{target.Name}' is PostgreSQL {place.Major}");
            }

            return place;
        }

        var installation = await ScratchBinaries.FindAsync(wanted ?? 0, PostgresPath, cancellationToken) ?? throw new MaintenanceException(
            MaintenanceErrorCode.SandboxBinariesNotFound,
            "There is no PostgreSQL server on this machine to restore into.",
            $"Install PostgreSQL{(wanted is { } major ? $" {major}" : "")}, name its folder with -PostgresPath, or restore on a server with -ScratchTarget.");
        if (wanted > installation.Major)
        {
            throw Newer(wanted.Value, $"the newest server on this machine is {installation.Version}");
        }

        _work.Call.Sink.Verbose($"Restoring into PostgreSQL {installation.Version} in {installation.BinPath}{(wanted is null || wanted == installation.Major ? "" : $"; the backup is of PostgreSQL {wanted}, which is not here")}.");
        _scratch.Use(installation);
        await _work.PhaseAsync("Start a server", true, async () =>
        {
            await _scratch.InitializeAsync(cancellationToken);
            await _scratch.StartAsync(ScratchServer.FastSettings, cancellationToken);
        });
        return new ScratchPlace(_scratch);
    }

    private async Task<bool> RestoreAsync(RestorePlace place, LocalDump dump, PostgresTool? program, IReadOnlyList<string> entries, CancellationToken cancellationToken)
    {
        await using var server = place.ConnectToServer();
        await CreateDatabaseAsync(server, place, cancellationToken);
        var isReadable = _scratch.Installation is not null
            && (!_scratch.Account.IsOther || await _scratch.Account.CanRunAsync("test", ["-r", dump.Kind == BackupKind.Directory ? Path.Combine(dump.Path, "toc.dat") : dump.Path], cancellationToken));
        var run = new RestoreRun(place, dump, _errors, isReadable);
        if (program is null)
        {
            var psql = await SafePsql.FindAsync(Database.DatabaseConnector.OldestMajorVersion, PostgresPath, cancellationToken);
            // The head was read for the version alone: the text itself comes now.
            _scan = new DumpScan();
            if (!await _work.PhaseAsync("Restore", true, () => run.TextAsync(psql, _scan, roles => CreateRolesAsync(server, roles, _scan.Superusers, cancellationToken), cancellationToken)))
            {
                return false;
            }
        }
        else
        {
            if (place.IsOurs)
            {
                await CreateRolesAsync(server, _scan.Roles, _scan.Superusers, cancellationToken);
            }

            var list = Level == BackupLevel.Sample ? await WriteListAsync(entries, cancellationToken) : null;
            await _work.PhaseAsync("Restore", true, () => run.ArchiveAsync(program, Jobs, list, cancellationToken));
        }

        ThrowIfUnreadable();
        if (_errors.NoSpace || (_errors.ConnectionLost && place.RanOutOfSpace))
        {
            throw ScratchSpace.NoSpace(_work, $"The disk of {place.Name} was full before the restore had come to its end.");
        }

        await using var database = place.Connect();
        new RestoreReport(_work, place, _errors).Write(_scan.Tablespaces, _sample, await MissingExtensionsAsync(database, cancellationToken));
        await _work.PhaseAsync("Analyze", true, () => database.QueryAsync("Backup/Restore/Sql/Analyze.sql", _ => true, cancellationToken));
        // A restore that broke off early was quick, and no recovery.
        _work.Restored = _sample is null && _errors.Count == 0;
        return true;
    }

    private void SayDataOnly()
    {
        _work.Unknown("Restore", Level, $"{_work.Backup.Name} holds data only: it cannot be restored by itself, because the tables are not in it.");
        _work.Advice = "Make backups without --data-only. Whether these rows can be restored shows only in a database that has the tables.";
    }

    private async Task CreateDatabaseAsync(RestoredDatabase server, RestorePlace place, CancellationToken cancellationToken)
    {
        string? Setting(string name) => _scan.Locale.GetValueOrDefault(name);

        var encoding = _scan.Encoding ?? DefaultEncoding;
        try
        {
            await server.ExecuteGivenAsync(
                "Backup/Restore/Sql/CreateDatabase.sql", cancellationToken, place.Database, encoding, Setting("LOCALE_PROVIDER"), Setting("LOCALE"), Setting("LC_COLLATE"), Setting("LC_CTYPE"), Setting("ICU_LOCALE"), Setting("BUILTIN_LOCALE"));
        }
        catch (MaintenanceException exception) when (exception.Code is MaintenanceErrorCode.DatabaseError or MaintenanceErrorCode.ObjectNotFound && _scan.Locale.Count > 0)
        {
            // The system here does not know the locale. Only the order of texts differs, and what follows from it.
            await server.ExecuteGivenAsync("Backup/Restore/Sql/CreateDatabase.sql", cancellationToken, place.Database, encoding, null, "C", null, null, null, null);
            _work.Manual("Locale", Level, $"The locale of the database is not to be had here ({exception.Message}); it was restored with the locale C, where texts have another order.");
        }
    }

    private static Task CreateRolesAsync(RestoredDatabase server, IReadOnlyCollection<string> roles, IReadOnlyCollection<string> superusers, CancellationToken cancellationToken) =>
        server.ExecuteGivenAsync("Backup/Restore/Sql/CreateRoles.sql", cancellationToken, roles.ToArray(), superusers.ToArray());

    private async Task<string> WriteListAsync(IReadOnlyList<string> entries, CancellationToken cancellationToken)
    {
        var list = new RestoreList(_scan, entries);
        var rows = _work.Manifest?.Tables?.ToDictionary(table => new DumpTable(table.Schema, table.Name), table => table.Rows) ?? [];
        _sample = SampleChooser.Choose(
            list.TablesWithRows,
            _work.Options.SampleTables,
            _work.Sha256 ?? _work.Backup.ETag ?? _work.Backup.Name,
            DateOnly.FromDateTime(_work.Time.GetUtcNow().UtcDateTime),
            table => rows.GetValueOrDefault(table));
        (var lines, _leftKeys) = list.For(_sample);
        var path = Path.Combine(_scratch.Folder, "restore.list");
        await using (var file = PrivateFiles.CreateNew(path))
        await using (var writer = new StreamWriter(file))
        {
            foreach (var line in lines)
            {
                await writer.WriteLineAsync(line.AsMemory(), cancellationToken);
            }
        }

        if (_scratch.Account.IsOther && !OperatingSystem.IsWindows())
        {
            // Names of tables, in a folder that nobody can list.
            File.SetUnixFileMode(path, File.GetUnixFileMode(path) | UnixFileMode.OtherRead);
        }

        return path;
    }

    private async Task<IReadOnlyList<string>> MissingExtensionsAsync(RestoredDatabase database, CancellationToken cancellationToken) =>
        _scan.Extensions.Count == 0 ? [] : await database.QueryAsync(
            "Backup/Restore/Sql/MissingExtensions.sql", reader => reader.GetString(0), cancellationToken, (object)_scan.Extensions.Distinct(StringComparer.Ordinal).ToArray());

    private void ThrowIfUnreadable()
    {
        if (_errors.CannotRead is { } message)
        {
            throw message.Contains("unsupported version", StringComparison.Ordinal)
                ? new BackupFaultException("Restore", Level, BackupFault.NewerVersion, $"pg_restore cannot read the backup: {message}.", "Install PostgreSQL's client programs of the version that made it.")
                : new MaintenanceException(MaintenanceErrorCode.ProgramNotFound, $"pg_restore here cannot read the backup: {message}.", "Use a pg_restore that was built with that compression (-PostgresPath).");
        }
    }

    private BackupFaultException Newer(int wanted, string what) => new(
        "Version",
        Level,
        BackupFault.NewerVersion,
        $"{_work.Backup.Name} is of PostgreSQL {wanted}, and {what}.",
        $"Install PostgreSQL {wanted} or later, or name a server of that version with -ScratchTarget.");

    private static int? MajorOf(string? version) => int.TryParse(version?.Split('.', ' ')[0], out var major) ? major : null;
}
