using Maintenance.IntegrationTests.Infrastructure;
using static Maintenance.IntegrationTests.Backup.RestoreScene;

namespace Maintenance.IntegrationTests.Backup;

/// <summary>Good dumps by the real pg_dump that are out of the ordinary: a restore must not call them bad.</summary>
public sealed class RestoreOddDumpTests(SandboxFixture fixture)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(BackupKind.Custom, "")]
    [InlineData(BackupKind.Plain, "")]
    [InlineData(BackupKind.Plain, "--use-set-session-authorization")]
    public async Task What_only_superusers_may_own_is_restored(BackupKind kind, string argument)
    {
        var name = $"odd_owners_{kind}{(argument.Length > 0 ? "_session" : "")}".ToLowerInvariant();
        await using var scene = await CreateAsync(await fixture.PostgresAsync(15), name, $$"""
            ALTER ROLE {{name}}_owner SUPERUSER;
            CREATE FUNCTION refuse() RETURNS event_trigger LANGUAGE plpgsql AS $f$ BEGIN RAISE EXCEPTION 'nobody changes anything here'; END $f$;
            CREATE FOREIGN DATA WRAPPER wrapper;
            CREATE SUBSCRIPTION subscription CONNECTION 'host=192.0.2.1' PUBLICATION nothing WITH (connect = false);
            CREATE PUBLICATION everything FOR ALL TABLES;
            ALTER FOREIGN DATA WRAPPER wrapper OWNER TO {{name}}_owner;
            ALTER SUBSCRIPTION subscription OWNER TO {{name}}_owner;
            ALTER PUBLICATION everything OWNER TO {{name}}_owner;
            CREATE EVENT TRIGGER sentry ON ddl_command_start EXECUTE FUNCTION refuse();
            ALTER EVENT TRIGGER sentry OWNER TO {{name}}_owner;
            """);
        try
        {
            var verification = await scene.TestAsync(await scene.DumpAsync(kind, argument.Length == 0 ? [] : [argument]));
            Assert.True(verification.Verdict == BackupVerdict.Verified, Text(verification));
            Assert.Equal(FindingOutcome.Pass, Check(verification, "Structure (amcheck)").Outcome);
        }
        finally
        {
            // A database with a subscription cannot be dropped.
            await using var connection = await SandboxDatabase.OpenAsync(scene.Sandbox, name);
            await connection.ExecuteAsync("""
                SET session_replication_role = replica;
                ALTER SUBSCRIPTION subscription SET (slot_name = NONE);
                DROP SUBSCRIPTION subscription;
                """);
        }
    }
}
