namespace Maintenance.Engine.Database;

/// <summary>
/// Work of the driver that ends when it is cancelled, whatever the server does. By itself the driver waits without end: it asks the server for the
/// cancellation, within the callback of the token, and a server that is frozen never closes that connection. Whoever shares the token would hang with it.
/// </summary>
internal static class DriverWork
{
    /// <summary>So long after its cancellation it may take to end: longer than the driver's own wait for a server's word.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(3);

    /// <summary>
    /// So long whoever cancels waits until the server was asked to: a server that works is asked within milliseconds, and then whatever is done next comes
    /// after the cancellation.
    /// </summary>
    private static readonly TimeSpan AskPatience = TimeSpan.FromSeconds(0.5);

    /// <summary>Runs it. What does not end is left behind, together with its connection.</summary>
    /// <typeparam name="T">Type of the result.</typeparam>
    /// <param name="work">The work.</param>
    /// <param name="abandon">Told that it is left behind.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> work, Action abandon, CancellationToken cancellationToken)
    {
        if (!cancellationToken.CanBeCanceled)
        {
            return await work(cancellationToken);
        }

        // Of its own: what blocks in its callbacks blocks nobody else for long. It has no timer, and nothing to dispose of.
        var own = new CancellationTokenSource();
        await using var passing = cancellationToken.Register(() => Ask(own));
        var working = work(own.Token);
        try
        {
            return await working.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (!working.IsCompleted)
        {
            try
            {
                return await working.WaitAsync(Grace, CancellationToken.None);
            }
            catch (TimeoutException) when (!working.IsCompleted)
            {
                _ = working.ContinueWith(done => _ = done.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
                abandon();
                throw new OperationCanceledException("The server says nothing, and was left.", cancellationToken);
            }
        }
    }

    private static void Ask(CancellationTokenSource own) => Task.WaitAny([own.CancelAsync()], AskPatience);
}
