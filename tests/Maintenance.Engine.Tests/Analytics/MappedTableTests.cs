using Maintenance.Engine.Analytics;

namespace Maintenance.Engine.Tests.Analytics;

public sealed class MappedTableTests
{
    private static readonly TableMapping Mapping = new(
        "analytics.errorLog", "table", "events", [new("time", "at", ColumnKind.Time), new("severity", "{table}", ColumnKind.Text)]);

    private static readonly CatalogueTable Table = new(
        "public.\"we\"\"ird; drop\"",
        "public",
        "\"a role\"",
        "\"maintenance a role\"",
        true,
        true,
        [
            new("at", "at", "D", "timestamp with time zone", true),
            new("{table}", "\"{table}\"", "S", "text", true),
            new("secret", "secret", "S", "text", false),
        ]);

    private static MaintenanceException Fail(CatalogueTable? table) => Assert.Throws<MaintenanceException>(() => MappedTable.Check(Mapping, table));

    private static CatalogueTable With(int column, string category, string type, bool readable = true) =>
        Table with { Columns = [.. Table.Columns.Select((item, i) => i == column ? item with { Category = category, Type = type, Readable = readable } : item)] };

    [Fact]
    public void Names_are_put_in_as_the_server_quotes_them_and_only_once() => Assert.Equal(
        "SELECT \"{table}\", at FROM public.\"we\"\"ird; drop\"",
        MappedTable.Check(Mapping, Table).Fill("SELECT {severity}, {time} FROM {table}"));

    [Fact]
    public void A_time_without_zone_is_taken_for_UTC() =>
        Assert.Equal("(at AT TIME ZONE 'UTC')", MappedTable.Check(Mapping, With(0, "D", "timestamp without time zone")).Fill("{time}"));

    [Fact]
    public void A_column_that_may_be_missing_is_told_when_it_is_and_the_table_serves()
    {
        var mapping = Mapping with { Columns = [.. Mapping.Columns, new("id", "number", ColumnKind.Integer, Optional: true), new("hidden", "secret", ColumnKind.Text, Optional: true)] };

        var table = MappedTable.Check(mapping, Table);

        Assert.Equal(MaintenanceErrorCode.MappingInvalid, table.Lack("id")!.Code);
        Assert.Equal(MaintenanceErrorCode.PermissionDenied, table.Lack("hidden")!.Code);
        Assert.Null(table.Lack("time"));
        Assert.Equal("NULL::int, at", table.Or("id", "NULL::int").Or("time", "NULL").Fill("{id}, {time}"));
        Assert.Equal(MaintenanceErrorCode.MappingInvalid, Assert.Throws<MaintenanceException>(() => MappedTable.Check(mapping with { Columns = [new("id", "number", ColumnKind.Integer)] }, Table)).Code);
    }

    [Fact]
    public void Rows_hidden_behind_a_view_are_told_with_the_policy_that_shows_them()
    {
        var error = Fail(Table with { Behind = new HiddenRows("public.base", "\"its owner\"", "\"maintenance its owner\"") });
        Assert.Equal(MaintenanceErrorCode.PermissionDenied, error.Code);
        Assert.EndsWith("CREATE POLICY \"maintenance its owner\" ON public.base FOR SELECT TO \"its owner\" USING (true);", error.Recommendation, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_table_is_named() => Assert.Equal(MaintenanceErrorCode.MappingInvalid, Fail(null).Code);

    [Theory]
    [InlineData("analytics.errorLog", "Errors")]
    [InlineData("analytics.requestLog", "Errors")]
    [InlineData("analytics.consents", "Compliance")]
    [InlineData("analytics.auditLog", "Compliance")]
    public void Of_a_table_that_a_system_does_not_have_it_is_told_what_to_leave_out(string setting, string part) => Assert.EndsWith(
        $"If there is none on purpose, list {part} in excludedComponents.",
        Assert.Throws<MaintenanceException>(() => MappedTable.Check(Mapping with { Setting = setting }, null)).Recommendation,
        StringComparison.Ordinal);

    [Fact]
    public void A_missing_column_is_named_with_what_there_is_instead()
    {
        var error = Fail(Table with { Columns = [new("att", "att", "D", "timestamp with time zone", true)] });
        Assert.Equal(MaintenanceErrorCode.MappingInvalid, error.Code);
        Assert.Contains("\"at\"", error.Message, StringComparison.Ordinal);
        Assert.Contains("att", error.Recommendation, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, "S", "text")]
    [InlineData(0, "D", "date")]
    [InlineData(0, "D", "time without time zone")]
    [InlineData(1, "N", "integer")]
    public void A_column_of_an_unfit_type_is_refused(int column, string category, string type)
    {
        var error = Fail(With(column, category, type));
        Assert.Equal(MaintenanceErrorCode.MappingInvalid, error.Code);
        Assert.Contains(type, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_role_lacks_is_granted_in_the_servers_own_quoting()
    {
        var error = Fail(With(1, "S", "text", readable: false) with { SchemaUsable = false, SeesAllRows = false });
        Assert.Equal(MaintenanceErrorCode.PermissionDenied, error.Code);
        Assert.Equal(
            "Run as an administrator: GRANT USAGE ON SCHEMA public TO \"a role\"; GRANT SELECT ON public.\"we\"\"ird; drop\" TO \"a role\"; "
            + "CREATE POLICY \"maintenance a role\" ON public.\"we\"\"ird; drop\" FOR SELECT TO \"a role\" USING (true);",
            error.Recommendation);
    }

    [Fact]
    public void A_column_that_is_not_used_need_not_be_readable() => MappedTable.Check(Mapping, Table);
}
