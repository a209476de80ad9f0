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

    /// <summary>How many rows the plan expects.</summary>
    public PlannedRows Rows { get; } = PlannedRows.Of(Plan);

    /// <summary>
    /// The plan is that of other calls than those that took the time, so its cost proves nothing for them. Where fewer rows come back than expected an
    /// index does better than its cost says, unless it is read in its order until there are enough of them.
    /// </summary>
    public bool IsDoubtful(bool isGamble) => Rows.IsExceededBy(Statement.RowsPerCall) || (isGamble && Rows.IsShortOf(Statement.RowsPerCall));
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

    /// <summary>It saves time only by the plans of statements whose counted rows contradict them.</summary>
    public bool IsDoubtful { get; init; }

    /// <summary>What is known beyond doubt, and what is not, each as a candidate of its own: the statements of one say nothing of those of the other.</summary>
    public IEnumerable<CandidateSavings> ByDoubt(IReadOnlyList<PlannedStatement> workload) => Savings
        .GroupBy(pair => workload[pair.Key].IsDoubtful(Gambles.Contains(pair.Key)))
        .Select(group => this with { IsDoubtful = group.Key, Savings = group.ToDictionary() });

    /// <summary>Sizes by identity, where the planner said so.</summary>
    public IReadOnlyDictionary<string, long> Bytes { get; init; } = new Dictionary<string, long>();

    public long BytesOf(IndexCandidate index) => Bytes.TryGetValue(index.Identity, out var bytes) ? bytes : index.Bytes;
}
