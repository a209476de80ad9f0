using System.IO.Compression;
using Maintenance.Engine.Sandbox;
using Maintenance.IntegrationTests.Infrastructure;

namespace Maintenance.IntegrationTests.Sandbox;

[Collection(nameof(SampleServers))]
public sealed class SampleBackupsTests(SampleServers servers)
{
    private static readonly DateTimeOffset Now = new(2026, 11, 23, 14, 5, 0, TimeSpan.Zero);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task There_is_one_of_now_and_one_of_each_night_before_of_which_one_is_empty()
    {
        var server = await servers.GetAsync(15);

        var stored = await WriteAsync(server, SampleServer.Program("pg_dump"));

        Assert.Equal(
            [
                "db-2026111702.dump", "db-2026111802.dump", "db-2026111902.dump", "db-2026112002.dump",
                "db-2026112102.dump", "db-2026112202.dump", "db-2026112314.dump",
            ],
            stored.Select(file => file.Name));
        Assert.Equal(Now, stored[^1].TakenAt);
        Assert.Equal(new DateTimeOffset(2026, 11, 22, 2, 0, 0, TimeSpan.Zero), stored[^2].TakenAt);
        Assert.Equal("db-2026112002.dump", Assert.Single(stored, file => file.Content.Length == 0).Name);
    }

    [Fact]
    public async Task What_pg_dump_wrote_can_be_restored()
    {
        var server = await servers.GetAsync(15);
        var newest = (await WriteAsync(server, SampleServer.Program("pg_dump")))[^1];
        var restored = await server.CreateAsync("restored");

        await WithFileAsync(newest.Content, file => server.RunAsync("pg_restore", "--exit-on-error", "--dbname", "restored", file));

        Assert.Equal(await SampleDatabaseTests.RowCountsAsync(server.Sample), await SampleDatabaseTests.RowCountsAsync(restored));
    }

    [Theory, InlineData(15), InlineData(18)]
    public async Task Without_pg_dump_a_plain_dump_is_written_that_can_be_restored(int version)
    {
        var server = await servers.GetAsync(version);
        var newest = (await WriteAsync(server, pgDumpPath: null))[^1];
        var restored = await server.CreateAsync("restored_plain");
        using var plain = new MemoryStream();
        await using (var compressed = new GZipStream(new MemoryStream(newest.Content), CompressionMode.Decompress))
        {
            await compressed.CopyToAsync(plain, Cancel);
        }

        await WithFileAsync(plain.ToArray(), file => server.RunAsync("psql", "-X", "-q", "-o", file + ".out", "-v", "ON_ERROR_STOP=1", "-d", "restored_plain", "-f", file));

        Assert.Equal("db-2026112314.sql.gz", newest.Name);
        Assert.Equal(await SampleDatabaseTests.FingerprintsAsync(server.Sample), await SampleDatabaseTests.FingerprintsAsync(restored));
        await using var next = restored.CreateCommand("INSERT INTO error_logs (severity, component, message) VALUES ('info', 'test', 'The counter goes on') RETURNING id");
        await using var last = server.Sample.CreateCommand("SELECT max(id) FROM error_logs");
        Assert.Equal((int)(await last.ExecuteScalarAsync(Cancel))! + 1, await next.ExecuteScalarAsync(Cancel));
    }

    [Fact]
    public async Task A_pg_dump_that_fails_is_told_in_its_own_words_and_without_the_password()
    {
        var server = await servers.GetAsync(15);

        var error = await Assert.ThrowsAsync<MaintenanceException>(() => WriteAsync(server, SampleServer.Program("pg_dump"), password: "wrong-marker"));

        Assert.Equal(MaintenanceErrorCode.SandboxStartFailed, error.Code);
        Assert.Contains("password authentication failed", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong-marker", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pg_dump_that_is_not_there_is_named()
    {
        var server = await servers.GetAsync(15);

        var error = await Assert.ThrowsAsync<MaintenanceException>(() => WriteAsync(server, Path.Combine(Path.GetTempPath(), "no", "pg_dump")));

        Assert.Contains(Path.Combine("no", "pg_dump"), error.Message, StringComparison.Ordinal);
    }

    private static async Task<List<Stored>> WriteAsync(SampleServer server, string? pgDumpPath, string? password = null)
    {
        var stored = new List<Stored>();
        await SampleBackups.WriteAsync(
            server.Sample,
            password ?? server.Password,
            pgDumpPath,
            SandboxFixture.ResourcePath,
            async (name, content, takenAt, token) =>
            {
                using var copy = new MemoryStream();
                await content.CopyToAsync(copy, token);
                stored.Add(new Stored(name, copy.ToArray(), takenAt));
            },
            new FixedTime(Now),
            new RecordingSink(),
            Cancel);
        return stored;
    }

    private static async Task WithFileAsync(byte[] content, Func<string, Task> use)
    {
        var folder = Directory.CreateTempSubdirectory("maintenance-backup-");
        try
        {
            var file = Path.Combine(folder.FullName, "backup");
            await File.WriteAllBytesAsync(file, content, Cancel);
            await use(file);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private sealed record Stored(string Name, byte[] Content, DateTimeOffset TakenAt);

    private sealed class FixedTime(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
