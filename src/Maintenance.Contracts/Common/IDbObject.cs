namespace Maintenance;

/// <summary>
/// A table, index or other relation of a database, as cmdlets hand it to each other: <c>Get-DbBloat | Invoke-DbReindex</c>.
/// It is acted upon by its OID, after its name was checked again.
/// </summary>
public interface IDbObject
{
    /// <summary>Name of the maintained system.</summary>
    string Target { get; }

    /// <summary>The database.</summary>
    string Database { get; }

    /// <summary>The schema, unquoted.</summary>
    string Schema { get; }

    /// <summary>The name, unquoted.</summary>
    string Name { get; }

    /// <summary>The object's identifier in <c>pg_class</c>.</summary>
    long Oid { get; }
}
