using Maintenance.Engine;
using Maintenance.Engine.Database;
using Maintenance.Engine.Performance.Indexes;
using Maintenance.IntegrationTests.Analytics;
using Maintenance.IntegrationTests.Infrastructure;

namespace Maintenance.IntegrationTests.Performance;

/// <summary>Workloads whose right index is known, asked of the planner where HypoPG is installed, and estimated.</summary>
public sealed class MissingIndexTests(SandboxFixture fixture) : IAsyncDisposable
{
    private const string Tables = """
        CREATE TABLE orders (id int PRIMARY KEY, customer_id int, region int, status text, urgent boolean, created_at timestamptz, processed_at timestamptz, amount numeric, note text);
        INSERT INTO orders SELECT g, g * 7919 % 5000, g * 104729 % 50, CASE WHEN g % 250 = 0 THEN 'held' WHEN g % 2 = 0 THEN 'open' ELSE 'done' END, g % 200 = 0, '2020-01-01'::timestamptz + (g * 7919 % 60000) * interval '1 min', CASE WHEN g % 300 > 0 THEN '2020-01-01'::timestamptz + (g * 104729 % 60000) * interval '1 min' END, g % 100, repeat('x', 100) FROM generate_series(1::bigint, 60000) AS g;
        CREATE VIEW held AS SELECT * FROM orders WHERE status = 'held';
        CREATE TABLE lines (id int PRIMARY KEY, order_id int, product int, qty int, pad text);
        INSERT INTO lines SELECT g, g * 7919 % 60000, g * 104729 % 200, (g * 15485863::bigint) % 100, repeat('y', 60) FROM generate_series(1::bigint, 120000) AS g;
        CREATE TABLE people (id int PRIMARY KEY, email text, phone text, doc jsonb, name varchar(40));
        INSERT INTO people SELECT g, 'Person' || g || '@example.com', g::text, jsonb_build_object('code', g), 'n' || g FROM generate_series(1, 40000) AS g;
        CREATE TABLE tiny (id int, v int); INSERT INTO tiny SELECT g, g FROM generate_series(1, 500) AS g;
        CREATE TABLE written (id int, k int, pad text); INSERT INTO written SELECT g, g % 1000, repeat('z', 60) FROM generate_series(1::bigint, 60000) AS g;
        CREATE TABLE covered (id int PRIMARY KEY, a int, b int, pad text); INSERT INTO covered SELECT g, g % 5000, g % 7, repeat('z', 60) FROM generate_series(1::bigint, 60000) AS g; CREATE INDEX covered_ab ON covered (a, b)
        """;

