using System.Net;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using Azure.Storage.Sas;
using Maintenance.Engine.Backup;
using Maintenance.Engine.Stores;
using Maintenance.IntegrationTests.Infrastructure;
using static System.FormattableString;

namespace Maintenance.IntegrationTests.Backup;

/// <summary>What a real Azurite tells of backups beyond their names, and what is made of it.</summary>
public sealed class BackupStateTests(SandboxFixture fixture)
{
    private const string Content = "PGDMP backup";
    private readonly BackupService _backups = new(TimeProvider.System);
    private readonly DateTimeOffset _now = TimeProvider.System.GetUtcNow();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_newest_of_twelve_thousand_names_of_two_databases_is_found_by_their_pattern()
    {
        var (store, container) = await ContainerAsync("pattern");
        var names = Enumerable.Range(0, 6_000).SelectMany(hour => new[] { "app", "billing" }, (hour, database) => Invariant($"database-backups/{database}-{_now.AddHours(-hour - (database == "app" ? 0 : 40)):yyyyMMddHH}.dump"));
        await Parallel.ForEachAsync(
            names.Append("database-backups/README"),
            new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = Token },
            async (name, token) => await container.UploadBlobAsync(name, new BinaryData(Content), token));
        var target = new MaintenanceTarget
        {
            Name = "pattern",
            BackupStore = store with { Prefix = "database-backups/" },
            Backups = new BackupSettings { NamePattern = "{database}-{yyyyMMddHH}.dump", Databases = ["app"] },
        };

        var fresh = Assert.Single(await TestAsync(target));
        Assert.Equal((BackupRecencyState.Fresh, Invariant($"database-backups/app-{_now:yyyyMMddHH}.dump")), (fresh.State, fresh.Newest!.Name));
        Assert.Equal(((long?)Content.Length, true, (long?)null), (fresh.MedianSizeBytes, fresh.ContentSeen, fresh.BackupCount));
        Assert.InRange(fresh.Requests, 1, 3);

        // One of both is old: everything is read before that is said.
        var both = await TestAsync(target with { Backups = target.Backups with { Databases = ["app", "billing"] } });
        Assert.Equal([BackupRecencyState.Fresh, BackupRecencyState.Stale], both.Select(record => record.State));
        Assert.Equal(6_000, both[1].BackupCount);

        // Without a pattern it is sought, with the same end.
        var sought = Assert.Single(await TestAsync(target with { Backups = new BackupSettings { Databases = ["app"] } }));
        Assert.Equal((fresh.State, fresh.Newest.Name, fresh.MedianSizeBytes), (sought.State, sought.Newest!.Name, sought.MedianSizeBytes));
        Assert.InRange(sought.Requests, 1, 12);

