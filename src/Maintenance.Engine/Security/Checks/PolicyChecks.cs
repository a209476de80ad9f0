namespace Maintenance.Engine.Security.Checks;

/// <summary>Whether policies keep apart what they are meant to keep apart, and what they cost.</summary>
internal static class PolicyChecks
{
    private const string Commands = "rawd";

    public static IReadOnlyList<SecurityCheck> All { get; } =
    [
        new("DBSEC-POLICY-ALWAYS-TRUE", "Policies for strangers look at the row", FindingSeverity.High, AlwaysTrue)
        {
            Recommendation = "Say which rows are meant. If every row is to be read by everybody, keep the policy for SELECT and accept this finding.",
            Cis = ["4.7"],
            Gdpr = ["Art. 25(2)", "Art. 32(1)(b)"],
        },
        new("DBSEC-POLICY-NOT-PER-ROW", "Policies tell rows apart", FindingSeverity.Medium, IgnoresRow)
        {
            Recommendation = "Whoever passes this policy passes for every row. Compare a column with who asks, such as an owner's id.",
            Cis = ["4.7"],
            Gdpr = ["Art. 25(2)"],
        },
        new("DBSEC-POLICY-USER-METADATA", "Policies trust nothing that people write themselves", FindingSeverity.High, UserMetadata)
        {
            Recommendation = "People change their own user_metadata. Use app_metadata, or a table of your own.",
            Cis = ["4.7"],
            Gdpr = ["Art. 32(1)(b)"],
        },
        new("DBSEC-POLICY-PER-ROW-CALL", "Policies do not ask for each row who is asking", FindingSeverity.Low, PerRowCalls)
        {
            Recommendation = "Write the call as a subquery, (SELECT auth.uid()): then it runs once for a statement, not once for a row.",
        },
        new("DBSEC-POLICY-DUPLICATE", "One permissive policy decides for a role and a command", FindingSeverity.Low, Duplicates)
        {
            Recommendation = "Permissive policies are joined by OR: the widest wins, and each is evaluated. Make one of them, or make the narrowing ones restrictive.",
            Cis = ["4.7"],
        },
    ];

    private static IEnumerable<(RelationFacts Table, PolicyFacts Policy)> InForce(AuditFacts facts) =>
        from table in facts.Relations.Values
        where table.RowSecurity
        from policy in facts.Policies[table.Oid]
        select (table, policy);

    private static CheckResult AlwaysTrue(AuditFacts facts)
    {
        var policies = InForce(facts).Where(pair => pair.Policy.Permissive).ToList();
        return CheckResult.Of(policies.Count, policies.Select(pair => Fault(pair.Table, pair.Policy)).OfType<Fault>());

        Fault? Fault(RelationFacts table, PolicyFacts policy)
        {
            var rows = PolicyExpression.IsAlwaysTrue(policy.Using);
            var changes = PolicyExpression.IsAlwaysTrue(policy.Check) || (policy.Check is null && policy.Command != 'a' && rows);
            var letters = policy.Command switch
            {
                'a' => changes ? "a" : "",
                '*' => rows ? Commands : changes ? "aw" : "",
                'w' => rows || changes ? "w" : "",
                var command => rows ? command.ToString() : "",
            };
            var (strangers, others) = letters.Length == 0 ? ([], []) : Concerned(facts, table, policy, letters);
            letters = string.Concat(letters.Where(letter => strangers.Concat(others).Any(role => facts.Reach.Letters(role, table, letter.ToString()).Length > 0)));
            var writes = letters.Any(letter => letter != 'r');
            if (letters.Length == 0 || (strangers.Count == 0 && !writes))
            {
                return null;
            }

            var limits = Limits(facts, table, policy);
            return new Fault($"{policy.Quoted} on {table.Quoted}", $"The policy {policy.Quoted} on {table.Quoted} is true for every row: {Names(facts, strangers.Concat(others))} can {Privileges.List(letters)} {(rows ? "all of them" : "whatever row they write")}.")
            {
                Severity = strangers.Count == 0 || !writes || limits.Count > 0 ? FindingSeverity.Low : FindingSeverity.High,
                Evidence = new Dictionary<string, object?>
                {
                    ["Command"] = policy.CommandName,
                    ["Roles"] = Names(facts, policy.Roles),
                    ["Using"] = policy.Using,
                    ["WithCheck"] = policy.Check,
                    ["LimitedBy"] = limits.Count > 0 ? string.Join(", ", limits) : null,
                },
                FixSql = $"DROP POLICY {policy.Quoted} ON {table.Quoted};",
            };
        }
    }

    private static CheckResult IgnoresRow(AuditFacts facts)
    {
        var policies = InForce(facts).Where(pair => pair.Policy.Permissive).ToList();
        return CheckResult.Of(
            policies.Count,
            from pair in policies
            let policy = pair.Policy
            let deciding = policy.Command == 'a' ? (policy.Check, policy.CheckTree) : (policy.Using, policy.UsingTree)
            where PolicyExpression.IgnoresRow(deciding.Item2) && !PolicyExpression.IsAlwaysTrue(deciding.Item1) && !IsFalse(deciding.Item1)
            let concerned = Concerned(facts, pair.Table, policy, policy.Command == '*' ? Commands : policy.Command.ToString())
            where concerned.Strangers.Count > 0
            select new Fault($"{policy.Quoted} on {pair.Table.Quoted}", $"The policy {policy.Quoted} on {pair.Table.Quoted} looks at no column: who passes it can {(policy.Command == '*' ? Privileges.List(Commands) : policy.CommandName)} every row.")
            {
                Severity = policy.Writes ? FindingSeverity.Medium : FindingSeverity.Info,
                Evidence = new Dictionary<string, object?> { ["Command"] = policy.CommandName, ["Expression"] = deciding.Item1, ["Roles"] = Names(facts, policy.Roles) },
            });
    }

