namespace Maintenance.Engine.Tests.Configuration;

public sealed class DbObjectReferenceTests
{
    [Theory]
    [InlineData("orders", null, "orders")]
    [InlineData("Orders", null, "Orders")]
    [InlineData("sales.orders", "sales", "orders")]
    [InlineData("\"Mixed Case\"", null, "Mixed Case")]
    [InlineData("\"a.b\".\"c\"\"d\"", "a.b", "c\"d")]
    [InlineData("public.\"Mixed Case\"", "public", "Mixed Case")]
    [InlineData("x; DROP TABLE y", null, "x; DROP TABLE y")]
    public void A_name_is_taken_as_it_is_written(string text, string? schema, string name)
    {
        var reference = new DbObjectReference(text);
        Assert.Equal(schema, reference.Schema);
        Assert.Equal(name, reference.Name);
        Assert.Null(reference.Oid);
    }

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("a.b.c")]
    [InlineData(".b")]
    [InlineData("a.")]
    [InlineData("\"open")]
    [InlineData("\"a\"b")]
    [InlineData("\"\"")]
    public void What_is_no_name_is_refused(string text) => Assert.ThrowsAny<ArgumentException>(() => new DbObjectReference(text));

    [Fact]
    public void An_oid_and_an_object_are_taken_too()
    {
        Assert.Equal(4711, new DbObjectReference(4711).Oid);
        Assert.Throws<ArgumentOutOfRangeException>(() => new DbObjectReference(0));
        var item = new DbAction { Target = "t", Database = "d", Schema = "s", Name = "n", Oid = 5, Kind = DbActionKind.Reindex, Sql = "", Lock = "", State = StepState.Planned, Message = "", StartedAt = default };
        var reference = new DbObjectReference(item);
        Assert.Equal(("t", "d", "s", "n", 5L), (reference.Target, reference.Database, reference.Schema, reference.Name, reference.Oid));
        Assert.Same(item, reference.Item);
    }
}
