namespace Maintenance;

/// <summary>Where to look for personal data, and how closely.</summary>
public sealed record PersonalDataQuery
{
    /// <summary>Names or patterns of schemas; empty for all but the system's.</summary>
    public IReadOnlyList<string> Schemas { get; init => field = Readable.Copy(value); } = Readable.List<string>.Empty;

    /// <summary>Names or patterns of tables, with or without their schema; empty for all.</summary>
    public IReadOnlyList<string> Tables { get; init => field = Readable.Copy(value); } = Readable.List<string>.Empty;

    /// <summary>The kinds that are wanted; empty for all. What could not be looked into is told in any case.</summary>
    public IReadOnlyList<PersonalDataCategory> Categories { get; init => field = Readable.Copy(value); } = Readable.List<PersonalDataCategory>.Empty;

    /// <summary>What is less sure is left out.</summary>
    public PersonalDataConfidence MinimumConfidence { get; init; }

    /// <summary>About how many rows of each table are looked at, on the server; never more than twice as many. 0 for none.</summary>
    public int SampleRows { get; init; } = 1000;

    /// <summary>How long looking into one table may take.</summary>
    public TimeSpan TableTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The table of the people whom data are about; null for the one that is configured, else auth.users.</summary>
    public string? SubjectTable { get; init; }

    /// <summary>Schemas that others reach, which have to be there; null for those that <see cref="SecurityAuditQuery.Schemas"/> takes.</summary>
    public IReadOnlyList<string>? ExposedSchemas { get; init => field = value?.ToArray(); }

    /// <summary>Roles that strangers can act as, besides PUBLIC, which have to be there; null for those of anon and authenticated that there are.</summary>
    public IReadOnlyList<string>? UntrustedRoles { get; init => field = value?.ToArray(); }
}
