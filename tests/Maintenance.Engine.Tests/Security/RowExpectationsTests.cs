using Maintenance.Engine.Security.Rows;

namespace Maintenance.Engine.Tests.Security;

public sealed class RowExpectationsTests
{
    [Fact]
    public void What_is_written_is_read_again_with_claims_and_names_of_every_kind()
    {
        var subject = new RowSecuritySubject("o'brien \"x\"\n", "authenticated") { Claims = """{"sub":"a","deep":{"n":[1]}}""", IsStranger = true };
        const string table = "public.\"a'b\"\"\n<b>\"";
        var access = new RowSecurityAccess
        {
            Target = "t", Database = "d", Subject = subject.Name, Role = subject.Role, QualifiedName = table, CollectedAt = Facts.Now,
            Select = new RowSecurityCell(RowCommand.Select) { Access = RowAccess.Some },
            Insert = new RowSecurityCell(RowCommand.Insert) { Access = RowAccess.Denied },
            Update = new RowSecurityCell(RowCommand.Update) { Reason = "not tried" },
        };
        var read = RowExpectations.Read(RowExpectations.Write([subject], [access]));
        Assert.Equal(("Some", "Denied", (string?)null), (read.Find(table, subject.Name, RowCommand.Select), read.Find(table, subject.Name, RowCommand.Insert), read.Find(table, subject.Name, RowCommand.Update)));
        Assert.Equal(subject, read.Subjects.Single());
    }

    [Theory]
    [InlineData("""{"version":2,"subjects":[],"tables":{}}""", "$.version")]
    [InlineData("""{"version":1,"tables":{}}""", "$.subjects")]
    [InlineData("""{"version":1,"subjects":[]}""", "$.tables")]
    [InlineData("""{"version":1,"subjects":[{"name":"a","role":"r"},{"name":"a","role":"s"}],"tables":{}}""", "'a' twice")]
    [InlineData("""{"version":1,"subjects":[{"name":"a","role":"r","claims":"x"}],"tables":{}}""", "$.subjects[0].claims")]
    [InlineData("""{"version":1,"subjects":[{"name":"a","role":"r"}],"tables":{"t":{"a":{"truncate":"None"}}}}""", "truncate is no command")]
    [InlineData("""{"version":1,"subjects":[{"name":"a","role":"r"}],"tables":{"t":{"a":{"select":-1}}}}""", "select is neither")]
    [InlineData("""{"version":1,"subjects":[{"name":"a","role":"r"}],"tables":{"t":{"b":{"select":"None"}}}}""", "$.tables['t']['b'] is none of $.subjects")]
    [InlineData("""{"version":1,"subjects":[{"name":"a","role":"r"}],"tables":{"t":{},"t":{}}}""", "no JSON that can be understood")]
    public void What_is_wrong_is_refused_with_its_place(string text, string place)
    {
        var exception = Assert.Throws<MaintenanceException>(() => RowExpectations.Read(text));
        Assert.Equal(MaintenanceErrorCode.ConfigurationInvalid, exception.Code);
        Assert.Contains(place, exception.Message, StringComparison.Ordinal);
    }
}
