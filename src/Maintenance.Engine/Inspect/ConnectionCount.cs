namespace Maintenance.Engine.Inspect;

/// <summary>Connections in use against the limit for ordinary roles. Some more are kept for administrators: where those are in use as well, all are, and not more than all. Pure.</summary>
internal static class ConnectionCount
{
    /// <summary>How many of how many.</summary>
    public static string Of(int used, int limit, DbConnectionScope scope = DbConnectionScope.Server) => scope == DbConnectionScope.Server && used > limit
        ? Say.Text($"all {limit} for ordinary roles, and {used - limit} of those kept for administrators")
        : Say.Text($"{used} of {limit}");

    /// <summary>The share of the server's that is in use, in percent; null where there is no limit.</summary>
    public static double? Percent(double used, double limit) => limit > 0 ? Math.Min(100, 100 * used / limit) : null;
}
