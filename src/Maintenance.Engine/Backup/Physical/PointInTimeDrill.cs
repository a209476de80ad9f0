using System.Globalization;
using Maintenance.Engine.Backup.Restore;
using Maintenance.Engine.Backup.Testing;
using Maintenance.Engine.Sandbox;

namespace Maintenance.Engine.Backup.Physical;

/// <summary>What is known of a base backup when a recovery from it begins.</summary>
/// <param name="Label">Its label.</param>
/// <param name="Manifest">Its manifest; null if it has none.</param>
/// <param name="Major">The major version it is of; null if its beginning did not tell.</param>
/// <param name="Log">The segments of write-ahead log that it holds itself.</param>
internal sealed record RecoveryStart(BackupLabel Label, PhysicalManifest? Manifest, int? Major, IReadOnlySet<string> Log);

/// <summary>
/// Recovers a cluster from a base backup and the archived write-ahead log in a scratch server: to a point in time, or to the end of the
/// log. How long that takes and what is lost is measured; then every database of it is looked at. Nothing is left, however it ends.
/// </summary>
/// <param name="work">The test.</param>
/// <param name="source">The backup.</param>
/// <param name="archive">The archive; null if none is known.</param>
/// <param name="start">What is known of the backup.</param>
internal sealed class PointInTimeDrill(TestWork work, BaseBackupSource source, WalSource? archive, RecoveryStart start)
{
    private const int MostJobs = 8;

    /// <summary>What a server writes by itself.</summary>
    private const long Overhead = 256L << 20;

    /// <summary>A file of the archive may be a little older than the moment when its segment was full.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(15);

    private DateTimeOffset? _wanted = work.Options.PointInTime;
    private ScratchServer _scratch = null!;
    private ClusterFolder _cluster = null!;
    private WalPlan? _plan;
    private IReadOnlyList<(string, Stores.StoreEntry)> _later = [];

    private string Parent => work.Options.ScratchPath ?? work.Target?.Recovery.ScratchPath ?? Path.GetTempPath();

    /// <summary>Does the drill.</summary>
    /// <exception cref="BackupFaultException">What makes further checks pointless.</exception>
    /// <exception cref="MaintenanceException">SandboxStartFailed, InvalidArgument, Store…, ...</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        CheckOptions();
        var installation = await InstallationAsync(cancellationToken);
        await PlanAsync(cancellationToken);
        CheckSpace();
        await using var scratch = await ScratchServer.CreateAsync(work.Options.ScratchPath ?? work.Target?.Recovery.ScratchPath, work.Call.Sink, cancellationToken);
        _scratch = scratch;
        scratch.Use(installation);
        try
        {
            await RecoverAsync(cancellationToken);
            await AnswerAsync(cancellationToken);
            await CheckAsync(cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested
            && exception is not BackupFaultException && (ScratchSpace.IsFullDisk(exception) || scratch.RanOutOfSpace))
        {
            throw ScratchSpace.NoSpace(work, $"The disk of {Parent} was full before the recovery had come to its end.");
        }
    }

    private void CheckOptions()
    {
        if (work.Options.ScratchTarget is { } target)
        {
            throw new MaintenanceException(
                MaintenanceErrorCode.InvalidArgument,
                $"{work.Backup.Name} is a whole server, and cannot be restored into '{target.Name}'.",
                "Leave -ScratchTarget out: a base backup is recovered in a scratch server on this machine.");
        }

        if (_wanted > work.Time.GetUtcNow())
        {
            throw new MaintenanceException(MaintenanceErrorCode.InvalidArgument, $"{_wanted:u} is in the future.", "Give -PointInTime a moment that has passed.");
        }

        if (_wanted < start.Label.StartedAt)
        {
            throw new MaintenanceException(
                MaintenanceErrorCode.InvalidArgument,
                $"{work.Backup.Name} was begun at {start.Label.StartedAt:u}: what was before, at {_wanted:u}, cannot be recovered from it.",
                "Choose an older base backup, or a later moment.");
        }
    }

