using System.Globalization;
using Maintenance.Engine.Inspect;

namespace Maintenance.Engine.Health;

/// <summary>Turns facts about a database into metrics, findings and a verdict. Pure.</summary>
internal static class DbHealthEvaluator
{
    private const string Area = "Database";

    /// <summary>Statistics younger than this say nothing about a rate per day.</summary>
    private static readonly TimeSpan ShortestRateWindow = TimeSpan.FromHours(1);

    /// <summary>So many blocks must have been asked for before a hit ratio means anything.</summary>
    private const long FewestBlocks = 10_000;

    public static DbHealth Evaluate(MaintenanceTarget target, DbHealthFacts facts, DateTimeOffset now)
    {
        var figures = new Figures(facts);
        var metrics = Metrics(target, facts, figures, now);
        var findings = metrics
            .Where(metric => metric.Status is HealthStatus.Warning or HealthStatus.Critical)
            .Select(metric => FromMetric(metric, facts, figures))
            .Concat(facts.Gaps.Select(FromGap))
            .Concat(Checkpoints(facts))
            .Select(finding => finding with { Target = target.Name, CollectedAt = now })
            .OrderByDescending(finding => finding.Status)
            .ThenByDescending(finding => finding.Severity)
            .ToList();

        return new DbHealth
        {
            Target = target.Name,
            CollectedAt = now,
            Status = findings.Select(finding => finding.Status).Concat(metrics.Select(metric => metric.Status)).Max(),
            Database = facts.Database,
            ServerVersion = facts.ServerVersion,
            IsStandby = facts.IsStandby,
            Uptime = facts.Uptime,
            SizeBytes = facts.SizeBytes,
            StatisticsSince = facts.StatisticsSince,
            AverageQueryTime = facts.AverageQueryMilliseconds is { } average ? TimeSpan.FromMilliseconds(average) : null,
            SlowQueryCount = facts.SlowQueryCount,
            Connections = facts.Connections,
            ConnectionLimit = facts.ConnectionLimit,
            ConnectionUsagePercent = figures.ConnectionUsage,
            CacheHitPercent = figures.CacheHit,
            Deadlocks = facts.Deadlocks,
            TempFiles = facts.TempFiles,
            TempBytes = facts.TempBytes,
            TimedCheckpoints = facts.TimedCheckpoints,
            RequestedCheckpoints = facts.RequestedCheckpoints,
            ChecksumFailures = facts.ChecksumFailures,
            SequenceUsagePercent = facts.SequenceUsagePercent,
            InvalidObjectCount = facts.InvalidObjects?.Count,
            BlockedSessions = facts.BlockedSessions,
            OldestTransaction = facts.OldestTransactionSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
            Findings = findings,
            Recommendations = [.. findings.Select(finding => finding.Recommendation).OfType<string>().Distinct()],
            Metrics = metrics,
        };
    }

    private static List<Metric> Metrics(MaintenanceTarget target, DbHealthFacts facts, Figures figures, DateTimeOffset now)
    {
        var factory = new MetricFactory(target, now);
        var gaps = facts.Gaps.ToLookup(gap => gap.Subject);
        string? Why(string subject) => gaps[subject].FirstOrDefault()?.Message;
        var statements = Why("pg_stat_statements") ?? Why("statement statistics") ?? "No statement has been recorded yet.";

        List<Metric> metrics =
        [
            factory.Create("avg_query_time", facts.AverageQueryMilliseconds, statements),
            factory.Create("slow_queries_count", facts.SlowQueryCount, statements),
            factory.Create("connection_pool_usage", figures.ConnectionUsage, Why("connections and size")),
            factory.Create("database_size_bytes", facts.SizeBytes, Why("connections and size") ?? "The role may not connect to the database.", MetricUnit.Bytes),
            factory.Create("sequence_usage_percent", facts.SequenceUsagePercent, Why("sequences")),
            factory.Create("invalid_objects_count", facts.InvalidObjects?.Count, Why("invalid objects")),
            factory.Create("blocked_sessions", facts.BlockedSessions, Why("activity")),
            factory.Create("oldest_transaction_seconds", facts.OldestTransactionSeconds, Why("oldest transaction") ?? Why("activity")),
        ];

        // These have no meaning on an idle server, a young one, or one without checksums: then there is no such metric,
        // which is not the same as one that could not be read.
        AddIfMeaningful("cache_hit_percent", figures.CacheHit, facts.BlocksHit is null);
        AddIfMeaningful("deadlocks_per_day", figures.DeadlocksPerDay, facts.Deadlocks is null);
        AddIfMeaningful("temp_bytes_per_day", figures.TempBytesPerDay, facts.TempBytes is null);
        AddIfMeaningful("checksum_failures", facts.ChecksumFailures, Why("database counters") is not null);
        return metrics;

        void AddIfMeaningful(string name, double? value, bool unreadable)
        {
            if (value is not null || unreadable)
            {
                metrics.Add(factory.Create(name, value, Why("database counters")));
            }
        }
    }

