namespace Maintenance.Engine.Resilience;

/// <summary>
/// The time one operation may take. Its token is cancelled when that time is over or the caller gives up, and
/// <see cref="RunAsync"/> tells the two apart.
/// </summary>
internal sealed class Deadline : IDisposable
{
    private readonly TimeProvider _time;
    private readonly TimeSpan _timeout;
    private readonly long _started;
    private readonly CancellationToken _caller;
    private readonly CancellationTokenSource _expiry;
    private readonly CancellationTokenSource _linked;

    public Deadline(TimeProvider time, TimeSpan timeout, CancellationToken caller)
    {
        _time = time;
        _timeout = timeout;
        _started = time.GetTimestamp();
        _caller = caller;
        _expiry = new CancellationTokenSource(timeout, time);
        _linked = CancellationTokenSource.CreateLinkedTokenSource(caller, _expiry.Token);
    }

    /// <summary>Cancelled at the deadline and by the caller.</summary>
    public CancellationToken Token => _linked.Token;

    /// <summary>Time left, at least a millisecond: a limit of nought would mean no limit to the server.</summary>
    public TimeSpan Remaining
    {
        get
        {
            var left = _timeout - _time.GetElapsedTime(_started);
            return left > TimeSpan.FromMilliseconds(1) ? left : TimeSpan.FromMilliseconds(1);
        }
    }

    /// <summary>Runs work; when the time is over it ends with DeadlineExceeded, when the caller gives up with a cancellation.</summary>
    /// <typeparam name="T">Type of the result.</typeparam>
    /// <param name="what">Names the work in the error.</param>
    /// <param name="work">The work.</param>
    public async Task<T> RunAsync<T>(string what, Func<CancellationToken, Task<T>> work)
    {
        try
        {
            return await work(Token);
        }
        catch (Exception exception) when (exception is OperationCanceledException or MaintenanceException { Code: MaintenanceErrorCode.StatementTimeout }
            && _expiry.IsCancellationRequested && !_caller.IsCancellationRequested)
        {
            throw new MaintenanceException(
                MaintenanceErrorCode.DeadlineExceeded,
                $"{what} did not finish within {_timeout.TotalSeconds:0.#} s.",
                "Allow more time with -TimeoutSeconds, or find out what holds it up.");
        }
    }

    public void Dispose()
    {
        _linked.Dispose();
        _expiry.Dispose();
    }
}