    private async Task<Programs.PostgresInstallation> InstallationAsync(CancellationToken cancellationToken)
    {
        var major = start.Major ?? throw new BackupFaultException(
            "Version", BackupLevel.Full, BackupFault.HeaderDamaged, $"{work.Backup.Name} does not tell which version of PostgreSQL it is of (PG_VERSION).", "Make a new base backup.");
        var found = await ScratchBinaries.FindAsync(major, work.Options.PostgresPath ?? work.Target?.Recovery.PostgresPath, cancellationToken);
        var message = $"A base backup can only be recovered by its own version, PostgreSQL {major}, {(found is null ? "and no PostgreSQL server is on this machine" : $"and what was found is {found.Version}")}.";
        var recommendation = $"Install PostgreSQL {major}, or name its folder with -PostgresPath (recovery.postgresPath in maintenance.json).";
        return found?.Major == major ? found
            : found?.Major < major ? throw new BackupFaultException("Version", BackupLevel.Full, BackupFault.NewerVersion, message, recommendation)
            : throw new MaintenanceException(MaintenanceErrorCode.SandboxBinariesNotFound, message, recommendation);
    }

    private async Task PlanAsync(CancellationToken cancellationToken)
    {
        if (archive is not null)
        {
            _plan = await work.PhaseAsync("Find the log", true, () => new WalStaging(archive).PlanAsync(start.Label.Timeline, start.Label.Start, start.Log, cancellationToken));
            _later = Later(_plan);
        }
    }

    private void CheckSpace()
    {
        var data = Math.Max(work.Backup.SizeBytes, start.Manifest?.Files.Values.Sum(file => file.SizeBytes) ?? 0);
        var log = _plan is null ? 0 : new WalStaging(archive!).BytesOf(_plan.Segments.Except(_later), start.Log);
        if (ScratchSpace.FreeOf(Parent) is { } free && free < data + log + Overhead)
        {
            throw ScratchSpace.NoSpace(work, FormattableString.Invariant($"The recovery needs {data + log + Overhead} bytes, {log} of them for the write-ahead log, and {Parent} has {free} free."));
        }
    }

    private async Task RecoverAsync(CancellationToken cancellationToken)
    {
        _cluster = new ClusterFolder(_scratch.DataFolder, Path.Combine(_scratch.ServerFolder, "tablespaces"));
        await work.PhaseAsync("Extract", true, () => _cluster.FillAsync(source, Tell, cancellationToken));
        if (_plan is { } plan)
        {
            await work.PhaseAsync("Fetch the log", true, () => FetchAsync([.. plan.Histories, .. plan.Segments.Except(_later)], cancellationToken));
        }

        CheckContinuity();
        var preview = await PreviewAsync(cancellationToken);
        if (_later.Count > 0 && !preview.IsReached)
        {
            // The times of the archive's files had misled us: the moment lies in what came later.
            await work.PhaseAsync("Fetch more of the log", true, () => FetchAsync(_later, cancellationToken));
            preview = await PreviewAsync(cancellationToken);
        }

        CheckLog(preview);
        await PrepareAsync(cancellationToken);
        await ReplayAsync(cancellationToken);
    }

    private Task FetchAsync(IEnumerable<(string, Stores.StoreEntry)> files, CancellationToken cancellationToken) =>
        new WalStaging(archive!).FetchAsync(files, _cluster.LogFolder, Tell, cancellationToken);

    // What was archived well after the moment is mostly not needed to reach it.
    private IReadOnlyList<(string, Stores.StoreEntry)> Later(WalPlan plan)
    {
        if (_wanted is not { } wanted)
        {
            return [];
        }

        var enough = plan.Segments.TakeWhile(segment => segment.Entry.LastModified < wanted + Margin).Count() + 1;
        return [.. plan.Segments.Skip(enough)];
    }

    private void CheckContinuity()
    {
        if (_plan?.FirstMissing is not { } missing)
        {
            return;
        }

        if (_wanted is null)
        {
            work.Advice = "Copy the segment from the server or a standby if it is still there; if not, make a new base backup now.";
            work.Fail("Continuity", BackupLevel.Full, BackupFault.WalMissing, FormattableString.Invariant($"The segment {missing} is missing from the archive {archive!.Place}: {(_plan.Behind == 1 ? "the segment behind it is" : FormattableString.Invariant($"the {_plan.Behind} segments behind it are"))} of no use, and the recovery ends before it."));
        }
        else
        {
            work.Manual("Continuity", BackupLevel.Full, FormattableString.Invariant($"The segment {missing} is missing from the archive {archive!.Place}: nothing behind it can be recovered."));
        }
    }

