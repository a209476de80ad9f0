using Maintenance.IntegrationTests.Infrastructure;
using Npgsql;

namespace Maintenance.IntegrationTests.Sandbox;

public sealed class SandboxTests(SandboxFixture fixture)
{
    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task A_sandbox_runs_the_version_asked_for(int major)
    {
        var sandbox = await fixture.PostgresAsync(major);
        await using var source = NpgsqlDataSource.Create(SandboxFixture.ConnectionString(sandbox));
        await using var command = source.CreateCommand("SHOW server_version");
        var version = (string)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
        Assert.StartsWith($"{major}.", version, StringComparison.Ordinal);
        Assert.StartsWith(sandbox.PostgresVersion, version, StringComparison.Ordinal);
    }
}
