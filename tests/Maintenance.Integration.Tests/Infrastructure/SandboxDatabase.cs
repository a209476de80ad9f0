using System.Net;
using Npgsql;

namespace Maintenance.IntegrationTests.Infrastructure;

/// <summary>What tests do to the database of a sandbox behind the module's back: as its administrator.</summary>
internal static class SandboxDatabase
{
    /// <summary>Opens a connection as the administrator. Its name does not begin with Maintenance/, so that leaks can be told apart.</summary>
    public static async Task<NpgsqlConnection> OpenAsync(MaintenanceSandbox sandbox, string? database = null)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(SandboxFixture.ConnectionString(sandbox))
        {
            Database = database ?? sandbox.Database,
            ApplicationName = "test",
            Pooling = false,
        }.ConnectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        return connection;
    }

    /// <summary>Runs a statement as the administrator.</summary>
    public static async Task ExecuteAsync(MaintenanceSandbox sandbox, string sql, string? database = null)
    {
        await using var connection = await OpenAsync(sandbox, database);
        await connection.ExecuteAsync(sql);
    }

    /// <summary>Makes an empty database, anew if there was one of this name.</summary>
    public static async Task CreateAsync(MaintenanceSandbox sandbox, string name)
    {
        await ExecuteAsync(sandbox, $"DROP DATABASE IF EXISTS {name}");
        await ExecuteAsync(sandbox, $"CREATE DATABASE {name} TEMPLATE template0");
    }

    public static async Task ExecuteAsync(this NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    public static async Task<T> ScalarAsync<T>(this NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return (T)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }

    /// <summary>The sandbox's target with another role or database.</summary>
    public static MaintenanceTarget As(this MaintenanceTarget target, string? user = null, string? password = null, string? database = null) => target with
    {
        Database = target.Database! with
        {
            Username = user ?? target.Database.Username,
            Password = password is null ? target.Database.Password : SecretReference.FromSecureString(new NetworkCredential("", password).SecurePassword),
            Database = database ?? target.Database.Database,
        },
    };
}
