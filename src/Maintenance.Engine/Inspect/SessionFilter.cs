namespace Maintenance.Engine.Inspect;

/// <summary>Picks the sessions that were asked for, and keeps their order.</summary>
internal static class SessionFilter
{
    public static IEnumerable<DbSession> Apply(this DbSessionQuery query, IEnumerable<DbSession> sessions) => sessions.Where(session =>
        (query.All || query.ProcessIds.Count > 0 || IsClient(session) || session.Samples > 0)
        && (!(query.Blocking || query.Burst is not null) || session.Samples > 0)
        && (!query.IdleInTransaction || session.IsIdleInTransaction)
        && (query.OlderThan is not { } age || session.StateAge >= age)
        && (query.States.Count == 0 || query.States.Contains(session.State))
        && (query.Roles.Count == 0 || query.Roles.Contains(session.Role, StringComparer.Ordinal))
        && (query.ProcessIds.Count == 0 || query.ProcessIds.Contains(session.ProcessId)));

    // A session that may not be looked at has no kind, but a role: the server's own processes have none.
    private static bool IsClient(DbSession session) =>
        session.BackendType is "client backend" or "prepared transaction" || session is { IsHidden: true, Role: not null };
}
