using Maintenance.Engine.Inspect;

namespace Maintenance.Engine.Repair.Issues;

/// <summary>How many sessions have been idle for longer than a target allows. Pure.</summary>
/// <param name="Idle">Idle outside a transaction.</param>
/// <param name="InTransaction">Idle inside a transaction.</param>
/// <param name="Protected">Those among neither, because they are not ended.</param>
/// <param name="Forbidden">Those among neither, because the role may not end them.</param>
/// <param name="Hidden">Sessions of which the role may not see what they do.</param>
/// <param name="Policy">The limits.</param>
internal sealed record IdleSessions(int Idle, int InTransaction, int Protected, int Forbidden, int Hidden, RepairPolicy Policy)
{
    /// <summary>Idle as well, but not for long enough.</summary>
    public int Young { get; private init; }

    /// <summary>How long the oldest of those has been idle.</summary>
    public TimeSpan YoungFor { get; private init; }

    /// <summary>How long it takes until the first of those has been idle for long enough.</summary>
    public TimeSpan YoungLeft { get; private init; }

    /// <summary>The role, where its name is known.</summary>
    public SessionRights? Rights { get; private init; }

    /// <summary>How many could be ended.</summary>
    public int Total => Idle + InTransaction;

    /// <summary>What there is to say of it, with a blank before it.</summary>
    public string Sentence => (Total > 0
            ? Say.Text($" {Total} of the sessions could be ended: {Idle} have been idle for more than {Say.Duration(Policy.IdleSession)}, {InTransaction} idle in a transaction for more than {Say.Duration(Policy.IdleInTransaction)}.")
            : Hidden > 0 ? " Which of the sessions could be ended is not known."
            : $" None of the sessions could be ended: none that {(Forbidden > 0 ? "the role may end" : "may be")} has been idle for more than {Say.Duration(Policy.IdleSession)}, or idle in a transaction for more than {Say.Duration(Policy.IdleInTransaction)}.")
        + (Total == 0 && Young > 0 ? Say.Text($" {Say.Count(Young, "is", "are")} idle for less, for {Say.Duration(YoungFor)} at the most.") : "")
        + (Forbidden > 0 ? Say.Text($" {Say.Count(Forbidden, "has", "have")} been idle for long enough, but the role {Rights?.Role} may not end {(Forbidden == 1 ? "it" : "them")}.") : "")
        + (Protected > 0 ? Say.Text($" {Protected} more {(Protected == 1 ? "is" : "are")} idle, but protected.") : "")
        + (Hidden > 0 ? Say.Text($" What {Say.Count(Hidden, "session does", "sessions do")}, the role {Rights?.Role} may not see.").Replace("role  ", "role ", StringComparison.Ordinal) : "");

    /// <summary>What to do first, where the sessions do not end at once; null where they can, or nothing here keeps them from it.</summary>
    public string? Advice => Hidden > 0 ? $"{SessionRights.Grant(Rights, Rights is { Forbidden.Count: > 0 } ? "pg_monitor, pg_signal_backend" : "pg_monitor")} Then it can be told which sessions are idle."
        : Total > 0 ? null
        : Forbidden > 0 ? SessionRights.Grant(Rights, "pg_signal_backend")
        : Young > 0 ? $"Look again in {Say.Duration(YoungLeft + TimeSpan.FromSeconds(1))}, when the first has been idle for long enough (repair.idleSession, repair.idleInTransaction), or see who has them now: Get-DbSession."
        : null;

    /// <summary>Counts them; null where nobody has looked.</summary>
    public static IdleSessions? Of(IEnumerable<DbSession>? sessions, RepairPolicy policy, SessionRights? rights = null)
    {
        if (sessions is null)
        {
            return null;
        }

        var clients = sessions.Where(session => session.PreparedTransaction is null).ToList();
        var idle = clients.Where(session => session.State == DbSessionState.Idle && session.StateAge > policy.IdleSession).ToList();
        var inTransaction = clients.Where(session => IsTooLongInTransaction(session, policy)).ToList();
        var young = clients.Where(session => (session.State == DbSessionState.Idle || session.IsIdleInTransaction) && session is { IsProtected: false, StateAge: not null })
            .Except(idle).Except(inTransaction).Where(session => IsAllowed(session, rights)).ToList();
        return new IdleSessions(
            idle.Count(session => IsEndable(session, rights)),
            inTransaction.Count(session => IsEndable(session, rights)),
            idle.Concat(inTransaction).Count(session => session.IsProtected),
            idle.Concat(inTransaction).Count(session => !session.IsProtected && !IsAllowed(session, rights)),
            clients.Count(session => session is { IsHidden: true, Role: not null }),
            policy)
        {
            Young = young.Count,
            YoungFor = young.Max(session => session.StateAge) ?? TimeSpan.Zero,
            YoungLeft = young.Count == 0 ? TimeSpan.Zero : young.Min(session => (session.IsIdleInTransaction ? policy.IdleInTransaction : policy.IdleSession) - session.StateAge!.Value),
            Rights = rights,
        };
    }

    /// <summary>Whether a session has been idle in a transaction for longer than is allowed.</summary>
    public static bool IsTooLongInTransaction(DbSession session, RepairPolicy policy) => session.IsIdleInTransaction && session.StateAge > policy.IdleInTransaction;

    /// <summary>Whether a session is one that may be ended at all, and by this role.</summary>
    public static bool IsEndable(DbSession session, SessionRights? rights) => !session.IsProtected && IsAllowed(session, rights);

    private static bool IsAllowed(DbSession session, SessionRights? rights) => rights?.MayEnd(session) != false;
}
