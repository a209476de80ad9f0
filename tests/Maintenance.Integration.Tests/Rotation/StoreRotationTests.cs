using System.IO.Compression;
using System.Text;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using Maintenance.Engine.Artifacts;
using Maintenance.Engine.Rotation;
using Maintenance.IntegrationTests.Analytics;
using Maintenance.IntegrationTests.Infrastructure;

namespace Maintenance.IntegrationTests.Rotation;

/// <summary>Published logs, in a folder and in Azurite. There the service sets the times, so the clock is another.</summary>
public sealed class StoreRotationTests(SandboxFixture fixture) : IDisposable
{
    private static readonly LogRotationRule Usual = new() { Source = LogSource.Store, CompressAfter = TimeSpan.FromDays(7), DeleteAfter = TimeSpan.FromDays(90) };

    private readonly string _home = Directory.CreateTempSubdirectory("maintenance-test-").FullName;
    private readonly ShiftedTime _clock = new() { Shift = TimeSpan.FromMinutes(10) };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private async Task<MaintenanceTarget> TargetAsync(bool blob, string prefix = "") => new()
    {
        Name = "production",
        History = new HistorySettings { Path = Path.Combine(_home, "history.db") },
        ArtifactStore = blob
            ? (await fixture.AzuriteAsync()).Target.BackupStore! with { Container = $"c{Guid.NewGuid():N}", Prefix = prefix }
            : new StoreSettings { Path = Path.Combine(_home, "artifacts") },
    };

    private static async Task<PublishedArtifact> PublishAsync(MaintenanceTarget target, string name, params (string Name, string Value)[] metadata)
    {
        using var content = new MemoryStream(Encoding.UTF8.GetBytes(Lines(name)));
        return await new ArtifactService(TimeProvider.System).PublishAsync(
            target, content, new ArtifactOptions { Name = name, Metadata = metadata.ToDictionary(entry => entry.Name, entry => entry.Value) }, Calls.Silent(), Token);
    }

    private static string Lines(string name) => string.Concat(Enumerable.Range(0, 500).Select(i => $"{i} {name} was here\n"));

    private LogRotationService Service => new(_clock, Path.Combine(_home, "locks"));

    private async Task<List<LogRotation>> RotateAsync(MaintenanceTarget target, LogRotationRule? rule = null, Func<LogRotation, Task<bool>>? confirm = null)
    {
        var records = new List<LogRotation>();
        await foreach (var record in Service.RotateAsync(target, rule ?? Usual, confirm ?? (_ => Task.FromResult(true)), Calls.Silent(TimeSpan.FromSeconds(60)), Token))
        {
            records.Add(record);
        }

        return records;
    }

    private async Task<string[]> WordsAsync(MaintenanceTarget target, LogRotationRule? rule = null) => [.. (await RotateAsync(target, rule)).Select(record => record.ToString())];

    private static BlobContainerClient ContainerOf(MaintenanceTarget target) =>
        new(new System.Net.NetworkCredential("", target.ArtifactStore!.ConnectionString!.ToSecureString()).Password, target.ArtifactStore.Container);

