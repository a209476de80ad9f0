using System.IO.Compression;
using System.Net;
using Azure.Storage.Blobs;
using Maintenance.Engine;
using Maintenance.IntegrationTests.Infrastructure;
using Npgsql;

namespace Maintenance.IntegrationTests.Backup;

/// <summary>Archives that a real server wrote: whole, with what can happen to them, in a folder and in Azurite.</summary>
public sealed class WalArchiveTests(ArchivingServer server, SandboxFixture fixture) : IClassFixture<ArchivingServer>, IAsyncDisposable
{
    private readonly MaintenanceEngine _engine = new();
    private readonly string _copy = Directory.CreateTempSubdirectory("wal-test-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        Directory.Delete(_copy, recursive: true);
    }

    [Fact]
    public async Task An_archive_that_is_whole_is_fresh_and_the_server_tells_how_far_it_is_behind()
    {
        var recency = await _engine.WalArchives.TestAsync(server.Target, null, Calls.Silent(), Token);
        Assert.Equal((BackupRecencyState.Fresh, BackupKind.WalArchive), (recency.State, recency.Newest!.Kind));
        var wal = recency.Wal!;
        Assert.Equal((1L, 16777216L, false), (wal.Timeline, wal.SegmentSizeBytes, wal.SegmentSizeAssumed));
        Assert.Empty(wal.Gaps);
        Assert.Equal(Directory.GetFiles(server.Archive, "*.backup").Length, wal.BaseBackupCount);
        Assert.True(wal.BaseBackupCount >= 3);
        Assert.Equal("on", wal.Server!.Archiver!.Mode);
        Assert.Equal(0, wal.Server.WaitingBytes);
        Assert.Equal(1, wal.Server.Timeline);
    }

    [Fact]
    public async Task A_segment_that_was_removed_is_a_gap_in_a_folder_and_in_a_container()
    {
        Copy();
        var removed = Segments()[^2];
        File.Delete(removed);
        var container = await UploadAsync("walgap");
        foreach (var store in new[] { new StoreSettings { Path = _copy }, container })
        {
            var recency = await _engine.WalArchives.TestAsync(store, null, Calls.Silent(), Token);
            Assert.Equal((BackupRecencyState.Gap, HealthStatus.Critical), (recency.State, recency.Status));
            Assert.Equal(Path.GetFileName(removed), Assert.Single(recency.Wal!.Gaps).FirstMissing);
            Assert.Equal(Path.GetFileName(Segments()[^1]), recency.Wal.ContinuousFrom);
            Assert.InRange(recency.Requests, 1, 3);
        }
    }

    [Fact]
    public async Task A_truncated_segment_is_as_good_as_missing()
    {
        Copy();
        var cut = Segments()[^2];
        await using (var file = File.OpenWrite(cut))
        {
            file.SetLength(1_000_000);
        }

        File.SetLastWriteTimeUtc(cut, TimeProvider.System.GetUtcNow().UtcDateTime.AddHours(-1));
        var recency = await _engine.WalArchives.TestAsync(new StoreSettings { Path = _copy }, null, Calls.Silent(), Token);
        Assert.Equal(BackupRecencyState.Gap, recency.State);
        Assert.Equal(Path.GetFileName(cut), Assert.Single(recency.Wal!.Damaged).Name);
        Assert.Equal(Path.GetFileName(cut), Assert.Single(recency.Wal.Gaps).FirstMissing);
    }

    [Fact]
    public async Task Compressed_segments_count_and_tell_their_size_too()
    {
        Copy();
        foreach (var segment in Segments())
        {
            await using (var target = new GZipStream(File.Create(segment + ".gz"), CompressionLevel.Fastest))
            {
                await target.WriteAsync(await File.ReadAllBytesAsync(segment, Token), Token);
            }

            File.Delete(segment);
        }

        var recency = await _engine.WalArchives.TestAsync(new StoreSettings { Path = _copy }, null, Calls.Silent(), Token);
        Assert.Equal((BackupRecencyState.Fresh, false), (recency.State, recency.Wal!.SegmentSizeAssumed));
        Assert.Empty(recency.Wal.Gaps);
    }

