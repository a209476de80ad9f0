using Maintenance.Engine.Database;
using Maintenance.Engine.Functions;
using Maintenance.Engine.Health;
using Maintenance.Engine.History;
using Maintenance.Engine.Resilience;

namespace Maintenance.Engine.Analytics;

/// <summary>Errors, performance and resources of a target over a time: from its functions, or computed from its database.</summary>
public sealed class AnalyticsService
{
    /// <summary>The longest window that can be asked for.</summary>
    public static readonly TimeSpan LongestWindow = TimeSpan.FromDays(90);

    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(30);

    private readonly DatabaseConnector _connector;
    private readonly FunctionService _functions;
    private readonly CounterHistory _history;
    private readonly TimeProvider _time;

    internal AnalyticsService(DatabaseConnector connector, FunctionService functions, HistoryService history, TimeProvider time)
    {
        _connector = connector;
        _functions = functions;
        _history = new CounterHistory(history);
        _time = time;
    }

    /// <summary>The errors of a window (guide D3). Default timeout 30 s, as for all of these.</summary>
    /// <param name="target">The target.</param>
    /// <param name="window">The window up to now; more than nothing, at most 90 days.</param>
    /// <param name="source">Where the figures shall come from.</param>
    /// <param name="call">What the call brings along.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="MaintenanceException">InvalidArgument; what kept the last source that was tried from answering.</exception>
    public Task<ErrorAnalytics> GetErrorsAsync(
        MaintenanceTarget target, TimeSpan window, MeasurementSourceChoice source, CallContext call, CancellationToken cancellationToken) => MeasureAsync(
        new Question(target, HealthComponents.Errors, FunctionCatalogue.ErrorTracking, "Get-ErrorAnalytics", window, source),
        call,
        (reader, judgement) => reader.ReadErrorsAsync(window, judgement),
        (session, judgement, token) => ErrorReader.ReadAsync(session, window, judgement, token),
        cancellationToken);

    /// <summary>The performance of a window (guide D2, T2). Keeps a snapshot of the statistics in the history where it is computed.</summary>
    /// <param name="target">The target.</param>
    /// <param name="window">The window up to now; more than nothing, at most 90 days.</param>
    /// <param name="source">Where the figures shall come from.</param>
    /// <param name="call">What the call brings along.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="MaintenanceException">InvalidArgument; what kept the last source that was tried from answering.</exception>
    public Task<PerformanceMeasurement> GetPerformanceAsync(
        MaintenanceTarget target, TimeSpan window, MeasurementSourceChoice source, CallContext call, CancellationToken cancellationToken) => MeasureAsync(
        new Question(target, "Performance", $"{FunctionCatalogue.ProductionMonitoring} and {FunctionCatalogue.DatabaseScalability}", "Get-PerformanceMetric", window, source),
        call,
        (reader, judgement) => reader.ReadPerformanceAsync(window, judgement),
        (session, judgement, token) => new PerformanceReader(session, _history, window, judgement, call).ReadAsync(token),
        cancellationToken);

    /// <summary>The requests of a window alone: how many, how long they took, how many failed. Keeps nothing.</summary>
    /// <exception cref="MaintenanceException">What kept the last source that was tried from answering.</exception>
    internal Task<PerformanceMeasurement> GetRequestsAsync(MaintenanceTarget target, TimeSpan window, CallContext call, CancellationToken cancellationToken) => MeasureAsync(
        new Question(target, "Requests", FunctionCatalogue.ProductionMonitoring, "Get-SystemHealth", window, MeasurementSourceChoice.Auto),
        call,
        (reader, judgement) => reader.ReadRequestsAsync(window, judgement),
        (session, judgement, token) => new PerformanceReader(session, _history, window, judgement, call).ReadRequestsAloneAsync(token),
        cancellationToken);

    /// <summary>The resources in use (guide D5).</summary>
    /// <param name="target">The target.</param>
    /// <param name="window">The window up to now; more than nothing, at most 90 days. Sizes are those of now.</param>
    /// <param name="source">Where the figures shall come from.</param>
    /// <param name="call">What the call brings along.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="MaintenanceException">InvalidArgument; what kept the last source that was tried from answering.</exception>
    public Task<ResourceUsage> GetResourcesAsync(
        MaintenanceTarget target, TimeSpan window, MeasurementSourceChoice source, CallContext call, CancellationToken cancellationToken) => MeasureAsync(
        new Question(target, HealthComponents.Resources, FunctionCatalogue.DatabaseScalability, "Get-ResourceUsage", window, source),
        call,
        (reader, judgement) => reader.ReadResourcesAsync(window, judgement),
        (session, judgement, token) => ResourceReader.ReadAsync(session, window, judgement, token),
        cancellationToken);

