using Maintenance.Engine.Maintain;

namespace Maintenance.Engine.Tests.Maintain;

public sealed class ReindexRuleTests
{
    private static DbBloat Index(long size = 10 << 20, double percent = 50, BloatMethod method = BloatMethod.Estimate, BloatConfidence confidence = BloatConfidence.Medium, DbRelationKind kind = DbRelationKind.Index) => new()
    {
        Target = "t", Database = "d", Schema = "s", Name = "i", Oid = 7, Kind = kind, QualifiedName = "s.i", Table = "s.t", TableOid = 6,
        SizeBytes = size, Reclaimable = (long)(size * percent / 100), ReclaimablePercent = percent, Method = method, Confidence = confidence,
        Status = HealthStatus.Warning, CollectedAt = default,
    };

    private static PastActions Rebuilt(long before, long after) => new([new DbAction
    {
        Target = "t", Database = "d", Schema = "s", Name = "i", Oid = 5, Kind = DbActionKind.Reindex, Sql = "", Lock = "", State = StepState.Done,
        Message = "", SizeBytes = before, SizeBytesAfter = after, StartedAt = default,
    }]);

    [Fact]
    public void A_bloated_index_is_chosen() => Assert.Single(ReindexRule.Choose(PastActions.None, [Index()]));

    [Theory]
    [InlineData(10L << 20, 29.9, BloatMethod.Exact, BloatConfidence.High, DbRelationKind.Index)]
    [InlineData(1L << 20, 90, BloatMethod.Exact, BloatConfidence.High, DbRelationKind.Index)]
    [InlineData(10L << 20, 90, BloatMethod.Estimate, BloatConfidence.Low, DbRelationKind.Index)]
    [InlineData(10L << 20, 90, BloatMethod.Exact, BloatConfidence.High, DbRelationKind.Table)]
    [InlineData(10L << 20, 90, BloatMethod.Exact, BloatConfidence.High, DbRelationKind.PartitionedIndex)]
    public void What_is_little_unsure_or_no_index_is_not(long size, double percent, BloatMethod method, BloatConfidence confidence, DbRelationKind kind) =>
        Assert.Empty(ReindexRule.Choose(PastActions.None, [Index(size, percent, method, confidence, kind)]));

    [Fact]
    public void An_estimate_that_the_last_rebuild_proved_wrong_is_not_acted_upon_again() =>
        Assert.Empty(ReindexRule.Choose(Rebuilt(10 << 20, 10 << 20), [Index()]));

    [Fact]
    public void It_is_once_the_index_has_grown_or_has_been_measured_or_the_rebuild_did_bring_something()
    {
        Assert.Single(ReindexRule.Choose(Rebuilt(8 << 20, 8 << 20), [Index()]));
        Assert.Single(ReindexRule.Choose(Rebuilt(10 << 20, 10 << 20), [Index(method: BloatMethod.Exact)]));
        Assert.Single(ReindexRule.Choose(Rebuilt(20 << 20, 10 << 20), [Index()]));
    }
}
