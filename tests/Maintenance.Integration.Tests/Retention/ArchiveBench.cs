using System.IO.Compression;
using Maintenance.Engine.Retention;
using Maintenance.Engine.Stores;
using Maintenance.IntegrationTests.Infrastructure;

namespace Maintenance.IntegrationTests.Retention;

/// <summary>A database of one test whose rows go into files, and what is needed to look into these.</summary>
internal sealed class ArchiveBench : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();

    private ArchiveBench(RetentionBench bench) => Bench = bench;

    public RetentionBench Bench { get; }

    public static RetentionPolicy Policy { get; } = RetentionBench.Policy(RetentionAction.ArchiveToBlob);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Makes the database.</summary>
    /// <param name="fixture">The servers.</param>
    /// <param name="major">Version of PostgreSQL.</param>
    /// <param name="sql">What is in it.</param>
    /// <param name="blob">Whether its store is a container instead of a folder.</param>
    public static async Task<ArchiveBench> StartAsync(SandboxFixture fixture, int major, string sql, bool blob = false)
    {
        var bench = new ArchiveBench(await RetentionBench.StartAsync(await fixture.PostgresAsync(major), sql));
        var settings = blob
            ? (await fixture.AzuriteAsync()).Target.ArchiveStore! with { Container = $"archive-{Guid.NewGuid():N}" }
            : new StoreSettings { Path = Path.Combine(bench._folder.Path, "archive") };
        bench.Bench.Target = bench.Bench.Target with { ArchiveStore = settings };
        return bench;
    }

    /// <summary>A table t of so many rows a minute apart, the last ten of which are young.</summary>
    public static string Table(int rows) => $"""
        CREATE TABLE t (id int PRIMARY KEY, at timestamptz, v text) WITH (autovacuum_enabled = off);
        INSERT INTO t SELECT n, now() - interval '31 days' - n * interval '1 minute', 'v' || n FROM generate_series(1, {rows - 10}) n;
        INSERT INTO t SELECT n, now(), 'young' FROM generate_series({rows - 9}, {rows}) n;
        CREATE INDEX ON t (at);
        ANALYZE t;
        """;

    public Task<IFileStore> StoreAsync() => new ArchiveStores().OpenAsync(Bench.Target, Calls.Silent(), Token);

    /// <summary>Plans and carries out, and gives everything that came of it.</summary>
    public async Task<List<RetentionResult>> RunAllAsync(params RetentionPolicy[] policies)
    {
        var options = new RetentionOptions { Policies = policies };
        var planned = await Bench.Engine.Retention.PlanAsync(Bench.Target, options, Calls.To(Bench.Sink), Token);
        var results = new List<RetentionResult>();
        await foreach (var result in Bench.Engine.Retention.ExecuteAsync(Bench.Target, planned, options, Calls.To(Bench.Sink), Token))
        {
            results.Add(result);
        }

        return results;
    }

    public async Task<List<string>> FilesAsync()
    {
        var (files, store) = (new List<string>(), await StoreAsync());
        await foreach (var file in store.ListAsync("", Token))
        {
            files.Add(file.Name);
        }

        return files;
    }

    public async Task<ArchiveManifest> ManifestAsync(string name)
    {
        await using var content = await (await StoreAsync()).OpenAsync(name, Token);
        using var memory = new MemoryStream();
        await content.CopyToAsync(memory, Token);
        return ArchiveManifests.Read(name, memory.ToArray());
    }

    /// <summary>Loads every file that has a manifest into a table like t, as anybody could with the tools of PostgreSQL; makes sure that there is no other file.</summary>
    /// <returns>How many rows.</returns>
    public async Task<long> LoadAsync(string into = "back", string like = "t")
    {
        await Bench.Admin.ExecuteAsync($"DROP TABLE IF EXISTS {into}; CREATE TABLE {into} (LIKE {like}); SET DateStyle = 'ISO, YMD'; SET IntervalStyle = 'postgres'");
        var (files, store) = (await FilesAsync(), await StoreAsync());
        var known = new List<string>();
        foreach (var name in files.Where(name => name.EndsWith("/manifest.json", StringComparison.Ordinal)))
        {
            known.Add(name);
            foreach (var part in (await ManifestAsync(name)).Parts)
            {
                known.Add(part.Name);
                await using var rows = new GZipStream(await store.OpenAsync(part.Name, Token), CompressionMode.Decompress);
                await using var copy = await Bench.Admin.BeginTextImportAsync($"COPY {into} FROM STDIN (FORMAT csv, HEADER, ENCODING 'UTF8')", Token);
                await rows.CopyToAsync(((StreamWriter)copy).BaseStream, Token);
            }
        }

        Assert.Equal(known.Order(StringComparer.Ordinal), files.Order(StringComparer.Ordinal));
        return await Bench.CountAsync(into);
    }

    /// <summary>The process of ours that does something.</summary>
    public async Task KillOursAsync()
    {
        await using var connection = await SandboxDatabase.OpenAsync(Bench.Sandbox, Bench.Name);
        await connection.ExecuteAsync("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'Maintenance/Invoke-DbRetention'");
    }

    public async ValueTask DisposeAsync()
    {
        await Bench.DisposeAsync();
        _folder.Dispose();
    }
}
