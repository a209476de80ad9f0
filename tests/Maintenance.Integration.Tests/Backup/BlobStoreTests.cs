using System.Net.Sockets;
using System.Net;
using Azure.Storage.Blobs;
using Azure.Storage.Sas;
using Maintenance.Engine.Backup;
using Maintenance.IntegrationTests.Infrastructure;
using static System.FormattableString;

namespace Maintenance.IntegrationTests.Backup;

/// <summary>Backups in a real Azurite, and in services that misbehave.</summary>
public sealed class BlobStoreTests(SandboxFixture fixture)
{
    private const string WrongKey = "c2VjcmV0LW1hcmtlci1zZWNyZXQtbWFya2VyLXNlY3JldC1tYXJrZXI=";
    private readonly BackupService _backups = new(TimeProvider.System);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_backups_of_the_sandbox_are_found_and_fresh()
    {
        var target = (await fixture.AzuriteAsync()).Target;
        var backups = await ListAsync(target.BackupStore!);
        Assert.NotEmpty(backups);
        Assert.All(backups, backup =>
        {
            Assert.True(backup.TakenAtFromName);
            Assert.NotNull(backup.ETag);
            Assert.StartsWith(target.BackupStore!.Prefix, backup.Name, StringComparison.Ordinal);
        });

        var recency = Assert.Single(await _backups.TestRecencyAsync(target, null, Calls.Silent(), Token));
        Assert.Equal(BackupRecencyState.Fresh, recency.State);
        Assert.Equal(target.Name, recency.Target);
        Assert.Equal(TimeSpan.FromHours(24), recency.MaximumAge);
    }

    [Fact]
    public async Task More_than_one_page_is_read_and_the_newest_is_found_with_few_requests()
    {
        const int Count = 5300;
        var now = TimeProvider.System.GetUtcNow();
        var store = await ContainerAsync("many");
        await FillAsync(store, Enumerable.Range(0, Count).Select(hour => Invariant($"database-backups/db-{now.AddHours(-hour):yyyyMMddHH}")));
        store = store with { Prefix = "database-backups/" };
        var expected = Invariant($"database-backups/db-{now:yyyyMMddHH}");

        Assert.Equal(Count, (await ListAsync(store)).Count);
        Assert.Equal(expected, Assert.Single(await ListAsync(store, new BackupQuery { Newest = 1 })).Name);
        Assert.InRange((await ListAsync(store, new BackupQuery { Since = now.AddHours(-48) })).Count, 47, 50);

        var recency = Assert.Single(await _backups.TestRecencyAsync(store, null, Calls.Silent(), Token));
        Assert.Equal((BackupRecencyState.Fresh, expected), (recency.State, recency.Newest!.Name));
        Assert.InRange(recency.Requests, 1, 10);

        // Nothing is so young: everything is read before that is said, and the newest is still the right one.
        var stale = Assert.Single(await _backups.TestRecencyAsync(store, TimeSpan.FromTicks(1), Calls.Silent(), Token));
        Assert.Equal((BackupRecencyState.Stale, expected), (stale.State, stale.Newest!.Name));
        Assert.Equal(Count, stale.BackupCount);
    }

    [Fact]
    public async Task An_empty_container_holds_no_backup()
    {
        var recency = await TestAsync(await ContainerAsync("empty"));
        Assert.Equal((BackupRecencyState.None, (MaintenanceErrorCode?)null), (recency.State, recency.Error));
    }