    private async Task<T> MeasureAsync<T>(
        Question question,
        CallContext call,
        Func<FunctionReader, Judgement, Task<T>> ask,
        Func<DatabaseSession, Judgement, CancellationToken, Task<T>> compute,
        CancellationToken cancellationToken)
        where T : Measurement
    {
        if (question.Window <= TimeSpan.Zero || question.Window > LongestWindow)
        {
            throw new MaintenanceException(
                MaintenanceErrorCode.InvalidArgument,
                $"A window of {question.Window} cannot be measured.",
                "Give a window of more than nothing and at most 90 days, such as 15m, 24h or 7d.");
        }

        using var deadline = new Deadline(call.Timeout ?? DefaultTimeout, _time, cancellationToken);
        return await deadline.RunAsync($"Measuring the {question.Area.ToLowerInvariant()} of '{question.Target.Name}'", async token =>
        {
            var (answer, failure) = await AskAsync(question, call, deadline, ask, token);
            return answer ?? await ComputeAsync(question, failure, call, deadline, compute, token);
        });
    }

    /// <summary>What the function answers; null where it shall not be asked, and with the reason where it failed and the database is next.</summary>
    private async Task<(T? Answer, MaintenanceException? Failure)> AskAsync<T>(
        Question question, CallContext call, Deadline deadline, Func<FunctionReader, Judgement, Task<T>> ask, CancellationToken cancellationToken)
        where T : Measurement
    {
        if (question.Source == MeasurementSourceChoice.Database || (question.Source == MeasurementSourceChoice.Auto && question.Target.Functions is null))
        {
            return (null, null);
        }

        // Half of the time is the database's, if the function is not the only source.
        var allowed = deadline.Remaining / (question.Source == MeasurementSourceChoice.Auto ? 2 : 1);
        var judgement = new Judgement(question.Target, question.Area, MeasurementSource.Function, $"{question.Function} answered.", _time.GetUtcNow());
        try
        {
            return (await ask(new FunctionReader(_functions, call with { Timeout = allowed }, cancellationToken), judgement), null);
        }
        catch (MaintenanceException exception) when (question.Source == MeasurementSourceChoice.Auto && !deadline.HasPassed)
        {
            call.Sink.Verbose($"{question.Function} did not answer for '{question.Target.Name}' ({exception.Code}): {exception.Message} The figures are computed from the database instead.");
            return (null, exception);
        }
    }

    private async Task<T> ComputeAsync<T>(
        Question question,
        MaintenanceException? failure,
        CallContext call,
        Deadline deadline,
        Func<DatabaseSession, Judgement, CancellationToken, Task<T>> compute,
        CancellationToken cancellationToken)
        where T : Measurement
    {
        var reason = failure is not null ? $"{question.Function} failed ({failure.Code}): {failure.Message}"
            : question.Source == MeasurementSourceChoice.Database ? "The database was asked for."
            : "The functions are not configured.";
        var judgement = new Judgement(question.Target, question.Area, MeasurementSource.Database, reason, _time.GetUtcNow());
        if (failure is not null)
        {
            judgement.Find(
                "ANALYTICS-FUNCTION-FAILED",
                FindingSeverity.Low,
                $"{question.Function} did not answer, so the figures were computed from the database. {failure.Message}",
                failure.Recommendation,
                ("Error", failure.Code.ToString()));
        }

        try
        {
            call.Sink.Verbose($"Computing the {question.Area.ToLowerInvariant()} of '{question.Target.Name}' from its database. {reason}");
            await using var session = await _connector.OpenAsync(question.Target, new SessionOptions(question.Task, deadline.Remaining), call, cancellationToken);
            return await compute(session, judgement, cancellationToken);
        }
        catch (MaintenanceException exception) when (failure is not null)
        {
            throw new MaintenanceException(
                exception.Code, $"{exception.Message} Before that, {reason}", exception.Recommendation, exception.Detail);
        }
    }

    /// <summary>What is asked for.</summary>
    private sealed record Question(MaintenanceTarget Target, string Area, string Function, string Task, TimeSpan Window, MeasurementSourceChoice Source);
}
