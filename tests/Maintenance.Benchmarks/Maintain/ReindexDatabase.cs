using System.Globalization;
using System.Net;
using Maintenance.Engine.Sandbox;
using Npgsql;

namespace Maintenance.Benchmarks.Maintain;

/// <summary>A sandbox on PostgreSQL 15, whose reindexdb Debian has too, with a history that is kept apart.</summary>
internal sealed class ReindexDatabase : IAsyncDisposable
{
    private readonly SandboxService _sandboxes = new(TimeProvider.System);
    private readonly string _folder = Directory.CreateTempSubdirectory("maintenance-benchmark-").FullName;
    private MaintenanceSandbox? _sandbox;

    public MaintenanceTarget Target => _sandbox!.Target with { History = new HistorySettings { Path = Path.Combine(_folder, "history.db") } };

    public string Version => $"PostgreSQL {_sandbox!.PostgresVersion}";

    /// <summary>The environment of PostgreSQL's own programs.</summary>
    public Dictionary<string, string> Environment => new()
    {
        ["PGHOST"] = _sandbox!.Host,
        ["PGPORT"] = _sandbox.Port.ToString(CultureInfo.InvariantCulture),
        ["PGDATABASE"] = _sandbox.Database,
        ["PGUSER"] = _sandbox.Username,
        ["PGPASSWORD"] = new NetworkCredential("", _sandbox.Password).Password,
    };

    public async Task StartAsync(string name, CancellationToken cancellationToken) => _sandbox = await _sandboxes.StartAsync(
        new SandboxOptions { Name = name, PostgresVersion = 15, Scale = 0, ResourcePath = Tools.SandboxResources }, SilentCall.Context, cancellationToken);

    public async Task<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken)
    {
        var environment = Environment;
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder
        {
            Host = environment["PGHOST"],
            Port = int.Parse(environment["PGPORT"], CultureInfo.InvariantCulture),
            Database = environment["PGDATABASE"],
            Username = environment["PGUSER"],
            Password = environment["PGPASSWORD"],
            Pooling = false,
            CommandTimeout = 0,
        }.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        return connection;
    }

    public async Task ExecuteAsync(string sql, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public async Task<T> ScalarAsync<T>(string sql, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        return (T)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    public async ValueTask DisposeAsync()
    {
        if (_sandbox is not null)
        {
            await _sandboxes.StopAsync(_sandbox.Id, SilentCall.Context, CancellationToken.None);
        }

        Directory.Delete(_folder, recursive: true);
    }
}
