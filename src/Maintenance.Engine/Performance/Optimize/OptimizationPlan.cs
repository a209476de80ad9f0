using Maintenance.Engine.Performance.Indexes;

namespace Maintenance.Engine.Performance.Optimize;

/// <summary>What would help, and what is needed to do it.</summary>
internal sealed record OptimizationPlan
{
    /// <summary>The database.</summary>
    public required string Database { get; init; }

    /// <summary>What would help, the most first.</summary>
    public required IReadOnlyList<QueryRecommendation> Recommendations { get; init; }

    /// <summary>What could not be found out, a sentence each.</summary>
    public required IReadOnlyList<string> Unknowns { get; init; }

    /// <summary>The indexes, with the statements that they are for.</summary>
    public required IReadOnlyList<(MissingIndex Index, IReadOnlyList<WorkloadItem> Statements)> Indexes { get; init; }

    /// <summary>Statistics to be gathered.</summary>
    public required IReadOnlyList<DbAction> Statistics { get; init; }

    /// <summary>Builds that left something.</summary>
    public required IReadOnlyList<InterruptedBuild> Leftovers { get; init; }
}
