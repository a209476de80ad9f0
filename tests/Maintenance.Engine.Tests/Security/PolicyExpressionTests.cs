using Maintenance.Engine.Security;

namespace Maintenance.Engine.Tests.Security;

public sealed class PolicyExpressionTests
{
    // As pg_get_expr writes them.
    [Theory]
    [InlineData("true", true)]
    [InlineData("(1 = 1)", true)]
    [InlineData("((id > 0) OR true)", true)]
    [InlineData("(true AND (1 = 1))", true)]
    [InlineData("('a'::text = 'a'::text)", true)]
    [InlineData("(NOT false)", true)]
    [InlineData("((id > 0) OR ((owner = 'true'::text) OR (2 = 2)))", true)]
    [InlineData("(1 = 2)", false)]
    [InlineData("(owner = 'x OR true'::text)", false)]
    [InlineData("(owner = 'a OR '::text)", false)]
    [InlineData("(id = id)", false)]
    [InlineData("((owner = 'x'::text) AND true)", false)]
    [InlineData("(\" OR true\" = 1)", false)]
    [InlineData("false", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void Only_what_is_true_for_every_row_is_always_true(string? text, bool expected) => Assert.Equal(expected, PolicyExpression.IsAlwaysTrue(text));

    private const string Call = "{FUNCEXPR :funcid 16400 :args <> :location 1}";
    private const string Column = "{VAR :varno 1 :varattno 2}";

    [Theory]
    [InlineData($"{{OPEXPR :opno 98 :args ({Column} {Call})}}", true)]
    [InlineData($"{{OPEXPR :opno 98 :args ({Column} {{SUBLINK :subselect {{QUERY :targetList ({{TARGETENTRY :expr {Call}}})}}}})}}", false)]
    [InlineData($"{{FUNCEXPR :funcid 16400 :args ({Column})}}", false)]
    [InlineData("{FUNCEXPR :funcid 99 :args <>}", false)]
    [InlineData("{OPEXPR :name a\\{b\\}c :args ({FUNCEXPR :funcid 16400 :args <>})}", true)]
    [InlineData(null, false)]
    public void Calls_that_a_subquery_would_save_are_told_from_those_that_need_the_row(string? tree, bool perRow) =>
        Assert.Equal(perRow, PolicyTree.CalledPerRow(tree, new Dictionary<long, string> { [16400] = "auth.uid" }).Any());

    [Fact]
    public void An_expression_without_columns_ignores_the_row()
    {
        Assert.True(PolicyExpression.IgnoresRow(Call));
        Assert.False(PolicyExpression.IgnoresRow($"{{OPEXPR :args ({Column} {Call})}}"));
        Assert.False(PolicyExpression.IgnoresRow(null));
    }
}
