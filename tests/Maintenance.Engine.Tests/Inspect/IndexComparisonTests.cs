using Maintenance.Engine.Inspect;

namespace Maintenance.Engine.Tests.Inspect;

/// <summary>When one index can stand in for another.</summary>
public sealed class IndexComparisonTests
{
    private static IndexFact Index(long oid, params short[] columns) => IndexSamples.Index(oid, columns);

    private static IndexFact Stored(IndexFact index, params short[] columns) => index with { Columns = [.. index.Columns, .. columns] };

    private static IndexRelation Relate(IndexFact index, IndexFact other) => IndexComparison.Relate(index, other);

    [Fact]
    public void The_same_columns_are_the_same() => Assert.Equal(IndexRelation.Same, Relate(Index(1, 1, 2), Index(2, 1, 2)));

    [Fact]
    public void The_same_columns_in_another_order_are_not() => Assert.Equal(IndexRelation.None, Relate(Index(1, 1, 2), Index(2, 2, 1)));

    [Fact]
    public void Indexes_of_other_tables_do_not_matter() => Assert.Equal(IndexRelation.None, Relate(Index(1, 1), Index(2, 1) with { TableOid = 7 }));

    [Fact]
    public void An_index_is_not_its_own_duplicate() => Assert.Equal(IndexRelation.None, Relate(Index(1, 1), Index(1, 1)));

    [Fact]
    public void Leading_columns_are_covered_and_others_are_not()
    {
        Assert.Equal(IndexRelation.Covered, Relate(Index(1, 1), Index(2, 1, 2)));
        Assert.Equal(IndexRelation.Covered, Relate(Index(1, 1, 2), Index(2, 1, 2, 3)));
        Assert.Equal(IndexRelation.None, Relate(Index(1, 2), Index(2, 1, 2)));
        Assert.Equal(IndexRelation.None, Relate(Index(1, 1, 2), Index(2, 1)));
        Assert.Equal(IndexRelation.None, Relate(Index(1, 1, 3), Index(2, 1, 2, 3)));
    }

    [Fact]
    public void Only_a_b_tree_covers_its_leading_columns()
    {
        Assert.Equal(IndexRelation.None, Relate(Index(1, 1) with { Method = "gist" }, Index(2, 1, 2) with { Method = "gist" }));
        Assert.Equal(IndexRelation.Same, Relate(Index(1, 1) with { Method = "gist" }, Index(2, 1) with { Method = "gist" }));
        Assert.Equal(IndexRelation.None, Relate(Index(1, 1) with { Method = "hash" }, Index(2, 1)));
    }

    [Fact]
    public void Another_operator_class_answers_other_questions() =>
        Assert.Equal(IndexRelation.None, Relate(Index(1, 1), Index(2, 1) with { OperatorClasses = [1994] }));

    [Fact]
    public void Another_collation_is_another_order() =>
        Assert.Equal(IndexRelation.None, Relate(Index(1, 1) with { Collations = [100] }, Index(2, 1) with { Collations = [950] }));

    [Fact]
    public void Operator_class_and_collation_of_later_columns_do_not_matter_to_the_covered_one() => Assert.Equal(
        IndexRelation.Covered,
        Relate(Index(1, 1), Index(2, 1, 2) with { OperatorClasses = [1978, 1994], Collations = [0, 950], Options = [0, 3] }));

    [Theory]
    [InlineData(0, 3, IndexRelation.SameReversed)]
    [InlineData(1, 2, IndexRelation.SameReversed)]
    [InlineData(0, 1, IndexRelation.None)]
    [InlineData(0, 2, IndexRelation.None)]
    [InlineData(3, 3, IndexRelation.Same)]
    public void Order_is_the_same_or_the_very_opposite_nulls_included(short one, short other, object expected) =>
        Assert.Equal((IndexRelation)expected, Relate(Index(1, 1) with { Options = [one] }, Index(2, 1) with { Options = [other] }));

    [Fact]
    public void An_order_that_turns_only_some_columns_around_is_another()
    {
        var plain = Index(1, 1, 2);
        Assert.Equal(IndexRelation.SameReversed, Relate(plain, Index(2, 1, 2) with { Options = [3, 3] }));
        Assert.Equal(IndexRelation.None, Relate(plain, Index(2, 1, 2) with { Options = [0, 3] }));
        Assert.Equal(IndexRelation.CoveredReversed, Relate(plain, Index(2, 1, 2, 3) with { Options = [3, 3, 0] }));
    }

