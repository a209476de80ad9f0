namespace Maintenance.Engine.Performance.Samples;

/// <summary>A figure in one stretch of time.</summary>
/// <param name="From">When the stretch began.</param>
/// <param name="To">When it ended; a single measurement was taken then.</param>
/// <param name="Value">What was measured in it.</param>
/// <param name="IsMadeUp">True where nobody measured it: see <see cref="MadeUp"/>.</param>
internal readonly record struct SeriesPoint(DateTimeOffset From, DateTimeOffset To, SampleValue Value, bool IsMadeUp = false)
{
    /// <summary>Where it stands on a line of time: a measurement when it was taken, an hour or a day in its middle.</summary>
    public DateTimeOffset At => Value.Count == 1 ? To : From + (To - From) / 2;

    /// <summary>True for an hour or a day, whose length is known, and false for a measurement, which tells of one moment. An hour in which one was taken is still an hour.</summary>
    public bool IsStretch => Value.Count > 1 || IsWhole(TimeSpan.TicksPerHour) || IsWhole(TimeSpan.TicksPerDay);

    private bool IsWhole(long length) => (To - From).Ticks == length && From.UtcTicks % length == 0;
}