    private WalSegmentFolder Log()
    {
        var size = WalSegmentFolder.SizeIn(_cluster.LogFolder) ?? archive?.SegmentSize ?? WalPosition.UsualSegmentSize;
        return new WalSegmentFolder(_cluster.LogFolder, _plan?.Way ?? [new WalStretch(start.Label.Timeline, 0, null)], size);
    }

    private Task<ReplayPreview> PreviewAsync(CancellationToken cancellationToken) => work.PhaseAsync("Look through the log", false, async () =>
    {
        var log = Log();
        await using var records = new WalRecords(log.Open, log.SegmentSize, start.Label.Start);
        return await ReplayPreview.OfAsync(records, _wanted, cancellationToken);
    });

    // Before a server is let loose on it: where would it write, and is it whole?
    private void CheckLog(ReplayPreview preview)
    {
        if (preview.Tablespaces.Count > 0)
        {
            var (paths, first) = (preview.Tablespaces.Select(made => made.Path ?? "a path that could not be read").Distinct(), preview.Tablespaces[0].Position);
            throw new BackupFaultException(
                "Tablespaces", BackupLevel.Full, BackupFault.None,
                $"After this backup a tablespace was made at {string.Join(", ", paths)}. A server that replays that ({WalPosition.Format(first)} in the log) writes to the same path on this machine, where the original may have its data. So nothing was replayed.",
                "Take a newer base backup: the tablespaces that it holds are laid out in the scratch folder. Or recover to a moment before the tablespace was made (-PointInTime).");
        }

        if (!preview.IsReached && Log().Behind(preview.End) is { Count: > 0 } behind)
        {
            throw new BackupFaultException(
                "Log", BackupLevel.Full, BackupFault.WalMissing,
                FormattableString.Invariant($"The write-ahead log is damaged at {WalPosition.Format(preview.End)}: every recovery ends there, and the {behind.Count} segments behind it, from {behind[0]} on, are of no use."),
                "Copy the segment from the server or a standby if it is still there; if not, make a new base backup now. What was before can be recovered with -PointInTime.");
        }

        work.Pass("Log records", BackupLevel.Full, FormattableString.Invariant($"The log was read before it was replayed: {preview.Records} records, {(preview.IsReached ? "to the moment that is wanted" : $"whole up to {WalPosition.Format(preview.End)}")}; none makes a tablespace."));
    }

    // Settings of the original would have this server archive, listen, load and run what belongs to the other one. It gets none of them.
    private async Task PrepareAsync(CancellationToken cancellationToken)
    {
        var data = _scratch.DataFolder;
        await File.WriteAllTextAsync(Path.Combine(data, "postgresql.conf"), "", cancellationToken);
        await File.WriteAllTextAsync(Path.Combine(data, "pg_ident.conf"), "", cancellationToken);
        await File.WriteAllTextAsync(Path.Combine(data, "pg_hba.conf"), "host all all all reject\n", cancellationToken);
        await File.WriteAllTextAsync(Path.Combine(data, "recovery.signal"), "", cancellationToken);
        await _scratch.HandOverAsync(cancellationToken);
    }

    private Dictionary<string, string> Settings()
    {
        var settings = new Dictionary<string, string>(ScratchServer.FastSettings)
        {
            ["hot_standby"] = "off",
            ["max_prepared_transactions"] = "1000",
            // A subscription of the original's must not fetch here what is meant for there.
            ["max_logical_replication_workers"] = "0",
            ["wal_recycle"] = "off",
        };
        if (start.Major >= 17)
        {
            settings["event_triggers"] = "off";
        }

        return settings;
    }

