using System.Collections.Concurrent;
using Maintenance.Engine.Functions;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;

namespace Maintenance.Engine.Resilience;

/// <summary>How functions are asked again, and when they are left alone: one circuit breaker for each function of each project.</summary>
internal sealed class FunctionPipelines(TimeProvider time)
{
    private readonly ConcurrentDictionary<string, ResiliencePipeline<FunctionAttempt>> _breakers = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// Three attempts, 0.3 s apart and doubling, with jitter, or as far apart as the server asks; none that could not end before
    /// the deadline. Only for what may be asked twice.
    /// </summary>
    public ResiliencePipeline<FunctionAttempt> Retry(Deadline deadline, IMaintenanceSink sink) =>
        new ResiliencePipelineBuilder<FunctionAttempt> { TimeProvider = time }
            .AddRetry(new RetryStrategyOptions<FunctionAttempt>
            {
                MaxRetryAttempts = 2,
                Delay = TimeSpan.FromMilliseconds(300),
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                ShouldHandle = arguments => ValueTask.FromResult(
                    arguments.Outcome.Result is { MayPass: true } attempt
                    && !(attempt.RetryAfter is { } wait && deadline.Remaining is { } left && wait >= left)),
                DelayGenerator = arguments => ValueTask.FromResult(arguments.Outcome.Result?.RetryAfter),
                OnRetry = arguments =>
                {
                    sink.Verbose(FormattableString.Invariant($"{arguments.Outcome.Result?.Error?.Message} Asking again in {arguments.RetryDelay.TotalMilliseconds:0} ms."));
                    return ValueTask.CompletedTask;
                },
            })
            .Build();

    /// <summary>Opens for 30 s when, within a minute, at least 5 requests were sent to the function and 9 of 10 failed.</summary>
    public ResiliencePipeline<FunctionAttempt> Breaker(Uri address) => _breakers.GetOrAdd(address.AbsoluteUri, _ =>
        new ResiliencePipelineBuilder<FunctionAttempt> { TimeProvider = time }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions<FunctionAttempt>
            {
                FailureRatio = 0.9,
                MinimumThroughput = 5,
                SamplingDuration = TimeSpan.FromMinutes(1),
                BreakDuration = TimeSpan.FromSeconds(30),
                ShouldHandle = new PredicateBuilder<FunctionAttempt>().HandleResult(attempt => attempt.IsTrouble),
            })
            .Build());
}
