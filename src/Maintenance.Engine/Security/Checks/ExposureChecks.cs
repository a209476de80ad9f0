namespace Maintenance.Engine.Security.Checks;

/// <summary>What strangers see past row security: through views, copies, foreign tables, names of columns.</summary>
internal static class ExposureChecks
{
    private static readonly string[] Confidentiality = ["Art. 32(1)(b)"];

    public static IReadOnlyList<SecurityCheck> All { get; } =
    [
        new("DBSEC-VIEW-BYPASSES-RLS", "Views show nobody more than the tables would", FindingSeverity.High, Views)
        {
            Recommendation = "Let the view read as whoever asks (security_invoker), or revoke its use.",
            Cis = ["4.7"],
            Gdpr = Confidentiality,
        },
        new("DBSEC-MATVIEW-EXPOSED", "Strangers read no materialized view", FindingSeverity.Medium, facts => Kind(facts, 'm'))
        {
            Recommendation = "A materialized view has no row security: everybody who may read it reads all of it. Revoke its use, or show it through a view or function that filters.",
            Cis = ["4.7"],
            Gdpr = Confidentiality,
        },
        new("DBSEC-FOREIGN-TABLE-EXPOSED", "Strangers read no foreign table", FindingSeverity.Medium, facts => Kind(facts, 'f'))
        {
            Recommendation = "A foreign table has no row security, and speaks to the other server as its mapping says. Revoke its use.",
            Cis = ["4.7"],
            Gdpr = Confidentiality,
        },
        new("DBSEC-AUTH-USERS-EXPOSED", "Strangers do not see accounts", FindingSeverity.High, Accounts)
        {
            Recommendation = "Accounts hold addresses and more. Copy what is to be public into a table of your own with row security.",
            Cis = ["4.6", "4.7"],
            Gdpr = ["Art. 5(1)(c)", "Art. 25(2)", "Art. 32(1)(b)"],
        },
        new("DBSEC-SENSITIVE-COLUMN", "Strangers read no column that tells of secrets or identities", FindingSeverity.High, SensitiveColumns)
        {
            Recommendation = "Turn row security on, or revoke SELECT on the column.",
            Cis = ["4.6"],
            Gdpr = ["Art. 5(1)(f)", "Art. 32(1)(a)"],
        },
    ];

    private static CheckResult Views(AuditFacts facts)
    {
        var views = facts.Relations.Values.Where(relation => relation.IsView && !relation.IsExtensions && facts.Exposure.Includes(relation.Schema)).ToList();
        return CheckResult.Of(views.Count, views.Where(view => !view.SecurityInvoker).Select(view => Fault(view)).OfType<Fault>());

        Fault? Fault(RelationFacts view)
        {
            var strangers = facts.Reach.Strangers(view, "r");
            IReadOnlyList<long> roles = [.. strangers, .. facts.Reach.Others(view, "r")];
            var passed = roles.Count == 0 ? [] : Bypassed(facts, view, view.Owner, []).Select(table => table.Quoted).Distinct().Order(StringComparer.Ordinal).ToList();
            return passed.Count == 0 ? null : new Fault(
                view.Quoted, $"The view {view.Quoted} reads as its owner {facts.Quoted(view.Owner)}, whom row security of {string.Join(", ", passed)} does not stop; {Names(facts, roles)} can read it.")
            {
                Severity = strangers.Count > 0 ? FindingSeverity.High : FindingSeverity.Medium,
                Evidence = new Dictionary<string, object?> { ["Owner"] = facts.Quoted(view.Owner), ["Tables"] = string.Join(", ", passed), ["Roles"] = Names(facts, roles) },
                FixSql = facts.Server.Major >= 15 ? $"ALTER VIEW {view.Quoted} SET (security_invoker = true);" : $"REVOKE ALL ON {view.Quoted} FROM {Names(facts, roles)};",
            };
        }
    }

    // Tables with row security that are read, at whatever depth, as somebody whom it does not stop.
    private static IEnumerable<RelationFacts> Bypassed(AuditFacts facts, RelationFacts view, long reader, HashSet<long> seen)
    {
        foreach (var source in Sources(facts, view).Where(source => seen.Add(source.Oid)))
        {
            if (source.RowSecurity && IsNotStopped(facts, source, reader))
            {
                yield return source;
            }

            // Row security of what a view reads as its own owner is that view's matter, but what comes out of it is shown here.
            foreach (var deeper in source.IsView ? Bypassed(facts, source, source.SecurityInvoker ? reader : source.Owner, seen) : [])
            {
                yield return deeper;
            }
        }
    }

