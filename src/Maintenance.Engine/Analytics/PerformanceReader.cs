using Maintenance.Engine.Database;
using Maintenance.Engine.History;
using Npgsql;

namespace Maintenance.Engine.Analytics;

/// <summary>Computes performance figures from the log of requests and the server's statistics; each part fails by itself.</summary>
internal sealed class PerformanceReader(DatabaseSession session, CounterHistory history, TimeSpan window, Judgement judgement, CallContext call)
{
    private readonly List<MaintenanceException> _failures = [];
    private PerformanceMeasurement _result = new()
    {
        Target = judgement.Target.Name,
        Status = HealthStatus.Unknown,
        Source = judgement.Source,
        SourceReason = judgement.SourceReason,
        Window = window,
        CollectedAt = judgement.Now,
    };

    /// <summary>Reads everything that can be read.</summary>
    /// <exception cref="MaintenanceException">Nothing could be read: the first reason.</exception>
    public async Task<PerformanceMeasurement> ReadAsync(CancellationToken cancellationToken)
    {
        await TryAsync("requests", ["avg_response_time"], () => ReadRequestsAsync(cancellationToken));
        await TryAsync("statement statistics", ["avg_query_time", "slow_queries_count"], () => ReadStatementsAsync(cancellationToken));
        await TryAsync("connections", ["connection_pool_usage"], () => ReadConnectionsAsync(cancellationToken));
        await TryAsync("transactions", ["transactions_per_second"], () => ReadTransactionsAsync(cancellationToken));
        return _failures.Count == 4
            ? throw _failures[0]
            : _result with { Status = judgement.Status, Metrics = judgement.Metrics, Findings = judgement.Findings };
    }

    /// <summary>Reads the log of requests alone.</summary>
    /// <exception cref="MaintenanceException">What keeps it from being read.</exception>
    public async Task<PerformanceMeasurement> ReadRequestsAloneAsync(CancellationToken cancellationToken)
    {
        await ReadRequestsAsync(cancellationToken);
        return _result with { Status = judgement.Status, Metrics = judgement.Metrics, Findings = judgement.Findings };
    }

    private async Task ReadRequestsAsync(CancellationToken cancellationToken)
    {
        var log = await MappedTable.OpenAsync(session, TableMapping.RequestLog(session.Target.Analytics), cancellationToken);
        var rows = await log.QueryAsync(session, "Analytics/Sql/Requests.sql", ToOperation, cancellationToken, window);
        var (all, average) = (rows[0].Operation, rows[0].Average);
        judgement.Measure("avg_response_time", average, "No request was logged in this time.");
        _result = _result with
        {
            AverageResponseTime = all.Average,
            P95ResponseTime = all.P95,
            RequestsPerSecond = all.Count / window.TotalSeconds,
            ErrorRatePercent = all.ErrorRatePercent,
            Operations = [.. rows.Skip(1).Select(row => row.Operation)],
        };
    }

    private async Task ReadStatementsAsync(CancellationToken cancellationToken)
    {
        var (started, _, _, _, _) = await ReadCountersAsync(cancellationToken);
        var counters = new StatementCounters(session, history);
        var (counted, reason) = await counters.MeasureAsync(started, window, call, judgement.Now, cancellationToken);
        if (counted is null)
        {
            judgement.Measure("avg_query_time", null, reason);
            judgement.Measure("slow_queries_count", null, reason);
            judgement.Miss("statement statistics", MaintenanceErrorCode.InsufficientHistory, reason!, "Ask again after the window, or have it asked regularly: each call keeps what the next is compared with.");
            return;
        }

        var (calls, average) = (counted.Values.GetValueOrDefault(StatementCounters.Calls), StatementCounters.Average(counted.Values));
        long? slow = counters.Hidden > 0 ? null : StatementCounters.CountSlow(counted.Values);
        judgement.Measure("avg_query_time", average, calls > 0 ? null : "No statement has ended in this time.");
        judgement.Measure("slow_queries_count", slow, "Statements of other roles are hidden from this one.");
        if (counters.Hidden > 0)
        {
            var user = (await session.QueryAsync("Database/Sql/QuotedUser.sql", row => row.GetString(0), cancellationToken))[0];
            judgement.Miss(
                "slow statements",
                MaintenanceErrorCode.PermissionDenied,
                FormattableString.Invariant($"{counters.Hidden} statements of other roles are hidden from this one, so how many are slow is unknown."),
                $"Run as an administrator: GRANT pg_monitor TO {user};");
        }

        Note(counted);
        _result = _result with { AverageQueryTime = Times.FromMilliseconds(average), SlowQueryCount = slow, StatementsSince = counted.From };
    }

