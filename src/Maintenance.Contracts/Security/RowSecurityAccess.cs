namespace Maintenance;

/// <summary>What one subject can do to one table or view, as it was tried, and what is wrong with that.</summary>
public sealed record RowSecurityAccess
{
    /// <summary>Name of the maintained system.</summary>
    public required string Target { get; init; }

    /// <summary>The database.</summary>
    public required string Database { get; init; }

    /// <summary>The schema, unquoted; null where a subject could not be tried at all.</summary>
    public string? Schema { get; init; }

    /// <summary>The table or view, unquoted; null where a subject could not be tried at all.</summary>
    public string? Name { get; init; }

    /// <summary>The identifier in <c>pg_class</c>.</summary>
    public long? Oid { get; init; }

    /// <summary>Schema and name, quoted by the server; null where a subject could not be tried at all.</summary>
    public string? QualifiedName { get; init; }

    /// <summary>The subject's name.</summary>
    public required string Subject { get; init; }

    /// <summary>The role it acted as.</summary>
    public required string Role { get; init; }

    /// <summary>Reading.</summary>
    public RowSecurityCell? Select { get; init; }

    /// <summary>Adding copies of rows.</summary>
    public RowSecurityCell? Insert { get; init; }

    /// <summary>Changing.</summary>
    public RowSecurityCell? Update { get; init; }

    /// <summary>Giving rows to others.</summary>
    public RowSecurityCell? Move { get; init; }

    /// <summary>Deleting.</summary>
    public RowSecurityCell? Delete { get; init; }

    /// <summary>Leaks, what is less than expected, and what could not be told.</summary>
    public IReadOnlyList<Finding> Findings { get; init => field = Readable.Copy(value); } = Readable.List<Finding>.Empty;

    /// <summary>The worst of the findings.</summary>
    public HealthStatus Status => Findings.Select(finding => finding.Status).DefaultIfEmpty(HealthStatus.Ok).Max();

    /// <summary>When it was tried (UTC).</summary>
    public DateTimeOffset CollectedAt { get; init; }

    /// <summary>The cells that there are.</summary>
    public IEnumerable<RowSecurityCell> Cells() => new[] { Select, Insert, Update, Move, Delete }.OfType<RowSecurityCell>();
}
