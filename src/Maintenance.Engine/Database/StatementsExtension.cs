namespace Maintenance.Engine.Database;

/// <summary>The extension pg_stat_statements, wherever a database keeps it.</summary>
internal static class StatementsExtension
{
    /// <summary>What is the matter where the database has it and the server does not.</summary>
    public const string NotLoaded = "The extension pg_stat_statements is created in this database, but the server has not loaded it, so it counts nothing.";

    /// <summary>Puts its schema on the session's search path.</summary>
    /// <param name="session">A session of the database.</param>
    /// <param name="missing">What to say where it is not installed: what is unknown without it.</param>
    /// <param name="cancellationToken">Cancels on the server too.</param>
    /// <returns>The extension's version.</returns>
    /// <exception cref="MaintenanceException">ExtensionMissing.</exception>
    public static async Task<string> RequireAsync(DatabaseSession session, string missing, CancellationToken cancellationToken)
    {
        var found = await session.QueryAsync("Health/Sql/StatementsSchema.sql", row => (Version: row.GetString(1), IsLoaded: row.GetBoolean(2)), cancellationToken);
        return found is [{ IsLoaded: true } loaded] ? loaded.Version
            : throw await MissingAsync(session, found.Count == 0 ? missing : NotLoaded, isCreated: found.Count > 0, cancellationToken);
    }

    /// <summary>The error that says what this server lacks of it, and that alone: a restart is asked for only where the library is not loaded.</summary>
    /// <param name="session">A session of the database.</param>
    /// <param name="message">What is the matter.</param>
    /// <param name="isCreated">Whether the database has the extension.</param>
    /// <param name="cancellationToken">Cancels on the server too.</param>
    public static async Task<MaintenanceException> MissingAsync(DatabaseSession session, string message, bool isCreated, CancellationToken cancellationToken)
    {
        var setting = (await session.QueryAsync(
            "Database/Sql/StatementsSetting.sql",
            row => new StatementsSetting(row.GetBoolean(0), row.GetBoolean(1), row.GetBoolean(2), row.GetBoolean(3), row.GetBoolean(4), row.GetString(5)) { IsCreated = isCreated },
            cancellationToken))[0];
        return new MaintenanceException(MaintenanceErrorCode.ExtensionMissing, message, setting.Advice);
    }
}

/// <summary>What a server has of pg_stat_statements.</summary>
/// <param name="IsLoaded">The server has loaded the library.</param>
/// <param name="IsAvailable">Its files are installed.</param>
/// <param name="IsStandby">Nothing can be created here.</param>
/// <param name="IsSupabase">Supabase runs it.</param>
/// <param name="IsManaged">Another provider runs it, which has settings of its own.</param>
/// <param name="Database">The database's name.</param>
internal sealed record StatementsSetting(bool IsLoaded, bool IsAvailable, bool IsStandby, bool IsSupabase, bool IsManaged, string Database)
{
    /// <summary>The database has the extension.</summary>
    public bool IsCreated { get; init; }

    /// <summary>What to do, step by step.</summary>
    public string Advice
    {
        get
        {
            var create = IsCreated ? null : IsSupabase
                ? $"Enable pg_stat_statements in the Supabase dashboard (Database, Extensions), or run in the database '{Database}': CREATE EXTENSION pg_stat_statements WITH SCHEMA extensions;"
                : $"Run in the database '{Database}'{(IsStandby ? " on the primary" : "")}: CREATE EXTENSION pg_stat_statements;";
            if (IsLoaded)
            {
                return $"{create} The server has loaded the library already, so it needs no restart.".TrimStart();
            }

            var load = (IsSupabase, IsManaged) switch
            {
                (true, _) => "The server has not loaded the library, which Supabase does by itself: restart the project in the dashboard (Settings, General).",
                (_, true) => "Add pg_stat_statements to shared_preload_libraries in the provider's server parameters, beside what stands there, and restart the server from there.",
                _ => "Add pg_stat_statements to shared_preload_libraries in postgresql.conf, beside what stands there, and restart the server.",
            };
            var install = IsAvailable || IsSupabase || IsManaged ? null : "Install PostgreSQL's contributed extensions on the server's machine (package postgresql-contrib or its like). ";
            return create is null ? $"{install}{load}" : $"{install}{load} Then: {create}";
        }
    }
}
