using System.Collections.Concurrent;
using Maintenance.Engine.Security;

namespace Maintenance.EngineTests.Security;

/// <summary>Which relations the text of a function names.</summary>
public sealed class NamedRelationsTests
{
    private static RelationFacts Relation(long oid, string schema, string name) =>
        new(oid, 1, schema, name, $"{schema}.{name}", 'r', 10, false, false, AccessList.Read(null, new ConcurrentDictionary<string, AccessList>()), false, null, false);

    [Theory]
    [InlineData("SELECT * FROM users", "2")]
    [InlineData("SELECT * FROM Public.USERS AS u", "2")]
    [InlineData("SELECT users.email FROM auth . users", "2 1")]
    [InlineData("DELETE FROM \"Odd \"\"People\"\"\"; SELECT 1 FROM auth.\"users\"", "3 1")]
    [InlineData("SELECT * FROM Odd", "")]
    [InlineData("SELECT * FROM \"Users\"", "")]
    [InlineData("SELECT superusers, users_old FROM x", "")]
    public void A_name_is_read_as_the_server_reads_it(string body, string expected) => Assert.Equal(
        expected,
        string.Join(' ', new NamedRelations([Relation(1, "auth", "users"), Relation(2, "public", "users"), Relation(3, "public", "Odd \"People\"")]).In(body).Select(relation => relation.Oid)));
}
