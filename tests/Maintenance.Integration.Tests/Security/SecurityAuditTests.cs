using System.Text.Json;
using Maintenance.Engine.Security;
using Maintenance.IntegrationTests.Infrastructure;

namespace Maintenance.IntegrationTests.Security;

/// <summary>The audit as a whole: who runs it, what it says of a database in which nothing is wrong, and of the server.</summary>
public sealed class SecurityAuditTests(SandboxFixture fixture)
{
    private static readonly SecurityAuditQuery Everything = new() { IncludePassed = true };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task Every_check_says_what_came_of_it(int major)
    {
        await using var scene = await SecurityScene.CreateAsync(await fixture.PostgresAsync(major));
        var findings = await scene.AuditAsync();
        Assert.Equal(SecurityCatalogue.Checks.Select(check => check.Id).Order(StringComparer.Ordinal), findings.Select(finding => finding.Id).Distinct().Order(StringComparer.Ordinal));
        Assert.DoesNotContain(findings, finding => finding.Outcome == FindingOutcome.NotPermitted || (finding.Outcome == FindingOutcome.Unknown && finding.Id != "DBSEC-VERSION-MINOR"));
        Assert.All(findings, finding => Assert.Equal((scene.Sandbox.Target.Name, "Security"), (finding.Target, finding.Area)));
        Assert.All(findings.GroupBy(finding => finding.Id), group => Assert.True(group.Count() == 1 || group.All(finding => finding.Outcome == FindingOutcome.Fail)));
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task Nothing_is_wrong_with_a_hardened_database(int major)
    {
        await using var scene = await SecurityScene.CreateAsync(await fixture.PostgresAsync(major));
        await scene.ExecuteAsync("REVOKE ALL ON DATABASE BASE FROM PUBLIC");
        await SandboxDatabase.ExecuteAsync(
            scene.Sandbox,
            """
            CREATE SCHEMA private;
            CREATE FUNCTION public.me() RETURNS text LANGUAGE sql STABLE AS $$ SELECT current_setting('app.user', true) $$;
            CREATE TABLE public.notes (id int PRIMARY KEY, owner text NOT NULL, password_hash text);
            ALTER TABLE public.notes ENABLE ROW LEVEL SECURITY;
            CREATE POLICY own ON public.notes TO authenticated USING (owner = (SELECT public.me())) WITH CHECK (owner = (SELECT public.me()));
            GRANT SELECT, INSERT, UPDATE, DELETE ON public.notes TO authenticated;
            CREATE TABLE private.hidden (id int, secret text);
            COMMENT ON TABLE private.hidden IS 'The password column holds a hash; the API key is in the vault';
            CREATE TABLE public.parted (id int, owner text) PARTITION BY RANGE (id);
            CREATE TABLE public.part PARTITION OF public.parted FOR VALUES FROM (0) TO (9);
            ALTER TABLE public.parted ENABLE ROW LEVEL SECURITY;
            CREATE POLICY own ON public.parted TO authenticated USING (owner = (SELECT public.me()));
            GRANT SELECT ON public.parted TO authenticated;
            CREATE MATERIALIZED VIEW private.totals AS SELECT count(*) FROM public.notes;
            CREATE VIEW public.my_notes WITH (security_invoker = true) AS SELECT id FROM public.notes;
            GRANT SELECT ON public.my_notes TO authenticated;
            CREATE FUNCTION public.purge(password text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
            BEGIN
                -- The password := new.password; secret_key = current_setting('app.secret_key')
                DELETE FROM public.notes WHERE password_hash = crypt(password, password_hash);
            END $$;
            REVOKE EXECUTE ON FUNCTION public.purge(text) FROM PUBLIC;
            """,
            scene.Database);
        var wrong = (await scene.AuditAsync()).Where(finding => finding.Outcome == FindingOutcome.Fail && finding.Database == scene.Database);
        Assert.Empty(wrong.Select(finding => finding.ToString()));
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task A_role_without_any_rights_is_told_what_it_may_not_see_and_sees_it_once_granted(int major)
    {
        await using var scene = await SecurityScene.CreateAsync(await fixture.PostgresAsync(major));
        await scene.ExecuteAsync($"CREATE ROLE ROLE LOGIN PASSWORD '{SandboxFixture.PasswordOf(scene.Sandbox)}'");
        await SandboxDatabase.ExecuteAsync(
            scene.Sandbox,
            """
            CREATE TABLE public.open_to_all (id int);
            GRANT SELECT ON public.open_to_all TO anon;
            CREATE SUBSCRIPTION copying CONNECTION 'host=nowhere.invalid password=x' PUBLICATION p WITH (connect = false);
            CREATE SCHEMA storage;
            CREATE TABLE storage.buckets (id text, public boolean);
            CREATE TABLE storage.objects (id text);
            """,
            scene.Database);

        var first = await scene.AuditAsync(Everything, scene.Role);
        Assert.Contains(first, finding => finding.Id == "DBSEC-RLS-OFF" && finding.Subject == "public.open_to_all");
        var denied = first.Where(finding => finding.Outcome == FindingOutcome.NotPermitted).ToList();
        Assert.All(
            (string[])["DBSEC-HBA-TRUST", "DBSEC-PASSWORD-MD5", "DBSEC-AUDIT-EXTENSION", "DBSEC-TLS-PROTOCOL", "DBSEC-SECRET-SUBSCRIPTION", "DBSEC-SECRET-SERVER-SETTING", "DBSEC-STORAGE-LISTING"],
            id => Assert.Contains(id, denied.Select(finding => finding.Id)));
        Assert.DoesNotContain(denied, finding => finding.Status != HealthStatus.Unknown);
        Assert.Equal(SecurityCatalogue.Checks.Select(check => check.Id).Order(StringComparer.Ordinal), first.Select(finding => finding.Id).Distinct().Order(StringComparer.Ordinal));

        foreach (var grant in denied.Select(finding => finding.FixSql!).Distinct())
        {
            Assert.StartsWith("GRANT ", grant, StringComparison.Ordinal);
            await SandboxDatabase.ExecuteAsync(scene.Sandbox, grant, scene.Database);
        }

        Assert.Empty((await scene.AuditAsync(Everything, scene.Role)).Where(finding => finding.Outcome == FindingOutcome.NotPermitted).Select(finding => finding.ToString()));
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task Hidden_jobs_and_foreign_logins_are_not_taken_for_none(int major)
    {
        await using var scene = await SecurityScene.CreateAsync(await fixture.PostgresAsync(major));
        await scene.ExecuteAsync($"CREATE ROLE ROLE LOGIN PASSWORD '{SandboxFixture.PasswordOf(scene.Sandbox)}'");
        await SandboxDatabase.ExecuteAsync(
            scene.Sandbox,
            """
            CREATE SCHEMA cron;
            CREATE TABLE cron.job (jobid bigint, command text);
            ALTER TABLE cron.job ENABLE ROW LEVEL SECURITY;
            GRANT USAGE ON SCHEMA cron TO PUBLIC;
            GRANT SELECT ON cron.job TO PUBLIC;
            CREATE EXTENSION postgres_fdw;
            CREATE SERVER away FOREIGN DATA WRAPPER postgres_fdw;
            CREATE USER MAPPING FOR postgres SERVER away OPTIONS (user 'x', password 'y');
            """,
            scene.Database);
        var findings = await scene.AuditAsync(Everything, scene.Role);
        Assert.Equal(FindingOutcome.NotPermitted, Assert.Single(findings, finding => finding.Id == "DBSEC-SECRET-JOB").Outcome);
        var logins = Assert.Single(findings, finding => finding.Id == "DBSEC-FDW-PASSWORD");
        // To let the auditor use the server would let it log in there, and show nothing.
        Assert.Equal((FindingOutcome.NotPermitted, (string?)null), (logins.Outcome, logins.FixSql));
        Assert.StartsWith("No grant shows them", logins.Recommendation, StringComparison.Ordinal);
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task A_secret_in_a_policy_is_found_and_what_other_checks_show_of_the_policy_hides_it(int major)
    {
        await using var scene = await SecurityScene.CreateAsync(await fixture.PostgresAsync(major));
        var secret = SecurityCorpus.Secrets[0];
        await SandboxDatabase.ExecuteAsync(
            scene.Sandbox,
            $"""
            CREATE SCHEMA storage;
            CREATE TABLE storage.buckets (id text, public boolean);
            INSERT INTO storage.buckets VALUES ('a', true);
            CREATE TABLE storage.objects (bucket_id text, name text);
            ALTER TABLE storage.objects ENABLE ROW LEVEL SECURITY;
            GRANT USAGE ON SCHEMA storage TO anon;
            GRANT ALL ON storage.objects TO anon;
            CREATE POLICY wide ON storage.objects USING (true OR current_setting('app.secret', true) = '{secret}');
            CREATE TABLE public.notes (id int, note text);
            ALTER TABLE public.notes ENABLE ROW LEVEL SECURITY;
            GRANT ALL ON public.notes TO anon;
            CREATE POLICY wide ON public.notes TO anon USING (1 = 1 OR current_setting('app.secret', true) = '{secret}');
            CREATE POLICY keyed ON public.notes FOR UPDATE TO anon USING ((current_setting('request.headers', true)::json ->> 'x-api-key') = '{secret}');
            CREATE POLICY trusting ON public.notes FOR DELETE TO anon USING (note = current_setting('x.user_metadata') AND note <> 'raw_user_meta_data' AND current_setting('app.api_key') = '{secret}');
            """,
            scene.Database);
        var findings = await scene.AuditAsync(Everything);
        Assert.DoesNotContain(secret, JsonSerializer.Serialize(findings), StringComparison.Ordinal);
        Assert.All(
            (string[])["DBSEC-STORAGE-LISTING", "DBSEC-POLICY-ALWAYS-TRUE", "DBSEC-POLICY-NOT-PER-ROW", "DBSEC-POLICY-USER-METADATA", "DBSEC-POLICY-PER-ROW-CALL"],
            id => Assert.Contains(findings, finding => finding.Id == id && finding.Evidence.Values.OfType<string>().Any(value => value.Contains("'[redacted, 15 characters]'", StringComparison.Ordinal))));
        Assert.Equal(
            ["policy keyed on public.notes", "policy trusting on public.notes", "policy wide on public.notes", "policy wide on storage.objects"],
            findings.Where(finding => finding is { Id: "DBSEC-SECRET-DEFINITION", Outcome: FindingOutcome.Fail }).Select(finding => finding.Subject!).Order(StringComparer.Ordinal));
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task Definitions_that_only_speak_of_secrets_hold_none(int major)
    {
        await using var scene = await SecurityScene.CreateAsync(await fixture.PostgresAsync(major));
        await SandboxDatabase.ExecuteAsync(
            scene.Sandbox,
            """
            CREATE SCHEMA vault;
            CREATE TABLE vault.decrypted_secrets (id int, name text, decrypted_secret text);
            CREATE FUNCTION vault.get_secret(name text DEFAULT 'my_secret_name_1') RETURNS text LANGUAGE sql AS 'SELECT name';
            CREATE TABLE public.logins (id int, token uuid DEFAULT gen_random_uuid(), password_hash text CHECK (length(password_hash) > 20), secret text DEFAULT md5(random()::text), kind text DEFAULT 'password' CHECK (kind IN ('password', 'api_key', 'access_token_v2')));
            ALTER TABLE public.logins ENABLE ROW LEVEL SECURITY;
            CREATE POLICY p ON public.logins USING (secret = current_setting('app.secret', true) OR secret = vault.get_secret('stripe-key-v2'));
            CREATE VIEW public.joined AS SELECT a.name AS secret_name, b.decrypted_secret AS password FROM vault.decrypted_secrets a JOIN vault.decrypted_secrets AS decrypted_secrets_1 ON true JOIN vault.decrypted_secrets b ON b.id = a.id;
            CREATE INDEX i ON public.logins ((lower(password_hash))) WHERE kind = 'password';
            """,
            scene.Database);
        var finding = Assert.Single(await scene.AuditAsync(Everything), finding => finding.Id == "DBSEC-SECRET-DEFINITION");
        Assert.True(finding.Outcome == FindingOutcome.Pass, finding.ToString());
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task A_schema_or_role_that_was_named_and_is_not_there_is_an_error(int major)
    {
        await using var scene = await SecurityScene.CreateAsync(await fixture.PostgresAsync(major));
        var schema = await Assert.ThrowsAsync<MaintenanceException>(() => scene.AuditAsync(Everything with { Schemas = ["public", "pubic"] }));
        Assert.Equal((MaintenanceErrorCode.ObjectNotFound, "Did you mean \"public\"? There are: public."), (schema.Code, schema.Recommendation));
        var role = await Assert.ThrowsAsync<MaintenanceException>(() => scene.AuditAsync(Everything with { UntrustedRoles = ["anon", "nosuchrole"] }));
        Assert.Equal(MaintenanceErrorCode.ObjectNotFound, role.Code);
        Assert.Contains("anon, authenticated", role.Recommendation, StringComparison.Ordinal);
        Assert.NotEmpty(await scene.AuditAsync(Everything with { Schemas = ["public"], UntrustedRoles = ["anon"] }));
        // Of several databases, it is enough that one has it.
        await scene.ExecuteAsync("CREATE SCHEMA only_here");
        Assert.NotEmpty(await scene.AuditAsync(Everything with { Schemas = ["only_here"], Databases = name => name == scene.Database || name == "postgres" }));
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task Names_of_every_kind_are_quoted_and_break_nothing(int major)
    {
        await using var scene = await SecurityScene.CreateAsync(await fixture.PostgresAsync(major));
        // A quote, both quotes, a newline, markup, a control character.
        await SandboxDatabase.ExecuteAsync(
            scene.Sandbox,
            """
            DO $do$
            DECLARE
                evil text := 'a"b''c' || chr(10) || '<b>&amp;</b>=/' || chr(1) || chr(27) || '[31m;--';
            BEGIN
                EXECUTE format('CREATE SCHEMA %I; GRANT USAGE, CREATE ON SCHEMA %1$I TO anon', evil);
                EXECUTE format('CREATE TABLE %I.%1$I (%1$I int, password text); GRANT SELECT ON %1$I.%1$I TO anon', evil);
                EXECUTE format('COMMENT ON TABLE %I.%1$I IS ''password: Zk92mQpX-s3cr3t''', evil);
                EXECUTE format('CREATE POLICY %I ON %1$I.%1$I USING (true)', evil);
                EXECUTE format('CREATE FUNCTION %I.%1$I(%1$I int) RETURNS int LANGUAGE sql SECURITY DEFINER AS ''SELECT 1''', evil);
                EXECUTE format('CREATE VIEW public.%I AS SELECT * FROM %1$I.%1$I; GRANT SELECT ON public.%1$I TO anon', evil);
            END $do$
            """,
            scene.Database);
        var query = new SecurityAuditQuery { Schemas = ["a\"b'c\n<b>&amp;</b>=/\u0001\u001b[31m;--", "public"] };
        var findings = (await scene.AuditAsync(query)).Where(finding => finding.Database == scene.Database && finding.Outcome == FindingOutcome.Fail).ToList();
        Assert.All(
            (string[])["DBSEC-RLS-OFF", "DBSEC-RLS-POLICY-UNUSED", "DBSEC-DEFINER-REACHABLE", "DBSEC-DEFINER-SEARCH-PATH", "DBSEC-SCHEMA-CREATE", "DBSEC-SECRET-COMMENT", "DBSEC-SENSITIVE-COLUMN"],
            id => Assert.Contains(id, findings.Select(finding => finding.Id)));
        Assert.DoesNotContain("Zk92mQpX", JsonSerializer.Serialize(findings), StringComparison.Ordinal);

        // What the server quoted, the server understands.
        foreach (var fix in findings.Select(finding => finding.FixSql).OfType<string>().Distinct())
        {
            await SandboxDatabase.ExecuteAsync(scene.Sandbox, fix, scene.Database);
        }

        Assert.DoesNotContain(await scene.AuditAsync(query), finding => finding.Id is "DBSEC-RLS-OFF" or "DBSEC-SCHEMA-CREATE" or "DBSEC-DEFINER-REACHABLE" && finding.Outcome == FindingOutcome.Fail && finding.Database == scene.Database);
    }

    [Fact]
    public async Task From_version_16_a_membership_that_is_neither_inherited_nor_set_gives_nothing()
    {
        await using var scene = await SecurityScene.CreateAsync(await fixture.PostgresAsync(18));
        await scene.ExecuteAsync("CREATE ROLE ROLE LOGIN");
        await scene.ExecuteAsync("GRANT pg_execute_server_program TO ROLE WITH INHERIT FALSE, SET FALSE");
        async Task<bool> CanEscalateAsync() => (await scene.AuditAsync()).Any(finding => finding.Id == "DBSEC-ROLE-ESCALATION" && finding.Subject == scene.Role);
        Assert.False(await CanEscalateAsync());
        await scene.ExecuteAsync("GRANT pg_execute_server_program TO ROLE WITH SET TRUE");
        Assert.True(await CanEscalateAsync());
    }

    [Fact]
    public async Task A_policy_without_an_expression_lets_nothing_pass_and_is_not_called_wide()
    {
        await using var scene = await SecurityScene.CreateAsync(await fixture.PostgresAsync(18));
        await scene.ExecuteAsync("CREATE TABLE public.things (id int); INSERT INTO public.things VALUES (1); GRANT SELECT ON public.things TO anon; ALTER TABLE public.things ENABLE ROW LEVEL SECURITY; CREATE POLICY empty ON public.things FOR SELECT TO anon");
        await using (var connection = await SandboxDatabase.OpenAsync(scene.Sandbox, scene.Database))
        {
            await connection.ExecuteAsync("SET ROLE anon");
            Assert.Equal(0L, await connection.ScalarAsync<long>("SELECT count(*) FROM public.things"));
        }

        Assert.DoesNotContain(await scene.AuditAsync(), finding => finding.Id == "DBSEC-POLICY-ALWAYS-TRUE" && finding.Outcome == FindingOutcome.Fail);
    }

    [Fact]
    public async Task Several_databases_are_audited_and_the_server_once()
    {
        await using var scene = await SecurityScene.CreateAsync(await fixture.PostgresAsync(18));
        await using var other = await SecurityScene.CreateAsync(scene.Sandbox);
        var findings = await scene.AuditAsync(Everything with { Databases = name => name == scene.Database || name == other.Database });
        Assert.Single(findings, finding => finding.Id == "DBSEC-VERSION-MINOR");
        Assert.Equal(new[] { scene.Database, other.Database }.Order(StringComparer.Ordinal), findings.Where(finding => finding.Id == "DBSEC-DATABASE-PUBLIC").Select(finding => finding.Database!).Order(StringComparer.Ordinal));
        Assert.Equal(MaintenanceErrorCode.DatabaseNotFound, (await Assert.ThrowsAsync<MaintenanceException>(() => scene.AuditAsync(Everything with { Databases = _ => false }))).Code);
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task The_sample_s_planted_faults_are_found(int major)
    {
        var sandbox = await fixture.PostgresAsync(major);
        await using var engine = new Maintenance.Engine.MaintenanceEngine();
        var findings = await engine.SecurityAudit.AuditAsync(sandbox.Target, new SecurityAuditQuery { MinimumSeverity = FindingSeverity.Medium }, Calls.Silent(), Token);
        var found = findings.Where(finding => finding.Outcome == FindingOutcome.Fail && finding.Database is not null).Select(finding => $"{finding.Id} {finding.Subject}").ToList();
        // Whatever other tests make in this database lies in schemas and under names of their own.
        Assert.All(
            (string[])["DBSEC-RLS-OFF public.error_logs_archive", "DBSEC-DEFINER-REACHABLE public.erase_account(account uuid)", "DBSEC-DEFINER-SEARCH-PATH public.erase_account(account uuid)"],
            fault => Assert.Contains(fault, found));
    }
}
