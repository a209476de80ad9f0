namespace Maintenance.Engine.Performance.Samples;

/// <summary>A figure that is sampled.</summary>
/// <param name="Name">Its name, as in the threshold catalogue where it has limits.</param>
/// <param name="Unit">Its unit.</param>
/// <param name="Title">What people call it.</param>
internal sealed record SampledMetric(string Name, MetricUnit Unit, string Title);

/// <summary>
/// The figures that are sampled every five minutes. What counts up is kept as a rate over the time since the sample before. A figure that
/// could not be measured is missing from its sample: never a zero in its place.
/// </summary>
internal static class SampledMetrics
{
    public static readonly SampledMetric DatabaseSize = new("database_size_bytes", MetricUnit.Bytes, "Database size");
    public static readonly SampledMetric ServerSize = new("server_size_bytes", MetricUnit.Bytes, "Size of all databases");
    public static readonly SampledMetric Connections = new("connections", MetricUnit.Count, "Connections");
    public static readonly SampledMetric MaximumConnections = new("max_connections", MetricUnit.Count, "Connections allowed");
    public static readonly SampledMetric ConnectionUsage = new("connection_pool_usage", MetricUnit.Percent, "Connections in use");
    public static readonly SampledMetric ActiveSessions = new("active_sessions", MetricUnit.Count, "Active sessions");
    public static readonly SampledMetric IdleInTransaction = new("idle_in_transaction_sessions", MetricUnit.Count, "Sessions idle in transaction");
    public static readonly SampledMetric BlockedSessions = new("blocked_sessions", MetricUnit.Count, "Sessions waiting for locks");
    public static readonly SampledMetric OldestTransaction = new("oldest_transaction_seconds", MetricUnit.Seconds, "Oldest transaction");
    public static readonly SampledMetric Transactions = new("transactions_per_second", MetricUnit.PerSecond, "Transactions");
    public static readonly SampledMetric Rollbacks = new("rollbacks_per_second", MetricUnit.PerSecond, "Transactions rolled back");
    public static readonly SampledMetric CacheHit = new("cache_hit_percent", MetricUnit.Percent, "Blocks found in cache");
    public static readonly SampledMetric BlocksRead = new("blocks_read_per_second", MetricUnit.PerSecond, "Blocks read");
    public static readonly SampledMetric Deadlocks = new("deadlocks_per_day", MetricUnit.Count, "Deadlocks a day");
    public static readonly SampledMetric TemporaryBytes = new("temp_bytes_per_day", MetricUnit.Bytes, "Temporary files a day");
    public static readonly SampledMetric WalBytes = new("wal_bytes_per_second", MetricUnit.PerSecond, "Write-ahead log, bytes");
    public static readonly SampledMetric QueryTime = new("avg_query_time", MetricUnit.Milliseconds, "Mean query time");
    public static readonly SampledMetric Calls = new("calls_per_second", MetricUnit.PerSecond, "Statements");
    public static readonly SampledMetric SlowQueries = new("slow_queries_count", MetricUnit.Count, "Slow statements");
    public static readonly SampledMetric XidAge = new("xid_age", MetricUnit.Count, "Age of the oldest transaction id");
    public static readonly SampledMetric MultixactAge = new("multixact_age", MetricUnit.Count, "Age of the oldest multixact");
    public static readonly SampledMetric ResponseTime = new("avg_response_time", MetricUnit.Milliseconds, "Mean response time");
    public static readonly SampledMetric ResponseTimeP95 = new("p95_response_time", MetricUnit.Milliseconds, "Response time, 95th percentile");
    public static readonly SampledMetric ErrorRate = new("error_rate", MetricUnit.Percent, "Failed requests");
    public static readonly SampledMetric Requests = new("requests_per_second", MetricUnit.PerSecond, "Requests");
    public static readonly SampledMetric DailyBandwidth = new("bandwidth_bytes_per_day", MetricUnit.Bytes, "Bandwidth a day");

    /// <summary>All of them.</summary>
    public static IReadOnlyList<SampledMetric> All { get; } =
    [
        DatabaseSize, ServerSize, Connections, MaximumConnections, ConnectionUsage, ActiveSessions, IdleInTransaction, BlockedSessions, OldestTransaction,
        Transactions, Rollbacks, CacheHit, BlocksRead, Deadlocks, TemporaryBytes, WalBytes, QueryTime, Calls, SlowQueries, XidAge, MultixactAge,
        ResponseTime, ResponseTimeP95, ErrorRate, Requests, DailyBandwidth,
    ];
}
