using System.Globalization;
using Maintenance.Engine;
using Maintenance.IntegrationTests.Infrastructure;
using Npgsql;

namespace Maintenance.IntegrationTests.Repair;

/// <summary>A database with sessions, a history of its own, and the engine that repairs it.</summary>
internal sealed class RepairDatabase : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();

    private RepairDatabase(SessionScene scene)
    {
        Scene = scene;
        Target = scene.Target with
        {
            Functions = null,
            History = new HistorySettings { Path = Path.Combine(_folder.Path, "history.db") },
            Repair = new RepairPolicy { Settle = TimeSpan.FromMilliseconds(10), IdleSession = TimeSpan.FromMilliseconds(1), IdleInTransaction = TimeSpan.FromMilliseconds(1) },
        };
    }

    public MaintenanceEngine Engine { get; } = new();

    public SessionScene Scene { get; }

    public MaintenanceTarget Target { get; set; }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<RepairDatabase> CreateAsync(MaintenanceSandbox sandbox) => new(await SessionScene.CreateAsync(sandbox));

    public Task ExecuteAsync(string sql) => SandboxDatabase.ExecuteAsync(Scene.Sandbox, sql, Scene.Name);

    public async Task<T> ScalarAsync<T>(string sql)
    {
        await using var connection = await SandboxDatabase.OpenAsync(Scene.Sandbox, Scene.Name);
        return await connection.ScalarAsync<T>(sql);
    }

    /// <summary>An index that the failed build of a unique one has left.</summary>
    public async Task<long> FailedIndexAsync(string quotedName)
    {
        await ExecuteAsync("CREATE TABLE IF NOT EXISTS twice (id int)");
        await ExecuteAsync("INSERT INTO twice VALUES (1), (1)");
        await Assert.ThrowsAsync<PostgresException>(() => ExecuteAsync($"CREATE UNIQUE INDEX CONCURRENTLY {quotedName} ON twice (id)"));
        return await ScalarAsync<long>($"SELECT max(indexrelid::bigint) FROM pg_index WHERE NOT indisvalid AND indrelid = 'twice'::regclass");
    }

    public async Task<bool> ExistsAsync(long oid) => await ScalarAsync<long>($"SELECT count(*) FROM pg_class WHERE oid = {oid}") == 1;

    public Finding Issue(string kind, params (string Name, string Value)[] parameters) => new()
    {
        Id = "TEST-ISSUE",
        Area = "Test",
        Severity = FindingSeverity.Medium,
        Message = "It is so.",
        Target = Target.Name,
        Database = Scene.Name,
        Remedy = new Remedy { Kind = kind, Command = "DROP DATABASE postgres", Risk = RemedyRisk.Low, Parameters = parameters.ToDictionary(parameter => parameter.Name, parameter => parameter.Value) },
    };

    public Finding Index(long oid, string name) => Issue("DropInvalidIndex", ("oid", oid.ToString(CultureInfo.InvariantCulture)), ("schema", "public"), ("name", name));

    public Task<SystemRepair> RepairAsync(Finding finding, RepairOptions? options = null, MaintenanceTarget? target = null) =>
        Engine.Repairs.RepairAsync(target ?? Target, finding, options ?? new RepairOptions { Wait = TimeSpan.FromSeconds(3) }, Calls.Silent(), Token);

    public async ValueTask DisposeAsync()
    {
        await Engine.DisposeAsync();
        await Scene.DisposeAsync();
        _folder.Dispose();
    }
}
