using Maintenance.Engine;
using Maintenance.IntegrationTests.Analytics;
using Maintenance.IntegrationTests.Infrastructure;
using Npgsql;

namespace Maintenance.IntegrationTests.Inspect;

/// <summary>Advice about real indexes: each fault beside something that looks like it and is none.</summary>
public sealed class IndexAdviceTests(SandboxFixture fixture) : IAsyncDisposable
{
    /// <summary>Everything, of any size, without waiting for a month.</summary>
    private static readonly IndexAdviceQuery Everything = new() { MinimumSizeBytes = 0, MinimumObservation = TimeSpan.Zero };

    private readonly ShiftedTime _time = new();
    private readonly TemporaryFolder _folder = new();
    private MaintenanceEngine? _engine;
    private MaintenanceSandbox? _sandbox;
    private string _database = "";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task Indexes_are_compared_by_what_they_are_made_of(int major)
    {
        var target = await StartAsync(major, """
            CREATE TABLE t (id int PRIMARY KEY, a int, b int, c varchar(20), d text COLLATE "C", e text);
            CREATE INDEX a1 ON t (a); CREATE INDEX a2 ON t (a) WITH (fillfactor = 50);
            CREATE INDEX id_again ON t (id);
            CREATE INDEX ab ON t (a, b); CREATE INDEX ba ON t (b, a);
            CREATE INDEX c_plain ON t (c); CREATE INDEX c_named ON t (c varchar_ops); CREATE INDEX c_pattern ON t (c varchar_pattern_ops);
            CREATE INDEX d_own ON t (d); CREATE INDEX d_other ON t (d COLLATE "POSIX");
            CREATE INDEX e_first ON t (e DESC); CREATE INDEX e_reversed ON t (e ASC); CREATE INDEX e_nulls ON t (e ASC NULLS FIRST);
            CREATE INDEX low1 ON t (lower(d)); CREATE INDEX low2 ON t (LOWER(d), b); CREATE INDEX up ON t (upper(d));
            CREATE INDEX part1 ON t (b, id) WHERE a > 5; CREATE INDEX part2 ON t (b, id) WHERE (a>5); CREATE INDEX part3 ON t (b, id) WHERE a > 6;
            CREATE INDEX incl1 ON t (b, c) INCLUDE (d, e); CREATE INDEX incl2 ON t (b, c) INCLUDE (e, d); CREATE INDEX incl3 ON t (b, c) INCLUDE (id);
            CREATE UNIQUE INDEX u1 ON t (id, e); CREATE UNIQUE INDEX u2 ON t (id, e); CREATE INDEX u_plain ON t (id, e);
            CREATE INDEX h ON t USING hash (a); CREATE INDEX br1 ON t USING brin (a); CREATE INDEX br2 ON t USING brin (a) WITH (pages_per_range = 4);
            """);
        // None has been idle for a month, so that only what they are made of is judged.
        var found = (await AdviseAsync(target, new IndexAdviceQuery { Kinds = [IndexAdviceKind.Duplicate, IndexAdviceKind.Covered], MinimumSizeBytes = 0 }))
            .ToDictionary(advice => advice.Name, advice => $"{advice.Verdict} {advice.Kind} {advice.ReplacedBy}");

        Assert.Equal(
            new SortedDictionary<string, string>(StringComparer.Ordinal)
            {
                ["a1"] = "Drop Covered ab",
                ["a2"] = "Drop Covered ab",
                ["c_named"] = "Drop Duplicate c_plain",
                ["e_reversed"] = "Drop Duplicate e_first",
                ["id_again"] = "Drop Duplicate t_pkey",
                ["incl2"] = "Drop Duplicate incl1",
                ["low1"] = "Drop Covered low2",
                ["part2"] = "Drop Duplicate part1",
                ["u2"] = "Drop Duplicate u1",
                ["u_plain"] = "Drop Duplicate u1",
            },
            new SortedDictionary<string, string>(found, StringComparer.Ordinal));
    }

