namespace Maintenance;

/// <summary>Whether a role was used lately.</summary>
public enum RoleActivity
{
    /// <summary>Not known: it was not watched for long enough, or not closely enough.</summary>
    Unknown = 0,

    /// <summary>It was seen within the time.</summary>
    Active,

    /// <summary>It was watched all the time and not seen.</summary>
    Inactive,
}

/// <summary>How the last activity of a role came to be known.</summary>
public enum RoleActivitySource
{
    /// <summary>It was never seen.</summary>
    None = 0,

    /// <summary>A session of it said when it did something last.</summary>
    Session,

    /// <summary>It was connected when somebody looked; what its session did is hidden from the role that looked.</summary>
    Connected,

    /// <summary>pg_stat_statements had counted more statements of it than the time before. The time is that of noticing: it was no later.</summary>
    Statements,
}