    private Task ReplayAsync(CancellationToken cancellationToken) => work.PhaseAsync("Replay", true, async () =>
    {
        var settings = Settings();
        // The log lies where the server looks itself; there is nothing to be fetched.
        settings["restore_command"] = "exit 1";
        settings["recovery_target_timeline"] = (_plan?.Timeline ?? start.Label.Timeline).ToString(CultureInfo.InvariantCulture);
        if (_wanted is { } wanted)
        {
            settings["recovery_target_time"] = wanted.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss.ffffff+00", CultureInfo.InvariantCulture);
            settings["recovery_target_action"] = "promote";
        }

        MaintenanceException? trouble = null;
        try
        {
            await _scratch.StartAsync(settings, cancellationToken, patienceSeconds: 7 * 24 * 3600);
        }
        catch (MaintenanceException exception) when (exception.Code == MaintenanceErrorCode.SandboxStartFailed && !cancellationToken.IsCancellationRequested)
        {
            trouble = exception;
        }
        catch (FileNotFoundException) when (!cancellationToken.IsCancellationRequested)
        {
            // It was gone again before its number could be read.
        }

        var log = await WaitAsync(cancellationToken);
        if (!log.IsOpen)
        {
            throw Judge(log, trouble);
        }

        Note(log);
    });

