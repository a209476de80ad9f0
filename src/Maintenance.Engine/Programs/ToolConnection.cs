using System.Globalization;
using Npgsql;

namespace Maintenance.Engine.Programs;

/// <summary>
/// Tells PostgreSQL's programs how to connect: in their environment, which only this user can read, and never on a command line,
/// which everyone on the machine can. A name of a database is taken as it is there, and on a command line for a connection string.
/// </summary>
internal static class ToolConnection
{
    /// <summary>The variables for a connection.</summary>
    /// <param name="connectionString">Npgsql's connection string, with its password.</param>
    /// <param name="database">The database; null for that of the connection string.</param>
    public static Dictionary<string, string> EnvironmentOf(string connectionString, string? database = null)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString);
        string?[][] variables =
        [
            ["PGHOST", settings.Host],
            ["PGPORT", settings.Port.ToString(CultureInfo.InvariantCulture)],
            ["PGDATABASE", database ?? settings.Database],
            ["PGUSER", settings.Username],
            ["PGPASSWORD", settings.Password],
            ["PGPASSFILE", settings.Passfile],
            ["PGSSLMODE", ModeOf(settings.SslMode)],
            ["PGSSLROOTCERT", settings.RootCertificate],
            ["PGSSLCERT", settings.SslCertificate],
            ["PGSSLKEY", settings.SslKey],
            ["PGCONNECT_TIMEOUT", settings.Timeout.ToString(CultureInfo.InvariantCulture)],
            ["PGAPPNAME", "Maintenance"],
            ["PGCLIENTENCODING", "UTF8"],
        ];
        return variables.Where(variable => !string.IsNullOrEmpty(variable[1])).ToDictionary(variable => variable[0]!, variable => variable[1]!);
    }

    private static string ModeOf(SslMode mode) => mode switch
    {
        SslMode.Disable => "disable",
        SslMode.Allow => "allow",
        SslMode.Prefer => "prefer",
        SslMode.Require => "require",
        SslMode.VerifyCA => "verify-ca",
        _ => "verify-full",
    };
}
