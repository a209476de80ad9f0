using Maintenance.Engine.Inspect.Bloat;

namespace Maintenance.Engine.Tests.Inspect;

public sealed class VerificationPlanTests
{
    private const long MB = 1 << 20;

    [Fact]
    public void The_most_reclaimable_come_first_and_what_does_not_fit_does_not_keep_others_out()
    {
        var (chosen, left) = VerificationPlan.Choose([new(1, 10, 5, true), new(2, 100, 90, true), new(3, 20, 50, true), new(4, 1, 1000, false)], 35);
        Assert.Equal([3, 1], chosen);
        Assert.Equal([2], left);
    }

    [Fact]
    public void Without_a_budget_nothing_is_measured() => Assert.Empty(VerificationPlan.Choose([new(1, 1, 1, true)], 0).Chosen);

    [Theory]
    [InlineData(100, 50, 2, true)] // half of it
    [InlineData(100, 2, 1, false)] // nothing to speak of
    [InlineData(100, 2, 40, true)] // nothing to speak of, but who knows
    [InlineData(100, null, null, true)] // unknown
    [InlineData(0, null, null, false)] // unknown, and too small to matter
    public void A_suspect_may_give_back_a_good_part_of_its_size(int size, int? reclaimable, int? error, bool isSuspect)
    {
        var row = Row(DbRelationKind.Table, size * MB) with { Reclaimable = reclaimable * MB, ErrorBytes = error * MB };
        Assert.Equal(isSuspect, VerificationPlan.For(row, Facts(0), 8192).IsSuspect);
    }

    [Fact]
    public void Pages_that_are_all_visible_cost_nothing_of_a_table_but_of_an_index_everything_is_read()
    {
        Assert.Equal(28 * MB, VerificationPlan.For(Row(DbRelationKind.Table, 100 * MB), Facts(72 * 128), 8192).Cost);
        Assert.Equal(100 * MB, VerificationPlan.For(Row(DbRelationKind.Index, 100 * MB), Facts(0), 8192).Cost);
    }

    private static RelationFacts Facts(int visible) => new()
    {
        Oid = 1, TableOid = 1, HeapOid = 1, Schema = "s", Name = "n", QualifiedName = "s.n", Kind = DbRelationKind.Table, AllVisiblePages = visible,
    };

    private static DbBloat Row(DbRelationKind kind, long size) => new()
    {
        Target = "t", Database = "d", Schema = "s", Name = "n", Oid = 1, Kind = kind, QualifiedName = "s.n", Table = "s.n", TableOid = 1, SizeBytes = size,
        Method = BloatMethod.Estimate, Confidence = BloatConfidence.None, Status = HealthStatus.Unknown, CollectedAt = DateTimeOffset.UnixEpoch,
    };
}
