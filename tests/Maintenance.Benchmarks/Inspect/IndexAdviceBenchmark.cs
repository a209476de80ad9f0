using System.Globalization;
using System.Net;
using Maintenance.Engine;
using Maintenance.Engine.Sandbox;
using Npgsql;

namespace Maintenance.Benchmarks.Inspect;

/// <summary>All advice about the indexes of a database, against a query that looks for equal definitions and for nothing else.</summary>
internal sealed class IndexAdviceBenchmark(string name, int tables) : IBenchmark
{
    private const int IndexesPerTable = 4;
    private const string Advice = "all advice, history off";
    private const string Remembered = "all advice, history in SQLite";
    private const string Text = "equal texts only";

    private readonly SandboxService _sandboxes = new(TimeProvider.System);
    private readonly MaintenanceEngine _engine = new();
    private MaintenanceSandbox? _sandbox;

    public string Name => name;

    public string Title => string.Create(
        CultureInfo.InvariantCulture, $"Index advice for {tables} tables and {tables * IndexesPerTable} indexes, against a query for duplicates that compares the text of definitions.");

    public IReadOnlyList<Goal> Goals => [new(Advice, Text, 5)];

    public async Task<IReadOnlyList<Contender>> PrepareAsync(Action<string> tell, CancellationToken cancellationToken)
    {
        tell("starting a sandbox");
        _sandbox = await _sandboxes.StartAsync(new SandboxOptions { Name = name, Scale = 0, ResourcePath = Tools.SandboxResources }, SilentCall.Context, cancellationToken);
        tell("making tables and indexes");
        // One table in ten has the same index twice; the others have one that is not quite the same.
        await ExecuteAsync(
            string.Create(CultureInfo.InvariantCulture, $$"""
            DO $$ BEGIN
                FOR n IN 1 .. {{tables}} LOOP
                    EXECUTE format('CREATE TABLE public.%I (id int PRIMARY KEY, a int, b text, c int)', 'Table ' || n);
                    EXECUTE format('CREATE INDEX ON public.%I (a, c)', 'Table ' || n);
                    EXECUTE format('CREATE INDEX ON public.%I (lower(b)) WHERE c > 5', 'Table ' || n);
                    EXECUTE format('CREATE INDEX ON public.%I (%s)', 'Table ' || n, CASE WHEN n % 10 = 0 THEN 'a, c' ELSE 'c, a' END);
                    IF n % 200 = 0 THEN COMMIT; END IF;
                END LOOP;
            END $$
            """),
            cancellationToken);
        await ExecuteAsync("VACUUM ANALYZE", cancellationToken);
        var off = _sandbox.Target with { History = new HistorySettings { Kind = HistoryKind.None } };
        var on = _sandbox.Target with { History = new HistorySettings { Path = Path.Combine(_sandbox.Path, "advice", "history.db") } };
        var version = typeof(MaintenanceEngine).Assembly.GetName().Version!.ToString(3);
        return
        [
            new Contender(Advice, token => AdviseAsync(off, token), version),
            new Contender(Remembered, token => AdviseAsync(on, token), version),
            new Contender(Text, CompareTextsAsync, $"SQL, PostgreSQL {_sandbox.PostgresVersion}"),
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

    private async Task<Outcome> AdviseAsync(MaintenanceTarget target, CancellationToken cancellationToken)
    {
        var advice = await _engine.IndexAdvice.GetAsync(target, new IndexAdviceQuery(), SilentCall.Context, cancellationToken);
        var duplicates = advice.Where(item => item.Kind == IndexAdviceKind.Duplicate && item.Table.StartsWith("Table ", StringComparison.Ordinal)).Select(item => item.TableOid).Distinct().Order();
        return new Outcome(string.Join(",", duplicates), $"{advice.Count} pieces of advice");
    }

    /// <summary>What is often published: cut the name out of the definition and group by the rest.</summary>
    private async Task<Outcome> CompareTextsAsync(CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(
            """
            SELECT DISTINCT indrelid::bigint
            FROM (SELECT i.indrelid, replace(pg_get_indexdef(i.indexrelid), quote_ident(c.relname), '') AS text
                  FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid JOIN pg_class AS t ON t.oid = i.indrelid
                  WHERE t.relname LIKE 'Table %') AS definitions
            GROUP BY indrelid, text
            HAVING count(*) > 1
            ORDER BY 1
            """,
            connection);
        var found = new List<long>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            found.Add(reader.GetInt64(0));
        }

        return new Outcome(string.Join(",", found), $"{found.Count} tables with duplicates");
    }

    private async Task ExecuteAsync(string sql, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private async Task<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder
        {
            Host = _sandbox!.Host,
            Port = _sandbox.Port,
            Database = _sandbox.Database,
            Username = _sandbox.Username,
            Password = new NetworkCredential("", _sandbox.Password).Password,
            CommandTimeout = 0,
        }.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        return connection;
    }
}
