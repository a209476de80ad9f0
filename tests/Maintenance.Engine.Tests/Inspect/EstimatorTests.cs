using Maintenance.Engine.Inspect.Bloat;

namespace Maintenance.Engine.Tests.Inspect;

/// <summary>Sizes that are known from PostgreSQL itself: how many rows fit a page, how many entries a leaf.</summary>
public sealed class EstimatorTests
{
    private const int Block = 8192;
    private static readonly PageLayout Page = new(Block);

    private static RelationFacts Relation(DbRelationKind kind, double rows, params (string Name, string Value)[] options) => new()
    {
        Oid = 1,
        TableOid = 1,
        HeapOid = 1,
        Schema = "public",
        Name = "r",
        QualifiedName = "public.r",
        Kind = kind,
        SizeBytes = 1L << 40,
        Options = options.ToDictionary(option => option.Name, option => option.Value),
        Counters = new CounterFacts { Live = (long)rows, LastAnalyze = DateTimeOffset.UnixEpoch },
    };

    private static RelationFacts Btree(bool unique = false, int keys = 1, int columns = 1, bool shared = true, params (string Name, string Value)[] options) => Relation(DbRelationKind.Index, 0, options) with
    {
        AccessMethod = "btree",
        Index = new IndexFacts { IsUnique = unique, KeyColumns = keys, Columns = [.. Enumerable.Range(1, columns).Select(number => (short)number)], HasSharedKeys = shared },
    };

    private static ColumnFacts Fixed(short number, short length, double nulls = 0, double distinct = -1) =>
        new(number, length, Math.Min((int)length, 8)) { Width = length, NullShare = nulls, Distinct = distinct };

    private static ColumnFacts Text(short number, double width, double nulls = 0, double distinct = -1) =>
        new(number, -1, 4) { Width = width, NullShare = nulls, Distinct = distinct, IsPackable = true };

    private static double PagesOf(SpaceEstimate estimate) => estimate.Needed!.Value / (double)Block;

    [Theory]
    [InlineData(1_000_000, 226, 4)] // one int: 24 + 4, aligned 32, with its pointer 36: 226 to a page
    [InlineData(1_000_000, 185, 4, 4, 8)] // 24 + 4 + 4 + 8 = 40, with its pointer 44
    [InlineData(1_000_000, 185, 1, 8)] // the flag is padded to the bigint: 24 + 8 + 8
    [InlineData(1_000_000, 204, 8, 1)] // and the other way round the row is: 24 + 8 + 1, aligned 40 as well
    public void Rows_of_fixed_columns_fit_a_page_as_the_server_packs_them(int rows, int perPage, params int[] lengths)
    {
        var columns = lengths.Select((length, index) => Fixed((short)(index + 1), (short)length)).ToList();
        var expected = lengths is [8, 1] ? 185 : perPage;
        Assert.Equal(Math.Ceiling(rows / (double)expected), PagesOf(TableEstimator.Estimate(Relation(DbRelationKind.Table, rows), columns, Page)));
    }

    [Fact]
    public void The_fillfactor_is_kept_free_and_is_not_reclaimable()
    {
        var full = TableEstimator.Estimate(Relation(DbRelationKind.Table, 100_000), [Fixed(1, 4)], Page);
        var loose = TableEstimator.Estimate(Relation(DbRelationKind.Table, 100_000, ("fillfactor", "70")), [Fixed(1, 4)], Page);
        Assert.Equal(0.7, (double)full.Needed!.Value / loose.Needed!.Value, 0.02);
        Assert.Equal(0.3, (double)loose.Reserved / loose.Needed.Value, 0.01);
    }

    [Fact]
    public void Nulls_take_no_room_but_their_bitmap()
    {
        var columns = Enumerable.Range(2, 20).Select(number => Text((short)number, 30, nulls: 1)).Prepend(Fixed(1, 4)).ToList();
        // 23 + 3 bytes of bitmap, aligned 32; 4 more, aligned 40.
        Assert.Equal(Math.Ceiling(100_000 / Math.Floor(8168 / 44.0)), PagesOf(TableEstimator.Estimate(Relation(DbRelationKind.Table, 100_000), columns, Page)));
    }

    [Fact]
    public void A_dropped_column_takes_no_room_and_needs_no_statistics()
    {
        var dropped = new ColumnFacts(2, -1, 4) { IsDropped = true };
        Assert.Equal(
            TableEstimator.Estimate(Relation(DbRelationKind.Table, 100_000), [Fixed(1, 4)], Page).Needed,
            TableEstimator.Estimate(Relation(DbRelationKind.Table, 100_000), [Fixed(1, 4), dropped], Page).Needed);
    }

