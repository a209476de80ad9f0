namespace Maintenance.Engine.Security.Checks;

/// <summary>What was granted to everybody, or to strangers, and need not have been.</summary>
internal static class GrantChecks
{
    private static readonly string[] LeastPrivilege = ["Art. 25(2)", "Art. 32(1)(b)"];

    public static IReadOnlyList<SecurityCheck> All { get; } =
    [
        new("DBSEC-SCHEMA-CREATE", "Strangers create nothing in schemas", FindingSeverity.High, SchemaCreate)
        {
            Recommendation = "Who creates objects in a schema that others search can trick them into using these. Revoke CREATE.",
            Cis = ["4.10"],
            Gdpr = ["Art. 32(1)(b)"],
        },
        new("DBSEC-TABLE-PUBLIC", "No table is granted to PUBLIC", FindingSeverity.Medium, PublicTables)
        {
            Recommendation = "PUBLIC is every role, those of the future too. Grant to the roles that need it instead.",
            Cis = ["4.6"],
            Gdpr = LeastPrivilege,
        },
        new("DBSEC-TABLE-TRUNCATE", "Strangers empty no table and attach no trigger", FindingSeverity.Low, Truncate)
        {
            Recommendation = "Row security does not hold for TRUNCATE, and a trigger runs as whoever writes. Revoke them.",
            Cis = ["4.6"],
            Gdpr = ["Art. 32(1)(b)"],
        },
        new("DBSEC-GRANT-OPTION", "Strangers pass no privilege on", FindingSeverity.Medium, GrantOptions)
        {
            Recommendation = "Revoke the grant option.",
            Cis = ["4.6"],
            Gdpr = LeastPrivilege,
        },
        new("DBSEC-COLUMN-GRANT-VOID", "Privileges on columns narrow something", FindingSeverity.Low, VoidColumns)
        {
            Recommendation = "The role has the privilege on the whole table, so the column's says nothing. If only the columns were meant, revoke the table's.",
            Cis = ["4.6"],
            Gdpr = LeastPrivilege,
        },
        new("DBSEC-DATABASE-PUBLIC", "The database admits only whom it was granted to", FindingSeverity.High, Database)
        {
            Recommendation = "Every role of the server may do this by default. Revoke it from PUBLIC, and grant it to the roles that work here.",
            Cis = ["4.6"],
            Gdpr = LeastPrivilege,
        },
        new("DBSEC-DEFAULT-PRIVILEGES", "Objects of the future are not granted to strangers", FindingSeverity.Medium, Defaults)
        {
            Recommendation = "Every object made from now on is open until somebody remembers to close it. Revoke the default, and grant one by one.",
            Cis = ["4.6"],
            Gdpr = LeastPrivilege,
        },
        new("DBSEC-LANGUAGE-UNTRUSTED", "No language reaches past the database", FindingSeverity.High, Languages)
        {
            Recommendation = "Code in it does what the server's own account may do. Drop the language if nothing needs it, and let nobody but superusers use it.",
            Cis = ["1.2", "4.5"],
            Gdpr = ["Art. 32(1)(b)"],
        },
        new("DBSEC-SERVER-USAGE", "Strangers use no foreign server", FindingSeverity.Medium, Servers)
        {
            Recommendation = "Who may use a server can make foreign tables on it, and mappings of their own. Revoke it.",
            Cis = ["4.6"],
            Gdpr = LeastPrivilege,
        },
    ];

    private static CheckResult SchemaCreate(AuditFacts facts) => Holders(facts, "schema", "C", (holder, roles) =>
        new Fault(holder.Quoted, $"{Names(facts, roles)} may create objects in the schema {holder.Quoted}.")
        {
            FixSql = $"REVOKE CREATE ON SCHEMA {holder.Quoted} FROM {Names(facts, roles)};",
        });

    private static CheckResult Servers(AuditFacts facts) => Holders(facts, "server", "U", (holder, roles) =>
        new Fault(holder.Quoted, $"{Names(facts, roles)} may use the foreign server {holder.Quoted}.")
        {
            FixSql = $"REVOKE USAGE ON FOREIGN SERVER {holder.Quoted} FROM {Names(facts, roles)};",
        });

    private static CheckResult Database(AuditFacts facts) => Holders(facts, "database", "CcT", (holder, roles) =>
    {
        var letters = string.Concat("CcT".Where(letter => holder.Access.Grants.Any(grant => grant.Gives(letter) && IsStrangers(facts, grant))));
        return new Fault(holder.Quoted, $"{Names(facts, roles)} has {Privileges.List(letters)} on the database {holder.Quoted}.")
        {
            Severity = letters.Contains('C', StringComparison.Ordinal) ? FindingSeverity.High : FindingSeverity.Low,
            FixSql = $"REVOKE {Privileges.List(letters)} ON DATABASE {holder.Quoted} FROM {Names(facts, roles)};",
        };
    });

