using System.Diagnostics.CodeAnalysis;
using Azure.Storage.Blobs;
using Maintenance.Engine.Backup.Dump;
using Maintenance.Engine.Database;
using Maintenance.Engine.Programs;
using Maintenance.IntegrationTests.Infrastructure;
using Npgsql;

namespace Maintenance.IntegrationTests.Backup;

/// <summary>A database of its own with a few tables, and a folder to back it up into.</summary>
internal sealed class DumpScene : IAsyncDisposable
{
    private readonly DatabaseConnector _connector = new(TimeProvider.System);
    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _roles = [];

    private readonly string _real;

    private DumpScene(MaintenanceSandbox server, string database, NpgsqlConnection admin, string real)
    {
        _real = real;
        (Server, Database, Admin) = (server, database, admin);
        Service = new DumpService(_connector, TimeProvider.System);
        Directory.CreateDirectory(StorePath);
        Target = server.Target.As(database: database) with { BackupStore = new StoreSettings { Path = StorePath }, Backups = new BackupSettings() };
    }

    public MaintenanceSandbox Server { get; }

    public string Database { get; }

    public NpgsqlConnection Admin { get; }

    public DumpService Service { get; }

    public MaintenanceTarget Target { get; set; }

    public RecordingSink Sink { get; } = new();

