namespace Maintenance.IntegrationTests.Security;

/// <summary>What a whole server can have wrong, and that a hardened one has nothing wrong.</summary>
public sealed class HardenedServerTests
{
    // Whether the programs of this machine are the newest is the machine's matter, not the database's.
    private static readonly string[] Programs = ["DBSEC-VERSION-EOL", "DBSEC-VERSION-MINOR"];

    private static readonly string Secret = $"curl -H 'Authorization: Bearer {SecurityCorpus.Secrets[1]}' -o %p https://archive.invalid/%f";

    private static readonly Dictionary<string, string> Soft = new()
    {
        ["listen_addresses"] = "*",
        ["log_destination"] = "csvlog",
        ["restore_command"] = Secret,
        ["log_statement"] = "none",
        ["log_replication_commands"] = "off",
        ["password_encryption"] = "md5",
    };

    // The page docs/security-audit.md tells the same ones.
    private static readonly Dictionary<string, string> Hard = new()
    {
        ["listen_addresses"] = "127.0.0.1",
        ["ssl"] = "on",
        ["ssl_min_protocol_version"] = "TLSv1.2",
        ["ssl_ciphers"] = "HIGH:!aNULL:!MD5:!3DES",
        ["password_encryption"] = "scram-sha-256",
        ["logging_collector"] = "on",
        ["log_file_mode"] = "0600",
        ["log_disconnections"] = "on",
        ["log_statement"] = "ddl",
        ["log_replication_commands"] = "on",
        ["log_line_prefix"] = "%m [%p]: db=%d,user=%u,app=%a,client=%h ",
    };

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task A_server_that_was_never_looked_after_is_told_what_is_wrong(int major)
    {
        await using var server = await AuditedServer.StartAsync(major, checksums: false, Soft, ["host all all 127.0.0.1/32 scram-sha-256", .. Here()]);
        var findings = await server.AuditAsync();
        var wrong = findings.Where(finding => finding.Outcome == FindingOutcome.Fail).ToDictionary(finding => $"{finding.Id} {finding.Subject}");
        Assert.All(
            (string[])["DBSEC-LISTEN-ALL listen_addresses", "DBSEC-LOG-COLLECTOR logging_collector", "DBSEC-CHECKSUMS-OFF data_checksums", "DBSEC-TLS-OFF ssl", "DBSEC-LOG-CONNECTIONS log_connections",
                "DBSEC-LOG-STATEMENT log_statement", "DBSEC-LOG-REPLICATION log_replication_commands", "DBSEC-PASSWORD-ENCRYPTION password_encryption", "DBSEC-SECRET-SERVER-SETTING restore_command"],
            fault => Assert.Contains(fault, wrong.Keys));
        Assert.Equal(FindingSeverity.High, wrong["DBSEC-TLS-OFF ssl"].Severity);
        Assert.DoesNotContain(findings, finding => finding.ToString().Contains(SecurityCorpus.Secrets[1], StringComparison.Ordinal) || finding.Evidence.Values.Any(value => $"{value}".Contains(SecurityCorpus.Secrets[1], StringComparison.Ordinal)));

        if (AuditedServer.Address is { } address)
        {
            var here = await server.AuditAsync(settings => settings with { Host = address.ToString(), SslMode = DatabaseSslMode.Disable });
            Assert.Equal((FindingOutcome.Fail, FindingSeverity.High), Session(here));
        }

        // Each statement that the findings give ends what they told, where the server need not be started again for it.
        foreach (var fix in wrong.Values.Where(finding => finding.Database is null).Select(finding => finding.FixSql).OfType<string>().Where(fix => fix.Contains("pg_reload_conf", StringComparison.Ordinal) && !fix.Contains("ssl = on", StringComparison.Ordinal)))
        {
            await server.ExecuteAsync("postgres", fix.Split("; "));
        }

        await Task.Delay(TimeSpan.FromMilliseconds(300), TestContext.Current.CancellationToken);
        var after = (await server.AuditAsync()).Where(finding => finding.Outcome == FindingOutcome.Fail && finding.Database is null).Select(finding => finding.Id);
        Assert.Equal(
            ["DBSEC-CHECKSUMS-OFF", "DBSEC-LISTEN-ALL", "DBSEC-LOG-COLLECTOR", "DBSEC-ROLE-NO-EXPIRY", "DBSEC-SECRET-SERVER-SETTING", "DBSEC-TLS-OFF"],
            after.Except(Programs).Where(id => !id.StartsWith("DBSEC-HBA-", StringComparison.Ordinal)).Distinct().Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task A_hardened_server_has_nothing_wrong_and_an_auditor_without_power_sees_all_of_it(int major)
    {
        var settings = new Dictionary<string, string>(Hard) { ["log_connections"] = major >= 18 ? "receipt,authentication,authorization" : "on" };
        if (AuditedServer.Address is { } address)
        {
            settings["listen_addresses"] += $",{address}";
        }

        await using var server = await AuditedServer.StartAsync(major, checksums: true, settings, ["hostssl all all 127.0.0.1/32 scram-sha-256", .. Here("hostssl")]);
        const string password = "An0ther-p4ss.of.a.test";
        var until = TimeProvider.System.GetUtcNow().UtcDateTime.AddDays(60).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
        await server.ExecuteAsync(
            "postgres",
            $"ALTER ROLE postgres VALID UNTIL '{until}'",
            $"CREATE ROLE auditor LOGIN PASSWORD '{password}' VALID UNTIL '{until}'",
            "GRANT pg_monitor TO auditor",
            // Privileges of the system's own tables are kept in each database: these hold in the one that the audit connects to.
            "GRANT SELECT ON pg_catalog.pg_hba_file_rules TO auditor; GRANT EXECUTE ON FUNCTION pg_catalog.pg_hba_file_rules() TO auditor",
            "GRANT SELECT (oid, rolpassword) ON pg_catalog.pg_authid TO auditor",
            "CREATE ROLE anon NOLOGIN; CREATE ROLE authenticated NOLOGIN; CREATE ROLE service_role NOLOGIN BYPASSRLS; CREATE ROLE shop_owner NOLOGIN",
            $"CREATE ROLE api LOGIN NOINHERIT PASSWORD '{password}2' VALID UNTIL '{until}'; GRANT anon, authenticated TO api",
            $"CREATE ROLE copier LOGIN REPLICATION PASSWORD '{password}3' VALID UNTIL '{until}'",
            "REVOKE ALL ON DATABASE postgres FROM PUBLIC",
            "REVOKE ALL ON DATABASE template1 FROM PUBLIC",
            "CREATE DATABASE shop OWNER shop_owner",
            "REVOKE ALL ON DATABASE shop FROM PUBLIC",
            "GRANT CONNECT ON DATABASE shop, postgres TO auditor",
            "GRANT CONNECT ON DATABASE shop TO api");
        await server.ExecuteAsync(
            "shop",
            """
            CREATE SCHEMA private; CREATE SCHEMA extensions;
            CREATE EXTENSION pg_trgm SCHEMA extensions;
            SET ROLE shop_owner;
            CREATE TABLE public.notes (id int PRIMARY KEY, owner text NOT NULL, password_hash text);
            ALTER TABLE public.notes ENABLE ROW LEVEL SECURITY;
            CREATE POLICY own ON public.notes TO authenticated USING (owner = (SELECT current_setting('request.jwt.claim.sub', true)));
            GRANT SELECT, INSERT, UPDATE, DELETE ON public.notes TO authenticated;
            CREATE VIEW public.mine WITH (security_invoker = true) AS SELECT id FROM public.notes;
            GRANT SELECT ON public.mine TO authenticated;
            CREATE FUNCTION public.purge(note int) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = '' AS 'DELETE FROM public.notes WHERE id = note';
            REVOKE EXECUTE ON FUNCTION public.purge(int) FROM PUBLIC;
            COMMENT ON TABLE public.notes IS 'The password column holds a hash; the API key is in the vault';
            RESET ROLE;
            """);
        var keys = new SecurityPolicy { ApiKeys = [new ApiKeyAge { Name = "anon", ChangedOn = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime.AddDays(-10)) }] };
        DatabaseSettings Auditor(DatabaseSettings given) => given with { Username = "auditor", Password = AuditedServer.Secret(password), SslMode = DatabaseSslMode.VerifyFull, RootCertificate = server.Certificate };

        var findings = (await server.AuditAsync(Auditor, keys, _ => true)).Where(finding => !Programs.Contains(finding.Id)).ToList();

        // This PostgreSQL does not bring pgaudit: only a person can tell what does its work.
        Assert.Equal(["DBSEC-AUDIT-EXTENSION: Manual"], findings.Where(finding => finding.Outcome != FindingOutcome.Pass).Select(finding => $"{finding.Id}: {finding.Outcome}{(finding.Outcome == FindingOutcome.Fail ? finding.Message : "")}"));
        Assert.Equal(["postgres", "shop"], findings.Select(finding => finding.Database).OfType<string>().Distinct().Order(StringComparer.Ordinal));
        Assert.Contains("TLSv1.3", findings.Single(finding => finding.Id == "DBSEC-TLS-SESSION").Message, StringComparison.Ordinal);

        if (AuditedServer.Address is { } over)
        {
            // Over the network: encrypted for whoever answers, and encrypted for the server that it is.
            Assert.Equal((FindingOutcome.Fail, FindingSeverity.Low), Session(await server.AuditAsync(given => Auditor(given) with { Host = over.ToString(), SslMode = DatabaseSslMode.Require, RootCertificate = null })));
            Assert.Equal(FindingOutcome.Pass, Session(await server.AuditAsync(given => Auditor(given) with { Host = over.ToString() })).Outcome);
        }
    }

    private static (FindingOutcome Outcome, FindingSeverity Severity) Session(IReadOnlyList<Finding> findings)
    {
        var session = findings.Single(finding => finding.Id == "DBSEC-TLS-SESSION");
        return (session.Outcome, session.Severity);
    }

    private static string[] Here(string type = "host") => AuditedServer.Address is { } address ? [$"{type} all postgres,auditor {address}/32 scram-sha-256"] : [];
}