    [Fact]
    public async Task Nulls_that_are_not_distinct_make_another_unique_index()
    {
        var target = await StartAsync(18, "CREATE TABLE t (a int); CREATE UNIQUE INDEX u1 ON t (a); CREATE UNIQUE INDEX u2 ON t (a) NULLS NOT DISTINCT; CREATE UNIQUE INDEX u3 ON t (a) NULLS NOT DISTINCT");
        Assert.Equal("u3", Assert.Single(await AdviseAsync(target, new IndexAdviceQuery { Kinds = [IndexAdviceKind.Duplicate] })).Name);
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task What_enforces_or_serves_something_is_never_advised_to_be_dropped(int major)
    {
        var target = await StartAsync(major, """
            CREATE EXTENSION btree_gist;
            CREATE TABLE parent (id int PRIMARY KEY, code text UNIQUE, other int NOT NULL);
            CREATE UNIQUE INDEX parent_other ON parent (other); ALTER TABLE parent REPLICA IDENTITY USING INDEX parent_other;
            CREATE TABLE child (id int PRIMARY KEY, parent_id int REFERENCES parent, code text REFERENCES parent (code), room int, EXCLUDE USING gist (room WITH =));
            CREATE INDEX child_parent ON child (parent_id);
            CREATE INDEX child_code ON child (code) WHERE code IS NOT NULL;
            CREATE INDEX child_room ON child (room); ALTER TABLE child CLUSTER ON child_room;
            CREATE INDEX child_expression ON child ((room + 1));
            CREATE INDEX child_idle ON child (room, id);
            INSERT INTO parent VALUES (1, 'a', 1); UPDATE parent SET other = 2;
            """);
        var found = (await AdviseAsync(target, Everything)).ToDictionary(advice => advice.Name);

        Assert.Equal("child_idle", Assert.Single(found.Values, advice => advice.Verdict == IndexVerdict.Drop).Name);
        foreach (var kept in new[] { "parent_other", "child_pkey", "child_room_excl", "child_parent", "child_code" })
        {
            Assert.Equal(IndexVerdict.Keep, found[kept].Verdict);
            Assert.Empty(found[kept].Sql);
        }

        Assert.Contains(found["child_parent"].Reasons, reason => reason.Contains("only index for the foreign key child_parent_id_fkey", StringComparison.Ordinal));
        Assert.Equal(IndexVerdict.Observe, found["child_expression"].Verdict);
        Assert.Equal(IndexVerdict.Observe, found["child_room"].Verdict);
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task Foreign_keys_without_an_index_are_found_and_those_with_one_are_not(int major)
    {
        var target = await StartAsync(major, """
            CREATE TABLE p1 (a int, b text, PRIMARY KEY (a, b));
            CREATE TABLE "Mixed ""Case"" t" (id int PRIMARY KEY, "A a" int, b text, FOREIGN KEY ("A a", b) REFERENCES p1);
            CREATE TABLE ordered (id int PRIMARY KEY, a int, b text, FOREIGN KEY (a, b) REFERENCES p1); CREATE INDEX ON ordered (b, a, id);
            CREATE TABLE partial (id int PRIMARY KEY, a int, b text, FOREIGN KEY (a, b) REFERENCES p1); CREATE INDEX partial_idx ON partial (a, b) WHERE a > 0;
            CREATE TABLE not_null (id int PRIMARY KEY, a int, b text, FOREIGN KEY (a, b) REFERENCES p1); CREATE INDEX ON not_null (a, b) WHERE b IS NOT NULL AND a IS NOT NULL;
            CREATE TABLE hashed (id int PRIMARY KEY, up int REFERENCES hashed); CREATE INDEX ON hashed USING hash (up);
            CREATE TABLE self (id int PRIMARY KEY, up int REFERENCES self);
            CREATE TABLE collated (id int PRIMARY KEY, a int, b text, FOREIGN KEY (a, b) REFERENCES p1); CREATE INDEX ON collated (a, b COLLATE "C");
            CREATE TABLE parts (id int, a int, b text, FOREIGN KEY (a, b) REFERENCES p1) PARTITION BY RANGE (id);
            CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (10);
            CREATE TABLE parts_2 (junk int, id int, b text, a int); ALTER TABLE parts_2 DROP COLUMN junk; ALTER TABLE parts ATTACH PARTITION parts_2 FOR VALUES FROM (10) TO (20);
            CREATE TABLE half (id int, a int, b text, FOREIGN KEY (a, b) REFERENCES p1) PARTITION BY RANGE (id);
            CREATE TABLE half_1 PARTITION OF half FOR VALUES FROM (0) TO (10); CREATE INDEX ON half_1 (a, b);
            CREATE TABLE half_2 PARTITION OF half FOR VALUES FROM (10) TO (20);
            CREATE TABLE whole (id int, a int, b text, FOREIGN KEY (a, b) REFERENCES p1) PARTITION BY RANGE (id);
            CREATE TABLE whole_1 PARTITION OF whole FOR VALUES FROM (0) TO (10); CREATE INDEX ON whole (b, a);
            INSERT INTO p1 VALUES (1, 'x'); DELETE FROM p1;
            """);
        var query = Everything with { Kinds = [IndexAdviceKind.UnsupportedForeignKey] };
        var found = await AdviseAsync(target, query);

        Assert.Equal(["Mixed \"Case\" t", "collated", "half", "partial", "parts", "self"], found.Select(advice => advice.Name).Order(StringComparer.Ordinal));
        Assert.All(found.Where(advice => advice.Name != "self"), advice => Assert.Equal(IndexVerdict.Create, advice.Verdict));
        Assert.Equal(IndexVerdict.Observe, found.Single(advice => advice.Name == "self").Verdict);
        Assert.Contains("ATTACH PARTITION", string.Join(" ", found.Single(advice => advice.Name == "parts").Sql), StringComparison.Ordinal);
        Assert.Single(found.Single(advice => advice.Name == "half").Sql);

        // The statements do what they promise, and can be undone.
        await RunAsync(found.SelectMany(advice => advice.Sql));
        Assert.Empty(await AdviseAsync(target, query));
        Assert.Empty(await AdviseAsync(target, new IndexAdviceQuery { Kinds = [IndexAdviceKind.Invalid, IndexAdviceKind.Duplicate] }));
        await RunAsync(found.SelectMany(advice => advice.RollbackSql));
        Assert.Equal(found.Select(advice => advice.Name), (await AdviseAsync(target, query)).Select(advice => advice.Name));
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task What_was_dropped_can_be_made_again_the_same(int major)
    {
        const string picture = """
            SELECT string_agg(concat_ws('|', c.relname, i.indkey, i.indclass, i.indcollation, i.indoption, i.indnkeyatts, i.indisunique, pg_get_expr(i.indpred, i.indrelid), pg_get_expr(i.indexprs, i.indrelid),
                i.indisclustered, i.indisvalid, c.reloptions, m.amname, obj_description(c.oid, 'pg_class'), to_jsonb(i) ->> 'indnullsnotdistinct',
                (SELECT string_agg(concat(a.attnum, ':', nullif(a.attstattarget, -1), a.attoptions), ',' ORDER BY a.attnum) FROM pg_attribute a WHERE a.attrelid = c.oid)), E'\n' ORDER BY c.relname)
            FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am m ON m.oid = c.relam WHERE c.relnamespace::regnamespace::text NOT LIKE 'pg%'
            """;
        var target = await StartAsync(major, """
            CREATE EXTENSION pg_trgm;
            CREATE SCHEMA "Odd ""Schema";
            CREATE TABLE "Odd ""Schema"."T t" (a int, b text, "ON ONLY x" text, d tsvector);
            CREATE INDEX "I ""i"" USING btree (" ON "Odd ""Schema"."T t" ("ON ONLY x" COLLATE "C" text_pattern_ops DESC NULLS LAST, a) INCLUDE (b) WITH (fillfactor = 61) WHERE b <> 'it''s \ USING';
            COMMENT ON INDEX "Odd ""Schema"."I ""i"" USING btree (" IS 'it''s \ a comment, DROP';
            CREATE INDEX expression ON "Odd ""Schema"."T t" (lower(b), (a + 1)); ALTER INDEX "Odd ""Schema".expression ALTER COLUMN 1 SET STATISTICS 321;
            CREATE INDEX clustered ON "Odd ""Schema"."T t" (a); ALTER TABLE "Odd ""Schema"."T t" CLUSTER ON clustered;
            CREATE INDEX gin ON "Odd ""Schema"."T t" USING gin (d) WITH (fastupdate = off);
            CREATE INDEX trigrams ON "Odd ""Schema"."T t" USING gist (b public.gist_trgm_ops (siglen = 32));
            CREATE UNLOGGED TABLE fleeting (a int); CREATE INDEX fleeting_a ON fleeting (a);
            CREATE MATERIALIZED VIEW seen AS SELECT 1 AS a; CREATE INDEX seen_a ON seen (a);
            CREATE TABLE parts (a int) PARTITION BY RANGE (a); CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (9); CREATE INDEX parts_a ON parts (a);
            CREATE UNIQUE INDEX u1 ON fleeting (a, (a + 1)); CREATE UNIQUE INDEX u2 ON fleeting (a, (a + 1));
            """);
        var before = await ScalarAsync<string>(picture);
        var found = (await AdviseAsync(target, Everything)).Where(advice => advice.Sql.Count > 0).ToList();
        Assert.Equal(
            ["I \"i\" USING btree (", "clustered", "expression", "fleeting_a", "gin", "parts_a", "seen_a", "trigrams", "u2"],
            found.Select(advice => advice.Name).Order(StringComparer.Ordinal));

        await RunAsync(found.SelectMany(advice => advice.Sql));
        Assert.Equal(1, await ScalarAsync<long>("SELECT count(*) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE c.relnamespace::regnamespace::text NOT LIKE 'pg%'"));
        await RunAsync(found.SelectMany(advice => advice.RollbackSql));
        Assert.Equal(before, await ScalarAsync<string>(picture));
        Assert.DoesNotContain(found, advice => advice.Name != "parts_a" && advice.Sql.Any(sql => !sql.StartsWith("DROP INDEX CONCURRENTLY ", StringComparison.Ordinal)));
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task Failed_builds_are_told_from_those_under_way(int major)
    {
        var target = await StartAsync(major, """
            CREATE TABLE failed (a int); INSERT INTO failed VALUES (1), (1);
            CREATE TABLE rebuilt (a int); CREATE INDEX rebuilt_a ON rebuilt (a);
            CREATE TABLE building (a int);
            CREATE TABLE parts (a int) PARTITION BY RANGE (a); CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (9); CREATE INDEX parts_a ON ONLY parts (a);
            """);
        await using var connection = await SandboxDatabase.OpenAsync(_sandbox!, _database);
        await Assert.ThrowsAsync<PostgresException>(() => connection.ExecuteAsync("CREATE UNIQUE INDEX CONCURRENTLY failed_a ON failed (a)"));
        await using var writer = await SandboxDatabase.OpenAsync(_sandbox!, _database);
        await writer.ExecuteAsync("BEGIN; INSERT INTO rebuilt VALUES (1); INSERT INTO building VALUES (1)");
        await connection.ExecuteAsync("SET lock_timeout = '200ms'");
        await Assert.ThrowsAsync<PostgresException>(() => connection.ExecuteAsync("REINDEX INDEX CONCURRENTLY rebuilt_a"));
        await connection.ExecuteAsync("SET lock_timeout = 0");
        var building = connection.ExecuteAsync("CREATE INDEX CONCURRENTLY building_a ON building (a)");
        await WaitAsync("SELECT EXISTS (SELECT FROM pg_stat_progress_create_index WHERE index_relid = to_regclass('building_a'))");

        var found = (await AdviseAsync(target, Everything with { Kinds = [IndexAdviceKind.Invalid] })).ToDictionary(advice => advice.Name);
        Assert.Equal(["building_a", "failed_a", "parts_a", "rebuilt_a_ccnew"], found.Keys.Order(StringComparer.Ordinal));
        Assert.Equal((IndexVerdict.Drop, IndexVerdict.Observe), (found["failed_a"].Verdict, found["building_a"].Verdict));
        Assert.Contains(found["failed_a"].Reasons, reason => reason.Contains("equal keys", StringComparison.Ordinal));
        Assert.Equal((IndexVerdict.Drop, "rebuilt_a"), (found["rebuilt_a_ccnew"].Verdict, found["rebuilt_a_ccnew"].ReplacedBy));
        Assert.Contains("parts_1", found["parts_a"].Reasons[0], StringComparison.Ordinal);
        Assert.Contains("being built", found["building_a"].Reasons[0], StringComparison.Ordinal);

        // A role that may not look at others' builds does not take one for a failure.
        await SandboxDatabase.ExecuteAsync(_sandbox!, "DO $$ BEGIN IF to_regrole('plain') IS NULL THEN CREATE ROLE plain LOGIN PASSWORD 'plain'; END IF; END $$");
        var plain = (await AdviseAsync(target.As("plain", "plain"), Everything with { Kinds = [IndexAdviceKind.Invalid] })).Single(advice => advice.Name == "failed_a");
        Assert.Equal((IndexVerdict.Observe, HealthStatus.Unknown), (plain.Verdict, plain.Status));

        await writer.ExecuteAsync("COMMIT");
        await building;
        await RunAsync(found["failed_a"].Sql.Concat(found["rebuilt_a_ccnew"].Sql));
        Assert.Equal("parts_a", Assert.Single(await AdviseAsync(target, Everything with { Kinds = [IndexAdviceKind.Invalid] })).Name);
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task A_month_of_history_makes_a_verdict_and_a_use_unmakes_it(int major)
    {
        var target = await StartAsync(major, "CREATE TABLE t (a int); CREATE INDEX t_a ON t (a); INSERT INTO t SELECT generate_series(1, 1000); ANALYZE t");
        var query = new IndexAdviceQuery { MinimumSizeBytes = 0 };
        var first = Assert.Single(await AdviseAsync(target, query));
        Assert.Equal(IndexVerdict.Observe, first.Verdict);
        Assert.Contains(first.Reasons, reason => reason.Contains("first time", StringComparison.Ordinal));

        _time.Shift = TimeSpan.FromDays(31);
        var later = Assert.Single(await AdviseAsync(target, query));
        Assert.Equal((IndexAdviceKind.Unused, IndexVerdict.Drop), (later.Kind, later.Verdict));
        Assert.InRange(later.ObservedFor!.Value.TotalDays, 30.9, 31.1);
        Assert.True(later.WritesPerDay is > 0, $"{later.WritesPerDay}");

        await SandboxDatabase.ExecuteAsync(_sandbox!, "SET enable_seqscan = off; SELECT count(*) FROM t WHERE a = 7", _database);
        await WaitAsync("SELECT idx_scan > 0 FROM pg_stat_user_indexes WHERE indexrelname = 't_a'");
        Assert.DoesNotContain(await AdviseAsync(target, query), advice => advice.Verdict == IndexVerdict.Drop);
        if (major >= 16)
        {
            var seldom = Assert.Single(await AdviseAsync(target, query));
            Assert.NotNull(seldom.LastScan);
        }
    }

    [Fact]
    public async Task Without_a_history_that_is_said()
    {
        var target = await StartAsync(15, "CREATE TABLE t (a int); CREATE INDEX t_a ON t (a)") with { History = new HistorySettings { Kind = HistoryKind.None } };
        var advice = Assert.Single(await AdviseAsync(target, new IndexAdviceQuery { MinimumSizeBytes = 0 }));
        Assert.Contains(advice.Reasons, reason => reason.Contains("history.kind is None", StringComparison.Ordinal));
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task A_role_with_pg_monitor_alone_comes_to_the_same(int major)
    {
        var target = await StartAsync(major, """
            CREATE SCHEMA hidden; CREATE TABLE hidden.t (id int PRIMARY KEY, up int REFERENCES hidden.t, d text);
            CREATE INDEX one ON hidden.t (d) WHERE id > 5; CREATE INDEX two ON hidden.t (d) WHERE id > 5; CREATE INDEX idle ON hidden.t (id, lower(d));
            """);
        static IEnumerable<string> Tell(IEnumerable<IndexAdvice> advice) =>
            advice.Select(item => $"{item} {item.Reasons.Count} {string.Join(" ", item.Sql)} {string.Join(" ", item.RollbackSql)} {item.Status} {item.SizeBytes}");
        var mine = await AdviseAsync(target, Everything);
        Assert.Equal(Tell(mine), Tell(await AdviseAsync(target.As(user: "maintenance_monitor"), Everything)));
        Assert.Equal(5, mine.Count);
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task A_table_that_somebody_holds_locked_is_not_waited_for(int major)
    {
        var target = await StartAsync(major, """
            CREATE TABLE t (a int, b int); INSERT INTO t SELECT n, n FROM generate_series(1, 5000) AS n;
            CREATE INDEX one ON t (a) WHERE b > 1; CREATE INDEX two ON t (a) WHERE b > 1; CREATE INDEX three ON t (b); CREATE INDEX four ON t (b); VACUUM ANALYZE t
            """);
        await using var other = await SandboxDatabase.OpenAsync(_sandbox!, _database);
        await other.ExecuteAsync("BEGIN; LOCK TABLE t IN ACCESS EXCLUSIVE MODE");
        var found = await AdviseAsync(target, new IndexAdviceQuery { MinimumSizeBytes = 0, Kinds = [IndexAdviceKind.Duplicate] });
        // Its conditions could not be read, so nothing is said about them.
        Assert.Equal("four", Assert.Single(found).Name);
        Assert.True(found[0].SizeBytes > 0);
        Assert.Empty(found[0].Sql);
        Assert.Contains("Ask again", found[0].Reasons[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_use_on_another_server_counts_and_a_stranger_is_refused()
    {
        var target = await StartAsync(15, "CREATE TABLE t (a int); CREATE INDEX t_a ON t (a)");
        var query = Everything with { Replicas = [target with { Name = "replica" }] };
        var advice = Assert.Single(await AdviseAsync(target, query));
        Assert.Contains(advice.Reasons, reason => reason.Contains("'replica'", StringComparison.Ordinal));
        Assert.Equal(new[] { "replica", target.Name }.Order(StringComparer.Ordinal), ((Dictionary<string, long?>)advice.Evidence["ScansByTarget"]!).Keys.Order(StringComparer.Ordinal));

        var stranger = (await fixture.PostgresAsync(18)).Target.As(database: _database) with { Name = "stranger" };
        await SandboxDatabase.CreateAsync(await fixture.PostgresAsync(18), _database);
        var exception = await Assert.ThrowsAsync<MaintenanceException>(() => AdviseAsync(target, Everything with { Replicas = [stranger] }));
        Assert.Equal(MaintenanceErrorCode.InvalidArgument, exception.Code);
        await SandboxDatabase.ExecuteAsync(await fixture.PostgresAsync(18), $"DROP DATABASE {_database} WITH (FORCE)");
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task The_faults_of_the_sample_are_found(int major)
    {
        _engine = new MaintenanceEngine(_time);
        _sandbox = await fixture.PostgresAsync(major);
        var found = await AdviseAsync(_sandbox.Target with { History = new HistorySettings { Kind = HistoryKind.None } }, new IndexAdviceQuery { MinimumSizeBytes = 0 });
        IndexAdvice Of(string name) => found.Single(advice => advice.Name == name);
        Assert.Equal((IndexAdviceKind.Invalid, IndexVerdict.Drop), (Of("idx_trust_scores_one_per_user").Kind, Of("idx_trust_scores_one_per_user").Verdict));
        Assert.Single(found, advice => advice is { Kind: IndexAdviceKind.Duplicate, Verdict: IndexVerdict.Drop, Table: "user_consents" });
        Assert.Equal((IndexAdviceKind.Unused, IndexVerdict.Observe), (Of("idx_query_performance_logs_request_id").Kind, Of("idx_query_performance_logs_request_id").Verdict));
        Assert.Equal(IndexAdviceKind.UnsupportedForeignKey, Of("gdpr_audit_log").Kind);
    }

    private Task<IReadOnlyList<IndexAdvice>> AdviseAsync(MaintenanceTarget target, IndexAdviceQuery query) =>
        _engine!.IndexAdvice.GetAsync(target, query, Calls.Silent(), Token);

    private async Task<MaintenanceTarget> StartAsync(int major, string sql)
    {
        _sandbox = await fixture.PostgresAsync(major);
        _database = $"advice_{Guid.NewGuid():N}";
        await SandboxDatabase.CreateAsync(_sandbox, _database);
        await using (var connection = await SandboxDatabase.OpenAsync(_sandbox, _database))
        {
            foreach (var statement in sql.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Where(statement => statement.Length > 0))
            {
                await connection.ExecuteAsync(statement);
            }

            await connection.ExecuteAsync("SELECT pg_stat_force_next_flush()");
        }

        _engine = new MaintenanceEngine(_time);
        return _sandbox.Target.As(database: _database) with { History = new HistorySettings { Kind = HistoryKind.Sqlite, Path = Path.Combine(_folder.Path, "history.db") } };
    }

    // Each by itself, as they are meant to be run.
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

    private async Task WaitAsync(string condition)
    {
        await using var connection = await SandboxDatabase.OpenAsync(_sandbox!, _database);
        while (!await connection.ScalarAsync<bool>(condition))
        {
            await Task.Delay(10, Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_engine is not null)
        {
            await _engine.DisposeAsync();
        }

        if (_sandbox is not null && _database.Length > 0)
        {
            await SandboxDatabase.ExecuteAsync(_sandbox, $"DROP DATABASE IF EXISTS {_database} WITH (FORCE)");
        }

        _folder.Dispose();
    }
}
