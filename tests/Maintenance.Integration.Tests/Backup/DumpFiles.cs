using System.IO.Compression;
using Maintenance.Engine.Programs;
using Maintenance.IntegrationTests.Infrastructure;

namespace Maintenance.IntegrationTests.Backup;

/// <summary>Real dumps of one database by the real pg_dump, in each of its formats. Made when the first test asks, and shared by a class.</summary>
public sealed class DumpFiles(SandboxFixture fixture) : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly string _database = $"dump_files_{Guid.NewGuid():N}";
    private bool _made;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>One file: custom.dump, streamed.dump, plain.dump (custom, not compressed), data.tar, data.sql, all.sql, data.sql.gz, custom.dump.gz.</summary>
    public async Task<byte[]> FileAsync(string name)
    {
        await MakeAsync();
        return await File.ReadAllBytesAsync(Path.Combine(_folder.Path, name), Token);
    }

    /// <summary>The files of a folder: directory, or directory0, which is not compressed.</summary>
    public async Task<Dictionary<string, byte[]>> FolderAsync(string name)
    {
        await MakeAsync();
        return Directory.GetFiles(Path.Combine(_folder.Path, name)).ToDictionary(path => Path.GetFileName(path), File.ReadAllBytes);
    }

    public void Dispose()
    {
        _gate.Dispose();
        _folder.Dispose();
    }

    private async Task MakeAsync()
    {
        await _gate.WaitAsync(Token);
        try
        {
            if (!_made)
            {
                await MakeThemAsync();
                _made = true;
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    private async Task MakeThemAsync()
    {
        var sandbox = await fixture.PostgresAsync(15);
        var dump = await ProgramAsync("pg_dump");
        var dumpAll = await ProgramAsync("pg_dumpall");
        await SandboxDatabase.CreateAsync(sandbox, _database);
        await SandboxDatabase.ExecuteAsync(
            sandbox,
            """
            CREATE TABLE numbers (id bigint PRIMARY KEY, name text NOT NULL, value double precision);
            INSERT INTO numbers SELECT n, md5(n::text), n / 7.0 FROM generate_series(1, 4000) AS n;
            CREATE TABLE "of Äpfel" (id int REFERENCES numbers (id) DEFERRABLE);
            INSERT INTO "of Äpfel" (id) VALUES (1), (2), (3);
            CREATE TABLE nothing (id int);
            CREATE VIEW numbers_seen AS SELECT * FROM numbers;
            CREATE FUNCTION one(a int, b text DEFAULT 'x') RETURNS int LANGUAGE sql AS 'SELECT 1';
            SELECT lo_from_bytea(0, decode(repeat('ab', 3000), 'hex')), lo_from_bytea(0, 'x');
            """,
            _database);
        var environment = ToolConnection.EnvironmentOf(SandboxFixture.ConnectionString(sandbox), _database);
        async Task RunAsync(string program, params string[] arguments)
        {
            var result = await new ProgramCall(program, arguments, _folder.Path) { Environment = environment }.RunAsync(Token);
            Assert.True(result.ExitCode == 0, result.Output);
        }

        await RunAsync(dump, "-Fc", "-f", "custom.dump");
        await RunAsync(dump, "-Fc", "-Z0", "-f", "plain.dump");
        await RunAsync(dump, "-Ft", "-f", "data.tar");
        await RunAsync(dump, "-Fd", "-f", "directory");
        await RunAsync(dump, "-Fd", "-Z0", "-f", "directory0");
        await RunAsync(dump, "-Fp", "-f", "data.sql");
        await RunAsync(dump, "-Fc", "--schema-only", "-f", "schema.dump");
        await RunAsync(dump, "-Ft", "--schema-only", "-f", "schema.tar");
        await RunAsync(dump, "-Fp", "--schema-only", "-f", "schema.sql");
        await RunAsync(dump, "-Fp", "--inserts", "-t", "nothing", "-f", "empty.sql");
        await RunAsync(dumpAll, "--database=postgres", "-l", _database, "--roles-only", "-f", "roles.sql");
        await StreamAsync(dump, environment);
        await GzipAsync("data.sql", "data.sql.gz");
        await GzipAsync("schema.sql", "schema.sql.gz");
        await GzipAsync("plain.dump", "custom.dump.gz");
    }

    // Into a pipe, where pg_dump cannot go back to note where the data are.
    private async Task StreamAsync(string dump, Dictionary<string, string> environment)
    {
        await using var running = new ProgramCall(dump, ["-Fc"], _folder.Path) { Environment = environment }.Start();
        await using (var file = File.Create(Path.Combine(_folder.Path, "streamed.dump")))
        {
            await running.Output.CopyToAsync(file, Token);
        }
    }

    private async Task GzipAsync(string from, string to)
    {
        await using var file = File.Create(Path.Combine(_folder.Path, to));
        await using var gzip = new GZipStream(file, CompressionLevel.Optimal);
        await gzip.WriteAsync(await File.ReadAllBytesAsync(Path.Combine(_folder.Path, from), Token), Token);
    }

    private static async Task<string> ProgramAsync(string name)
    {
        var found = await PostgresTools.TryFindAsync(name, 15, null, Token);
        Assert.SkipWhen(found is null && Environment.GetEnvironmentVariable("CI") != "true", $"{name} is not on this machine.");
        return found!.Path;
    }
}
