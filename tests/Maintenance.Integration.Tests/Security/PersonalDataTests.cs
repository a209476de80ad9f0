using System.Text.Json;
using Maintenance.Engine;
using Maintenance.Engine.Database;
using Maintenance.Engine.History;
using Maintenance.Engine.Security.Audit;
using Maintenance.Engine.Security.PersonalData;
using Maintenance.IntegrationTests.Infrastructure;
using Npgsql;

namespace Maintenance.IntegrationTests.Security;

/// <summary>Personal data: found on the server, told without a value, judged by who reaches them, how long they stay and whether an erasure finds them.</summary>
public sealed class PersonalDataTests(SandboxFixture fixture) : IAsyncDisposable
{
    private const string Marker = "zzmarkerzz";

    private static readonly CancellationToken Token = TestContext.Current.CancellationToken;

    private readonly MaintenanceEngine _engine = new();
    private readonly List<Func<Task>> _undo = [];
    private string _database = "";
    private Func<string, Task> _execute = _ => Task.CompletedTask;

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task Each_validator_takes_what_it_should_and_nothing_else(int major)
    {
        var target = await DatabaseAsync(major);
        var columns = string.Join(", ", PersonalDataCorpus.All.Select((_, number) => $"c{number} text"));
        await ExecuteAsync($"CREATE TABLE public.corpus ({columns})");
        await using (var connection = await SandboxDatabase.OpenAsync(await fixture.PostgresAsync(major), _database))
        await using (var insert = new NpgsqlCommand($"INSERT INTO public.corpus VALUES ({string.Join(", ", PersonalDataCorpus.All.Select((_, number) => $"${number + 1}"))})", connection))
        {
            foreach (var (_, _, value) in PersonalDataCorpus.All)
            {
                insert.Parameters.Add(new() { Value = value });
            }

            await insert.ExecuteNonQueryAsync(Token);
        }

        await using var connector = new DatabaseConnector(TimeProvider.System);
        await using var session = await connector.OpenAsync(target, new SessionOptions("test"), Calls.Silent(), Token);
        var query = new PersonalDataQuery();
        var reader = new PersonalDataReader(session);
        var relation = Assert.Single(await reader.RelationsAsync(query, Token));
        var all = (await reader.ColumnsAsync([relation], Token))[relation.Oid].ToList();
        var sample = await new PersonalDataSampler(session, query).SampleAsync(relation, all, TimeSpan.FromSeconds(30), Token);
        Assert.Null(sample.Reason);
        Assert.Empty(
            from pair in PersonalDataCorpus.All.Index()
            let counted = pair.Item.Count(sample.Columns[(short)(pair.Index + 1)])
            where counted != (pair.Item.Passes ? 1 : 0)
            select $"{pair.Item.Value}: {counted}");
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task Columns_are_known_by_names_types_values_keys_and_comments(int major)
    {
        var target = await DatabaseAsync(major);
        await ExecuteAsync(
            """
            CREATE DOMAIN public.email_address AS text;
            CREATE TABLE public.things (
                id bigint PRIMARY KEY, name text, email_sent_count int, contact text, reference bigint, pan_like bigint, address_v4 inet, hardware macaddr,
                payload jsonb, old json, tags text[], made date, "date_of_birth" date, reply public.email_address, blob bytea, x text, body text, code text, version text);
            COMMENT ON COLUMN public.things.x IS 'PII, see the record of processing';
            INSERT INTO public.things SELECT i, 'Thing', 3, 'user' || i || '@example.com', 4000000000000000 + i, 4111111111111111, ('203.0.113.' || i % 250 + 1)::inet, '08:00:2b:01:02:03',
                jsonb_build_object('profile', jsonb_build_object('dateOfBirth', 'unknown', 'n', i)), json_build_object('to', 'user' || i || '@example.com'), ARRAY['a', 'IBAN DE89370400440532013000'],
                '1990-01-01', '1980-05-05', 'r@example.com', 'x', 'x', CASE WHEN i % 10 = 0 THEN 'call me at user@example.org' ELSE 'hello' END, 'A-' || i, '1.2.' || i % 9
            FROM generate_series(1, 200) AS i;
            """);
        Assert.Equal(
            [
                "address_v4 IpAddress High", "body FreeText Medium", "contact Email High", "date_of_birth BirthDate High", "hardware DeviceId Medium", "name Name Low", "old Email High",
                "pan_like PaymentCard High", "payload BirthDate Medium", "reply Email High", "tags FreeText High", "x Other Medium",
            ],
            (await FindAsync(target)).Where(record => record.Column is not null).Select(record => $"{record.Column} {record.Category} {record.Confidence}").Order(StringComparer.Ordinal));
        var tags = Assert.Single(await FindAsync(target, new PersonalDataQuery { Categories = [PersonalDataCategory.Iban] }), record => record.Column is not null);
        Assert.Equal(("tags", 200L), (tags.Column, tags.SampledValues));

        // By name and type alone.
        var named = await FindAsync(target, new PersonalDataQuery { SampleRows = 0 });
        Assert.Equal(
            ["address_v4", "date_of_birth", "hardware", "name", "pan_like", "reply", "x"], named.Select(record => record.Column!).Order(StringComparer.Ordinal));
        Assert.All(named, record => Assert.Equal((null, "Values were not looked at, as asked."), (record.SampledRows, record.Reason)));
        Assert.Equal(7, (await FindAsync(target, new PersonalDataQuery { MinimumConfidence = PersonalDataConfidence.High })).Count(record => record.Column is not null));
    }

    [Fact]
    public async Task A_column_that_is_computed_when_it_is_read_is_not_run_and_blinds_no_other()
    {
        var target = await DatabaseAsync(18);
        await ExecuteAsync(
            $"""
            CREATE TABLE public.virt (t text, n int GENERATED ALWAYS AS (t::int) VIRTUAL, mail text, phone text GENERATED ALWAYS AS (1 / (length(t) - length(t)) || t) VIRTUAL);
            INSERT INTO public.virt (t, mail) SELECT '{Marker}' || g, 'user' || g || '@example.com' FROM generate_series(1, 50) AS g;
            """);
        var records = await FindAsync(target);
        Assert.Equal((PersonalDataConfidence.High, 50L), (records.Single(record => record.Column == "mail").Confidence, records.Single(record => record.Column == "mail").SampledRows));
        var phone = records.Single(record => record.Column == "phone");
        Assert.Null(phone.SampledRows);
        Assert.Contains("computed", phone.Reason, StringComparison.Ordinal);
        var blind = records.Single(record => record.Column is null);
        Assert.Equal((FindingOutcome.Unknown, "n"), (blind.Findings[0].Outcome, blind.Findings[0].Evidence["Columns"]));
        Assert.DoesNotContain("-TimeoutSeconds", blind.Findings[0].Recommendation, StringComparison.Ordinal);
        Assert.Contains("computed", blind.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task A_column_that_cannot_be_read_blinds_no_other(int major)
    {
        var target = await DatabaseAsync(major);
        await ExecuteAsync(
            """
            CREATE TYPE public.mood AS ENUM ('good');
            CREATE TYPE public.pair AS (m public.mood, t text);
            CREATE TABLE public.broken (mail text, p public.pair, q public.pair);
            INSERT INTO public.broken SELECT 'user' || i || '@example.com', ROW('good', 'x')::public.pair, NULL FROM generate_series(1, 30) AS i;
            DELETE FROM pg_enum WHERE enumtypid = 'public.mood'::regtype;
            """);
        var records = await FindAsync(target);
        Assert.Equal(PersonalDataConfidence.High, records.Single(record => record.Column == "mail").Confidence);
        Assert.Equal(30, records.Single(record => record.Column == "mail").SampledValues);
        var blind = records.Single(record => record.Column is null);
        Assert.Equal("p", blind.Findings[0].Evidence["Columns"]);
        Assert.Contains("22P03", blind.Reason, StringComparison.Ordinal);
        Assert.DoesNotContain("-TimeoutSeconds", blind.Findings[0].Recommendation, StringComparison.Ordinal);
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task Composites_lists_of_them_xml_and_other_types_are_looked_into_and_what_is_not_is_said(int major)
    {
        var target = await DatabaseAsync(major);
        await ExecuteAsync(
            """
            CREATE TYPE public.addr AS (street text, mail text);
            CREATE DOMAIN public.word AS text;
            CREATE TABLE public.kinds (id int, flag boolean, made time, a public.addr, aa public.addr[], x xml, v tsvector, r int8range, w public.word[], j jsonb[], n bigint[], blob bytea, bits varbit, blobs bytea[]);
            INSERT INTO public.kinds SELECT i, true, '10:00', ROW('Main 1', 'user' || i || '@example.com')::public.addr, ARRAY[ROW('Main 1', 'user' || i || '@example.com')::public.addr],
                ('<p first_name="x"><e>user' || i || '@example.com</e></p>')::xml, to_tsvector('simple', 'mail user' || i || '@example.com now'), int8range(1, i + 1), ARRAY['user' || i || '@example.com'],
                ARRAY[jsonb_build_object('x', 'user' || i || '@example.com')], ARRAY[i], 'x', B'1', ARRAY['x'::bytea]
            FROM generate_series(1, 30) AS i;
            """);
        var records = await FindAsync(target);
        Assert.Equal(
            ["a", "aa", "j", "v", "w", "x"],
            records.Where(record => record.Contains.Contains(PersonalDataCategory.Email) && record.SampledValues == 30).Select(record => record.Column!).Order(StringComparer.Ordinal));
        Assert.Contains(records.Single(record => record.Column == "a").Evidence, item => item is { Source: PersonalDataSource.Key, Category: PersonalDataCategory.Address, Matched: 30 });
        Assert.Contains(records.Single(record => record.Column == "x").Evidence, item => item is { Source: PersonalDataSource.Key, Category: PersonalDataCategory.Name, Matched: 30 });
        var blind = records.Single(record => record.Column is null);
        Assert.Equal(("PII-NOT-SAMPLED", "blob, bits, blobs"), (blind.Findings[0].Id, blind.Findings[0].Evidence["Columns"]));
        Assert.Contains("binary", blind.Reason, StringComparison.Ordinal);
        var audit = await new PersonalDataPart(_engine.PersonalData).CollectAsync(target, Calls.Silent(), Token);
        Assert.Equal(FindingOutcome.Unknown, audit.Single(finding => finding.Id == "PII-UNPROTECTED").Outcome);
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task Casts_that_people_made_are_not_called(int major)
    {
        var target = await DatabaseAsync(major);
        await ExecuteAsync(
            """
            CREATE TYPE public.mood AS ENUM ('good');
            CREATE TYPE public.pair AS (m public.mood, mail text);
            CREATE FUNCTION public.to_json_(public.mood) RETURNS json LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''called with %'', $1; END';
            CREATE FUNCTION public.to_text_(public.pair) RETURNS text LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''called with %'', $1; END';
            CREATE CAST (public.mood AS json) WITH FUNCTION public.to_json_(public.mood);
            CREATE CAST (public.pair AS text) WITH FUNCTION public.to_text_(public.pair);
            CREATE TABLE public.casts (p public.pair, ps public.pair[]);
            INSERT INTO public.casts SELECT ROW('good', 'user' || i || '@example.com')::public.pair, ARRAY[ROW('good', 'user' || i || '@example.com')::public.pair] FROM generate_series(1, 30) AS i;
            """);
        var records = await FindAsync(target);
        Assert.Equal([("p", 30L), ("ps", 30L)], records.Select(record => (record.Column!, record.SampledValues!.Value)));
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task Of_values_that_are_too_long_it_is_said_that_only_the_beginning_was_looked_at(int major)
    {
        var target = await DatabaseAsync(major);
        await ExecuteAsync(
            """
            CREATE TABLE public.long (email text, data jsonb, list text[], huge text, late text);
            ALTER TABLE public.long ALTER huge SET STORAGE EXTERNAL;
            INSERT INTO public.long SELECT 'user' || i || '@example.com', jsonb_build_object('email', 'x', 'longer', repeat('y', 5000)), array_fill('a@example.com'::text, ARRAY[25]), repeat('z', 40000), repeat('y ', 2500) || 'a@example.com' FROM generate_series(1, 20) AS i;
            INSERT INTO public.long VALUES (repeat('x', 5000), NULL, NULL, NULL, NULL);
            """);
        var records = await FindAsync(target);
        Assert.Contains("Of 1 of its values", records.Single(record => record.Column == "email").Reason, StringComparison.Ordinal);
        Assert.Contains("Of 20 of its values", records.Single(record => record.Column == "data").Reason, StringComparison.Ordinal);
        Assert.Contains("Of 20 of its values", records.Single(record => record.Column == "list").Reason, StringComparison.Ordinal);
        var blind = records.Single(record => record.Column is null);
        Assert.Equal("huge, late", blind.Findings[0].Evidence["Columns"]);
        Assert.Contains("beginning", blind.Reason, StringComparison.Ordinal);
        Assert.Contains("too large", blind.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task No_value_leaves_the_server(int major)
    {
        var target = await DatabaseAsync(major);
        await ExecuteAsync(
            $$"""
            CREATE TABLE public.secrets (id int, email text, password text, note text, data jsonb, raw json, list text[], "odd key" text);
            INSERT INTO public.secrets SELECT i, '{{Marker}}' || i || '@example.com', '{{Marker}}', 'mail {{Marker}}@example.com or pay 4111 1111 1111 1111',
                jsonb_build_object('{{Marker}}@example.com', '{{Marker}}', 'email', '{{Marker}}@example.com'), '{"{{Marker}}": "\u0000 {{Marker}}"}', ARRAY['{{Marker}}@example.com'], NULL
            FROM generate_series(1, 50) AS i;
            """);
        var sink = new RecordingSink();
        List<DbPersonalData> records = [];
        await foreach (var record in _engine.PersonalData.FindAsync(target, new PersonalDataQuery(), Calls.To(sink), Token))
        {
            records.Add(record);
        }

        var audit = await new PersonalDataPart(_engine.PersonalData).CollectAsync(target, Calls.To(sink), Token);
        Assert.Equal(["data", "email", "list", "note", "password"], records.Where(record => record.Confidence > PersonalDataConfidence.Low).Select(record => record.Column!).Order(StringComparer.Ordinal));
        Assert.Contains(audit, finding => finding is { Id: "PII-UNPROTECTED", Subject: "public.secrets.note", Outcome: FindingOutcome.Fail });
        Assert.Contains(audit, finding => finding is { Id: "PII-UNPROTECTED", Subject: "public.secrets.password", Outcome: FindingOutcome.Fail });
        var told = JsonSerializer.Serialize(records) + JsonSerializer.Serialize(audit) + JsonSerializer.Serialize(sink);
        Assert.Contains("secrets", told, StringComparison.Ordinal);
        Assert.DoesNotContain(Marker, told, StringComparison.Ordinal);
        Assert.DoesNotContain("4111", told, StringComparison.Ordinal);
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task What_may_not_be_read_is_said_with_the_grant_and_the_grant_helps(int major)
    {
        var target = await DatabaseAsync(major);
        var role = await RoleAsync(major);
        await ExecuteAsync(
            $"""
            CREATE SCHEMA closed;
            CREATE TABLE closed.people (id int, email text);
            CREATE TABLE public.part (id int, email text, phone text);
            CREATE TABLE public.hidden (id int, email text);
            ALTER TABLE public.hidden ENABLE ROW LEVEL SECURITY;
            INSERT INTO closed.people VALUES (1, 'a@example.com');
            INSERT INTO public.hidden VALUES (1, 'a@example.com');
            GRANT SELECT (id, email) ON public.part TO {role};
            GRANT SELECT ON public.hidden TO {role};
            """);
        var mine = target.As(role, SandboxFixture.PasswordOf(await fixture.PostgresAsync(major)));
        var records = await FindAsync(mine);
        var blind = records.Where(record => record.Column is null).ToList();
        Assert.Equal(["closed.people", "public.hidden", "public.part"], blind.Select(record => record.QualifiedName).Order(StringComparer.Ordinal));
        Assert.All(blind, record => Assert.Equal((HealthStatus.Unknown, FindingOutcome.NotPermitted, "PII-NOT-SAMPLED"), (record.Status, record.Findings[0].Outcome, record.Findings[0].Id)));
        // Names are known all the same.
        Assert.Equal(PersonalDataConfidence.High, records.Single(record => record is { Name: "people", Column: "email" }).Confidence);
        var audit = await new PersonalDataPart(_engine.PersonalData).CollectAsync(mine, Calls.Silent(), Token);
        Assert.Contains(audit, finding => finding is { Id: "PII-UNPROTECTED", Outcome: FindingOutcome.Unknown });
        Assert.DoesNotContain(audit, finding => finding.Id != "PII-EXPOSED" && finding.Outcome == FindingOutcome.Pass);

        foreach (var sql in blind.Select(record => record.Findings[0].FixSql!))
        {
            await ExecuteAsync(sql);
        }

        await _engine.CloseAsync(mine);
        Assert.DoesNotContain(await FindAsync(mine), record => record.Column is null);
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task Strangers_who_can_read_are_told_with_the_way_they_take(int major)
    {
        var target = await DatabaseAsync(major);
        await ExecuteAsync(
            """
            CREATE TABLE public.open (id int, email text); GRANT SELECT ON public.open TO anon;
            CREATE TABLE public.one_column (id int, email text, phone text); GRANT SELECT (phone) ON public.one_column TO authenticated;
            CREATE TABLE public.always (id int, email text); GRANT SELECT ON public.always TO anon; ALTER TABLE public.always ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON public.always USING (true);
            CREATE TABLE public.own (id int, email text); GRANT SELECT ON public.own TO authenticated; ALTER TABLE public.own ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON public.own USING (email = current_user);
            CREATE TABLE public.nobody (id int, email text); GRANT SELECT ON public.nobody TO anon; ALTER TABLE public.nobody ENABLE ROW LEVEL SECURITY;
            CREATE TABLE public.seen (id int, email text, phone text); CREATE VIEW public.v AS SELECT id, email FROM public.seen; GRANT SELECT ON public.v TO anon;
            CREATE TABLE public.parted (id int, email text) PARTITION BY RANGE (id); CREATE TABLE public.leaf PARTITION OF public.parted FOR VALUES FROM (0) TO (10); GRANT SELECT ON public.leaf TO anon;
            CREATE TABLE public.health (diagnosis text); GRANT SELECT ON public.health TO anon;
            CREATE SCHEMA inner_circle; CREATE TABLE inner_circle.open (id int, email text); GRANT USAGE ON SCHEMA inner_circle TO anon; GRANT SELECT ON inner_circle.open TO anon;
            """);
        var records = (await FindAsync(target)).Where(record => record.Column is not null).ToList();
        Assert.Equal(
            [
                "public.always.email anon through public.always", "public.health.diagnosis anon through public.health", "public.one_column.phone authenticated through public.one_column",
                "public.open.email anon through public.open", "public.parted.email anon through public.leaf", "public.seen.email anon through public.v",
            ],
            records.Where(record => record.IsExposed == true).Select(record => $"{record.QualifiedName}.{record.Column} {string.Join(", ", record.ExposedTo)} through {string.Join(", ", record.ExposedThrough)}").Order(StringComparer.Ordinal));
        Assert.Equal(["own"], records.Where(record => record.IsGuardedByPolicy).Select(record => record.Name));
        Assert.Equal(
            ["PII-EXPOSED public.health.diagnosis Critical"],
            records.SelectMany(record => record.Findings).Where(finding => finding is { Id: "PII-EXPOSED", Severity: FindingSeverity.Critical }).Select(finding => $"{finding.Id} {finding.Subject} {finding.Severity}"));

        foreach (var sql in records.SelectMany(record => record.Findings).Select(finding => finding.FixSql).OfType<string>().Where(sql => !sql.Contains("REVOKE SELECT ON public.always", StringComparison.Ordinal)))
        {
            await ExecuteAsync(sql);
        }

        Assert.Equal(["always"], (await FindAsync(target)).Where(record => record.IsExposed == true).Select(record => record.Name));
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task Each_way_in_is_closed_by_what_is_told_for_it_and_by_no_more(int major)
    {
        var target = await DatabaseAsync(major);
        var group = await RoleAsync(major);
        await ExecuteAsync(
            $"""
            CREATE TABLE public."one Column" (id int, email text, "Phone" text); GRANT SELECT (id, "Phone") ON public."one Column" TO authenticated, PUBLIC;
            CREATE TABLE public.whole (email text); GRANT SELECT ON public.whole TO anon;
            CREATE TABLE public.both_ways (email text); GRANT SELECT ON public.both_ways TO {group}; GRANT SELECT (email) ON public.both_ways TO anon;
            CREATE TABLE public.always (id int, email text); GRANT SELECT (email, id) ON public.always TO anon; ALTER TABLE public.always ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON public.always USING (true);
            CREATE TABLE public.always_all (email text); GRANT SELECT ON public.always_all TO anon; ALTER TABLE public.always_all ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON public.always_all USING (true);
            CREATE TABLE public.source (email text); CREATE MATERIALIZED VIEW public.stored AS SELECT email FROM public.source; GRANT SELECT ON public.stored TO anon;
            CREATE TABLE public.seen (email text); CREATE VIEW public.v AS SELECT email AS e FROM public.seen; GRANT SELECT (e) ON public.v TO PUBLIC;
            CREATE TABLE public.owned (email text); ALTER TABLE public.owned OWNER TO {group};
            """);
        var query = new PersonalDataQuery { UntrustedRoles = ["anon", "authenticated", group] };
        var findings = (await FindAsync(target, query)).SelectMany(record => record.Findings).Where(finding => finding.Id == "PII-EXPOSED").ToDictionary(finding => finding.Subject!, finding => finding.FixSql);
        Assert.Equal(
            [
                """public."one Column"."Phone": REVOKE SELECT ("Phone") ON public."one Column" FROM PUBLIC, authenticated;""",
                "public.always.email: REVOKE SELECT (email) ON public.always FROM anon;",
                "public.always_all.email: REVOKE SELECT ON public.always_all FROM anon;",
                "public.both_ways.email: ALTER TABLE public.both_ways ENABLE ROW LEVEL SECURITY;",
                "public.owned.email: ",
                "public.seen.email: REVOKE SELECT (e) ON public.v FROM PUBLIC;",
                "public.stored.email: REVOKE SELECT ON public.stored FROM anon;",
                "public.whole.email: ALTER TABLE public.whole ENABLE ROW LEVEL SECURITY;",
            ],
            findings.Select(pair => $"{pair.Key}: {pair.Value}").Order(StringComparer.Ordinal));
        foreach (var sql in findings.Values.OfType<string>())
        {
            await ExecuteAsync(sql);
        }

        Assert.Equal(["owned"], (await FindAsync(target, query)).Where(record => record.IsExposed != false).Select(record => record.Name));
        await using var connection = await SandboxDatabase.OpenAsync(await fixture.PostgresAsync(major), _database);
        Assert.True(await connection.ScalarAsync<bool>("SELECT has_column_privilege('authenticated', 'public.\"one Column\"', 'id', 'SELECT')"));
        // Who is a member of the owner no longer is.
        await ExecuteAsync($"CREATE ROLE {group}_m; GRANT {group} TO {group}_m");
        try
        {
            var member = Assert.Single((await FindAsync(target, new PersonalDataQuery { Tables = ["owned"], UntrustedRoles = [$"{group}_m"] })).SelectMany(record => record.Findings), finding => finding.Id == "PII-EXPOSED");
            Assert.Equal($"REVOKE {group} FROM {group}_m;", member.FixSql);
            await ExecuteAsync(member.FixSql!);
            Assert.False(Assert.Single(await FindAsync(target, new PersonalDataQuery { Tables = ["owned"], UntrustedRoles = [$"{group}_m"] })).IsExposed);
        }
        finally
        {
            await ExecuteAsync($"DROP ROLE {group}_m");
        }
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task A_function_with_its_owners_rights_may_show_it_to_strangers(int major)
    {
        var target = await DatabaseAsync(major);
        await ExecuteAsync(
            """
            CREATE TABLE public.people_ (id int, email text);
            CREATE TABLE public."Odd People" (id int, email text); ALTER TABLE public."Odd People" ENABLE ROW LEVEL SECURITY;
            CREATE TABLE public.viewed (id int, email text); CREATE VIEW public.shown AS SELECT email FROM public.viewed;
            CREATE TABLE public.counted (id int, email text);
            CREATE TABLE public.asked (id int, email text);
            CREATE FUNCTION public.all_people() RETURNS SETOF text LANGUAGE sql SECURITY DEFINER SET search_path = '' AS 'SELECT p.email FROM public.PEOPLE_ AS p';
            CREATE FUNCTION public.odd() RETURNS SETOF text LANGUAGE sql SECURITY DEFINER SET search_path = '' AS 'SELECT email FROM public."Odd People"';
            CREATE FUNCTION public.through_view() RETURNS SETOF text LANGUAGE sql SECURITY DEFINER SET search_path = '' AS 'SELECT email FROM public.shown';
            CREATE FUNCTION public.closed() RETURNS SETOF text LANGUAGE sql SECURITY DEFINER SET search_path = '' AS 'SELECT email FROM public.counted'; REVOKE EXECUTE ON FUNCTION public.closed() FROM PUBLIC;
            CREATE FUNCTION public.as_caller() RETURNS SETOF text LANGUAGE sql AS 'SELECT email FROM public.asked';
            """);
        var records = await FindAsync(target);
        Assert.Equal(
            ["Odd People public.odd()", "people_ public.all_people()", "viewed public.through_view()"],
            records.Where(record => record.IsExposed is null).Select(record => $"{record.Name} {string.Join(", ", record.MaybeExposedThrough)}").Order(StringComparer.Ordinal));
        Assert.Equal([false, false], records.Where(record => record.Name is "counted" or "asked").Select(record => record.IsExposed!.Value));
        var audit = await new PersonalDataPart(_engine.PersonalData).CollectAsync(target, Calls.Silent(), Token);
        var manual = audit.Where(finding => finding.Id == "PII-EXPOSED").ToList();
        Assert.Equal(3, manual.Count);
        Assert.All(manual, finding => Assert.Equal(FindingOutcome.Manual, finding.Outcome));
        foreach (var finding in manual)
        {
            await ExecuteAsync(finding.FixSql!);
        }

        Assert.All(await FindAsync(target), record => Assert.Equal((false, 0), (record.IsExposed!.Value, record.MaybeExposedThrough.Count)));
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task Of_a_comment_only_that_it_speaks_of_personal_data_is_told(int major)
    {
        var target = await DatabaseAsync(major);
        await ExecuteAsync($"CREATE TABLE public.c (x text, email text); COMMENT ON COLUMN public.c.x IS 'PII, ask {Marker}@example.com'; COMMENT ON COLUMN public.c.email IS 'password={Marker}1'");
        var records = await FindAsync(target);
        Assert.Contains(records.Single(record => record.Column == "x").Evidence, item => item.Source == PersonalDataSource.Comment);
        Assert.DoesNotContain(Marker, JsonSerializer.Serialize(records), StringComparison.Ordinal);
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task Roles_schemas_and_tables_that_are_not_there_are_told(int major)
    {
        var target = await DatabaseAsync(major);
        await ExecuteAsync("CREATE TABLE public.t (email text)");

        async Task<MaintenanceException> RefusedAsync(PersonalDataQuery query)
        {
            var error = await Assert.ThrowsAsync<MaintenanceException>(() => FindAsync(target, query));
            Assert.Equal(MaintenanceErrorCode.ObjectNotFound, error.Code);
            return error;
        }

        Assert.Contains("authenticated", (await RefusedAsync(new PersonalDataQuery { UntrustedRoles = ["anon", "authenticatd"] })).Recommendation, StringComparison.Ordinal);
        Assert.Contains("public", (await RefusedAsync(new PersonalDataQuery { ExposedSchemas = ["pulbic"] })).Recommendation, StringComparison.Ordinal);
        await RefusedAsync(new PersonalDataQuery { Tables = ["t"], Schemas = ["nowhere"] });
        Assert.Single(await FindAsync(target, new PersonalDataQuery { UntrustedRoles = ["PUBLIC", "anon"], ExposedSchemas = ["public"] }));
        Assert.Single(await FindAsync(target, new PersonalDataQuery { UntrustedRoles = [] }));
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task Our_own_history_is_left_out_but_not_what_others_keep_beside_it(int major)
    {
        var target = await DatabaseAsync(major);
        await ExecuteAsync("CREATE SCHEMA maintenance; CREATE TABLE maintenance.outbox (email text)");
        Assert.Equal(["outbox"], (await FindAsync(target)).Select(record => record.Name));
        await ExecuteAsync("DROP SCHEMA maintenance CASCADE");
        foreach (var migration in HistoryMigrations.Of("postgres"))
        {
            await ExecuteAsync(migration);
        }

        await ExecuteAsync("CREATE TABLE maintenance.engineers (email text)");
        var sink = new RecordingSink();
        List<DbPersonalData> records = [];
        await foreach (var record in _engine.PersonalData.FindAsync(target, new PersonalDataQuery(), Calls.To(sink), Token))
        {
            records.Add(record);
        }

        Assert.Equal(["engineers"], records.Select(record => record.Name));
        Assert.Contains("maintenance", JsonSerializer.Serialize(sink), StringComparison.Ordinal);
        var audit = await new PersonalDataPart(_engine.PersonalData).CollectAsync(target, Calls.Silent(), Token);
        Assert.DoesNotContain(audit, finding => finding.Subject is { } subject && subject.StartsWith("maintenance.", StringComparison.Ordinal) && !subject.Contains("engineers", StringComparison.Ordinal));
        Assert.Empty((await _engine.SecurityAudit.AuditAsync(target, new SecurityAuditQuery(), Calls.Silent(), Token))
            .Where(finding => finding.Outcome == FindingOutcome.Fail && finding.Subject?.Contains("maintenance.", StringComparison.Ordinal) == true).Select(finding => $"{finding.Id} {finding.Subject}"));

        // Who asks for it by its name gets it.
        Assert.NotEmpty(await FindAsync(target, new PersonalDataQuery { Tables = ["maintenance.finding_ledger"] }));
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task Retention_and_the_way_from_the_person_are_told(int major)
    {
        var target = await DatabaseAsync(major) with
        {
            Retention =
            [
                new RetentionPolicy { Table = "orders", TimeColumn = "at", Age = TimeSpan.FromDays(90) },
                new RetentionPolicy { Table = "logs", TimeColumn = "at", Age = TimeSpan.FromDays(9), Action = RetentionAction.Anonymise, Anonymise = new Dictionary<string, AnonymiseMethod> { ["email"] = AnonymiseMethod.Null } },
            ],
        };
        await ExecuteAsync(
            """
            CREATE TABLE public.customers (id int PRIMARY KEY, email text);
            CREATE TABLE public.addresses (id int PRIMARY KEY, street text);
            CREATE TABLE public.orders (id int PRIMARY KEY, customer int REFERENCES public.customers ON DELETE CASCADE, address int REFERENCES public.addresses, phone text, at timestamptz);
            CREATE TABLE public.logs (id int, email text, phone text, at timestamptz);
            """);
        var records = await FindAsync(target, new PersonalDataQuery { SubjectTable = "customers" });

        DbPersonalData Of(string table, string column) => records.Single(record => record.Name == table && record.Column == column);

        Assert.Equal(("public.customers <- public.orders.(customer)", true), (Of("orders", "phone").SubjectPath, Of("orders", "phone").IsDeletedWithSubject));
        Assert.Equal("public.customers <- public.orders.(customer), public.orders.(address) -> public.addresses", Of("addresses", "street").SubjectPath);
        Assert.Equal(["logs"], records.Where(record => record.IsReachable == false).Select(record => record.Name).Distinct());
        Assert.Equal((90.0, 9.0, null), (Of("orders", "phone").RetentionPolicy!.Age.TotalDays, Of("logs", "email").RetentionPolicy!.Age.TotalDays, Of("logs", "phone").RetentionPolicy));
        Assert.Equal(
            ["PII-NO-RETENTION public.addresses Medium", "PII-NO-RETENTION public.customers Low", "PII-NO-RETENTION public.logs Medium", "PII-UNREACHABLE public.logs Medium"],
            records.SelectMany(record => record.Findings).DistinctBy(finding => finding.Fingerprint).Where(finding => finding.Outcome == FindingOutcome.Fail)
                .Select(finding => $"{finding.Id} {finding.Subject} {finding.Severity}").Order(StringComparer.Ordinal));

        // Nobody said where the people are.
        Assert.All(await FindAsync(target), record => Assert.Null(record.IsReachable));
        Assert.Contains(await new PersonalDataPart(_engine.PersonalData).CollectAsync(target, Calls.Silent(), Token), finding => finding is { Id: "PII-UNREACHABLE", Outcome: FindingOutcome.Unknown });
        var error = await Assert.ThrowsAsync<MaintenanceException>(() => FindAsync(target with { Security = new SecurityPolicy { SubjectTable = "public.nowhere" } }));
        Assert.Equal(MaintenanceErrorCode.ObjectNotFound, error.Code);
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task Large_and_partitioned_tables_give_a_bounded_sample_and_odd_names_are_only_names(int major)
    {
        var target = await DatabaseAsync(major);
        await ExecuteAsync(
            """
            CREATE TABLE public.large AS SELECT i AS id, 'user' || i || '@example.com' AS email FROM generate_series(1, 60000) AS i;
            CREATE TABLE public.parted (id int, email text) PARTITION BY RANGE (id);
            CREATE TABLE public.p1 PARTITION OF public.parted FOR VALUES FROM (0) TO (20000);
            CREATE TABLE public.p2 (email text, gone int, id int); ALTER TABLE public.p2 DROP COLUMN gone; ALTER TABLE public.parted ATTACH PARTITION public.p2 FOR VALUES FROM (20000) TO (99999);
            INSERT INTO public.parted SELECT * FROM public.large;
            CREATE TABLE public."we""ird; DROP TABLE x; -- %s $1 $re$ $sample$" ("e""mail %1$I $$ ;'" text, "Data" jsonb);
            INSERT INTO public."we""ird; DROP TABLE x; -- %s $1 $re$ $sample$" VALUES ('a@example.com', '{"email": 1}');
            ANALYZE;
            """);
        var role = await RoleAsync(major);
        await ExecuteAsync($"GRANT SELECT ON public.parted TO {role}");
        var records = await FindAsync(target);
        Assert.DoesNotContain(records, record => record.Column is null);
        Assert.InRange(records.Single(record => record.Name == "large").SampledRows!.Value, 100, 2000);
        Assert.Equal((PersonalDataConfidence.High, true), (records.Single(record => record.Name == "parted").Confidence, records.Single(record => record.Name == "parted").SampledRows is > 100 and <= 2016));
        Assert.Equal(2, records.Count(record => record.Name.StartsWith("we\"ird", StringComparison.Ordinal)));
        // Who may read the table alone reads its partitions through it.
        var mine = target.As(role, SandboxFixture.PasswordOf(await fixture.PostgresAsync(major)));
        var through = Assert.Single(await FindAsync(mine, new PersonalDataQuery { Tables = ["parted"] }));
        Assert.Equal(("email", true), (through.Column, through.SampledRows is > 100 and <= 2000));
    }

    [Fact]
    public async Task A_table_that_is_locked_is_unknown_and_the_others_are_not_and_who_cancels_leaves_nothing_running()
    {
        var sandbox = await fixture.PostgresAsync(15);
        var target = await DatabaseAsync(15);
        await ExecuteAsync("CREATE TABLE public.a (email text); CREATE TABLE public.b (email text); INSERT INTO public.b VALUES ('a@example.com')");
        await using var holder = await SandboxDatabase.OpenAsync(sandbox, _database);
        await holder.ExecuteAsync("BEGIN; LOCK TABLE public.a IN ACCESS EXCLUSIVE MODE");
        var records = await FindAsync(target);
        var locked = Assert.Single(records, record => record.Column is null);
        Assert.Equal(("a", FindingOutcome.Unknown), (locked.Name, locked.Findings[0].Outcome));
        Assert.Contains("lock", locked.Reason, StringComparison.Ordinal);
        Assert.Equal(1, records.Single(record => record.Name == "b").SampledRows);

        using var cancelled = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var searching = Task.Run(
            async () =>
            {
                await foreach (var _ in _engine.PersonalData.FindAsync(target, new PersonalDataQuery(), Calls.Silent(), cancelled.Token))
                {
                }
            },
            Token);
        const string waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'Maintenance/Find-DbPersonalData' AND wait_event_type = 'Lock'";
        await using var watching = await SandboxDatabase.OpenAsync(sandbox, _database);
        while (!searching.IsCompleted && await watching.ScalarAsync<long>(waiting) == 0)
        {
            await Task.Delay(20, Token);
        }

        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => searching);
        Assert.Equal(0L, await watching.ScalarAsync<long>(waiting));
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task The_sandbox_has_what_its_authors_left_in_it(int major)
    {
        var sandbox = await fixture.PostgresAsync(major);
        var records = new List<DbPersonalData>();
        await foreach (var record in _engine.PersonalData.FindAsync(sandbox.Target, new PersonalDataQuery { Schemas = ["public", "auth"] }, Calls.Silent(), Token))
        {
            records.Add(record);
        }

        string[] own = ["users", "profiles", "user_consents", "error_logs", "error_logs_archive", "gdpr_audit_log", "data_subject_requests", "trust_scores", "performance_alerts"];
        Assert.Equal(
            [
                "auth.users.email Email High", "public.error_logs.message FreeText Medium", "public.error_logs_archive.message FreeText Medium", "public.gdpr_audit_log.actor Email Medium",
                "public.profiles.display_name Name Medium", "public.profiles.phone Phone High", "public.user_consents.ip_address IpAddress Low",
            ],
            records.Where(record => own.Contains(record.Name)).Select(record => $"{record.QualifiedName}.{record.Column} {record.Category} {record.Confidence}").Order(StringComparer.Ordinal));
        Assert.Equal(["error_logs_archive"], records.Where(record => own.Contains(record.Name) && record.IsExposed == true).Select(record => record.Name));
        Assert.Equal(["error_logs", "error_logs_archive"], records.Where(record => own.Contains(record.Name) && record.IsReachable == false).Select(record => record.Name));
    }

    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        _undo.Reverse();
        foreach (var undo in _undo)
        {
            await undo();
        }
    }

    private async Task<MaintenanceTarget> DatabaseAsync(int major)
    {
        var sandbox = await fixture.PostgresAsync(major);
        _database = $"pii_{Guid.NewGuid():N}"[..20];
        await SandboxDatabase.CreateAsync(sandbox, _database);
        _undo.Add(() => SandboxDatabase.ExecuteAsync(sandbox, $"DROP DATABASE {_database} WITH (FORCE)"));
        _execute = sql => SandboxDatabase.ExecuteAsync(sandbox, sql, _database);
        return sandbox.Target.As(database: _database);
    }

    private Task ExecuteAsync(string sql) => _execute(sql);

    private async Task<string> RoleAsync(int major)
    {
        var sandbox = await fixture.PostgresAsync(major);
        var role = $"reader_{_database}";
        await SandboxDatabase.ExecuteAsync(sandbox, $"CREATE ROLE {role} LOGIN PASSWORD '{SandboxFixture.PasswordOf(sandbox)}'");
        _undo.Insert(0, () => SandboxDatabase.ExecuteAsync(sandbox, $"DROP ROLE {role}"));
        return role;
    }

    private async Task<List<DbPersonalData>> FindAsync(MaintenanceTarget target, PersonalDataQuery? query = null)
    {
        List<DbPersonalData> records = [];
        await foreach (var record in _engine.PersonalData.FindAsync(target, query ?? new PersonalDataQuery(), Calls.Silent(), Token))
        {
            records.Add(record);
        }

        return records;
    }
}
