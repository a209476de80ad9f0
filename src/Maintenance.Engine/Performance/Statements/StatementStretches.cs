using Maintenance.Engine.Performance.Statistics;

namespace Maintenance.Engine.Performance.Statements;

/// <summary>
/// What stretches of time tell of how long a statement takes, each counting by its calls. Executions of one stretch have much in common, so they are no
/// observations of their own: with a thousand of them any trifle would be certain. Pure.
/// </summary>
internal static class StatementStretches
{
    /// <summary>As observations, by Kish's effective number of stretches of equal weight; null where that is less than two.</summary>
    public static Observations? Observe(IReadOnlyList<StatementCounts> stretches)
    {
        var ran = stretches.Where(counts => counts.Calls > 0).ToList();
        var calls = ran.Sum(counts => counts.Calls);
        var effective = ran.Count == 0 ? 0 : calls * calls / ran.Sum(counts => counts.Calls * counts.Calls);
        if (Math.Round(effective) < 2)
        {
            return null;
        }

        var mean = ran.Sum(counts => counts.Time) / calls;
        var variance = ran.Sum(counts => counts.Calls * Math.Pow(counts.Mean!.Value - mean, 2)) / calls * effective / (effective - 1);
        return new Observations((long)Math.Round(effective), mean, Math.Sqrt(variance));
    }
}
