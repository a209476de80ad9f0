namespace Maintenance.Engine.Security;

/// <summary>From whom something has to be revoked so that strangers no longer have it.</summary>
internal static class Grants
{
    /// <summary>Those that strangers have some privileges of a relation through, quoted by the server.</summary>
    public static string Revokees(AuditFacts facts, RelationFacts relation, string privileges) =>
        Names(facts, facts.Columns[relation.Oid].SelectMany(column => column.Access.Grants).Concat(relation.Access.Grants), privileges);

    /// <summary>Those that strangers can call a function through.</summary>
    public static string Revokees(AuditFacts facts, FunctionFacts function) => Names(facts, function.Access.Grants, "X");

    private static string Names(AuditFacts facts, IEnumerable<Grant> grants, string privileges) => string.Join(
        ", ",
        from grant in grants
        where grant.GivesAny(privileges)
        let grantee = facts.Roles.GranteeOf(grant)
        where grantee is not null && facts.Exposure.Strangers.Any(stranger => grantee == RoleGraph.Public || facts.Roles.Inherited(stranger).Contains(grantee.Value))
        group grant by grantee.Value into one
        orderby one.Key
        select facts.Quoted(one.Key));
}
