using Maintenance.Engine.Inspect.Bloat;

namespace Maintenance.Engine.Tests.Inspect;

public sealed class ToastEstimatorTests
{
    private static readonly PageLayout Page = new(8192);

    [Theory]
    [InlineData(4, 172, 4)]
    [InlineData(1, 1000, 8)]
    [InlineData(2, 600, 6)]
    [InlineData(100, 1000, 4)]
    public void Chunks_come_to_lie_on_pages_in_the_order_they_are_written(double chunksPerValue, double last, double expected) =>
        Assert.Equal(expected, ToastEstimator.ChunksOnPage(chunksPerValue, last, Page), 0.15);

    [Fact]
    public void A_chunk_holds_1996_bytes()
    {
        Assert.Equal(1996, Page.ChunkSize);
    }

    [Fact]
    public void What_the_free_space_map_tells_of_chunks_is_packed_as_they_are_written()
    {
        var toast = new RelationFacts { Oid = 2, TableOid = 1, HeapOid = 2, Schema = "pg_toast", Name = "t", QualifiedName = "t", Kind = DbRelationKind.Toast };
        var measured = new TableMeasurement(12288000, 1800, 0, 0, 9432000);
        var space = MeasuredSpace.Of(measured, toast, new SpaceEstimate { Needed = 450 * 8192, Tuples = 1800, Slot = 2042, ChunksPerValue = 4 }, Page);
        Assert.InRange(space.Needed!.Value, 445 * 8192, 455 * 8192);
    }
}
