using System.Collections.Concurrent;
using System.Net;
using System.Reflection;
using Maintenance.Engine.History;
using Maintenance.Engine.Sandbox;
using Maintenance.IntegrationTests.Infrastructure;
using Npgsql;

[assembly: AssemblyFixture(typeof(SandboxFixture))]

namespace Maintenance.IntegrationTests.Infrastructure;

/// <summary>
/// The servers that tests run against: one sandbox per version of PostgreSQL, started when the first test asks for it and shared
/// by all. Tests take it as a constructor parameter. What is missing on a machine skips the test; in CI it fails it.
/// </summary>
public sealed class SandboxFixture : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, Lazy<Task<MaintenanceSandbox>>> _running = new();

    /// <summary>Folder of the sandbox's files.</summary>
    public static string ResourcePath { get; } = typeof(SandboxFixture).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == "SandboxResources").Value!;

    /// <summary>Starts and stops sandboxes, for tests that need one of their own.</summary>
    public SandboxService Service { get; } = new(TimeProvider.System);

    /// <summary>A PostgreSQL with the sample data.</summary>
    /// <param name="major">Its major version: 15 is on Debian 12, any of 15 to 18 comes from npm.</param>
    public Task<MaintenanceSandbox> PostgresAsync(int major) => RunningAsync(new SandboxOptions
    {
        Name = $"pg{major}",
        PostgresVersion = major,
        ResourcePath = ResourcePath,
    });

    /// <summary>A PostgreSQL with months of past and the slow workload, and its history.</summary>
    /// <param name="major">Its major version.</param>
    internal async Task<(MaintenanceSandbox Sandbox, IHistoryStore History)> PastAsync(int major)
    {
        var sandbox = await RunningAsync($"past{major}", new SandboxOptions
        {
            Name = "past",
            PostgresVersion = major,
            History = TimeSpan.FromDays(180),
            Workload = true,
            ResourcePath = ResourcePath,
        });
        return (sandbox, new SqliteHistoryStore(sandbox.Target.History.Path!, TimeProvider.System, HistoryMigrations.Of("sqlite")));
    }

    /// <summary>A PostgreSQL whose backups lie in Azurite.</summary>
    public Task<MaintenanceSandbox> AzuriteAsync() => RunningAsync(new SandboxOptions
    {
        Name = "azurite",
        Scale = 0,
        Azurite = true,
        ResourcePath = ResourcePath,
    });

    /// <summary>Runs something that needs programs from outside; skips the test where they are missing, unless this is CI.</summary>
    /// <typeparam name="T">Type of the result.</typeparam>
    /// <param name="start">What needs the programs.</param>
    public static async Task<T> OrSkipAsync<T>(Func<Task<T>> start)
    {
        try
        {
            return await start();
        }
        catch (MaintenanceException exception) when (exception.Code == MaintenanceErrorCode.SandboxBinariesNotFound)
        {
            Assert.SkipWhen(Environment.GetEnvironmentVariable("CI") != "true", exception.Message);
            throw;
        }
    }

    /// <summary>The password of a sandbox, as text.</summary>
    /// <param name="sandbox">The sandbox.</param>
    public static string PasswordOf(MaintenanceSandbox sandbox) => new NetworkCredential("", sandbox.Password).Password;

    /// <summary>A connection string that Npgsql takes.</summary>
    /// <param name="sandbox">The sandbox.</param>
    /// <param name="username">The role; default the administrator.</param>
    public static string ConnectionString(MaintenanceSandbox sandbox, string? username = null) =>
        $"Host={sandbox.Host};Port={sandbox.Port};Database={sandbox.Database};Username={username ?? sandbox.Username};Password={PasswordOf(sandbox)};SSL Mode=Disable";

    public async ValueTask DisposeAsync()
    {
        foreach (var sandbox in _running.Values.Where(started => started.IsValueCreated && started.Value.IsCompletedSuccessfully))
        {
            await Service.StopAsync((await sandbox.Value).Id, Calls.Silent(), CancellationToken.None);
        }
    }

    // The token of the test that comes first must not end what the others share.
    private Task<MaintenanceSandbox> RunningAsync(SandboxOptions options) => RunningAsync(options.Name, options);

    private Task<MaintenanceSandbox> RunningAsync(string key, SandboxOptions options) => OrSkipAsync(() =>
        _running.GetOrAdd(key, _ => new Lazy<Task<MaintenanceSandbox>>(() => StartAsync(options))).Value);

    // Autovacuum stays on, but does not come by itself: while it looks at a table, the rows that a test has killed cannot be removed.
    private async Task<MaintenanceSandbox> StartAsync(SandboxOptions options)
    {
        var sandbox = await Service.StartAsync(options, Calls.Silent(), CancellationToken.None);
        await using var connection = new NpgsqlConnection(ConnectionString(sandbox));
        await connection.OpenAsync(CancellationToken.None);
        foreach (var sql in new[] { "ALTER SYSTEM SET autovacuum_naptime = '1d'", "SELECT pg_reload_conf()" })
        {
            await using var command = new NpgsqlCommand(sql, connection);
            await command.ExecuteNonQueryAsync(CancellationToken.None);
        }

        return sandbox;
    }
}