    [Fact]
    public void Expressions_are_compared_column_by_column()
    {
        IndexFact On(long oid, params string[] expressions) => Index(oid, [.. expressions.Select(text => text.Length > 0 ? (short)0 : (short)1)]) with { Expressions = expressions };
        Assert.Equal(IndexRelation.Same, Relate(On(1, "lower(name)"), On(2, "lower(name)")));
        Assert.Equal(IndexRelation.None, Relate(On(1, "lower(name)"), On(2, "upper(name)")));
        Assert.Equal(IndexRelation.Covered, Relate(On(1, "lower(name)"), On(2, "lower(name)", "")));
        Assert.Equal(IndexRelation.None, Relate(On(1, "lower(name)"), Index(2, 1)));
        Assert.Equal(IndexRelation.Covered, Relate(Index(1, 1), On(2, "", "lower(name)")));
    }

    [Fact]
    public void Conditions_must_be_equal_and_known()
    {
        IndexFact Where(long oid, string? predicate) => Index(oid, 1) with { IsPartial = true, Predicate = predicate };
        Assert.Equal(IndexRelation.Same, Relate(Where(1, "(a > 1)"), Where(2, "(a > 1)")));
        Assert.Equal(IndexRelation.None, Relate(Where(1, "(a > 1)"), Where(2, "(a > 2)")));
        Assert.Equal(IndexRelation.None, Relate(Where(1, null), Where(2, null)));
        Assert.Equal(IndexRelation.None, Relate(Index(1, 1), Where(2, "(a > 1)")));
        Assert.Equal(IndexRelation.None, Relate(Where(1, "(a > 1)"), Index(2, 1)));
    }

    [Fact]
    public void Stored_columns_must_be_in_the_other_too()
    {
        Assert.Equal(IndexRelation.Same, Relate(Stored(Index(1, 1), 3, 4), Stored(Index(2, 1), 4, 3)));
        Assert.Equal(IndexRelation.None, Relate(Stored(Index(1, 1), 3), Index(2, 1)));
        Assert.Equal(IndexRelation.Covered, Relate(Index(1, 1), Stored(Index(2, 1), 3)));
        Assert.Equal(IndexRelation.Covered, Relate(Stored(Index(1, 1), 2), Index(2, 1, 2)));
        Assert.Equal(IndexRelation.None, Relate(Stored(Index(1, 1), 3), Index(2, 1, 2)));
    }

    [Fact]
    public void A_stored_column_does_not_lead() => Assert.Equal(IndexRelation.None, Relate(Index(1, 1, 2), Stored(Index(2, 1), 2)));

    [Fact]
    public void A_unique_index_is_never_covered_by_one_that_lets_more_rows_pass()
    {
        var unique = Index(1, 1) with { IsUnique = true };
        Assert.Equal(IndexRelation.None, Relate(unique, Index(2, 1)));
        Assert.Equal(IndexRelation.None, Relate(unique, Index(2, 1, 2) with { IsUnique = true }));
        Assert.Equal(IndexRelation.Same, Relate(unique, Index(2, 1) with { IsUnique = true }));
        Assert.Equal(IndexRelation.Covered, Relate(unique, Stored(Index(2, 1), 2) with { IsUnique = true }));
        Assert.Equal(IndexRelation.Same, Relate(Index(1, 1), Index(2, 1) with { IsUnique = true }));
        Assert.Equal(IndexRelation.Covered, Relate(Index(1, 1), Index(2, 1, 2) with { IsUnique = true }));
    }

    [Fact]
    public void Nulls_that_are_the_same_are_another_uniqueness() =>
        Assert.Equal(IndexRelation.None, Relate(Index(1, 1) with { IsUnique = true, NullsNotDistinct = true }, Index(2, 1) with { IsUnique = true }));

    [Fact]
    public void A_deferrable_constraint_does_not_stand_in_for_an_immediate_one()
    {
        var (immediate, deferrable) = (Index(1, 1) with { IsUnique = true }, Index(2, 1) with { IsUnique = true, IsImmediate = false });
        Assert.Equal(IndexRelation.None, Relate(immediate, deferrable));
        Assert.Equal(IndexRelation.Same, Relate(deferrable, immediate));
    }

    [Fact]
    public void Exclusion_constraints_are_left_alone() =>
        Assert.Equal(IndexRelation.None, Relate(Index(1, 1) with { Method = "gist", IsExclusion = true }, Index(2, 1) with { Method = "gist", IsExclusion = true }));

    [Fact]
    public void Options_that_change_what_is_stored_are_compared() =>
        Assert.Equal(IndexRelation.None, Relate(Index(1, 1) with { Method = "brin", Extras = "{pages_per_range=1}" }, Index(2, 1) with { Method = "brin" }));
}
