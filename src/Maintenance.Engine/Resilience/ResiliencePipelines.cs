using Maintenance.Engine.History;
using Maintenance.Engine.Notify;
using Maintenance.Engine.Security.Azure;
using Microsoft.Data.Sqlite;
using Npgsql;
using Polly;
using Polly.Retry;

namespace Maintenance.Engine.Resilience;

/// <summary>Every retry of the engine is defined here and nowhere else.</summary>
internal static class ResiliencePipelines
{
    /// <summary>
    /// Connecting to a database: three attempts, 0.2 s apart and doubling, with jitter. Only for what may pass by itself,
    /// such as a server that is starting up; never for statements, which may have taken effect.
    /// </summary>
    public static ResiliencePipeline Connect(TimeProvider time, IMaintenanceSink sink) =>
        new ResiliencePipelineBuilder { TimeProvider = time }
            .AddRetry(new RetryStrategyOptions
            {
                MaxRetryAttempts = 2,
                Delay = TimeSpan.FromMilliseconds(200),
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                ShouldHandle = new PredicateBuilder().Handle<NpgsqlException>(exception => exception.IsTransient),
                OnRetry = attempt =>
                {
                    sink.Verbose($"Connecting failed ({attempt.Outcome.Exception?.Message}); trying again in {attempt.RetryDelay.TotalMilliseconds:0} ms.");
                    return ValueTask.CompletedTask;
                },
            })
            .Build();

    /// <summary>
    /// Waiting for the lock of a SQLite history: eight attempts that each wait a second themselves. Others hold it for
    /// milliseconds; who holds it longer hangs, and the history is not worth hanging with them.
    /// </summary>
    public static ResiliencePipeline HistoryLock(TimeProvider time) =>
        new ResiliencePipelineBuilder { TimeProvider = time }
            .AddRetry(new RetryStrategyOptions
            {
                MaxRetryAttempts = 7,
                Delay = TimeSpan.FromMilliseconds(50),
                UseJitter = true,
                ShouldHandle = new PredicateBuilder().Handle<SqliteException>(SqliteErrors.IsBusy),
            })
            .Build();

    /// <summary>Several who change the same records of a history: whoever was slower begins anew. Each time somebody has got on; the deadline ends it.</summary>
    public static ResiliencePipeline HistoryConflict(TimeProvider time) =>
        new ResiliencePipelineBuilder { TimeProvider = time }
            .AddRetry(new RetryStrategyOptions
            {
                MaxRetryAttempts = 100,
                Delay = TimeSpan.FromMilliseconds(5),
                MaxDelay = TimeSpan.FromMilliseconds(250),
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                ShouldHandle = new PredicateBuilder().Handle<MaintenanceException>(exception => exception.Code == MaintenanceErrorCode.HistoryConflict),
            })
            .Build();

    /// <summary>
    /// Statements that wait for a lock in vain: four attempts, half a second apart and doubling, with jitter. Each waits for its lock only
    /// as long as the session's lock_timeout, so that nobody queues behind it for longer. Only for statements that leave nothing behind
    /// when they fail to get their lock, or whose remains were cleared.
    /// </summary>
    public static ResiliencePipeline Lock(TimeProvider time, IMaintenanceSink sink) =>
        new ResiliencePipelineBuilder { TimeProvider = time }
            .AddRetry(new RetryStrategyOptions
            {
                MaxRetryAttempts = 3,
                Delay = TimeSpan.FromMilliseconds(500),
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                ShouldHandle = new PredicateBuilder().Handle<MaintenanceException>(
                    exception => exception.Code is MaintenanceErrorCode.LockTimeout or MaintenanceErrorCode.BlockedOthers),
                OnRetry = attempt =>
                {
                    sink.Verbose(FormattableString.Invariant($"{attempt.Outcome.Exception?.Message} Trying again in {attempt.RetryDelay.TotalMilliseconds:0} ms."));
                    return ValueTask.CompletedTask;
                },
            })
            .Build();

