using System.Globalization;
using System.IO.Compression;
using Maintenance.Engine;
using Maintenance.Engine.Programs;
using Maintenance.IntegrationTests.Infrastructure;

namespace Maintenance.IntegrationTests.Backup;

/// <summary>A database, backups of it by the real pg_dump in a folder, and a folder for scratch servers that must be empty at the end.</summary>
internal sealed class RestoreScene : IAsyncDisposable
{
    public const int Orders = 500;

    private readonly TemporaryFolder _store = new();
    private readonly TemporaryFolder _scratch = new();
    private readonly MaintenanceEngine _engine = new();

    private RestoreScene(MaintenanceSandbox sandbox, string database) => (Sandbox, Database) = (sandbox, database);

    public MaintenanceSandbox Sandbox { get; }

    public string Database { get; }

    /// <summary>Another database to dump; null for that of the scene.</summary>
    public string? Dumped { get; private set; }

    public RecordingSink Sink { get; } = new();

    /// <summary>The store's folder.</summary>
    public string Store => _store.Path;

    /// <summary>Where scratch servers are made.</summary>
    public string Scratch => _scratch.Path;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Makes a database with tables of several owners, keys, a sequence, a view, a policy, an extension, and names that need quotes.</summary>
    /// <param name="sandbox">The server.</param>
    /// <param name="name">Name of the database; also what its roles begin with.</param>
    /// <param name="sql">More to do in it.</param>
    public static async Task<RestoreScene> CreateAsync(MaintenanceSandbox sandbox, string name, string sql = "")
    {
        await SandboxDatabase.CreateAsync(sandbox, name);
        await using var connection = await SandboxDatabase.OpenAsync(sandbox, name);
        await connection.ExecuteAsync($$"""
            DO $$ BEGIN
                IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{{name}}_owner') THEN
                    CREATE ROLE {{name}}_owner;
                    CREATE ROLE "{{name}} Reader's";
                END IF;
            END $$;
            CREATE EXTENSION pgcrypto;
            CREATE SCHEMA "Sales & Co" AUTHORIZATION {{name}}_owner;
            CREATE TABLE customers (id serial PRIMARY KEY, email text UNIQUE NOT NULL);
            CREATE TABLE "Sales & Co".orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, customer_id int NOT NULL REFERENCES customers, total numeric CHECK (total >= 0));
            ALTER TABLE "Sales & Co".orders OWNER TO {{name}}_owner;
            GRANT SELECT ON customers TO "{{name}} Reader's";
            ALTER TABLE customers ENABLE ROW LEVEL SECURITY;
            CREATE POLICY mine ON customers FOR SELECT TO "{{name}} Reader's" USING (id > 0);
            CREATE VIEW totals AS SELECT customer_id, sum(total) FROM "Sales & Co".orders GROUP BY 1;
            INSERT INTO customers (email) SELECT 'c' || n || '@example.org' FROM generate_series(1, 100) AS n;
            INSERT INTO "Sales & Co".orders (customer_id, total) SELECT 1 + n % 100, n FROM generate_series(1, {{Orders}}) AS n;
            {{sql}}
            """);
        return new RestoreScene(sandbox, name);
    }

    /// <summary>Backs the database up with pg_dump.</summary>
    public async Task<DatabaseBackup> DumpAsync(BackupKind kind = BackupKind.Custom, params string[] arguments)
    {
        var format = kind switch { BackupKind.Custom => "custom", BackupKind.Directory => "directory", BackupKind.Tar => "tar", _ => "plain" };
        var name = Database + kind switch { BackupKind.Custom => ".dump", BackupKind.Directory => ".dir", BackupKind.Tar => ".tar", _ => ".sql" };
        var program = await PostgresTools.FindAsync("pg_dump", 15, null, Token);
        var call = new ProgramCall(program.Path, ["--format", format, "--file", Path.Combine(Store, name), .. arguments], Store)
        {
            Environment = ToolConnection.EnvironmentOf(SandboxFixture.ConnectionString(Sandbox), Dumped ?? Database),
        };
        var result = await call.RunAsync(Token);
        Assert.True(result.ExitCode == 0, result.Output);
        return kind == BackupKind.PlainCompressed ? await PackAsync(name) : BackupOf(name, kind);
    }

    /// <summary>Backs another database of the server up from now on.</summary>
    public RestoreScene Dumping(string database)
    {
        Dumped = database;
        return this;
    }

