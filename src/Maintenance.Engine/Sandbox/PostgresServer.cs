using System.ComponentModel;
using System.Globalization;
using Maintenance.Engine.Database;
using Maintenance.Engine.Programs;
using Npgsql;

namespace Maintenance.Engine.Sandbox;

/// <summary>The PostgreSQL of one sandbox: a data folder of its own, loopback only, with a password.</summary>
/// <param name="installation">The programs.</param>
/// <param name="account">Who runs it.</param>
/// <param name="record">The sandbox.</param>
/// <param name="settings">Lines of postgresql.conf; null for those of a sandbox.</param>
internal sealed class PostgresServer(PostgresInstallation installation, ServerAccount account, SandboxRecord record, string? settings = null)
{
    public const string Host = "127.0.0.1";

    public const string Database = "postgres";

    public const string Administrator = "postgres";

    /// <summary>A role with pg_monitor and nothing else; its password is the administrator's.</summary>
    public const string Monitor = "maintenance_monitor";

    private const int Attempts = 5;

    // As many connections as PostgreSQL has by default, and some more for us: where all are taken one still looks.
    // Of these, all from fsync on only matter because the data may be lost: nobody waits for a disk.
    private const string SandboxSettings = """

        # Maintenance sandbox
        listen_addresses = '127.0.0.1'
        unix_socket_directories = ''
        max_connections = 110
        superuser_reserved_connections = 13
        shared_preload_libraries = 'pg_stat_statements'
        pg_stat_statements.max = 50000
        track_io_timing = on
        wal_level = logical
        max_prepared_transactions = 10
        fsync = off
        synchronous_commit = off
        full_page_writes = off
        timezone = 'UTC'
        log_timezone = 'UTC'
        lc_messages = 'C'

        """;

    private PostgresInstallation _installation = installation;

    public string DataFolder => Path.Combine(record.ServerFolder, "data");

    public string LogFile => Path.Combine(record.ServerFolder, "server.log");

    /// <summary>Whether a server runs in the folder of a sandbox, whoever started it: one that crashed may have been started again by hand.</summary>
    /// <param name="record">The sandbox.</param>
    public static bool RunsIn(SandboxRecord record)
    {
        try
        {
            return int.TryParse(File.ReadLines(Path.Combine(record.ServerFolder, "data", "postmaster.pid")).FirstOrDefault(), NumberStyles.None, CultureInfo.InvariantCulture, out var processId)
                && ProcessIdentity.WorksIn(processId, "postgres", record.Folder);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A server that has ended leaves none.
            return false;
        }
    }

    /// <summary>Makes the data folder.</summary>
    /// <param name="password">The administrator's password.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public async Task InitializeAsync(string password, CancellationToken cancellationToken)
    {
        PrivateFiles.CreateFolder(record.ServerFolder);
        var passwordFile = Path.Combine(record.ServerFolder, "password");
        await WritePrivateAsync(passwordFile, password, cancellationToken);
        await HandOverAsync(cancellationToken);
        await RunAsync(
            "initdb",
            Program("initdb", "-D", DataFolder, "-U", Administrator, "--pwfile", passwordFile, "--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C", "--data-checksums", "--no-sync"),
            cancellationToken);
        File.Delete(passwordFile);
        await File.AppendAllTextAsync(Path.Combine(DataFolder, "postgresql.conf"), settings ?? SandboxSettings, cancellationToken);
    }

    /// <summary>Gives the server's folder to its account, with what is in it, and brings the programs within its reach.</summary>
    /// <param name="cancellationToken">Ends the work.</param>
    public async Task HandOverAsync(CancellationToken cancellationToken)
    {
        if (account.IsOther)
        {
            await RunAsync("chown", new ProgramCall("chown", ["-R", account.Owner!, record.ServerFolder], "/"), cancellationToken);
            await MakeReachableAsync(cancellationToken);
        }
    }

