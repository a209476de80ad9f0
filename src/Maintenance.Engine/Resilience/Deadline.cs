namespace Maintenance.Engine.Resilience;

/// <summary>The end of the time a call may take, together with the caller's own wish to stop.</summary>
/// <remarks>Work uses <see cref="Token"/>; <see cref="HasPassed"/> tells afterwards which of the two ended it.</remarks>
internal sealed class Deadline : IDisposable
{
    private readonly TimeSpan? _limit;
    private readonly CancellationToken _asked;
    private readonly CancellationTokenSource _timer;
    private readonly CancellationTokenSource _linked;

    /// <summary>Starts the clock.</summary>
    /// <param name="limit">How long the call may take; null for no limit.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">The caller's own.</param>
    public Deadline(TimeSpan? limit, TimeProvider time, CancellationToken cancellationToken)
    {
        _limit = limit;
        _asked = cancellationToken;
        _timer = new CancellationTokenSource(limit ?? Timeout.InfiniteTimeSpan, time);
        _linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _timer.Token);
    }

    /// <summary>Cancelled when the time is up, and when the caller asks for it.</summary>
    public CancellationToken Token => _linked.Token;

    /// <summary>True if the time ran out before the caller asked to stop.</summary>
    public bool HasPassed => _timer.IsCancellationRequested && !_asked.IsCancellationRequested;

    /// <summary>The error for work that did not end in time.</summary>
    /// <param name="what">Subject of the message: "Reading the store X".</param>
    public MaintenanceException Exceeded(string what) => new(
        MaintenanceErrorCode.DeadlineExceeded,
        FormattableString.Invariant($"{what} took longer than {_limit?.TotalSeconds:0.#} s."),
        "Allow more time with -TimeoutSeconds, or find out why it is slow.");

    /// <summary>Passes items on, and says DeadlineExceeded where the time ran out.</summary>
    /// <typeparam name="T">Type of the items.</typeparam>
    /// <param name="source">Work that observes <see cref="Token"/>.</param>
    /// <param name="what">Subject of the message: "Reading the store X".</param>
    public async IAsyncEnumerable<T> WatchAsync<T>(IAsyncEnumerable<T> source, string what)
    {
        await using var items = source.GetAsyncEnumerator(Token);
        while (true)
        {
            try
            {
                if (!await items.MoveNextAsync())
                {
                    yield break;
                }
            }
            catch (OperationCanceledException) when (HasPassed)
            {
                throw Exceeded(what);
            }

            yield return items.Current;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _linked.Dispose();
        _timer.Dispose();
    }
}
