namespace Maintenance.Engine.Database;

/// <summary>The extension pg_stat_statements, wherever a database keeps it.</summary>
internal static class StatementsExtension
{
    /// <summary>Puts its schema on the session's search path.</summary>
    /// <param name="session">A session of the database.</param>
    /// <param name="missing">What to say where it is not installed: what is unknown without it.</param>
    /// <param name="cancellationToken">Cancels on the server too.</param>
    /// <returns>The extension's version.</returns>
    /// <exception cref="MaintenanceException">ExtensionMissing.</exception>
    public static async Task<string> RequireAsync(DatabaseSession session, string missing, CancellationToken cancellationToken)
    {
        var found = await session.QueryAsync("Health/Sql/StatementsSchema.sql", row => row.GetString(1), cancellationToken);
        return found.Count > 0 ? found[0] : throw new MaintenanceException(
            MaintenanceErrorCode.ExtensionMissing,
            missing,
            "Add pg_stat_statements to shared_preload_libraries, restart, and run: CREATE EXTENSION pg_stat_statements;");
    }
}
