namespace Maintenance.Engine.Security.Checks;

/// <summary>Whether row security is on, complete, and holds for everybody it should.</summary>
internal static class RowSecurityChecks
{
    private static readonly string[] Protection = ["Art. 25(2)", "Art. 32(1)(b)"];

    public static IReadOnlyList<SecurityCheck> All { get; } =
    [
        new("DBSEC-RLS-OFF", "Tables that others reach have row security", FindingSeverity.High, Off)
        {
            Recommendation = "Turn row security on, and write policies for whoever is to see rows: until there are some, nobody but the owner sees any.",
            Cis = ["4.7"],
            Gdpr = Protection,
        },
        new("DBSEC-RLS-PARTITION", "Partitions are as protected as their tables", FindingSeverity.High, Partitions)
        {
            Recommendation = "A table's policies do not hold for who names its partition. Turn row security on there too, or revoke the privileges on it.",
            Cis = ["4.7"],
            Gdpr = Protection,
        },
        new("DBSEC-RLS-POLICY-UNUSED", "Policies are in force", FindingSeverity.High, UnusedPolicies)
        {
            Recommendation = "Somebody meant the rows to be protected. Turn row security on, or drop the policies.",
            Cis = ["4.7"],
            Gdpr = Protection,
        },
        new("DBSEC-RLS-NO-POLICY", "Tables with row security have policies", FindingSeverity.Info, NoPolicies)
        {
            Recommendation = "If only roles that bypass row security are to see the rows, leave it so, and revoke the others' privileges. Else write policies.",
            Cis = ["4.7"],
        },
        new("DBSEC-RLS-NOT-FORCED", "Row security holds for owners that people and programs log in as", FindingSeverity.Medium, NotForced)
        {
            Recommendation = "An owner sees every row whatever the policies. Let programs log in as another role, or force row security.",
            Cis = ["4.7"],
            Gdpr = Protection,
        },
    ];

    private static IEnumerable<RelationFacts> Tables(AuditFacts facts) =>
        facts.Relations.Values.Where(relation => relation.HoldsRows && !relation.IsExtensions && facts.Exposure.Includes(relation.Schema));

    private static CheckResult Off(AuditFacts facts)
    {
        var tables = Tables(facts).ToList();
        var inUse = tables.Exists(table => table.RowSecurity);
        return CheckResult.Of(tables.Count, tables.Where(table => !table.RowSecurity && Protector(facts, table) is null).Select(table => Fault(table)).OfType<Fault>());

        Fault? Fault(RelationFacts table)
        {
            var strangers = facts.Reach.Strangers(table, Reach.Rows);
            var others = strangers.Count > 0 ? [] : facts.Reach.Others(table, Reach.Rows);
            if (strangers.Count + others.Count == 0)
            {
                return null;
            }

            var letters = string.Concat(Reach.Rows.Where(letter => strangers.Concat(others).Any(role => facts.Reach.Letters(role, table, letter.ToString()).Length > 0)));
            return new Fault(table.Quoted, $"The {table.Noun} {table.Quoted} has no row security, and {Names(facts, strangers.Count > 0 ? strangers : others)} can {Privileges.List(letters)} every row of it.")
            {
                Severity = strangers.Count > 0 ? FindingSeverity.High : inUse ? FindingSeverity.Low : FindingSeverity.Info,
                Evidence = new Dictionary<string, object?>
                {
                    ["Roles"] = Names(facts, strangers.Concat(others)),
                    ["Privileges"] = Privileges.List(letters),
                    ["Schemas"] = facts.Exposure.Source,
                },
                FixSql = $"ALTER TABLE {table.Quoted} ENABLE ROW LEVEL SECURITY;",
            };
        }
    }

