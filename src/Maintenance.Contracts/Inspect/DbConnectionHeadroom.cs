namespace Maintenance;

/// <summary>What a limit on connections belongs to.</summary>
public enum DbConnectionScope
{
    /// <summary>The whole server: max_connections less what is reserved.</summary>
    Server = 0,

    /// <summary>One database: ALTER DATABASE … CONNECTION LIMIT.</summary>
    Database,

    /// <summary>One role: ALTER ROLE … CONNECTION LIMIT.</summary>
    Role,
}

/// <summary>How many connections are in use and how many are left: of the server, and of each database and role with a limit of its own.</summary>
public sealed record DbConnectionHeadroom
{
    /// <summary>Name of the maintained system.</summary>
    public required string Target { get; init; }

    /// <summary>What the limit belongs to.</summary>
    public required DbConnectionScope Scope { get; init; }

    /// <summary>Name of the database or role; null for the server.</summary>
    public string? Name { get; init; }

    /// <summary>Client connections in use; of the server, those that are kept for administrators as well.</summary>
    public required int Used { get; init; }

    /// <summary>How many there may be: of the server, for ordinary roles.</summary>
    public required int Limit { get; init; }

    /// <summary>How many more can be opened. Ordinary roles may be out of connections before the server is.</summary>
    public int Available => Math.Max(0, Limit - Used);

    /// <summary>
    /// <see cref="Used"/> of <see cref="Limit"/>, in percent; null where nobody may connect. Of the server at most 100: what administrators use of
    /// the connections kept for them does not make more than all of the others. A database or role may be beyond a limit that came later.
    /// </summary>
    public double? UsagePercent => Limit > 0 ? Scope == DbConnectionScope.Server ? Math.Min(100, 100.0 * Used / Limit) : 100.0 * Used / Limit : null;

    /// <summary>Of those in use, how many run a statement; null where the role may not see it.</summary>
    public int? Active { get; init; }

    /// <summary>Of those in use, how many are idle outside a transaction; null where the role may not see it.</summary>
    public int? Idle { get; init; }

    /// <summary>Of those in use, how many are idle inside a transaction; null where the role may not see it.</summary>
    public int? IdleInTransaction { get; init; }

    /// <summary>max_connections; for the server alone.</summary>
    public int? MaxConnections { get; init; }

    /// <summary>superuser_reserved_connections; for the server alone.</summary>
    public int? SuperuserReserved { get; init; }

    /// <summary>reserved_connections, for roles with pg_use_reserved_connections (PostgreSQL 16 and later); for the server alone.</summary>
    public int? Reserved { get; init; }

    /// <summary>The verdict by the limits of <c>connection_pool_usage</c>.</summary>
    public required HealthStatus Status { get; init; }

    /// <summary>When it was read (UTC).</summary>
    public required DateTimeOffset CollectedAt { get; init; }

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{Scope}{(Name is null ? "" : $" {Name}")}: {Used} of {Limit}");
}