    private static Finding FromMetric(Metric metric, DbHealthFacts facts, Figures figures)
    {
        var severity = metric.Status == HealthStatus.Critical ? FindingSeverity.Critical : FindingSeverity.Medium;
        var value = metric.Value!.Value;
        return metric.Name switch
        {
            "avg_query_time" => Finding(
                "DB-QUERY-TIME-HIGH", severity, facts.Database,
                Text($"The mean query time is {value:0} ms."),
                "Find the statements that take the time in pg_stat_statements, by total_exec_time, and tune them.",
                ("MeanMilliseconds", value), ("SlowStatements", facts.SlowQueryCount)),
            "slow_queries_count" => Finding(
                "DB-SLOW-QUERIES", severity, facts.Database,
                Text($"{value:0} statements take more than {Thresholds.ThresholdCatalogue.SlowQuery.TotalMilliseconds:0} ms on average."),
                "Look at the plans of the slowest ones with EXPLAIN (ANALYZE, BUFFERS).",
                ("SlowStatements", value)),
            "connection_pool_usage" => Finding(
                severity == FindingSeverity.Critical ? "DB-CONNECTIONS-CRITICAL" : "DB-CONNECTIONS-HIGH", severity, null,
                Text($"{value:0} % of the connections are in use ({ConnectionCount.Of(facts.Connections ?? 0, facts.ConnectionLimit ?? 0)})."),
                "End idle sessions, use a pooler, or raise max_connections.",
                ("Connections", facts.Connections), ("Limit", facts.ConnectionLimit)),
            "sequence_usage_percent" => Finding(
                "DB-SEQUENCE-EXHAUSTION", severity, facts.FullestSequence,
                Text($"The sequence {facts.FullestSequence} has used {value:0.0} % of its values."),
                "Change the column to bigint and the sequence's MAXVALUE before inserts begin to fail.",
                ("UsedPercent", value)),
            "invalid_objects_count" => Finding(
                "DB-INVALID-OBJECTS", severity, facts.InvalidObjects![0].Name,
                Text($"{value:0} index(es) or constraint(s) are not valid: {Names(facts.InvalidObjects)}."),
                "Rebuild an invalid index with REINDEX INDEX CONCURRENTLY or drop it with DROP INDEX CONCURRENTLY; validate a constraint with ALTER TABLE ... VALIDATE CONSTRAINT.",
                ("Objects", facts.InvalidObjects.Select(item => $"{item.Kind} {item.Name} on {item.Table}").ToArray())),
            "blocked_sessions" => Finding(
                "DB-SESSIONS-BLOCKED", severity, null,
                Text($"{value:0} session(s) wait for a lock."),
                "See who blocks them with pg_blocking_pids().",
                ("Sessions", value)),
            "oldest_transaction_seconds" => Finding(
                "DB-TRANSACTION-OLD", severity, null,
                Text($"The oldest open transaction is {Inspect.Say.Duration(TimeSpan.FromSeconds(value))} old; vacuum cannot remove rows that it might still see."),
                "Find it in pg_stat_activity by xact_start, and end it if nobody needs it.",
                ("Seconds", value)),
            "cache_hit_percent" => Finding(
                "DB-CACHE-HIT-LOW", severity, facts.Database,
                Text($"Only {value:0.0} % of the blocks asked for were in shared buffers."),
                "Check whether shared_buffers fits the working set, and for statements that read whole tables.",
                ("HitPercent", value), ("BlocksRead", facts.BlocksRead)),
            "checksum_failures" => Finding(
                "DB-CHECKSUM-FAILURE", severity, null,
                Text($"{value:0} page(s) failed their checksum: data is damaged."),
                "Stop writing if you can, save the data folder, find the damage with pg_amcheck, and restore from a verified backup.",
                ("Failures", value)),
            "deadlocks_per_day" => Finding(
                "DB-DEADLOCKS", severity, facts.Database,
                Text($"{facts.Deadlocks} deadlocks since {facts.StatisticsSince:u}, {value:0.0} a day."),
                "Let transactions take their locks in one order; the server's log names the statements.",
                ("Deadlocks", facts.Deadlocks), ("PerDay", value)),
            "temp_bytes_per_day" => Finding(
                "DB-TEMP-FILES", severity, facts.Database,
                Text($"{facts.TempFiles} temporary files since {facts.StatisticsSince:u}, {value / (1L << 30):0.0} GiB a day."),
                "Find the statements by temp_blks_written in pg_stat_statements; give them more work_mem or an index.",
                ("TempFiles", facts.TempFiles), ("BytesPerDay", value)),
            _ => Finding(
                $"DB-{metric.Name.ToUpperInvariant().Replace('_', '-')}", severity, null,
                Text($"{metric.Name} is {value:0.##}."), "See its limit in the configuration.", (metric.Name, value)),
        };
    }

