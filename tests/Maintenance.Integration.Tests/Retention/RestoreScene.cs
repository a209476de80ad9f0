using Maintenance.Engine.Retention;
using Maintenance.IntegrationTests.Infrastructure;
using Maintenance.IntegrationTests.Maintain;

namespace Maintenance.IntegrationTests.Retention;

/// <summary>A database of one test with an archive store of its own, and what tests of restoring do with it.</summary>
internal sealed class RestoreScene : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();

    private RestoreScene(MaintainedDatabase database, StoreSettings? store)
    {
        Database = database;
        Target = database.Target with { ArchiveStore = store ?? new StoreSettings { Path = Path.Combine(_folder.Path, "archive") } };
    }

    public MaintainedDatabase Database { get; }

    public MaintenanceTarget Target { get; private set; }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<RestoreScene> CreateAsync(SandboxFixture servers, int major, string sql, StoreSettings? store = null)
    {
        var scene = new RestoreScene(await MaintainedDatabase.CreateAsync(await servers.PostgresAsync(major)), store);
        await scene.Database.Admin.ExecuteAsync(sql);
        return scene;
    }

    public void Policies(params RetentionPolicy[] policies) => Target = Target with { Retention = policies };

    public Task ExecuteAsync(string sql) => Database.Admin.ExecuteAsync(sql);

    public Task<T> ScalarAsync<T>(string sql) => Database.Admin.ScalarAsync<T>(sql);

    public Task<long> CountAsync(string table) => ScalarAsync<long>($"SELECT count(*) FROM {table}");

    /// <summary>Everything in a table, as one number that does not depend on the order of rows.</summary>
    public Task<string> ContentAsync(string table) => ScalarAsync<string>($"SELECT count(*) || ':' || COALESCE(sum(hashtextextended(t::text, 0)), 0) FROM {table} AS t");

    public async Task<RestoreResult> PlanAsync(RestoreOptions options) =>
        Assert.Single(await Database.Engine.Restore.PlanAsync(Target, options, Calls.Silent(), Token));

    /// <summary>Plans and carries out.</summary>
    public async Task<List<RestoreResult>> AllAsync(RestoreOptions options, CancellationToken? cancellationToken = null)
    {
        var token = cancellationToken ?? Token;
        var plan = await Database.Engine.Restore.PlanAsync(Target, options, Calls.Silent(), token);
        var results = new List<RestoreResult>();
        await foreach (var result in Database.Engine.Restore.ExecuteAsync(Target, plan, options, Calls.Silent(), token))
        {
            results.Add(result);
        }

        return results;
    }

    public async Task<RestoreResult> RestoreAsync(RestoreOptions options) => Assert.Single(await AllAsync(options));

    public async Task<RestoreResult> DoneAsync(RestoreOptions options)
    {
        var result = await RestoreAsync(options);
        Assert.True(result.State == StepState.Done, $"{result.State} {result.Error}: {result.Message} {result.Recommendation}");
        return result;
    }

    public async Task<RestoreResult> RefusedAsync(RestoreOptions options, MaintenanceErrorCode code)
    {
        var result = await RestoreAsync(options);
        Assert.True(result.State == StepState.Failed && result.Error == code, $"{result.State} {result.Error}: {result.Message}");
        Assert.NotEmpty(result.Recommendation!);
        return result;
    }

    /// <summary>Breaks the work the first time it comes to a point, as an end of the process would.</summary>
    public void BreakAt(FaultPoint point, int after = 0)
    {
        var left = after;
        Database.Engine.Restore.Reached = reached =>
            reached == point && left-- == 0 ? throw new MaintenanceException(MaintenanceErrorCode.DatabaseUnreachable, "Broken by the test.", "") : ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        _folder.Dispose();
    }
}
