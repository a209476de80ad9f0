namespace Maintenance.Engine.Resilience;

/// <summary>
/// The end of the time an operation may take, together with the caller's own wish to stop. Work observes <see cref="Token"/>;
/// running out of time leaves as DeadlineExceeded, the caller's wish as a cancellation.
/// </summary>
internal sealed class Deadline : IDisposable
{
    /// <summary>What timers can count to: seven weeks. What may take longer is ended by its caller alone.</summary>
    private static readonly TimeSpan LongestTimer = TimeSpan.FromMilliseconds(uint.MaxValue - 1);

    private readonly TimeSpan? _limit;
    private readonly TimeProvider _time;
    private readonly long _started;
    private readonly CancellationToken _caller;
    private readonly CancellationTokenSource _timer;
    private readonly CancellationTokenSource _linked;

    /// <summary>Starts the clock.</summary>
    /// <param name="limit">How long the operation may take; null for no limit.</param>
    /// <param name="time">The clock.</param>
    /// <param name="caller">The caller's own token.</param>
    public Deadline(TimeSpan? limit, TimeProvider time, CancellationToken caller)
    {
        _limit = limit;
        _time = time;
        _started = time.GetTimestamp();
        _caller = caller;
        _timer = new CancellationTokenSource(limit <= LongestTimer ? limit.Value : Timeout.InfiniteTimeSpan, time);
        _linked = CancellationTokenSource.CreateLinkedTokenSource(caller, _timer.Token);
    }

    /// <summary>Cancelled when the time is up, and when the caller asks for it.</summary>
    public CancellationToken Token => _linked.Token;

    /// <summary>True if the time ran out before the caller asked to stop.</summary>
    public bool HasPassed => _timer.IsCancellationRequested && !_caller.IsCancellationRequested;

    /// <summary>Time left, null for no limit; at least a millisecond, because nought would mean no limit to a server.</summary>
    public TimeSpan? Remaining
    {
        get
        {
            var left = _limit - _time.GetElapsedTime(_started);
            return left is { } time && time < TimeSpan.FromMilliseconds(1) ? TimeSpan.FromMilliseconds(1) : left;
        }
    }

    /// <summary>Runs work, and says DeadlineExceeded where the time ran out.</summary>
    /// <typeparam name="T">Type of the result.</typeparam>
    /// <param name="what">Subject of the message: "Reading the store X".</param>
    /// <param name="work">The work.</param>
    public async Task<T> RunAsync<T>(string what, Func<CancellationToken, Task<T>> work)
    {
        try
        {
            return await work(Token);
        }
        // The server's own limit is set to the time left, and may strike first.
        catch (Exception exception) when (HasPassed && (exception is OperationCanceledException or MaintenanceException { Code: MaintenanceErrorCode.StatementTimeout }))
        {
            throw Exceeded(what);
        }
    }

    /// <summary>Passes items on, and says DeadlineExceeded where the time ran out.</summary>
    /// <typeparam name="T">Type of the items.</typeparam>
    /// <param name="source">Work that observes <see cref="Token"/>.</param>
    /// <param name="what">Subject of the message: "Reading the store X".</param>
    public async IAsyncEnumerable<T> WatchAsync<T>(IAsyncEnumerable<T> source, string what)
    {
        await using var items = source.GetAsyncEnumerator(Token);
        while (await RunAsync(what, _ => items.MoveNextAsync().AsTask()))
        {
            yield return items.Current;
        }
    }

    /// <summary>The error for work that did not end in time.</summary>
    /// <param name="what">Subject of the message: "Reading the store X".</param>
    public MaintenanceException Exceeded(string what) => Exceeded(what, _limit);

    /// <summary>The error for work that did not end within a time.</summary>
    /// <param name="what">Subject of the message: "Reading the store X".</param>
    /// <param name="limit">The time.</param>
    public static MaintenanceException Exceeded(string what, TimeSpan? limit) => new(
        MaintenanceErrorCode.DeadlineExceeded,
        FormattableString.Invariant($"{what} took longer than {limit?.TotalSeconds:0.#} s."),
        "Allow more time with -TimeoutSeconds, or find out what holds it up.");

    /// <inheritdoc/>
    public void Dispose()
    {
        _linked.Dispose();
        _timer.Dispose();
    }
}
