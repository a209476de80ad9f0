using Maintenance.Engine.Security.PersonalData;

namespace Maintenance.EngineTests.Security;

/// <summary>What foreign keys lead to from the table of people.</summary>
public sealed class SubjectGraphTests
{
    private static ForeignKeyFacts Key(long table, long references, char onDelete = 'a') => new(table, references, $"t{table}.(k{references})", $"t{references}", onDelete);

    [Fact]
    public void Tables_that_name_a_person_are_reached_however_far()
    {
        var routes = SubjectGraph.From(1, "people", [Key(2, 1, 'c'), Key(3, 2, 'c'), Key(4, 2, 'n'), Key(6, 5)]);
        Assert.Equal([1, 2, 3, 4], routes.Keys.Order());
        Assert.Equal("people <- t2.(k1) <- t3.(k2)", routes[3].Path);
        Assert.Equal([true, true, true, false], routes.OrderBy(route => route.Key).Select(route => route.Value.IsDeleted));
    }

    [Fact]
    public void What_these_name_is_reached_but_not_what_others_keep_there()
    {
        // An order names an address and a country; other tables name the country too.
        var routes = SubjectGraph.From(1, "people", [Key(2, 1, 'c'), Key(2, 7), Key(2, 8), Key(9, 8), Key(8, 10)]);
        Assert.Equal([1, 2, 7, 8, 10], routes.Keys.Order());
        Assert.Equal("people <- t2.(k1), t2.(k7) -> t7", routes[7].Path);
        Assert.False(routes[7].IsDeleted);
    }

    [Fact]
    public void Circles_end_and_the_way_by_which_rows_go_is_preferred()
    {
        var routes = SubjectGraph.From(1, "people", [Key(1, 1, 'c'), Key(2, 1, 'n'), Key(3, 1, 'c'), Key(2, 3, 'c'), Key(3, 2, 'c')]);
        Assert.Equal([1, 2, 3], routes.Keys.Order());
        Assert.True(routes[2].IsDeleted);
    }
}