    // pg_ctl takes a server for started when the recovery has only begun. It is over when the server is open, or gone.
    private async Task<RecoveryLog> WaitAsync(CancellationToken cancellationToken)
    {
        var process = Path.Combine(_scratch.DataFolder, "postmaster.pid");
        while (true)
        {
            var runs = File.Exists(process);
            var log = await LogAsync(cancellationToken);
            if (log.IsOpen || !runs)
            {
                return log;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), work.Time, cancellationToken);
        }
    }

    // A server that could not even begin has written none.
    private async Task<RecoveryLog> LogAsync(CancellationToken cancellationToken) =>
        RecoveryLog.Parse(File.Exists(_scratch.LogFile) ? await File.ReadAllTextAsync(_scratch.LogFile, cancellationToken) : "");

    private Exception Judge(RecoveryLog log, MaintenanceException? exception)
    {
        if (log.NoSpace)
        {
            return ScratchSpace.NoSpace(work, $"The disk of {Parent} was full before the recovery had come to its end.");
        }

        var end = _plan?.FirstMissing is { } missing ? $"the segment {missing} is missing" : archive is null ? "no archive is known, and the backup holds no more" : $"the archive {archive.Place} ends there";
        if (log.EndedBefore)
        {
            var last = log.LastCommit is { } at ? $"the last moment that can be recovered is {at:yyyy-MM-dd HH:mm:ss.ffffff}Z" : "no transaction came after the backup";
            return new BackupFaultException(
                "Point in time", BackupLevel.Full, BackupFault.WalMissing,
                $"{_wanted:yyyy-MM-dd HH:mm:ss.ffffff}Z cannot be recovered: {last}, since {end}.",
                "Choose an earlier moment, or bring the missing write-ahead log into the archive.");
        }

        if (log.Incomplete)
        {
            return new BackupFaultException(
                "Replay", BackupLevel.Full, BackupFault.WalMissing,
                $"The write-ahead log ends before the backup is consistent: {end}. The server said: {log.Failure}",
                "Name the archive with -WalPath (walArchive in maintenance.json), or make base backups with -X stream or -X fetch.",
                isOurs: archive is null);
        }

        return log.Failure is null && exception is not null ? exception : new BackupFaultException(
            "Replay", BackupLevel.Full, BackupFault.RestoreFailed, $"The server could not recover from it: {log.Failure ?? _scratch.LastLog()}", "Read the messages of the server; the backup or its log may be damaged.");
    }

    private void Note(RecoveryLog log)
    {
        work.StateOf = log.LastCommit ?? start.Label.StartedAt;
        work.WantedAt = _wanted;
        var last = log.LastCommit is { } at ? $"the last transaction is of {at:yyyy-MM-dd HH:mm:ss.ffffff}Z" : "no transaction came after the backup";
        var fetched = _plan is null ? "with the log inside the backup" : FormattableString.Invariant($"with the log from {archive!.Place} along timeline {_plan.Timeline}");
        work.Pass("Replay", BackupLevel.Full, $"Recovered {(_wanted is { } wanted ? $"to {wanted:yyyy-MM-dd HH:mm:ss.ffffff}Z" : "to the end of the log")} {fetched}{(log.Replayed is { } lsn ? $", up to {lsn}" : "")}; {last}.");
    }

    // The cluster has the original's roles, whose passwords are none of our business. One is given a password that only this process
    // knows, while nobody can connect: in single-user mode.
    private async Task AnswerAsync(CancellationToken cancellationToken)
    {
        await work.PhaseAsync("Gain access", false, async () =>
        {
            await _scratch.StopAsync(cancellationToken);
            var errors = new List<string>();
            var statement = Database.SqlText.Read("Backup/Physical/Sql/GiveAccess.sql").Replace("$password$", _scratch.Password, StringComparison.Ordinal).TrimEnd() + "\n\n";
            var code = await _scratch.Call("postgres", "--single", "-j", "-D", _scratch.DataFolder, "-c", "exit_on_error=true", "-c", "default_transaction_read_only=off", "template1").RunAsync(
                async input => await input.WriteAsync(System.Text.Encoding.UTF8.GetBytes(statement), cancellationToken),
                _ => { },
                line => errors.Add(line),
                cancellationToken);
            if (code != 0 || errors.Exists(line => line.Contains("ERROR:", StringComparison.Ordinal)))
            {
                throw new MaintenanceException(
                    MaintenanceErrorCode.SandboxStartFailed,
                    $"The recovered server could not be entered: {Programs.LastLines.Of(string.Join('\n', errors))}",
                    "Read the messages of the server.");
            }

            await File.WriteAllTextAsync(Path.Combine(_scratch.DataFolder, "pg_hba.conf"), "host all postgres 127.0.0.1/32 scram-sha-256\n", cancellationToken);
            await _scratch.StartAsync(Settings(), cancellationToken, patienceSeconds: 600);
        });
        await work.PhaseAsync("Answer", true, async () =>
        {
            await using var database = new RestoredDatabase(_scratch.ConnectionString("template1"));
            return await database.QueryAsync("Backup/Physical/Sql/Answer.sql", row => row.GetString(0), cancellationToken);
        });
        work.Restored = true;
    }

    private async Task CheckAsync(CancellationToken cancellationToken)
    {
        List<string> databases;
        await using (var server = new RestoredDatabase(_scratch.ConnectionString("template1")))
        {
            databases = await server.QueryAsync("Backup/Physical/Sql/Databases.sql", row => row.GetString(0), cancellationToken);
        }

        foreach (var name in databases)
        {
            // Each database has its own checks, and the assertions that are meant for it.
            var part = new TestWork(new BackupFile(work.File.Store, work.Backup with { Database = name }), TargetFor(name), OptionsFor(name), work.Call, work.Time);
            try
            {
                await using var database = new RestoredDatabase(_scratch.ConnectionString(name));
                await new RestoreChecks(part, database, new ScratchPlace(_scratch), work.Options.Jobs ?? Math.Min(Environment.ProcessorCount, MostJobs)).RunAsync(null, [], [], cancellationToken);
            }
            catch (MaintenanceException exception) when (!cancellationToken.IsCancellationRequested && !_scratch.RanOutOfSpace)
            {
                part.Unknown("Checks", BackupLevel.Full, exception.Message);
            }

            foreach (var check in part.Checks)
            {
                work.Add(check with { Name = $"{name}: {check.Name}" });
            }

            work.Advice ??= part.Advice;
        }
    }

    // An assertion without a database is meant for that of the target, where it has one.
    private bool IsFor(RecoveryAssertion assertion, string database) =>
        (assertion.Database ?? work.Target?.Database?.Database) is not { } meant || meant == database;

    private BackupTestOptions OptionsFor(string database) => work.Options with { Assertions = [.. work.Options.Assertions.Where(assertion => IsFor(assertion, database))] };

    private MaintenanceTarget? TargetFor(string database) => work.Target is not { } target ? null : target with
    {
        Recovery = target.Recovery with { Assertions = [.. target.Recovery.Assertions.Where(assertion => IsFor(assertion, database))] },
    };

    private void Tell(string what) => work.Call.Sink.Progress(new ProgressUpdate($"Testing {work.Backup.Name}", what));
}
