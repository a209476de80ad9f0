using Maintenance.IntegrationTests.Infrastructure;

namespace Maintenance.IntegrationTests.Backup;

/// <summary>What has not changed since it passed is not read again; and whatever else happens, it is.</summary>
public sealed class BackupLedgerTests(SandboxFixture fixture, DumpFiles dumps) : IClassFixture<DumpFiles>
{
    private const string Name = "app-20260101.dump";
    private static readonly BackupTestOptions Checksum = new() { Level = BackupLevel.Checksum };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Place.Folder)]
    [InlineData(Place.Azurite)]
    public async Task An_unchanged_backup_is_not_read_again(Place place)
    {
        await using var scene = await SceneAsync(place);
        var first = await TestAsync(scene, Checksum);
        Assert.Equal((BackupVerdict.Verified, false), (first.Verdict, first.FromLedger));

        foreach (var level in new[] { BackupLevel.Header, BackupLevel.Toc, BackupLevel.Checksum })
        {
            var again = await TestAsync(scene, new BackupTestOptions { Level = level });
            Assert.Equal((BackupVerdict.Verified, true, 0L, 0), (again.Verdict, again.FromLedger, again.BytesRead, again.Requests));
            Assert.Equal((level, first.Sha256), (again.Level, again.Sha256));
            Assert.Equal(first.Checks, again.Checks);
            Assert.InRange(again.VerifiedAt - first.VerifiedAt, TimeSpan.FromMilliseconds(-1), TimeSpan.FromMilliseconds(1));
            Assert.True(again.CollectedAt >= first.CollectedAt);
        }

        var deeper = await scene.Engine.BackupTests.LedgerAsync(scene.Target, Calls.Silent(), Token);
        Assert.Equal((Name, BackupVerdict.Verified, BackupLevel.Checksum), Assert.Single(deeper.Select(known => (known.Name, known.Verdict, known.Level))));
    }

    [Theory]
    [InlineData(Place.Folder)]
    [InlineData(Place.Azurite)]
    public async Task What_is_asked_for_anew_deeper_changed_or_tested_long_ago_is_read(Place place)
    {
        await using var scene = await SceneAsync(place);
        Assert.False((await TestAsync(scene, new BackupTestOptions { Level = BackupLevel.Header })).FromLedger);
        Assert.False((await TestAsync(scene, Checksum)).FromLedger);
        Assert.False((await TestAsync(scene, Checksum with { Force = true })).FromLedger);
        Assert.False((await TestAsync(scene, Checksum with { ReverifyAfter = TimeSpan.Zero })).FromLedger);
        Assert.True((await TestAsync(scene, Checksum)).FromLedger);

        await scene.PutAsync(Name, await dumps.FileAsync("plain.dump"));
        Assert.False((await TestAsync(scene, Checksum)).FromLedger);
    }

    [Fact]
    public async Task A_backup_that_failed_is_read_again_each_time()
    {
        await using var scene = await SceneAsync(Place.Azurite);
        await scene.PutAsync(Name, (await dumps.FileAsync("custom.dump"))[..^3]);
        Assert.Equal(BackupVerdict.Verified, (await TestAsync(scene, Checksum with { Level = BackupLevel.Toc })).Verdict);
        for (var i = 0; i < 2; i++)
        {
            var found = await TestAsync(scene, Checksum);
            Assert.Equal((BackupVerdict.Failed, false), (found.Verdict, found.FromLedger));
        }

        // Once it is known to be damaged, nor does it pass a lower level unread.
        Assert.False((await TestAsync(scene, Checksum with { Level = BackupLevel.Toc })).FromLedger);
        var ledger = await scene.Engine.BackupTests.LedgerAsync(scene.Target, Calls.Silent(), Token);
        Assert.Equal(BackupFault.Truncated, Assert.Single(ledger, known => known.Level == BackupLevel.Checksum).Fault);
    }

    [Fact]
    public async Task Without_an_entity_tag_a_target_or_a_history_everything_is_read()
    {
        await using var scene = await SceneAsync(Place.Azurite);
        var listed = await scene.ListedAsync(Name);
        for (var i = 0; i < 2; i++)
        {
            Assert.False((await scene.TestAsync(listed with { ETag = null }, Checksum)).FromLedger);
        }

        scene.Target = scene.Target with { History = new HistorySettings { Kind = HistoryKind.None } };
        for (var i = 0; i < 2; i++)
        {
            Assert.False((await scene.TestAsync(listed, Checksum)).FromLedger);
        }

        Assert.Empty(scene.Sink.Warnings);
        Assert.Empty(await scene.Engine.BackupTests.LedgerAsync(scene.Target, Calls.Silent(), Token));
    }

    [Fact]
    public async Task A_history_that_cannot_be_used_is_told_once_and_changes_no_verdict()
    {
        await using var scene = await SceneAsync(Place.Azurite);
        using var folder = new TemporaryFolder();
        scene.Target = scene.Target with { History = new HistorySettings { Path = folder.Path } };
        for (var i = 0; i < 3; i++)
        {
            var found = await TestAsync(scene, Checksum);
            Assert.Equal((BackupVerdict.Verified, false), (found.Verdict, found.FromLedger));
        }

        Assert.Contains("ledger", Assert.Single(scene.Sink.Warnings), StringComparison.Ordinal);
        await Assert.ThrowsAsync<MaintenanceException>(() => scene.Engine.BackupTests.LedgerAsync(scene.Target, Calls.Silent(), Token));
    }

    private static async Task<BackupVerification> TestAsync(BackupScene scene, BackupTestOptions options)
    {
        var listed = await scene.ListedAsync(Name);
        return await scene.TestAsync(listed with { ETag = listed.ETag ?? $"{listed.SizeBytes}-{listed.LastModified.UtcTicks}" }, options);
    }

    private async Task<BackupScene> SceneAsync(Place place)
    {
        var scene = await BackupScene.InAsync(place, fixture);
        await scene.PutAsync(Name, await dumps.FileAsync("custom.dump"));
        return scene;
    }
}
