using Maintenance.Engine.Maintain;

namespace Maintenance.Engine.Tests.Maintain;

public sealed class InvalidIndexLineageTests
{
    private static readonly RebuildOrigin Origin = new(1, 10, "shape", new HashSet<long> { 10, 11 });

    private static IndexState Index(long oid, string name, bool valid, string shape = "shape", long table = 1, int? workedOnBy = null) => new()
    {
        Oid = oid, Schema = "s", Name = name, TableOid = table, Table = "s.t", Shape = shape, IsValid = valid, QualifiedName = $"s.{name}", WorkedOnBy = workedOnBy,
    };

    private static string[] Left(params IndexState[] now) => [.. InvalidIndexLineage.LeftBy(Origin, now).Select(index => index.Name)];

    [Fact]
    public void The_copy_is_left_when_a_rebuild_ends_before_the_exchange() =>
        Assert.Equal(["i_ccnew"], Left(Index(10, "i", true), Index(11, "j", true), Index(20, "i_ccnew", false)));

    [Theory]
    [InlineData("i_ccnew1")]
    [InlineData("a_name_that_was_cut_ccnew")]
    public void Numbered_and_cut_names_are_recognised(string name) => Assert.Equal([name], Left(Index(10, "i", true), Index(20, name, false)));

    [Fact]
    public void The_old_one_is_left_when_a_rebuild_ends_after_the_exchange() =>
        Assert.Equal(["i_ccold"], Left(Index(10, "i_ccold", false), Index(20, "i", true)));

    [Fact]
    public void The_old_one_is_recognised_by_its_identity_whatever_its_name() => Assert.Equal(["renamed"], Left(Index(10, "renamed", false), Index(20, "i", true)));

    [Fact]
    public void An_index_that_was_invalid_before_is_none_of_it() => Assert.Empty(Left(Index(10, "i", true), Index(11, "j_ccnew", false)));

    [Fact]
    public void The_index_itself_is_kept_while_nothing_valid_took_its_place() => Assert.Equal(["i_ccnew"], Left(Index(10, "i", false), Index(20, "i_ccnew", false)));

    [Theory]
    [InlineData("i_ccnew", "other shape")]
    [InlineData("mine", "shape")]
    public void What_looks_different_or_is_named_otherwise_is_somebody_elses(string name, string shape) =>
        Assert.Empty(Left(Index(10, "i", true), Index(20, name, false, shape)));

    [Fact]
    public void What_is_valid_is_never_left_over() => Assert.Empty(Left(Index(10, "i", true), Index(20, "i_ccnew", true)));

    [Fact]
    public void Another_tables_index_is_never_left_over() => Assert.Empty(Left(Index(10, "i", true), Index(20, "i_ccnew", false, table: 2)));

    [Fact]
    public void Without_a_shape_from_before_that_of_the_index_itself_counts()
    {
        var origin = Origin with { Shape = null };
        Assert.Single(InvalidIndexLineage.LeftBy(origin, [Index(10, "i", true), Index(20, "i_ccnew", false)]));
        Assert.Empty(InvalidIndexLineage.LeftBy(origin, [Index(20, "i_ccnew", false)]));
    }

    [Fact]
    public void The_successor_is_the_valid_one_of_that_name_made_since()
    {
        Assert.Equal(20, InvalidIndexLineage.Successor(Origin, [Index(10, "i_ccold", false), Index(20, "i", true)], "i")?.Oid);
        Assert.Null(InvalidIndexLineage.Successor(Origin, [Index(10, "i", true), Index(20, "i_ccnew", false)], "i"));
        Assert.Null(InvalidIndexLineage.Successor(Origin, [Index(20, "i", false)], "i"));
        Assert.Null(InvalidIndexLineage.Successor(Origin, [Index(11, "i", true)], "i"));
    }

    [Fact]
    public void Remains_of_others_need_a_label_and_somebody_who_does_their_work()
    {
        var remains = Index(20, "i_ccnew", false);
        Assert.Equal(10, InvalidIndexLineage.MadeSuperfluousBy(remains, [Index(10, "i", true), remains])?.Oid);
        Assert.Equal(10, InvalidIndexLineage.MadeSuperfluousBy(remains, [Index(10, "i", false), remains])?.Oid);
        Assert.Null(InvalidIndexLineage.MadeSuperfluousBy(remains, [remains]));
        Assert.Null(InvalidIndexLineage.MadeSuperfluousBy(remains, [Index(10, "i", true, "other"), remains]));
        Assert.Null(InvalidIndexLineage.MadeSuperfluousBy(remains, [Index(21, "i_ccnew1", false), remains]));
        Assert.Null(InvalidIndexLineage.MadeSuperfluousBy(Index(20, "duplicate", false), [Index(10, "i", true)]));
    }
}