    [Fact]
    public void A_column_without_statistics_makes_the_table_unknown_and_not_empty()
    {
        var estimate = TableEstimator.Estimate(Relation(DbRelationKind.Table, 100_000), [Fixed(1, 4), new ColumnFacts(2, -1, 4)], Page);
        Assert.Null(estimate.Needed);
        Assert.Contains("Column 2", estimate.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_live_rows_nothing_is_needed_whatever_the_statistics() =>
        Assert.Equal(0, TableEstimator.Estimate(Relation(DbRelationKind.Table, 0), [new ColumnFacts(1, -1, 4)], Page).Needed);

    [Fact]
    public void Rows_that_do_not_fit_the_file_were_reported_twice_and_the_catalogue_is_believed()
    {
        var table = Relation(DbRelationKind.Table, 200_000) with { SizeBytes = 443 * Block, CataloguePages = 443, CatalogueTuples = 100_000 };
        Assert.Equal(100_000, TableEstimator.Estimate(table, [Fixed(1, 4)], Page).Tuples);
    }

    [Fact]
    public void After_a_crash_the_rows_of_the_catalogue_are_scaled_to_the_pages_there_are()
    {
        var table = Relation(DbRelationKind.Table, 7) with { Counters = new CounterFacts { Live = 7 }, SizeBytes = 200 * Block, CataloguePages = 100, CatalogueTuples = 5_000 };
        Assert.Equal(10_000, RowCount.Of(table, Block));
        Assert.Null(RowCount.Of(table with { CatalogueTuples = -1 }, Block));
    }

    [Theory]
    [InlineData(8)]
    [InlineData(4)]
    public void A_leaf_takes_366_unique_numbers(short length)
    {
        // 8 + 8 bytes and a pointer of 4: 366 to a leaf, 284 to an inner page, and the metapage.
        var leaves = Math.Ceiling(1_000_000 / 366.0);
        var inner = Math.Ceiling(leaves / 284.0);
        Assert.Equal(leaves + inner + 1 + 1, PagesOf(IndexEstimator.Estimate(Btree(unique: true), [Fixed(1, length)], 1_000_000, Page)));
    }

    [Fact]
    public void An_empty_index_is_its_metapage() => Assert.Equal(1, PagesOf(IndexEstimator.Estimate(Btree(), [Fixed(1, 4)], 0, Page)));

    [Fact]
    public void Equal_keys_share_posting_lists_of_six_bytes_a_row()
    {
        var estimate = IndexEstimator.Estimate(Btree(), [Fixed(1, 4, distinct: 10)], 1_000_000, Page);
        // As PostgreSQL 13 to 18 build it: 1,000,000 rows of 10 keys take 849 pages, not 2,745.
        Assert.InRange(PagesOf(estimate), 840, 860);
    }

    [Fact]
    public void Keys_are_not_shared_where_the_server_cannot()
    {
        ColumnFacts[] columns = [Fixed(1, 8, distinct: 10)];
        var alone = IndexEstimator.Estimate(Btree(unique: true), columns, 100_000, Page).Needed;
        Assert.Equal(alone, IndexEstimator.Estimate(Btree(shared: false), columns, 100_000, Page).Needed);
        Assert.Equal(alone, IndexEstimator.Estimate(Btree(options: ("deduplicate_items", "off")), columns, 100_000, Page).Needed);
        Assert.True(IndexEstimator.Estimate(Btree(), columns, 100_000, Page).Needed < alone / 2);
        Assert.False(IndexEstimator.CanShare(Btree(keys: 1, columns: 2)));
    }

    [Fact]
    public void Nulls_of_an_index_are_one_key()
    {
        var estimate = IndexEstimator.Estimate(Btree(), [Text(1, 40, nulls: 1, distinct: 0)], 1_000_000, Page);
        Assert.InRange(PagesOf(estimate), 840, 860);
    }

    [Fact]
    public void Distinct_keys_that_a_sample_can_only_guess_widen_the_error()
    {
        var sure = IndexEstimator.Estimate(Btree(), [Fixed(1, 4, distinct: 20)], 1_000_000, Page);
        var guessed = IndexEstimator.Estimate(Btree(), [Fixed(1, 4, distinct: -0.3)], 1_000_000, Page);
        Assert.True(sure.RelativeError < 0.05);
        Assert.True(guessed.RelativeError > 0.1);
    }

    [Fact]
    public void The_more_bloated_the_surer_the_share_because_errors_are_of_what_is_needed() =>
        Assert.True(TableEstimator.Estimate(Relation(DbRelationKind.Table, 1000), [Text(1, 20)], Page).RelativeError < 0.1);
}
