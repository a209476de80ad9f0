namespace Maintenance.Engine.Repair.Actions;

/// <summary>Chooses which idle sessions are ended: those in a transaction first, since they hold more than a connection; then those idle for longest. Pure.</summary>
internal static class IdleSessionChoice
{
    /// <summary>The sessions to end, in this order.</summary>
    /// <param name="sessions">All sessions.</param>
    /// <param name="limit">The limit that is meant; null if there is none.</param>
    /// <param name="goal">The use of connections that is fine, in percent.</param>
    /// <param name="policy">How long somebody may be idle.</param>
    public static IReadOnlyList<DbSession> Choose(IReadOnlyList<DbSession> sessions, DbConnectionHeadroom? limit, double goal, RepairPolicy policy)
    {
        if (limit is null)
        {
            return [];
        }

        var candidates = sessions.Where(session => MayEnd(session) && ConnectionUse.Counts(session, limit)).ToList();
        var inTransaction = InTransaction(candidates, policy);
        var idle = candidates.Where(session => session.State == DbSessionState.Idle && session.StateAge >= policy.IdleSession).OrderByDescending(session => session.StateAge);
        return [.. inTransaction.Concat(idle).Take(ConnectionUse.TooMany(limit, goal))];
    }

    /// <summary>Those that have been idle in a transaction for too long, longest first.</summary>
    /// <param name="sessions">All sessions.</param>
    /// <param name="policy">How long somebody may be idle.</param>
    public static IReadOnlyList<DbSession> InTransaction(IEnumerable<DbSession> sessions, RepairPolicy policy) =>
        [.. sessions.Where(session => MayEnd(session) && session.IsIdleInTransaction && session.StateAge >= policy.IdleInTransaction).OrderByDescending(session => session.StateAge)];

    private static bool MayEnd(DbSession session) =>
        session is { Protection: DbSessionProtection.None, IsHidden: false, PreparedTransaction: null, BackendStart: not null, StateSince: not null, BackendType: null or "client backend" };
}
