namespace Maintenance.Engine.Security.PersonalData;

/// <summary>All that was read before the first table is looked into: what tables there are, who reaches them, and where the people are.</summary>
internal sealed record PersonalDataScene(
    string Database, DateTimeOffset Now, IReadOnlyList<PersonalRelation> Relations, ILookup<long, PersonalColumn> Columns, ColumnExposure Exposure)
{
    /// <summary>The table of people, quoted by the server; null if there is none.</summary>
    public string? Subject { get; init; }

    /// <summary>How each table is reached from there; null if nobody knows where the people are.</summary>
    public IReadOnlyDictionary<long, SubjectRoute>? Routes { get; init; }

    /// <summary>The table of people.</summary>
    public long? SubjectOid { get; init; }
}
