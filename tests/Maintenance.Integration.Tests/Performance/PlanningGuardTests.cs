using Maintenance.Engine;
using Maintenance.Engine.Database;
using Maintenance.Engine.Performance.Indexes;
using Maintenance.IntegrationTests.Infrastructure;

namespace Maintenance.IntegrationTests.Performance;

/// <summary>A role without rights lays functions that write a file as soon as a superuser runs them, wherever planning may look.</summary>
public sealed class PlanningGuardTests(SandboxFixture fixture)
{
    private const string Ordinary = "SELECT total FROM orders WHERE customer = $1";

    /// <summary>Function, statement that leads to it, what the refusal names, and whether plain EXPLAIN runs it: only then does the trap prove something.</summary>
    private static readonly (string Trap, string Statement, string Named, bool Springs)[] Vectors =
    [
        ("direct", "SELECT id FROM app.big WHERE x = app.direct()", "function app.direct()", true),
        ("Odd \"one", "SELECT id FROM app.big WHERE x = app.\"Odd \"\"one\"()", "function app.\"Odd \"\"one\"()", true),
        ("escaped", "SELECT id FROM app.big WHERE x = app.U&\"\\0065scaped\"()", "names with escapes", true),
        ("shadow_lower", "SELECT id FROM app.big WHERE pad = lower('A')", "function app.lower(text)", true),
        ("in_view", "SELECT id FROM app.v", "view app.v, which leads to function app.in_view()", true),
        ("nested", "SELECT id FROM public.above", "view public.above, which leads to function app.nested()", true),
        ("in_policy", "SELECT id FROM app.guarded WHERE x = 2", "table app.guarded, which leads to function app.in_policy()", false),
        ("in_predicate", "SELECT id FROM app.indexed WHERE x = 1", "table app.indexed, which leads to function app.in_predicate()", true),
        ("in_expression", "SELECT id FROM app.computed WHERE x = 1", "table app.computed, which leads to function app.in_expression()", true),
        ("in_statistics", "SELECT id FROM app.counted WHERE x = 1", "table app.counted, which leads to function app.in_statistics()", true),
        ("in_check", "SELECT id FROM app.parent WHERE x = 3", "table app.parent, which leads to function app.in_check()", true),
        ("in_default", "INSERT INTO app.defaulted (id) VALUES (1)", "table app.defaulted, which leads to function app.in_default()", true),
        ("in_operator", "SELECT id FROM app.big WHERE 1 OPERATOR(app.===) 1", "operator app.===", true),
        ("in_domain", "SELECT id FROM app.big WHERE x = 1::app.small", "type app.small, which leads to function app.in_domain()", false),
        ("in_cast", "SELECT id FROM app.big WHERE x = 'a'::app.letter", "type app.letter", true),
        ("in_helper", "SELECT id FROM orders WHERE total = public.helper()", "function public.helper, which leads to function app.unhelpful()", true),
        ("in_document", "SELECT id FROM app.documented", "an expression of app.documented that runs other queries", true),
    ];

