using System.Collections.Concurrent;

namespace Maintenance.IntegrationTests.Infrastructure;

/// <summary>Tests that need a primary and its standby share them, and run one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class ReplicatedServers(SandboxFixture fixture) : ICollectionFixture<ReplicatedServers>, IAsyncDisposable
{
    public const string Name = "Replicated servers";

    private readonly ConcurrentDictionary<int, Lazy<Task<ReplicatedPair>>> _pairs = new();

    /// <summary>A primary that archives and has room for prepared transactions, without autovacuum, and a standby that streams from it.</summary>
    /// <param name="major">Major version of both.</param>
    internal Task<ReplicatedPair> PairAsync(int major)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "pg_ctl there belongs to a service.");
        return _pairs.GetOrAdd(major, _ => new Lazy<Task<ReplicatedPair>>(() => StartAsync(major))).Value;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var pair in _pairs.Values.Where(pair => pair.IsValueCreated && pair.Value.IsCompletedSuccessfully))
        {
            var (primary, standby) = await pair.Value;
            await standby.StopAsync("immediate");
            await fixture.Service.StopAsync(primary.Sandbox.Id, Calls.Silent(), CancellationToken.None);
        }
    }

    private async Task<ReplicatedPair> StartAsync(int major)
    {
        var options = new SandboxOptions { Name = $"replicated-{major}-{Guid.NewGuid():N}", PostgresVersion = major, Scale = 0, ResourcePath = SandboxFixture.ResourcePath };
        var sandbox = await SandboxFixture.OrSkipAsync(() => fixture.Service.StartAsync(options, Calls.Silent(), CancellationToken.None));
        try
        {
            var primary = await OwnServer.OfAsync(sandbox, options);
            await using (var connection = await SandboxDatabase.OpenAsync(sandbox))
            {
                foreach (var (name, value) in new[] { ("archive_mode", "on"), ("archive_command", "true"), ("max_prepared_transactions", "5"), ("autovacuum", "off") })
                {
                    await connection.ExecuteAsync($"ALTER SYSTEM SET {name} = '{value}'");
                }
            }

            await primary.RestartAsync();
            return new ReplicatedPair(primary, await primary.StandbyAsync("standby"));
        }
        catch
        {
            await fixture.Service.StopAsync(sandbox.Id, Calls.Silent(), CancellationToken.None);
            throw;
        }
    }
}

/// <summary>Two servers, one of which follows the other.</summary>
internal sealed record ReplicatedPair(OwnServer Primary, OwnServer Standby);
