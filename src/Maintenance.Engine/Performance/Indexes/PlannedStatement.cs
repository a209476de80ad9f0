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
    /// <summary>Indexes that it is of no use without: one for each part of an OR.</summary>
    public IReadOnlyList<IndexCandidate> With { get; init; } = [];

    public IEnumerable<IndexCandidate> All => With.Prepend(Index);

    public IndexEvidence Evidence { get; init; }

    /// <summary>Statements for which it would be read in its order until enough rows meet other conditions, which may be soon or at the very end.</summary>
    public IReadOnlySet<int> Gambles { get; init; } = new HashSet<int>();

    /// <summary>Statements whose rows it gives in the order that they want.</summary>
    public IReadOnlySet<int> Ordered { get; init; } = new HashSet<int>();

    /// <summary>Sizes by identity, where the planner said so.</summary>
    public IReadOnlyDictionary<string, long> Bytes { get; init; } = new Dictionary<string, long>();

    public long BytesOf(IndexCandidate index) => Bytes.TryGetValue(index.Identity, out var bytes) ? bytes : index.Bytes;
}
