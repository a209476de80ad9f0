namespace Maintenance.Engine.Security.Scan;

/// <summary>
/// The time that there is for several things one after the other. Each gets an equal share of what is left, so that one that hangs takes the time of no other, and what one does not
/// use goes to those after it.
/// </summary>
/// <param name="whole">The time for all of it; null for no limit.</param>
/// <param name="reserve">Kept for what comes after the last of them.</param>
/// <param name="time">The clock.</param>
internal sealed class ScanBudget(TimeSpan? whole, TimeSpan reserve, TimeProvider time)
{
    /// <summary>Less than this is of no use to a program, so the first get that, if need be at the cost of the last.</summary>
    private static readonly TimeSpan Least = TimeSpan.FromSeconds(2);

    private readonly long _started = time.GetTimestamp();

    /// <summary>The time for the next; null for no limit, nought if none is left.</summary>
    /// <param name="count">How many there are yet to come, the next one included.</param>
    public TimeSpan? Next(int count)
    {
        if (whole is not { } limit)
        {
            return null;
        }

        var left = limit - reserve - time.GetElapsedTime(_started);
        return left <= TimeSpan.Zero ? TimeSpan.Zero : left / count is var share && share >= Least ? share : left < Least ? left : Least;
    }
}
