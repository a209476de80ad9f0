namespace Maintenance.Engine.Security;

/// <summary>From whom something has to be revoked so that strangers no longer have it.</summary>
internal static class Grants
{
    /// <summary>Those that strangers have some privileges of a relation through, quoted by the server.</summary>
    public static string Revokees(AuditFacts facts, RelationFacts relation, string privileges) =>
        Names(facts, facts.Columns[relation.Oid].SelectMany(column => column.Access.Grants).Concat(relation.Access.Grants), privileges);

    /// <summary>Those that strangers and some others have privileges of a relation through.</summary>
    public static string Revokees(AuditFacts facts, RelationFacts relation, string privileges, IReadOnlyCollection<long> others) =>
        Names(facts, facts.Columns[relation.Oid].SelectMany(column => column.Access.Grants).Concat(relation.Access.Grants), privileges, others);

    /// <summary>Those that strangers can call a function through.</summary>
    public static string Revokees(AuditFacts facts, FunctionFacts function) => Names(facts, function.Access.Grants, "X");

    private static string Names(AuditFacts facts, IEnumerable<Grant> grants, string privileges, IReadOnlyCollection<long>? others = null) => string.Join(
        ", ",
        from grant in grants
        where grant.GivesAny(privileges)
        let grantee = facts.Roles.GranteeOf(grant)
        where grantee is not null && (others?.Contains(grantee.Value) == true || facts.Exposure.Strangers.Any(stranger => grantee == RoleGraph.Public || facts.Roles.Inherited(stranger).Contains(grantee.Value)))
        group grant by grantee.Value into one
        orderby one.Key
        select facts.Quoted(one.Key));
}
