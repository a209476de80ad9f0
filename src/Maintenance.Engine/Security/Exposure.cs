namespace Maintenance.Engine.Security;

/// <summary>Which schemas others reach, how that is known, and who counts as a stranger.</summary>
/// <param name="Schemas">The schemas; null for all but the system's.</param>
/// <param name="Source">How it is known.</param>
/// <param name="Strangers">Roles that strangers can act as, PUBLIC first.</param>
/// <param name="IsSupabase">The database has what PostgREST and Supabase bring.</param>
internal sealed record Exposure(IReadOnlySet<string>? Schemas, string Source, IReadOnlyList<long> Strangers, bool IsSupabase)
{
    /// <summary>Roles that strangers can act as where nobody said, as far as there are such.</summary>
    private static readonly string[] StrangersDefault = ["anon", "authenticated"];

    private static readonly string[] ApiDefault = ["public", "graphql_public"];

    /// <summary>An API is served from the database: it has a role or a setting for one.</summary>
    public bool HasApi { get; init; } = IsSupabase;

    public bool Includes(string schema) => Schemas is null || Schemas.Contains(schema);

    /// <summary>Finds out.</summary>
    public static Exposure Of(SecurityAuditQuery query, ServerFacts server, IEnumerable<StoredSetting> stored, RoleGraph roles)
    {
        var hasApi = roles.Find("anon") is not null;
        List<long> strangers = [RoleGraph.Public, .. (query.UntrustedRoles ?? StrangersDefault).Select(roles.Find).OfType<RoleFacts>().Select(role => role.Oid)];
        var configured = stored.Where(setting => setting.IsHere && setting.Name == "pgrst.db_schemas").Select(setting => setting.Value)
            .Append(server.ApiSchemas).FirstOrDefault(value => !string.IsNullOrWhiteSpace(value));
        var (schemas, source) = (query.Schemas, configured, hasApi) switch
        {
            ({ } given, _, _) => (given, "as asked"),
            (_, { } setting, _) => (Split(setting), "the setting pgrst.db_schemas"),
            (_, _, true) => (ApiDefault, "assumed, since there is a role anon and no setting pgrst.db_schemas"),
            _ => (null, "all, since there is no API role"),
        };
        // Queues are reached through functions of their own, as whoever calls.
        return new Exposure(
            schemas?.Concat(schemas.Contains("pgmq_public") ? ["pgmq"] : []).ToHashSet(StringComparer.Ordinal), source, strangers, hasApi && roles.Find("authenticated") is not null)
        {
            HasApi = hasApi || configured is not null,
        };
    }

    private static List<string> Split(string setting) =>
        setting.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(name => name.Trim('"')).ToList();
}
