namespace Maintenance.Engine.Security.Checks;

/// <summary>Functions that run with their owner's privileges: what they can be tricked into, and by whom.</summary>
internal static class FunctionChecks
{
    private const int MostTables = 10;

    public static IReadOnlyList<SecurityCheck> All { get; } =
    [
        new("DBSEC-DEFINER-SEARCH-PATH", "SECURITY DEFINER functions fix where they look for names", FindingSeverity.High, SearchPaths)
        {
            Recommendation = "Whoever calls the function can put objects of their own in front of the ones it means. Set an empty search_path and qualify every name, or name trusted schemas and pg_temp last.",
            Cis = ["4.5"],
            Gdpr = ["Art. 32(1)(b)"],
        },
        new("DBSEC-DEFINER-REACHABLE", "Strangers call no SECURITY DEFINER function", FindingSeverity.High, Reachable)
        {
            Recommendation = "It reads and writes as its owner, past row security. Revoke EXECUTE, let it run as the caller (SECURITY INVOKER), or make sure that it checks who asks.",
            Cis = ["4.5"],
            Gdpr = ["Art. 25(2)", "Art. 32(1)(b)"],
        },
    ];

    private static List<FunctionFacts> Definers(AuditFacts facts) => [.. facts.Functions.Where(function => function.Definer)];

    private static CheckResult SearchPaths(AuditFacts facts)
    {
        var functions = Definers(facts);
        return CheckResult.Of(functions.Count, functions.Select(function => Fault(function)).OfType<Fault>());

        Fault? Fault(FunctionFacts function)
        {
            var path = function.Settings.FirstOrDefault(setting => setting.StartsWith("search_path=", StringComparison.Ordinal))?["search_path=".Length..];
            var (trouble, severity) = Trouble(path);
            if (trouble is null)
            {
                return null;
            }

            var strangers = facts.Reach.Strangers(function);
            return new Fault(Signature(function), $"The SECURITY DEFINER function {Signature(function)} {trouble}.")
            {
                Severity = strangers.Count == 0 && severity == FindingSeverity.High ? FindingSeverity.Medium : severity,
                Evidence = new Dictionary<string, object?>
                {
                    ["SearchPath"] = path,
                    ["Owner"] = facts.Quoted(function.Owner),
                    ["CalledBy"] = strangers.Count > 0 ? Names(facts, strangers) : null,
                },
                FixSql = $"ALTER {function.Quoted} SET search_path = '';",
            };
        }

        (string? Trouble, FindingSeverity Severity) Trouble(string? path)
        {
            if (path is null)
            {
                return ("has no search_path of its own", FindingSeverity.High);
            }

            var schemas = path.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(Unquote).Where(name => name.Length > 0).ToList();
            var writable = schemas.Where(name => name == "$user" || facts.Holders.Any(holder => holder.Kind == "schema" && holder.Name == name && OthersCreate(facts, holder))).ToList();
            return writable.Count > 0 ? ($"looks in {string.Join(", ", writable)}, where others may create objects", FindingSeverity.High)
                : schemas.Count > 0 && !schemas.Contains("pg_temp") ? ("does not put pg_temp last in its search_path, so that the caller's temporary tables come first", FindingSeverity.Low)
                : schemas.Contains("pg_temp") && schemas[^1] != "pg_temp" ? ("looks in pg_temp before other schemas, where the caller may create tables", FindingSeverity.Medium)
                : (null, FindingSeverity.Info);
        }
    }

    private static string Unquote(string name) => name is ['"', .., '"'] ? name[1..^1].Replace("\"\"", "\"", StringComparison.Ordinal) : name;

    private static bool OthersCreate(AuditFacts facts, PrivilegeHolder schema) => schema.Access.Grants.Any(grant =>
        grant.Gives('C') && facts.Roles.GranteeOf(grant) is { } grantee && grantee != schema.Owner && facts.Roles.Find(grantee) is not { Superuser: true });

    private static CheckResult Reachable(AuditFacts facts)
    {
        var functions = Definers(facts).Where(function => !function.IsTrigger && facts.Exposure.Includes(function.Schema)).ToList();
        var tables = new Lazy<NamedRelations>(() => new NamedRelations(facts.Relations.Values.Where(relation => relation.HoldsRows)));
        return CheckResult.Of(
            functions.Count,
            from function in functions
            let roles = facts.Reach.Strangers(function)
            where roles.Count > 0
            let named = tables.Value.In(function.Body).Take(MostTables).Select(relation => relation.Quoted).Order(StringComparer.Ordinal).ToList()
            let owner = facts.Roles.Find(function.Owner)
            select new Fault(
                Signature(function),
                $"{Names(facts, roles)} can call {Signature(function)}, which runs as {facts.Quoted(function.Owner)}{(named.Count > 0 ? $" and names {string.Join(", ", named)}" : "")}.")
            {
                Severity = owner is { Superuser: true } ? FindingSeverity.High : FindingSeverity.Medium,
                Evidence = new Dictionary<string, object?>
                {
                    ["Owner"] = facts.Quoted(function.Owner),
                    ["OwnerIs"] = owner is { Superuser: true } ? "superuser" : owner is { BypassRls: true } ? "BYPASSRLS" : null,
                    ["Roles"] = Names(facts, roles),
                    ["Tables"] = named.Count > 0 ? string.Join(", ", named) : null,
                    ["Language"] = function.Language,
                },
                FixSql = $"REVOKE EXECUTE ON {function.Quoted} FROM {Grants.Revokees(facts, function)};",
            });
    }

    // "FUNCTION public.f(integer)" without its first word.
    private static string Signature(FunctionFacts function) => function.Quoted[(function.Quoted.IndexOf(' ', StringComparison.Ordinal) + 1)..];

    private static string Names(AuditFacts facts, IEnumerable<long> roles) => string.Join(", ", roles.Distinct().Select(facts.Quoted));
}
