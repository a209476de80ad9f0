using System.Text.RegularExpressions;
using Maintenance.Engine;
using Maintenance.IntegrationTests.Infrastructure;

namespace Maintenance.IntegrationTests.Security;

/// <summary>A database of a test's own, a name for roles of its own, and the audit of it.</summary>
internal sealed class SecurityScene : IAsyncDisposable
{
    private readonly MaintenanceEngine _engine = new();
    private readonly HashSet<string> _roles = new(StringComparer.Ordinal);

    private SecurityScene(MaintenanceSandbox sandbox, string name) => (Sandbox, Database, Role) = (sandbox, name, $"role_{name}");

    public MaintenanceSandbox Sandbox { get; }

    public string Database { get; }

    public string Role { get; }

    public static async Task<SecurityScene> CreateAsync(MaintenanceSandbox sandbox)
    {
        var scene = new SecurityScene(sandbox, $"sec_{Guid.NewGuid():N}"[..20]);
        await SandboxDatabase.CreateAsync(sandbox, scene.Database);
        return scene;
    }

    /// <summary>Text with this scene's names in it.</summary>
    public string Named(string text)
    {
        var named = Regex.Replace(text, @"\bROLE ROLE\b", $"ROLE {Role}");
        named = Regex.Replace(named, @"\b(GRANT|TO) ROLE\b", $"$1 {Role}");
        return Regex.Replace(named, @"\bBASE\b", Database);
    }

    public async Task ExecuteAsync(string sql)
    {
        var text = Named(sql);
        if (text.Contains(Role, StringComparison.Ordinal))
        {
            _roles.Add(Role);
        }

        // One by one: some cannot run with others.
        foreach (var statement in Statements(text))
        {
            await SandboxDatabase.ExecuteAsync(Sandbox, statement, Database);
        }
    }

    /// <summary>Audits this database.</summary>
    /// <param name="query">What is wanted. Default: everything.</param>
    /// <param name="user">As whom. Default: the administrator.</param>
    public async Task<IReadOnlyList<Finding>> AuditAsync(SecurityAuditQuery? query = null, string? user = null)
    {
        var target = Sandbox.Target.As(user, database: Database);
        var findings = await _engine.SecurityAudit.AuditAsync(target, query ?? new SecurityAuditQuery { IncludePassed = true }, Calls.Silent(), TestContext.Current.CancellationToken);
        // Settings of a database hold for sessions that begin after them.
        await _engine.CloseAsync(target);
        return findings;
    }

    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        await using var connection = await SandboxDatabase.OpenAsync(Sandbox, Database);
        await connection.ExecuteAsync("DO $$ DECLARE s name; BEGIN FOR s IN SELECT subname FROM pg_subscription WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database()) LOOP EXECUTE format('ALTER SUBSCRIPTION %I DISABLE', s); EXECUTE format('ALTER SUBSCRIPTION %I SET (slot_name = NONE)', s); EXECUTE format('DROP SUBSCRIPTION %I', s); END LOOP; END $$");
        foreach (var role in _roles)
        {
            await connection.ExecuteAsync($"DROP OWNED BY {role}");
        }

        await connection.CloseAsync();
        await SandboxDatabase.ExecuteAsync(Sandbox, $"DROP DATABASE {Database} WITH (FORCE)");
        foreach (var role in _roles)
        {
            await SandboxDatabase.ExecuteAsync(Sandbox, $"DROP ROLE {role}");
        }
    }

    // At semicolons, but where some stand in names or bodies.
    private static string[] Statements(string text)
    {
        if (text.Contains("$f$", StringComparison.Ordinal) || text.Contains("\";", StringComparison.Ordinal) || text.Contains("\"\";", StringComparison.Ordinal))
        {
            return [text];
        }

        return text.Split("; ", StringSplitOptions.RemoveEmptyEntries);
    }
}