    /// <summary>Starts the server and waits until it takes connections.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="patienceSeconds">How long it may take; recovery from write-ahead log takes longer than a start.</param>
    /// <returns>Its port and process.</returns>
    public async Task<(int Port, int ProcessId)> StartAsync(CancellationToken cancellationToken, int patienceSeconds = 60)
    {
        for (var attempt = 1; ; attempt++)
        {
            var port = LoopbackPort.FindFree();
            var start = Program("pg_ctl", "start", "-D", DataFolder, "-l", LogFile, "-o", string.Create(CultureInfo.InvariantCulture, $"-p {port}"), "-w", "-t", patienceSeconds.ToString(CultureInfo.InvariantCulture));
            var result = await RunProgramAsync(start, cancellationToken);
            if (result.ExitCode == 0)
            {
                return (port, ReadProcessId());
            }

            // A cancelled start must not be taken for one that failed: Ctrl+C in a terminal ends pg_ctl as well.
            cancellationToken.ThrowIfCancellationRequested();
            var log = LastLines.OfFile(LogFile);
            if (attempt == Attempts || !log.Contains("could not bind", StringComparison.Ordinal))
            {
                throw new MaintenanceException(
                    MaintenanceErrorCode.SandboxStartFailed,
                    $"PostgreSQL {_installation.Version} did not start. The end of its log: {log}",
                    log.Contains("pg_stat_statements", StringComparison.Ordinal)
                        ? "Install PostgreSQL's contrib package, which has pg_stat_statements, or let -PostgresVersion choose another PostgreSQL."
                        : "See the log for the cause; another PostgreSQL can be chosen with -PostgresVersion or -PostgresPath.");
            }

            // Somebody took the port between our finding it and the server's using it.
            File.Delete(LogFile);
        }
    }

    /// <summary>Ends the server; its data stay.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task StopAsync(CancellationToken cancellationToken) => RunAsync("pg_ctl", Program("pg_ctl", "stop", "-D", DataFolder, "-m", "fast", "-w", "-t", "600"), cancellationToken);

    /// <summary>Connections as the administrator.</summary>
    /// <param name="port">Port of the server.</param>
    /// <param name="password">The administrator's password.</param>
    /// <param name="applicationName">What the server knows them by.</param>
    /// <param name="most">How many there may be at once.</param>
    public static NpgsqlDataSource Connect(int port, string password, string applicationName = "Maintenance/Sandbox", int most = 100) => NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder
    {
        Host = Host,
        Port = port,
        Database = Database,
        Username = Administrator,
        Password = password,
        SslMode = SslMode.Disable,
        GssEncryptionMode = GssEncryptionMode.Disable,
        ApplicationName = applicationName,
        MaxPoolSize = most,
        CommandTimeout = 0,
        CancellationTimeout = 2000,
    });

    /// <summary>Makes what every sandbox has besides its data.</summary>
    /// <param name="administrator">Connections as the administrator.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static async Task PrepareAsync(NpgsqlDataSource administrator, CancellationToken cancellationToken)
    {
        await using var command = administrator.CreateCommand(SqlText.Read("Sandbox/Sql/Prepare.sql"));
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    // Programs below root's own folder are out of reach for the server's account: the sandbox gets a copy. PostgreSQL finds its
    // libraries relative to its programs, so the folder above them is copied.
    private async Task MakeReachableAsync(CancellationToken cancellationToken)
    {
        if (await account.CanRunAsync(Path.Combine(_installation.BinPath, "postgres"), ["--version"], cancellationToken))
        {
            return;
        }

        var copy = Path.Combine(record.Folder, "postgresql");
        await RunAsync("cp", new ProgramCall("cp", ["-R", "-P", "-p", Path.GetDirectoryName(_installation.BinPath)!, copy], "/"), cancellationToken);
        await RunAsync("chmod", new ProgramCall("chmod", ["-R", "a+rX", copy], "/"), cancellationToken);
        _installation = _installation with { BinPath = Path.Combine(copy, Path.GetFileName(_installation.BinPath)) };
    }

    /// <summary>A call of one of its programs, as its account.</summary>
    public ProgramCall Program(string name, params string[] arguments) =>
        account.Call(Path.Combine(_installation.BinPath, name), arguments, record.ServerFolder);

    private static async Task RunAsync(string name, ProgramCall call, CancellationToken cancellationToken)
    {
        var result = await RunProgramAsync(call, cancellationToken);
        if (result.ExitCode != 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new MaintenanceException(
                MaintenanceErrorCode.SandboxStartFailed,
                $"The sandbox could not be set up: {name} failed with exit code {result.ExitCode}. Its last lines: {LastLines.Of(result.Output)}",
                "If a folder is out of reach for the server's account, set TMPDIR to one that every user can enter, such as /tmp.");
        }
    }

    private static async Task<ProgramResult> RunProgramAsync(ProgramCall call, CancellationToken cancellationToken)
    {
        try
        {
            return await call.RunAsync(cancellationToken);
        }
        catch (Win32Exception exception)
        {
            return new ProgramResult(-1, exception.Message);
        }
    }

    private int ReadProcessId() =>
        int.Parse(File.ReadLines(Path.Combine(DataFolder, "postmaster.pid")).First(), CultureInfo.InvariantCulture);

    private static async Task WritePrivateAsync(string path, string text, CancellationToken cancellationToken)
    {
        await using var writer = new StreamWriter(PrivateFiles.CreateNew(path));
        await writer.WriteAsync(text.AsMemory(), cancellationToken);
    }
}