    // What is asked, and the index that answers it; more than one way to write it where they are as good.
    private static readonly (string Name, string[] Statements, double Rows, string[] Expected)[] Cases =
    [
        ("equality", ["SELECT * FROM orders WHERE customer_id = $1"], 12, ["orders (customer_id)"]),
        ("equality and range", ["SELECT * FROM orders WHERE region = $1 AND created_at >= $2 AND created_at < $3"], 6, ["orders (region, created_at)"]),
        ("sort with limit", ["SELECT * FROM orders WHERE region = $1 ORDER BY created_at DESC LIMIT $2"], 10, ["orders (region, created_at)"]),
        ("sort of both directions", ["SELECT * FROM orders ORDER BY region, created_at DESC LIMIT $1"], 10, ["orders (region, created_at DESC)"]),
        ("greatest", ["SELECT max(created_at) FROM orders"], 1, ["orders (created_at)"]),
        ("join", ["SELECT l.* FROM orders o JOIN lines l ON l.order_id = o.id WHERE o.id = $1"], 2, ["lines (order_id)"]),
        ("join of many", ["SELECT l.* FROM people p JOIN lines l ON l.order_id = p.id WHERE p.id BETWEEN $1 AND $2 AND p.id = ANY ($3)"], 2, ["lines (order_id)"]),
        ("one index for two statements", ["SELECT * FROM lines WHERE product = $1 AND qty = $2", "SELECT * FROM lines WHERE qty = $1"], 6, ["lines (qty, product)"]),
        ("two columns", ["SELECT * FROM lines WHERE product = $1 AND qty = $2"], 6, ["lines (product, qty)"]),
        ("partial", ["SELECT * FROM orders WHERE processed_at IS NULL ORDER BY created_at LIMIT $1"], 10, ["orders (created_at) WHERE processed_at IS NULL"]),
        ("rare null in an order, with a limit", ["SELECT id, customer_id, created_at FROM orders WHERE processed_at IS NULL AND created_at < $1 ORDER BY created_at LIMIT $2"], 10, ["orders (created_at) WHERE processed_at IS NULL"]),
        ("rare null beside others", ["SELECT id, status FROM orders WHERE customer_id = $1 AND created_at >= $2 ORDER BY created_at DESC", "SELECT id, customer_id, created_at FROM orders WHERE processed_at IS NULL AND created_at < $1 ORDER BY created_at LIMIT $2"], 10, ["orders (customer_id, created_at)", "orders (created_at) WHERE processed_at IS NULL"]),
        ("rare boolean in an order, with a limit", ["SELECT * FROM orders WHERE urgent ORDER BY created_at LIMIT $1"], 10, ["orders (created_at) WHERE urgent"]),
        ("rare value in an order, with a limit", ["SELECT * FROM held ORDER BY created_at LIMIT $1"], 10, ["orders (created_at) WHERE status = 'held'::text"]),
        ("value that may be rare in an order, with a limit", ["SELECT * FROM orders WHERE status = $1 ORDER BY created_at LIMIT $2"], 10, ["orders (status, created_at)"]),
        ("rare boolean alone", ["SELECT * FROM orders WHERE urgent"], 300, ["orders (urgent) WHERE urgent"]),
        ("rare value alone", ["SELECT * FROM held"], 240, ["orders (status) WHERE status = 'held'::text"]),
        ("constants of an array", ["SELECT * FROM orders WHERE customer_id = any(array[$1,$2])"], 24, ["orders (customer_id)"]),
        ("part of a time", ["SELECT extract($1 FROM created_at) FROM orders WHERE customer_id = $2"], 12, ["orders (customer_id)"]),
        ("literal of a type", ["SELECT * FROM orders WHERE created_at = timestamp with time zone $1"], 1, ["orders (created_at)"]),
        ("boolean", ["SELECT id FROM orders WHERE urgent AND region = $1"], 6, ["orders (region) WHERE urgent"]),
        ("expression", ["SELECT * FROM people WHERE lower(email) = lower($1)"], 1, ["people ((lower(email)))"]),
        ("within a document", ["SELECT * FROM people WHERE doc ->> 'code' = $1"], 1, ["people ((doc ->> 'code'::text))"]),
        ("varchar", ["SELECT * FROM people WHERE name = $1"], 1, ["people (name)"]),
        ("list", ["SELECT * FROM orders WHERE customer_id IN ($1, $2, $3)"], 36, ["orders (customer_id)"]),
        ("one or the other", ["SELECT * FROM people WHERE email = $1 OR email = $2"], 1, ["people (email)"]),
        ("one column or another", ["SELECT * FROM people WHERE email = $1 OR phone = $2"], 1, ["people (email)", "people (phone)"]),
        ("one column, or another that has an index", ["SELECT * FROM people WHERE id = $1 OR email = $2"], 1, ["people (email)"]),
        ("covering", ["SELECT sum(amount) FROM orders WHERE region = $1"], 1, ["orders (region) INCLUDE (amount)"]),
        ("update", ["UPDATE orders SET status = $1 WHERE customer_id = $2"], 12, ["orders (customer_id)"]),
        ("delete", ["DELETE FROM lines WHERE order_id = $1"], 2, ["lines (order_id)"]),
        ("interval", ["SELECT * FROM orders WHERE customer_id = $1 AND created_at > now() - interval $2"], 6, ["orders (customer_id)"]),
        ("low selectivity", ["SELECT * FROM orders WHERE status = $1"], 30000, []),
        ("whole table", ["SELECT count(*) FROM orders WHERE note LIKE $1"], 1, []),
        ("changing function", ["SELECT * FROM people WHERE to_char(now(), email) = $1"], 1, []),
        ("primary key", ["SELECT * FROM orders WHERE id = $1"], 1, []),
        ("covered", ["SELECT * FROM covered WHERE a = $1", "SELECT * FROM covered WHERE a = $1 AND b = $2"], 10, []),
        ("tiny", ["SELECT * FROM tiny WHERE v = $1"], 1, []),
    ];