    private async Task ReadConnectionsAsync(CancellationToken cancellationToken)
    {
        var (used, limit) = (await session.QueryAsync("Health/Sql/Server.sql", row => (row.GetInt32(2), row.GetInt32(3)), cancellationToken))[0];
        double? usage = limit > 0 ? 100.0 * used / limit : null;
        judgement.Measure("connection_pool_usage", usage, "The server allows clients no connection.");
        _result = _result with { ConnectionUsagePercent = usage };
    }

    private async Task ReadTransactionsAsync(CancellationToken cancellationToken)
    {
        var (started, reset, transactions, hit, read) = await ReadCountersAsync(cancellationToken);
        var now = new Snapshot
        {
            Target = session.Target.Name,
            Kind = "database",
            TakenAt = judgement.Now,
            ResetAt = reset,
            Values = new Dictionary<string, double> { ["transactions"] = transactions, ["hit"] = hit, ["read"] = read },
        };
        var (counted, reason) = await history.MeasureAsync(session.Target, now, started, window, ["transactions", "hit", "read"], call, cancellationToken);
        var seconds = counted is null ? 0 : (judgement.Now - counted.From).TotalSeconds;
        double? rate = seconds >= 1 ? counted!.Values["transactions"] / seconds : null;
        judgement.Measure("transactions_per_second", rate, reason ?? "The statistics were reset just now.", MetricUnit.PerSecond);
        if (counted is not null)
        {
            Note(counted);
        }

        _result = _result with { TransactionsPerSecond = rate };
    }

    private async Task<(DateTimeOffset Started, DateTimeOffset? Reset, double Transactions, double Hit, double Read)> ReadCountersAsync(CancellationToken cancellationToken) =>
        (await session.QueryAsync(
            "Analytics/Sql/DatabaseCounters.sql",
            row => (row.GetFieldValue<DateTimeOffset>(1), row.IsDBNull(0) ? (DateTimeOffset?)null : row.GetFieldValue<DateTimeOffset>(0), row.GetDouble(2), row.GetDouble(3), row.GetDouble(4)),
            cancellationToken))[0];

    private void Note(CountedWindow counted)
    {
        if (counted.Note is { } note)
        {
            judgement.Find("STATISTICS-WINDOW-SHORT", FindingSeverity.Info, note, null, ("From", counted.From));
        }
    }

    private static (OperationPerformance Operation, double? Average) ToOperation(NpgsqlDataReader row)
    {
        var average = row.IsDBNull(3) ? (double?)null : row.GetDouble(3);
        var judged = row.GetInt64(6);
        return (
            new OperationPerformance
            {
                Operation = row.IsDBNull(1) ? "" : ErrorText.Harmless(row.GetString(1)),
                Count = row.GetInt64(2),
                Average = Times.FromMilliseconds(average),
                P95 = row.IsDBNull(4) ? null : Times.FromMilliseconds(row.GetDouble(4)),
                ErrorRatePercent = judged > 0 ? 100.0 * row.GetInt64(5) / judged : null,
            },
            average);
    }

    private async Task TryAsync(string subject, string[] metrics, Func<Task> read)
    {
        try
        {
            await read();
        }
        catch (MaintenanceException exception) when (exception.Code != MaintenanceErrorCode.DatabaseUnreachable)
        {
            _failures.Add(exception);
            judgement.Miss(subject, exception);
            foreach (var metric in metrics)
            {
                judgement.Measure(metric, null, exception.Message);
            }
        }
    }
}
