using Maintenance.Engine.Inspect;

namespace Maintenance.Engine.Repair.Actions;

/// <summary>Chooses which idle sessions are ended: those in a transaction first, since they hold more than a connection; then those idle for longest. Pure.</summary>
internal static class IdleSessionChoice
{
    /// <summary>Use of connections above this is an issue (guide T3), in percent.</summary>
    public const double IssueAbove = 90;

    /// <summary>Below this nobody is warned (guide A6), in percent.</summary>
    public const double UsualGoal = 80;

    /// <summary>The limit that is nearest.</summary>
    public static DbConnectionHeadroom? Tightest(IEnumerable<DbConnectionHeadroom> limits) => limits.Where(limit => limit.Limit > 0).MaxBy(Percent);

    public static double Percent(DbConnectionHeadroom limit) => 100.0 * limit.Used / limit.Limit;

    public static string Describe(DbConnectionHeadroom limit) => Say.Text(
        $"{limit.Used} of {limit.Limit} connections of the {limit.Scope.ToString().ToLowerInvariant()}{(limit.Name is { } name ? $" {RepairText.Of(name, 63)}" : "")} in use ({Percent(limit):0.#} %, limit {IssueAbove} %)");

    /// <summary>The sessions to end, in this order.</summary>
    /// <param name="sessions">All sessions.</param>
    /// <param name="tightest">The limit that is nearest; null if there is none.</param>
    /// <param name="goal">The use of connections that is fine, in percent.</param>
    /// <param name="policy">How long somebody may be idle.</param>
    public static IReadOnlyList<DbSession> Choose(IReadOnlyList<DbSession> sessions, DbConnectionHeadroom? tightest, double goal, RepairPolicy policy)
    {
        if (tightest is null)
        {
            return [];
        }

        var candidates = sessions.Where(session => MayEnd(session) && Counts(session, tightest)).ToList();
        var inTransaction = InTransaction(candidates, policy);
        var idle = candidates.Where(session => session.State == DbSessionState.Idle && session.StateAge >= policy.IdleSession).OrderByDescending(session => session.StateAge);
        var tooMany = tightest.Used - (int)Math.Floor(tightest.Limit * goal / 100);
        return [.. inTransaction.Concat(idle).Take(Math.Max(tooMany, 0))];
    }

    /// <summary>Those that have been idle in a transaction for too long, longest first.</summary>
    /// <param name="sessions">All sessions.</param>
    /// <param name="policy">How long somebody may be idle.</param>
    public static IReadOnlyList<DbSession> InTransaction(IEnumerable<DbSession> sessions, RepairPolicy policy) =>
        [.. sessions.Where(session => MayEnd(session) && session.IsIdleInTransaction && session.StateAge >= policy.IdleInTransaction).OrderByDescending(session => session.StateAge)];

    private static bool MayEnd(DbSession session) =>
        session is { Protection: DbSessionProtection.None, IsHidden: false, PreparedTransaction: null, BackendStart: not null, StateSince: not null, BackendType: null or "client backend" };

    private static bool Counts(DbSession session, DbConnectionHeadroom? limit) => limit?.Scope switch
    {
        DbConnectionScope.Database => session.Database == limit.Name,
        DbConnectionScope.Role => session.Role == limit.Name,
        _ => true,
    };
}
