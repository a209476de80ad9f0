using Maintenance.Engine.Performance.Indexes;
using Maintenance.IntegrationTests.Infrastructure;

namespace Maintenance.IntegrationTests.Performance;

/// <summary>Which values the application asks for nobody tells: an index is kept only if it helps whichever it is, or what was counted rules out the others.</summary>
public sealed class OptimizeValuesTests(SandboxFixture fixture)
{
    /// <summary>Tables by name, each with what makes it.</summary>
    private static readonly Dictionary<string, string> Tables = new()
    {
        ["skew"] = """
            CREATE TABLE skew (id bigserial PRIMARY KEY, kind int, pad text);
            INSERT INTO skew (kind, pad) SELECT CASE WHEN n % 300 = 0 THEN n ELSE 0 END, repeat('k', 90) FROM generate_series(1, 150000) AS n;
            """,
        ["pats"] = """
            CREATE TABLE pats (id bigserial PRIMARY KEY, flag text, email text, born timestamptz);
            INSERT INTO pats (flag, email, born) SELECT CASE WHEN n % 500 = 0 THEN 'rare' || n % 1000 ELSE 'common' END, 'n' || n || '@example.org', timestamptz '1980-01-01' + n % 15000 * interval '1 day' FROM generate_series(1, 150000) AS n;
            """,
        ["jobs"] = """
            CREATE TABLE jobs (id bigserial PRIMARY KEY, state text, due date, pad text);
            INSERT INTO jobs (state, due, pad) SELECT CASE WHEN n % 10000 = 0 THEN 'new' WHEN n % 3 = 0 THEN 'failed' ELSE 'done' END, date '2020-01-01' + n % 1500, repeat('j', 90) FROM generate_series(1, 100000) AS n;
            """,
        ["tenants"] = """
            CREATE TABLE tenants (id int PRIMARY KEY, slug text UNIQUE, region int);
            INSERT INTO tenants SELECT n, 't' || n, 1000 + n FROM generate_series(1, 500) AS n;
            """,
        ["events"] = """
            CREATE TABLE events (id bigserial PRIMARY KEY, tenant int, evenly int, email text, flag text, pad text);
            INSERT INTO events (tenant, evenly, email, flag, pad) SELECT CASE WHEN n % 1000 < 995 THEN 1 ELSE 2 + n % 499 END, 1 + n * 7919 % 500, 'U' || n || '@X.org', CASE WHEN n % 1000 < 995 THEN 'Common' ELSE 'r' || n END, repeat('s', 90) FROM generate_series(1, 150000) AS n;
            """,
        ["queue"] = """
            CREATE TABLE queue (id bigserial PRIMARY KEY, state text);
            INSERT INTO queue (state) SELECT CASE WHEN n % 200000 = 0 THEN 'new' WHEN n % 3 = 0 THEN 'failed' ELSE 'done' END FROM generate_series(1, 1000000) AS n;
            """,
    };

    private static async Task<OptimizeBench> StartAsync(SandboxFixture fixture, int major, params string[] tables)
    {
        var bench = await OptimizeBench.StartAsync(fixture, major);
        foreach (var table in tables)
        {
            await bench.Admin.ExecuteAsync(Tables[table]);
            await bench.Admin.ExecuteAsync($"VACUUM ANALYZE {table}");
        }

        return bench;
    }

