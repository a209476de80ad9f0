using System.Globalization;

namespace Maintenance.Benchmarks.Inspect;

/// <summary>P12: a catalogue of 10,000 tables and 40,000 indexes.</summary>
internal sealed class LargeCatalogueBenchmark : IBenchmark
{
    private const string Estimate = "Get-DbBloat, Estimate";
    private const string CheckPostgres = "check_postgres, bloat";
    private const string PgHero = "PgHero, index bloat";

    private BloatServer? _server;

    public string Name => "p12";

    public string Title => "Bloat estimates over a catalogue of 10,000 tables and 40,000 indexes.";

    public IReadOnlyList<Goal> Goals => [new(Estimate, CheckPostgres, 0.1)];

    public async Task<IReadOnlyList<Contender>> PrepareAsync(Action<string> tell, CancellationToken cancellationToken)
    {
        tell("starting a sandbox");
        _server = await BloatServer.StartAsync("p12", cancellationToken);
        for (var first = 1; first <= 10_000; first += 200)
        {
            if (first % 2000 == 1)
            {
                tell(string.Create(CultureInfo.InvariantCulture, $"building tables from {first}"));
            }

            await _server.ExecuteAsync(Build(first, first + 199), cancellationToken);
        }

        tell("analyzing");
        await _server.ExecuteAsync("ANALYZE", cancellationToken);
        return
        [
            _server.Ours(Estimate, BloatMode.Estimate),
            await _server.PeerAsync("check_postgres-style query", "check-postgres-style.sql", "tables and indexes; indexes as wide as their tables", cancellationToken),
            await _server.PeerAsync("pghero-style query", "pghero-style.sql", "b-trees alone", cancellationToken),
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
                EXECUTE format('CREATE TABLE t%s (id bigint PRIMARY KEY, a int, b text, c timestamptz, d uuid, e numeric)', i);
                EXECUTE format('INSERT INTO t%s SELECT g, g %% 10, md5(g::text), now(), md5(g::text)::uuid, g FROM generate_series(1, 50) g', i);
                EXECUTE format('CREATE INDEX ON t%s (a)', i);
                EXECUTE format('CREATE INDEX ON t%s (b)', i);
                EXECUTE format('CREATE INDEX ON t%s (c, d)', i);
            END LOOP;
        END
        $$
        """);
}
