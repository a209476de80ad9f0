namespace Maintenance;

/// <summary>A column that holds personal data, or by its name should, and how it is looked after. Or a table that could not be looked into.</summary>
public sealed record DbPersonalData : IDbObject
{
    /// <inheritdoc/>
    public required string Target { get; init; }

    /// <inheritdoc/>
    public required string Database { get; init; }

    /// <inheritdoc/>
    public required string Schema { get; init; }

    /// <summary>The table, unquoted.</summary>
    public required string Name { get; init; }

    /// <inheritdoc/>
    public required long Oid { get; init; }

    /// <summary>Schema and table, quoted by the server.</summary>
    public required string QualifiedName { get; init; }

    /// <summary>The column, unquoted; null for a table that could not be looked into.</summary>
    public string? Column { get; init; }

    /// <summary>The column's type as it was declared.</summary>
    public string? DataType { get; init; }

    /// <summary>What it holds; the most telling kind where there are several.</summary>
    public PersonalDataCategory Category { get; init; }

    /// <summary>Every kind that was found in it.</summary>
    public IReadOnlyList<PersonalDataCategory> Contains { get; init => field = Readable.Copy(value); } = Readable.List<PersonalDataCategory>.Empty;

    /// <summary>How sure that is.</summary>
    public PersonalDataConfidence Confidence { get; init; }

    /// <summary>What it is known by.</summary>
    public IReadOnlyList<PersonalDataEvidence> Evidence { get; init => field = Readable.Copy(value); } = Readable.List<PersonalDataEvidence>.Empty;

    /// <summary>How many rows were looked at; null where none were, with the <see cref="Reason"/>.</summary>
    public long? SampledRows { get; init; }

    /// <summary>How many of them had a value in this column.</summary>
    public long? SampledValues { get; init; }

    /// <summary>Which part of those values passed the validator of <see cref="Category"/>, 0 to 1; null where there is no validator, or no value.</summary>
    public double? ValidShare { get; init; }

    /// <summary>Why its values are not known, or not wholly.</summary>
    public string? Reason { get; init; }

    /// <summary>Strangers can read it. Null where only a function with its owner's rights may show it to them: see <see cref="MaybeExposedThrough"/>. For a table: some of its columns.</summary>
    public bool? IsExposed { get; init; }

    /// <summary>Strangers who can, quoted by the server.</summary>
    public IReadOnlyList<string> ExposedTo { get; init => field = Readable.Copy(value); } = Readable.List<string>.Empty;

    /// <summary>The tables, partitions and views they can read it through, quoted by the server.</summary>
    public IReadOnlyList<string> ExposedThrough { get; init => field = Readable.Copy(value); } = Readable.List<string>.Empty;

    /// <summary>SECURITY DEFINER functions that strangers can call and whose text names its table or a view of it. What they show only who reads them can tell.</summary>
    public IReadOnlyList<string> MaybeExposedThrough { get; init => field = Readable.Copy(value); } = Readable.List<string>.Empty;

    /// <summary>Policies decide which rows strangers see; what the policies let through only <c>Test-DbRowSecurity</c> can tell.</summary>
    public bool IsGuardedByPolicy { get; init; }

    /// <summary>The policy that ends its time here; null for none.</summary>
    public RetentionPolicy? RetentionPolicy { get; init; }

    /// <summary>Foreign keys lead from the table of people to its table. Null where nobody knows which table that is.</summary>
    public bool? IsReachable { get; init; }

    /// <summary>The way from the table of people, table by table, quoted by the server; null if there is none.</summary>
    public string? SubjectPath { get; init; }

    /// <summary>Deleting the person deletes the row.</summary>
    public bool IsDeletedWithSubject { get; init; }

    /// <summary>What is wrong with how it is looked after, and what could not be told. Those about the whole table stand at each of its columns.</summary>
    public IReadOnlyList<Finding> Findings { get; init => field = Readable.Copy(value); } = Readable.List<Finding>.Empty;

    /// <summary>The worst of the findings.</summary>
    public HealthStatus Status => Findings.Select(finding => finding.Status).DefaultIfEmpty(HealthStatus.Ok).Max();

    /// <summary>When it was found (UTC).</summary>
    public DateTimeOffset CollectedAt { get; init; }
}
