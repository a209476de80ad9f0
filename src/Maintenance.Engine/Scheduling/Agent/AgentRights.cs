using Maintenance.Engine.Database;

namespace Maintenance.Engine.Scheduling.Agent;

/// <summary>What lets a role keep the job store of agents in a database.</summary>
/// <param name="Role">The role that asks, quoted.</param>
/// <param name="Database">The database, quoted.</param>
/// <param name="SchemaOwner">Whose the schema is, quoted; null where there is none.</param>
/// <param name="CanCreateSchema">Whether the role may make it.</param>
/// <param name="CanUseSchema">Whether the role may use the schema and make tables in it; null where there is none.</param>
/// <param name="CanUseTables">Whether it may read and write all tables of it; null where there are none.</param>
internal sealed record AgentRights(string Role, string Database, string? SchemaOwner, bool CanCreateSchema, bool? CanUseSchema, bool? CanUseTables)
{
    /// <summary>The statement that helps, to be run by an administrator; null where nothing is missing.</summary>
    public string? Remedy =>
        SchemaOwner is null ? CanCreateSchema ? null : $"GRANT CREATE ON DATABASE {Database} TO {Role};"
        // The scheduler makes sure of its tables each time it begins; of all that helps at once only what their owner may do.
        : CanUseSchema == true && CanUseTables != false ? null : $"GRANT {SchemaOwner} TO {Role};";

    /// <summary>Reads them.</summary>
    public static async Task<AgentRights> ReadAsync(DatabaseSession session, CancellationToken cancellationToken) =>
        (await session.QueryAsync(
            "Scheduling/Agent/Sql/Rights.sql",
            row => new AgentRights(row.GetString(0), row.GetString(1), row.IsDBNull(2) ? null : row.GetString(2), row.GetBoolean(3), row.IsDBNull(4) ? null : row.GetBoolean(4), row.IsDBNull(5) ? null : row.GetBoolean(5)),
            cancellationToken))[0];

    /// <summary>Says what is missing, if anything is.</summary>
    /// <param name="target">The target whose database it is.</param>
    /// <exception cref="MaintenanceException">PermissionDenied.</exception>
    public void Check(MaintenanceTarget target)
    {
        if (Remedy is { } remedy)
        {
            throw new MaintenanceException(
                MaintenanceErrorCode.PermissionDenied,
                SchemaOwner is null
                    ? $"The role {Role} may not make the schema {AgentService.Schema}, in which agents share their work, in the database {Database} of '{target.Name}'."
                    : $"The role {Role} may not use all of the schema {AgentService.Schema} in the database {Database} of '{target.Name}', in which agents share their work. It belongs to {SchemaOwner}.",
                $"Run as an administrator: {remedy}{(SchemaOwner is null ? "" : " Or let all agents connect as one role.")}");
        }
    }
}