    private static async Task<string> UnpackedAsync(Stream compressed)
    {
        await using var content = new GZipStream(compressed, CompressionMode.Decompress);
        using var reader = new StreamReader(content);
        return await reader.ReadToEndAsync(Token);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Published_logs_are_compressed_then_deleted_and_keep_their_age(bool blob)
    {
        var target = await TargetAsync(blob);
        await PublishAsync(target, "daily-logs/maintenance-20261101.log", ("run", "42"));
        await PublishAsync(target, "other/report.md");
        Assert.Empty(await RotateAsync(target));

        _clock.Shift = TimeSpan.FromDays(8);
        var rule = Usual with { Prefix = "daily-logs/" };
        var record = Assert.Single(await RotateAsync(target, rule));
        Assert.Equal(("daily-logs/maintenance-20261101.log", "daily-logs/maintenance-20261101.log.gz", StepState.Done), (record.Name, record.NewName, record.State));
        Assert.True(record.SizeBytesAfter < record.SizeBytes);
        Assert.Equal("production", record.Target);
        Assert.Empty(await RotateAsync(target, rule));

        _clock.Shift = TimeSpan.FromDays(89);
        Assert.Empty(await RotateAsync(target, rule));
        _clock.Shift = TimeSpan.FromDays(91);
        Assert.Equal(["Done Delete daily-logs/maintenance-20261101.log.gz"], await WordsAsync(target, rule));
        Assert.Equal(["Done Delete other/report.md"], await WordsAsync(target));
    }

    [Fact]
    public async Task A_blob_is_the_same_when_compressed_and_keeps_its_metadata()
    {
        var target = await TargetAsync(blob: true, prefix: "logs/");
        await PublishAsync(target, "a.log", ("run", "42"), ("note", "Grüße"));
        var before = (await ContainerOf(target).GetBlobClient("logs/a.log").GetPropertiesAsync(cancellationToken: Token)).Value;
        _clock.Shift = TimeSpan.FromDays(8);
        var record = Assert.Single(await RotateAsync(target));
        Assert.Equal(("a.log", "a.log.gz"), (record.Name, record.NewName));
        Assert.EndsWith("/logs", record.Store, StringComparison.Ordinal);

        var blob = ContainerOf(target).GetBlobClient("logs/a.log.gz");
        var after = (await blob.GetPropertiesAsync(cancellationToken: Token)).Value;
        Assert.Equal("application/gzip", after.ContentType);
        Assert.All(before.Metadata, entry => Assert.Equal(entry.Value, after.Metadata[entry.Key]));
        Assert.Equal("text/plain; charset=utf-8", after.Metadata["uncompressed_type"]);
        Assert.Equal(record.SizeBytesAfter, after.ContentLength);
        await using var content = await blob.OpenReadAsync(cancellationToken: Token);
        Assert.Equal(Lines("a.log"), await UnpackedAsync(content));
        Assert.False(await ContainerOf(target).GetBlobClient("logs/a.log").ExistsAsync(Token));
    }

    [Fact]
    public async Task A_file_keeps_its_metadata_beside_it_and_both_go_together()
    {
        var target = await TargetAsync(blob: false);
        var artifact = await PublishAsync(target, "daily-logs/a.log", ("run", "42"));
        var folder = Path.GetDirectoryName(artifact.Location)!;
        _clock.Shift = TimeSpan.FromDays(8);
        Assert.Single(await RotateAsync(target));
        Assert.Equal(["a.log.gz", "a.log.gz.metadata.json"], Directory.GetFiles(folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        var kept = ArtifactSideFile.TryRead($"{artifact.Location}.gz.metadata.json")!;
        Assert.Equal(("application/gzip", "42", artifact.Sha256, "text/plain; charset=utf-8"), (kept.ContentType, kept.Metadata["run"], kept.Metadata["sha256"], kept.Metadata["uncompressed_type"]));
        _clock.Shift = TimeSpan.FromDays(91);
        Assert.Single(await RotateAsync(target));
        Assert.Empty(Directory.GetFiles(folder));
    }

    [Fact]
    public async Task Metadata_that_an_interruption_left_go_and_those_of_others_stay()
    {
        var target = await TargetAsync(blob: false);
        var artifact = await PublishAsync(target, "daily-logs/a.log", ("retention", "7years"));
        var old = await File.ReadAllTextAsync($"{artifact.Location}.metadata.json", Token);
        _clock.Shift = TimeSpan.FromDays(8);
        Assert.Single(await RotateAsync(target));
        // Ended after the original was deleted, and before its metadata were.
        await File.WriteAllTextAsync($"{artifact.Location}.metadata.json", old, Token);
        Assert.Equal(["Done Delete daily-logs/a.log.metadata.json"], await WordsAsync(target));
        Assert.True(File.Exists($"{artifact.Location}.gz.metadata.json"));

        // Ended after the metadata of the compressed artefact were written, and before it was there.
        var second = await PublishAsync(target, "daily-logs/b.log", ("retention", "7years"));
        await File.WriteAllTextAsync($"{second.Location}.gz.metadata.json", old, Token);
        _clock.Shift = TimeSpan.FromDays(400);
        Assert.Equal(["Done Compress daily-logs/b.log", "Skipped Delete daily-logs/a.log.gz"], (await WordsAsync(target)).Order(StringComparer.Ordinal));
        Assert.Equal(
            ["a.log.gz", "a.log.gz.metadata.json", "b.log.gz", "b.log.gz.metadata.json"],
            Directory.GetFiles(Path.GetDirectoryName(second.Location)!).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        File.Delete($"{second.Location}.gz");
        File.Delete($"{second.Location}.gz.metadata.json");

        // Compressed by hand: the metadata of before are all it has.
        File.Delete($"{artifact.Location}.gz.metadata.json");
        await File.WriteAllTextAsync($"{artifact.Location}.metadata.json", old, Token);
        _clock.Shift = TimeSpan.FromDays(400);
        Assert.Equal(["Skipped Delete daily-logs/a.log.gz"], await WordsAsync(target));
        Assert.True(File.Exists($"{artifact.Location}.metadata.json"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_must_be_kept_for_seven_years_is(bool blob)
    {
        var target = await TargetAsync(blob);
        await PublishAsync(target, "monthly-audits/a.md", ("classification", "confidential"), ("retention", "7years"));
        _clock.Shift = TimeSpan.FromDays(400);
        Assert.Equal(["Done Compress monthly-audits/a.md"], await WordsAsync(target));
        var record = Assert.Single(await RotateAsync(target));
        Assert.Equal((StepState.Skipped, HealthStatus.Ok, "monthly-audits/a.md.gz"), (record.State, record.Status, record.Name));
        Assert.Contains("retention=7years", record.Message, StringComparison.Ordinal);
        _clock.Shift = TimeSpan.FromDays(366 * 7);
        Assert.Equal(["Done Delete monthly-audits/a.md.gz"], await WordsAsync(target));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_is_under_a_legal_hold_stays_as_it_is(bool blob)
    {
        var target = await TargetAsync(blob);
        await PublishAsync(target, "a.log", ("legalHold", "case 17"));
        _clock.Shift = TimeSpan.FromDays(8);
        Assert.Equal(["Skipped Compress a.log"], await WordsAsync(target));
        _clock.Shift = TimeSpan.FromDays(4000);
        Assert.Contains("legal hold", Assert.Single(await RotateAsync(target)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Metadata_that_nobody_can_read_keep_their_artefact()
    {
        var target = await TargetAsync(blob: false);
        var artifact = await PublishAsync(target, "a.gz");
        await File.WriteAllTextAsync($"{artifact.Location}.metadata.json", "{ \"metadata\": ", Token);
        _clock.Shift = TimeSpan.FromDays(400);
        Assert.Equal(["Skipped Delete a.gz"], await WordsAsync(target));
    }

    [Fact]
    public async Task Blobs_move_to_their_tier_once()
    {
        var target = await TargetAsync(blob: true);
        await PublishAsync(target, "a.md");
        await PublishAsync(target, "b.md.gz");
        _clock.Shift = TimeSpan.FromDays(31);
        var rule = new LogRotationRule { Source = LogSource.Store, TierAfter = TimeSpan.FromDays(30), Tier = LogTier.Cool };
        var records = await RotateAsync(target, rule);
        Assert.Equal(["Done Tier a.md", "Done Tier b.md.gz"], records.Select(record => record.ToString()));
        Assert.All(records, record => Assert.Equal((LogTier.Cool, 0L), (record.Tier, record.Reclaimed)));
        Assert.Equal(AccessTier.Cool, (await ContainerOf(target).GetBlobClient("a.md").GetPropertiesAsync(cancellationToken: Token)).Value.AccessTier);
        Assert.Empty(await RotateAsync(target, rule));

        // Compressed and moved at once, a blob is where it belongs at once.
        Assert.Equal(["Done Compress a.md"], await WordsAsync(target, rule with { CompressAfter = TimeSpan.FromDays(1) }));
        Assert.Equal(AccessTier.Cool, (await ContainerOf(target).GetBlobClient("a.md.gz").GetPropertiesAsync(cancellationToken: Token)).Value.AccessTier);
        Assert.Empty(await RotateAsync(target, rule with { CompressAfter = TimeSpan.FromDays(1) }));
        Assert.Equal(["Done Tier a.md.gz", "Done Tier b.md.gz"], (await WordsAsync(target, rule with { Tier = LogTier.Archive })).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_leased_blob_is_left_alone()
    {
        var target = await TargetAsync(blob: true);
        await PublishAsync(target, "leased.log");
        await PublishAsync(target, "other.log");
        await ContainerOf(target).GetBlobClient("leased.log").GetBlobLeaseClient().AcquireAsync(BlobLeaseClient.InfiniteLeaseDuration, cancellationToken: Token);
        _clock.Shift = TimeSpan.FromDays(8);
        var records = await RotateAsync(target);
        Assert.Contains("leased", records.Single(record => record.State == StepState.Skipped).Message, StringComparison.Ordinal);
        Assert.Equal("other.log", records.Single(record => record.State == StepState.Done).Name);
    }

    [Theory]
    [InlineData("leased")]
    [InlineData("written")]
    [InlineData("gone")]
    public async Task What_has_changed_since_the_look_is_left_alone(string change)
    {
        var target = await TargetAsync(blob: true);
        await PublishAsync(target, "a.log");
        await PublishAsync(target, "b.log.gz");
        _clock.Shift = TimeSpan.FromDays(91);
        var container = ContainerOf(target);
        var records = await RotateAsync(target, Usual with { DeleteAfter = TimeSpan.FromDays(90), CompressAfter = TimeSpan.FromDays(8) }, async record =>
        {
            var blob = container.GetBlobClient(record.Name);
            await (change switch
            {
                "leased" => (Task)blob.GetBlobLeaseClient().AcquireAsync(BlobLeaseClient.InfiniteLeaseDuration, cancellationToken: Token),
                "written" => blob.UploadAsync(BinaryData.FromString(Lines("new")), overwrite: true, Token),
                _ => blob.DeleteAsync(cancellationToken: Token),
            });
            return true;
        });
        Assert.Equal(2, records.Count);
        Assert.All(records, record => Assert.Equal(StepState.Skipped, record.State));
        Assert.Equal(change == "gone" ? 0 : 2, container.GetBlobs(cancellationToken: Token).Count());
    }

    [Fact]
    public async Task A_blob_written_to_while_it_is_compressed_stays()
    {
        var target = await TargetAsync(blob: true);
        await PublishAsync(target, "a.log");
        _clock.Shift = TimeSpan.FromDays(8);
        var container = ContainerOf(target);
        var record = Assert.Single(await RotateAsync(target, confirm: async _ =>
        {
            await container.GetBlobClient("a.log").UploadAsync(BinaryData.FromString("new"), overwrite: true, Token);
            return true;
        }));
        Assert.Equal(StepState.Skipped, record.State);
        Assert.Equal("new", (await container.GetBlobClient("a.log").DownloadContentAsync(Token)).Value.Content.ToString());
    }

    [Fact]
    public async Task Both_present_after_an_interruption_become_one_and_other_content_is_kept()
    {
        var target = await TargetAsync(blob: true);
        await PublishAsync(target, "a.log");
        await PublishAsync(target, "b.log");
        var container = ContainerOf(target);
        foreach (var (name, text) in new[] { ("a.log.gz", Lines("a.log")), ("b.log.gz", "another day's log") })
        {
            using var packed = new MemoryStream();
            await using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
            {
                await gzip.WriteAsync(Encoding.UTF8.GetBytes(text), Token);
            }

            packed.Position = 0;
            await container.GetBlobClient(name).UploadAsync(packed, cancellationToken: Token);
        }

        _clock.Shift = TimeSpan.FromDays(8);
        var records = await RotateAsync(target);
        Assert.Equal(["a.log.gz", "b.2.log.gz"], records.Select(record => record.NewName).Order(StringComparer.Ordinal));
        Assert.Equal(["a.log.gz", "b.2.log.gz", "b.log.gz"], container.GetBlobs(cancellationToken: Token).Select(blob => blob.Name));
    }

    [Fact]
    public async Task Two_at_once_lose_nothing()
    {
        var target = await TargetAsync(blob: true);
        var names = Enumerable.Range(0, 12).Select(i => $"app-{i:00}.log").ToList();
        await Task.WhenAll(names.Select(name => PublishAsync(target, name)));
        _clock.Shift = TimeSpan.FromDays(8);
        await Task.WhenAll(Task.Run(() => RotateAsync(target)), Task.Run(() => RotateAsync(target)));
        await RotateAsync(target);
        var container = ContainerOf(target);
        Assert.Equal(names.Select(name => $"{name}.gz"), container.GetBlobs(cancellationToken: Token).Select(blob => blob.Name));
        foreach (var name in names)
        {
            await using var content = await container.GetBlobClient($"{name}.gz").OpenReadAsync(cancellationToken: Token);
            Assert.Equal(Lines(name), await UnpackedAsync(content));
        }
    }

    [Fact]
    public async Task Append_blobs_are_not_compressed_but_deleted()
    {
        var target = await TargetAsync(blob: true);
        await PublishAsync(target, "a.gz");
        await ContainerOf(target).GetAppendBlobClient("stream.log").CreateAsync(cancellationToken: Token);
        using var text = new MemoryStream(Encoding.UTF8.GetBytes(Lines("x")));
        await ContainerOf(target).GetAppendBlobClient("stream.log").AppendBlockAsync(text, cancellationToken: Token);
        _clock.Shift = TimeSpan.FromDays(8);
        Assert.Empty(await RotateAsync(target));
        _clock.Shift = TimeSpan.FromDays(91);
        Assert.Contains("Done Delete stream.log", await WordsAsync(target));
    }

    [Fact]
    public async Task A_container_that_is_not_there_or_not_to_be_reached_is_an_error()
    {
        // Rules of its own, so that nothing is taken for not written yet.
        var target = await TargetAsync(blob: true) with { LogRotation = [Usual] };
        Assert.Equal(MaintenanceErrorCode.StoreNotFound, (await Assert.ThrowsAsync<MaintenanceException>(() => RotateAsync(target))).Code);
        Assert.Empty(await RotateAsync(target with { LogRotation = [] }));
        var away = new MaintenanceTarget
        {
            Name = "away",
            ArtifactStore = new StoreSettings
            {
                Container = "logs",
                ConnectionString = SecretReference.FromSecureString(new System.Net.NetworkCredential(
                    "", "DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey=AAAA;BlobEndpoint=http://127.0.0.1:1/devstoreaccount1").SecurePassword),
            },
        };
        Assert.Equal(MaintenanceErrorCode.StoreUnreachable, (await Assert.ThrowsAsync<MaintenanceException>(() => RotateAsync(away))).Code);
        Assert.Equal(MaintenanceErrorCode.NotConfigured, (await Assert.ThrowsAsync<MaintenanceException>(() => RotateAsync(new MaintenanceTarget { Name = "bare" }))).Code);
    }

    public void Dispose() => Directory.Delete(_home, recursive: true);
}
