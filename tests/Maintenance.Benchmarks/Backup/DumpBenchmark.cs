using System.Diagnostics;
using System.Globalization;
using System.Net;
using Maintenance.Engine;
using Maintenance.Engine.Sandbox;
using Npgsql;

namespace Maintenance.Benchmarks.Backup;

/// <summary>What it costs that pg_dump writes into the store, and that rows are counted meanwhile.</summary>
internal sealed class DumpBenchmark : IBenchmark
{
    private const int Rows = 2_000_000;
    private const string Database = "dump_benchmark";
    private const string Folder = "Maintenance, into a folder, rows not counted";
    private const string FolderCounted = "Maintenance, into a folder, rows counted";
    private const string Container = "Maintenance, into Azurite, rows not counted";
    private const string ContainerCounted = "Maintenance, into Azurite, rows counted";
    private const string File = "pg_dump, into a local file";

    private readonly SandboxService _sandboxes = new(TimeProvider.System);
    private readonly MaintenanceEngine _engine = new();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("maintenance-dump-benchmark-");
    private MaintenanceSandbox? _sandbox;
    private Dictionary<string, string> _environment = [];
    private int _number;

    public string Name => "dump";

    public string Title => "pg_dump (custom format, level 6) of a table of 2,000,000 rows.";

    public IReadOnlyList<Goal> Goals => [new(Folder, File, 1.1), new(FolderCounted, File, 1.1), new(Container, File, 1.1), new(ContainerCounted, File, 1.1)];

    private MaintenanceTarget Target => _sandbox!.Target with { Database = _sandbox.Target.Database! with { Database = Database }, Backups = new BackupSettings() };

    public async Task<IReadOnlyList<Contender>> PrepareAsync(Action<string> tell, CancellationToken cancellationToken)
    {
        tell("starting a sandbox with Azurite and making two million rows");
        _sandbox = await _sandboxes.StartAsync(
            new SandboxOptions { Name = Name, PostgresVersion = 15, Scale = 0, Azurite = true, ResourcePath = Tools.SandboxResources }, SilentCall.Context, cancellationToken);
        var password = new NetworkCredential("", _sandbox.Password).Password;
        var builder = new NpgsqlConnectionStringBuilder { Host = _sandbox.Host, Port = _sandbox.Port, Database = _sandbox.Database, Username = _sandbox.Username, Password = password, CommandTimeout = 0 };
        await ExecuteAsync(builder, $"CREATE DATABASE {Database}", cancellationToken);
        builder.Database = Database;
        await ExecuteAsync(
            builder,
            string.Create(CultureInfo.InvariantCulture, $"CREATE TABLE data AS SELECT n, md5(n::text) AS hash, 'Upstream answered 503 after ' || n || ' ms' AS message, now() + n * interval '1 second' AS at FROM generate_series(1, {Rows}) AS n"),
            cancellationToken);
        await ExecuteAsync(builder, "VACUUM (ANALYZE, FREEZE) data", cancellationToken);
        _environment = new Dictionary<string, string>
        {
            ["PGHOST"] = _sandbox.Host,
            ["PGPORT"] = _sandbox.Port.ToString(CultureInfo.InvariantCulture),
            ["PGUSER"] = _sandbox.Username,
            ["PGPASSWORD"] = password,
            ["PGDATABASE"] = Database,
        };
        var version = await Tools.RunAsync("pg_dump", ["--version"], cancellationToken: cancellationToken);
        var folder = new StoreSettings { Path = _folder.FullName };
        Contender Ours(string name, StoreSettings? store, bool count) => new(name, token => OursAsync(store, count, token), $"{typeof(MaintenanceEngine).Assembly.GetName().Version!.ToString(3)}, PostgreSQL {_sandbox.PostgresVersion}");
        return
        [
            Ours(Folder, folder, false),
            Ours(FolderCounted, folder, true),
            Ours(Container, null, false),
            Ours(ContainerCounted, null, true),
            new(File, version is null ? null : PeerAsync, version ?? "not on the PATH"),
        ];
    }

    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        if (_sandbox is not null)
        {
            await _sandboxes.StopAsync(_sandbox.Id, SilentCall.Context, CancellationToken.None);
        }

        _folder.Delete(recursive: true);
    }

    private static async Task ExecuteAsync(NpgsqlConnectionStringBuilder server, string sql, CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(server.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static string Megabytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes >> 20} MB");

    private async Task<Outcome> OursAsync(StoreSettings? store, bool count, CancellationToken cancellationToken)
    {
        var options = new BackupOptions { Store = store, CountRows = count, Name = string.Create(CultureInfo.InvariantCulture, $"{++_number}.dump") };
        var started = Stopwatch.GetTimestamp();
        var plan = await _engine.Dumps.PlanAsync(Target, options, SilentCall.Context, cancellationToken);
        var backup = await _engine.Dumps.CreateAsync(Target, options, plan, SilentCall.Context, cancellationToken);
        var elapsed = Stopwatch.GetElapsedTime(started);
        await _engine.Dumps.DeleteAsync(Target, options, backup, SilentCall.Context, cancellationToken);
        return new Outcome(Megabytes(backup.SizeBytes), "with its planning, hash and manifest", elapsed);
    }

    private async Task<Outcome> PeerAsync(CancellationToken cancellationToken)
    {
        var file = Path.Combine(_folder.FullName, "peer.dump");
        var started = Stopwatch.GetTimestamp();
        _ = await Tools.RunAsync("pg_dump", ["--format=custom", $"--file={file}"], _environment, cancellationToken) ?? throw new InvalidOperationException("pg_dump failed.");
        var elapsed = Stopwatch.GetElapsedTime(started);
        var size = new FileInfo(file).Length;
        System.IO.File.Delete(file);
        return new Outcome(Megabytes(size), "neither hash nor manifest", elapsed);
    }
}