    [Fact]
    public async Task A_container_with_other_files_holds_no_backup()
    {
        var store = await ContainerAsync("others");
        await FillAsync(store, ["README", "notes-20250601.txt", "app-20250601.dump.partial"]);
        var recency = await TestAsync(store);
        Assert.Equal(BackupRecencyState.None, recency.State);
        Assert.Contains("3 files", recency.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_empty_newest_blob_is_incomplete()
    {
        var store = await ContainerAsync("zero");
        var now = TimeProvider.System.GetUtcNow();
        await FillAsync(store, [Invariant($"app-{now.AddHours(-20):yyyyMMddHH}.dump")]);
        await FillAsync(store, [Invariant($"app-{now:yyyyMMddHH}.dump")], "");
        Assert.Equal(BackupRecencyState.Incomplete, (await TestAsync(store)).State);
    }

    [Fact]
    public async Task Two_databases_in_one_container_are_judged_apart()
    {
        var store = await ContainerAsync("two");
        var now = TimeProvider.System.GetUtcNow();
        await FillAsync(store, Enumerable.Range(0, 300).Select(day => Invariant($"app-{now.AddDays(-day):yyyy-MM-dd}.dump")));
        await FillAsync(store, Enumerable.Range(5, 300).Select(day => Invariant($"billing-{now.AddDays(-day):yyyyMMdd}.sql.gz")));
        var found = await _backups.TestRecencyAsync(store, null, Calls.Silent(), Token);
        Assert.Equal([("app", BackupRecencyState.Fresh), ("billing", BackupRecencyState.Stale)], found.Select(recency => (recency.Database!, recency.State)));
    }

    [Fact]
    public async Task A_missing_container_says_nothing_about_backups()
    {
        var store = await StoreAsync() with { Container = "missing" };
        await CannotDetermineAsync(store, MaintenanceErrorCode.StoreNotFound);
    }

    [Fact]
    public async Task A_wrong_key_says_nothing_about_backups()
    {
        var store = await ByServiceUriAsync("wrongkey") with { AccountName = "devstoreaccount1", AccountKey = Given(WrongKey) };
        await CannotDetermineAsync(store, MaintenanceErrorCode.StoreAuthenticationFailed, WrongKey);
    }

    [Fact]
    public async Task An_expired_signature_says_nothing_about_backups_and_a_valid_one_works()
    {
        var store = await ContainerAsync("signed");
        await FillAsync(store, [Invariant($"app-{TimeProvider.System.GetUtcNow():yyyyMMdd}.dump")]);
        var bySas = await ByServiceUriAsync("signed");
        var valid = Sas(store, TimeProvider.System.GetUtcNow().AddHours(1));
        Assert.Equal(BackupRecencyState.Fresh, (await TestAsync(bySas with { SasToken = Given(valid) })).State);
        Assert.Equal(BackupRecencyState.Fresh, (await TestAsync(bySas with { SasToken = Given("?" + valid) })).State);

        var expired = Sas(store, TimeProvider.System.GetUtcNow().AddHours(-1));
        await CannotDetermineAsync(bySas with { SasToken = Given(expired) }, MaintenanceErrorCode.StoreAuthenticationFailed, expired[(expired.LastIndexOf("sig=", StringComparison.Ordinal) + 4)..]);
    }

    [Fact]
    public async Task Each_request_is_told_with_its_address_what_came_of_it_and_how_long_it_took_and_no_signature()
    {
        var store = await ContainerAsync("told");
        await FillAsync(store, [Invariant($"app-{TimeProvider.System.GetUtcNow():yyyyMMdd}.dump")]);
        var signature = Sas(store, TimeProvider.System.GetUtcNow().AddHours(1));
        var sink = new RecordingSink();
        var target = new MaintenanceTarget { Name = "told", BackupStore = await ByServiceUriAsync("told") with { SasToken = Given(signature) } };
        await _backups.TestRecencyAsync(target, null, Calls.To(sink), Token);
        await _backups.TestRecencyAsync(target, null, Calls.Silent(), Token);
        Assert.Contains(sink.VerboseMessages, line => System.Text.RegularExpressions.Regex.IsMatch(line, @"^GET http://127\.0\.0\.1:\d+/devstoreaccount1/told: 200 \([\d.]+ ms\)\.$"));
        Assert.DoesNotContain(sink.VerboseMessages, line => line.Contains("sig", StringComparison.Ordinal) || line.Contains('?', StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_secret_that_is_renewed_is_used_by_the_next_call()
    {
        var variable = $"MAINTENANCE_TEST_SAS_{Guid.NewGuid():N}";
        var store = await ContainerAsync("renewed");
        await FillAsync(store, [Invariant($"app-{TimeProvider.System.GetUtcNow():yyyyMMdd}.dump")]);
        var byVariable = await ByServiceUriAsync("renewed") with { SasToken = SecretReference.FromEnvironment(variable) };
        try
        {
            Environment.SetEnvironmentVariable(variable, Sas(store, TimeProvider.System.GetUtcNow().AddHours(-1)));
            Assert.Equal(MaintenanceErrorCode.StoreAuthenticationFailed, (await TestAsync(byVariable)).Error);
            Environment.SetEnvironmentVariable(variable, Sas(store, TimeProvider.System.GetUtcNow().AddHours(1)));
            Assert.Equal(BackupRecencyState.Fresh, (await TestAsync(byVariable)).State);
        }
        finally
        {
            Environment.SetEnvironmentVariable(variable, null);
        }
    }

    [Theory]
    [InlineData("secret-marker")]
    [InlineData("AccountName=x;AccountKey=secret-marker;=;")]
    public async Task A_malformed_secret_is_named_and_not_shown(string text)
    {
        await CannotDetermineAsync(new StoreSettings { Container = "x", ConnectionString = Given(text) }, MaintenanceErrorCode.StoreAuthenticationFailed, "secret-marker");
        await CannotDetermineAsync(
            new StoreSettings { Container = "x", AccountName = "account", AccountKey = Given(text) }, MaintenanceErrorCode.StoreAuthenticationFailed, "secret-marker");
    }

    [Fact]
    public async Task A_port_that_nobody_listens_on_is_unreachable()
    {
        var store = new StoreSettings { ServiceUri = new Uri($"http://127.0.0.1:{FreePort()}/account"), AccountName = "account", AccountKey = Given(WrongKey), Container = "x" };
        await CannotDetermineAsync(store, MaintenanceErrorCode.StoreUnreachable, WrongKey);
    }

    [Fact]
    public async Task A_service_that_never_answers_ends_with_the_deadline()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var store = new StoreSettings
        {
            ServiceUri = new Uri($"http://127.0.0.1:{((IPEndPoint)silent.LocalEndpoint).Port}/account"),
            AccountName = "account",
            AccountKey = Given(WrongKey),
            Container = "x",
        };
        var timeout = Calls.Silent(TimeSpan.FromSeconds(1));
        var recency = Assert.Single(await _backups.TestRecencyAsync(store, null, timeout, Token));
        Assert.Equal((BackupRecencyState.CannotDetermine, MaintenanceErrorCode.DeadlineExceeded), (recency.State, recency.Error));

        var listing = await Assert.ThrowsAsync<MaintenanceException>(() => ListAsync(store, call: timeout));
        Assert.Equal(MaintenanceErrorCode.DeadlineExceeded, listing.Code);

        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _backups.TestRecencyAsync(store, null, Calls.Silent(), stop.Token));
    }

    [Fact]
    public async Task A_store_without_what_it_needs_is_not_configured()
    {
        StoreSettings[] incomplete =
        [
            new() { AccountName = "account" },
            new() { Container = "x" },
            new() { Container = "x", ServiceUri = new Uri("http://127.0.0.1:1/account") },
            new() { Container = "x", AccountName = "evil.example/?" },
        ];
        foreach (var store in incomplete)
        {
            await CannotDetermineAsync(store, MaintenanceErrorCode.NotConfigured);
        }

        var recency = Assert.Single(await _backups.TestRecencyAsync(new MaintenanceTarget { Name = "bare" }, null, Calls.Silent(), Token));
        Assert.Equal((BackupRecencyState.CannotDetermine, MaintenanceErrorCode.NotConfigured), (recency.State, recency.Error));
    }

    private static SecretReference Given(string text) => SecretReference.FromSecureString(new NetworkCredential("", text).SecurePassword);

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static BlobContainerClient Client(StoreSettings store) =>
        new(new NetworkCredential("", store.ConnectionString!.ToSecureString()).Password, store.Container);

    private static string Sas(StoreSettings store, DateTimeOffset expires) =>
        Client(store).GenerateSasUri(new BlobSasBuilder(BlobContainerSasPermissions.List, expires) { StartsOn = expires.AddHours(-2), BlobContainerName = store.Container }).Query.TrimStart('?');

    private static Task FillAsync(StoreSettings store, IEnumerable<string> names, string content = "PGDMP backup")
    {
        var client = Client(store);
        return Parallel.ForEachAsync(
            names,
            new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = Token },
            async (name, token) => await client.UploadBlobAsync(name, new BinaryData(content), token));
    }

    private async Task<StoreSettings> StoreAsync() => (await fixture.AzuriteAsync()).Target.BackupStore! with { Prefix = "" };

    private async Task<StoreSettings> ContainerAsync(string name)
    {
        var store = await StoreAsync() with { Container = name };
        await Client(store).CreateAsync(cancellationToken: Token);
        return store;
    }

    private async Task<StoreSettings> ByServiceUriAsync(string container) =>
        new() { ServiceUri = (await fixture.AzuriteAsync()).BlobServiceUri, Container = container };

    private async Task<BackupRecency> TestAsync(StoreSettings store) =>
        Assert.Single(await _backups.TestRecencyAsync(store, null, Calls.Silent(), Token));

    // Both ways to ask fail alike, and neither shows a secret.
    private async Task CannotDetermineAsync(StoreSettings store, MaintenanceErrorCode code, string? secret = null)
    {
        var sink = new RecordingSink();
        var recency = Assert.Single(await _backups.TestRecencyAsync(store, null, Calls.To(sink), Token));
        Assert.Equal((BackupRecencyState.CannotDetermine, code), (recency.State, recency.Error));
        Assert.Equal(HealthStatus.Unknown, recency.Status);
        Assert.NotEmpty(recency.Recommendation!);

        var listing = await Assert.ThrowsAsync<MaintenanceException>(() => ListAsync(store, call: Calls.To(sink)));
        Assert.Equal(code, listing.Code);
        if (secret is not null)
        {
            var shown = string.Join('\n', sink.VerboseMessages.Concat(sink.Warnings).Append(recency.ToString()).Append(listing.ToString()).Append(listing.Detail));
            Assert.DoesNotContain(secret, shown, StringComparison.Ordinal);
            Assert.DoesNotContain("sig=", shown, StringComparison.Ordinal);
        }
    }

    private async Task<List<DatabaseBackup>> ListAsync(StoreSettings store, BackupQuery? query = null, CallContext? call = null)
    {
        var backups = new List<DatabaseBackup>();
        await foreach (var backup in _backups.ListAsync(store, query ?? new BackupQuery(), call ?? Calls.Silent(), Token))
        {
            backups.Add(backup);
        }

        return backups;
    }
}
