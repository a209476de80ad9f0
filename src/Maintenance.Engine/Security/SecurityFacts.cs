namespace Maintenance.Engine.Security;

/// <summary>Who asks, and what only some roles may read: null where this one may not.</summary>
internal sealed record ServerFacts(
    string Database,
    long RoleOid,
    string QuotedRole,
    int VersionNumber,
    bool SessionEncrypted,
    string? SessionProtocol,
    string? SessionCipher,
    string? ServerAddress,
    string? ApiSchemas)
{
    /// <summary>What kind of password each role has, by oid.</summary>
    public IReadOnlyDictionary<long, PasswordKind>? Passwords { get; init; }

    /// <summary>Rules of pg_hba.conf.</summary>
    public IReadOnlyList<HbaRule>? HbaRules { get; init; }

    public IReadOnlyList<SubscriptionFacts>? Subscriptions { get; init; }

    public long SubscriptionCount { get; init; }

    public bool HasCron { get; init; }

    public IReadOnlyList<CronJob>? CronJobs { get; init; }

    public bool HasStorage { get; init; }

    public IReadOnlyList<PublicBucket>? PublicBuckets { get; init; }

    public int Major => VersionNumber / 10000;
}

internal enum PasswordKind
{
    None = 0,
    Md5,
    Scram,
    Other,
}

internal sealed record StoredPassword(long Oid, PasswordKind Kind);

internal sealed record SubscriptionFacts(string Name, bool Password);

internal sealed record CronJob(long Job, string Command);

internal sealed record PublicBucket(string Id);

internal sealed record SettingFacts(string Name, string? Value, string Source, bool PendingRestart);

/// <summary>A setting kept with a role, a database or both.</summary>
/// <param name="Place">Where it is kept, in words, names quoted.</param>
/// <param name="Alter">The beginning of the statement that changes it.</param>
/// <param name="Role">The role, if it is kept with one.</param>
/// <param name="IsHere">It counts in the audited database.</param>
/// <param name="Name">Its name.</param>
/// <param name="QuotedName">Its name for a statement.</param>
/// <param name="Value">Its value. It may be a secret.</param>
internal sealed record StoredSetting(string Place, string Alter, string? Role, bool IsHere, string Name, string QuotedName, string Value);

/// <summary>A role.</summary>
/// <param name="Oid">Its identifier.</param>
/// <param name="Name">Its name.</param>
/// <param name="Quoted">Its name, quoted by the server.</param>
/// <param name="Superuser">Nothing is forbidden to it.</param>
/// <param name="Login">It can be logged in as.</param>
/// <param name="BypassRls">Row security does not hold for it.</param>
/// <param name="CreateRole">It may make and change roles.</param>
/// <param name="CreateDatabase">It may make databases.</param>
/// <param name="Replication">It may copy the server.</param>
/// <param name="Expires">Its password has an end, past or to come.</param>
/// <param name="ValidUntil">When; null too where that is before the year 1.</param>
/// <param name="Expired">That is past; null where there is no end.</param>
internal sealed record RoleFacts(
    long Oid, string Name, string Quoted, bool Superuser, bool Login, bool BypassRls, bool CreateRole, bool CreateDatabase, bool Replication, bool Expires, DateTimeOffset? ValidUntil, bool? Expired)
{
    /// <summary>When its password expired, to stand after "expired": the day, or that it was before any.</summary>
    public string ExpiredWhen => ValidUntil is { } until ? $"on {until.UtcDateTime:yyyy-MM-dd}" : "before the year 1";

    /// <summary>The one that initdb made; it can be neither dropped nor demoted.</summary>
    public bool IsBootstrap => Oid == 10;

    /// <summary>One of PostgreSQL's own, such as pg_monitor.</summary>
    public bool IsPredefined => Oid < AuditFacts.FirstUserOid && Name.StartsWith("pg_", StringComparison.Ordinal);
}

internal sealed record MembershipFacts(long Member, long Role, bool Inherits, bool Sets, bool Administers);

/// <summary>Something that privileges are granted on.</summary>
internal sealed record PrivilegeHolder(string Kind, long Oid, string Name, string Quoted, long Owner, AccessList Access, bool Trusted);

internal sealed record DefaultPrivilege(long Role, string? Schema, string? QuotedSchema, char ObjectType, AccessList Access);

