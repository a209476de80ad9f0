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

    /// <summary>What explains why there is no more, a sentence each.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>What could not be looked at at all.</summary>
    public required Unseen Unseen { get; init; }

    /// <summary>The indexes, with the statements that they are for.</summary>
    public required IReadOnlyList<(MissingIndex Index, IReadOnlyList<WorkloadItem> Statements)> Indexes { get; init; }

    /// <summary>The statements that were looked at, as they were weighed.</summary>
    public required Workload Workload { get; init; }

    /// <summary>Statistics to be gathered.</summary>
    public required IReadOnlyList<DbAction> Statistics { get; init; }

    /// <summary>Builds that left something.</summary>
    public required IReadOnlyList<InterruptedBuild> Leftovers { get; init; }

    /// <summary>Whether recommendations come from this plan, whatever has become of them since.</summary>
    public bool Made(IReadOnlyList<QueryRecommendation> recommendations) =>
        recommendations.All(one => Recommendations.Any(known => known.Kind == one.Kind && known.Oid == one.Oid && known.Sql == one.Sql && known.Suggestion == one.Suggestion));

    /// <summary>The index that a recommendation is about; null if it is about none of this plan.</summary>
    public MissingIndex? IndexOf(QueryRecommendation recommendation) => recommendation.Kind != RecommendationKind.CreateIndex
        ? null
        : Indexes.Select(known => known.Index).FirstOrDefault(index => index.TableOid == recommendation.Oid && index.Name == recommendation.IndexName);
}
