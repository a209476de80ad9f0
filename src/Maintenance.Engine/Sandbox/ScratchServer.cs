using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Maintenance.Engine.Programs;
using Npgsql;

namespace Maintenance.Engine.Sandbox;

/// <summary>
/// A PostgreSQL for one restore: a folder of its own, and a server that only this process knows the password of. Both are gone when
/// this is disposed, and also when this process is no more, even by SIGKILL: the sandbox's watcher sees to that.
/// </summary>
/// <remarks>
/// What is restored may hold code that runs in the server. It listens on the loopback address alone, and for root it runs as an account
/// that owns nothing and cannot get rights back.
/// </remarks>
internal sealed class ScratchServer : IAsyncDisposable
{
    private readonly SandboxRegistry _registry;
    private readonly IMaintenanceSink _sink;
    private readonly string _password = RandomNumberGenerator.GetHexString(32, lowercase: true);
    private SandboxRecord _record;
    private PostgresServer? _server;

    private ScratchServer(SandboxRecord record, ServerAccount account, SandboxRegistry registry, IMaintenanceSink sink)
    {
        (_record, _registry, _sink) = (record, registry, sink);
        Account = account;
    }

    /// <summary>Settings for a server whose data may be lost at any time. Give them to <see cref="StartAsync"/>, with changes.</summary>
    public static IReadOnlyDictionary<string, string> FastSettings { get; } = new Dictionary<string, string>
    {
        ["listen_addresses"] = PostgresServer.Host,
        ["unix_socket_directories"] = "",
        ["fsync"] = "off",
        ["synchronous_commit"] = "off",
        ["full_page_writes"] = "off",
        ["autovacuum"] = "off",
        ["wal_level"] = "minimal",
        ["max_wal_senders"] = "0",
        // What subscribes in the backup must not connect to whom it subscribes to.
        ["max_logical_replication_workers"] = "0",
        ["archive_mode"] = "off",
        ["max_wal_size"] = "2GB",
        ["checkpoint_timeout"] = "30min",
        ["maintenance_work_mem"] = "256MB",
        ["shared_buffers"] = "256MB",
        ["max_locks_per_transaction"] = "256",
        ["lc_messages"] = "C",
        ["timezone"] = "UTC",
        ["log_timezone"] = "UTC",
    };

    /// <summary>Who runs the server.</summary>
    public ServerAccount Account { get; }

    /// <summary>The folder of everything, which goes at the end.</summary>
    public string Folder => _record.Folder;

    /// <summary>Folder for the copy of a backup; its own account's and ours after <see cref="HandOverAsync"/>.</summary>
    public string FilesFolder => Path.Combine(_record.ServerFolder, "files");

    /// <summary>The data folder: made by <see cref="InitializeAsync"/>, or filled by whoever restores a physical backup.</summary>
    public string DataFolder => Path.Combine(_record.ServerFolder, "data");

    /// <summary>The programs; known after <see cref="Use"/>.</summary>
    public PostgresInstallation? Installation { get; private set; }

    public int Port => _record.Port;

    /// <summary>Makes the folder, under watch from the beginning.</summary>
    /// <param name="parent">Where; null for the temporary folder.</param>
    /// <param name="sink">Told of what could not be removed.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="MaintenanceException">SandboxStartFailed.</exception>
    public static async Task<ScratchServer> CreateAsync(string? parent, IMaintenanceSink sink, CancellationToken cancellationToken)
    {
        var account = await ServerAccount.ChooseAsync(cancellationToken, least: true);
        var id = SandboxRegistry.NewId();
        var place = Path.GetFullPath(parent ?? Path.GetTempPath());
        var record = new SandboxRecord
        {
            Id = id,
            Name = "scratch",
            Folder = Path.Combine(place, $"maintenance-scratch-{id}"),
            MadeFolders = Missing(place),
            Machine = Environment.MachineName,
            OwnerProcessId = Environment.ProcessId,
            OwnerIdentity = ProcessIdentity.Of(Environment.ProcessId),
            Detached = false,
            PostgresBinPath = "",
            PostgresVersion = "",
            Scale = 0,
            Scratch = true,
        };
        var server = new ScratchServer(record, account, new SandboxRegistry(), sink);
        try
        {
            await server.BeginAsync(cancellationToken);
            return server;
        }
        catch (Exception exception)
        {
            await server.DisposeAsync();
            if (exception is IOException or UnauthorizedAccessException)
            {
                throw new MaintenanceException(
                    MaintenanceErrorCode.SandboxStartFailed,
                    $"The scratch folder {record.Folder} could not be made: {exception.Message}",
                    "Name a folder that can be written to with -ScratchPath (recovery.scratchPath in maintenance.json).");
            }

            throw;
        }
    }

    /// <summary>Chooses the programs.</summary>
    public void Use(PostgresInstallation installation)
    {
        Installation = installation;
        _server = new PostgresServer(installation, Account, _record, "");
    }

    /// <summary>Makes an empty data folder, with the administrator <see cref="PostgresServer.Administrator"/> and a random password.</summary>
    /// <param name="cancellationToken">Ends the work.</param>
    public Task InitializeAsync(CancellationToken cancellationToken) => Server.InitializeAsync(_password, cancellationToken);

