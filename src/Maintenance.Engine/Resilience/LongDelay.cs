namespace Maintenance.Engine.Resilience;

/// <summary>Waits as long as somebody wants: a timer alone takes no more than some 49 days.</summary>
internal static class LongDelay
{
    private static readonly TimeSpan Piece = TimeSpan.FromDays(1);

    /// <summary>Waits.</summary>
    /// <param name="duration">How long.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends the waiting with a cancellation.</param>
    public static async Task WaitAsync(TimeSpan duration, TimeProvider time, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        for (var left = duration; left > TimeSpan.Zero; left = duration - time.GetElapsedTime(began))
        {
            await Task.Delay(left < Piece ? left : Piece, time, cancellationToken);
        }
    }
}
