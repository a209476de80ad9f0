using Maintenance.Engine.History;
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
}
