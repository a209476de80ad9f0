namespace Maintenance.Engine.History;

/// <summary>What lets a role keep the history in its database. Pure.</summary>
internal static class HistoryRights
{
    /// <summary>The statements that help, to be run by an administrator.</summary>
    /// <param name="role">The role that asks, quoted.</param>
    /// <param name="database">The database, quoted.</param>
    /// <param name="schemaOwner">Whose the schema maintenance is; null where there is none.</param>
    /// <param name="tableOwner">Whose its tables are; null where it has none.</param>
    /// <param name="canWrite">Whether the role may read and write all of them.</param>
    public static string Remedy(string role, string database, string? schemaOwner, string? tableOwner, bool canWrite) =>
        schemaOwner is null ? $"Run as an administrator: GRANT CREATE ON DATABASE {database} TO {role};"
        // Whoever makes the tables also makes sure of the schema, which takes the right to create one.
        : tableOwner is null ? $"The schema maintenance belongs to {schemaOwner}, and has no history yet. Run as an administrator: GRANT CREATE ON DATABASE {database} TO {role}; GRANT USAGE, CREATE ON SCHEMA maintenance TO {role};"
        : canWrite ? $"The history is that of another version of this module, and only the owner of its tables, {tableOwner}, may change them: read it once as that role, with the newer version (Get-MaintenanceHistory)."
        : $"The history in the schema maintenance belongs to {tableOwner}. Run as an administrator: GRANT USAGE ON SCHEMA maintenance TO {role}; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA maintenance TO {role}; GRANT USAGE ON ALL SEQUENCES IN SCHEMA maintenance TO {role}; and the same again where an update of this module adds tables.";
}
