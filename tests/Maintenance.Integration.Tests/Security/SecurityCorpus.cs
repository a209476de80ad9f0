namespace Maintenance.IntegrationTests.Security;

/// <summary>A fault of a database and what mends it.</summary>
/// <param name="Id">The check that must find it.</param>
/// <param name="Subject">What it must name.</param>
/// <param name="Fault">Makes the fault. ROLE stands for a name that no other test has, BASE for the database's.</param>
/// <param name="Sound">Mends it; null if the finding's own FixSql must do.</param>
internal sealed record SecurityCase(string Id, string Subject, string Fault, string? Sound = null);

/// <summary>For each check a database that has the fault, and the same one without.</summary>
internal static class SecurityCorpus
{
    /// <summary>Secrets that no finding may show.</summary>
    public static readonly IReadOnlyList<string> Secrets =
        ["s3cr3t-Zk92mQpX", "eyJhbGciOiJIUzI1NiJ9.eyJyb2xlIjoic2VydmljZV9yb2xlIn0.c2lnbmF0dXJlLW9mLXRlc3Q", "T000/B000/abcdefghijklmnopqrst", "Pa55w0rd!x", "q7Xw2Rt9Lm4P"];

    private const string Table = "CREATE TABLE public.things (id int, owner text); GRANT SELECT, INSERT, UPDATE, DELETE ON public.things TO anon; ALTER TABLE public.things ENABLE ROW LEVEL SECURITY; ";
    private const string Foreign = "CREATE EXTENSION postgres_fdw; CREATE SERVER away FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host 'localhost'); ";
    private const string Accounts = "CREATE SCHEMA auth; CREATE TABLE auth.users (id uuid PRIMARY KEY, email text UNIQUE); ";
    private const string Hidden = "CREATE TABLE public.hidden (id int); ALTER TABLE public.hidden ENABLE ROW LEVEL SECURITY; ";
    private const string Hostile = "\"o'brien \"\"; DROP TABLE x; --\"";