    private static CheckResult Languages(AuditFacts facts) => CheckResult.Of(
        facts.Holders.Count(holder => holder.Kind == "language"),
        from holder in facts.Holders
        where holder is { Kind: "language", Trusted: false }
        let open = holder.Access.Grants.Where(grant => grant.Gives('U') && facts.Roles.GranteeOf(grant) is { } role && facts.Roles.Find(role) is not { Superuser: true }).ToList()
        let users = string.Join(", ", open.Select(grant => facts.Quoted(facts.Roles.GranteeOf(grant)!.Value)))
        select new Fault(holder.Quoted, $"The untrusted language {holder.Quoted} is installed{(open.Count > 0 ? $", and was granted to {users}" : "")}.")
        {
            // The server lets superusers alone use it, whatever was granted; a grant waits for the day when it becomes trusted.
            Severity = open.Exists(grant => !grant.IsPublic) ? FindingSeverity.High : FindingSeverity.Medium,
            FixSql = facts.Extensions.Any(extension => extension.Name == holder.Name) ? $"DROP EXTENSION {holder.Quoted};" : $"DROP LANGUAGE {holder.Quoted};",
        });

    private static CheckResult PublicTables(AuditFacts facts)
    {
        var relations = facts.Relations.Values.Where(relation => !relation.IsExtensions).ToList();
        return CheckResult.Of(
            relations.Count,
            from relation in relations
            let letters = string.Concat(relation.Access.Grants.Concat(facts.Columns[relation.Oid].SelectMany(column => column.Access.Grants)).Where(grant => grant.IsPublic).SelectMany(grant => grant.Privileges).Distinct())
            where letters.Length > 0
            select new Fault(relation.Quoted, $"The {relation.Noun} {relation.Quoted} is granted to PUBLIC: {Privileges.List(letters)}.")
            {
                Evidence = new Dictionary<string, object?> { ["Privileges"] = Privileges.List(letters) },
                FixSql = $"REVOKE {Privileges.List(letters)} ON {relation.Quoted} FROM PUBLIC;",
            });
    }

    private static CheckResult Truncate(AuditFacts facts)
    {
        var tables = facts.Relations.Values.Where(relation => relation.HoldsRows && !relation.IsExtensions).ToList();
        return CheckResult.Of(
            tables.Count,
            from table in tables
            let roles = facts.Reach.Strangers(table, "Dt")
            where roles.Count > 0
            let letters = string.Concat("Dt".Where(letter => roles.Any(role => facts.Reach.Letters(role, table, letter.ToString()).Length > 0)))
            select new Fault(table.Quoted, $"{Names(facts, roles)} has {Privileges.List(letters)} on {table.Quoted}, which row security does not hold back.")
            {
                Evidence = new Dictionary<string, object?> { ["Roles"] = Names(facts, roles), ["Privileges"] = Privileges.List(letters) },
                FixSql = $"REVOKE {Privileges.List(letters)} ON {table.Quoted} FROM {Grants.Revokees(facts, table, "Dt")};",
            });
    }

    private static CheckResult GrantOptions(AuditFacts facts)
    {
        var objects = facts.Relations.Values.Where(relation => !relation.IsExtensions).ToList();
        return CheckResult.Of(
            objects.Count,
            from relation in objects
            let grants = relation.Access.Grants.Where(grant => grant.Grantable.Length > 0 && IsStrangers(facts, grant) && facts.Roles.GranteeOf(grant) != relation.Owner).ToList()
            where grants.Count > 0
            let roles = string.Join(", ", grants.Select(grant => facts.Quoted(facts.Roles.GranteeOf(grant)!.Value)).Distinct())
            let letters = Privileges.List(string.Concat(grants.Select(grant => grant.Grantable)))
            select new Fault(relation.Quoted, $"{roles} may pass on {letters} on {relation.Quoted}.")
            {
                Evidence = new Dictionary<string, object?> { ["Roles"] = roles, ["Privileges"] = letters },
                FixSql = $"REVOKE GRANT OPTION FOR {letters} ON {relation.Quoted} FROM {roles};",
            });
    }

