using System.Data.Common;
using System.Net;
using System.Reflection;
using System.Runtime.Loader;

namespace Maintenance.ModuleTests;

/// <summary>
/// Connections of others to the sandbox's server. The driver is the module's own, out of its private context: a second copy beside
/// PowerShell would be what isolation tests forbid.
/// </summary>
internal static class ServerConnection
{
    /// <summary>Opens a connection; the module must have spoken to a server before.</summary>
    public static DbConnection Open(SandboxFixture fixture, string? role = null, string application = "test") => Open(fixture.Sandbox, role, application);

    /// <summary>Opens a connection to a sandbox that this process has started.</summary>
    public static DbConnection Open(MaintenanceSandbox sandbox, string? role = null, string application = "test")
    {
        var password = new NetworkCredential("", sandbox.Password).Password;
        var driver = AssemblyLoadContext.All.First(context => context.Name == "Maintenance").LoadFromAssemblyName(new AssemblyName("Npgsql"));
        var connection = (DbConnection)Activator.CreateInstance(
            driver.GetType("Npgsql.NpgsqlConnection", throwOnError: true)!,
            $"Host={sandbox.Host};Port={sandbox.Port};Database={sandbox.Database};Username={role ?? sandbox.Username};Password={password};SSL Mode=Disable;Pooling=false;Application Name={application}")!;
        connection.Open();
        return connection;
    }

    public static void Execute(this DbConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    public static T Scalar<T>(this DbConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return (T)command.ExecuteScalar()!;
    }
}
