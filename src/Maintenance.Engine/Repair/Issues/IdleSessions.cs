using Maintenance.Engine.Inspect;

namespace Maintenance.Engine.Repair.Issues;

/// <summary>How many sessions have been idle for longer than a target allows. Pure.</summary>
/// <param name="Idle">Idle outside a transaction.</param>
/// <param name="InTransaction">Idle inside a transaction.</param>
/// <param name="Protected">Those among neither, because they are not ended.</param>
/// <param name="Hidden">Sessions of which the role may not see what they do.</param>
/// <param name="Policy">The limits.</param>
internal sealed record IdleSessions(int Idle, int InTransaction, int Protected, int Hidden, RepairPolicy Policy)
{
    /// <summary>How many could be ended.</summary>
    public int Total => Idle + InTransaction;

    /// <summary>What there is to say of it, with a blank before it.</summary>
    public string Sentence => Say.Text($" {Total} of the sessions could be ended: {Idle} have been idle for more than {Say.Duration(Policy.IdleSession)}, {InTransaction} idle in a transaction for more than {Say.Duration(Policy.IdleInTransaction)}.")
        + (Protected > 0 ? Say.Text($" {Protected} more are idle, but protected.") : "")
        + (Hidden > 0 ? Say.Text($" What {Hidden} others do, the role may not see.") : "");

    /// <summary>Counts them; null where nobody has looked.</summary>
    public static IdleSessions? Of(IEnumerable<DbSession>? sessions, RepairPolicy policy)
    {
        if (sessions is null)
        {
            return null;
        }

        var clients = sessions.Where(session => session.PreparedTransaction is null).ToList();
        var idle = clients.Where(session => session.State == DbSessionState.Idle && session.StateAge > policy.IdleSession).ToList();
        var inTransaction = clients.Where(session => IsTooLongInTransaction(session, policy)).ToList();
        return new IdleSessions(
            idle.Count(session => !session.IsProtected),
            inTransaction.Count(session => !session.IsProtected),
            idle.Concat(inTransaction).Count(session => session.IsProtected),
            clients.Count(session => session is { IsHidden: true, Role: not null }),
            policy);
    }

    /// <summary>Whether a session has been idle in a transaction for longer than is allowed.</summary>
    public static bool IsTooLongInTransaction(DbSession session, RepairPolicy policy) => session.IsIdleInTransaction && session.StateAge > policy.IdleInTransaction;
}
