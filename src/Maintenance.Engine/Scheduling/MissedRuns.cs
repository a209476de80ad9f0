namespace Maintenance.Engine.Scheduling;

/// <summary>Which scheduled runs did not happen. Pure.</summary>
internal static class MissedRuns
{
    private static readonly TimeSpan LongestGrace = TimeSpan.FromHours(1);

    /// <summary>How late a run may begin before it counts as missed: as long as its schedule's own interval, an hour at most.</summary>
    public static TimeSpan Grace(Recurrence recurrence, DateTimeOffset now) =>
        recurrence.Next(now) is { } next && recurrence.Next(next) is { } after && after - next < LongestGrace ? after - next : LongestGrace;
}