    private static bool IsFalse(string? text) => string.Equals(text?.Trim('(', ')', ' '), "false", StringComparison.OrdinalIgnoreCase);

    private static CheckResult UserMetadata(AuditFacts facts)
    {
        var policies = InForce(facts).ToList();
        return CheckResult.Of(
            policies.Count,
            from pair in policies
            where Mentions(pair.Policy.Using) || Mentions(pair.Policy.Check)
            select new Fault($"{pair.Policy.Quoted} on {pair.Table.Quoted}", $"The policy {pair.Policy.Quoted} on {pair.Table.Quoted} believes user_metadata, which the person who asks can change.")
            {
                Evidence = new Dictionary<string, object?> { ["Using"] = pair.Policy.Using, ["WithCheck"] = pair.Policy.Check },
            });

        static bool Mentions(string? text) => text is not null
            && (text.Contains("'user_metadata'", StringComparison.Ordinal) || text.Contains("raw_user_meta_data", StringComparison.Ordinal) || text.Contains("{user_metadata", StringComparison.Ordinal));
    }

    private static CheckResult PerRowCalls(AuditFacts facts)
    {
        var policies = InForce(facts).ToList();
        return CheckResult.Of(
            policies.Count,
            from pair in policies
            let calls = PolicyTree.CalledPerRow(pair.Policy.UsingTree, pair.Policy.Functions).Concat(PolicyTree.CalledPerRow(pair.Policy.CheckTree, pair.Policy.Functions))
                .Distinct().Select(function => pair.Policy.Functions[function]).Order(StringComparer.Ordinal).ToList()
            where calls.Count > 0
            select new Fault($"{pair.Policy.Quoted} on {pair.Table.Quoted}", $"The policy {pair.Policy.Quoted} on {pair.Table.Quoted} calls {string.Join(", ", calls)} for each row.")
            {
                Evidence = new Dictionary<string, object?> { ["Functions"] = string.Join(", ", calls), ["Using"] = pair.Policy.Using, ["WithCheck"] = pair.Policy.Check },
            });
    }

    private static CheckResult Duplicates(AuditFacts facts)
    {
        var policies = InForce(facts).Where(pair => pair.Policy.Permissive).ToList();
        return CheckResult.Of(
            policies.Count,
            from table in policies.GroupBy(pair => pair.Table)
            from command in Commands
            let applying = table.Select(pair => pair.Policy).Where(policy => policy.Command == command || policy.Command == '*').ToList()
            let shared = applying.Where(policy => applying.Exists(other => other != policy && Shares(policy, other))).Select(policy => policy.Quoted).Order(StringComparer.Ordinal).ToList()
            where shared.Count > 1
            group command by (table.Key, Policies: string.Join(", ", shared)) into found
            select new Fault(found.Key.Key.Quoted, $"On {found.Key.Key.Quoted} several permissive policies decide about {Privileges.List(string.Concat(found))} for the same role: {found.Key.Policies}.")
            {
                Evidence = new Dictionary<string, object?> { ["Commands"] = Privileges.List(string.Concat(found)), ["Policies"] = found.Key.Policies },
            });

        bool Shares(PolicyFacts one, PolicyFacts other) =>
            one.Roles.Contains(RoleGraph.Public) || other.Roles.Contains(RoleGraph.Public) || one.Roles.Any(other.Roles.Contains);
    }

    // Of those that a policy is for, the ones that it is the way in for.
    private static (IReadOnlyList<long> Strangers, IReadOnlyList<long> Others) Concerned(AuditFacts facts, RelationFacts table, PolicyFacts policy, string letters)
    {
        bool Applies(long role) => policy.Roles.Contains(RoleGraph.Public) || facts.Roles.Inherited(role).Any(policy.Roles.Contains);
        return (
            [.. facts.Reach.Strangers(table, letters).Where(role => Applies(role) && facts.Roles.Find(role) is not { BypassRls: true })],
            policy.Roles.Contains(RoleGraph.Public) ? facts.Reach.Others(table, letters) : []);
    }

    private static List<string> Limits(AuditFacts facts, RelationFacts table, PolicyFacts policy) =>
        [.. facts.Policies[table.Oid]
            .Where(other => !other.Permissive && (other.Command == policy.Command || other.Command == '*')
                && (other.Roles.Contains(RoleGraph.Public) || policy.Roles.All(other.Roles.Contains)) && !PolicyExpression.IsAlwaysTrue(other.Using ?? other.Check))
            .Select(other => other.Quoted)];

    private static string Names(AuditFacts facts, IEnumerable<long> roles) => string.Join(", ", roles.Distinct().Select(facts.Quoted));
}
