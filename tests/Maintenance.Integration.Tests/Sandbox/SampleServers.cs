using System.Collections.Concurrent;
using Maintenance.Engine.Programs;
using Maintenance.Engine.Sandbox;
using Maintenance.IntegrationTests.Infrastructure;
using Npgsql;

namespace Maintenance.IntegrationTests.Sandbox;

[CollectionDefinition(nameof(SampleServers))]
public sealed class SampleServersCollection : ICollectionFixture<SampleServers>;

/// <summary>The shared servers by version, each with a database of our own that nobody but the sample has touched.</summary>
public sealed class SampleServers(SandboxFixture sandboxes) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<int, Lazy<Task<SampleServer>>> _servers = new();

    internal Task<SampleServer> GetAsync(int version) =>
        _servers.GetOrAdd(version, key => new Lazy<Task<SampleServer>>(() => LoadAsync(key))).Value;

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers.Values.Where(loading => loading.Value.IsCompletedSuccessfully))
        {
            await (await server.Value).DisposeAsync();
        }
    }

    private async Task<SampleServer> LoadAsync(int version)
    {
        var server = new SampleServer(await sandboxes.PostgresAsync(version));
        await server.LoadAsync();
        return server;
    }
}

internal sealed class SampleServer(MaintenanceSandbox sandbox) : IAsyncDisposable
{
    private readonly ConcurrentBag<NpgsqlDataSource> _databases = [];

    /// <summary>The database with the sample of seed 1 at scale 1.</summary>
    public NpgsqlDataSource Sample { get; private set; } = null!;

    public IReadOnlyList<ProgressUpdate> LoadProgress { get; private set; } = [];

    public string Password => SandboxFixture.PasswordOf(sandbox);

    /// <summary>A program of PostgreSQL's, from wherever it lies. Debian's own wrappers are no programs.</summary>
    public static string Program(string name)
    {
        var program = PostgresFolders.All().Select(folder => SearchPath.InFolder(folder, name)).FirstOrDefault(path => Path.GetFileNameWithoutExtension(path) == name);
        Assert.SkipWhen(program is null && Environment.GetEnvironmentVariable("CI") != "true", $"{name} is not at hand.");
        return program!;
    }

    public async Task LoadAsync()
    {
        var sink = new RecordingSink();
        Sample = await CreateAsync("sample");
        await SampleDatabase.LoadAsync(Sample, SandboxFixture.ResourcePath, 1, 1, workload: false, sink, CancellationToken.None);
        LoadProgress = [.. sink.ProgressUpdates];
    }

    /// <summary>A new, empty database.</summary>
    public async Task<NpgsqlDataSource> CreateAsync(string name)
    {
        await using (var administrator = NpgsqlDataSource.Create(SandboxFixture.ConnectionString(sandbox)))
        {
            await using var command = administrator.CreateCommand($"CREATE DATABASE {name}");
            await command.ExecuteNonQueryAsync();
        }

        var database = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(SandboxFixture.ConnectionString(sandbox)) { Database = name });
        _databases.Add(database);
        return database;
    }

    /// <summary>Runs one of PostgreSQL's client programs against this server.</summary>
    public async Task RunAsync(string name, params string[] arguments)
    {
        var call = new ProgramCall(Program(name), ["-h", sandbox.Host, "-p", $"{sandbox.Port}", "-U", sandbox.Username, .. arguments], Path.GetTempPath())
        {
            Environment = new Dictionary<string, string> { ["PGPASSWORD"] = Password },
        };
        var result = await call.RunAsync(TestContext.Current.CancellationToken);
        Assert.True(result.ExitCode == 0, result.Output);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var database in _databases)
        {
            await database.DisposeAsync();
        }
    }
}
