using System.Net;
using Maintenance.Engine.Database;
using Npgsql;

namespace Maintenance.Engine.Backup.Dump;

/// <summary>How the database that is dumped is reached, by us and by pg_dump.</summary>
/// <param name="Target">The target, with this database.</param>
/// <param name="ConnectionString">The same as a connection string: a secret.</param>
/// <param name="OwnPool">True if the connections are of no use to anybody else.</param>
internal sealed record DumpConnection(MaintenanceTarget Target, string ConnectionString, bool OwnPool)
{
    /// <summary>Looks the secrets up.</summary>
    /// <param name="target">The target.</param>
    /// <param name="database">Another database of its server; null for its own.</param>
    /// <param name="call">Where to read secrets.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="MaintenanceException">NotConfigured, SecretNotFound, ConfigurationInvalid.</exception>
    public static async Task<DumpConnection> OfAsync(MaintenanceTarget target, string? database, CallContext call, CancellationToken cancellationToken)
    {
        var settings = target.Database ?? throw new MaintenanceException(
            MaintenanceErrorCode.NotConfigured,
            $"The target '{target.Name}' has no database.",
            "Add \"database\" to the target in maintenance.json, or connect with -HostName.");
        if (database is null || settings.ConnectionString is null)
        {
            settings = database is null ? settings : settings with { Database = database };
            return new DumpConnection(
                target with { Database = settings }, await ConnectionStrings.BuildAsync(settings, call.Secrets, cancellationToken), OwnPool: false);
        }

        // The configured string names its database, and is changed only here.
        var text = new NpgsqlConnectionStringBuilder(await ConnectionStrings.BuildAsync(settings, call.Secrets, cancellationToken)) { Database = database }.ConnectionString;
        settings = settings with { Database = database, ConnectionString = SecretReference.FromSecureString(new NetworkCredential("", text).SecurePassword) };
        return new DumpConnection(target with { Database = settings }, text, OwnPool: true);
    }
}