    /// <summary>Runs a statement as an application does, and tries an index for what the server has counted of it.</summary>
    private static async Task<QueryRecommendation> TryAsync(OptimizeBench bench, string table, string key, Func<int, string> statement, int calls = 10)
    {
        await bench.Admin.ExecuteAsync("SELECT pg_stat_statements_reset(0, (SELECT oid FROM pg_database WHERE datname = current_database()), 0)");
        for (var call = 0; call < calls; call++)
        {
            await bench.Admin.ExecuteAsync(statement(call));
        }

        // As if it had run for so long that it is worth an index, in a time that tells nothing, however busy the machine is.
        var once = await bench.CountedAsync(table);
        var counted = once with { Calls = 1000 * once.Calls, TotalMilliseconds = 900 * once.Calls, Rows = 1000 * once.Rows };
        var name = $"idx_{table}_{string.Concat(key.Where(char.IsLetter))}_{Guid.NewGuid():n}";
        bench.Found = [await bench.IndexAsync(name, key, table: table) with { Benefits = [new IndexBenefit(counted, 2000, 10)] }];
        var tried = Assert.Single(await bench.ApplyAsync(new OptimizationOptions { RetryDropped = true }));
        Assert.Equal(tried.State == RecommendationState.Applied, await bench.Admin.ScalarAsync<bool>($"SELECT to_regclass('{name}') IS NOT NULL"));
        TestContext.Current.TestOutputHelper?.WriteLine($"{counted.Text}: {tried.State} {tried.Message}");
        return tried;
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task An_index_that_helps_for_values_nobody_asks_for_is_not_kept(int major)
    {
        await using var bench = await StartAsync(fixture, major, "skew", "pats", "events", "tenants");
        foreach (var (table, key, statement) in new[]
        {
            ("skew", "kind", "SELECT sum(length(pad)) FROM skew WHERE kind = 0"),
            ("skew", "kind", "SELECT id FROM skew WHERE kind = 0 ORDER BY length(pad), id DESC LIMIT 10"),
            ("skew", "kind", "SELECT kind, count(*), max(pad) FROM skew WHERE kind = 0 GROUP BY kind"),
            ("skew", "kind", "SELECT DISTINCT pad FROM skew WHERE kind = 0"),
            ("skew", "kind", "SELECT EXISTS (SELECT FROM skew WHERE kind = 0 AND pad LIKE '%nope%')"),
            ("skew", "kind", "SELECT id FROM skew WHERE kind = 0 AND length(pad) < 10"),
            ("skew", "kind", "SELECT length(pad) FROM skew WHERE kind = 0"),
            ("skew", "kind", "SELECT sum(length(pad)) FROM skew WHERE kind IN (0, 300)"),
            ("pats", "flag", "SELECT id FROM pats WHERE flag = 'common' AND email LIKE '%y.org%'"),
            ("pats", "flag", "SELECT id FROM pats WHERE flag = 'common' AND email = 'nobody'"),
            ("pats", "flag", "SELECT o.id FROM orders AS o WHERE o.id IN (SELECT p.id FROM pats AS p WHERE p.flag = 'common' AND p.id < 3)"),
            ("pats", "born", "SELECT sum(length(email)) FROM pats WHERE born > now() - interval '100 years' AND born < now() + interval '1 day'"),
            ("pats", "born", "SELECT sum(length(email)) FROM pats WHERE born > '1970-01-01' AND born < '2100-01-01'"),
            ("events", "(lower(flag))", "SELECT sum(length(pad)) FROM events WHERE lower(flag) = 'common'"),
            ("events", "tenant", "SELECT sum(length(e.pad)) FROM events AS e JOIN tenants AS t ON t.id = e.tenant WHERE t.slug = 't1'"),
            ("events", "tenant", "SELECT sum(length(pad)) FROM events WHERE tenant = (SELECT id FROM tenants WHERE slug = 't1')"),
            ("events", "tenant", "SELECT sum(length(pad)) FROM events WHERE tenant IN (SELECT id FROM tenants WHERE region = 1001)"),
            ("events", "tenant", "SELECT sum(length(e.pad)) FROM events AS e JOIN tenants AS t ON t.id = e.tenant WHERE abs(t.region - 1001) < 1"),
            ("skew", "kind", "UPDATE skew SET pad = 'n' WHERE kind = 0 AND pad LIKE 'nope%'"),
        })
        {
            var tried = await TryAsync(bench, table, key, _ => statement);
            Assert.True(tried.State is RecommendationState.Dropped or RecommendationState.Skipped, $"{statement}: {tried.State} {tried.Message}");
            Assert.DoesNotContain("common'", tried.Message!, StringComparison.Ordinal);
            Assert.DoesNotContain("'n", tried.Message!, StringComparison.Ordinal);
        }
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task An_index_that_helps_whatever_is_asked_for_is_kept_and_so_is_one_for_what_the_counted_rows_tell(int major)
    {
        await using var bench = await StartAsync(fixture, major, "pats", "jobs", "events", "tenants", "queue", "skew");
        foreach (var (table, key, statement) in new (string, string, Func<int, string>)[]
        {
            ("pats", "email", call => $"SELECT id FROM pats WHERE email = 'n{call}@example.org'"),
            ("orders", "customer", call => $"SELECT sum(total) FROM orders WHERE customer = {call}"),
            ("orders", "customer", call => $"SELECT id FROM orders WHERE customer = {call} ORDER BY total DESC LIMIT 5"),
            ("orders", "customer", call => $"SELECT EXISTS (SELECT FROM orders WHERE customer = {call} AND total = -1)"),
            ("orders", "customer", call => $"UPDATE orders SET total = {call} WHERE customer = {call + 7}"),
            ("jobs", "state", _ => "SELECT id, pad FROM jobs WHERE state = 'new'"),
            ("jobs", "due", call => $"SELECT id, pad FROM jobs WHERE due >= date '2022-01-0{1 + call % 5}' AND due < date '2022-01-0{3 + call % 5}'"),
            ("jobs", "due", call => $"SELECT id, pad FROM jobs WHERE due >= '2022-01-0{1 + call % 5}' AND due < '2022-01-0{3 + call % 5}'"),
            ("events", "(lower(email))", call => $"SELECT id FROM events WHERE lower(email) = 'u{call + 1}@x.org'"),
            ("events", "(lower(email))", call => $"SELECT sum(length(pad)) FROM events WHERE lower(email) = 'u{call + 1}@x.org'"),
            ("events", "evenly", call => $"SELECT sum(length(e.pad)) FROM events AS e JOIN tenants AS t ON t.id = e.evenly WHERE t.slug = 't{call + 1}'"),
            ("events", "tenant", call => $"SELECT e.* FROM events AS e JOIN tenants AS t ON t.id = e.tenant WHERE t.slug = 't{call + 7}'"),
            ("queue", "state", _ => "SELECT id FROM queue WHERE state = 'new'"),
            ("skew", "kind", call => $"SELECT pad FROM skew WHERE kind = {300 * (call + 1)}"),
        })
        {
            var tried = await TryAsync(bench, table, key, statement);
            Assert.True(tried.State == RecommendationState.Applied, $"{statement(0)}: {tried.State} {tried.Message}");
            await bench.Admin.ExecuteAsync(tried.RollbackSql!);
        }
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task What_depends_on_the_values_is_left_to_a_person_and_not_built_again(int major)
    {
        await using var bench = await StartAsync(fixture, major, "skew");
        var tried = await TryAsync(bench, "skew", "kind", _ => "SELECT sum(length(pad)) FROM skew WHERE kind = 0");
        Assert.Equal((RecommendationState.Skipped, false), (tried.State, tried.AutoApply));
        Assert.NotEqual(RecommendationConfidence.High, tried.Confidence);
        Assert.Contains("with the most common value nothing gets faster", tried.Message, StringComparison.Ordinal);
        Assert.Contains("does not tell which of them the application asks for", tried.Message, StringComparison.Ordinal);
        var builds = await BuildsAsync();
        var again = Assert.Single(await bench.ApplyAsync());
        Assert.Equal((RecommendationState.Skipped, tried.Confidence), (again.State, again.Confidence));
        Assert.StartsWith("A person has to decide about it; nothing was done. Tried on ", again.Message, StringComparison.Ordinal);
        Assert.Equal(builds, await BuildsAsync());

        async Task<int> BuildsAsync() => (await bench.HistoryAsync()).Count(action => action is { Kind: DbActionKind.CreateIndex, State: StepState.Done });
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task What_takes_much_less_time_than_a_call_is_another_question_and_proves_nothing(int major)
    {
        await using var bench = await StartAsync(fixture, major);
        var index = await bench.IndexAsync("slow", "customer");
        bench.Found = [index with { Benefits = [new IndexBenefit(new WorkloadStatement(42, "SELECT sum(total) FROM orders WHERE customer = $1", 10, 100_000), 2000, 10)] }];
        var left = Assert.Single(await bench.ApplyAsync());
        Assert.Equal(RecommendationState.Skipped, left.State);
        Assert.Contains("its calls took 10000 ms on the average", left.Message, StringComparison.Ordinal);

        // From then on nobody is told that -Apply would build it.
        var proposed = Assert.Single(await bench.PlanAsync(), one => one.Kind == RecommendationKind.CreateIndex);
        Assert.Equal((RecommendationState.Proposed, false), (proposed.State, proposed.AutoApply));
        Assert.Contains("-RetryDropped", proposed.Recommendation, StringComparison.Ordinal);
        var again = Assert.Single(await bench.ApplyAsync());
        Assert.StartsWith("A person has to decide about it; nothing was done. Looked at on ", again.Message, StringComparison.Ordinal);
        Assert.Equal(left.Confidence, again.Confidence);
        Assert.True(Assert.Single(await bench.PlanAsync(new OptimizationOptions { RetryDropped = true }), one => one.Kind == RecommendationKind.CreateIndex).AutoApply);
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task The_index_of_a_queue_is_found_by_the_rows_that_its_calls_return_and_kept(int major)
    {
        await using var bench = await StartAsync(fixture, major, "jobs");
        bench.Found = null;
        await bench.Admin.ExecuteAsync("SELECT pg_stat_statements_reset(0, (SELECT oid FROM pg_database WHERE datname = current_database()), 0)");
        for (var call = 0; call < 40; call++)
        {
            await bench.Admin.ExecuteAsync("SELECT id, pad FROM jobs WHERE state = 'new'");
        }

        var kept = Assert.Single(await bench.ApplyAsync());
        Assert.True(kept.State == RecommendationState.Applied, kept.Message);
        Assert.EndsWith("ON public.jobs (state)", kept.Sql, StringComparison.Ordinal);
        Assert.Contains(kept.Reasons, reason => reason.Contains("a call returned 10 rows on the average: it is asked for what is rare", StringComparison.Ordinal));
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task What_was_kept_and_has_made_nothing_faster_since_is_proposed_to_be_dropped(int major)
    {
        await using var bench = await StartAsync(fixture, major, "pats");
        bench.Found = null;
        await RunAsync(40);
        var kept = Assert.Single(await bench.ApplyAsync());
        Assert.True(kept.State == RecommendationState.Applied, kept.Message);

        // It did: nothing is said.
        await RunAsync(25);
        Assert.DoesNotContain(await bench.PlanAsync(), one => one.Kind == RecommendationKind.DropIndex);

        // As slow as before, as if it were asked for other values.
        await bench.Admin.ExecuteAsync("SET enable_indexscan = off; SET enable_bitmapscan = off; SET max_parallel_workers_per_gather = 0");
        await bench.Admin.ExecuteAsync("SELECT pg_stat_statements_reset(0, (SELECT oid FROM pg_database WHERE datname = current_database()), 0)");
        await RunAsync(10);
        Assert.DoesNotContain(await bench.PlanAsync(), one => one.Kind == RecommendationKind.DropIndex);
        await RunAsync(15, slowly: true);
        var drop = Assert.Single(await bench.PlanAsync(), one => one.Kind == RecommendationKind.DropIndex);
        Assert.Equal((kept.RollbackSql, kept.Sql, false), (drop.Sql, drop.RollbackSql, drop.AutoApply));
        Assert.Contains(drop.Reasons, reason => reason.Contains("(40 calls), and takes", StringComparison.Ordinal) && reason.Contains("since (25 calls)", StringComparison.Ordinal));
        Assert.Contains(drop.Reasons, reason => reason.StartsWith("It was read ", StringComparison.Ordinal));
        Assert.Equal(RecommendationState.Skipped, Assert.Single(await bench.ApplyAsync(), one => one.Kind == RecommendationKind.DropIndex).State);

        async Task RunAsync(int calls, bool slowly = false)
        {
            if (slowly)
            {
                // So that no machine is quick enough: the table is ten times as large.
                await bench.Admin.ExecuteAsync("INSERT INTO pats (flag, email) SELECT 'common', 'm' || n FROM generate_series(1, 1000000) AS n");
            }

            for (var call = 0; call < calls; call++)
            {
                await bench.Admin.ExecuteAsync($"SELECT id FROM pats WHERE email = 'n{call}@example.org'");
            }
        }
    }
}