    private static CheckResult VoidColumns(AuditFacts facts)
    {
        var columns = facts.Relations.Values.SelectMany(relation => facts.Columns[relation.Oid].Select(column => (Relation: relation, Column: column))).ToList();
        return CheckResult.Of(
            columns.Count,
            from pair in columns
            from grant in pair.Column.Access.Grants
            let role = facts.Roles.GranteeOf(grant)
            where role is not null && role != pair.Relation.Owner
            let letters = string.Concat(grant.Privileges.Where(letter => facts.Reach.Has(role.Value, pair.Relation.Owner, pair.Relation.Access, letter.ToString())))
            where letters.Length > 0
            group pair.Column.Quoted by (pair.Relation, Role: role.Value, letters) into found
            select new Fault(found.Key.Relation.Quoted, $"{facts.Quoted(found.Key.Role)} has {Privileges.List(found.Key.letters)} on columns of {found.Key.Relation.Quoted} ({string.Join(", ", found)}) and on the whole of it.")
            {
                Evidence = new Dictionary<string, object?> { ["Columns"] = string.Join(", ", found), ["Role"] = facts.Quoted(found.Key.Role) },
                FixSql = Narrow(found.Key.Relation, found.Key.Role, found.Key.letters, string.Join(", ", found)),
            });

        // What is revoked from a table is revoked from its columns too, so these are granted again. What a role has of the whole through
        // others is theirs to give up: then the columns' privileges say nothing.
        string Narrow(RelationFacts relation, long role, string letters, string names)
        {
            var direct = letters.All(letter => relation.Access.Grants.Any(grant => facts.Roles.GranteeOf(grant) == role && grant.Gives(letter)));
            var each = string.Join(", ", letters.Select(letter => $"{Privileges.List(letter.ToString())} ({names})"));
            return direct
                ? $"REVOKE {Privileges.List(letters)} ON {relation.Quoted} FROM {facts.Quoted(role)}; GRANT {each} ON {relation.Quoted} TO {facts.Quoted(role)};"
                : $"REVOKE {each} ON {relation.Quoted} FROM {facts.Quoted(role)};";
        }
    }

    private static CheckResult Defaults(AuditFacts facts) => CheckResult.Of(
        facts.DefaultPrivileges.Count,
        from granted in facts.DefaultPrivileges
        where granted.QuotedSchema is null || facts.Exposure.Includes(granted.Schema!)
        let grants = granted.Access.Grants.Where(grant => IsStrangers(facts, grant) && !IsBuiltIn(granted, grant)).ToList()
        where grants.Count > 0
        let roles = string.Join(", ", grants.Select(grant => facts.Quoted(facts.Roles.GranteeOf(grant)!.Value)).Distinct())
        let letters = Privileges.List(string.Concat(grants.Select(grant => grant.Privileges)))
        let kind = Kind(granted.ObjectType)
        let place = granted.QuotedSchema is { } schema ? $" in schema {schema}" : ""
        select new Fault($"{facts.Quoted(granted.Role)}{place}: {kind}", $"{kind} that {facts.Quoted(granted.Role)} will create{place} are granted to {roles}: {letters}.")
        {
            Evidence = new Dictionary<string, object?> { ["Roles"] = roles, ["Privileges"] = letters },
            FixSql = $"ALTER DEFAULT PRIVILEGES FOR ROLE {facts.Quoted(granted.Role)}{(granted.QuotedSchema is null ? "" : $" IN SCHEMA {granted.QuotedSchema}")} REVOKE {letters} ON {kind.ToUpperInvariant()} FROM {roles};",
        });

    // A default for the whole database repeats what the server grants anyway: functions and types are open to PUBLIC.
    private static bool IsBuiltIn(DefaultPrivilege granted, Grant grant) => granted.QuotedSchema is null && grant.IsPublic && granted.ObjectType is 'f' or 'T';

    private static string Kind(char type) => type switch
    {
        'r' => "Tables",
        'S' => "Sequences",
        'f' => "Functions",
        'T' => "Types",
        'n' => "Schemas",
        'L' => "Large objects",
        _ => "Objects",
    };

    private static CheckResult Holders(AuditFacts facts, string kind, string privileges, Func<PrivilegeHolder, IReadOnlyList<long>, Fault> fault)
    {
        var holders = facts.Holders.Where(holder => holder.Kind == kind).ToList();
        return CheckResult.Of(
            holders.Count,
            from holder in holders
            let roles = holder.Access.Grants.Where(grant => grant.GivesAny(privileges) && IsStrangers(facts, grant)).Select(grant => facts.Roles.GranteeOf(grant)!.Value)
                .Where(role => role != holder.Owner).Distinct().ToList()
            where roles.Count > 0
            select fault(holder, roles) with { Evidence = new Dictionary<string, object?> { ["Roles"] = Names(facts, roles) } });
    }

    /// <summary>A grant to PUBLIC, to a stranger, or to a role whose privileges a stranger has.</summary>
    private static bool IsStrangers(AuditFacts facts, Grant grant) => facts.Roles.GranteeOf(grant) is { } role
        && (role == RoleGraph.Public || facts.Exposure.Strangers.Any(stranger => facts.Roles.Inherited(stranger).Contains(role)));

    private static string Names(AuditFacts facts, IEnumerable<long> roles) => string.Join(", ", roles.Distinct().Select(facts.Quoted));
}
