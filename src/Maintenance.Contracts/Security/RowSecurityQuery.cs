namespace Maintenance;

/// <summary>Who is to try what with which tables.</summary>
public sealed record RowSecurityQuery
{
    /// <summary>The subjects. None for those of the expectations; where there are none either, strangers as the API's roles anon and authenticated.</summary>
    public IReadOnlyList<RowSecuritySubject> Subjects { get; init => field = Readable.Copy(value); } = Readable.List<RowSecuritySubject>.Empty;

    /// <summary>Text of a file of expectations; null to judge by what strangers must never reach.</summary>
    public string? Expectations { get; init; }

    /// <summary>Schemas to look in. Null for those that the API offers; all but the system's where there is none.</summary>
    public IReadOnlyList<string>? Schemas { get; init => field = value?.ToArray(); }

    /// <summary>Which tables and views are wanted, by schema and name; null for all.</summary>
    public Func<string, string, bool>? Relations { get; init; }

    /// <summary>Inserting, updating and deleting are tried too.</summary>
    public bool IncludeWrites { get; init; }

    /// <summary>Rows are counted up to this.</summary>
    public int RowLimit { get; init; } = 1000;

    /// <summary>How many rows are copied to try inserting and moving.</summary>
    public int SampleSize { get; init; } = 20;

    /// <summary>How long the attempts of one subject with one table may take.</summary>
    public TimeSpan AttemptTimeout { get; init; } = TimeSpan.FromSeconds(10);
}
