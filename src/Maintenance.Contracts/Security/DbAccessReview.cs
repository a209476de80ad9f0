namespace Maintenance;

/// <summary>A role as an access review sees it: what it may do, what it is a member of, what it owns, and when it was seen last.</summary>
public sealed record DbAccessReview
{
    /// <summary>Name of the maintained system.</summary>
    public required string Target { get; init; }

    /// <summary>The database that was connected to. Roles belong to the whole server.</summary>
    public required string Database { get; init; }

    /// <summary>The role's name, unquoted; <c>auth.users</c> for the accounts of the application.</summary>
    public required string Role { get; init; }

    /// <summary>The role's name, quoted by the server.</summary>
    public required string QuotedRole { get; init; }

    /// <summary>The identifier in <c>pg_roles</c>; null for what is no role.</summary>
    public long? Oid { get; init; }

    /// <summary>What kind of account it is.</summary>
    public DbAccountKind Kind { get; init; }

    /// <summary>It can be logged in as.</summary>
    public bool CanLogin { get; init; }

    /// <summary>Nothing is forbidden to it.</summary>
    public bool IsSuperuser { get; init; }

    /// <summary>Row security does not hold for it.</summary>
    public bool BypassesRowSecurity { get; init; }

    /// <summary>It may make and change roles.</summary>
    public bool CanCreateRole { get; init; }

    /// <summary>It may make databases.</summary>
    public bool CanCreateDatabase { get; init; }

    /// <summary>It may copy the server.</summary>
    public bool CanReplicate { get; init; }

    /// <summary>When its password expires (UTC); null for never, which a time after the year 9999 comes to, and for a time before the year 1: then <see cref="IsExpired"/> is true.</summary>
    public DateTimeOffset? ValidUntil { get; init; }

    /// <summary>Its password has expired, by the server's clock.</summary>
    public bool IsExpired { get; init; }

    /// <summary>What of an administrator's rights it has or can take, each with the role it comes from.</summary>
    public IReadOnlyList<string> AdminRights { get; init => field = Readable.Copy(value); } = Readable.List<string>.Empty;

    /// <summary>The roles it would go through to become a superuser, itself first; empty if it cannot, or is one.</summary>
    public IReadOnlyList<string> SuperuserThrough { get; init => field = Readable.Copy(value); } = Readable.List<string>.Empty;

    /// <summary>The roles it was made a member of.</summary>
    public IReadOnlyList<DbRoleMembership> MemberOf { get; init => field = Readable.Copy(value); } = Readable.List<DbRoleMembership>.Empty;

    /// <summary>Every role whose privileges it has without doing anything, however far, but itself.</summary>
    public IReadOnlyList<string> Inherits { get; init => field = Readable.Copy(value); } = Readable.List<string>.Empty;

    /// <summary>Every role that it can become, or has the privileges of, however far, but itself.</summary>
    public IReadOnlyList<string> CanBecome { get; init => field = Readable.Copy(value); } = Readable.List<string>.Empty;

    /// <summary>The roles that were made members of it.</summary>
    public IReadOnlyList<string> Members { get; init => field = Readable.Copy(value); } = Readable.List<string>.Empty;

    /// <summary>Number of its sessions now, that of this review among them; null for what is no role.</summary>
    public int? Sessions { get; init; }

    /// <summary>Whether it was used lately.</summary>
    public RoleActivity Activity { get; init; }

    /// <summary>When it was active last (UTC), as far as it is known; null if it was never seen. PostgreSQL itself keeps no such time.</summary>
    public DateTimeOffset? LastActivityAt { get; init; }

    /// <summary>How that came to be known.</summary>
    public RoleActivitySource LastActivitySource { get; init; }

    /// <summary>Since when it is watched, how closely; null if it is not.</summary>
    public DbRoleWatch? Watch { get; init; }

    /// <summary>In words: what is known of its activity, or why it is not known.</summary>
    public string? ActivityNote { get; init; }

    /// <summary>Number of statements that pg_stat_statements has counted for it since its last reset; null if it does not tell.</summary>
    public long? Statements { get; init; }

    /// <summary>What it owns, in every database of the server; null for roles that PostgreSQL made itself, of which it keeps no list.</summary>
    public IReadOnlyList<DbRoleObjects>? Owned { get; init => field = value is null ? null : Readable.Copy(value); }

    /// <summary>What was granted to it, directly, as counts. In other databases than the connected one only that something was granted is known.</summary>
    public IReadOnlyList<DbRolePrivilege> Privileges { get; init => field = Readable.Copy(value); } = Readable.List<DbRolePrivilege>.Empty;

