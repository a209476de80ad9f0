using Maintenance.Engine.Retention;

namespace Maintenance.Engine.Tests.Retention;

/// <summary>Which archived column comes back into which.</summary>
public sealed class ColumnMapTests
{
    private const long Text = 25;
    private const long Integer = 23;
    private const long Varchar = 1043;
    private const long Point = 600;

    private static readonly Dictionary<(long From, long To), ValueCast> Casts = new()
    {
        [(Text, Integer)] = ValueCast.FromText,
        [(Integer, Text)] = ValueCast.Assignment,
        [(Text, Varchar)] = ValueCast.Assignment,
    };

    private static SourceColumn From(string name, long type = Text, int? modifier = null, bool isStamp = false) => new(name, $"c_{name}", NameOf(type), type, modifier, isStamp);

    private static ColumnFacts To(string name, long type = Text, int modifier = -1, bool isNotNull = false, bool hasDefault = false, bool isGenerated = false) =>
        new(name, $"\"{name}\"", modifier == -1 ? NameOf(type) : $"{NameOf(type)}({modifier - 4})", isNotNull, hasDefault, isGenerated, false, type, modifier, false);

    private static string NameOf(long type) => type switch
    {
        Text => "text",
        Integer => "integer",
        Varchar => "character varying",
        _ => "point",
    };

    private static TableFacts Table(params ColumnFacts[] columns) => new()
    {
        Oid = 1, QuotedName = "public.t", QuotedRelation = "t", Schema = "public", Name = "t", Kind = 'r', HidesRows = false, HasRules = false, HasChildren = false, IsOfTheSystem = false,
        IsOurs = true, MaySelect = true, MayDelete = true, MayInsert = true, MayUpdate = true, QuotedRole = "me", Columns = columns,
    };

    private static ColumnMap Map(SourceColumn[] from, TableFacts to, Dictionary<string, string>? renamed = null, params string[] ignored) =>
        ColumnMap.Of("The archive", from, to, Casts, renamed ?? [], ignored);

    private static MaintenanceException Refused(Action map) => Assert.Throws<MaintenanceException>(map);

    [Fact]
    public void Columns_are_found_by_their_names_whatever_their_order()
    {
        var map = Map([From("b"), From("a")], Table(To("a"), To("x", hasDefault: true, isNotNull: true), To("b")));
        Assert.Equal(["b", "a"], map.Columns.Select(column => column.To.Name));
        Assert.All(map.Columns, column => Assert.Equal((ValueCast.None, column.From.Expression), (column.Cast, column.Value())));
        Assert.Empty(map.Notes);
    }

    [Fact]
    public void What_is_generated_is_computed_and_what_the_archive_added_goes()
    {
        var map = Map([From("a"), From("g"), From("archived_at", isStamp: true)], Table(To("a"), To("g", isGenerated: true)));
        Assert.Equal(["g", "archived_at"], map.LeftOut);
        Assert.Equal(2, map.Notes.Count);
    }

    [Fact]
    public void A_column_that_is_gone_is_refused_with_the_three_ways_out()
    {
        var refused = Refused(() => Map([From("a"), From("old")], Table(To("a"))));
        Assert.Equal(MaintenanceErrorCode.DestinationUnfit, refused.Code);
        Assert.Contains("-ColumnMap @{ old = '…' }", refused.Recommendation, StringComparison.Ordinal);
        Assert.Contains("-IgnoreColumn old", refused.Recommendation, StringComparison.Ordinal);
        Assert.Equal(["old"], Map([From("a"), From("old")], Table(To("a")), null, "old").LeftOut);
        Assert.Equal("old → new", Map([From("old")], Table(To("new")), new() { ["old"] = "new" }).Columns[0].ToString());
    }

    [Fact]
    public void Names_that_nothing_has_and_two_for_one_are_refused()
    {
        Assert.Equal(MaintenanceErrorCode.InvalidArgument, Refused(() => Map([From("a")], Table(To("a")), null, "b")).Code);
        Assert.Equal(MaintenanceErrorCode.InvalidArgument, Refused(() => Map([From("a")], Table(To("a")), new() { ["b"] = "a" })).Code);
        Assert.Equal(MaintenanceErrorCode.InvalidArgument, Refused(() => Map([From("a")], Table(To("a")), new() { ["a"] = "b" })).Code);
        Assert.Equal(MaintenanceErrorCode.InvalidArgument, Refused(() => Map([From("a"), From("b")], Table(To("a")), new() { ["b"] = "a" })).Code);
    }

    [Fact]
    public void A_new_column_that_must_not_be_null_is_refused_with_the_statement()
    {
        Assert.Contains("ALTER COLUMN \"n\" DROP NOT NULL", Refused(() => Map([From("a")], Table(To("a"), To("n", isNotNull: true)))).Recommendation, StringComparison.Ordinal);
        Assert.Contains("No column", Refused(() => Map([From("a")], Table(To("b")), null, "a")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Values_pass_into_other_types_as_if_assigned_so_that_nothing_is_cut()
    {
        var map = Map([From("a"), From("b", Integer), From("c")], Table(To("a", Integer), To("b"), To("c", Varchar, modifier: 9)));
        Assert.Equal(["r.c_a::integer", "r.c_b", "r.c_c"], map.Columns.Select(column => column.Value("r.")));
        Assert.Equal(["(r.c_a::integer)::integer", "(r.c_b)::text", "(r.c_c)::character varying(5)"], map.Columns.Select(column => column.Stored("r.")));
        Assert.Contains("c (text → character varying(5))", Assert.Single(map.Notes), StringComparison.Ordinal);
        Assert.Equal(MaintenanceErrorCode.DestinationUnfit, Refused(() => Map([From("a")], Table(To("a", Point)))).Code);
    }

    [Theory]
    [InlineData(9, 9, false)]
    [InlineData(9, -1, false)]
    [InlineData(9, 24, true)]
    [InlineData(null, 9, true)]
    public void A_type_with_another_modifier_is_another_type(int? from, int to, bool isCast) =>
        Assert.Equal(isCast, Map([From("a", Varchar, from)], Table(To("a", Varchar, to))).Columns[0].Cast != ValueCast.None);
}