    private static string Traps(string folder) => $"""
        CREATE FUNCTION app.spring(name text) RETURNS void LANGUAGE plpgsql VOLATILE AS $f$
            BEGIN IF (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user) THEN EXECUTE pg_catalog.format('COPY (SELECT 1) TO %L', '{folder}/' || name); END IF; END $f$;
        {string.Concat(Vectors.Select(vector => $"""CREATE FUNCTION app."{vector.Trap.Replace("\"", "\"\"", StringComparison.Ordinal)}"() RETURNS int LANGUAGE plpgsql IMMUTABLE AS $f$ BEGIN PERFORM app.spring('{vector.Trap}'); RETURN 1; END $f$;{'\n'}"""))}
        CREATE FUNCTION app.unhelpful() RETURNS int LANGUAGE plpgsql IMMUTABLE AS $f$ BEGIN PERFORM app.spring('in_helper'); RETURN 1; END $f$;
        CREATE FUNCTION app.lower(text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $f$ BEGIN PERFORM app.spring('shadow_lower'); RETURN $1; END $f$;
        CREATE FUNCTION app.cardinality(anyarray) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $f$ BEGIN PERFORM app.spring('cardinality'); RETURN 0; END $f$;
        CREATE TABLE app.big (id int, x int, pad text);
        INSERT INTO app.big SELECT n, n % 100, repeat('x', 40) FROM generate_series(1, 1000) AS n;
        CREATE VIEW app.v AS SELECT id FROM app.big WHERE x = app.in_view();
        CREATE VIEW app.below AS SELECT id FROM app.big WHERE x = app.nested();
        CREATE TABLE app.guarded AS TABLE app.big; ALTER TABLE app.guarded ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON app.guarded TO PUBLIC USING (x = app.in_policy());
        CREATE TABLE app.indexed AS TABLE app.big; CREATE INDEX ON app.indexed (x) WHERE id > app.in_predicate();
        CREATE TABLE app.computed AS TABLE app.big; CREATE INDEX ON app.computed ((x + app.in_expression()));
        CREATE TABLE app.counted AS TABLE app.big; CREATE STATISTICS app.s ON (x + app.in_statistics()), id FROM app.counted;
        CREATE TABLE app.parent (id int, x int) PARTITION BY RANGE (x);
        CREATE TABLE app.child PARTITION OF app.parent (CHECK (x >= app.in_check())) FOR VALUES FROM (0) TO (10);
        CREATE TABLE app.defaulted (id int, x int DEFAULT app.in_default());
        CREATE FUNCTION app.same(int, int) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $f$ BEGIN PERFORM app.spring('in_operator'); RETURN true; END $f$;
        CREATE OPERATOR app.=== (FUNCTION = app.same, LEFTARG = int, RIGHTARG = int);
        CREATE DOMAIN app.small AS int CHECK (VALUE >= app.in_domain());
        CREATE TYPE app.letter AS ENUM ('a', 'b');
        CREATE FUNCTION app.number(app.letter) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $f$ BEGIN PERFORM app.spring('in_cast'); RETURN 1; END $f$;
        CREATE CAST (app.letter AS int) WITH FUNCTION app.number(app.letter) AS IMPLICIT;
        CREATE VIEW app.lines AS SELECT app.spring('in_document')::text AS line;
        CREATE VIEW app.documented AS SELECT id FROM app.big WHERE pad = table_to_xml('app.lines'::regclass, true, true, '')::text;
        """;

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task Planning_runs_no_code_of_roles_without_rights_and_other_statements_are_planned(int major)
    {
        await using var scene = await Scene.StartAsync(fixture, major);
        await using var connector = new DatabaseConnector(TimeProvider.System);
        await using var session = await connector.OpenAsync(scene.Bench.Target, new SessionOptions("test"), Calls.Silent(), OptimizeBench.Stop);
        foreach (var (trap, statement, named, _) in Vectors)
        {
            var search = await new MissingIndexFinder(TimeProvider.System).SearchAsync(
                session, [new(1, statement, 100, 100_000), new(2, Ordinary, 100, 100_000) { Rows = 2000 }], new MissingIndexOptions(), OptimizeBench.Stop);
            Assert.Equal(["customer"], Assert.Single(search.Indexes).Keys);
            var note = Assert.Single(search.Notes, one => one.Contains(named, StringComparison.Ordinal));
            Assert.StartsWith("1 statement has no plan: it ", note, StringComparison.Ordinal);
            Assert.True(scene.Sprung.Count == 0, $"{trap}: {string.Join(", ", scene.Sprung)} ran.");
            Assert.Contains(scene.Role, note, StringComparison.Ordinal);
        }

        // The traps work: without the guard they would have sprung.
        foreach (var (trap, statement, _, springs) in Vectors.Where(vector => vector.Springs))
        {
            await scene.Bench.Admin.ExecuteAsync("SET search_path = app, public, pg_catalog");
            await scene.Bench.Admin.ExecuteAsync($"EXPLAIN {statement}");
            Assert.Contains(trap, scene.Sprung);
        }
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task No_cmdlet_runs_them(int major)
    {
        await using var scene = await Scene.StartAsync(fixture, major);
        await scene.RunAllAsync();
        await using var engine = new MaintenanceEngine(TimeProvider.System);
        var call = Calls.To(scene.Bench.Sink);
        Assert.Contains(
            await engine.IndexAdvice.GetAsync(scene.Bench.Target, new IndexAdviceQuery { Kinds = [IndexAdviceKind.Missing] }, call, OptimizeBench.Stop), one => one.Table == "orders");
        Assert.Contains(await engine.Optimization.PlanAsync(scene.Bench.Target, new OptimizationOptions(), call, OptimizeBench.Stop), one => one.Kind == RecommendationKind.CreateIndex);
        Assert.Contains((await engine.QueryReports.MakeAsync(scene.Bench.Target, null, call, OptimizeBench.Stop)).Recommendations, one => one.Kind == RecommendationKind.CreateIndex);
        Assert.Contains(scene.Bench.Sink.Warnings, warning => warning.Contains("function app.in_view()", StringComparison.Ordinal));
        Assert.Empty(scene.Sprung);

        foreach (var (_, statement, named, _) in Vectors.Where(vector => !vector.Statement.StartsWith("INSERT", StringComparison.Ordinal)))
        {
            scene.Bench.Found = [await scene.Bench.IndexAsync("orders_customer", "customer", statement), await scene.Bench.IndexAsync("orders_state", "state", Ordinary)];
            scene.Bench.FoundAgain = scene.Bench.Found;
            var applied = await scene.Bench.ApplyAsync(new OptimizationOptions { RetryDropped = true });
            Assert.Contains(named, applied[0].Statements[0].NotMeasured, StringComparison.Ordinal);
            Assert.Null(applied[0].Statements[0].CostBefore);
            Assert.NotNull(applied[1].Statements[0].CostBefore);
            Assert.Empty(scene.Sprung);
        }
    }

    private sealed class Scene(OptimizeBench bench, string role, TemporaryFolder folder) : IAsyncDisposable
    {
        public OptimizeBench Bench => bench;

        public string Role => role;

        public IReadOnlyList<string> Sprung => [.. Directory.EnumerateFiles(folder.Path).Select(path => Path.GetFileName(path))];

        public static async Task<Scene> StartAsync(SandboxFixture fixture, int major)
        {
            var folder = new TemporaryFolder();
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(folder.Path, File.GetUnixFileMode(folder.Path) | UnixFileMode.OtherWrite);
            }

            var scene = new Scene(await OptimizeBench.StartAsync(fixture, major), $"guest_{Guid.NewGuid():n}", folder);
            var admin = scene.Bench.Admin;
            await admin.ExecuteAsync($"CREATE ROLE {scene.Role}; CREATE SCHEMA app AUTHORIZATION {scene.Role}; GRANT SELECT ON orders TO {scene.Role}; SET ROLE {scene.Role}");
            await admin.ExecuteAsync(Traps(folder.Path));
            // These names may be found before those of the server itself, also by what the guard asks.
            await admin.ExecuteAsync($"ALTER ROLE {scene.Role} SET search_path = app, public, pg_catalog; RESET ROLE");
            await admin.ExecuteAsync("CREATE VIEW public.above AS SELECT id FROM app.below");
            await admin.ExecuteAsync("CREATE FUNCTION public.helper() RETURNS int LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN unhelpful(); END'");
            await admin.ExecuteAsync("DO $f$ BEGIN CREATE EXTENSION hypopg; EXCEPTION WHEN OTHERS THEN NULL; END $f$");
            Assert.Empty(scene.Sprung);
            return scene;
        }

        /// <summary>The role runs its statements, which the server counts; so are those of others.</summary>
        public async Task RunAllAsync()
        {
            var other = await bench.OpenAsync();
            await other.ExecuteAsync($"GRANT SELECT ON public.above TO {role}; SET ROLE {role}; SET search_path = app, public, pg_catalog");
            foreach (var (_, statement, _, _) in Vectors)
            {
                await other.ExecuteAsync(statement);
            }

            await bench.Admin.ExecuteAsync("RESET search_path");
            for (var customer = 0; customer < 200; customer++)
            {
                await bench.Admin.ExecuteAsync($"SELECT total FROM public.orders WHERE customer = {customer}");
            }
        }

        public async ValueTask DisposeAsync()
        {
            await bench.Admin.ExecuteAsync($"RESET ROLE; RESET search_path; DROP OWNED BY {role} CASCADE; DROP ROLE {role}");
            await bench.DisposeAsync();
            folder.Dispose();
        }
    }
}
