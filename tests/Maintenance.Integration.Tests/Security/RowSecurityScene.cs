using Maintenance.Engine;
using Maintenance.IntegrationTests.Infrastructure;

namespace Maintenance.IntegrationTests.Security;

/// <summary>A database of a test's own with tables that are right and wrong, and what came of trying them.</summary>
internal sealed class RowSecurityScene : IAsyncDisposable
{
    public static readonly RowSecuritySubject A = new("A", "authenticated") { Claims = """{"sub":"a"}""" };
    public static readonly RowSecuritySubject B = new("B", "authenticated") { Claims = """{"sub":"b"}""" };
    public static readonly RowSecuritySubject Stranger = new("stranger", "authenticated") { Claims = """{"sub":"nobody"}""", IsStranger = true };

    private const string Mine = "(owner = current_setting('request.jwt.claim.sub', true))";

    private readonly MaintenanceEngine _engine = new();

    private RowSecurityScene(MaintenanceSandbox sandbox, string name) => (Sandbox, Database) = (sandbox, name);

    public MaintenanceSandbox Sandbox { get; }

    public string Database { get; }

    public static async Task<RowSecurityScene> CreateAsync(MaintenanceSandbox sandbox, string? more = null)
    {
        var scene = new RowSecurityScene(sandbox, $"rls_{Guid.NewGuid():N}"[..20]);
        await SandboxDatabase.CreateAsync(sandbox, scene.Database);
        await SandboxDatabase.ExecuteAsync(sandbox, more ?? Corpus, scene.Database);
        return scene;
    }

    public async Task<List<RowSecurityAccess>> TestAsync(RowSecurityQuery query, string? user = null, CancellationToken? token = null)
    {
        var target = Sandbox.Target.As(user, database: Database);
        try
        {
            return await _engine.RowSecurity.TestAsync(target, query, Calls.Silent(), token ?? TestContext.Current.CancellationToken).ToListAsync();
        }
        finally
        {
            await _engine.CloseAsync(target);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        await SandboxDatabase.ExecuteAsync(Sandbox, $"DROP DATABASE {Database} WITH (FORCE)");
    }

    /// <summary>A table with three owners' rows and these policies.</summary>
    public static string Table(string name, string policies, string grant = "SELECT, INSERT, UPDATE, DELETE") => $"""
        CREATE TABLE public.{name} (id serial PRIMARY KEY, owner text NOT NULL, body text);
        INSERT INTO public.{name} (owner, body) SELECT chr(97 + i % 3), 'text' FROM generate_series(1, 30) AS i;
        GRANT {grant} ON public.{name} TO authenticated;
        {(policies.Length > 0 ? $"ALTER TABLE public.{name} ENABLE ROW LEVEL SECURITY;" : "")}
        {policies.Replace("TABLE", $"public.{name}", StringComparison.Ordinal).Replace("MINE", Mine, StringComparison.Ordinal)}
        """;

    public static readonly string Corpus = $"""
        {Table("rightly", "CREATE POLICY own ON TABLE TO authenticated USING MINE WITH CHECK MINE;")}
        {Table("always", "CREATE POLICY own ON TABLE TO authenticated USING (true) WITH CHECK (true);")}
        {Table("giveaway", "CREATE POLICY own ON TABLE TO authenticated USING MINE WITH CHECK MINE; CREATE POLICY change ON TABLE FOR UPDATE TO authenticated USING MINE WITH CHECK (true);")}
        {Table("blind", "CREATE POLICY own ON TABLE FOR SELECT TO authenticated USING MINE; CREATE POLICY drop_any ON TABLE FOR DELETE TO authenticated USING (true);")}
        {Table("owned", "CREATE POLICY own ON TABLE TO authenticated USING MINE WITH CHECK MINE; ALTER TaBLE TABLE OWNER TO authenticated;")}
        {Table("reading", "CREATE POLICY own ON TABLE TO authenticated USING MINE;", "SELECT")}
        CREATE VIEW public.seen AS SELECT * FROM public.rightly;
        GRANT SELECT ON public.seen TO authenticated;
        CREATE TABLE public.parted (id int NOT NULL, owner text NOT NULL, body text NOT NULL) PARTITION BY RANGE (id);
        CREATE TABLE public.leaf PARTITION OF public.parted FOR VALUES FROM (0) TO (100);
        INSERT INTO public.parted SELECT i, chr(97 + i % 3), 'text' FROM generate_series(1, 30) AS i;
        ALTER TABLE public.parted ENABLE ROW LEVEL SECURITY;
        CREATE POLICY own ON public.parted TO authenticated USING {Mine} WITH CHECK {Mine};
        GRANT SELECT, INSERT, UPDATE, DELETE ON public.parted, public.leaf TO authenticated;
        """;
}
