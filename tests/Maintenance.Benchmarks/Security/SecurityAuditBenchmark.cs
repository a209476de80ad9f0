using System.Globalization;
using System.Net;
using Maintenance.Engine;
using Maintenance.Engine.Sandbox;
using Npgsql;

namespace Maintenance.Benchmarks.Security;

/// <summary>P7: the audit of a server with six databases, as a role with pg_monitor, and what it takes as catalogues grow.</summary>
internal sealed class SecurityAuditBenchmark : IBenchmark
{
    private const string Six = "Get-DbSecurityFinding, six databases";
    private const string Large = "Get-DbSecurityFinding, 10,000 tables";
    private const string Small = "Get-DbSecurityFinding, 1,000 tables";
    private const string Peer = "pgdsat, as superuser on the server's machine";
    private const string Auditor = "auditor";

    private readonly SandboxService _sandboxes = new(TimeProvider.System);
    private readonly MaintenanceEngine _engine = new();
    private MaintenanceSandbox? _sandbox;

    public string Name => "p7";

    public string Title => "A security audit of six databases, and of catalogues of 1,000 and 10,000 tables with policies.";

    public IReadOnlyList<Goal> Goals => [new(Six, null, 350), new(Large, Small, 12), new(Six, Peer, 1 / 19.0)];

    public async Task<IReadOnlyList<Contender>> PrepareAsync(Action<string> tell, CancellationToken cancellationToken)
    {
        tell("starting a sandbox");
        _sandbox = await _sandboxes.StartAsync(new SandboxOptions { Name = "p7", Scale = 0, ResourcePath = Tools.SandboxResources }, SilentCall.Context, cancellationToken);
        var password = new NetworkCredential("", _sandbox.Password).Password;
        await ExecuteAsync(_sandbox.Database, $"CREATE ROLE {Auditor} LOGIN PASSWORD '{password}'; GRANT pg_monitor TO {Auditor}", cancellationToken);
        for (var number = 1; number <= 5; number++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"six_{number}");
            await ExecuteAsync(_sandbox.Database, $"CREATE DATABASE {name}", cancellationToken);
            await ExecuteAsync(name, Build(1, 50), cancellationToken);
        }

        foreach (var (name, tables) in new[] { ("small", 1_000), ("large", 10_000) })
        {
            tell($"building {name}");
            await ExecuteAsync(_sandbox.Database, $"CREATE DATABASE {name}", cancellationToken);
            for (var first = 1; first <= tables; first += 200)
            {
                await ExecuteAsync(name, Build(first, first + 199), cancellationToken);
            }

            await ExecuteAsync(name, "VACUUM ANALYZE", cancellationToken);
        }

        var sixth = _sandbox.Database;
        return
        [
            Ours(Six, name => name == sixth || name.StartsWith("six_", StringComparison.Ordinal)),
            Ours(Large, name => name == "large"),
            Ours(Small, name => name == "small"),
            await PgdsatAsync(cancellationToken),
        ];
    }

    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        if (_sandbox is not null)
        {
            await _sandboxes.StopAsync(_sandbox.Id, SilentCall.Context, CancellationToken.None);
        }
    }

    // It is a program of Perl that is not packaged: MAINTENANCE_PGDSAT names the script in a clone of HexaCluster/pgdsat.
    private async Task<Contender> PgdsatAsync(CancellationToken cancellationToken)
    {
        if (Environment.GetEnvironmentVariable("MAINTENANCE_PGDSAT") is not { Length: > 0 } script)
        {
            return new Contender(Peer, null, "not run: MAINTENANCE_PGDSAT names no script. The specification (performance.md) measured 6.7 s for six databases elsewhere");
        }

        var data = await ExecuteAsync(_sandbox!.Database, "SHOW data_directory", cancellationToken);
        var library = Path.Combine(Path.GetDirectoryName(script)!, "lib");
        string[] arguments =
            ["-I", library, script, "--no-pg-version-check", "-f", "text", "-h", _sandbox.Host, "-p", _sandbox.Port.ToString(CultureInfo.InvariantCulture), "-U", _sandbox.Username, "-d", _sandbox.Database, "-D", $"{data}", "-e", "small", "-e", "large"];
        var environment = new Dictionary<string, string> { ["PGPASSWORD"] = new NetworkCredential("", _sandbox.Password).Password };
        return new Contender(
            Peer,
            async token => await Tools.RunAsync("perl", arguments, environment, token) is { Length: > 1000 } report
                ? new Outcome(null, string.Create(CultureInfo.InvariantCulture, $"a report of {report.Split('\n').Length} lines"))
                : throw new InvalidOperationException("pgdsat failed"),
            (await Tools.RunAsync("perl", ["-I", library, script, "--version"], cancellationToken: cancellationToken)) ?? "unknown version");
    }

    private Contender Ours(string contender, Func<string, bool> databases) => new(
        contender,
        async token =>
        {
            var target = _sandbox!.Target with { Database = _sandbox.Target.Database! with { Username = Auditor } };
            var findings = await _engine.SecurityAudit.AuditAsync(target, new SecurityAuditQuery { Databases = databases, IncludePassed = true }, SilentCall.Context, token);
            // They look at different databases, so their results are not compared.
            return new Outcome(null, string.Create(CultureInfo.InvariantCulture, $"{findings.Count} findings, {findings.Count(finding => finding.Outcome == FindingOutcome.Fail)} of them faults"));
        },
        $"PostgreSQL {_sandbox!.PostgresVersion}");

    private async Task<object?> ExecuteAsync(string database, string sql, CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder
        {
            Host = _sandbox!.Host,
            Port = _sandbox.Port,
            Database = database,
            Username = _sandbox.Username,
            Password = new NetworkCredential("", _sandbox.Password).Password,
            CommandTimeout = 1800,
        }.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(cancellationToken);
    }

    // A table in twenty is open; a policy each, a function for every second.
    private static string Build(int first, int last) => string.Create(CultureInfo.InvariantCulture, $"""
        DO $$
        BEGIN
            FOR i IN {first}..{last} LOOP
                EXECUTE format('CREATE TABLE t%s (id bigint PRIMARY KEY, owner text, c timestamptz, d uuid)', i);
                EXECUTE format('GRANT SELECT, INSERT ON t%s TO anon, authenticated', i);
                EXECUTE format('CREATE POLICY own ON t%s USING (owner = (SELECT current_setting(''app.user'', true)))', i);
                IF i % 20 > 0 THEN
                    EXECUTE format('ALTER TABLE t%s ENABLE ROW LEVEL SECURITY', i);
                END IF;
                IF i % 2 = 0 THEN
                    EXECUTE format('CREATE FUNCTION f%s(a int) RETURNS bigint LANGUAGE sql AS ''SELECT count(*) FROM t%1$s''', i);
                END IF;
            END LOOP;
        END
        $$
        """);
}
