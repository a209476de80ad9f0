using Maintenance.Engine;
using Maintenance.IntegrationTests.Infrastructure;

namespace Maintenance.IntegrationTests.Performance;

/// <summary>A replica cannot be given an index of its own.</summary>
[Collection(ReplicatedServers.Name)]
public sealed class OptimizeReplicaTests(ReplicatedServers servers)
{
    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task On_a_replica_nothing_is_applied(int major)
    {
        var standby = (await servers.PairAsync(major)).Standby;
        await using var engine = new MaintenanceEngine();
        var recommendation = new QueryRecommendation
        {
            Target = standby.Target.Name,
            Database = standby.Target.Database!.Database!,
            Schema = "public",
            Name = "orders",
            Oid = 1,
            Kind = RecommendationKind.CreateIndex,
            Suggestion = "Create an index.",
            Impact = RecommendationImpact.High,
            Effort = RecommendationEffort.Low,
            AutoApply = true,
            Confidence = RecommendationConfidence.Low,
            CollectedAt = TimeProvider.System.GetUtcNow(),
        };
        var refused = await Assert.ThrowsAsync<MaintenanceException>(async () =>
        {
            await foreach (var _ in engine.Optimization.ApplyAsync(standby.Target, [recommendation], new OptimizationOptions(), Calls.Silent(), TestContext.Current.CancellationToken))
            {
                // It never comes here.
            }
        });
        Assert.Equal(MaintenanceErrorCode.DatabaseReadOnly, refused.Code);
    }
}