    /// <summary>Backs the roles of the server up with pg_dumpall, whose text is that of a whole cluster.</summary>
    public async Task<DatabaseBackup> DumpClusterAsync()
    {
        var program = await PostgresTools.FindAsync("pg_dumpall", 15, null, Token);
        var call = new ProgramCall(program.Path, ["--globals-only", "--file", Path.Combine(Store, "cluster.sql")], Store)
        {
            Environment = ToolConnection.EnvironmentOf(SandboxFixture.ConnectionString(Sandbox), Sandbox.Database),
        };
        var result = await call.RunAsync(Token);
        Assert.True(result.ExitCode == 0, result.Output);
        return BackupOf("cluster.sql", BackupKind.Plain);
    }

    /// <summary>A backup of SQL text.</summary>
    public async Task<DatabaseBackup> WriteTextAsync(string body, string version = "15.18")
    {
        var text = $"""
            --
            -- PostgreSQL database dump
            --

            -- Dumped from database version {version}
            -- Dumped by pg_dump version {version}

            SET client_encoding = 'UTF8';
            SET standard_conforming_strings = on;

            {body}

            --
            -- PostgreSQL database dump complete
            --


            """;
        await File.WriteAllTextAsync(Path.Combine(Store, Database + ".sql"), text.ReplaceLineEndings("\n"), Token);
        return BackupOf(Database + ".sql", BackupKind.Plain);
    }

    /// <summary>The backup of a name in the store.</summary>
    public DatabaseBackup BackupOf(string name, BackupKind kind)
    {
        var path = Path.Combine(Store, name);
        return new DatabaseBackup
        {
            Name = name,
            Store = Store,
            Kind = kind,
            Database = Database,
            TakenAt = TimeProvider.System.GetUtcNow(),
            LastModified = TimeProvider.System.GetUtcNow(),
            SizeBytes = kind == BackupKind.Directory ? new DirectoryInfo(path).EnumerateFiles().Sum(file => file.Length) : new FileInfo(path).Length,
        };
    }

    /// <summary>Notes beside a backup what it should hold.</summary>
    public async Task NoteAsync(DatabaseBackup backup, long customers = 100, long? databaseBytes = null) => await Maintenance.Engine.Backup.BackupManifests.WriteAsync(
        new Maintenance.Engine.Stores.FolderFileStore(Store, ""),
        new BackupManifest
        {
            Name = backup.Name,
            Database = Database,
            Kind = backup.Kind,
            TakenAt = backup.TakenAt,
            SizeBytes = backup.SizeBytes,
            DatabaseSizeBytes = databaseBytes,
            Tables = [new("public", "customers", customers), new("Sales & Co", "orders", Orders)],
        },
        Token);

    /// <summary>Tests a backup, and looks whether anything is left.</summary>
    public async Task<BackupVerification> TestAsync(DatabaseBackup backup, BackupTestOptions? options = null, MaintenanceTarget? target = null, CancellationToken? cancellationToken = null)
    {
        options ??= new BackupTestOptions();
        try
        {
            return await _engine.BackupTests.TestAsync(
                backup,
                target,
                options with { Level = options.Level is BackupLevel.Toc or >= BackupLevel.Sample ? options.Level : BackupLevel.Full, ScratchPath = options.ScratchPath ?? Scratch },
                Calls.To(Sink),
                cancellationToken ?? Token);
        }
        finally
        {
            Assert.Empty(Remains());
        }
    }

    /// <summary>Folders and processes of scratch servers of this scene.</summary>
    public IReadOnlyList<string> Remains() => [.. Directory.EnumerateFileSystemEntries(Scratch), .. SandboxRemains.ProcessesOf(Path.GetFileName(Scratch))];

    /// <summary>What the checks came to, for messages of tests.</summary>
    public static string Text(BackupVerification verification) =>
        string.Create(CultureInfo.InvariantCulture, $"{verification.Message}\n{string.Join('\n', verification.Checks)}\n{verification.Error} {verification.Recommendation}");

    public static BackupCheck Check(BackupVerification verification, string name) =>
        verification.Checks.SingleOrDefault(check => check.Name == name) ?? throw new Xunit.Sdk.XunitException($"No check {name}: {Text(verification)}");

    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        _store.Dispose();
        _scratch.Dispose();
        await SandboxDatabase.ExecuteAsync(Sandbox, $"DROP DATABASE IF EXISTS {Database} WITH (FORCE)");
    }

    private async Task<DatabaseBackup> PackAsync(string name)
    {
        await using (var source = File.OpenRead(Path.Combine(Store, name)))
        await using (var packed = new GZipStream(File.Create(Path.Combine(Store, name + ".gz")), CompressionLevel.Fastest))
        {
            await source.CopyToAsync(packed, Token);
        }

        return BackupOf(name + ".gz", BackupKind.PlainCompressed);
    }
}
