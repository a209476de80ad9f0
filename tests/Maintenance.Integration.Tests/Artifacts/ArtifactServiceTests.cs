using System.Security.Cryptography;
using System.Text;
using Maintenance.Engine;
using Maintenance.IntegrationTests.Infrastructure;

namespace Maintenance.IntegrationTests.Artifacts;

public sealed class ArtifactServiceTests(SandboxFixture fixture) : IAsyncDisposable
{
    private readonly MaintenanceEngine _engine = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("maintenance-test-").FullName;

    /// <summary>A target whose artefacts lie in a folder, or in a container of its own that does not exist yet.</summary>
    private async Task<MaintenanceTarget> TargetAsync(bool blob) => new()
    {
        Name = "production",
        ArtifactStore = blob
            ? (await fixture.AzuriteAsync()).Target.BackupStore! with { Container = $"c{Guid.NewGuid():N}", Prefix = "" }
            : new StoreSettings { Path = Path.Combine(_folder, "artifacts") },
    };

    private async Task<PublishedArtifact> PublishAsync(MaintenanceTarget target, string text, string name, ArtifactConflict conflict = ArtifactConflict.Fail, string? container = null)
    {
        using var content = new MemoryStream(Encoding.UTF8.GetBytes(text));
        return await _engine.Artifacts.PublishAsync(
            target,
            content,
            new ArtifactOptions { Name = name, Conflict = conflict, Container = container, Metadata = new Dictionary<string, string> { ["note"] = "Grüße" } },
            Calls.Silent(TimeSpan.FromSeconds(10)),
            TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_second_one_of_the_name_is_decided_on(bool blob)
    {
        var target = await TargetAsync(blob);
        var first = await PublishAsync(target, "one", "daily-logs/a.log");
        Assert.Equal((ArtifactState.Published, "text/plain; charset=utf-8", 3L), (first.State, first.ContentType, first.SizeBytes));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData("one"u8)), first.Sha256);

        var exists = await Assert.ThrowsAsync<MaintenanceException>(() => PublishAsync(target, "two", "daily-logs/a.log"));
        Assert.Equal(MaintenanceErrorCode.ArtifactExists, exists.Code);
        Assert.Equal(ArtifactState.Skipped, (await PublishAsync(target, "two", "daily-logs/a.log", ArtifactConflict.Skip)).State);
        var kept = await PublishAsync(target, "two", "daily-logs/a.log", ArtifactConflict.KeepBoth);
        Assert.Equal((ArtifactState.KeptBoth, "daily-logs/a.2.log"), (kept.State, kept.Name));
        Assert.Equal(ArtifactState.Replaced, (await PublishAsync(target, "three", "daily-logs/a.log", ArtifactConflict.Overwrite)).State);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Only_a_targets_own_report_is_replaced(bool blob)
    {
        var target = await TargetAsync(blob);
        async Task<PublishedArtifact> OwnAsync(string name, string text)
        {
            using var content = new MemoryStream(Encoding.UTF8.GetBytes(text));
            return await _engine.Artifacts.PublishOwnAsync(target with { Name = name }, content, new ArtifactOptions { Name = "x/report.md" }, Calls.Silent(TimeSpan.FromSeconds(10)), TestContext.Current.CancellationToken);
        }

        var published = new List<PublishedArtifact>();
        foreach (var (name, text) in new[] { ("Größe 1", "a"), ("Größe-1", "b"), ("Größe 1", "c"), ("Größe-1", "d"), ("Grö/e-1", "e"), ("Gr/ße_1", "f") })
        {
            published.Add(await OwnAsync(name, text));
        }

        Assert.Equal(
            [("x/report.md", ArtifactState.Published), ("x/report-Gr__e-1.md", ArtifactState.KeptBoth), ("x/report.md", ArtifactState.Replaced), ("x/report-Gr__e-1.md", ArtifactState.Replaced), ("x/report-Gr__e-1.2.md", ArtifactState.KeptBoth), ("x/report-Gr__e_1.md", ArtifactState.KeptBoth)],
            published.Select(artifact => (artifact.Name, artifact.State)));

        // What nobody is known to own stays too.
        await PublishAsync(target, "by hand", "y/report.md");
        using var report = new MemoryStream("report"u8.ToArray());
        var beside = await _engine.Artifacts.PublishOwnAsync(target, report, new ArtifactOptions { Name = "y/report.md" }, Calls.Silent(TimeSpan.FromSeconds(10)), TestContext.Current.CancellationToken);
        Assert.Equal("y/report-production.md", beside.Name);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Many_at_once_all_stay(bool blob)
    {
        var target = await TargetAsync(blob);
        await PublishAsync(target, "first", "x/first.txt");
        var published = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => PublishAsync(target, $"text {i}", "x/same.txt", ArtifactConflict.KeepBoth)));
        Assert.Equal(6, published.Select(artifact => artifact.Name).Distinct().Count());
    }

    [Theory]
    [InlineData("../out.txt")]
    [InlineData("/etc/x")]
    [InlineData("a//b")]
    [InlineData("a/./b")]
    [InlineData("a\\b")]
    [InlineData("a\nb")]
    [InlineData("")]
    public async Task A_name_cannot_lead_out_of_the_store(string name)
    {
        var target = await TargetAsync(blob: false);
        Assert.Equal(MaintenanceErrorCode.InvalidArgument, (await Assert.ThrowsAsync<MaintenanceException>(() => PublishAsync(target, "x", name))).Code);
        Assert.DoesNotContain(Directory.EnumerateFileSystemEntries(_folder, "*", SearchOption.AllDirectories), File.Exists);
    }

    [Fact]
    public async Task Files_are_private_whole_and_carry_their_metadata()
    {
        var target = await TargetAsync(blob: false);
        var artifact = await PublishAsync(target, "text", "reports/r.md", container: "security-audits");
        Assert.Equal(Path.Combine(_folder, "artifacts", "security-audits", "reports", "r.md"), artifact.Location);
        Assert.Equal("text", await File.ReadAllTextAsync(artifact.Location, TestContext.Current.CancellationToken));
        Assert.Contains("Grüße", await File.ReadAllTextAsync($"{artifact.Location}.metadata.json", TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal(2, Directory.GetFiles(Path.GetDirectoryName(artifact.Location)!).Length);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(artifact.Location));
        }
    }

    [Fact]
    public async Task A_link_in_the_store_is_not_followed()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need a privilege there.");
        var target = await TargetAsync(blob: false);
        var outside = Directory.CreateDirectory(Path.Combine(_folder, "outside")).FullName;
        Directory.CreateDirectory(target.ArtifactStore!.Path!);
        Directory.CreateSymbolicLink(Path.Combine(target.ArtifactStore.Path!, "linked"), outside);
        Assert.Equal(MaintenanceErrorCode.StoreError, (await Assert.ThrowsAsync<MaintenanceException>(() => PublishAsync(target, "x", "linked/x.txt"))).Code);
        Assert.Empty(Directory.GetFiles(outside));
    }

    [Fact]
    public async Task Without_a_store_it_says_so()
    {
        var exception = await Assert.ThrowsAsync<MaintenanceException>(() => PublishAsync(new MaintenanceTarget { Name = "bare" }, "x", "x.txt"));
        Assert.Equal(MaintenanceErrorCode.NotConfigured, exception.Code);
    }

    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