        var newest = await ListAsync(target, new BackupQuery { Newest = 2, Databases = ["billing"] });
        Assert.Equal([40, 41], newest.Select(backup => (int)(_now - backup.TakenAt).TotalHours));
    }

    [Fact]
    public async Task Blocks_that_never_became_a_blob_are_no_backup_to_rely_on()
    {
        var (store, container) = await ContainerAsync("uncommitted");
        await PutAsync(container, Invariant($"app-{_now.AddHours(-20):yyyyMMddHH}.dump"));
        await container.GetBlockBlobClient(Invariant($"app-{_now:yyyyMMddHH}.dump"))
            .StageBlockAsync(Convert.ToBase64String("0001"u8), new MemoryStream("PGDMP"u8.ToArray()), cancellationToken: Token);
        var target = Target(store);

        Assert.Equal(
            [BackupCompleteness.Unknown, BackupCompleteness.Uncommitted],
            (await ListAsync(target)).OrderBy(backup => backup.TakenAt).Select(backup => backup.Completeness));

        // It may still be under way: the one before it decides.
        var record = Assert.Single(await TestAsync(target));
        Assert.Equal(BackupRecencyState.Fresh, record.State);
        Assert.Contains("being written", record.Message, StringComparison.Ordinal);
        Assert.Equal(BackupRecencyState.Stale, Assert.Single(await TestAsync(target, TimeSpan.FromHours(1))).State);
        await SameByPipelineAsync(target);
    }

    [Fact]
    public async Task An_error_page_that_is_called_a_backup_is_unreadable()
    {
        var (store, container) = await ContainerAsync("errorpage");
        await PutAsync(container, Invariant($"app-{_now.AddHours(-1):yyyyMMddHH}.dump"), "<html><body>503 Service Unavailable</body></html>");
        await PutAsync(container, Invariant($"db-{_now:yyyyMMddHH}"), "not a backup at all");
        var target = Target(store);
        var records = await TestAsync(target);
        Assert.Equal([BackupRecencyState.Unreadable, BackupRecencyState.Unreadable], records.Select(record => record.State));
        Assert.All(records, record => Assert.Equal((HealthStatus.Critical, false), (record.Status, record.ContentSeen)));
        await SameByPipelineAsync(target);
    }

    [Fact]
    public async Task Where_only_listing_is_permitted_the_content_is_said_to_be_unseen()
    {
        var (store, container) = await ContainerAsync("listonly");
        await PutAsync(container, Invariant($"app-{_now:yyyyMMddHH}.dump"), "no backup");
        var signed = new StoreSettings { ServiceUri = (await fixture.AzuriteAsync()).BlobServiceUri, Container = container.Name };

        var listing = Target(signed with { SasToken = Sas(container, BlobContainerSasPermissions.List) });
        var record = Assert.Single(await TestAsync(listing));
        Assert.Equal((BackupRecencyState.Fresh, false), (record.State, record.ContentSeen));
        Assert.Contains("not looked at: only listing is permitted", record.Message, StringComparison.Ordinal);
        await SameByPipelineAsync(listing);

        var reading = Target(signed with { SasToken = Sas(container, BlobContainerSasPermissions.List | BlobContainerSasPermissions.Read) });
        Assert.Equal(BackupRecencyState.Unreadable, Assert.Single(await TestAsync(reading)).State);
    }

    [Fact]
    public async Task A_backup_in_the_Archive_tier_is_not_opened()
    {
        var (store, container) = await ContainerAsync("archived");
        var name = Invariant($"app-{_now:yyyyMMddHH}.dump");
        await PutAsync(container, name);
        await container.GetBlobClient(name).SetAccessTierAsync(AccessTier.Archive, cancellationToken: Token);
        var record = Assert.Single(await TestAsync(Target(store)));
        Assert.Equal((BackupRecencyState.Fresh, "Archive", false), (record.State, record.Newest!.Tier, record.ContentSeen));
        Assert.Contains("rehydrated", record.Message, StringComparison.Ordinal);
        await SameByPipelineAsync(Target(store));
    }

    [Fact]
    public async Task What_was_noted_at_a_blob_is_listed_and_a_size_unlike_it_is_incomplete()
    {
        var (store, container) = await ContainerAsync("noted");
        var files = new BlobFileStore(container, "", () => { });
        var takenAt = _now.AddMinutes(-5);
        var manifest = new BackupManifest { Name = "x.dump", Database = "größe", Kind = BackupKind.Custom, TakenAt = takenAt, SizeBytes = Content.Length };
        await using (var upload = await files.BeginAsync("x.dump", "application/octet-stream", Token))
        {
            upload.Metadata = BackupManifests.MetadataOf(manifest);
            await upload.Content.WriteAsync(System.Text.Encoding.ASCII.GetBytes(Content), Token);
            await upload.CommitAsync(() => ValueTask.CompletedTask, Token);
        }

        var backup = Assert.Single(await ListAsync(Target(store)));
        Assert.Equal(("größe", takenAt, BackupCompleteness.Complete), (backup.Database, backup.TakenAt, backup.Completeness));
        Assert.Equal((64, (DateTimeOffset?)null, (bool?)null), (backup.Sha256!.Length, backup.ImmutableUntil, backup.LegalHold));

        await container.GetBlobClient("y.dump").UploadAsync(
            new BinaryData("PGDMP"), new BlobUploadOptions { Metadata = new Dictionary<string, string>(BackupManifests.MetadataOf(manifest with { TakenAt = _now.AddMinutes(-1) })) }, Token);
        var record = Assert.Single(await TestAsync(Target(store)));
        Assert.Equal((BackupRecencyState.Incomplete, "y.dump", "x.dump"), (record.State, record.Newest!.Name, record.LastComplete!.Name));
        await SameByPipelineAsync(Target(store));
    }

    [Fact]
    public async Task A_manifest_beside_a_blob_without_notes_is_read()
    {
        var (store, container) = await ContainerAsync("beside");
        await PutAsync(container, "nightly/copy-20200101.dump");
        await BackupManifests.WriteAsync(
            new BlobFileStore(container, "", () => { }),
            new BackupManifest { Name = "nightly/copy-20200101.dump", Database = "app", Kind = BackupKind.Custom, TakenAt = _now.AddHours(-2), SizeBytes = Content.Length, Sha256 = new string('a', 64) },
            Token);
        var backup = Assert.Single(await ListAsync(Target(store)));
        Assert.Equal(("app", _now.AddHours(-2), BackupCompleteness.Complete, new string('a', 64)), (backup.Database, backup.TakenAt, backup.Completeness, backup.Sha256));
    }

    [Fact]
    public async Task A_shrunk_backup_is_told_alike_by_a_store_and_a_pipeline()
    {
        var (store, container) = await ContainerAsync("shrunk");
        for (var day = 0; day < 7; day++)
        {
            await PutAsync(container, Invariant($"app-{_now.AddDays(-day):yyyyMMddHH}.dump"), Content + new string('x', day == 0 ? 10 : 1000 + day));
        }

        var record = Assert.Single(await TestAsync(Target(store)));
        Assert.Equal((BackupRecencyState.Shrunk, true), (record.State, record.ContentSeen));
        await SameByPipelineAsync(Target(store));
        Assert.Equal(BackupRecencyState.Fresh, Assert.Single(await TestAsync(Target(store) with { Backups = new BackupSettings { MaximumShrinkage = 100 } })).State);
    }

    [Fact]
    public async Task A_base_backup_of_many_blobs_is_one()
    {
        var (store, container) = await ContainerAsync("base");
        var folder = Invariant($"base-{_now:yyyyMMddHH}");
        await PutAsync(container, $"{folder}/PG_VERSION", "18\n");
        await PutAsync(container, $"{folder}/backup_manifest", "{ \"PostgreSQL-Backup-Manifest-Version\": 2 }");
        await PutAsync(container, $"{folder}/base/1/1247", "data");
        await PutAsync(container, $"{folder}/base/1/PG_VERSION", "18\n");
        var backup = Assert.Single(await ListAsync(Target(store)));
        Assert.Equal((folder, BackupKind.BaseBackup), (backup.Name, backup.Kind));
        var record = Assert.Single(await TestAsync(Target(store)));
        Assert.Equal((BackupRecencyState.Fresh, BackupKind.BaseBackup, true), (record.State, record.Kind, record.ContentSeen));
        await SameByPipelineAsync(Target(store));
    }

    [Fact]
    public async Task A_pipeline_that_lacks_a_database_has_it_looked_for_in_the_store()
    {
        var (store, container) = await ContainerAsync("filtered");
        await PutAsync(container, Invariant($"app-{_now:yyyyMMddHH}.dump"));
        await PutAsync(container, Invariant($"billing-{_now:yyyyMMddHH}.dump"));
        var target = Target(store) with { Backups = new BackupSettings { Databases = ["app", "billing", "crm"] } };
        var listed = await ListAsync(target, new BackupQuery { Databases = ["app"] });
        Assert.Single(listed);
        var records = await _backups.TestRecencyAsync(listed, _ => target, null, null, Calls.Silent(), Token);
        Assert.Equal([BackupRecencyState.Fresh, BackupRecencyState.Fresh, BackupRecencyState.None], records.Select(record => record.State));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(400)]
    [InlineData(403)]
    [InlineData(409)]
    public async Task What_keeps_a_blob_is_listed_where_the_account_tells_it_and_open_where_it_does_not(int refusal)
    {
        using var service = new HttpListener();
        var port = FreePort();
        service.Prefixes.Add($"http://127.0.0.1:{port}/");
        service.Start();
        var serving = ServeAsync(service, refusal);
        var store = new StoreSettings
        {
            ServiceUri = new Uri($"http://127.0.0.1:{port}/account"),
            AccountName = "account",
            AccountKey = SecretReference.FromSecureString(new NetworkCredential("", Convert.ToBase64String(new byte[32])).SecurePassword),
            Container = "kept",
        };
        var backup = Assert.Single(await ListAsync(Target(store)));
        service.Stop();
        await serving;
        Assert.Equal(("app-20250610.dump", "Hot"), (backup.Name, backup.Tier));
        Assert.Equal(
            refusal == 0 ? (new DateTimeOffset(2036, 6, 10, 3, 0, 0, TimeSpan.Zero), true) : ((DateTimeOffset?)null, (bool?)null),
            (backup.ImmutableUntil, backup.LegalHold));
    }

    // Azurite knows no immutable blobs; this tells of one, or refuses to.
    private static async Task ServeAsync(HttpListener service, int refusal)
    {
        try
        {
            while (true)
            {
                var context = await service.GetContextAsync();
                var isAsked = context.Request.Url!.Query.Contains("legalhold", StringComparison.OrdinalIgnoreCase);
                context.Response.StatusCode = isAsked && refusal != 0 ? refusal : 200;
                context.Response.ContentType = "application/xml";
                var kept = isAsked ? "<ImmutabilityPolicyUntilDate>Tue, 10 Jun 2036 03:00:00 GMT</ImmutabilityPolicyUntilDate><ImmutabilityPolicyMode>unlocked</ImmutabilityPolicyMode><LegalHold>true</LegalHold>" : "";
                var answer = context.Response.StatusCode == 200
                    ? $"<?xml version=\"1.0\" encoding=\"utf-8\"?><EnumerationResults ServiceEndpoint=\"http://x/\" ContainerName=\"kept\"><Blobs><Blob><Name>app-20250610.dump</Name><Properties><Last-Modified>Tue, 10 Jun 2025 03:00:00 GMT</Last-Modified><Etag>0x1</Etag><Content-Length>10</Content-Length><Content-Type>application/octet-stream</Content-Type><BlobType>BlockBlob</BlobType><AccessTier>Hot</AccessTier>{kept}</Properties></Blob></Blobs><NextMarker/></EnumerationResults>"
                    : "<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>FeatureNotSupported</Code><Message>No.</Message></Error>";
                context.Response.Close(System.Text.Encoding.UTF8.GetBytes(answer), willBlock: false);
            }
        }
        catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException)
        {
        }
    }

    private static int FreePort()
    {
        using var listener = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    [Fact]
    public async Task The_recovery_point_objective_is_the_maximum_age_unless_the_store_has_one()
    {
        var (store, container) = await ContainerAsync("rpo");
        await PutAsync(container, Invariant($"app-{_now.AddHours(-3):yyyyMMddHH}.dump"));
        var target = Target(store) with { Recovery = new RecoverySettings { PointObjective = TimeSpan.FromHours(1) } };
        Assert.Equal((BackupRecencyState.Stale, TimeSpan.FromHours(1)), (await TestAsync(target))[0] is var record ? (record.State, record.MaximumAge) : default);
        Assert.Equal(BackupRecencyState.Fresh, (await TestAsync(target with { BackupStore = store with { MaximumAge = TimeSpan.FromHours(6) } }))[0].State);
        Assert.Equal(BackupRecencyState.Fresh, (await TestAsync(target, TimeSpan.FromHours(6)))[0].State);
    }

    private static MaintenanceTarget Target(StoreSettings store) => new() { Name = store.Container!, BackupStore = store };

    private static SecretReference Sas(BlobContainerClient container, BlobContainerSasPermissions permissions) => SecretReference.FromSecureString(
        new NetworkCredential("", container.GenerateSasUri(new BlobSasBuilder(permissions, TimeProvider.System.GetUtcNow().AddHours(1)) { BlobContainerName = container.Name }).Query).SecurePassword);

    private static async Task PutAsync(BlobContainerClient container, string name, string content = Content) => await container.UploadBlobAsync(name, new BinaryData(content), Token);

    private async Task<(StoreSettings Store, BlobContainerClient Container)> ContainerAsync(string name)
    {
        var store = (await fixture.AzuriteAsync()).Target.BackupStore! with { Prefix = "", Container = $"states-{name}" };
        var container = new BlobContainerClient(new NetworkCredential("", store.ConnectionString!.ToSecureString()).Password, store.Container);
        await container.CreateAsync(cancellationToken: Token);
        return (store, container);
    }

    private Task<IReadOnlyList<BackupRecency>> TestAsync(MaintenanceTarget target, TimeSpan? maximumAge = null) => _backups.TestRecencyAsync(target, maximumAge, Calls.Silent(), Token);

    // Listing first and judging then must come to the same.
    private async Task SameByPipelineAsync(MaintenanceTarget target)
    {
        var direct = await TestAsync(target);
        var piped = await _backups.TestRecencyAsync(await ListAsync(target), _ => target, null, null, Calls.Silent(), Token);
        Assert.Equal(direct.Select(Essence), piped.Select(Essence));
    }

    private static (string?, BackupKind?, BackupRecencyState, string?, string?, long?, bool) Essence(BackupRecency record) =>
        (record.Database, record.Kind, record.State, record.Newest?.Name, record.LastComplete?.Name, record.MedianSizeBytes, record.ContentSeen);

    private async Task<List<DatabaseBackup>> ListAsync(MaintenanceTarget target, BackupQuery? query = null)
    {
        var backups = new List<DatabaseBackup>();
        await foreach (var backup in _backups.ListAsync(target, query ?? new BackupQuery(), Calls.Silent(), Token))
        {
            backups.Add(backup);
        }

        return backups;
    }
}
