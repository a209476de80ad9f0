using System.Collections.Concurrent;
using Maintenance.Engine.Security;
using Maintenance.Engine.Security.Checks;

namespace Maintenance.Engine.Tests.Security;

public sealed class RoleGraphTests
{
    private static RoleFacts Role(long oid, bool login = false) => new(oid, $"r{oid}", $"r{oid}", false, login, false, false, false, false, false, null, null);

    [Fact]
    public void Privileges_come_through_inheritance_and_identities_through_set()
    {
        var graph = new RoleGraph(
            [Role(1, login: true), Role(2), Role(3), Role(4), Role(5)],
            [new(1, 2, true, true, false), new(2, 3, false, true, false), new(3, 4, true, false, false), new(1, 5, false, false, false)]);
        Assert.Equal([1, 2], graph.Inherited(1).Order());
        Assert.Equal([1, 2, 3, 4], graph.Reachable(1).Order());
        Assert.True(graph.CanBeUsed(4));
        Assert.False(graph.CanBeUsed(5));
        Assert.Equal("PUBLIC", graph.Quoted(RoleGraph.Public));
    }

    [Fact]
    public void Memberships_in_a_circle_end()
    {
        var graph = new RoleGraph([Role(1), Role(2)], [new(1, 2, true, true, false), new(2, 1, true, true, false)]);
        Assert.Equal([1, 2], graph.Inherited(1).Order());
    }

    [Theory]
    [InlineData("anon=r/postgres", "anon", "r", "")]
    [InlineData("=UC/postgres", "", "UC", "")]
    [InlineData("\"o'brien \"\"; =x/\"=ar*w/\"a/b\"", "o'brien \"; =x/", "arw", "r")]
    [InlineData("app=arwdDxtm*/postgres", "app", "arwdDxtm", "m")]
    public void Lists_of_privileges_are_read_as_the_server_writes_them(string item, string grantee, string privileges, string grantable) =>
        Assert.Equal(new Grant(grantee, privileges, grantable), Assert.Single(AccessList.Read([item], new ConcurrentDictionary<string, AccessList>()).Grants));

    [Theory]
    [InlineData("HIGH:MEDIUM:+3DES:!aNULL", "")]
    [InlineData("HIGH:!aNULL:!MD5", "")]
    [InlineData("ALL:!aNULL", "ALL")]
    [InlineData("RC4-SHA:ECDHE-RSA-AES256-GCM-SHA384", "RC4-SHA")]
    [InlineData("LOW:!LOW", "")]
    [InlineData("none", "")]
    public void Weak_ciphers_are_those_that_a_list_adds(string list, string weak) => Assert.Equal(weak, string.Join(' ', TlsChecks.WeakParts(list)));

    [Theory]
    [InlineData("1.4", "1.10", true)]
    [InlineData("1.10", "1.4", false)]
    [InlineData("1.0", "1.0", false)]
    [InlineData("unpackaged", "1.0", true)]
    public void Versions_are_compared_by_their_numbers(string version, string newest, bool older) => Assert.Equal(older, ExtensionChecks.IsOlder(version, newest));
}
