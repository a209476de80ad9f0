using Maintenance.Engine;
using Maintenance.IntegrationTests.Infrastructure;

namespace Maintenance.IntegrationTests.Security;

/// <summary>pg_hba.conf and settings of a server that no other test uses.</summary>
public sealed class ServerRulesTests(SandboxFixture fixture)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task Rules_and_settings_of_the_server_are_judged(int major)
    {
        var options = new SandboxOptions { Name = $"rules-{major}-{Guid.NewGuid():N}", PostgresVersion = major, Scale = 0, ResourcePath = SandboxFixture.ResourcePath };
        var sandbox = await SandboxFixture.OrSkipAsync(() => fixture.Service.StartAsync(options, Calls.Silent(), CancellationToken.None));
        await using var engine = new MaintenanceEngine();
        try
        {
            // The server reads the file for its view, and keeps to the old rules until it is told to reload.
            string[] rules =
            [
                "local all all peer",
                "host all all 127.0.0.1/32 scram-sha-256",
                "hostssl shop app 10.0.0.0/8 scram-sha-256",
                "host all all 0.0.0.0/0 trust",
                "local all all trust",
                "host shop app 127.0.0.1/32 password",
                "host shop app 127.0.0.1/32 md5",
                "host shop app 192.168.0.0/16 scram-sha-256",
                "host all all 0.0.0.0/0 reject",
                "hostnossl shop app all scram-sha-256",
                "nonsense",
            ];
            await using (var connection = await SandboxDatabase.OpenAsync(sandbox))
            {
                await connection.ExecuteAsync($"DO $do$ BEGIN EXECUTE format('COPY (SELECT unnest(%L::text[])) TO %L', '{{{string.Join(',', rules.Select(rule => $"\"{rule}\""))}}}', current_setting('hba_file')); END $do$");
                foreach (var (name, value) in new[] { ("log_line_prefix", "%m "), ("log_file_mode", "0644"), ("ssl_min_protocol_version", "TLSv1"), ("ssl_ciphers", "ALL:!aNULL"), ("log_connections", major >= 18 ? "receipt" : "off"), ("log_disconnections", "off") })
                {
                    await connection.ExecuteAsync($"ALTER SYSTEM SET {name} = '{value}'");
                }
            }

            await using (var connection = await SandboxDatabase.OpenAsync(sandbox))
            {
                // Only the settings are to be loaded: with these rules nobody could come back.
                await connection.ExecuteAsync("SELECT pg_reload_conf()");
                await connection.ExecuteAsync("SELECT pg_sleep(0.3)");
                var findings = await engine.SecurityAudit.AuditAsync(sandbox.Target, new SecurityAuditQuery { IncludePassed = true }, Calls.Silent(), Token);
                string[] Lines(string id) => [.. findings.Where(finding => finding.Id == id && finding.Outcome == FindingOutcome.Fail).Select(finding => $"{finding.Subject!.Split(' ')[^1]} {finding.Severity}").Order(StringComparer.Ordinal)];

                Assert.Equal(["4 Critical", "5 Medium"], Lines("DBSEC-HBA-TRUST"));
                Assert.Equal(["6 High", "7 Medium"], Lines("DBSEC-HBA-WEAK-METHOD"));
                Assert.Equal(["10 High", "4 Medium", "8 Medium"], Lines("DBSEC-HBA-NO-TLS"));
                Assert.Equal(["10 Medium", "4 High"], Lines("DBSEC-HBA-ANYWHERE"));
                Assert.Equal(["11 Medium"], Lines("DBSEC-HBA-ERROR"));
                Assert.All((string[])["DBSEC-LOG-LINE-PREFIX", "DBSEC-LOG-FILE-MODE", "DBSEC-TLS-PROTOCOL", "DBSEC-TLS-CIPHERS", "DBSEC-TLS-OFF", "DBSEC-LOG-CONNECTIONS", "DBSEC-LOG-DISCONNECTIONS"], id => Assert.NotEmpty(Lines(id)));

                foreach (var name in new[] { "log_line_prefix", "log_file_mode", "ssl_min_protocol_version", "ssl_ciphers" })
                {
                    await connection.ExecuteAsync($"ALTER SYSTEM RESET {name}");
                }

                await connection.ExecuteAsync("ALTER SYSTEM SET log_line_prefix = '%m [%p] %q%u@%d %h '");
                await connection.ExecuteAsync($"ALTER SYSTEM SET log_connections = '{(major >= 18 ? "receipt,authorization" : "on")}'");
                await connection.ExecuteAsync("ALTER SYSTEM SET log_disconnections = 'on'");
                await connection.ExecuteAsync("SELECT pg_reload_conf()");
                await connection.ExecuteAsync("SELECT pg_sleep(0.3)");
                // What is read when a session begins takes a new one.
                await engine.CloseAsync(sandbox.Target);
                findings = await engine.SecurityAudit.AuditAsync(sandbox.Target, new SecurityAuditQuery { IncludePassed = true }, Calls.Silent(), Token);
                Assert.All((string[])["DBSEC-LOG-LINE-PREFIX", "DBSEC-LOG-FILE-MODE", "DBSEC-TLS-PROTOCOL", "DBSEC-TLS-CIPHERS", "DBSEC-LOG-CONNECTIONS", "DBSEC-LOG-DISCONNECTIONS"], id => Assert.Empty(Lines(id)));
            }
        }
        finally
        {
            await fixture.Service.StopAsync(sandbox.Id, Calls.Silent(), CancellationToken.None);
        }
    }
}
