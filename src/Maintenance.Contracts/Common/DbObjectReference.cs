using System.Globalization;
using System.Text;

namespace Maintenance;

/// <summary>
/// What names a table or an index: <c>name</c>, <c>schema.name</c>, either part in double quotes where it holds a dot or a quote; an
/// OID; or an object that another cmdlet wrote. Names are taken as they are written, without folding to lower case.
/// </summary>
public sealed record DbObjectReference
{
    /// <summary>Names an object.</summary>
    /// <param name="name">The name, with or without its schema.</param>
    public DbObjectReference(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        var parts = Split(name.Trim());
        if (parts is null)
        {
            throw new ArgumentException($"'{name}' is no name of a relation: name, schema.name or \"schema\".\"name\".", nameof(name));
        }

        (Schema, Name) = parts.Count == 2 ? (parts[0], parts[1]) : (null, parts[0]);
    }

    /// <summary>Names an object by its OID.</summary>
    /// <param name="oid">The OID in pg_class.</param>
    public DbObjectReference(long oid)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(oid);
        Oid = oid;
    }

    /// <summary>Names an object by its OID.</summary>
    /// <param name="oid">The OID in pg_class.</param>
    public DbObjectReference(int oid)
        : this((long)oid)
    {
    }

    /// <summary>Brings an object along.</summary>
    /// <param name="item">The object.</param>
    public DbObjectReference(IDbObject item)
    {
        ArgumentNullException.ThrowIfNull(item);
        (Target, Database, Schema, Name, Oid) = (item.Target, item.Database, item.Schema, item.Name, item.Oid);
        Item = item;
    }

    /// <summary>Name of the maintained system; null for the one in use.</summary>
    public string? Target { get; }

    /// <summary>The database; null for the target's.</summary>
    public string? Database { get; }

    /// <summary>The schema; null to look in all.</summary>
    public string? Schema { get; }

    /// <summary>The name; null if only the OID is known.</summary>
    public string? Name { get; }

    /// <summary>The OID; null if only the name is known.</summary>
    public long? Oid { get; }

    /// <summary>The object that was brought along, if any.</summary>
    public IDbObject? Item { get; }

    /// <inheritdoc/>
    public override string ToString() =>
        Name is null ? string.Create(CultureInfo.InvariantCulture, $"OID {Oid}") : Schema is null ? Name : $"{Schema}.{Name}";

    /// <summary>A schema or a name, in double quotes where it could not be told otherwise where it begins and ends.</summary>
    /// <param name="part">The schema or the name.</param>
    public static string Quote(string part)
    {
        ArgumentNullException.ThrowIfNull(part);
        return part.Contains('.', StringComparison.Ordinal) || part.Contains('"', StringComparison.Ordinal) || part.Trim() != part
            ? $"\"{part.Replace("\"", "\"\"", StringComparison.Ordinal)}\""
            : part;
    }

    private static List<string>? Split(string text)
    {
        var parts = new List<string>();
        var current = new StringBuilder();
        var (quoted, wasQuoted) = (false, false);
        for (var i = 0; i < text.Length; i++)
        {
            switch (text[i])
            {
                case '"' when quoted && i + 1 < text.Length && text[i + 1] == '"':
                    current.Append('"');
                    i++;
                    break;
                case '"' when quoted || current.Length == 0:
                    quoted = !quoted;
                    wasQuoted = true;
                    break;
                case '.' when !quoted:
                    parts.Add(current.ToString());
                    current.Clear();
                    wasQuoted = false;
                    break;
                default:
                    // After the closing quote only a dot or the end may come.
                    if (wasQuoted && !quoted)
                    {
                        return null;
                    }

                    current.Append(text[i]);
                    break;
            }
        }

        parts.Add(current.ToString());
        return quoted || parts.Count > 2 || parts.Contains("") ? null : parts;
    }
}
