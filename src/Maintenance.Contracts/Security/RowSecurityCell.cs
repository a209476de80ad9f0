namespace Maintenance;

/// <summary>What came of one command of one subject on one table.</summary>
/// <param name="Command">The command.</param>
public sealed record RowSecurityCell(RowCommand Command)
{
    /// <summary>How much was reached; null if that could not be tried.</summary>
    public RowAccess? Access { get; init; }

    /// <summary>Rows reached, up to the limit; for Insert and Move, copied rows that were let through. Null if nothing was counted.</summary>
    public long? Rows { get; init; }

    /// <summary>Rows that there are, up to the limit; for Insert and Move, rows that were tried. Null if this role may not see them all.</summary>
    public long? Total { get; init; }

    /// <summary>There are more rows than were counted.</summary>
    public bool IsCapped { get; init; }

    /// <summary>What was expected at most: Denied, None, Some, All or a number of rows; null if nothing says.</summary>
    public string? Expected { get; init; }

    /// <summary>What the comparison came to.</summary>
    public FindingOutcome Outcome { get; init; } = FindingOutcome.Unknown;

    /// <summary>Why it could not be tried or judged, or what the server said.</summary>
    public string? Reason { get; init; }

    /// <inheritdoc/>
    public override string ToString() => (Access, Rows) switch
    {
        (null, _) => Outcome == FindingOutcome.Pass ? "-" : Outcome.ToString(),
        (RowAccess.Some, { } rows) => IsCapped ? $"Some (>{rows - 1})" : $"Some ({rows})",
        ({ } access, _) => access.ToString(),
    };
}
