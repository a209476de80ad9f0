using System.Globalization;
using System.Text;

namespace Maintenance;

/// <summary>
/// What names tables to look at: a name or <c>schema.name</c>, where * and ? stand for others unless a ` is before them; an OID; or an
/// object that another cmdlet wrote.
/// </summary>
public sealed record DbObjectPattern
{
    /// <summary>Names objects.</summary>
    /// <param name="name">The name, with or without its schema and wildcards.</param>
    public DbObjectPattern(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        Name = name;
    }

    /// <summary>Names an object by its OID.</summary>
    /// <param name="oid">The OID in pg_class.</param>
    public DbObjectPattern(long oid)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(oid);
        Oid = oid;
    }

    /// <summary>Brings an object along.</summary>
    /// <param name="item">The object.</param>
    public DbObjectPattern(IDbObject item)
    {
        ArgumentNullException.ThrowIfNull(item);
        Name = Escape($"{item.Schema}.{item.Name}");
    }

    /// <summary>The name or pattern; null if only the OID is known.</summary>
    public string? Name { get; }

    /// <summary>The OID; null if a name is known.</summary>
    public long? Oid { get; }

    /// <inheritdoc/>
    public override string ToString() => Name ?? string.Create(CultureInfo.InvariantCulture, $"OID {Oid}");

    /// <summary>A pattern for just one name.</summary>
    /// <param name="name">The name.</param>
    public static string Escape(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var text = new StringBuilder();
        foreach (var sign in name)
        {
            text.Append(sign is '*' or '?' or '[' or ']' or '`' ? "`" : "").Append(sign);
        }

        return text.ToString();
    }
}