    public static readonly IReadOnlyList<SecurityCase> All =
    [
        new("DBSEC-RLS-OFF", "public.open_to_all", "CREATE TABLE public.open_to_all (id int); GRANT SELECT ON public.open_to_all TO anon"),
        new("DBSEC-RLS-OFF", "public.of_columns", "CREATE TABLE public.of_columns (id int, name text); GRANT SELECT (name) ON public.of_columns TO authenticated"),
        new("DBSEC-RLS-OFF", "public.parted", "CREATE TABLE public.parted (id int) PARTITION BY RANGE (id); GRANT SELECT ON public.parted TO PUBLIC"),
        new("DBSEC-RLS-OFF", "public.through_group", "CREATE ROLE ROLE; GRANT ROLE TO anon; CREATE TABLE public.through_group (id int); GRANT UPDATE ON public.through_group TO ROLE"),
        new("DBSEC-RLS-OFF", $"public.{Hostile}", $"CREATE TABLE public.{Hostile} (id int); GRANT SELECT ON public.{Hostile} TO anon"),
        new("DBSEC-RLS-OFF", "public.to_others", "CREATE ROLE ROLE; CREATE TABLE public.to_others (id int); GRANT SELECT ON public.to_others TO ROLE"),
        new("DBSEC-RLS-PARTITION", "public.part", "CREATE TABLE public.whole (id int) PARTITION BY RANGE (id); CREATE TABLE public.part PARTITION OF public.whole FOR VALUES FROM (0) TO (9); ALTER TABLE public.whole ENABLE ROW LEVEL SECURITY; GRANT SELECT ON public.whole, public.part TO anon"),
        new("DBSEC-RLS-POLICY-UNUSED", "public.things", Table + "CREATE POLICY own ON public.things USING (owner = 'x'); ALTER TABLE public.things DISABLE ROW LEVEL SECURITY"),
        new("DBSEC-RLS-NO-POLICY", "public.things", Table),
        new("DBSEC-RLS-NOT-FORCED", "public.things", Table + "CREATE ROLE ROLE LOGIN; ALTER TABLE public.things OWNER TO ROLE"),
        new("DBSEC-POLICY-ALWAYS-TRUE", "everything on public.things", Table + "CREATE POLICY everything ON public.things FOR UPDATE TO anon USING (id > 0 OR 1 = 1)"),
        new("DBSEC-POLICY-ALWAYS-TRUE", "everything on public.things", Table + "CREATE POLICY everything ON public.things USING (true)"),
        new("DBSEC-POLICY-ALWAYS-TRUE", "give on public.things", Table + "CREATE POLICY give ON public.things FOR UPDATE TO anon USING (id > 0) WITH CHECK (true)"),
        new("DBSEC-POLICY-NOT-PER-ROW", "guests on public.things", Table + "CREATE POLICY guests ON public.things FOR DELETE TO anon USING (current_user = 'anon')", "DROP POLICY guests ON public.things; CREATE POLICY guests ON public.things FOR DELETE TO anon USING (owner = current_user)"),
        new("DBSEC-POLICY-USER-METADATA", "admins on public.things", Table + "CREATE POLICY admins ON public.things USING (id > 0 AND (current_setting('request.jwt.claims', true)::jsonb -> 'user_metadata' ->> 'admin') = 'yes')", "DROP POLICY admins ON public.things; CREATE POLICY admins ON public.things USING (id > 0 AND (current_setting('request.jwt.claims', true)::jsonb -> 'app_metadata' ->> 'admin') = 'yes')"),
        new("DBSEC-POLICY-PER-ROW-CALL", "own on public.things", Table + "CREATE POLICY own ON public.things USING (owner = current_setting('app.user', true))", "DROP POLICY own ON public.things; CREATE POLICY own ON public.things USING (owner = (SELECT current_setting('app.user', true)))"),
        new("DBSEC-POLICY-DUPLICATE", "public.things", Table + "CREATE POLICY one ON public.things FOR SELECT TO anon USING (id > 0); CREATE POLICY two ON public.things USING (owner = 'x')", "DROP POLICY two ON public.things; CREATE POLICY two ON public.things AS RESTRICTIVE USING (owner = 'x')"),
        new("DBSEC-VIEW-BYPASSES-RLS", "public.seen", Table + "CREATE VIEW public.seen AS SELECT id FROM public.things; GRANT SELECT ON public.seen TO anon"),
        new("DBSEC-VIEW-BYPASSES-RLS", "public.outer_view", Hidden + "CREATE VIEW public.inner_view AS SELECT id FROM public.hidden; CREATE VIEW public.outer_view AS SELECT id FROM public.inner_view; GRANT SELECT ON public.outer_view TO anon"),
        new("DBSEC-MATVIEW-EXPOSED", "public.copied", "CREATE MATERIALIZED VIEW public.copied AS SELECT 1 AS id; GRANT SELECT ON public.copied TO anon"),
        new("DBSEC-FOREIGN-TABLE-EXPOSED", "public.far", Foreign + "CREATE FOREIGN TABLE public.far (id int) SERVER away; GRANT SELECT ON public.far TO anon"),
        new("DBSEC-AUTH-USERS-EXPOSED", "public.people", Accounts + "CREATE VIEW public.people AS SELECT email FROM auth.users; GRANT SELECT ON public.people TO authenticated"),
        new("DBSEC-SENSITIVE-COLUMN", "public.keys: api_key", "CREATE TABLE public.keys (id int, api_key text); GRANT SELECT ON public.keys TO anon"),
        new("DBSEC-DEFINER-SEARCH-PATH", "public.f(integer)", "CREATE FUNCTION public.f(int) RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'"),
        new("DBSEC-DEFINER-SEARCH-PATH", "public.f()", "CREATE SCHEMA ours; GRANT CREATE ON SCHEMA ours TO anon; CREATE FUNCTION public.f() RETURNS int LANGUAGE sql SECURITY DEFINER SET search_path = ours, pg_temp AS 'SELECT 1'"),
        new("DBSEC-DEFINER-REACHABLE", "public.f()", Hidden + "CREATE FUNCTION public.f() RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = '' AS 'SELECT count(*) FROM public.hidden'"),
        new("DBSEC-SCHEMA-CREATE", "public", "GRANT CREATE ON SCHEMA public TO PUBLIC"),
        new("DBSEC-TABLE-PUBLIC", "public.things", Table + "GRANT SELECT ON public.things TO PUBLIC"),
        new("DBSEC-TABLE-TRUNCATE", "public.things", Table + "GRANT TRUNCATE, TRIGGER ON public.things TO anon"),
        new("DBSEC-GRANT-OPTION", "public.things", Table + "GRANT SELECT ON public.things TO anon WITH GRANT OPTION"),
        new("DBSEC-COLUMN-GRANT-VOID", "public.things", Table + "GRANT SELECT (id) ON public.things TO anon"),
        new("DBSEC-DATABASE-PUBLIC", "BASE", "SELECT 1"),
        new("DBSEC-DEFAULT-PRIVILEGES", "postgres in schema public: Tables", "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO anon"),
        new("DBSEC-LANGUAGE-UNTRUSTED", "wild", "CREATE FUNCTION public.wild_handler() RETURNS language_handler AS '$libdir/plpgsql', 'plpgsql_call_handler' LANGUAGE c; CREATE LANGUAGE wild HANDLER public.wild_handler"),
        new("DBSEC-SERVER-USAGE", "away", Foreign + "GRANT USAGE ON FOREIGN SERVER away TO anon"),
        new("DBSEC-SECRET-FUNCTION", "public.call_out()", $"CREATE FUNCTION public.call_out() RETURNS text LANGUAGE plpgsql AS $f$ BEGIN RETURN 'Authorization: Bearer {Secrets[1]}'; END $f$", "DROP FUNCTION public.call_out()"),
        new("DBSEC-SECRET-FUNCTION", "public.standard()", $"CREATE FUNCTION public.standard() RETURNS text LANGUAGE sql RETURN 'https://hooks.slack.com/services/{Secrets[2]}'", "DROP FUNCTION public.standard()"),
        new("DBSEC-SECRET-DEFINITION", "policy keyed on public.things", Table + $"CREATE POLICY keyed ON public.things TO anon USING ((current_setting('request.headers', true)::json ->> 'x-api-key') = '{Secrets[0]}')", "DROP POLICY keyed ON public.things"),
        new("DBSEC-SECRET-DEFINITION", "policy keyed on public.things", Table + $"CREATE POLICY keyed ON public.things FOR INSERT TO anon WITH CHECK (current_user = 'anon' AND current_setting('app.secret', true)::varchar(30) = '{Secrets[0]} and more')", "DROP POLICY keyed ON public.things"),
        new("DBSEC-SECRET-DEFINITION", "view public.seen", $"CREATE VIEW public.seen AS SELECT 'https://hooks.slack.com/services/{Secrets[2]}' AS address", "DROP VIEW public.seen"),
        new("DBSEC-SECRET-DEFINITION", "view public.seen", $"CREATE VIEW public.seen AS SELECT 1 AS id, '{Secrets[0]}'::text AS api_key", "DROP VIEW public.seen"),
        new("DBSEC-SECRET-DEFINITION", "materialized view public.kept", $"CREATE MATERIALIZED VIEW public.kept AS SELECT 'Bearer {Secrets[1]}' AS header", "DROP MATERIALIZED VIEW public.kept"),
        new("DBSEC-SECRET-DEFINITION", "column public.things.api_key", Table + $"ALTER TABLE public.things ADD COLUMN api_key varchar(40) DEFAULT '{Secrets[0]}'", "ALTER TABLE public.things ALTER COLUMN api_key DROP DEFAULT"),
        new("DBSEC-SECRET-DEFINITION", "constraint known on public.things", Table + $"ALTER TABLE public.things ADD COLUMN password varchar, ADD CONSTRAINT known CHECK (password = '{Secrets[0]}')", "ALTER TABLE public.things DROP CONSTRAINT known"),
        new("DBSEC-SECRET-DEFINITION", "domain public.password", $"CREATE DOMAIN public.password AS text DEFAULT '{Secrets[0]}'", "DROP DOMAIN public.password"),
        new("DBSEC-SECRET-DEFINITION", "trigger told on public.things", Table + $"CREATE TRIGGER told BEFORE UPDATE ON public.things FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger('{{\"Authorization\":\"Bearer {Secrets[1]}\"}}')", "DROP TRIGGER told ON public.things"),
        new("DBSEC-SECRET-DEFINITION", "index public.few", Table + $"CREATE INDEX few ON public.things (id) WHERE owner = 'postgres://app:{Secrets[3]}@db/x'", "DROP INDEX public.few"),
        new("DBSEC-SECRET-DEFINITION", "argument p_api_key of public.f(integer, p_api_key text)", $"CREATE FUNCTION public.f(int, p_api_key text DEFAULT '{Secrets[0]}') RETURNS int LANGUAGE sql AS 'SELECT 1'", "DROP FUNCTION public.f(int, text)"),
        new("DBSEC-SECRET-COMMENT", "table public.things", Table + $"COMMENT ON TABLE public.things IS 'Import with password: {Secrets[0]}'", "COMMENT ON TABLE public.things IS 'Import with the password of the vault'"),
        new("DBSEC-SECRET-SETTING", "database BASE: app.jwt_secret", $"ALTER DATABASE BASE SET app.jwt_secret = '{Secrets[0]}'"),
        new("DBSEC-SECRET-OPTION", "foreign server away: fdw_startup_cost_password", "CREATE FOREIGN DATA WRAPPER loose; CREATE SERVER away FOREIGN DATA WRAPPER loose OPTIONS (fdw_startup_cost_password 'q7Xw2Rt9Lm4P')", "DROP SERVER away"),
        new("DBSEC-SECRET-SUBSCRIPTION", "copying", $"CREATE SUBSCRIPTION copying CONNECTION 'host=nowhere.invalid user=x password={Secrets[4]}' PUBLICATION p WITH (connect = false)", "ALTER SUBSCRIPTION copying CONNECTION 'host=nowhere.invalid user=x passfile=/nowhere'"),
        new("DBSEC-SECRET-JOB", "cron job 7", $"CREATE SCHEMA cron; CREATE TABLE cron.job (jobid bigint, command text); INSERT INTO cron.job VALUES (7, 'SELECT net.http_post(headers := ''{{\"api_key\": \"{Secrets[0]}\"}}'')')", "UPDATE cron.job SET command = 'SELECT 1'"),
        new("DBSEC-EXTENSION-DANGEROUS", "dblink", "CREATE SCHEMA ext; CREATE EXTENSION dblink SCHEMA ext"),
        new("DBSEC-EXTENSION-IN-PUBLIC", "citext", "CREATE EXTENSION citext"),
        new("DBSEC-EXTENSION-OUTDATED", "citext", "CREATE EXTENSION citext VERSION '1.4'"),
        new("DBSEC-FDW-PASSWORD", "postgres on away", Foreign + $"CREATE USER MAPPING FOR postgres SERVER away OPTIONS (user 'x', password '{Secrets[4]}')"),
        new("DBSEC-FDW-PUBLIC-MAPPING", "PUBLIC on away", Foreign + "CREATE USER MAPPING FOR PUBLIC SERVER away OPTIONS (user 'x')"),
        new("DBSEC-API-INTERNAL-SCHEMA", "vault", "CREATE SCHEMA vault; ALTER DATABASE BASE SET pgrst.db_schemas = 'public, vault'", "ALTER DATABASE BASE SET pgrst.db_schemas = 'public'"),
        new("DBSEC-API-GRAPHQL", "public.told", "CREATE SCHEMA ext; CREATE EXTENSION citext SCHEMA ext; UPDATE pg_extension SET extname = 'pg_graphql' WHERE extname = 'citext'; CREATE TABLE public.told (id int); ALTER TABLE public.told ENABLE ROW LEVEL SECURITY; GRANT SELECT ON public.told TO anon"),
        new("DBSEC-COLUMN-GRANT-VOID", "public.things", Table + "CREATE ROLE ROLE; GRANT ROLE TO anon; GRANT SELECT ON public.things TO ROLE; REVOKE SELECT ON public.things FROM anon; GRANT SELECT (id, owner) ON public.things TO anon"),
        new("DBSEC-FDW-PASSWORD", "postgres on away", Foreign + "CREATE USER MAPPING FOR postgres SERVER away OPTIONS (user 'x', sslpassword 'q7Xw2Rt9Lm4P')"),
        new("DBSEC-STORAGE-LISTING", "bucket avatars", "CREATE SCHEMA storage; CREATE TABLE storage.buckets (id text, public boolean); INSERT INTO storage.buckets VALUES ('avatars', true); CREATE TABLE storage.objects (bucket_id text, name text); ALTER TABLE storage.objects ENABLE ROW LEVEL SECURITY; CREATE POLICY read ON storage.objects FOR SELECT USING (bucket_id = 'avatars')"),
        new("DBSEC-AUTH-KEY", "profiles_email_fkey on public.profiles", Accounts + "CREATE TABLE public.profiles (email text REFERENCES auth.users (email))"),
        new("DBSEC-ROLE-SUPERUSER", "ROLE", "CREATE ROLE ROLE LOGIN SUPERUSER"),
        new("DBSEC-ROLE-BYPASSRLS", "ROLE", "CREATE ROLE ROLE LOGIN BYPASSRLS"),
        new("DBSEC-ROLE-CREATEROLE", "ROLE", "CREATE ROLE ROLE CREATEROLE"),
        new("DBSEC-ROLE-REPLICATION", "ROLE", "CREATE ROLE ROLE LOGIN REPLICATION CREATEDB"),
        new("DBSEC-ROLE-ESCALATION", "ROLE", "CREATE ROLE ROLE LOGIN; GRANT pg_execute_server_program TO ROLE"),
        new("DBSEC-ROLE-NO-EXPIRY", "ROLE", "CREATE ROLE ROLE LOGIN PASSWORD 'x'"),
        new("DBSEC-ROLE-EXPIRED", "ROLE", "CREATE ROLE ROLE LOGIN VALID UNTIL '2020-01-01'"),
        // Times that no DateTimeOffset holds: whoever may make roles can set them.
        new("DBSEC-ROLE-EXPIRED", "ROLE", "CREATE ROLE ROLE LOGIN VALID UNTIL '-infinity'"),
        new("DBSEC-ROLE-EXPIRED", "ROLE", "CREATE ROLE ROLE LOGIN VALID UNTIL '0044-03-15 BC'"),
        new("DBSEC-ROLE-NO-EXPIRY", "ROLE", "CREATE ROLE ROLE LOGIN PASSWORD 'x' VALID UNTIL '20000-01-01'"),
        new("DBSEC-ROLE-NO-EXPIRY", "ROLE", "CREATE ROLE ROLE LOGIN PASSWORD 'x' VALID UNTIL 'infinity'"),
        new("DBSEC-PASSWORD-MD5", "ROLE", "CREATE ROLE ROLE LOGIN PASSWORD 'md5d41d8cd98f00b204e9800998ecf8427e'", "SET password_encryption = 'scram-sha-256'; ALTER ROLE ROLE PASSWORD 'x'"),
        new("DBSEC-PASSWORD-ENCRYPTION", "password_encryption", "ALTER DATABASE BASE SET password_encryption = 'md5'"),
        new("DBSEC-LOG-ERROR-VERBOSITY", "log_error_verbosity", "ALTER DATABASE BASE SET log_error_verbosity = 'terse'"),
        new("DBSEC-LOG-MIN-MESSAGES", "log_min_messages", "ALTER DATABASE BASE SET log_min_messages = 'fatal'"),
        new("DBSEC-LOG-MIN-ERROR-STATEMENT", "log_min_error_statement", "ALTER DATABASE BASE SET log_min_error_statement = 'panic'"),
        new("DBSEC-LOG-DEBUG-PARSE", "debug_print_parse", "ALTER DATABASE BASE SET debug_print_parse = 'on'"),
        new("DBSEC-LOG-DEBUG-REWRITTEN", "debug_print_rewritten", "ALTER DATABASE BASE SET debug_print_rewritten = 'on'"),
        new("DBSEC-LOG-DEBUG-PLAN", "debug_print_plan", "ALTER DATABASE BASE SET debug_print_plan = 'on'"),
        new("DBSEC-SETTING-UNSAFE", "zero_damaged_pages", "ALTER DATABASE BASE SET zero_damaged_pages = 'on'"),
    ];
}
