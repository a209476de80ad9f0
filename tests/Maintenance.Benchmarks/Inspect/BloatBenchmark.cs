using System.Globalization;

namespace Maintenance.Benchmarks.Inspect;

/// <summary>P3: the bloat of 400 tables and 1,600 indexes, a quarter of them bloated.</summary>
internal sealed class BloatBenchmark : IBenchmark
{
    private const string Estimate = "Get-DbBloat, Estimate";
    private const string Verify = "Get-DbBloat, Verify";
    private const string PgHero = "PgHero, index bloat";
    private const string CheckPostgres = "check_postgres, bloat";
    private const string Exact = "pgstattuple + pgstatindex, LATERAL";

    private BloatServer? _server;

    public string Name => "p3";

    public string Title => "Bloat of 400 tables and 1,600 indexes (about 1.3 GB), a quarter of them bloated.";

    public IReadOnlyList<Goal> Goals => [new(Estimate, null, 150), new(Estimate, PgHero, 0.2), new(Verify, null, 300), new(Verify, Exact, 1 / 4.5)];

    public async Task<IReadOnlyList<Contender>> PrepareAsync(Action<string> tell, CancellationToken cancellationToken)
    {
        tell("starting a sandbox");
        _server = await BloatServer.StartAsync("p3", cancellationToken);
        await _server.ExecuteAsync("CREATE EXTENSION IF NOT EXISTS pgstattuple", cancellationToken);
        for (var first = 1; first <= 400; first += 50)
        {
            tell(string.Create(CultureInfo.InvariantCulture, $"building tables {first} to {first + 49}"));
            await _server.ExecuteAsync(Build(first, first + 49), cancellationToken);
        }

        tell("vacuuming");
        await _server.ExecuteAsync("VACUUM ANALYZE", cancellationToken);
        return
        [
            _server.Ours(Estimate, BloatMode.Estimate),
            _server.Ours(Verify, BloatMode.Verify),
            await _server.PeerAsync("check_postgres-style query", "check-postgres-style.sql", "tables and indexes; indexes as wide as their tables", cancellationToken),
            await _server.PeerAsync("pghero-style query", "pghero-style.sql", "b-trees alone; no expressions, no deduplication", cancellationToken),
            await _server.PeerAsync(Exact, "exact-lateral.sql", "reads every page", cancellationToken),
            await _server.PeerAsync("pgstattuple + pgstatindex, (f).*", "exact-expanded.sql", "reads every page, once for each column", cancellationToken),
            await _server.OriginalAsync(CheckPostgres, "check_postgres-bloat.sql", "the tool's own query", cancellationToken),
            await _server.OriginalAsync(PgHero, "pghero-index-bloat.sql", "the tool's own query; b-trees alone", cancellationToken),
            await _server.PeerAsync("one pass over the catalogues", "floor.sql", "floor: does less", cancellationToken),
        ];
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }

    private static string Build(int first, int last) => string.Create(CultureInfo.InvariantCulture, $"""
        DO $$
        BEGIN
            FOR i IN {first}..{last} LOOP
                EXECUTE format('CREATE TABLE t%s (id bigint PRIMARY KEY, kind int, name text, at timestamptz, key uuid, note text) WITH (autovacuum_enabled = off)', i);
                EXECUTE format('INSERT INTO t%s SELECT g, g %% 50, ''name '' || g, timestamptz ''2026-01-01'' + g * interval ''1 minute'', md5(g::text)::uuid, md5(g::text) || md5((g + 1)::text) FROM generate_series(1, 10000) g', i);
                EXECUTE format('CREATE INDEX ON t%s (kind)', i);
                EXECUTE format('CREATE INDEX ON t%s (name, at)', i);
                EXECUTE format('CREATE INDEX ON t%s (lower(note))', i);
                IF i % 4 = 0 THEN
                    EXECUTE format('DELETE FROM t%s WHERE id %% 5 < 3', i);
                END IF;
            END LOOP;
            PERFORM pg_stat_force_next_flush();
        END
        $$
        """);
}