    /// <summary>Counts of the application's accounts; null for roles.</summary>
    public DbApplicationAccounts? Accounts { get; init; }

    /// <summary>What is wrong with it.</summary>
    public IReadOnlyList<Finding> Findings { get; init => field = Readable.Copy(value); } = Readable.List<Finding>.Empty;

    /// <summary>The worst of the findings; Unknown for a role that can log in and of whose activity nothing is known.</summary>
    public HealthStatus Status { get; init; }

    /// <summary>When it was read (UTC).</summary>
    public DateTimeOffset CollectedAt { get; init; }
}

/// <summary>How closely a role is watched.</summary>
public sealed record DbRoleWatch
{
    /// <summary>The first sample in which the role existed (UTC): nothing is known of the time before.</summary>
    public DateTimeOffset Since { get; init; }

    /// <summary>Number of samples in which it existed, within the time after which a role is inactive.</summary>
    public int Samples { get; init; }

    /// <summary>The longest time from one sample to the next, within that time. What was before <see cref="Since"/> is no gap: it was not watched at all.</summary>
    public TimeSpan LargestGap { get; init; }

    /// <summary>
    /// Since when pg_stat_statements counted without a reset and without discarding anything (UTC): of that time each statement that succeeded is known. Logins without
    /// one, and statements that failed, are not counted. Null if it did not.
    /// </summary>
    public DateTimeOffset? CountedSince { get; init; }
}

/// <summary>A role's membership in another.</summary>
public sealed record DbRoleMembership
{
    /// <summary>The role it is a member of, unquoted.</summary>
    public required string Role { get; init; }

    /// <summary>It has the other's privileges without doing anything. Before PostgreSQL 16 the member's own attribute decides.</summary>
    public bool Inherits { get; init; }

    /// <summary>It may become the other (SET ROLE). Before PostgreSQL 16 always.</summary>
    public bool CanSet { get; init; }

    /// <summary>It may make others members.</summary>
    public bool Administers { get; init; }

    /// <inheritdoc/>
    public override string ToString() =>
        Role + (Administers ? " (admin)" : "") + (Inherits ? "" : CanSet ? " (set only)" : Administers ? "" : " (neither inherited nor set)");
}

/// <summary>Objects that a role owns.</summary>
/// <param name="Database">The database; null for objects of the whole server, such as databases.</param>
/// <param name="Kind">What they are. In other databases than the connected one, tables, views and sequences are told as relations.</param>
/// <param name="Count">How many.</param>
public sealed record DbRoleObjects(string? Database, string Kind, long Count)
{
    /// <inheritdoc/>
    public override string ToString() => $"{(Database is null ? "" : $"{Database}: ")}{Kind} {Count}";
}

/// <summary>A privilege that was granted to a role.</summary>
/// <param name="Database">The database; null for objects of the whole server.</param>
/// <param name="Kind">What it was granted on.</param>
/// <param name="Privilege">The privilege, such as SELECT; null where only is known that there is one.</param>
/// <param name="Count">On how many objects.</param>
public sealed record DbRolePrivilege(string? Database, string Kind, string? Privilege, long Count)
{
    /// <inheritdoc/>
    public override string ToString() => $"{(Database is null ? "" : $"{Database}: ")}{Privilege ?? "something"} on {Kind} {Count}";
}

/// <summary>Accounts of an application that signs people in through Supabase: counts, and nothing about anybody. Null where the server does not tell.</summary>
public sealed record DbApplicationAccounts
{
    /// <summary>All accounts that are not deleted.</summary>
    public long? Total { get; init; }

    /// <summary>Those that never signed in.</summary>
    public long? NeverSignedIn { get; init; }

    /// <summary>Those that never signed in, and are older than the time after which an account is inactive.</summary>
    public long? NeverSignedInAndOld { get; init; }

    /// <summary>Those whose last sign-in is longer ago than that, and, where sessions can be read, whose session was not renewed since either.</summary>
    public long? Inactive { get; init; }

    /// <summary>Those that are banned now.</summary>
    public long? Banned { get; init; }

    /// <summary>Those whose address or number was never confirmed.</summary>
    public long? Unconfirmed { get; init; }

    /// <summary>Sessions; null where they may not be read.</summary>
    public long? Sessions { get; init; }

    /// <summary>Sessions that were not renewed within the time after which an account is inactive.</summary>
    public long? OldSessions { get; init; }
}
