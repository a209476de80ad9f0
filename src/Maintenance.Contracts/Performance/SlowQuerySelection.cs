namespace Maintenance;

/// <summary>Which statements are wanted.</summary>
public sealed record SlowQuerySelection
{
    /// <summary>Mean time above which a statement is slow; null for the target's own limit.</summary>
    public TimeSpan? Threshold { get; init; }

    /// <summary>The time up to now that is looked at.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromDays(1);

    /// <summary>At most so many, those that took the most time; null for all.</summary>
    public int? First { get; init; }

    /// <summary>Which databases: names or patterns, and for each what tells whether a name fits it; null for the connected one.</summary>
    public IReadOnlyDictionary<string, Func<string, bool>>? Databases { get; init; }

    /// <summary>True for all databases of the server.</summary>
    public bool AllDatabases { get; init; }

    /// <summary>Which kinds; those of which the text is not known are shown unless left out here.</summary>
    public IReadOnlyList<QueryKind> Kinds { get; init; } = [QueryKind.Unknown, QueryKind.Application];

    /// <summary>True for all statements, slow or not.</summary>
    public bool All { get; init; }
}
