namespace Maintenance.Engine.Performance.Samples;

/// <summary>The kinds of samples that the history keeps.</summary>
internal static class SampleKinds
{
    /// <summary>The figures of <see cref="SampledMetrics"/>, every five minutes. Payload: <see cref="MetricSample"/>.</summary>
    public const string Metrics = "metrics";

    /// <summary>Bytes of each table with its indexes and TOAST, by <c>schema.table</c>, every hour. Payload: <see cref="MetricSample"/>.</summary>
    public const string Tables = "tables";

    /// <summary>The last value of each sequence, and of each integer key without one, by <c>schema.name</c> or <c>schema.table.column</c>, every hour. Payload: <see cref="MetricSample"/>.</summary>
    public const string Keys = "keys";

    /// <summary>What each statement did since the sample before, as the difference of pg_stat_statements.</summary>
    public const string Statements = "statements";

    /// <summary>What the health monitoring measured, by metric and its labels, each time it ran. Payload: <see cref="MetricSample"/>.</summary>
    public const string Health = "health";
}
