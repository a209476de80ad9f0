namespace Maintenance.Engine.Maintain;

/// <summary>How long the waits of a rebuild may last before it is given up. Pure.</summary>
/// <remarks>
/// One statement has one lock_timeout, for its first lock and for its late waits alike. Neither keeps readers or writers waiting: SHARE
/// UPDATE EXCLUSIVE excludes other maintenance and DDL alone, and whoever does queue behind us is seen by the watchdog, which ends the
/// rebuild then. So the limit decides about our own time only. The first wait has cost nothing yet, and two seconds are enough. A late
/// wait that is given up costs the whole build, so waiting is worth as long as building took: then it costs at most twice what it had
/// to, whenever the others end. Each attempt is given twice the time of the one before.
/// </remarks>
internal static class LockTimeoutLadder
{
    public static readonly TimeSpan Shortest = TimeSpan.FromSeconds(2);

    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);

    /// <summary>The limit of an attempt.</summary>
    /// <param name="attempt">1 for the first.</param>
    /// <param name="predicted">How long the build is expected to take.</param>
    public static TimeSpan For(int attempt, TimeSpan? predicted)
    {
        var worthwhile = predicted is { } build && build > Shortest ? build : Shortest;
        var wanted = worthwhile * Math.Pow(2, Math.Min(attempt, 10) - 1);
        return wanted < Longest ? wanted : Longest;
    }
}
