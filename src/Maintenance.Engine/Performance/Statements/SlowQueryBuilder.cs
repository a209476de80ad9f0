using MathNet.Numerics.Distributions;

namespace Maintenance.Engine.Performance.Statements;

/// <summary>What is known of a statement besides what it did.</summary>
/// <param name="User">The role; null for one that is gone.</param>
/// <param name="Database">The database; null for one that is gone.</param>
/// <param name="Text">Its text without literals; null where that is not known.</param>
/// <param name="TextReason">Why not.</param>
/// <param name="Running">Its executions of this moment.</param>
internal sealed record StatementIdentity(string? User, string? Database, string? Text, string? TextReason, RunningStatements Running = default);

/// <summary>Makes of what was counted what users see. Pure.</summary>
internal static class SlowQueryBuilder
{
    /// <summary>The statements of a window that are wanted, most time first.</summary>
    public static IReadOnlyList<(StatementKey Key, StatementCounts Counts)> Select(
        IReadOnlyDictionary<StatementKey, StatementCounts> sums, Func<StatementKey, bool> isWanted, TimeSpan threshold, SlowQuerySelection selection) =>
        [.. sums
            .Where(pair => isWanted(pair.Key) && pair.Value.Calls > 0 && (selection.All || pair.Value.Mean > threshold.TotalMilliseconds))
            .OrderByDescending(pair => pair.Value.Time)
            .Select(pair => (pair.Key, pair.Value))];

    /// <summary>One of them.</summary>
    public static SlowQuery Build(
        MaintenanceTarget target,
        StatementKey key,
        StatementWindow window,
        IReadOnlyDictionary<StatementKey, StatementCounts> sums,
        StatementTracking tracking,
        StatementIdentity identity,
        PerformanceBaseline? baseline,
        TimeSpan threshold)
    {
        var counts = sums[key];
        var isHidden = key.QueryId == StatementReading.HiddenQueryId;
        var all = sums.Values.Sum(each => each.Time) + window.Others.Time;
        var (bound, boundReason) = QueryBounds.Of(counts, tracking, identity.Text, identity.Running);
        var stretches = window.Stretches.Select(stretch => stretch.GetValueOrDefault(key)).ToList();
        var shift = isHidden ? new QueryShift(QueryRegression.Unknown, "These are many statements.")
            : baseline is null ? QueryRegressions.Compare(stretches) : QueryRegressions.Compare(stretches, baseline);
        var planChange = isHidden ? null : PlanChanges.Find([.. window.Starts.Zip(stretches)]);
        return new SlowQuery
        {
            Target = target.Name,
            Database = identity.Database ?? FormattableString.Invariant($"(gone: {key.DatabaseId})"),
            User = identity.User,
            UserId = key.UserId,
            QueryId = isHidden ? null : key.QueryId,
            TopLevel = key.TopLevel,
            Query = identity.Text,
            QueryReason = identity.Text is null ? identity.TextReason : null,
            Kind = StatementKinds.Of(identity.Text),
            Calls = (long)counts.Calls,
            TotalTime = Time(counts.Time),
            StandardDeviation = isHidden || counts.StandardDeviation is not { } deviation ? null : Time(deviation),
            P95Estimate = isHidden ? null : P95(counts),
            SharePercent = all > 0 ? 100 * counts.Time / all : null,
            Rows = (long)counts.Rows,
            BlocksHit = (long)counts.BlocksHit,
            BlocksRead = (long)counts.BlocksRead,
            BlocksWritten = (long)counts.BlocksWritten,
            TemporaryBytes = (long)(counts.TemporaryBlocks * tracking.BlockSize),
            WalBytes = (long)counts.WalBytes,
            MeanIoTime = tracking.IoTiming ? Time((counts.IoTime + counts.TemporaryIoTime) / counts.Calls) : null,
            MeanPlanTime = tracking.Planning ? Time(counts.PlanTime / counts.Calls) : null,
            MeanJitTime = tracking.JitAndTemporaryFiles ? Time(counts.JitTime / counts.Calls) : null,
            Bound = bound,
            BoundReason = boundReason,
            Regression = shift.Regression,
            RegressionReason = shift.Reason,
            RegressionFactor = shift.Factor,
            RegressionProbability = shift.Probability,
            BaselineMean = shift.BaselineMean is { } mean ? Time(mean) : null,
            PlanChange = planChange,
            From = window.From,
            To = window.To,
            Incomplete = window.Incomplete,
            IsMadeUp = window.IsMadeUp(key),
            Status = isHidden ? HealthStatus.Unknown
                : counts.Mean > threshold.TotalMilliseconds || shift.Regression == QueryRegression.Slower ? HealthStatus.Warning
                : HealthStatus.Ok,
            CollectedAt = window.To,
        };
    }

    /// <summary>The 95th percentile of a log-normal distribution with this mean and deviation, in milliseconds; null if the deviation is not known.</summary>
    internal static TimeSpan? P95(StatementCounts counts)
    {
        if (counts is not { Mean: > 0 and { } mean, StandardDeviation: { } deviation })
        {
            return null;
        }

        var variance = Math.Log(1 + deviation * deviation / (mean * mean));
        return Time(variance > 0 ? LogNormal.InvCDF(Math.Log(mean) - variance / 2, Math.Sqrt(variance), 0.95) : mean);
    }

    private static TimeSpan Time(double milliseconds) => TimeSpan.FromMilliseconds(Math.Min(milliseconds, 1e14));
}
