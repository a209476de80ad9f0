namespace Maintenance;

/// <summary>What kind of account a role is, as far as the server and the configuration tell.</summary>
public enum DbAccountKind
{
    /// <summary>It can log in, and nothing tells whether a person or a program does: <c>security.serviceAccounts</c> is not configured.</summary>
    Login = 0,

    /// <summary>It can log in, and is none of <c>security.serviceAccounts</c>: taken for a person's.</summary>
    Person,

    /// <summary>It is one of <c>security.serviceAccounts</c>: programs log in as it.</summary>
    Service,

    /// <summary>It can log in, is no service account, and has an administrator's rights.</summary>
    Admin,

    /// <summary>Nobody logs in as it: others have its privileges.</summary>
    Group,

    /// <summary>One of PostgreSQL's own, such as pg_monitor.</summary>
    System,

    /// <summary>No role, but the accounts of the application in <c>auth.users</c>, all together.</summary>
    Application,
}