    /// <summary>Gives what lies in the data folder and the files' folder to the server's account.</summary>
    /// <param name="cancellationToken">Ends the work.</param>
    public Task HandOverAsync(CancellationToken cancellationToken) => Server.HandOverAsync(cancellationToken);

    /// <summary>Starts the server. The settings take the place of postgresql.auto.conf, so that they win over all others.</summary>
    /// <param name="settings">Names and values.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="patienceSeconds">How long it may take until it answers.</param>
    public async Task StartAsync(IReadOnlyDictionary<string, string> settings, CancellationToken cancellationToken, int patienceSeconds = 60)
    {
        var file = Path.Combine(DataFolder, "postgresql.auto.conf");
        await File.WriteAllTextAsync(file, TextOf(settings), cancellationToken);
        var (port, processId) = await Server.StartAsync(cancellationToken, patienceSeconds);
        _record = _record with { Port = port, ServerProcessId = processId, ServerIdentity = ProcessIdentity.Of(processId) };
        _registry.Save(_record);
    }

    /// <summary>How to connect as the administrator whose password <see cref="InitializeAsync"/> set.</summary>
    /// <param name="database">The database.</param>
    public string ConnectionString(string database) => new NpgsqlConnectionStringBuilder
    {
        Host = PostgresServer.Host,
        Port = Port,
        Database = database,
        Username = PostgresServer.Administrator,
        Password = _password,
        SslMode = SslMode.Disable,
        GssEncryptionMode = GssEncryptionMode.Disable,
        ApplicationName = "Maintenance/Restore",
        MaxPoolSize = 20,
        CommandTimeout = 0,
        CancellationTimeout = 2000,
    }.ConnectionString;

    /// <summary>The password of the administrator; a secret.</summary>
    public string Password => _password;

    /// <summary>The server's log.</summary>
    public string LogFile => Server.LogFile;

    /// <summary>Folder for what belongs to the server's account and is not in its data folder; there after <see cref="HandOverAsync"/>.</summary>
    public string ServerFolder => _record.ServerFolder;

    /// <summary>Ends the server; its data stay.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task StopAsync(CancellationToken cancellationToken) => Server.StopAsync(cancellationToken);

    /// <summary>A call of one of the server's programs, as its account.</summary>
    public ProgramCall Call(string program, params string[] arguments) => Server.Program(program, arguments);

    /// <summary>The end of the server's log; never fails.</summary>
    public string LastLog() => _server is null ? "" : LastLines.OfFile(_server.LogFile);

    /// <summary>Whether the server's log tells that the disk was full.</summary>
    public bool RanOutOfSpace => LastLog().Contains("No space left on device", StringComparison.Ordinal);

    public async ValueTask DisposeAsync()
    {
        if (!await SandboxWatcher.ClearAsync(_record, _registry.FileOf(_record.Id)))
        {
            _sink.Warning($"The scratch folder {Folder} could not be removed entirely. The next restore test tries again.");
        }
    }

    /// <summary>A file of settings, each value quoted.</summary>
    internal static string TextOf(IReadOnlyDictionary<string, string> settings) => settings.Aggregate(
        new StringBuilder(),
        (text, setting) => text.Append(CultureInfo.InvariantCulture, $"{setting.Key} = '{setting.Value.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("'", "''", StringComparison.Ordinal)}'\n")).ToString();

    private PostgresServer Server => _server ?? throw new InvalidOperationException("No programs were chosen.");

    private async Task BeginAsync(CancellationToken cancellationToken)
    {
        foreach (var leftover in _registry.List().Where(record => record.Scratch && record.IsAbandoned))
        {
            _sink.Verbose($"Removing the scratch server {leftover.Id}, which process {leftover.OwnerProcessId} left behind.");
            await SandboxWatcher.ClearAsync(leftover, _registry.FileOf(leftover.Id));
        }

        // The watcher first: whatever is written from now on, somebody clears it away.
        SandboxWatcher.Watch(_record, _registry.FileOf(_record.Id));
        _registry.Save(_record);
        foreach (var folder in _record.MadeFolders.Reverse().Append(Folder))
        {
            PrivateFiles.CreateFolder(folder);
            LetPass(folder);
        }

        if (Account.IsOther && !await Account.CanRunAsync("test", ["-x", Folder], cancellationToken))
        {
            throw new MaintenanceException(
                MaintenanceErrorCode.SandboxStartFailed,
                $"PostgreSQL does not run as root, and the account that it runs as here ({Account.Owner}) may not enter {Path.GetDirectoryName(Folder)} or a folder above it.",
                "Let others pass through it (chmod o+x), or name another folder with -ScratchPath (recovery.scratchPath in maintenance.json), such as one that does not exist yet below /var/tmp.");
        }

        PrivateFiles.CreateFolder(FilesFolder);
    }

    // The server's account passes through to its own folder, and sees nothing on the way.
    private void LetPass(string folder)
    {
        if (Account.IsOther && !OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        }
    }

    // What has to be made before a folder is there, the innermost first.
    private static List<string> Missing(string path)
    {
        var missing = new List<string>();
        for (var folder = Path.TrimEndingDirectorySeparator(path); folder is not null && !Directory.Exists(folder); folder = Path.GetDirectoryName(folder))
        {
            missing.Add(folder);
        }

        return missing;
    }
}