    public string StorePath => Path.Combine(_folder.Path, "store");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Makes the database.</summary>
    /// <param name="server">On this server.</param>
    /// <param name="name">Its name; null for one that nobody has.</param>
    public static async Task<DumpScene> CreateAsync(MaintenanceSandbox server, string? name = null)
    {
        var tool = await PostgresTools.TryFindAsync("pg_dump", 15, null, Token);
        Assert.SkipWhen(tool is null, "There is no pg_dump on this machine.");
        name ??= $"dump_{Guid.NewGuid():N}";
        await using (var connection = await SandboxDatabase.OpenAsync(server))
        {
            await connection.ExecuteAsync($"CREATE DATABASE {new NpgsqlCommandBuilder().QuoteIdentifier(name)} TEMPLATE template0 ENCODING 'UTF8'");
        }

        var admin = await SandboxDatabase.OpenAsync(server, name);
        await admin.ExecuteAsync(""""
            CREATE TABLE users (id int PRIMARY KEY, name text);
            INSERT INTO users SELECT n, 'user ' || n FROM generate_series(1, 1000) AS n;
            CREATE SCHEMA "Odd ""Schema""";
            CREATE TABLE "Odd ""Schema"""."Odd; Table" (id int);
            INSERT INTO "Odd ""Schema"""."Odd; Table" SELECT generate_series(1, 7);
            CREATE TABLE parts (id int) PARTITION BY RANGE (id);
            CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (100);
            INSERT INTO parts SELECT generate_series(1, 42);
            CREATE TABLE child () INHERITS (users);
            INSERT INTO child VALUES (5000, 'child');
            CREATE MATERIALIZED VIEW counts AS SELECT count(*) FROM users;
            """");
        return new DumpScene(server, name, admin, tool!.Path);
    }

    /// <summary>Makes a role that is nobody, and the target as it.</summary>
    public async Task<MaintenanceTarget> AsNobodyAsync()
    {
        var role = $"nobody_{Guid.NewGuid():N}";
        _roles.Add(role);
        await Admin.ExecuteAsync($"CREATE ROLE {role} LOGIN PASSWORD 'nothing'");
        return Target.As(role, "nothing");
    }

    /// <summary>A folder with a pg_dump that is a script: <c>$real</c> is the true one.</summary>
    public string Program(string script)
    {
        var name = $"bin-{Guid.NewGuid():N}";
        Directory.CreateDirectory(Path.Combine(_folder.Path, name));
        _folder.Write($"{name}/pg_dump", $"#!/bin/sh\nreal={_real}\n[ \"$1\" = --version ] && exec $real --version\n{script}\n");
        return Path.Combine(_folder.Path, name);
    }

    public string Temporary(string name) => Path.Combine(_folder.Path, name);

    public async Task<DatabaseBackup> DumpAsync(BackupOptions? options = null, MaintenanceTarget? target = null, CancellationToken? cancellationToken = null)
    {
        var call = Calls.To(Sink);
        var plan = await Service.PlanAsync(target ?? Target, options ?? new BackupOptions(), call, Token);
        return await Service.CreateAsync(target ?? Target, options ?? new BackupOptions(), plan, call, cancellationToken ?? Token);
    }

    /// <summary>Everything in the folder, also what is hidden.</summary>
    public IEnumerable<string> Files() => Directory.EnumerateFileSystemEntries(StorePath, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None })
        .Select(path => Path.GetRelativePath(StorePath, path)).Order(StringComparer.Ordinal);

    /// <summary>Restores a file into a new database, and counts the rows of its tables there.</summary>
    [SuppressMessage("Security", "CA2100", Justification = "The names are the test's own.")]
    public async Task<Dictionary<string, long>> RestoreAsync(string path)
    {
        var database = $"restored_{Guid.NewGuid():N}";
        await SandboxDatabase.CreateAsync(Server, database);
        try
        {
            var plain = path.Contains(".sql", StringComparison.Ordinal);
            var tool = await PostgresTools.FindAsync(plain ? "psql" : "pg_restore", 15, null, Token);
            var environment = ToolConnection.EnvironmentOf(SandboxFixture.ConnectionString(Server), database);
            string[] arguments = plain ? ["-v", "ON_ERROR_STOP=1", "-q", "-f", path] : ["--exit-on-error", "--dbname=", path];
            var result = await new ProgramCall(tool.Path, arguments, _folder.Path) { Environment = environment }.RunAsync(Token);
            Assert.True(result.ExitCode == 0, result.Output);
            await using var connection = await SandboxDatabase.OpenAsync(Server, database);
            var counts = new Dictionary<string, long>();
            foreach (var (name, quoted) in new[] { ("users", "users"), ("Odd; Table", "\"Odd \"\"Schema\"\"\".\"Odd; Table\""), ("parts_1", "parts_1"), ("child", "child") })
            {
                counts[name] = await connection.ScalarAsync<long>($"SELECT count(*) FROM ONLY {quoted}");
            }

            return counts;
        }
        finally
        {
            await SandboxDatabase.ExecuteAsync(Server, $"DROP DATABASE IF EXISTS {database} WITH (FORCE)");
        }
    }

    /// <summary>Sessions that still work on the database, other than ours.</summary>
    public async Task<long> SessionsAsync() =>
        await Admin.ScalarAsync<long>("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND (application_name ~ 'New-DatabaseBackup [0-9a-f]{16}$' OR (application_name LIKE 'Maintenance/%' AND state <> 'idle'))");

    /// <summary>A container of its own in Azurite, as the target's store.</summary>
    public async Task<BlobContainerClient> IntoContainerAsync(MaintenanceSandbox azurite, string prefix = "nightly/")
    {
        var name = $"dump-{Guid.NewGuid():N}";
        var store = azurite.Target.BackupStore! with { Container = name, Prefix = prefix };
        Target = Target with { BackupStore = store };
        var container = new BlobContainerClient(new System.Net.NetworkCredential("", store.ConnectionString!.ToSecureString()).Password, name);
        await container.CreateAsync(cancellationToken: Token);
        return container;
    }

    public async ValueTask DisposeAsync()
    {
        await _connector.DisposeAsync();
        await Admin.DisposeAsync();
        await using (var connection = await SandboxDatabase.OpenAsync(Server))
        {
            await connection.ExecuteAsync($"DROP DATABASE {new NpgsqlCommandBuilder().QuoteIdentifier(Database)} WITH (FORCE)");
            foreach (var role in _roles)
            {
                await connection.ExecuteAsync($"DROP ROLE {role}");
            }
        }

        _folder.Dispose();
    }
}
