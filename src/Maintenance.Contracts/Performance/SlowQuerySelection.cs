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

    /// <summary>Which databases, by name; null for the connected one.</summary>
    public Func<string, bool>? Databases { get; init; }

    /// <summary>True for all statements, slow or not.</summary>
    public bool All { get; init; }
}