    [Fact]
    public async Task A_promotion_begins_a_timeline_and_what_the_old_one_goes_on_with_is_no_part_of_the_way()
    {
        var folder = await server.Server.FolderAsync("promoted");
        var standby = await server.Server.StandbyAsync("promoted");
        try
        {
            var settings = new NpgsqlConnectionStringBuilder(SandboxFixture.ConnectionString(server.Server.Sandbox)) { Port = standby.Port, Pooling = false };
            await using var connection = new NpgsqlConnection(settings.ConnectionString);
            await connection.OpenAsync(Token);
            await connection.ExecuteAsync($"ALTER SYSTEM SET archive_command = 'cp %p \"{folder}/%f\"'");
            await connection.ExecuteAsync("SELECT pg_reload_conf()");
            await connection.ExecuteAsync("SELECT pg_promote()");
            await connection.ExecuteAsync("SELECT pg_logical_emit_message(false, 'test', 'something')");
            await connection.ExecuteAsync("SELECT pg_switch_wal()");
            while (!await connection.ScalarAsync<bool>("SELECT coalesce(last_archived_wal LIKE '00000002%' AND length(last_archived_wal) = 24, false) FROM pg_stat_archiver"))
            {
                await Task.Delay(50, Token);
            }

            await server.SwitchAsync();
            await server.SwitchAsync();
            await server.ArchivedAsync();
        }
        finally
        {
            await standby.StopAsync("immediate");
        }

        Copy();
        foreach (var file in Directory.GetFiles(folder))
        {
            File.Copy(file, Path.Combine(_copy, Path.GetFileName(file)), overwrite: true);
        }

        var recency = await _engine.WalArchives.TestAsync(new StoreSettings { Path = _copy }, null, Calls.Silent(), Token);
        Assert.True(recency.State == BackupRecencyState.Fresh, recency.Message);
        Assert.Equal((2L, 1L), (recency.Wal!.Timeline, Assert.Single(recency.Wal.Timelines).Parent));
        Assert.StartsWith("00000002", recency.Wal.LastSegment, StringComparison.Ordinal);
        Assert.StartsWith("00000001", recency.Wal.FirstSegment, StringComparison.Ordinal);

        // The old timeline's newest segment lies behind the switch: nobody needs it. Its history everybody does.
        File.Delete(Segments().Last(segment => Path.GetFileName(segment).StartsWith("00000001", StringComparison.Ordinal)));
        Assert.Equal(BackupRecencyState.Fresh, (await _engine.WalArchives.TestAsync(new StoreSettings { Path = _copy }, null, Calls.Silent(), Token)).State);
        File.Delete(Path.Combine(_copy, "00000002.history"));
        Assert.Equal(BackupRecencyState.Gap, (await _engine.WalArchives.TestAsync(new StoreSettings { Path = _copy }, null, Calls.Silent(), Token)).State);
    }

    [Fact]
    public async Task An_archive_without_segments_is_none_and_a_folder_that_is_not_there_says_nothing()
    {
        Assert.Equal(BackupRecencyState.None, (await _engine.WalArchives.TestAsync(new StoreSettings { Path = _copy }, null, Calls.Silent(), Token)).State);
        var missing = await _engine.WalArchives.TestAsync(new StoreSettings { Path = Path.Combine(_copy, "missing") }, null, Calls.Silent(), Token);
        Assert.Equal((BackupRecencyState.CannotDetermine, MaintenanceErrorCode.StoreNotFound), (missing.State, missing.Error));
    }

    [Fact]
    public async Task An_archive_of_another_server_is_none_of_this_one()
    {
        Copy();
        var target = (await fixture.PostgresAsync(15)).Target with { WalArchive = new StoreSettings { Path = _copy } };
        var recency = await _engine.WalArchives.TestAsync(target, null, Calls.Silent(), Token);
        Assert.Equal(BackupRecencyState.None, recency.State);
        Assert.Contains("another server", recency.Message, StringComparison.Ordinal);
    }

    private void Copy()
    {
        foreach (var file in Directory.GetFiles(server.Archive))
        {
            File.Copy(file, Path.Combine(_copy, Path.GetFileName(file)));
        }
    }

    private string[] Segments() => [.. Directory.GetFiles(_copy).Where(file => Path.GetFileName(file).Length == 24).Order(StringComparer.Ordinal)];

    private async Task<StoreSettings> UploadAsync(string container)
    {
        var store = (await fixture.AzuriteAsync()).Target.BackupStore! with { Container = container, Prefix = "wal/" };
        var client = new BlobContainerClient(new NetworkCredential("", store.ConnectionString!.ToSecureString()).Password, container);
        await client.CreateIfNotExistsAsync(cancellationToken: Token);
        foreach (var file in Directory.GetFiles(_copy))
        {
            await using var content = File.OpenRead(file);
            await client.UploadBlobAsync("wal/" + Path.GetFileName(file), content, Token);
        }

        return store;
    }
}
