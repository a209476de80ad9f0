using System.Net;
using Maintenance.Engine;
using Maintenance.Engine.Sandbox;
using Npgsql;

namespace Maintenance.Benchmarks.Inspect;

/// <summary>A sandbox, and how benchmarks of bloat reports talk to it.</summary>
internal sealed class BloatServer : IAsyncDisposable
{
    private readonly SandboxService _sandboxes = new(TimeProvider.System);
    private readonly MaintenanceEngine _engine = new();
    private readonly MaintenanceSandbox _sandbox;
    private readonly NpgsqlConnection _connection;

    private BloatServer(MaintenanceSandbox sandbox)
    {
        _sandbox = sandbox;
        _connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder
        {
            Host = sandbox.Host,
            Port = sandbox.Port,
            Database = sandbox.Database,
            Username = sandbox.Username,
            Password = new NetworkCredential("", sandbox.Password).Password,
            CommandTimeout = 1800,
        }.ConnectionString);
    }

    public NpgsqlConnection Connection => _connection;

    public string Version => $"PostgreSQL {_sandbox.PostgresVersion}";

    public static async Task<BloatServer> StartAsync(string name, CancellationToken cancellationToken)
    {
        var sandbox = await new SandboxService(TimeProvider.System).StartAsync(
            new SandboxOptions { Name = name, Scale = 0, ResourcePath = Tools.SandboxResources }, SilentCall.Context, cancellationToken);
        var server = new BloatServer(sandbox);
        await server._connection.OpenAsync(cancellationToken);
        return server;
    }

    public async Task ExecuteAsync(string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, _connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>What the module reports.</summary>
    public Task<IReadOnlyList<DbBloat>> ReportAsync(BloatMode mode, CancellationToken cancellationToken) =>
        _engine.Bloat.GetBloatAsync(_sandbox.Target, new BloatQuery { Mode = mode, MinimumSize = 0 }, SilentCall.Context, cancellationToken);

    public Contender Ours(string name, BloatMode mode) => new(
        name,
        async token =>
        {
            var rows = await ReportAsync(mode, token);
            var bloated = rows.Where(row => row.ReclaimablePercent > 30).OrderBy(row => row.QualifiedName, StringComparer.Ordinal);
            return new Outcome(
                string.Join(",", bloated.Select(row => row.QualifiedName)).GetHashCode(StringComparison.Ordinal).ToString(System.Globalization.CultureInfo.InvariantCulture),
                $"{rows.Count} relations, {bloated.Count()} above 30 %, {rows.Count(row => row.Method != BloatMethod.Estimate)} measured, {rows.Count(row => row.Reclaimable is null)} unknown");
        },
        $"{typeof(MaintenanceEngine).Assembly.GetName().Version!.ToString(3)}, {Version}");

    /// <summary>A query written for the benchmark; what it finds is not comparable, so its result is not compared.</summary>
    public Task<Contender> PeerAsync(string name, string file, string note, CancellationToken cancellationToken) =>
        QueryAsync(name, Path.Combine(AppContext.BaseDirectory, "Inspect", file), note, cancellationToken);

    /// <summary>
    /// The query of the tool itself, for whoever has put it into a file below artifacts/benchmark-tools; it is no part of this repository.
    /// </summary>
    public async Task<Contender> OriginalAsync(string name, string file, string note, CancellationToken cancellationToken)
    {
        var path = Path.Combine(Tools.Metadata("ToolFolder"), file);
        return File.Exists(path) ? await QueryAsync(name, path, note, cancellationToken) : new Contender(name, null, $"no artifacts/benchmark-tools/{file}");
    }

    private async Task<Contender> QueryAsync(string name, string path, string note, CancellationToken cancellationToken)
    {
        var sql = await File.ReadAllTextAsync(path, cancellationToken);
        return new Contender(
            name,
            async token =>
            {
                await using var command = new NpgsqlCommand(sql, _connection);
                await using var reader = await command.ExecuteReaderAsync(token);
                while (await reader.ReadAsync(token))
                {
                    // Whatever it finds.
                }

                return new Outcome(null, note);
            },
            Version);
    }

    public async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync();
        await _engine.DisposeAsync();
        await _sandboxes.StopAsync(_sandbox.Id, SilentCall.Context, CancellationToken.None);
    }
}
