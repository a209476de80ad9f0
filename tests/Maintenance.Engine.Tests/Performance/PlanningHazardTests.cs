using Maintenance.Engine.Performance.Planning;

namespace Maintenance.Engine.Tests.Performance;

/// <summary>Which texts may lead to code of others.</summary>
public sealed class PlanningHazardTests
{
    private static readonly string Long = new('e', 63);

    [Theory]
    [InlineData("SELECT EVIL ( 1)", "evil")]
    [InlineData("SELECT o.evil FROM orders o", "evil")]
    [InlineData("SELECT 1 FROM a WHERE x=1AND evil(1)>1evil", "evil")]
    [InlineData("SELECT \"Odd\"\"one\"(2)", "Odd\"one")]
    [InlineData("SELECT \"a b\"(2)", "a b")]
    [InlineData("SELECT 'x' /* it''s */ || evil/**/(1)", "evil")]
    public void A_name_is_found_however_it_is_written(string text, string name) => Assert.True(new StatementNames(text).MayName(name));

    [Theory]
    [InlineData("SELECT devil(1), evil_1, evils", "evil")]
    [InlineData("SELECT a, b FROM c", "a b")]
    public void Another_name_is_not(string text, string name) => Assert.False(new StatementNames(text).MayName(name));

    [Fact]
    public void A_name_that_the_server_cuts_off_is_found() => Assert.True(new StatementNames($"SELECT {Long}xyz(1)").MayName(Long));

    [Theory]
    [InlineData("SELECT 1 FROM a WHERE b like $1", "~~")]
    [InlineData("SELECT 1 FROM a WHERE b != $1", "<>")]
    [InlineData("SELECT 1 FROM a JOIN b USING (c)", "=")]
    [InlineData("SELECT 1 OPERATOR(app.===) 2", "===")]
    public void Operators_are_found_behind_words_too(string text, string symbol) => Assert.True(new StatementNames(text).MayUse(symbol));

    [Fact]
    public void What_looks_into_it_leads_to_it_and_circles_end()
    {
        CatalogueObject function = new(1, 1), rule = new(2, 1), view = new(3, 1), other = new(3, 2);
        var code = new ForeignCode(function, "function f()", "guest");
        var users = new[] { (Used: function, User: rule), (Used: rule, User: view), (Used: view, User: rule) }.ToLookup(edge => edge.Used, edge => edge.User);
        var reached = PlanningHazards.Reach([(function, code)], users);
        Assert.Same(code, reached[view]);
        Assert.False(reached.ContainsKey(other));

        var hazards = new PlanningHazards([(new PlannedName(view, "v", false, "view v"), code)]);
        Assert.Equal("view v", hazards.In("SELECT * FROM v")?.Name?.Label);
        Assert.Null(hazards.In("SELECT * FROM w"));
        Assert.NotNull(hazards.In("SELECT * FROM U&\"\\0076\""));
    }
}
