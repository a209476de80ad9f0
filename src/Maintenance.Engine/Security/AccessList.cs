using System.Collections.Concurrent;
using System.Text;

namespace Maintenance.Engine.Security;

/// <summary>One grant: to whom (empty for PUBLIC), which privileges as the server's letters, and which of them may be passed on.</summary>
internal sealed record Grant(string Grantee, string Privileges, string Grantable)
{
    public bool IsPublic => Grantee.Length == 0;

    public bool Gives(char privilege) => Privileges.Contains(privilege, StringComparison.Ordinal);

    public bool GivesAny(string privileges) => Privileges.AsSpan().ContainsAny(privileges);
}

/// <summary>
/// An access control list as the server writes it: grantee=letters/grantor. Most objects of a database share a few lists, so each text is read once.
/// </summary>
internal sealed class AccessList
{
    private static readonly AccessList Empty = new([]);

    private AccessList(IReadOnlyList<Grant> grants) => Grants = grants;

    public IReadOnlyList<Grant> Grants { get; }

    /// <summary>Reads a list.</summary>
    /// <param name="items">The server's texts.</param>
    /// <param name="known">Lists that were read already.</param>
    public static AccessList Read(string[]? items, ConcurrentDictionary<string, AccessList> known) =>
        items is null or [] ? Empty : known.GetOrAdd(string.Join('\n', items), _ => new AccessList([.. items.Select(ReadItem)]));

    // A name that is not plain stands in double quotes, and a quote in it twice. What follows has no quotes up to the slash.
    private static Grant ReadItem(string item)
    {
        var name = new StringBuilder();
        var position = 0;
        if (item.StartsWith('"'))
        {
            for (position = 1; position < item.Length; position++)
            {
                if (item[position] == '"' && (++position >= item.Length || item[position] != '"'))
                {
                    break;
                }

                name.Append(item[position]);
            }
        }
        else
        {
            position = item.IndexOf('=', StringComparison.Ordinal);
            name.Append(item.AsSpan(0, Math.Max(0, position)));
        }

        var (privileges, grantable) = (new StringBuilder(), new StringBuilder());
        for (position++; position < item.Length && item[position] != '/'; position++)
        {
            if (item[position] == '*')
            {
                grantable.Append(privileges[^1]);
            }
            else
            {
                privileges.Append(item[position]);
            }
        }

        return new Grant(name.ToString(), privileges.ToString(), grantable.ToString());
    }
}
