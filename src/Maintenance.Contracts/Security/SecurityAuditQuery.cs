namespace Maintenance;

/// <summary>What an audit of a database looks at, and what of its findings is wanted.</summary>
public sealed record SecurityAuditQuery
{
    /// <summary>Databases of the same server to audit, by name or pattern, decided by the caller; null for the connected one alone.</summary>
    public Func<string, bool>? Databases { get; init; }

    /// <summary>
    /// Schemas that others reach, through an API or by logging in; each must be in one of the databases. Null for those that PostgREST is configured with; where there is no such setting,
    /// public and graphql_public if there is a role anon, else every schema but the system's.
    /// </summary>
    public IReadOnlyList<string>? Schemas { get; init => field = value?.ToArray(); }

    /// <summary>Roles that strangers can act as, each of which there must be. PUBLIC always counts as one. Null for anon and authenticated where there are such.</summary>
    public IReadOnlyList<string>? UntrustedRoles { get; init => field = value?.ToArray(); }

    /// <summary>Which checks are wanted, by id; null for all.</summary>
    public Func<string, bool>? Ids { get; init; }

    /// <summary>Findings that matter less are left out. One that could not be checked counts as much as it would if it had failed.</summary>
    public FindingSeverity MinimumSeverity { get; init; }

    /// <summary>Checks that found nothing wrong are told too: one finding each, with outcome Pass.</summary>
    public bool IncludePassed { get; init; }
}
