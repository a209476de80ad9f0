using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Reflection;
using Maintenance.Engine.Sandbox;
using Npgsql;

namespace Maintenance.Integration.Tests.Sandbox;

/// <summary>Throwaway servers by major version, each with the sample loaded once at scale 1.</summary>
public sealed class SampleServers : IAsyncLifetime
{
    private readonly ConcurrentDictionary<int, Lazy<Task<SampleServer>>> _servers = new();

    internal static string ResourcePath { get; } = Path.Combine(
        typeof(SampleServers).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(item => item.Key == "ModuleFolder").Value!,
        "sandbox");

    internal Task<SampleServer> GetAsync(int version) =>
        _servers.GetOrAdd(version, key => new Lazy<Task<SampleServer>>(() => SampleServer.StartAsync(key))).Value;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers.Values)
        {
            await (await server.Value).DisposeAsync();
        }
    }
}

internal sealed class SampleServer : IAsyncDisposable
{
    public const string Password = "sample";
    private readonly string _folder = Directory.CreateTempSubdirectory("maintenance-sample-").FullName;
    private readonly string _bin;
    private readonly int _port = FreePort();
    private readonly NpgsqlDataSource _maintenance;

    private SampleServer(string bin)
    {
        _bin = bin;
        _maintenance = DataSource("postgres");
        Sample = DataSource("sample");
    }

    /// <summary>The database with the sample of seed 1 at scale 1.</summary>
    public NpgsqlDataSource Sample { get; }

    public IReadOnlyList<ProgressUpdate> LoadProgress { get; private set; } = [];

    private string Data => Path.Combine(_folder, "data");

    public static async Task<SampleServer> StartAsync(int version)
    {
        var bin = Environment.GetEnvironmentVariable($"MAINTENANCE_TEST_PG{version}") ?? $"/usr/lib/postgresql/{version}/bin";
        if (!File.Exists(Path.Combine(bin, "initdb")))
        {
            Assert.SkipUnless(Environment.GetEnvironmentVariable("CI") == "true", $"PostgreSQL {version} is not at hand.");
        }

        var server = new SampleServer(bin);
        await server.StartAsync();
        await server.CreateAsync("sample");
        var sink = new Recorder();
        await SampleDatabase.LoadAsync(server.Sample, SampleServers.ResourcePath, 1, 1, sink, TestContext.Current.CancellationToken);
        server.LoadProgress = sink.Updates;
        return server;
    }

    public string? Program(string name) => Path.Combine(_bin, name) is var path && File.Exists(path) ? path : null;

    /// <summary>A new, empty database.</summary>
    public async Task<NpgsqlDataSource> CreateAsync(string name)
    {
        await using var command = _maintenance.CreateCommand($"CREATE DATABASE {name}");
        await command.ExecuteNonQueryAsync();
        return DataSource(name);
    }

    public Task RunAsync(string program, params string[] arguments) =>
        ExecuteAsync(new ProcessStartInfo(program, ["-h", "127.0.0.1", "-p", $"{_port}", "-U", "postgres", .. arguments])
        {
            Environment = { ["PGPASSWORD"] = Password },
        });

    public async ValueTask DisposeAsync()
    {
        await Sample.DisposeAsync();
        await _maintenance.DisposeAsync();
        await AsServerAccountAsync("pg_ctl", "-D", Data, "-m", "immediate", "-w", "stop");
        Directory.Delete(_folder, recursive: true);
    }

    private async Task StartAsync()
    {
        var passwordFile = Path.Combine(_folder, "password");
        await File.WriteAllTextAsync(passwordFile, Password);
        if (Environment.UserName == "root")
        {
            await ExecuteAsync(new ProcessStartInfo("chown", ["-R", "postgres", _folder]));
        }

        await AsServerAccountAsync("initdb", "-D", Data, "-U", "postgres", "-A", "scram-sha-256", "--pwfile", passwordFile, "-E", "UTF8", "--no-locale", "--no-sync");
        await File.AppendAllTextAsync(Path.Combine(Data, "postgresql.conf"), $"""

            listen_addresses = '127.0.0.1'
            port = {_port}
            unix_socket_directories = ''
            shared_preload_libraries = 'pg_stat_statements'
            fsync = off
            """);
        await AsServerAccountAsync("pg_ctl", "-D", Data, "-l", Path.Combine(_folder, "log"), "-w", "start");
    }

    /// <summary>PostgreSQL refuses to run as root.</summary>
    private Task AsServerAccountAsync(string program, params string[] arguments)
    {
        var path = Path.Combine(_bin, program);
        return ExecuteAsync(Environment.UserName == "root"
            ? new ProcessStartInfo("setpriv", ["--reuid=postgres", "--regid=postgres", "--clear-groups", path, .. arguments]) { WorkingDirectory = _folder }
            : new ProcessStartInfo(path, arguments) { WorkingDirectory = _folder });
    }

    private static async Task ExecuteAsync(ProcessStartInfo start)
    {
        using var process = Process.Start(start)!;
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{start.FileName} ended with {process.ExitCode}");
    }

    private NpgsqlDataSource DataSource(string database) => NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder
    {
        Host = "127.0.0.1",
        Port = _port,
        Database = database,
        Username = "postgres",
        Password = Password,
        PersistSecurityInfo = false,
        IncludeErrorDetail = false,
    });

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    internal sealed class Recorder : IMaintenanceSink
    {
        public List<ProgressUpdate> Updates { get; } = [];

        public void Verbose(string message)
        {
        }

        public void Warning(string message)
        {
        }

        public void Progress(ProgressUpdate progress) => Updates.Add(progress);
    }
}
