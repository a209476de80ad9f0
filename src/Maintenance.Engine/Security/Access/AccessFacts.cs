using System.IO.Enumeration;

namespace Maintenance.Engine.Security.Access;

/// <summary>Who asks, and what it may see.</summary>
internal sealed record AccessServer(string Database, long RoleOid, string QuotedRole, bool SeesOthers, bool IsStandby, long? System, bool CountsEveryRole);

/// <summary>Sessions of one role at a moment.</summary>
/// <param name="Count">How many.</param>
/// <param name="Hidden">How many of them tell nothing but whose they are.</param>
/// <param name="IdleFor">How long ago one of the others did something last; null if all are hidden.</param>
/// <param name="Addresses">From how many addresses those come that are not hidden.</param>
internal sealed record RoleSessions(int Count, int Hidden, TimeSpan? IdleFor, int Addresses);

/// <summary>What pg_stat_statements says of all roles.</summary>
/// <param name="Calls">Statements by role.</param>
/// <param name="ResetAt">Since when it counts; null where the server does not tell.</param>
/// <param name="Discarded">How often it discarded statements; null where the server does not tell.</param>
internal sealed record StatementTotals(IReadOnlyDictionary<long, double> Calls, DateTimeOffset? ResetAt, double? Discarded);

/// <summary>A membership, and whether who granted it is still there.</summary>
internal sealed record GrantedMembership(long Member, long Role, bool Inherits, bool Sets, bool Administers, long Grantor, bool GrantorExists);

/// <summary>Objects a role owns (o), or was granted something on (a), or is named in a policy of (r).</summary>
internal sealed record RoleObjects(long Role, char Dependency, string? Database, bool IsHere, string Kind, long Count);

internal sealed record RolePrivilege(long Role, bool Shared, string Kind, string Privilege, long Count);

/// <summary>The application's accounts.</summary>
internal sealed record AccountFacts(bool Exist, bool Readable, bool SessionsExist, bool SessionsReadable, bool SessionsCompared, bool TellsSignIns, string? Grant, DbApplicationAccounts? Counts);

/// <summary>All that an access review judges.</summary>
internal sealed class AccessFacts
{
    public required AccessServer Server { get; init; }

    public required RoleGraph Roles { get; init; }

    public required IReadOnlyList<GrantedMembership> Memberships { get; init; }

    public required IReadOnlyDictionary<long, RoleSessions> Sessions { get; init; }

    /// <summary>Null where pg_stat_statements is not to be had; <see cref="StatementsReason"/> says why.</summary>
    public StatementTotals? Statements { get; init; }

    public string? StatementsReason { get; init; }

    public required ILookup<long, RoleObjects> Objects { get; init; }

    public required ILookup<long, RolePrivilege> Privileges { get; init; }

    public required AccountFacts Accounts { get; init; }

    public DateTimeOffset Now { get; init; }
}

/// <summary>What a review knows beyond the facts: the watch, and what the configuration says.</summary>
internal sealed class AccessReviewContext
{
    public required AccessFacts Facts { get; init; }

    /// <summary>What is known of the activity of each role, by oid.</summary>
    public required IReadOnlyDictionary<long, ActivityVerdict> Activity { get; init; }

    /// <summary>After how long without activity a role is inactive.</summary>
    public required TimeSpan InactiveAfter { get; init; }

    /// <summary>Names or patterns of the roles that programs log in as, as configured; none if nobody said.</summary>
    public IReadOnlyList<string> ServicePatterns { get; init; } = [];

    public RoleGraph Roles => Facts.Roles;

    /// <summary>Roles that somebody who can log in is, or can act as.</summary>
    public IReadOnlySet<long> Usable => field ??= Roles.All.Where(role => role.Login).SelectMany(role => Roles.Reachable(role.Oid)).ToHashSet();

    /// <summary>Who can log in and has the privileges of a role, or can become it.</summary>
    public ILookup<long, RoleFacts> Users => field ??= Roles.All.Where(role => role.Login).SelectMany(role => Roles.Reachable(role.Oid).Select(oid => (oid, role))).ToLookup(pair => pair.oid, pair => pair.role);

    public bool IsServiceAccount(RoleFacts role) => ServicePatterns.Any(pattern => Fits(pattern, role));

    /// <summary>Service accounts, that which initdb made too if it is one of them.</summary>
    public IReadOnlyList<RoleFacts> Services => field ??= [.. Roles.All.Where(IsServiceAccount).OrderBy(role => role.Name, StringComparer.Ordinal)];

    /// <summary>Patterns that no role fits: misspelt, or its accounts are gone.</summary>
    public IReadOnlyList<string> IdlePatterns => field ??= [.. ServicePatterns.Where(pattern => !Roles.All.Any(role => Fits(pattern, role)))];

    /// <summary>Not one of those that initdb made.</summary>
    public IEnumerable<RoleFacts> Ordinary => Roles.All.Where(role => !role.IsPredefined && !role.IsBootstrap).OrderBy(role => role.Name, StringComparer.Ordinal);

    public IEnumerable<RoleObjects> Owned(RoleFacts role) => Facts.Objects[role.Oid].Where(objects => objects.Dependency == 'o');

    /// <summary>What was granted to a role: in this database and on the server by name, elsewhere as far as it is known.</summary>
    public IReadOnlyList<DbRolePrivilege> Granted(RoleFacts role) =>
    [
        .. Facts.Privileges[role.Oid].Select(privilege => new DbRolePrivilege(privilege.Shared ? null : Facts.Server.Database, privilege.Kind, privilege.Privilege, privilege.Count)),
        .. Facts.Objects[role.Oid].Where(objects => objects is { Dependency: 'a', IsHere: false, Database: not null }).Select(objects => new DbRolePrivilege(objects.Database, objects.Kind, null, objects.Count)),
    ];

    private static bool Fits(string pattern, RoleFacts role) => role.Login && FileSystemName.MatchesSimpleExpression(pattern, role.Name, ignoreCase: true);
}
