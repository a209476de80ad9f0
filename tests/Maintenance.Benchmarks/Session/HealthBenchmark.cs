using System.Globalization;
using System.Net;
using Maintenance.Engine.Sandbox;
using Maintenance.TestSupport;
using Npgsql;

namespace Maintenance.Benchmarks.Session;

/// <summary>P13, second half: from nothing to the health of a database, in a warm session and in a fresh one.</summary>
internal sealed class HealthBenchmark : IBenchmark
{
    private const string Warm = "Maintenance, warm session";
    private const string Connect = "Connect-MaintenanceTarget -HostName $env:PGHOST | Get-DbHealth | ForEach-Object { \"$($_.Database) $($_.ServerVersion): $($_.Metrics.Count) metrics, $(@($_.Metrics | Where-Object Value -eq $null).Count) unknown\" }";

    private readonly SandboxService _sandboxes = new(TimeProvider.System);
    private MaintenanceSandbox? _sandbox;
    private PowerShellSession? _session;

    public string Name => "health";

    public string Title => "Connect to a database on loopback and measure it: Connect-MaintenanceTarget | Get-DbHealth.";

    public IReadOnlyList<Goal> Goals => [new(Warm, null, 100)];

    public async Task<IReadOnlyList<Contender>> PrepareAsync(Action<string> tell, CancellationToken cancellationToken)
    {
        tell("starting a sandbox");
        _sandbox = await _sandboxes.StartAsync(
            new SandboxOptions { Name = "health", ResourcePath = Tools.SandboxResources }, SilentCall.Context, cancellationToken);
        var environment = new Dictionary<string, string>
        {
            ["PGHOST"] = _sandbox.Host,
            ["PGPORT"] = _sandbox.Port.ToString(CultureInfo.InvariantCulture),
            ["PGDATABASE"] = _sandbox.Database,
            ["PGUSER"] = _sandbox.Username,
            ["PGPASSWORD"] = new NetworkCredential("", _sandbox.Password).Password,
        };
        var program = await SessionProgram.PrecompiledAsync(tell, cancellationToken) ?? SessionProgram.AsBuilt;
        _session = PowerShellSession.Start(program, environment);
        await _session.RunAsync(BuiltModule.Maintenance.Import, cancellationToken);

        var version = $"{await PowerShellSession.VersionAsync(program, cancellationToken)}, PostgreSQL {_sandbox.PostgresVersion}";
        return
        [
            new Contender(Warm, MeasureWarmAsync, version),
            new Contender("Maintenance, warm session, connection open", token => MeasureAsync(_session, "a connection of the pool", token), version),
            new Contender("Maintenance, first call of a session", token => MeasureColdAsync(program, environment, token), version),
            new Contender("Maintenance, whole process", token => MeasureProcessAsync(program, environment, token), version),
            OfHost(environment),
            FloorOfNpgsql(environment),
            await FloorOfPsqlAsync(environment, cancellationToken),
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

    private static async Task<Outcome> MeasureAsync(PowerShellSession session, string note, CancellationToken cancellationToken)
    {
        var answer = await session.RunAsync(Connect, cancellationToken);
        return new Outcome(answer.Output.Single(), $"{note}; {answer.Output.Single()}", answer.Elapsed);
    }

    private async Task<Outcome> MeasureWarmAsync(CancellationToken cancellationToken)
    {
        // Closes what the last round has opened, so that connecting counts.
        await _session!.RunAsync("Disconnect-MaintenanceTarget -All", cancellationToken);
        return await MeasureAsync(_session, "a new connection", cancellationToken);
    }

    private static async Task<Outcome> MeasureColdAsync(SessionProgram program, IReadOnlyDictionary<string, string> environment, CancellationToken cancellationToken)
    {
        await using var session = PowerShellSession.Start(program, environment);
        await session.RunAsync(BuiltModule.Maintenance.Import, cancellationToken);
        return await MeasureAsync(session, "import not counted", cancellationToken);
    }

    private static async Task<Outcome> MeasureProcessAsync(SessionProgram program, IReadOnlyDictionary<string, string> environment, CancellationToken cancellationToken)
    {
        Outcome outcome;
        await using (var session = PowerShellSession.Start(program, environment))
        {
            await session.RunAsync(BuiltModule.Maintenance.Import, cancellationToken);
            outcome = await MeasureAsync(session, "from its start to its end", cancellationToken);
        }

        return outcome with { Elapsed = null };
    }

    /// <summary>The host of this repository, from nothing to the first result, as its package installs it.</summary>
    private static Contender OfHost(IReadOnlyDictionary<string, string> environment)
    {
        const string Who = "maintenance -Command, whole process";
        return Installation.HostPath is { } host
            ? new Contender(
                Who,
                async token => await Tools.RunAsync("dotnet", [host, "-Command", Connect], environment, token) is { } answer
                    ? new Outcome(answer.Trim(), "from its start to its end")
                    : throw new InvalidOperationException("The host failed."),
                "engine not precompiled")
            : new Contender(Who, null, "MAINTENANCE_INSTALLED does not say where the packages are installed");
    }

    private static Contender FloorOfNpgsql(Dictionary<string, string> environment)
    {
        var connectionString = new NpgsqlConnectionStringBuilder
        {
            Host = environment["PGHOST"],
            Port = int.Parse(environment["PGPORT"], CultureInfo.InvariantCulture),
            Database = environment["PGDATABASE"],
            Username = environment["PGUSER"],
            Password = environment["PGPASSWORD"],
            Pooling = false,
        }.ConnectionString;
        return new Contender(
            "Npgsql, open and SELECT 1",
            async token =>
            {
                await using var connection = new NpgsqlConnection(connectionString);
                await connection.OpenAsync(token);
                await using var command = new NpgsqlCommand("SELECT 1", connection);
                return (int)(await command.ExecuteScalarAsync(token))! == 1
                    ? new Outcome(null, "floor: does less")
                    : throw new InvalidOperationException("SELECT 1 did not give 1.");
            },
            $"Npgsql {typeof(NpgsqlConnection).Assembly.GetName().Version!.ToString(3)}");
    }

    private static async Task<Contender> FloorOfPsqlAsync(Dictionary<string, string> environment, CancellationToken cancellationToken)
    {
        const string Who = "psql -c 'SELECT 1', whole process";
        if (await Tools.RunAsync("psql", ["--version"], cancellationToken: cancellationToken) is not { } version)
        {
            return new Contender(Who, null, "psql is not on the PATH");
        }

        return new Contender(
            Who,
            async token => await Tools.RunAsync("psql", ["--no-psqlrc", "--tuples-only", "--no-align", "-c", "SELECT 1"], environment, token) == "1"
                ? new Outcome(null, "floor: does less")
                : throw new InvalidOperationException("psql failed."),
            string.Join(' ', version.Split(' ').Where((_, index) => index is 0 or 2)));
    }
}