    private static Finding FromGap(Gap gap) =>
        Finding(gap.Id, FindingSeverity.Medium, gap.Subject, gap.Message, gap.Recommendation) with { Outcome = gap.Outcome };

    private static IEnumerable<Finding> Checkpoints(DbHealthFacts facts)
    {
        // Early checkpoints come from too little max_wal_size; a few are normal (backups, restarts).
        if (facts is { TimedCheckpoints: { } timed, RequestedCheckpoints: { } requested } && requested >= 10 && requested > timed)
        {
            yield return Finding(
                "DB-CHECKPOINTS-EARLY", FindingSeverity.Info, null,
                Text($"{requested} of {requested + timed} checkpoints came before their time."),
                "Raise max_wal_size so that checkpoints are spread out.",
                ("Requested", requested), ("Timed", timed));
        }
    }

    private static Finding Finding(
        string id, FindingSeverity severity, string? subject, string message, string recommendation, params (string Key, object? Value)[] evidence) => new()
        {
            Id = id,
            Area = Area,
            Severity = severity,
            Subject = subject,
            Message = message,
            Recommendation = recommendation,
            Evidence = evidence.ToDictionary(pair => pair.Key, pair => pair.Value),
        };

    private static string Names(IReadOnlyList<InvalidObject> objects) =>
        string.Join(", ", objects.Take(3).Select(item => $"{item.Kind} {item.Name}")) + (objects.Count > 3 ? ", ..." : "");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    /// <summary>Ratios and rates: null where there is nothing to divide by, or too little to mean anything.</summary>
    private sealed class Figures(DbHealthFacts facts)
    {
        public double? ConnectionUsage { get; } =
            facts is { Connections: { } used, ConnectionLimit: { } limit } ? ConnectionCount.Percent(used, limit) : null;

        public double? CacheHit { get; } =
            facts is { BlocksHit: { } hit, BlocksRead: { } read } && hit + read >= FewestBlocks ? 100.0 * hit / (hit + read) : null;

        public double? DeadlocksPerDay { get; } = PerDay(facts.Deadlocks, facts);

        public double? TempBytesPerDay { get; } = PerDay(facts.TempBytes, facts);

        // Counters survive restarts, so without a reset on record nobody knows how long they have been counting.
        private static double? PerDay(long? count, DbHealthFacts facts) =>
            count is { } number && facts.ServerTime - facts.StatisticsSince is { } window && window >= ShortestRateWindow
                ? number / window.TotalDays
                : null;
    }
}