    private static CheckResult Partitions(AuditFacts facts)
    {
        var partitions = facts.Relations.Values.Where(relation => relation.HoldsRows && relation.Parent is not null).ToList();
        return CheckResult.Of(
            partitions.Count,
            from partition in partitions
            where !partition.RowSecurity
            let protector = Protector(facts, partition)
            where protector is not null
            let roles = facts.Reach.Strangers(partition, Reach.Rows).Concat(facts.Reach.Others(partition, Reach.Rows)).ToList()
            where roles.Count > 0
            select new Fault(partition.Quoted, $"The rows of {protector.Quoted} are protected, but {Names(facts, roles)} can reach them as {partition.Quoted}, which has no row security.")
            {
                Evidence = new Dictionary<string, object?> { ["Parent"] = protector.Quoted, ["Roles"] = Names(facts, roles) },
                FixSql = $"ALTER TABLE {partition.Quoted} ENABLE ROW LEVEL SECURITY;",
            });
    }

    private static CheckResult UnusedPolicies(AuditFacts facts)
    {
        var tables = facts.Relations.Values.Where(relation => relation.HoldsRows && facts.Policies.Contains(relation.Oid)).ToList();
        return CheckResult.Of(
            tables.Count,
            from table in tables
            where !table.RowSecurity
            let policies = facts.Policies[table.Oid].Select(policy => policy.Quoted).Order(StringComparer.Ordinal).ToList()
            select new Fault(table.Quoted, $"The {table.Noun} {table.Quoted} has policies, but its row security is off: they do nothing.")
            {
                Evidence = new Dictionary<string, object?> { ["Policies"] = string.Join(", ", policies) },
                FixSql = $"ALTER TABLE {table.Quoted} ENABLE ROW LEVEL SECURITY;",
            });
    }

    private static CheckResult NoPolicies(AuditFacts facts)
    {
        var tables = Tables(facts).Where(table => table.RowSecurity).ToList();
        return CheckResult.Of(
            tables.Count,
            from table in tables
            where !facts.Policies.Contains(table.Oid)
            let roles = facts.Reach.Strangers(table, Reach.Rows).Concat(facts.Reach.Others(table, Reach.Rows)).ToList()
            where roles.Count > 0
            select new Fault(table.Quoted, $"The {table.Noun} {table.Quoted} has row security and no policy: {Names(facts, roles)} may ask for rows and get none.")
            {
                Evidence = new Dictionary<string, object?> { ["Roles"] = Names(facts, roles) },
                FixSql = $"REVOKE {Privileges.List(Reach.Rows)} ON {table.Quoted} FROM {Grants.Revokees(facts, table, Reach.Rows, roles)};",
            });
    }

    private static CheckResult NotForced(AuditFacts facts)
    {
        var tables = facts.Relations.Values.Where(table => table.HoldsRows && table.RowSecurity).ToList();
        var used = tables.Select(table => table.Owner).Distinct()
            .Where(owner => facts.Roles.Find(owner) is { Superuser: false, BypassRls: false } && facts.Roles.CanBeUsed(owner))
            .ToHashSet();
        return CheckResult.Of(
            tables.Count,
            from table in tables
            where !table.Forced && used.Contains(table.Owner)
            select new Fault(table.Quoted, $"Row security of {table.Quoted} does not hold for its owner {facts.Quoted(table.Owner)}, whom somebody can log in as.")
            {
                Evidence = new Dictionary<string, object?> { ["Owner"] = facts.Quoted(table.Owner) },
                FixSql = $"ALTER TABLE {table.Quoted} FORCE ROW LEVEL SECURITY;",
            });
    }

    /// <summary>The nearest table above that has row security.</summary>
    private static RelationFacts? Protector(AuditFacts facts, RelationFacts table)
    {
        for (var parent = Above(table); parent is not null; parent = Above(parent))
        {
            if (parent.RowSecurity)
            {
                return parent;
            }
        }

        return null;

        RelationFacts? Above(RelationFacts child) => child.Parent is { } oid ? facts.Relations.GetValueOrDefault(oid) : null;
    }

    private static string Names(AuditFacts facts, IEnumerable<long> roles) => string.Join(", ", roles.Distinct().Select(facts.Quoted));
}
