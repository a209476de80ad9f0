using Maintenance.Engine.Performance.Samples;
using Maintenance.Engine.Performance.Statements;

namespace Maintenance.Engine.Sandbox.SampleHistory;

/// <summary>The figures of one measurement in the past. Pure. Sizes and counters arrive at what the sandbox measures; load is that of a system people use.</summary>
internal sealed class SampleFigures(SampleNoise noise, SampleTimeline timeline, SampleGrowth growth, SampleAnchors anchors, TimeSpan slowQuery)
{
    /// <summary>Connections of the busiest hours, now; and how many more each day.</summary>
    private const double PeakConnections = 62;
    private const double MorePerDay = 0.12;

    private const double SecondsOfSample = 300;

    /// <summary>What was measured at the end of five minutes, by name.</summary>
    /// <param name="at">When.</param>
    /// <param name="statements">What the statements did in these minutes.</param>
    public Dictionary<string, double> At(DateTimeOffset at, IReadOnlyDictionary<StatementKey, StatementCounts> statements)
    {
        var step = at.ToUnixTimeSeconds() / 300;
        var load = SampleTimeline.Load(at);
        var incident = timeline.IsIncident(at);
        var days = (timeline.Now - at).TotalDays;
        var values = new Dictionary<string, double>(StringComparer.Ordinal);

        var database = growth.Database(at);
        Set(SampledMetrics.DatabaseSize, database);
        Set(SampledMetrics.ServerSize, anchors.ServerSize - anchors.DatabaseSize + database);

        var peak = Math.Max(PeakConnections / 4, PeakConnections - MorePerDay * days) - anchors.Connections;
        var connections = Math.Clamp(
            Math.Round(anchors.Connections + Math.Max(0, peak) * load * noise.Factor("connections", step, 0.05) + (incident ? 10 : 0)), 1, anchors.MaximumConnections - 3);
        Set(SampledMetrics.Connections, connections);
        Set(SampledMetrics.MaximumConnections, anchors.MaximumConnections);
        Set(SampledMetrics.ConnectionUsage, 100 * connections / anchors.MaximumConnections);
        Set(SampledMetrics.ActiveSessions, Math.Round(Math.Min(connections, 1 + connections * (incident ? 0.5 : 0.12) * noise.Factor("active", step, 0.3))));
        Set(SampledMetrics.IdleInTransaction, Math.Floor(3 * load * noise.Uniform("idle", step)));
        Set(SampledMetrics.BlockedSessions, incident ? Math.Round(4 + 8 * noise.Uniform("blocked", step)) : noise.Uniform("blocked", step) < 0.02 * load ? 1 : 0);
        Set(SampledMetrics.OldestTransaction, IsBackup(at) ? 200 + 60 * noise.Uniform("oldest", step) : (incident ? 60 : 0.4) * noise.Factor("oldest", step, 1));

        var transactions = (2 + 38 * load) * noise.Factor("transactions", step, 0.12);
        Set(SampledMetrics.Transactions, transactions);
        Set(SampledMetrics.Rollbacks, transactions * (incident ? 0.12 : 0.004) * noise.Factor("rollbacks", step, 0.3));
        var reads = (IsBackup(at) ? 900 : 4 + 30 * load) * noise.Factor("reads", step, 0.25);
        var hits = 900 + 6000 * load;
        Set(SampledMetrics.BlocksRead, reads);
        Set(SampledMetrics.CacheHit, 100 * hits / (hits + reads));
        // One in five minutes is 288 a day: that is what was counted, and what is kept.
        Set(SampledMetrics.Deadlocks, noise.Uniform("deadlocks", step) < (incident ? 0.3 : 0.002 * load) ? 86400 / SecondsOfSample : 0);
        Set(SampledMetrics.TemporaryBytes, (at.UtcDateTime.Hour == 4 ? 4e9 : 5e7 * load) * noise.Factor("temporary", step, 0.4));
        Set(SampledMetrics.WalBytes, (1500 + 60_000 * load) * noise.Factor("wal", step, 0.3));

        var all = statements.Values.Aggregate(default(StatementCounts), (sum, counts) => sum + counts);
        if (all.Mean is { } mean)
        {
            Set(SampledMetrics.QueryTime, mean);
        }

        Set(SampledMetrics.Calls, all.Calls / SecondsOfSample);
        Set(SampledMetrics.SlowQueries, statements.Values.Count(counts => counts.Mean > slowQuery.TotalMilliseconds));

        // Frozen by the maintenance of Sunday; from then on they age until now.
        Set(SampledMetrics.XidAge, Aged(at, anchors.XidAge));
        Set(SampledMetrics.MultixactAge, Aged(at, anchors.MultixactAge));

        var slowness = timeline.Slowness(at) * (incident ? 1.6 : 1) * (0.92 + 0.16 * load);
        Scaled(SampledMetrics.ResponseTime, anchors.ResponseTime, slowness * noise.Factor("response", step, 0.08));
        Scaled(SampledMetrics.ResponseTimeP95, anchors.ResponseTimeP95, slowness * noise.Factor("response", step, 0.08) * noise.Factor("p95", step, 0.1));
        Scaled(SampledMetrics.Requests, anchors.RequestsPerSecond, load / MeanLoad * noise.Factor("requests", step, 0.15));
        Scaled(SampledMetrics.DailyBandwidth, anchors.BandwidthPerDay, Math.Max(0.2, 1 - 0.0015 * days));
        if (anchors.ErrorRate is { } rate)
        {
            Set(SampledMetrics.ErrorRate, Math.Min(100, (incident ? 18 : rate) * noise.Factor("errors", step, 0.25)));
        }

        return values;

        void Set(SampledMetric metric, double value) => values[metric.Name] = value;

        void Scaled(SampledMetric metric, double? now, double factor)
        {
            if (now is { } value)
            {
                Set(metric, value * factor);
            }
        }
    }

    /// <summary>The mean of a week's load.</summary>
    private static double MeanLoad { get; } = Enumerable.Range(0, 168).Average(hour => SampleTimeline.Load(DateTimeOffset.UnixEpoch.AddHours(hour)));

    private static bool IsBackup(DateTimeOffset at) => at.UtcDateTime is { Hour: 2, Minute: < 10 };

    private double Aged(DateTimeOffset at, long now) =>
        Math.Max(1, Math.Round(now * Math.Min(1, SinceFreeze(at) / Math.Max(1.0 / 24, SinceFreeze(timeline.Now)))));

    private static double SinceFreeze(DateTimeOffset at) => ((int)at.UtcDateTime.DayOfWeek * 24 + at.UtcDateTime.TimeOfDay.TotalHours + 165) % 168 / 24;
}
