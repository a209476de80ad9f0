namespace Maintenance.Engine.Performance.Baselines;

/// <summary>The time that baselines are of, and what is left out of it.</summary>
/// <param name="Target">Name of the target.</param>
/// <param name="From">When it began.</param>
/// <param name="To">When it ended, which is when it is measured.</param>
/// <param name="Excluded">The times that are left out; they do not overlap.</param>
internal sealed record BaselineWindow(string Target, DateTimeOffset From, DateTimeOffset To, IReadOnlyList<BaselineExclusion> Excluded)
{
    /// <summary>How much of it is looked at.</summary>
    public TimeSpan Remaining => Excluded.Aggregate(To - From, (left, excluded) => left - (excluded.To - excluded.From));

    /// <summary>Whether a stretch touches a time that is left out; a moment does if it lies in one.</summary>
    public bool Excludes(DateTimeOffset from, DateTimeOffset to) =>
        Excluded.Any(excluded => from < excluded.To && to > excluded.From) || (from == to && Excluded.Any(excluded => excluded.From <= from && from < excluded.To));

    /// <summary>A baseline of this time.</summary>
    public PerformanceBaseline Of(BaselineSource source, string metric, MetricUnit unit, double mean) => new()
    {
        Target = Target,
        Source = source,
        Metric = metric,
        Unit = unit,
        Mean = mean,
        From = From,
        To = To,
        Excluded = Excluded,
        CollectedAt = To,
    };

    /// <summary>The error where nothing of a source is in the window.</summary>
    public static MaintenanceException Nothing(string message, string recommendation) => new(MaintenanceErrorCode.InsufficientHistory, message, recommendation);
}
