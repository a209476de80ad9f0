using Maintenance.Engine.Performance.Indexes;

namespace Maintenance.Engine.Performance.Optimize;

/// <summary>
/// Holds what is recommended against what was tried before: an index that did not help is shown with its verdict, and not built again
/// until its table or its statements are others, or somebody asks for it. Pure.
/// </summary>
/// <param name="trials">The verdicts of the database.</param>
/// <param name="tryAgain">Whether somebody asks for it.</param>
internal sealed class Verdicts(IReadOnlyList<PastTrial> trials, bool tryAgain)
{
    /// <summary>Puts the verdicts into a plan; what did not help comes last.</summary>
    public OptimizationPlan Apply(OptimizationPlan plan)
    {
        var known = plan.Recommendations.Select(recommendation => Of(recommendation, plan.IndexOf(recommendation))).ToList();
        return plan with { Recommendations = [.. known.Where(one => one.State != RecommendationState.Dropped), .. known.Where(one => one.State == RecommendationState.Dropped)] };
    }

    /// <summary>The trial in which an index did not help; null if there was none.</summary>
    public static PastTrial? Refuting(IReadOnlyList<PastTrial> trials, MissingIndex index) => trials.FirstOrDefault(trial => !trial.Helped && trial.IsOf(index));

    private QueryRecommendation Of(QueryRecommendation recommendation, MissingIndex? index)
    {
        if (index is null || Refuting(trials, index) is not { } tried)
        {
            return recommendation;
        }

        // The build was no success, and a duration that is known from it says so.
        var from = recommendation.PredictedFrom is { } known && known.EndsWith("on it", StringComparison.Ordinal) ? $"{known}, dropped afterwards as it did not help" : recommendation.PredictedFrom;
        var why = tryAgain ? "it is asked for" : tried.Changed(index);
        return why is not null
            ? recommendation with { PredictedFrom = from, Reasons = [$"{tried} It may be tried again, since {why}.", .. recommendation.Reasons] }
            : tried.DependsOnValues is not null ? recommendation with
            {
                AutoApply = false,
                PredictedFrom = from,
                Message = tried.ToString(),
                Recommendation = $"{PastTrial.ForAPerson} -RetryDropped tries it again.",
                Reasons = [tried.ToString(), .. recommendation.Reasons],
            }
            : recommendation with
            {
                State = RecommendationState.Dropped,
                AutoApply = false,
                // What was estimated is disproved.
                Impact = RecommendationImpact.Low,
                ImpactPercent = 0,
                Confidence = tried.IsMeasured ? RecommendationConfidence.High : RecommendationConfidence.Medium,
                PredictedFrom = from,
                Message = tried.ToString(),
                Recommendation = "It is tried again by itself when the table's size has changed by half, or other statements would gain the most; -RetryDropped tries it at once.",
                Reasons = [tried.ToString(), .. recommendation.Reasons],
            };
    }
}
