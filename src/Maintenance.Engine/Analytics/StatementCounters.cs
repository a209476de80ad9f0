using Maintenance.Engine.Database;
using Maintenance.Engine.History;
using Maintenance.Engine.Thresholds;

namespace Maintenance.Engine.Analytics;

/// <summary>The counters of pg_stat_statements: all statements together, and each that could be slow on average.</summary>
internal sealed class StatementCounters(DatabaseSession session, CounterHistory history)
{
    public const string Calls = "calls";
    public const string Time = "time";

    // Statements were discarded for want of room: what remains is not all that happened.
    private const string Discarded = "discarded";
    private const string CallsOf = "n:";
    private const string TimeOf = "t:";

    /// <summary>Number of statements whose identity is hidden from this role: which of them are slow cannot be told.</summary>
    public long Hidden { get; private set; }

    /// <summary>What was counted in a window, or why that is not known.</summary>
    /// <exception cref="MaintenanceException">ExtensionMissing, PermissionDenied, …</exception>
    public async Task<(CountedWindow? Window, string? Reason)> MeasureAsync(
        DateTimeOffset serverStarted, TimeSpan window, CallContext call, DateTimeOffset at, CancellationToken cancellationToken)
    {
        var now = await ReadAsync(at, cancellationToken);
        var (counted, reason) = await history.MeasureAsync(session.Target, now, serverStarted, window, [Calls, Time], call, cancellationToken);
        return counted?.Values.GetValueOrDefault(Discarded) > 0
            ? (null, "pg_stat_statements discarded statements in this time, so what it counted is incomplete. Raise pg_stat_statements.max.")
            : (counted, reason);
    }

    /// <summary>Mean execution time in milliseconds; null if no statement ran.</summary>
    public static double? Average(IReadOnlyDictionary<string, double> counted) =>
        counted.GetValueOrDefault(Calls) is > 0 and var calls ? counted.GetValueOrDefault(Time) / calls : null;

    /// <summary>Number of statements that were slow on average.</summary>
    public static long CountSlow(IReadOnlyDictionary<string, double> counted) => counted
        .Where(pair => pair.Key.StartsWith(TimeOf, StringComparison.Ordinal))
        .Count(pair => counted.GetValueOrDefault(CallsOf + pair.Key[TimeOf.Length..]) is > 0 and var calls
            && pair.Value / calls > ThresholdCatalogue.SlowQuery.TotalMilliseconds);

    private async Task<Snapshot> ReadAsync(DateTimeOffset at, CancellationToken cancellationToken)
    {
        await StatementsExtension.RequireAsync(session, "The extension pg_stat_statements is not installed in this database, so query times are unknown.", cancellationToken);

        var values = new Dictionary<string, double>();
        var reset = (await session.QueryAsync(
            session.MajorVersion >= 14 ? "Analytics/Sql/StatementTotals.14.sql" : "Analytics/Sql/StatementTotals.13.sql",
            row =>
            {
                (values[Discarded], values[Calls], values[Time]) = (row.GetDouble(1), row.GetDouble(2), row.GetDouble(3));
                Hidden = row.GetInt64(4);
                return row.IsDBNull(0) ? (DateTimeOffset?)null : row.GetFieldValue<DateTimeOffset>(0);
            },
            cancellationToken))[0];
        await session.QueryAsync(
            "Analytics/Sql/LongStatements.sql",
            row => (values[CallsOf + row.GetString(0)], values[TimeOf + row.GetString(0)]) = (row.GetDouble(1), row.GetDouble(2)),
            cancellationToken,
            ThresholdCatalogue.SlowQuery.TotalMilliseconds);
        return new Snapshot { Target = session.Target.Name, Kind = "statements", TakenAt = at, ResetAt = reset, Values = values };
    }
}