    private static bool IsNotStopped(AuditFacts facts, RelationFacts table, long reader) =>
        facts.Roles.Find(reader) is { Superuser: true } or { BypassRls: true } || (!table.Forced && facts.Roles.Inherited(reader).Contains(table.Owner));

    private static CheckResult Kind(AuditFacts facts, char kind)
    {
        var relations = facts.Relations.Values.Where(relation => relation.Kind == kind && !relation.IsExtensions && facts.Exposure.Includes(relation.Schema)).ToList();
        return CheckResult.Of(
            relations.Count,
            from relation in relations
            let roles = facts.Reach.Strangers(relation, Reach.Rows)
            where roles.Count > 0
            select new Fault(relation.Quoted, $"{Names(facts, roles)} can read the {relation.Noun} {relation.Quoted}, which no row security protects.")
            {
                Evidence = new Dictionary<string, object?> { ["Roles"] = Names(facts, roles) },
                FixSql = $"REVOKE ALL ON {relation.Quoted} FROM {Grants.Revokees(facts, relation, Reach.Rows)};",
            });
    }

    private static CheckResult Accounts(AuditFacts facts)
    {
        if (facts.Relations.Values.FirstOrDefault(relation => relation is { Schema: "auth", Name: "users" }) is not { } users)
        {
            return CheckResult.NothingToCheck("there is no table auth.users");
        }

        return CheckResult.Of(
            1,
            from relation in facts.Relations.Values
            where relation.Oid == users.Oid || (relation.Kind is 'v' or 'm' && relation.Schema != "auth" && ReadsAsOwner(facts, relation, users.Oid, []))
            let roles = facts.Reach.Strangers(relation, "r")
            where roles.Count > 0 && !(relation.Oid == users.Oid && relation.RowSecurity)
            select new Fault(relation.Quoted, $"{Names(facts, roles)} can read accounts through the {relation.Noun} {relation.Quoted}.")
            {
                Evidence = new Dictionary<string, object?> { ["Roles"] = Names(facts, roles) },
                FixSql = $"REVOKE SELECT ON {relation.Quoted} FROM {Grants.Revokees(facts, relation, "r")};",
            });
    }

    private static bool ReadsAsOwner(AuditFacts facts, RelationFacts view, long table, HashSet<long> seen) =>
        !view.SecurityInvoker && Sources(facts, view).Any(source => source.Oid == table || (source.Kind is 'v' && seen.Add(source.Oid) && ReadsAsOwner(facts, source with { SecurityInvoker = false }, table, seen)));

    private static CheckResult SensitiveColumns(AuditFacts facts)
    {
        var relations = facts.Relations.Values.Where(relation => facts.SensitiveColumns.Contains(relation.Oid) && !relation.IsExtensions && facts.Exposure.Includes(relation.Schema)).ToList();
        return CheckResult.Of(
            relations.Count,
            from relation in relations
            where !relation.RowSecurity && !(relation.IsView && relation.SecurityInvoker)
            from column in facts.SensitiveColumns[relation.Oid]
            let roles = facts.Exposure.Strangers.Where(role => facts.Reach.Strangers(relation, "r").Contains(role) && CanRead(facts, relation, column.Name, role)).ToList()
            where roles.Count > 0
            select new Fault($"{relation.Quoted}: {column.Name}", $"{Names(facts, roles)} can read the column {column.Name} of the {relation.Noun} {relation.Quoted}, which has no row security.")
            {
                Evidence = new Dictionary<string, object?> { ["Column"] = column.Name, ["Roles"] = Names(facts, roles) },
                FixSql = relation.HoldsRows ? $"ALTER TABLE {relation.Quoted} ENABLE ROW LEVEL SECURITY;" : $"REVOKE SELECT ON {relation.Quoted} FROM {Grants.Revokees(facts, relation, "r")};",
            });
    }

    private static bool CanRead(AuditFacts facts, RelationFacts relation, string column, long role) =>
        facts.Reach.Has(role, relation.Owner, relation.Access, "r")
        || facts.Columns[relation.Oid].Any(granted => granted.Name == column && facts.Reach.Has(role, relation.Owner, granted.Access, "r"));

    private static IEnumerable<RelationFacts> Sources(AuditFacts facts, RelationFacts view) =>
        facts.ViewSources[view.Oid].Select(source => facts.Relations.GetValueOrDefault(source.Relation)).OfType<RelationFacts>();

    private static string Names(AuditFacts facts, IEnumerable<long> roles) => string.Join(", ", roles.Distinct().Select(facts.Quoted));
}
