using Maintenance.Engine.Security;
using Maintenance.IntegrationTests.Infrastructure;

namespace Maintenance.IntegrationTests.Security;

/// <summary>Row security tried out: what is found, and that it is found without leaving anything behind.</summary>
public sealed class RowSecurityTests(SandboxFixture fixture)
{
    private static readonly RowSecurityQuery Writing = new() { Subjects = [RowSecurityScene.A, RowSecurityScene.B, RowSecurityScene.Stranger], IncludeWrites = true };

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task What_each_can_do_is_what_the_server_lets_them(int major)
    {
        await using var scene = await RowSecurityScene.CreateAsync(await fixture.PostgresAsync(major));
        var all = await scene.TestAsync(Writing);

        string Row(string table, string subject) =>
            string.Join(", ", all.Single(access => access.Name == table && access.Subject == subject).Cells().Select(cell => $"{cell.Command} {cell.Access?.ToString() ?? cell.Outcome.ToString()}"));

        Assert.Equal("Select Some, Insert Some, Update Some, Move Some, Delete Some", Row("rightly", "A"));
        Assert.Equal("Select None, Insert None, Update None, Move None, Delete None", Row("rightly", "stranger"));
        Assert.Equal("Select All, Insert All, Update All, Move Pass, Delete All", Row("always", "A"));
        Assert.Equal("Select Some, Insert Some, Update Some, Move All, Delete Some", Row("giveaway", "B"));
        Assert.Equal("Select Some, Insert None, Update None, Move None, Delete All", Row("blind", "A"));
        Assert.Equal("Select Some, Insert Denied, Update Denied, Move Denied, Delete Denied", Row("reading", "A"));
        Assert.Equal("Select All, Insert Denied, Update Denied, Move Denied, Delete Denied", Row("seen", "A"));
        Assert.Equal("Select Some, Insert Some, Update Some, Move Some, Delete Some", Row("parted", "A"));
        Assert.Equal("Select All, Insert All, Update All, Move Pass, Delete All", Row("leaf", "A"));
        Assert.Equal("Select All, Insert All, Update All, Move All, Delete All", Row("owned", "A"));
        Assert.Equal(10, all.Single(access => access is { Name: "rightly", Subject: "B" }).Select!.Rows);
        Assert.Equal(30, all.Single(access => access is { Name: "rightly", Subject: "B" }).Select!.Total);
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task Strangers_that_reach_what_belongs_to_others_are_leaks(int major)
    {
        await using var scene = await RowSecurityScene.CreateAsync(await fixture.PostgresAsync(major));
        var findings = (await scene.TestAsync(Writing with { Subjects = [RowSecurityScene.Stranger] })).SelectMany(access => access.Findings).Where(finding => finding.Outcome == FindingOutcome.Fail);
        Assert.Equal(
            [
                "DBRLS-DELETE-LEAK public.always", "DBRLS-DELETE-LEAK public.blind", "DBRLS-DELETE-LEAK public.leaf", "DBRLS-DELETE-LEAK public.owned",
                "DBRLS-INSERT-LEAK public.always", "DBRLS-INSERT-LEAK public.leaf", "DBRLS-INSERT-LEAK public.owned", "DBRLS-MOVE-LEAK public.owned",
                "DBRLS-SELECT-LEAK public.always", "DBRLS-SELECT-LEAK public.leaf", "DBRLS-SELECT-LEAK public.owned", "DBRLS-SELECT-LEAK public.seen",
                "DBRLS-UPDATE-LEAK public.always", "DBRLS-UPDATE-LEAK public.leaf", "DBRLS-UPDATE-LEAK public.owned",
            ],
            findings.Select(finding => $"{finding.Id} {finding.Subject}").Order(StringComparer.Ordinal));
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task A_schema_that_is_not_there_is_an_error_and_one_without_relations_is_not(int major)
    {
        await using var scene = await RowSecurityScene.CreateAsync(await fixture.PostgresAsync(major));
        await using var session = await SandboxDatabase.OpenAsync(scene.Sandbox, scene.Database);
        await session.ExecuteAsync("CREATE SCHEMA hollow");

        var problem = await Assert.ThrowsAsync<MaintenanceException>(() => scene.TestAsync(Writing with { Schemas = ["publik"] }));

        Assert.Equal(MaintenanceErrorCode.ObjectNotFound, problem.Code);
        Assert.Contains("Did you mean \"public\"?", problem.Recommendation, StringComparison.Ordinal);
        Assert.Empty(await scene.TestAsync(Writing with { Schemas = ["hollow"] }));
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task Nothing_is_left_behind(int major)
    {
        await using var scene = await RowSecurityScene.CreateAsync(await fixture.PostgresAsync(major));
        await using var watching = await SandboxDatabase.OpenAsync(scene.Sandbox, scene.Database);
        var heard = 0;
        watching.Notification += (_, _) => heard++;
        await watching.ExecuteAsync("LISTEN told");
        await watching.ExecuteAsync(
            """
            CREATE FUNCTION public.tells() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_notify('told', 'x'); RETURN NEW; END $$;
            CREATE TRIGGER tells AFTER INSERT OR UPDATE OR DELETE ON public.always FOR EACH ROW EXECUTE FUNCTION public.tells();
            """);
        const string state = """
            SELECT concat_ws(';',
                (SELECT string_agg(concat(c.relname, query_to_xml(format('SELECT xmin, xmax, ctid, t.* FROM %s AS t', c.oid::regclass), true, true, '')), ';' ORDER BY c.oid) FROM pg_class AS c WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace),
                (SELECT string_agg(concat(s.sequencename, s.last_value), ',' ORDER BY s.sequencename) FROM pg_sequences AS s),
                (SELECT string_agg(concat(c.relname, pg_relation_size(c.oid)), ',' ORDER BY c.oid) FROM pg_class AS c WHERE c.relnamespace = 'public'::regnamespace),
                (SELECT count(*) FROM pg_class), (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())))
            """;
        var before = await watching.ScalarAsync<string>(state);
        await scene.TestAsync(Writing);
        Assert.Equal(before, await watching.ScalarAsync<string>(state));
        await watching.ExecuteAsync("SELECT pg_stat_clear_snapshot()");
        Assert.Equal(0L, await watching.ScalarAsync<long>("SELECT coalesce(sum(n_tup_upd + n_tup_del), 0)::bigint FROM pg_stat_user_tables"));
        Assert.Equal(0L, await watching.ScalarAsync<long>("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'Maintenance/%'"));
        Assert.Equal(0, heard);
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task What_would_have_effects_is_not_tried_and_says_why(int major)
    {
        await using var scene = await RowSecurityScene.CreateAsync(
            await fixture.PostgresAsync(major),
            $"""
            CREATE SEQUENCE public.calls;
            GRANT USAGE ON SEQUENCE public.calls TO authenticated;
            CREATE FUNCTION public.counts() RETURNS boolean LANGUAGE sql AS 'SELECT nextval(''public.calls'') > 0';
            CREATE FUNCTION public.locks() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_advisory_lock(1); RETURN true; END $$;
            CREATE FUNCTION public.through() RETURNS boolean LANGUAGE sql AS 'SELECT public.locks()';
            CREATE FUNCTION public.becomes() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RESET ROLE; RETURN true; END $$;
            CREATE FUNCTION public.touches() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM nextval('public.calls'); RETURN NEW; END $$;
            {RowSecurityScene.Table("counted", "CREATE POLICY p ON TABLE USING (public.counts());")}
            {RowSecurityScene.Table("locked", "CREATE POLICY p ON TABLE USING (public.through());")}
            {RowSecurityScene.Table("escaping", "CREATE POLICY p ON TABLE USING (public.becomes());")}
            {RowSecurityScene.Table("triggered", "CREATE POLICY p ON TABLE USING (true);")}
            {RowSecurityScene.Table("ruled", "CREATE POLICY p ON TABLE USING (true);")}
            {RowSecurityScene.Table("made", "CREATE POLICY p ON TABLE USING (true);", "INSERT (owner, body), SELECT")}
            CREATE TRIGGER before_row BEFORE INSERT OR UPDATE ON public.triggered FOR EACH ROW EXECUTE FUNCTION public.touches();
            CREATE TRIGGER for_each AFTER DELETE ON public.triggered FOR EACH STATEMENT EXECUTE FUNCTION public.touches();
            CREATE RULE logged AS ON DELETE TO public.ruled DO ALSO SELECT nextval('public.calls');
            """);
        var query = Writing with { Subjects = [RowSecurityScene.A] };
        var all = await scene.TestAsync(query);

        RowSecurityAccess Of(string name) => all.Single(access => access.Name == name);

        Assert.All((string[])["counted", "locked", "escaping"], name => Assert.All(Of(name).Cells(), cell => Assert.Equal((FindingOutcome.Manual, (RowAccess?)null), (cell.Outcome, cell.Access))));
        Assert.Contains("pg_advisory_lock", Of("locked").Select!.Reason, StringComparison.Ordinal);
        Assert.Contains("RESET ROLE", Of("escaping").Select!.Reason, StringComparison.Ordinal);
        Assert.Equal(RowAccess.All, Of("triggered").Update!.Access);
        Assert.All([Of("triggered").Insert!, Of("triggered").Delete!], cell => Assert.Equal((FindingOutcome.Manual, true), (cell.Outcome, cell.Reason!.Contains("the trigger", StringComparison.Ordinal))));
        Assert.Equal("rules would run other statements", Of("ruled").Delete!.Reason);
        Assert.StartsWith("columns that the role may not give", Of("made").Insert!.Reason, StringComparison.Ordinal);
        Assert.All(all, access => Assert.Equal(HealthStatus.Unknown, access.Status));

        // Read-only, the server itself refuses what would advance the sequence.
        var reading = (await scene.TestAsync(query with { IncludeWrites = false })).Single(access => access.Name == "counted");
        Assert.StartsWith("the server ended it with an error (25006 read_only_sql_transaction)", reading.Select!.Reason, StringComparison.Ordinal);
        await using var connection = await SandboxDatabase.OpenAsync(scene.Sandbox, scene.Database);
        Assert.False(await connection.ScalarAsync<bool>("SELECT is_called FROM public.calls"));
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task Policies_that_ask_a_security_definer_function_are_tried_as_they_are_and_one_that_writes_is_not(int major)
    {
        await using var scene = await RowSecurityScene.CreateAsync(
            await fixture.PostgresAsync(major),
            $"""
            CREATE TABLE public.members (who text, team text);
            INSERT INTO public.members VALUES ('a', 'a'), ('a', 'b');
            CREATE TABLE public.asked (who text);
            CREATE FUNCTION public.is_member(team_of_row text) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS
                'SELECT EXISTS (SELECT FROM public.members WHERE team = team_of_row AND who = current_setting(''request.jwt.claim.sub'', true))';
            CREATE FUNCTION public.remembers() RETURNS boolean LANGUAGE sql SECURITY DEFINER SET search_path = '' AS 'INSERT INTO public.asked VALUES (current_user) RETURNING true';
            {RowSecurityScene.Table("teams", "CREATE POLICY p ON TABLE TO authenticated USING (public.is_member(owner)) WITH CHECK (public.is_member(owner));")}
            {RowSecurityScene.Table("remembered", "CREATE POLICY p ON TABLE TO authenticated USING (public.remembers());")}
            """);
        var all = await scene.TestAsync(Writing);
        string Row(string table, string subject) => string.Join(", ", all.Single(access => access.Name == table && access.Subject == subject).Cells());
        Assert.Equal("Some (20), Some (2), Some (20), Some (2), Some (20)", Row("teams", "A"));
        Assert.StartsWith("None, None, None, None", Row("teams", "B"), StringComparison.Ordinal);
        Assert.All(all.Single(access => access is { Name: "remembered", Subject: "A" }).Cells(), cell => Assert.Equal((FindingOutcome.Manual, (RowAccess?)null), (cell.Outcome, cell.Access)));
        await using var connection = await SandboxDatabase.OpenAsync(scene.Sandbox, scene.Database);
        Assert.Equal(0L, await connection.ScalarAsync<long>("SELECT count(*) FROM public.asked"));
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task A_role_without_any_rights_is_told_so_and_nothing_breaks(int major)
    {
        var sandbox = await fixture.PostgresAsync(major);
        await using var scene = await RowSecurityScene.CreateAsync(
            sandbox,
            $"""
            CREATE SCHEMA auth;
            CREATE TABLE auth.users (id uuid PRIMARY KEY);
            {RowSecurityScene.Table("rightly", "CREATE POLICY own ON TABLE TO authenticated USING MINE;")}
            """);
        var role = $"nobody_{scene.Database}";
        await SandboxDatabase.ExecuteAsync(sandbox, $"CREATE ROLE {role} LOGIN PASSWORD '{SandboxFixture.PasswordOf(sandbox)}'");
        try
        {
            var all = await scene.TestAsync(Writing, role);
            Assert.Equal([FindingOutcome.NotPermitted, FindingOutcome.NotPermitted, FindingOutcome.NotPermitted], all.SelectMany(access => access.Findings).Select(finding => finding.Outcome));
            // As itself it may be tried, and reaches nothing.
            Assert.All(await scene.TestAsync(Writing with { Subjects = [new RowSecuritySubject("itself", role)] }, role), access => Assert.Equal(RowAccess.Denied, access.Select!.Access));
        }
        finally
        {
            await SandboxDatabase.ExecuteAsync(sandbox, $"DROP ROLE {role}");
        }
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task What_is_written_down_is_met_until_a_policy_changes(int major)
    {
        await using var scene = await RowSecurityScene.CreateAsync(await fixture.PostgresAsync(major));
        var text = RowSecurityService.Describe(Writing, await scene.TestAsync(Writing));
        var expecting = new RowSecurityQuery { Expectations = text, IncludeWrites = true };
        Assert.Empty((await scene.TestAsync(expecting)).SelectMany(access => access.Findings).Where(finding => finding.Outcome == FindingOutcome.Fail).Select(finding => finding.ToString()));

        await SandboxDatabase.ExecuteAsync(scene.Sandbox, "ALTER TABLE public.rightly DISABLE ROW LEVEL SECURITY; DROP POLICY own ON public.reading; DROP TABLE public.always", scene.Database);
        var found = (await scene.TestAsync(expecting)).SelectMany(access => access.Findings.Select(finding => $"{access.Subject} {finding.Id} {finding.Subject} {finding.Outcome}")).ToList();
        Assert.Contains("stranger DBRLS-SELECT-LEAK public.rightly Fail", found);
        Assert.Contains("A DBRLS-DELETE-LEAK public.rightly Fail", found);
        Assert.Contains("B DBRLS-SELECT-LESS public.reading Fail", found);
        Assert.Contains("A DBRLS-TABLE-GONE public.always Unknown", found);
        Assert.DoesNotContain(found, line => line.Contains("giveaway", StringComparison.Ordinal) && line.Contains("LEAK", StringComparison.Ordinal));
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task A_role_that_may_not_become_the_subject_is_told_the_grant_that_lets_it(int major)
    {
        var sandbox = await fixture.PostgresAsync(major);
        await using var scene = await RowSecurityScene.CreateAsync(sandbox);
        var role = $"tester_{scene.Database}";
        await SandboxDatabase.ExecuteAsync(sandbox, $"CREATE ROLE {role} LOGIN BYPASSRLS PASSWORD '{SandboxFixture.PasswordOf(sandbox)}'");
        try
        {
            await SandboxDatabase.ExecuteAsync(sandbox, $"GRANT USAGE ON SCHEMA public TO {role}; GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}", scene.Database);
            var query = Writing with { Subjects = [RowSecurityScene.A, new RowSecuritySubject("ghost", "no such \"role")] };
            var refused = await scene.TestAsync(query, role);
            Assert.Equal([(FindingOutcome.NotPermitted, "A"), (FindingOutcome.Unknown, "ghost")], refused.Select(access => (access.Findings.Single().Outcome, access.Subject)));
            await SandboxDatabase.ExecuteAsync(sandbox, refused[0].Findings.Single().FixSql!);
            var all = await scene.TestAsync(query with { Subjects = [RowSecurityScene.A] }, role);
            Assert.Equal("Some (10), Some (1), Some (10), Some (1), Some (10)", string.Join(", ", all.Single(access => access.Name == "rightly").Cells()));
        }
        finally
        {
            await SandboxDatabase.ExecuteAsync(sandbox, $"DROP OWNED BY {role}", scene.Database);
            await SandboxDatabase.ExecuteAsync(sandbox, $"DROP ROLE {role}");
        }
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task Hostile_names_owners_and_locks_are_no_trouble(int major)
    {
        await using var scene = await RowSecurityScene.CreateAsync(
            await fixture.PostgresAsync(major),
            """"
            CREATE SCHEMA "a""b'; DROP SCHEMA public; --";
            CREATE TABLE "a""b'; DROP SCHEMA public; --"."$1 %s 'x'" ("i""d" int PRIMARY KEY, "own'er" text NOT NULL, "c$1" text[]);
            INSERT INTO "a""b'; DROP SCHEMA public; --"."$1 %s 'x'" VALUES (1, 'a', '{"x,\"(y)"}'), (2, 'o''b"', NULL);
            ALTER TABLE "a""b'; DROP SCHEMA public; --"."$1 %s 'x'" ENABLE ROW LEVEL SECURITY;
            CREATE POLICY "p'" ON "a""b'; DROP SCHEMA public; --"."$1 %s 'x'" USING ("own'er" = current_setting('request.jwt.claims')::json ->> 'sub');
            GRANT USAGE ON SCHEMA "a""b'; DROP SCHEMA public; --" TO authenticated;
            GRANT ALL ON ALL TABLES IN SCHEMA "a""b'; DROP SCHEMA public; --" TO authenticated;
            CREATE TABLE public.held (id int PRIMARY KEY);
            CREATE TABLE public.empty (id int PRIMARY KEY);
            GRANT ALL ON public.held, public.empty TO authenticated;
            ALTER TABLE public.empty OWNER TO authenticated;
            """");
        await using var holder = await SandboxDatabase.OpenAsync(scene.Sandbox, scene.Database);
        await holder.ExecuteAsync("BEGIN; LOCK TABLE public.held IN ACCESS EXCLUSIVE MODE");
        var hostile = new RowSecuritySubject("a'; --\"", "authenticated") { Claims = """{"sub":"a","x'; DROP":"1","deep":{"a":[1]}}""" };
        var all = await scene.TestAsync(Writing with { Subjects = [hostile], Schemas = ["a\"b'; DROP SCHEMA public; --", "public"] });
        Assert.Equal("Some (1), Some (1), Some (1), Some (1), Some (1)", string.Join(", ", all.Single(access => access.Name == "$1 %s 'x'").Cells()));
        Assert.Equal("somebody holds a lock on it", all.Single(access => access.Name == "held").Select!.Reason);
        Assert.Equal((FindingOutcome.Unknown, "it is empty: nothing is proved"), (all.Single(access => access.Name == "empty").Select!.Outcome, all.Single(access => access.Name == "empty").Select!.Reason));
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task What_the_server_says_of_an_error_is_never_told_since_it_may_quote_a_row(int major)
    {
        var personal = $"secret-{Guid.NewGuid():N}@x.example";
        await using var scene = await RowSecurityScene.CreateAsync(
            await fixture.PostgresAsync(major),
            $$"""
            CREATE FUNCTION public.says(text, text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no: %', $1 USING ERRCODE = $2; END $$;
            CREATE FUNCTION public.asserts(text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN ASSERT $1 IS NULL, $1; RETURN true; END $$;
            {{string.Join("\n", new[] { ("casting", "10 / v >= 0 AND mail::int > 0"), ("raising", "public.says(mail, 'P0001')"), ("refusing", "public.says(mail, '42501')"), ("missing", "public.says(mail, '42P01')"), ("asserting", "public.asserts(mail)"), ("copied", "v > 0") }.Select(table => $"""
                CREATE TABLE public.{table.Item1} (id int PRIMARY KEY, mail text NOT NULL, v int);
                GRANT ALL ON public.{table.Item1} TO authenticated;
                ALTER TABLE public.{table.Item1} ENABLE ROW LEVEL SECURITY;
                CREATE POLICY a ON public.{table.Item1} TO authenticated USING ({table.Item2});
                INSERT INTO public.{table.Item1} VALUES (1, '{personal}', 1);
                """))}}
            CREATE VIEW public.failing AS SELECT mail::int AS number FROM public.casting WHERE mail::int > 0;
            GRANT SELECT ON public.failing TO authenticated;
            """);
        // A server that logs all it can: plans of statements within others, with their parameters.
        foreach (var setting in (string[])["session_preload_libraries = 'auto_explain'", "auto_explain.log_min_duration = 0", "auto_explain.log_nested_statements = on", "auto_explain.log_analyze = on", "auto_explain.log_verbose = on", "log_statement = 'all'"])
        {
            await SandboxDatabase.ExecuteAsync(scene.Sandbox, $"ALTER DATABASE {scene.Database} SET {setting}", scene.Database);
        }

        foreach (var writing in (bool[])[true, false])
        {
            var all = await scene.TestAsync(Writing with { Subjects = [RowSecurityScene.Stranger], IncludeWrites = writing });
            Assert.DoesNotContain(personal, System.Text.Json.JsonSerializer.Serialize(all), StringComparison.Ordinal);
            string Reason(string name) => all.Single(access => access.Name == name).Select!.Reason!;
            Assert.Equal("the server ended it with an error (22P02 invalid_text_representation)", Reason("casting"));
            Assert.Equal("the server ended it with an error (P0001 raise_exception)", Reason("raising"));
            Assert.Equal("the server refused it (42501 insufficient_privilege)", Reason("refusing"));
            Assert.Equal("the server ended it with an error (42P01 undefined_table)", Reason("missing"));
            Assert.Equal("the server ended it with an error (P0004 assert_failure)", Reason("asserting"));
            Assert.Equal("as this role itself, the server ended it with an error (22P02 invalid_text_representation)", Reason("failing"));
            Assert.Equal(writing ? RowAccess.All : null, all.Single(access => access.Name == "copied").Insert!.Access);
        }

        await using var connection = await SandboxDatabase.OpenAsync(scene.Sandbox, scene.Database);
        var log = await File.ReadAllTextAsync(Path.Combine(Path.GetDirectoryName(await connection.ScalarAsync<string>("SELECT current_setting('data_directory')"))!, "server.log"), TestContext.Current.CancellationToken);
        Assert.Contains("INSERT INTO public.copied", log, StringComparison.Ordinal);
        Assert.DoesNotContain(personal, log, StringComparison.Ordinal);
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task Columns_may_have_any_name_and_be_compared_by_policies(int major)
    {
        string[] names = ["t", "r", "s", "v", "c", "x", "seen", "item", "task", "select", "user", "UPPER", "a\"\"b", "p'q", "$1", "ctid_", "row", "text", "public", "current_setting", "value"];
        var tables = names.Select((name, number) => $"""
            CREATE TABLE public.t{number} (id int PRIMARY KEY, "{name}" text NOT NULL, body text);
            INSERT INTO public.t{number} SELECT i, chr(97 + i % 3), 'text' FROM generate_series(1, 30) AS i;
            ALTER TABLE public.t{number} ENABLE ROW LEVEL SECURITY;
            CREATE POLICY p ON public.t{number} TO authenticated USING ("{name}" = current_setting('request.jwt.claim.sub', true));
            GRANT ALL ON public.t{number} TO authenticated;
            CREATE TABLE public.free{number} (id int PRIMARY KEY, "{name}" int NOT NULL, owner text NOT NULL);
            INSERT INTO public.free{number} SELECT i, i, chr(97 + i % 3) FROM generate_series(1, 30) AS i;
            ALTER TABLE public.free{number} ENABLE ROW LEVEL SECURITY;
            CREATE POLICY p ON public.free{number} TO authenticated USING (owner = current_setting('request.jwt.claim.sub', true));
            GRANT ALL ON public.free{number} TO authenticated;
            """);
        await using var scene = await RowSecurityScene.CreateAsync(await fixture.PostgresAsync(major), string.Join("\n", tables));
        var all = await scene.TestAsync(Writing with { Subjects = [RowSecurityScene.A] });
        Assert.Equal(2 * names.Length, all.Count);
        Assert.All(all, access => Assert.Equal((access.Name, "Some (10), Some, Some (10), Some, Some (10)"), (access.Name, System.Text.RegularExpressions.Regex.Replace(string.Join(", ", access.Cells()), @"(?<=Some) \(\d\)", ""))));
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task Many_rows_are_not_counted_slow_policies_are_given_up_and_a_cancelled_test_ends(int major)
    {
        await using var scene = await RowSecurityScene.CreateAsync(
            await fixture.PostgresAsync(major),
            $"""
            {RowSecurityScene.Table("many", "CREATE POLICY p ON TABLE USING (true);")}
            INSERT INTO public.many (owner) SELECT 'a' FROM generate_series(1, 100);
            CREATE FUNCTION public.slow() RETURNS boolean LANGUAGE sql STABLE AS 'SELECT count(*) > 0 FROM generate_series(1, 1000000000)';
            {RowSecurityScene.Table("slow_one", "CREATE POLICY p ON TABLE USING (public.slow());")}
            """);
        var query = Writing with { Subjects = [RowSecurityScene.A], RowLimit = 50, AttemptTimeout = TimeSpan.FromMilliseconds(500) };
        var all = await scene.TestAsync(query);
        Assert.Equal("Some (>50), All, Some (>50), -, Some (>50)", string.Join(", ", all.Single(access => access.Name == "many").Cells()));
        Assert.All(all.Single(access => access.Name == "slow_one").Cells(), cell => Assert.Equal("the attempts took longer than 0.5 s", cell.Reason));

        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => scene.TestAsync(query with { AttemptTimeout = TimeSpan.FromMinutes(5) }, token: stop.Token));
        await using var connection = await SandboxDatabase.OpenAsync(scene.Sandbox, scene.Database);
        Assert.Equal(0L, await connection.ScalarAsync<long>("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'Maintenance/%'"));
    }
}
