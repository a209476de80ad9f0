using Maintenance.Engine.Analytics;
using Maintenance.Engine.Functions;
using Maintenance.Engine.Health;
using Maintenance.Engine.Inspect;

namespace Maintenance.Engine.Performance.Samples;

/// <summary>
/// The figures of requests: from the functions, which are asked while the database is, else from the log of requests. Each has a time of its
/// own, so that a slow one neither delays nor fails the rest.
/// </summary>
internal sealed class RequestSampler : IAsyncDisposable
{
    public const string RequestPart = "Requests";
    public const string BandwidthPart = "Bandwidth";

    private const string Bandwidth = "bandwidth";

    /// <summary>How long functions may take.</summary>
    private static readonly TimeSpan FunctionPatience = TimeSpan.FromSeconds(8);

    /// <summary>How long the log may take.</summary>
    private static readonly TimeSpan LogPatience = TimeSpan.FromSeconds(3);

    /// <summary>However long nobody measured: a log is not read for longer than this.</summary>
    private static readonly TimeSpan LongestWindow = TimeSpan.FromHours(1);

    private readonly FunctionService _functions;
    private readonly SampleContext _context;
    private readonly TimeProvider _time;
    private readonly TimeSpan _window;
    private readonly CancellationTokenSource _patience;
    private readonly Task<PerformanceMetricsResult>? _asking;
    private readonly Task<CapacityAnalysisResult>? _analysing;

    public RequestSampler(FunctionService functions, SampleContext context, TimeProvider time, CancellationToken cancellationToken)
    {
        (_functions, _context, _time) = (functions, context, time);
        var since = context.Now - context.Since(SampleKinds.Metrics);
        _window = TimeSpan.FromMinutes(Math.Round(Math.Clamp(since.TotalMinutes, 5, LongestWindow.TotalMinutes)));
        _patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (context.Session.Target.Functions is null)
        {
            return;
        }

        _asking = AskAsync(FunctionCatalogue.PerformanceMetrics, new() { ["time_window"] = Times.ToText(_window) });
        if (context.State.IsDue(Bandwidth, TimeSpan.FromHours(1), context.Now))
        {
            _analysing = AskAsync(FunctionCatalogue.CapacityAnalysis, new() { ["projection_days"] = (long)context.Session.Target.Capacity.Projection.TotalDays });
        }
    }

    public async Task ReadAsync(CancellationToken cancellationToken)
    {
        var part = _context.Part(RequestPart);
        if (_asking is null)
        {
            await ReadLogAsync(part, null, cancellationToken);
            Lack(_context.Part(BandwidthPart), HealthComponents.Functions, "No function is configured, so how much is transferred is not known.", "Configure functions.baseUri.");
            return;
        }

        try
        {
            var answer = await _asking;
            part.Measure(SampledMetrics.ResponseTime, answer.AvgResponseTime);
            part.Measure(SampledMetrics.ResponseTimeP95, answer.P95ResponseTime);
            part.Measure(SampledMetrics.ErrorRate, answer.ErrorRate);
            part.Measure(SampledMetrics.Requests, answer.AvgRequestsPerSecond);
        }
        catch (MaintenanceException exception)
        {
            await ReadLogAsync(part, exception, cancellationToken);
        }

        if (_analysing is not null)
        {
            await ReadBandwidthAsync(_context.Part(BandwidthPart));
        }
    }

    // Whoever leaves early still waits for what was begun: nothing goes on behind the prompt.
    public async ValueTask DisposeAsync()
    {
        await _patience.CancelAsync();
        foreach (var begun in new Task?[] { _asking, _analysing }.OfType<Task>())
        {
            try
            {
                await begun;
            }
            catch (Exception exception) when (exception is MaintenanceException or OperationCanceledException)
            {
                // Whoever wanted the answer was told.
            }
        }

        _patience.Dispose();
    }

    private Task<T> AskAsync<T>(FunctionAction<T> action, Dictionary<string, object?> arguments)
        where T : notnull =>
        _functions.CallAsync(_context.Session.Target, action, arguments, _context.Call with { Timeout = FunctionPatience }, _patience.Token);

    /// <summary>What is not configured is unknown, but for what the target says that nobody watches.</summary>
    private void Lack(SamplePart part, string component, string message, string recommendation)
    {
        if (_context.Session.Target.ExcludedComponents.Contains(component, StringComparer.OrdinalIgnoreCase))
        {
            part.Absent = $"{message} It is not watched on purpose ({component} in excludedComponents).";
            return;
        }

        part.Miss(MaintenanceErrorCode.NotConfigured, message, $"{recommendation} If it is not to be watched, list {component} in excludedComponents.");
    }

    private async Task ReadBandwidthAsync(SamplePart part)
    {
        try
        {
            part.Measure(SampledMetrics.DailyBandwidth, (await _analysing!).DailyBandwidthGb * 1e9);
            _context.State.Taken[Bandwidth] = _context.Now;
        }
        catch (MaintenanceException exception)
        {
            part.Miss(exception);
        }
    }

    private async Task ReadLogAsync(SamplePart part, MaintenanceException? failure, CancellationToken cancellationToken)
    {
        var session = _context.Session;
        using var timer = new CancellationTokenSource(LogPatience, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timer.Token);
        try
        {
            var log = await MappedTable.OpenAsync(session, TableMapping.RequestLog(session.Target.Analytics), either.Token);
            var rows = await log.QueryAsync(
                session,
                "Analytics/Sql/Requests.sql",
                row => (Count: row.GetInt64(2), Average: Number(row, 3), P95: Number(row, 4), Failed: row.GetInt64(5), Judged: row.GetInt64(6)),
                either.Token,
                _window);
            var all = rows[0];
            part.Measure(SampledMetrics.Requests, all.Count / _window.TotalSeconds);
            part.Measure(SampledMetrics.ResponseTime, all.Average);
            part.Measure(SampledMetrics.ResponseTimeP95, all.P95);
            part.Measure(SampledMetrics.ErrorRate, all.Judged > 0 ? 100.0 * all.Failed / all.Judged : null);
            part.Note = failure is null ? null : $"The function did not answer ({failure.Code}), so the log of requests was read.";
        }
        catch (MaintenanceException exception) when (exception.Code == MaintenanceErrorCode.MappingInvalid && failure is null && session.Target.Analytics.RequestLog == new RequestLogSettings())
        {
            Lack(
                part, HealthComponents.Errors, "There is no log of requests, and no function is configured, so how long requests take and how many fail is not known.",
                "Configure functions.baseUri, or name the log in analytics.requestLog.");
        }
        catch (MaintenanceException exception) when (exception.Code != MaintenanceErrorCode.DatabaseUnreachable)
        {
            part.Miss(failure ?? exception);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            part.Miss(failure ?? new MaintenanceException(
                MaintenanceErrorCode.StatementTimeout,
                Say.Text($"Reading the log of requests took longer than {LogPatience.TotalSeconds:0} s."),
                "An index on its column with the time makes it quick."));
        }

        static double? Number(Npgsql.NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetDouble(column);
    }
}