    private readonly ShiftedTime _time = new();
    private DatabaseConnector? _connector;
    private MaintenanceSandbox? _sandbox;
    private string _database = "";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<int, bool> Ways => new() { { 15, true }, { 15, false }, { 18, false } };

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task The_right_index_is_found(int major, bool withHypoPg)
    {
        await using var session = await StartAsync(major, Tables, withHypoPg);
        var found = new List<string>();
        foreach (var (name, statements, rows, _) in Cases)
        {
            var search = await FindAsync(session, [.. statements.Select(text => Statement(text, rows))]);
            found.AddRange(search.Indexes.Where(index => index.Predicate?.Contains('\'') != true && index.Evidence != (_isHypothetical ? IndexEvidence.Hypothetical : IndexEvidence.Estimated)).Select(index => $"{name}: {index.Evidence}"));
            found.Add($"{name}: {string.Join(" + ", search.Indexes.Select(Describe).Order(StringComparer.Ordinal))}");
        }

        Assert.Empty(found.Except(Cases.Select(one => $"{one.Name}: {string.Join(" + ", one.Expected.Order(StringComparer.Ordinal))}")));
        Assert.Equal(0, await ScalarAsync<long>("SELECT count(*) FROM pg_prepared_statements"));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task What_is_asked_for_a_rare_value_by_the_rows_that_come_back_gets_an_index_of_the_whole_table(int major, bool withHypoPg)
    {
        await using var session = await StartAsync(major, Tables, withHypoPg);
        var index = Assert.Single((await FindAsync(session, [Statement("SELECT * FROM orders WHERE status = $1", 5)])).Indexes);
        Assert.Equal("orders (status)", Describe(index));
        Assert.Null(index.Predicate);
        Assert.Contains(index.Reasons, reason => reason.Contains("it is asked for what is rare", StringComparison.Ordinal));
        // Where another condition hides rows, what comes back does not tell what is found.
        var hidden = (await FindAsync(session, [Statement("SELECT * FROM orders WHERE status = $1 AND note LIKE $2", 5)])).Indexes;
        Assert.DoesNotContain(hidden.SelectMany(other => other.Reasons), reason => reason.Contains("it is asked for what is rare", StringComparison.Ordinal));
    }

    // What is asked with values, the index that is proposed for it, and others that could have been. Rare rows lie where they happen to.
    private static readonly (string Asked, string Proposed, string[] Others)[] Measured =
    [
        ("SELECT id, customer_id, created_at FROM orders WHERE processed_at IS NULL AND created_at < '2021-01-01' ORDER BY created_at LIMIT 10", "(created_at) WHERE processed_at IS NULL", ["(created_at)", "(processed_at)", "(processed_at, created_at)", "(processed_at, created_at) INCLUDE (id, customer_id)"]),
        ("SELECT * FROM orders WHERE urgent ORDER BY created_at LIMIT 10", "(created_at) WHERE urgent", ["(created_at)", "(urgent)", "(urgent, created_at)"]),
        ("SELECT * FROM held ORDER BY created_at LIMIT 10", "(created_at) WHERE status = 'held'", ["(created_at)", "(status)", "(status, created_at)"]),
        ("SELECT * FROM orders WHERE status = 'held' ORDER BY created_at LIMIT 10", "(status, created_at)", ["(created_at)", "(status)"]),
    ];

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task What_is_proposed_reads_no_more_than_anything_larger(int major)
    {
        await using (await StartAsync(major, Tables, withHypoPg: false))
        {
            await using var connection = await SandboxDatabase.OpenAsync(_sandbox!, _database);
            foreach (var (asked, proposed, others) in Measured)
            {
                var (blocks, bytes) = await MeasureAsync(connection, proposed, asked);
                foreach (var other in others)
                {
                    var (more, larger) = await MeasureAsync(connection, other, asked);
                    // The ten rows themselves are no difference; an index that reads as much has to be larger.
                    Assert.True(blocks <= more + 10, $"{asked}: {proposed} reads {blocks} pages, {other} {more}.");
                    Assert.True(bytes <= larger || blocks * 4 < more, $"{asked}: {proposed} has {bytes} bytes and reads {blocks} pages, {other} {larger} and {more}.");
                }
            }
        }
    }

    private static async Task<(long Blocks, long Bytes)> MeasureAsync(Npgsql.NpgsqlConnection connection, string index, string asked)
    {
        await connection.ExecuteAsync($"CREATE INDEX measured ON orders {index}");
        // The first time reads the catalogue too.
        await connection.ExecuteAsync(asked);
        using var plan = System.Text.Json.JsonDocument.Parse(await connection.ScalarAsync<string>($"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {asked}"));
        var root = plan.RootElement[0].GetProperty("Plan");
        var bytes = await connection.ScalarAsync<long>("SELECT pg_relation_size('measured')");
        await connection.ExecuteAsync("DROP INDEX measured");
        TestContext.Current.TestOutputHelper?.WriteLine($"{asked} {index}: {root.GetProperty("Actual Total Time").GetDouble():0.###} ms, {root.GetProperty("Shared Hit Blocks").GetInt64() + root.GetProperty("Shared Read Blocks").GetInt64()} pages, {bytes} bytes");
        return (root.GetProperty("Shared Hit Blocks").GetInt64() + root.GetProperty("Shared Read Blocks").GetInt64(), bytes);
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task What_a_join_needs_is_proposed_for_the_join_and_an_alternative_only_adds_to_it(int major)
    {
        foreach (var withHypoPg in new[] { false, true })
        {
            await using var session = await StartAsync(
                major,
                """
                CREATE TABLE visits (id bigint PRIMARY KEY, name text);
                INSERT INTO visits SELECT n, 'n' || n FROM generate_series(1, 100000) AS n;
                CREATE TABLE invoices (id bigserial PRIMARY KEY, visit_id bigint, code text, pad text);
                INSERT INTO invoices (visit_id, code, pad) SELECT n * 7919::bigint % 100000, md5(n::text), repeat('p', 100) FROM generate_series(1, 300000) AS n;
                """,
                withHypoPg);
            var join = Statement("SELECT v.id, i.code FROM visits v JOIN invoices i ON i.visit_id = v.id WHERE v.id = $1", 3);
            var either = Statement("SELECT * FROM invoices WHERE visit_id = $1 OR code = $2", 3) with { TotalMilliseconds = 30_000 };
            var indexes = (await FindAsync(session, [join, either])).Indexes;
            Assert.Equal(["invoices (visit_id)", "invoices (code)"], indexes.Select(Describe));
            var (right, added) = (indexes[0], indexes[1]);
            Assert.True(right.IsAdvised, string.Join(' ', right.Reasons));
            Assert.Empty(right.Together);
            Assert.Equal([join], right.Benefits.Select(benefit => benefit.Statement));
            Assert.False(added.IsAdvised);
            Assert.Equal([right.Name], added.Together);
            Assert.Equal([either], added.Benefits.Select(benefit => benefit.Statement));
            Assert.InRange(added.SavedPercent, 15, 100.0 * 30 / 130);
            Assert.Contains("Once that is built, the next run looks at this one.", added.Reasons[^1], StringComparison.Ordinal);
            Assert.Equal([$"public.{right.Name}"], added.WaitsFor);

            // With the first there, the second stands by itself.
            await RunAsync(right.Steps);
            var then = Assert.Single((await FindAsync(session, [join, either])).Indexes);
            Assert.Equal(("invoices (code)", true), (Describe(then), then.IsAdvised));
            await DisposeAsync();
        }
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task Days_from_a_date_are_planned_and_what_is_not_has_its_true_reason(int major)
    {
        await using var session = await StartAsync(
            major,
            "CREATE TABLE due (id serial, due date, kind int, list int[], pad text); INSERT INTO due (due, kind, list, pad) SELECT date '2020-01-01' + n % 2000, n % 50, ARRAY[n], repeat('x', 90) FROM generate_series(1, 200000) AS n",
            withHypoPg: false);
        // What pg_stat_statements keeps of current_date - 5, and of '2021-01-01'::date - 5.
        foreach (var text in new[] { "SELECT * FROM due WHERE kind = $1 AND due > current_date - $2", "SELECT * FROM due WHERE kind = $1 AND due = $2::date - $3" })
        {
            var search = await FindAsync(session, [Statement(text, 5)]);
            Assert.Empty(search.Notes);
            Assert.Contains("due", Assert.Single(search.Indexes).CreateSql, StringComparison.Ordinal);
        }

        var note = Assert.Single((await FindAsync(session, [Statement("SELECT * FROM due WHERE list = ARRAY[$1, $2]", 1)])).Notes);
        Assert.Contains("has lost its type", note, StringComparison.Ordinal);
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task What_is_worth_an_index_does_not_hang_on_what_else_is_left_to_do(int major)
    {
        await using var session = await StartAsync(major, Tables, withHypoPg: false);
        WorkloadStatement[] left = [Statement("SELECT * FROM orders WHERE customer_id = $1", 20) with { TotalMilliseconds = 4000 }];
        foreach (var (all, share, isAdvised) in new[] { (100_000.0, 4.0, false), (10_000, 40, true) })
        {
            var options = new MissingIndexOptions { Window = TimeSpan.FromDays(1), AllMilliseconds = all };
            var index = Assert.Single((await new MissingIndexFinder(_time).SearchAsync(session, left, options, Token)).Indexes);
            Assert.InRange(index.SavedPercent, share * 0.9, share);
            Assert.Equal(isAdvised, index.IsAdvised);
        }
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Of_one_thing_or_another_each_part_gets_its_index_and_what_gets_none_is_said(int major, bool withHypoPg)
    {
        await using var session = await StartAsync(major, Tables, withHypoPg);
        var search = await FindAsync(session, [Statement("SELECT * FROM people WHERE email = $1 OR phone = $2", 1), Statement("SELECT * FROM people WHERE name = $1 OR email LIKE $2", 1)]);
        Assert.Equal(["people (email)", "people (phone)"], search.Indexes.Select(Describe).Order(StringComparer.Ordinal));
        Assert.All(search.Indexes, index => Assert.False(index.IsAdvised));
        Assert.Equal([search.Indexes[1].Name], search.Indexes[0].Together);
        Assert.Contains("1 statement reads a table whole and asks for one thing or another", Assert.Single(search.Notes), StringComparison.Ordinal);

        await RunAsync(search.Indexes.SelectMany(index => index.Steps));
        Assert.Empty((await FindAsync(session, [Statement("SELECT * FROM people WHERE email = $1 OR phone = $2", 1)])).Indexes);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Where_writing_costs_more_than_is_saved_no_index_is_found(int major, bool withHypoPg)
    {
        await using var session = await StartAsync(major, Tables, withHypoPg);
        _time.Shift = TimeSpan.FromHours(2);
        WorkloadStatement[] seldom = [new(1, "SELECT * FROM written WHERE k = $1", 10, 100) { Rows = 600 }];
        WorkloadStatement[] often = [new(1, "SELECT * FROM written WHERE k = $1", 100_000, 1_000_000) { Rows = 6_000_000 }];

        Assert.Empty((await FindAsync(session, seldom)).Indexes);
        var index = Assert.Single((await FindAsync(session, often)).Indexes);
        Assert.Equal("written (k)", Describe(index));
        Assert.InRange(index.WritesPerDay!.Value, 100_000, 1_000_000);
        Assert.True(index.IsAdvised);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Hostile_names_and_texts_do_no_harm_and_what_is_said_can_be_run(int major, bool withHypoPg)
    {
        await using var session = await StartAsync(
            major,
            """
            CREATE SCHEMA "Odd ""S.ö"; CREATE TABLE "Odd ""S.ö"."t; DROP" ("a.b" int, "c""d" text, "; DROP TABLE x --" int, pad text);
            INSERT INTO "Odd ""S.ö"."t; DROP" SELECT g, g::text, g, repeat('p', 100) FROM generate_series(1, 30000) AS g;
            CREATE TABLE victim AS SELECT 1 AS a
            """,
            withHypoPg);
        WorkloadStatement[] workload =
        [
            Statement("""SELECT * FROM "Odd ""S.ö"."t; DROP" AS "x.""y" WHERE "x.""y"."a.b" = $1""", 1),
            Statement("""SELECT * FROM "Odd ""S.ö"."t; DROP" WHERE lower("c""d") = $1""", 1),
            Statement("""/* ; */ SELECT 1 AS "';" FROM "Odd ""S.ö"."t; DROP" WHERE "; DROP TABLE x --" = $1 -- ; DROP TABLE victim""", 1),
            Statement("SELECT 1; DROP TABLE victim", 1),
            Statement("SELECT 1 FROM victim); DROP TABLE victim; --", 1),
            Statement("DELETE FROM victim", 1),
            Statement("SELECT * FROM victim WHERE 'cut o", 1),
            Statement("SELECT * FROM nowhere WHERE a = $1", 1),
            Statement("<insufficient privilege>", 1),
            Statement("DROP TABLE victim", 1),
        ];
        var search = await FindAsync(session, workload);

        Assert.Equal(3, search.Indexes.Count);
        Assert.Contains(search.Notes, note => note.StartsWith("1 statement has no plan: text is cut off", StringComparison.Ordinal));
        Assert.Contains(search.Notes, note => note.StartsWith("2 statements have no plan: what pg_stat_statements keeps is no single valid statement", StringComparison.Ordinal));
        Assert.Contains(search.Notes, note => note.StartsWith("1 statement has no plan: a table is not found", StringComparison.Ordinal));
        Assert.Equal(1, await ScalarAsync<long>("SELECT count(*) FROM victim"));
        foreach (var index in search.Indexes)
        {
            await RunAsync(index.Steps);
        }

        Assert.Empty((await FindAsync(session, workload)).Indexes);
        await RunAsync(search.Indexes.Select(index => index.DropSql));
        Assert.Equal(0, await ScalarAsync<long>("SELECT count(*) FROM pg_indexes WHERE schemaname LIKE 'Odd%'"));
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task Partitions_get_one_index_for_the_whole(int major)
    {
        await using var session = await StartAsync(
            major,
            """
            CREATE TABLE parts (id int, a int, pad text) PARTITION BY RANGE (id);
            CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (30001); CREATE TABLE parts_2 PARTITION OF parts FOR VALUES FROM (30001) TO (90000);
            INSERT INTO parts SELECT g, g % 5000, repeat('p', 60) FROM generate_series(1, 60000) AS g
            """,
            withHypoPg: true);
        var index = Assert.Single((await FindAsync(session, [Statement("SELECT * FROM parts WHERE a = $1", 12)])).Indexes);

        Assert.Equal(("parts (a)", true, IndexEvidence.Estimated), (Describe(index), index.IsPartitioned, index.Evidence));
        await RunAsync(index.Steps);
        Assert.True(await ScalarAsync<bool>("SELECT bool_and(indisvalid) AND count(*) = 3 FROM pg_index WHERE indrelid::regclass::text LIKE 'parts%'"));
        Assert.Empty((await FindAsync(session, [Statement("SELECT * FROM parts WHERE a = $1", 12)])).Indexes);
        await RunAsync([index.DropSql]);
        Assert.Equal(0, await ScalarAsync<long>("SELECT count(*) FROM pg_index WHERE indrelid::regclass::text LIKE 'parts%'"));
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task Statements_that_the_server_has_counted_lead_to_advice(int major)
    {
        await using (await StartAsync(major, $"CREATE EXTENSION pg_stat_statements; {Tables}", withHypoPg: true))
        {
            // Filling the tables is no part of what is to be judged.
            await RunAsync(["SELECT pg_stat_statements_reset(0, (SELECT oid FROM pg_database WHERE datname = current_database()), 0)"]);
            await RunAsync(Enumerable.Range(1, 20).Select(number => $"SELECT * FROM orders WHERE customer_id = {number}"));
        }

        await using var engine = new MaintenanceEngine(_time);
        var sink = Calls.Silent();
        var advice = Assert.Single(await engine.IndexAdvice.GetAsync(_sandbox!.Target.As(database: _database), new IndexAdviceQuery { Kinds = [IndexAdviceKind.Missing] }, sink, Token), one => one.Table == "orders");
        Assert.Equal((IndexAdviceKind.Missing, IndexVerdict.Create, "orders"), (advice.Kind, advice.Verdict, advice.Name));
        Assert.Equal(["CREATE INDEX CONCURRENTLY idx_orders_customer_id ON public.orders (customer_id);"], advice.Sql);
        Assert.Equal(["DROP INDEX CONCURRENTLY public.idx_orders_customer_id;"], advice.RollbackSql);
        Assert.Contains("customer_id", advice.Reasons[0], StringComparison.Ordinal);
    }

    private bool _isHypothetical;

    private static WorkloadStatement Statement(string text, double rows) => new(text.GetHashCode(StringComparison.Ordinal), text, 100, 100_000) { Rows = rows * 100 };

    private static string Describe(MissingIndex index) =>
        $"{index.Table} ({string.Join(", ", index.Keys)}){(index.Include.Count > 0 ? $" INCLUDE ({string.Join(", ", index.Include)})" : "")}{(index.Predicate is null ? "" : $" WHERE {index.Predicate}")}";

    private Task<MissingIndexSearch> FindAsync(DatabaseSession session, WorkloadStatement[] workload) =>
        new MissingIndexFinder(_time).SearchAsync(session, workload, new MissingIndexOptions { Window = TimeSpan.FromDays(1) }, Token);

    private async Task<DatabaseSession> StartAsync(int major, string sql, bool withHypoPg)
    {
        _sandbox = await fixture.PostgresAsync(major);
        _database = $"missing_{Guid.NewGuid():N}";
        await SandboxDatabase.CreateAsync(_sandbox, _database);
        await using (var connection = await SandboxDatabase.OpenAsync(_sandbox, _database))
        {
            // Rows whose commit may not be on disk yet are not marked as visible to all, and no index alone answers for them.
            await connection.ExecuteAsync("SET synchronous_commit = on");
            await connection.ExecuteAsync(sql);
            await connection.ExecuteAsync("VACUUM ANALYZE");
            // Nor are they while the server's own analysis of some table of the database holds a snapshot.
            while (await connection.ScalarAsync<bool>("SELECT EXISTS (SELECT FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relallvisible < relpages)"))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(200), Token);
                await connection.ExecuteAsync("VACUUM");
            }

            await connection.ExecuteAsync("SELECT pg_stat_force_next_flush()");
            // A machine may have no HypoPG: then the estimate has to find the same.
            _isHypothetical = withHypoPg && await connection.ScalarAsync<bool>("SELECT EXISTS (SELECT FROM pg_available_extensions WHERE name = 'hypopg')");
            if (_isHypothetical)
            {
                await connection.ExecuteAsync("CREATE SCHEMA \"odd hypo\"; CREATE EXTENSION hypopg SCHEMA \"odd hypo\"");
            }
        }

        _connector = new DatabaseConnector(_time);
        return await _connector.OpenAsync(_sandbox.Target.As(database: _database), new SessionOptions("test"), Calls.Silent(), Token);
    }

    private async Task RunAsync(IEnumerable<string> statements)
    {
        await using var connection = await SandboxDatabase.OpenAsync(_sandbox!, _database);
        foreach (var statement in statements)
        {
            await connection.ExecuteAsync(statement);
        }
    }

    private async Task<T> ScalarAsync<T>(string sql)
    {
        await using var connection = await SandboxDatabase.OpenAsync(_sandbox!, _database);
        return await connection.ScalarAsync<T>(sql);
    }

    public async ValueTask DisposeAsync()
    {
        if (_connector is not null)
        {
            await _connector.DisposeAsync();
        }

        if (_sandbox is not null && _database.Length > 0)
        {
            await SandboxDatabase.ExecuteAsync(_sandbox, $"DROP DATABASE IF EXISTS {_database} WITH (FORCE)");
        }
    }
}
