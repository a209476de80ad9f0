using Maintenance.Engine.Inspect;

namespace Maintenance.Engine.Tests.Inspect;

/// <summary>Which indexes find the rows that refer to a row.</summary>
public sealed class ForeignKeySupportTests
{
    private static readonly string[] Names = ["a", "\"B b\""];

    private static IndexFact Index(params short[] columns) => IndexSamples.Index(1, columns);

    private static bool Supports(IndexFact index, params short[] key) => ForeignKeySupport.Supports(index, key, Names[..key.Length], new long[key.Length]);

    [Fact]
    public void The_order_of_the_leading_columns_does_not_matter()
    {
        Assert.True(Supports(Index(1, 2), 1, 2));
        Assert.True(Supports(Index(2, 1), 1, 2));
        Assert.True(Supports(Index(2, 1, 3), 1, 2));
        Assert.False(Supports(Index(3, 1, 2), 1, 2));
        Assert.False(Supports(Index(1, 3, 2), 1, 2));
        Assert.False(Supports(Index(1), 1, 2));
        Assert.True(Supports(Index(1, 2), 1));
        Assert.False(Supports(Index(2, 1), 1));
    }

    [Fact]
    public void A_column_named_twice_does_not_make_up_for_the_other() => Assert.False(Supports(Index(1, 1), 1, 2));

    [Fact]
    public void A_stored_column_is_no_key() => Assert.False(Supports(Index(1, 2) with { KeyCount = 1 }, 1, 2));

    [Fact]
    public void Only_methods_that_answer_equality_count()
    {
        Assert.True(Supports(Index(1) with { Method = "hash" }, 1));
        Assert.False(Supports(Index(1) with { Method = "brin" }, 1));
        Assert.False(Supports(Index(1) with { Method = "gin" }, 1));
    }

    [Fact]
    public void An_index_that_cannot_be_used_does_not_count()
    {
        Assert.False(Supports(Index(1) with { IsValid = false }, 1));
        Assert.False(Supports(Index(1) with { IsReady = false }, 1));
        Assert.False(Supports(Index(1) with { Collations = [950] }, 1));
    }

    [Theory]
    [InlineData("(a IS NOT NULL)", true)]
    [InlineData("((a IS NOT NULL) AND (\"B b\" IS NOT NULL))", true)]
    [InlineData("((\"B b\" IS NOT NULL) AND (a IS NOT NULL))", true)]
    [InlineData("(c IS NOT NULL)", false)]
    [InlineData("(a > 0)", false)]
    [InlineData("((a IS NOT NULL) AND (c IS NOT NULL))", false)]
    [InlineData("(a IS NULL)", false)]
    public void A_partial_index_counts_only_if_it_leaves_out_nothing_but_nulls_of_the_key(string predicate, bool expected) =>
        Assert.Equal(expected, Supports(Index(1, 2) with { IsPartial = true, Predicate = predicate }, 1, 2));

    [Fact]
    public void A_condition_that_could_not_be_read_does_not_count() => Assert.False(Supports(Index(1) with { IsPartial = true }, 1));
}
