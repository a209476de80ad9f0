namespace Maintenance.Engine.Maintain;

/// <summary>How a role gets the right to maintain a table and its indexes, without getting much else. Pure.</summary>
internal static class MaintenanceGrant
{
    /// <summary>The advice for one table.</summary>
    /// <param name="majorVersion">Version of the server.</param>
    /// <param name="table">The table, quoted.</param>
    /// <param name="owner">Its owner, quoted.</param>
    /// <param name="ownerIsPowerful">The owner is a superuser, or has, directly or by membership, rights far beyond its tables.</param>
    /// <param name="role">The role, quoted.</param>
    public static string For(int majorVersion, string table, string owner, bool ownerIsPowerful, string role) =>
        majorVersion >= 17 ? $"GRANT MAINTAIN ON TABLE {table} TO {role}; or, for all tables, GRANT pg_maintain TO {role};"
        : !ownerIsPowerful ? $"Before PostgreSQL 17 only the owner of a table or of the database may: GRANT {owner} TO {role};"
        : $"Before PostgreSQL 17 only the owner of a table or of the database may. Run it as {owner}, whose rights go too far to make {role} a member of it"
            + (IsOfTheSystem(table) ? "." : $"; or give the table to a role that is there for its maintenance: ALTER TABLE {table} OWNER TO that role;");

    private static bool IsOfTheSystem(string table) =>
        table.StartsWith("pg_catalog.", StringComparison.Ordinal) || table.StartsWith("pg_toast.", StringComparison.Ordinal) || table.StartsWith("information_schema.", StringComparison.Ordinal);
}
