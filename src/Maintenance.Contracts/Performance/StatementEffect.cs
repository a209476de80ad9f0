namespace Maintenance;

/// <summary>
/// What a recommendation does for one statement. Costs are the planner's own unit, of the generic plan or, where it was tried with values, with those
/// of them that gain the least. Values are taken from the statistics of columns, and never kept.
/// </summary>
public sealed record StatementEffect
{
    /// <summary>The server's id of the statement; null if it is not known.</summary>
    public long? QueryId { get; init; }

    /// <summary>The statement without literals.</summary>
    public required string Query { get; init; }

    /// <summary>Executions in the time looked at.</summary>
    public double Calls { get; init; }

    /// <summary>Time of all of them.</summary>
    public TimeSpan TotalTime { get; init; }

    /// <summary>Cost of its plan before.</summary>
    public double? CostBefore { get; init; }

    /// <summary>Cost of its plan with what is recommended: as estimated in a proposal, as planned after -Apply.</summary>
    public double? CostAfter { get; init; }

    /// <summary>Execution time before, with those of the values it was tried with that gain the least; null if it was not executed.</summary>
    public TimeSpan? TimeBefore { get; init; }

    /// <summary>Execution time after, with the same values.</summary>
    public TimeSpan? TimeAfter { get; init; }

    /// <summary>Blocks that one execution touched before, with the same values; null if it was not executed.</summary>
    public double? BlocksBefore { get; init; }

    /// <summary>Blocks that one execution touched after, with the same values.</summary>
    public double? BlocksAfter { get; init; }

    /// <summary>Whether its plan uses the index that was built; null if nothing was built, or nobody can tell.</summary>
    public bool? UsesIndex { get; init; }

    /// <summary>Why it was not executed or planned: it writes, its parameters cannot be told, a privilege is missing. Null if it was.</summary>
    public string? NotMeasured { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Query;
}
