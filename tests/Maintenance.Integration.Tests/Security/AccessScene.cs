using Maintenance.Engine;
using Maintenance.IntegrationTests.Analytics;
using Maintenance.IntegrationTests.Infrastructure;
using Npgsql;

namespace Maintenance.IntegrationTests.Security;

/// <summary>A database, roles and a history of a test's own, a clock that can be put forward, and reviews of them.</summary>
internal sealed class AccessScene : IAsyncDisposable
{
    private readonly ShiftedTime _time = new();
    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _roles = [];
    private readonly MaintenanceEngine _engine;

    private AccessScene(MaintenanceSandbox sandbox, string name)
    {
        (Sandbox, Database) = (sandbox, name);
        _engine = new MaintenanceEngine(_time);
        Target = sandbox.Target.As(database: name) with { History = new HistorySettings { Path = HistoryFile } };
    }

    public MaintenanceSandbox Sandbox { get; }

    public string Database { get; }

    public MaintenanceTarget Target { get; set; }

    public string HistoryFile => Path.Combine(_folder.Path, "history.db");

    public static async Task<AccessScene> CreateAsync(MaintenanceSandbox sandbox)
    {
        var scene = new AccessScene(sandbox, $"acc_{Guid.NewGuid():N}"[..20]);
        await SandboxDatabase.CreateAsync(sandbox, scene.Database);
        return scene;
    }

    /// <summary>Makes a role that goes with the scene, and gives its name, quoted.</summary>
    /// <param name="name">What it is called after the scene's own name.</param>
    /// <param name="options">LOGIN and the like.</param>
    public async Task<string> RoleAsync(string name, string options = "LOGIN")
    {
        await using var connection = await SandboxDatabase.OpenAsync(Sandbox, Database);
        var quoted = await connection.ScalarAsync<string>($"SELECT quote_ident('{RoleName(name).Replace("'", "''", StringComparison.Ordinal)}')");
        _roles.Add(quoted);
        await connection.ExecuteAsync($"CREATE ROLE {quoted} {options} PASSWORD '{SandboxFixture.PasswordOf(Sandbox)}'");
        return quoted;
    }

    /// <summary>A role's name, unquoted.</summary>
    public string RoleName(string name) => $"{Database}_{name}";

    public Task ExecuteAsync(string sql) => SandboxDatabase.ExecuteAsync(Sandbox, sql, Database);

    /// <summary>Logs in as a role of the scene.</summary>
    public async Task<NpgsqlConnection> LoginAsync(string name)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(SandboxFixture.ConnectionString(Sandbox, RoleName(name))) { Database = Database, Pooling = false }.ConnectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        return connection;
    }

    public Maintenance.Engine.Security.Access.AccessReviewService Reviews => _engine.AccessReviews;

    /// <summary>Logs out. A server takes a moment to forget a session.</summary>
    public async Task LogoutAsync(NpgsqlConnection connection)
    {
        var process = connection.ProcessID;
        await connection.DisposeAsync();
        await using var watcher = await SandboxDatabase.OpenAsync(Sandbox, Database);
        while (await watcher.ScalarAsync<bool>($"SELECT EXISTS (SELECT FROM pg_stat_activity WHERE pid = {process})"))
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Time passes.</summary>
    public void Pass(TimeSpan time) => _time.Shift += time;

    public async Task<(IReadOnlyList<DbAccessReview> Roles, IReadOnlyList<Finding> Findings)> ReviewAsync(DbAccessQuery? query = null, string? user = null) =>
        await _engine.AccessReviews.ReviewAsync(user is null ? Target : Target.As(user), query ?? new DbAccessQuery(), Calls.Silent(), TestContext.Current.CancellationToken);

    /// <summary>What a review says of a role of the scene.</summary>
    public async Task<DbAccessReview> ReviewAsync(string name) => Of(await ReviewAsync(), name);

    public DbAccessReview Of((IReadOnlyList<DbAccessReview> Roles, IReadOnlyList<Finding> Findings) review, string name) => review.Roles.Single(role => role.Role == RoleName(name));

    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        await using (var connection = await SandboxDatabase.OpenAsync(Sandbox, Database))
        {
            foreach (var role in _roles)
            {
                await connection.ExecuteAsync($"DROP OWNED BY {role}");
            }
        }

        await SandboxDatabase.ExecuteAsync(Sandbox, $"DROP DATABASE {Database} WITH (FORCE)");
        foreach (var role in _roles)
        {
            await SandboxDatabase.ExecuteAsync(Sandbox, $"DROP ROLE {role}");
        }

        _folder.Dispose();
    }
}
