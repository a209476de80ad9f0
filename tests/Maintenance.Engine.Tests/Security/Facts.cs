using Maintenance.Engine.Security;

namespace Maintenance.Engine.Tests.Security;

/// <summary>Facts of a database in which there is nothing, for what no server of a test can be given.</summary>
internal static class Facts
{
    public static readonly DateTimeOffset Now = new(2026, 10, 1, 12, 0, 0, TimeSpan.Zero);

    public static AuditFacts Of(
        int version = 180006,
        DateTimeOffset? now = null,
        SecurityPolicy? policy = null,
        ServerFacts? server = null,
        bool hasAuditFiles = false,
        DatabaseSslMode sslMode = DatabaseSslMode.Prefer,
        IReadOnlyList<SettingFacts>? settings = null,
        IReadOnlyList<StoredSetting>? stored = null,
        IReadOnlyList<RoleFacts>? roles = null,
        IReadOnlyList<PrivilegeHolder>? holders = null,
        IReadOnlyList<ExtensionFacts>? extensions = null,
        Exposure? exposure = null)
    {
        var graph = new RoleGraph(roles ?? [Role(10, "postgres", superuser: true), Role(20, "auditor")], []);
        exposure ??= new Exposure(null, "all", [RoleGraph.Public], graph.Find("anon") is not null);
        var columns = Array.Empty<ColumnPrivilege>().ToLookup(column => column.Relation);
        return new AuditFacts
        {
            Server = server ?? Server(version),
            Settings = (settings ?? []).ToDictionary(setting => setting.Name),
            StoredSettings = stored ?? [],
            Roles = graph,
            Holders = holders ?? [],
            DefaultPrivileges = [],
            Relations = new Dictionary<long, RelationFacts>(),
            Columns = columns,
            SensitiveColumns = Array.Empty<SensitiveColumn>().ToLookup(column => column.Relation),
            ViewSources = Array.Empty<ViewSource>().ToLookup(source => source.View),
            Policies = Array.Empty<PolicyFacts>().ToLookup(found => found.Relation),
            Functions = [],
            Extensions = extensions ?? [],
            UserMappings = [],
            ServerOptions = [],
            Comments = [],
            Definitions = [],
            AuthKeys = [],
            Now = now ?? Now,
            Connection = new DatabaseSettings { SslMode = sslMode },
            Policy = policy ?? new SecurityPolicy(),
            HasAuditFiles = hasAuditFiles,
            Exposure = exposure,
            Reach = new Reach(graph, exposure, holders ?? [], columns),
        };
    }

    public static ServerFacts Server(int version = 180006, string? address = null, bool encrypted = false, string? protocol = null) =>
        new("shop", 20, "auditor", version, encrypted, protocol, protocol is null ? null : "TLS_AES_256_GCM_SHA384", address, null);

    public static RoleFacts Role(long oid, string name, bool superuser = false) =>
        new(oid, name, name, superuser, true, false, false, false, false, true, Now.AddDays(30), false);

    public static SettingFacts Setting(string name, string value, string source = "configuration file") => new(name, value, source, false);

    /// <summary>What one check says, shortly.</summary>
    public static (string Outcome, IReadOnlyList<Fault> Faults, string? Why) Judge(string id, AuditFacts facts)
    {
        var result = SecurityCatalogue.Checks.Single(check => check.Id == id).Evaluate(facts);
        return (
            result.Denied is not null ? "NotPermitted" : result.Unknown is not null ? "Unknown" : result.Manual is not null ? "Manual" : result.Faults.Count > 0 ? "Fail" : "Pass",
            result.Faults,
            result.Denied?.What ?? result.Unknown ?? result.Manual ?? result.Note);
    }
}
