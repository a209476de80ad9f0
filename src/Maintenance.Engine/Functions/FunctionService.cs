using Maintenance.Engine.Resilience;
using Maintenance.Engine.Thresholds;
using Newtonsoft.Json.Linq;
using Polly.CircuitBreaker;

namespace Maintenance.Engine.Functions;

/// <summary>Asks a target's edge functions.</summary>
public sealed class FunctionService : IDisposable
{
    /// <summary>How long one question may take, with all its attempts, unless the call says otherwise.</summary>
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(30);

    private readonly TimeProvider _time;
    private readonly FunctionClient _client;
    private readonly FunctionPipelines _pipelines;
    private readonly FunctionTimes _times = new();

    internal FunctionService(TimeProvider time)
    {
        _time = time;
        _client = new FunctionClient(time);
        _pipelines = new FunctionPipelines(time);
    }

    /// <summary>Names of the functions that are watched.</summary>
    public static IReadOnlyList<string> Known => FunctionCatalogue.Functions;

    /// <summary>The actions this module knows of a function.</summary>
    /// <param name="function">Name of the function.</param>
    public static IReadOnlyList<string> ActionsOf(string function) =>
        [.. FunctionCatalogue.All.Where(action => action.Function.Equals(function, StringComparison.OrdinalIgnoreCase)).Select(action => action.Action)];

    /// <summary>Whether an action is known to change nothing.</summary>
    /// <param name="function">Name of the function.</param>
    /// <param name="action">Name of the action.</param>
    public static bool OnlyReads(string function, string action) => FunctionCatalogue.Find(function, action) is { Idempotent: true };

    /// <summary>Asks any function for any action. Known actions are checked and typed.</summary>
    /// <param name="target">The target.</param>
    /// <param name="function">Name of the function.</param>
    /// <param name="action">The action.</param>
    /// <param name="arguments">Further fields of the request's body.</param>
    /// <param name="call">What the call brings along; its timeout is the total deadline, 30 s by default.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <exception cref="MaintenanceException">NotConfigured, InvalidArgument, SecretNotFound, DeadlineExceeded, Function….</exception>
    public async Task<EdgeFunctionResponse> InvokeAsync(
        MaintenanceTarget target,
        string function,
        string action,
        IReadOnlyDictionary<string, object?> arguments,
        CallContext call,
        CancellationToken cancellationToken)
    {
        var known = FunctionCatalogue.Find(function, action);
        var started = _time.GetTimestamp();
        var (body, status, attempts) = await AskAsync(target, function, action, arguments, known is { Idempotent: true }, call, cancellationToken);
        return new EdgeFunctionResponse
        {
            Target = target.Name,
            Function = function,
            Action = action,
            StatusCode = status,
            Attempts = attempts,
            Result = known is null ? PlainJson.Of(body) : Read(function, () => known.ReadObject(body)),
            Duration = _time.GetElapsedTime(started),
            CollectedAt = _time.GetUtcNow(),
        };
    }

    /// <summary>Asks functions how they are, all at once, one request each. What fails is in the result.</summary>
    /// <param name="target">The target.</param>
    /// <param name="functions">Their names; null for the four of the guide.</param>
    /// <param name="call">What the call brings along; default timeout 15 s.</param>
    /// <param name="cancellationToken">Ends the requests.</param>
    /// <exception cref="MaintenanceException">NotConfigured, InvalidArgument, SecretNotFound.</exception>
    public async Task<IReadOnlyList<EdgeFunctionHealth>> TestAsync(
        MaintenanceTarget target, IReadOnlyList<string>? functions, CallContext call, CancellationToken cancellationToken)
    {
        var requests = new List<FunctionRequest>();
        foreach (var function in (functions ?? FunctionCatalogue.Functions).Distinct(StringComparer.OrdinalIgnoreCase))
        {
            requests.Add(await FunctionRequest.CreateAsync(target, function, FunctionCatalogue.HealthCheck, new Dictionary<string, object?>(), call.Secrets, cancellationToken));
        }

        using var deadline = new Deadline(call.Timeout ?? TimeSpan.FromSeconds(15), _time, cancellationToken);
        return await Task.WhenAll(requests.Select(request => TestOneAsync(target, request, deadline, call.Sink)));
    }

    /// <summary>Asks for an action this module knows.</summary>
    internal async Task<T> CallAsync<T>(
        MaintenanceTarget target, FunctionAction<T> action, IReadOnlyDictionary<string, object?> arguments, CallContext call, CancellationToken cancellationToken)
        where T : notnull
    {
        var (body, _, _) = await AskAsync(target, action.Function, action.Action, arguments, action.Idempotent, call, cancellationToken);
        return Read(action.Function, () => action.Read(body));
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private async Task<(JObject Body, int Status, int Attempts)> AskAsync(
        MaintenanceTarget target,
        string function,
        string action,
        IReadOnlyDictionary<string, object?> arguments,
        bool idempotent,
        CallContext call,
        CancellationToken cancellationToken)
    {
        var request = await FunctionRequest.CreateAsync(target, function, action, arguments, call.Secrets, cancellationToken);
        using var deadline = new Deadline(call.Timeout ?? DefaultTimeout, _time, cancellationToken);
        var attempts = 0;
        var attempt = await deadline.RunAsync($"Asking the function {function}", async token =>
        {
            async ValueTask<FunctionAttempt> Once(CancellationToken _)
            {
                attempts++;
                return await _client.SendAsync(request, deadline, call.Sink);
            }

            try
            {
                var breaker = _pipelines.Breaker(request.Address);
                return idempotent
                    ? await _pipelines.Retry(deadline, call.Sink).ExecuteAsync(async inner => await breaker.ExecuteAsync(Once, inner), token)
                    : await breaker.ExecuteAsync(Once, token);
            }
            catch (BrokenCircuitException)
            {
                throw new MaintenanceException(
                    MaintenanceErrorCode.FunctionCircuitOpen,
                    $"The function {function} has failed again and again within the last minute, and is left alone for 30 s.",
                    "See its log. Test-EdgeFunction asks it all the same.");
            }
        });
        return attempt.Error is null ? (attempt.Body!, attempt.StatusCode!.Value, attempts) : throw attempt.Error;
    }

    private static T Read<T>(string function, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (MaintenanceException exception)
        {
            throw new MaintenanceException(exception.Code, $"{function}: {exception.Message}", exception.Recommendation);
        }
    }

    private async Task<EdgeFunctionHealth> TestOneAsync(MaintenanceTarget target, FunctionRequest request, Deadline deadline, IMaintenanceSink sink)
    {
        var trace = new RequestTrace();
        FunctionAttempt attempt;
        try
        {
            attempt = await deadline.RunAsync($"Asking the function {request.Function}", _ => _client.SendTracedAsync(request, trace, deadline, sink));
        }
        catch (MaintenanceException exception)
        {
            attempt = new FunctionAttempt(null, null, exception);
        }

        var health = FunctionHealthEvaluator.Evaluate(
            target.Name, request.Function, attempt, trace, _time.GetUtcNow(), ThresholdCatalogue.For(target, "function_response_time")?.Warning is { } slow ? TimeSpan.FromMilliseconds(slow) : null);
        return health with { ColdStart = _times.IsCold(request.Address, health) };
    }
}