    /// <summary>
    /// A batch of rows that somebody is in the way of: four attempts, 20 ms apart and doubling, with jitter, each smaller than the one
    /// before. Short, because a batch holds locks for milliseconds, and so do most whom it meets.
    /// </summary>
    /// <param name="time">The clock.</param>
    /// <param name="sink">Told of each retry.</param>
    /// <param name="shrink">Makes the next attempt smaller.</param>
    public static ResiliencePipeline Batch(TimeProvider time, IMaintenanceSink sink, Action shrink) =>
        new ResiliencePipelineBuilder { TimeProvider = time }
            .AddRetry(new RetryStrategyOptions
            {
                MaxRetryAttempts = 3,
                Delay = TimeSpan.FromMilliseconds(20),
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                ShouldHandle = new PredicateBuilder().Handle<MaintenanceException>(
                    exception => exception.Code is MaintenanceErrorCode.LockTimeout or MaintenanceErrorCode.BlockedOthers),
                OnRetry = attempt =>
                {
                    shrink();
                    sink.Verbose(FormattableString.Invariant($"{attempt.Outcome.Exception?.Message} Trying a smaller batch in {attempt.RetryDelay.TotalMilliseconds:0} ms."));
                    return ValueTask.CompletedTask;
                },
            })
            .Build();

    /// <summary>
    /// Posting to a webhook: three attempts, half a second apart and doubling, with jitter, or as far apart as it asks. Only what
    /// surely did not arrive; none that could not end before the deadline.
    /// </summary>
    public static ResiliencePipeline<WebhookAttempt> Webhook(TimeProvider time, Deadline deadline, IMaintenanceSink sink) => AsFarApartAsAsked<WebhookAttempt>(
        time,
        deadline,
        sink,
        attempt => attempt is { Unsent: true },
        attempt => attempt?.RetryAfter,
        (attempt, wait) => FormattableString.Invariant($"{attempt?.Error?.Message} Trying again in {wait.TotalMilliseconds:0} ms."));

    /// <summary>
    /// Asking Azure Resource Manager: three attempts, half a second apart and doubling, with jitter, or as far apart as it asks. It only reads, so that
    /// whatever may pass is asked again; not where the wait would not end before the deadline.
    /// </summary>
    public static ResiliencePipeline<AzureAttempt> AzureRequest(TimeProvider time, Deadline deadline, IMaintenanceSink sink) => AsFarApartAsAsked<AzureAttempt>(
        time,
        deadline,
        sink,
        attempt => attempt is { MayPass: true },
        attempt => attempt?.RetryAfter,
        (attempt, wait) => FormattableString.Invariant($"Not read, because {attempt?.Gap?.Reason}. Asking again in {wait.TotalMilliseconds:0} ms."));

    // A service that asks for more than half of the time that is left is not asked again: there would be none for the answer.
    private static ResiliencePipeline<T> AsFarApartAsAsked<T>(
        TimeProvider time, Deadline deadline, IMaintenanceSink sink, Func<T?, bool> mayPass, Func<T?, TimeSpan?> retryAfter, Func<T?, TimeSpan, string> words) =>
        new ResiliencePipelineBuilder<T> { TimeProvider = time }
            .AddRetry(new RetryStrategyOptions<T>
            {
                MaxRetryAttempts = 2,
                Delay = TimeSpan.FromMilliseconds(500),
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                ShouldHandle = arguments => ValueTask.FromResult(
                    mayPass(arguments.Outcome.Result)
                    && !(retryAfter(arguments.Outcome.Result) is { } wait && deadline.Remaining is { } left && wait >= left / 2)),
                DelayGenerator = arguments => ValueTask.FromResult(retryAfter(arguments.Outcome.Result)),
                OnRetry = arguments =>
                {
                    sink.Verbose(words(arguments.Outcome.Result, arguments.RetryDelay));
                    return ValueTask.CompletedTask;
                },
            })
            .Build();
}
