namespace Maintenance.Engine.Performance.Indexes;

/// <summary>A statement with its plan.</summary>
/// <param name="Statement">The statement.</param>
/// <param name="Text">What was prepared.</param>
/// <param name="SearchPath">Where its names were found.</param>
/// <param name="Plan">Its generic plan.</param>
/// <param name="Uses">Where it reads tables.</param>
internal sealed record PlannedStatement(WorkloadStatement Statement, string Text, string SearchPath, PlanNode Plan, IReadOnlyList<TableUse> Uses)
{
    public double Cost => Math.Max(Plan.Cost, 0.01);
}

/// <summary>What a candidate would save.</summary>
/// <param name="Index">The candidate.</param>
/// <param name="Savings">Cost that it saves each statement, by its place in the workload.</param>
internal sealed record CandidateSavings(IndexCandidate Index, IReadOnlyDictionary<int, double> Savings)
{
    public IndexEvidence Evidence { get; init; }

    /// <summary>Statements for which it would be read in its order until enough rows meet other conditions, which may be soon or at the very end.</summary>
    public IReadOnlySet<int> Gambles { get; init; } = new HashSet<int>();

    /// <summary>Its size, if the planner said so.</summary>
    public long? Bytes { get; init; }
}
