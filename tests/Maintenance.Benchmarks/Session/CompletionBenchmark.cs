using System.Globalization;
using System.Net;
using Maintenance.Engine.Sandbox;
using Npgsql;

namespace Maintenance.Benchmarks.Session;

/// <summary>Completing the name of a table in a database that has very many, as somebody who presses a key waits for it.</summary>
internal sealed class CompletionBenchmark : IBenchmark
{
    private const int Tables = 10_000;
    private const string Ours = "Maintenance, -Table, warm session";
    private const string Command = "Get-Command, by the engine itself";
    private const string Typed = "orders_0777";
    private static readonly string First = $"{Typed}0";

    private readonly SandboxService _sandboxes = new(TimeProvider.System);
    private MaintenanceSandbox? _sandbox;
    private PowerShellSession? _session;

    public string Name => "completion";

    public string Title => $"Complete the name of a table, in a database with {Tables} tables on loopback.";

    public IReadOnlyList<Goal> Goals => [new(Ours, null, 150)];

    public async Task<IReadOnlyList<Contender>> PrepareAsync(Action<string> tell, CancellationToken cancellationToken)
    {
        tell($"starting a sandbox and making {Tables} tables");
        _sandbox = await _sandboxes.StartAsync(new SandboxOptions { Name = "completion", Scale = 0, ResourcePath = Tools.SandboxResources }, SilentCall.Context, cancellationToken);
        var connectionString = new NpgsqlConnectionStringBuilder
        {
            Host = _sandbox.Host,
            Port = _sandbox.Port,
            Database = _sandbox.Database,
            Username = _sandbox.Username,
            Password = new NetworkCredential("", _sandbox.Password).Password,
        }.ConnectionString;
        await MakeTablesAsync(connectionString, cancellationToken);

        var program = await SessionProgram.PrecompiledAsync(tell, cancellationToken) ?? SessionProgram.AsBuilt;
        var environment = new Dictionary<string, string>
        {
            ["PGHOST"] = _sandbox.Host,
            ["PGPORT"] = _sandbox.Port.ToString(CultureInfo.InvariantCulture),
            ["PGDATABASE"] = _sandbox.Database,
            ["PGUSER"] = _sandbox.Username,
            ["PGPASSWORD"] = new NetworkCredential("", _sandbox.Password).Password,
        };
        _session = PowerShellSession.Start(program, environment);
        await _session.RunAsync(BuiltModule.Maintenance.Import, cancellationToken);
        await _session.RunAsync("$null = Connect-MaintenanceTarget -HostName $env:PGHOST", cancellationToken);
        var version = $"{await PowerShellSession.VersionAsync(program, cancellationToken)}, PostgreSQL {_sandbox.PostgresVersion}";
        return
        [
            new Contender(Ours, token => CompleteAsync($"Get-DbBloat -Table {Typed}", found => found == First, token), version),
            new Contender(Command, token => CompleteAsync("Get-Comm", found => found == "Get-Command", token, counts: false), version),
            new Contender("Npgsql, the same names", token => NamesAsync(connectionString, token), $"Npgsql {typeof(NpgsqlConnection).Assembly.GetName().Version!.ToString(3)}"),
        ];
    }

    public async ValueTask DisposeAsync()
    {
        if (_session is not null)
        {
            await _session.DisposeAsync();
        }

        if (_sandbox is not null)
        {
            await _sandboxes.StopAsync(_sandbox.Id, SilentCall.Context, CancellationToken.None);
        }
    }

    private static string Table(int number) => string.Create(CultureInfo.InvariantCulture, $"orders_{number:00000}");

    private static async Task MakeTablesAsync(string connectionString, CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync(cancellationToken);
        // In parts: the locks of all at once are more than a server has room for.
        for (var from = 0; from < Tables; from += 1000)
        {
            await using var command = new NpgsqlCommand(string.Concat(Enumerable.Range(from, 1000).Select(number => $"CREATE TABLE {Table(number)} ();")), connection);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    private async Task<Outcome> CompleteAsync(string input, Func<string, bool> isRight, CancellationToken cancellationToken, bool counts = true)
    {
        var answer = await _session!.RunAsync($"(TabExpansion2 '{input}' {input.Length}).CompletionMatches.CompletionText", cancellationToken);
        var (found, right) = (answer.Output.Count, answer.Output.Any(isRight));
        return new Outcome(counts ? right ? $"{found} names" : "not found" : null, counts ? $"{found} names" : "floor: asks nobody", answer.Elapsed);
    }

    private static async Task<Outcome> NamesAsync(string connectionString, CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand("SELECT count(*) FROM pg_class WHERE relkind = 'r' AND starts_with(relname, $1)", connection);
        command.Parameters.Add(new() { Value = Typed });
        return new Outcome($"{await command.ExecuteScalarAsync(cancellationToken)} names", "floor: the query alone, its connection out of the pool");
    }
}