internal sealed record RelationFacts(
    long Oid, long SchemaOid, string Schema, string Name, string Quoted, char Kind, long Owner, bool RowSecurity, bool Forced, AccessList Access, bool SecurityInvoker, long? Parent, bool IsExtensions)
{
    public bool HoldsRows => Kind is 'r' or 'p';

    public bool IsView => Kind == 'v';

    public string Noun => Kind switch
    {
        'p' => "partitioned table",
        'v' => "view",
        'm' => "materialized view",
        'f' => "foreign table",
        _ => "table",
    };
}

internal sealed record ColumnPrivilege(long Relation, string Name, string Quoted, AccessList Access);

internal sealed record SensitiveColumn(long Relation, string Name);

internal sealed record ViewSource(long View, long Relation);

internal sealed record PolicyFacts(
    long Relation, string Name, string Quoted, char Command, bool Permissive, IReadOnlyList<long> Roles, string? Using, string? Check, string? UsingTree, string? CheckTree,
    IReadOnlyDictionary<long, string> Functions)
{
    public string CommandName => Command switch
    {
        'r' => "SELECT",
        'a' => "INSERT",
        'w' => "UPDATE",
        'd' => "DELETE",
        _ => "ALL",
    };

    public bool Writes => Command != 'r';
}

internal sealed record FunctionFacts(
    long Oid, long SchemaOid, string Schema, string Name, string Quoted, long Owner, bool Definer, bool IsTrigger, string Language, IReadOnlyList<string> Settings, AccessList Access, string Body);

internal sealed record ExtensionFacts(string Name, string Quoted, string Schema, string Version, string? DefaultVersion, bool Relocatable);

internal sealed record UserMapping(long Oid, bool IsPublic, string Server, string User, IReadOnlyList<string>? Options, bool Known);

/// <summary>A text in which a secret may be, and where it is.</summary>
internal sealed record PlacedText(string Place, string Name, string Text, bool IsShared = false);

internal sealed record AuthKey(string Table, string Constraint, string References);

/// <summary>All that one reading of a database gave: what checks judge.</summary>
internal sealed class AuditFacts
{
    /// <summary>Objects below this were made by initdb.</summary>
    public const long FirstUserOid = 16384;

    public required ServerFacts Server { get; init; }

    public required IReadOnlyDictionary<string, SettingFacts> Settings { get; init; }

    public required IReadOnlyList<StoredSetting> StoredSettings { get; init; }

    public required RoleGraph Roles { get; init; }

    public required IReadOnlyList<PrivilegeHolder> Holders { get; init; }

    public required IReadOnlyList<DefaultPrivilege> DefaultPrivileges { get; init; }

    public required IReadOnlyDictionary<long, RelationFacts> Relations { get; init; }

    public required ILookup<long, ColumnPrivilege> Columns { get; init; }

    public required ILookup<long, SensitiveColumn> SensitiveColumns { get; init; }

    public required ILookup<long, ViewSource> ViewSources { get; init; }

    public required ILookup<long, PolicyFacts> Policies { get; init; }

    public required IReadOnlyList<FunctionFacts> Functions { get; init; }

    public required IReadOnlyList<ExtensionFacts> Extensions { get; init; }

    public required IReadOnlyList<UserMapping> UserMappings { get; init; }

    public required IReadOnlyList<PlacedText> ServerOptions { get; init; }

    public required IReadOnlyList<PlacedText> Comments { get; init; }

    /// <summary>Views, defaults, constraints, triggers and the like in which a secret may be.</summary>
    public required IReadOnlyList<PlacedText> Definitions { get; init; }

    public required IReadOnlyList<AuthKey> AuthKeys { get; init; }

    /// <summary>Now, by our clock.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>How the session was asked to be encrypted, and to which host.</summary>
    public required DatabaseSettings Connection { get; init; }

    /// <summary>What the configuration says that no server can tell.</summary>
    public required SecurityPolicy Policy { get; init; }

    /// <summary>The server has the files of pgaudit, so that it can be loaded.</summary>
    public required bool HasAuditFiles { get; init; }

    /// <summary>Which schemas others reach, and who counts as a stranger.</summary>
    public required Exposure Exposure { get; init; }

    /// <summary>Who reaches what.</summary>
    public required Reach Reach { get; init; }

    /// <summary>A role's name, quoted by the server.</summary>
    public string Quoted(long role) => Roles.Quoted(role);
}
