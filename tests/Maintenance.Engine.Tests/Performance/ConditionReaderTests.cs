using Maintenance.Engine.Performance.Indexes;

namespace Maintenance.Engine.Tests.Performance;

/// <summary>Conditions as PostgreSQL writes them in its plans.</summary>
public sealed class ConditionReaderTests
{
    [Theory]
    [InlineData("(t.a = $1)", "Equal \"a\"")]
    [InlineData("($1 = t.a)", "Equal \"a\"")]
    [InlineData("((t.a = $1) AND (t.b > $2) AND (t.b <= $3))", "Equal \"a\", Range \"b\", Range \"b\"")]
    [InlineData("(t.flag AND (NOT t.gone) AND (t.x IS NULL) AND (t.y IS NOT NULL))", "IsTrue \"flag\", IsFalse \"gone\", IsNull \"x\", IsNotNull \"y\"")]
    [InlineData("(t.a = ANY ('{1,2,3}'::integer[]))", "AnyOf \"a\"")]
    [InlineData("((t.a = $1) OR (t.a = $2))", "AnyOf \"a\"")]
    [InlineData("((t.a = $1) OR (t.b = $2))", "Or -")]
    [InlineData("((t.\"B.b\")::text = $2)", "Equal \"B.b\"")]
    [InlineData("(\"x.\"\"y\".\"a AND (b\" = $1)", "Equal \"a AND (b\"")]
    [InlineData("(lower((t.name)::text) = lower($1))", "Equal lower((name)::text)")]
    [InlineData("((t.doc ->> 'a AND b = c'::text) = $1)", "Equal doc ->> 'a AND b = c'::text")]
    [InlineData("((t.name)::text ~~ $1)", "Other -")]
    [InlineData("((t.a + 1) = $1)", "Other -")]
    [InlineData("((t.at)::date = $1)", "Equal \"at\"::date")]
    [InlineData("(t.a = t.b)", "Other -")]
    [InlineData("(t.a = (SubPlan 1))", "Other -")]
    [InlineData("(NOT (hashed SubPlan 1))", "Other -")]
    [InlineData("CASE WHEN (t.a AND t.b) THEN true ELSE false END", "Other -")]
    [InlineData("(t.* IS NULL)", "Other -")]
    [InlineData("(t.a = 'cut", "")]
    public void Are_understood_or_left_alone(string text, string expected) =>
        Assert.Equal(expected, string.Join(", ", ConditionReader.Read(text).Select(condition => $"{condition.Kind} {condition.Left?.Identity ?? "-"}")));

    [Fact]
    public void Columns_of_two_relations_are_joined()
    {
        var condition = Assert.Single(ConditionReader.Read("(l.order_id = o.id)"));
        Assert.Equal((ConditionKind.Equal, "order_id", "id", "o"), (condition.Kind, condition.Left!.Column, condition.Right!.Column, condition.Flipped!.Left!.Alias));
    }

    [Theory]
    [InlineData("t.at", false, false)]
    [InlineData("t.at DESC", true, true)]
    [InlineData("t.at DESC NULLS LAST", true, false)]
    [InlineData("t.at NULLS FIRST", false, true)]
    public void Keys_of_sorts_have_a_direction(string text, bool descending, bool nullsFirst)
    {
        var key = ConditionReader.ReadSortKey(text);
        Assert.Equal(("at", descending, nullsFirst), (key.Term!.Column, key.Descending, key.NullsFirst));
    }

    [Theory]
    [InlineData("t.name COLLATE \"C\"")]
    [InlineData("(t.a + t.b)")]
    [InlineData("t.name USING ~<~")]
    public void Orders_that_an_ordinary_index_has_not_are_no_keys(string text) => Assert.Null(ConditionReader.ReadSortKey(text).Term);

    [Theory]
    [InlineData("SELECT 1 WHERE a > now() - interval $1 AND b = $2", null, "SELECT 1 WHERE a > now() - CAST($1 AS interval) AND b = $2")]
    [InlineData("SELECT a FROM t WHERE b = $1 LIMIT $2 OFFSET $3", 7.2, "SELECT a FROM t WHERE b = $1 LIMIT 8 OFFSET $2")]
    [InlineData("SELECT (SELECT a FROM t LIMIT $1) FROM u", 7.0, "SELECT (SELECT a FROM t LIMIT $1) FROM u")]
    [InlineData("SELECT '$1', \"interval $2\" /* LIMIT $3 */ FROM t", 7.0, "SELECT '$1', \"interval $2\" /* LIMIT $3 */ FROM t")]
    [InlineData("SELECT 'cut", 7.0, null)]
    public void Texts_are_made_fit_to_be_planned(string text, double? rows, string? expected) => Assert.Equal(expected, StatementText.ToPrepare(text, rows));

    [Theory]
    [InlineData("UPDATE t SET a = $1, \"B b\" = $2 FROM u WHERE c = $3", "B b a")]
    [InlineData("UPDATE t SET (a, b) = (SELECT x, y FROM u WHERE z = $1), c = d + $2", "a b c")]
    [InlineData("SELECT a FROM t", "")]
    public void What_an_update_sets_is_read_from_its_text(string text, string expected) =>
        Assert.Equal(expected, string.Join(" ", StatementText.Updated(text).Order(StringComparer.Ordinal)));
}
