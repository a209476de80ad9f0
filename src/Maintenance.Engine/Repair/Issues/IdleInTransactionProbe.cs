using Maintenance.Engine.Inspect;

namespace Maintenance.Engine.Repair.Issues;

/// <summary>Transactions that are open and idle for longer than the target allows: what they locked stays locked, and vacuum waits for them.</summary>
internal sealed class IdleInTransactionProbe : IIssueProbe
{
    private const int MostNamed = 10;

    /// <summary>So many times the limit, and somebody has forgotten it (ours).</summary>
    private const int Forgotten = 6;

    private static readonly IssueKind Kind = IssueCatalogue.IdleInTransaction;

    public string Name => "idle transactions";

    public IReadOnlyList<IssueKind> Kinds => [Kind];

    public bool AppliesTo(MaintenanceTarget target) => IssueScope.HasDatabase(target);

    public async Task<IReadOnlyList<Finding>> FindAsync(IssueContext context, CancellationToken cancellationToken)
    {
        var sessions = await context.SessionsAsync();
        var matters = sessions.Any(session => session.IsHidden || IdleSessions.IsTooLongInTransaction(session, context.Target.Repair));
        return Judge(sessions, context.Target.Repair, matters ? await context.RightsAsync() : null);
    }

    /// <summary>One finding for all of them: who they are changes by the minute. Pure.</summary>
    public static IReadOnlyList<Finding> Judge(IReadOnlyList<DbSession> sessions, RepairPolicy policy, SessionRights? rights = null)
    {
        var idle = sessions.Where(session => IdleSessions.IsTooLongInTransaction(session, policy)).OrderByDescending(session => session.StateAge).ToList();
        var hidden = sessions.Count(session => session is { IsHidden: true, Role: not null, PreparedTransaction: null });
        var findings = new List<Finding>();
        if (idle.Count > 0)
        {
            var endable = idle.Count(session => IdleSessions.IsEndable(session, rights));
            var isProtected = idle.Count(session => session.IsProtected);
            var forbidden = idle.Count - endable - isProtected;
            findings.Add(Issue.Found(
                Kind,
                idle[0].StateAge > policy.IdleInTransaction * Forgotten ? FindingSeverity.High : FindingSeverity.Medium,
                null,
                Say.Text($"{Say.Count(idle.Count, "session has", "sessions have")} been idle in a transaction for more than {Say.Duration(policy.IdleInTransaction)}, the longest for {Say.Duration(idle[0].StateAge!.Value)}.{(isProtected > 0 ? Say.Text($" {isProtected} of them are protected.") : "")}{(forbidden > 0 ? Say.Text($" {forbidden} of them the role {rights?.Role} may not end.") : "")}"),
                (forbidden > 0 ? $"{SessionRights.Grant(rights, "pg_signal_backend")} " : "") + "See whose they are (Get-DbSession -IdleInTransaction), end them, and have the client commit before it waits for anything; idle_in_transaction_session_timeout ends them from then on.",
                ("Sessions", idle.Count),
                ("Endable", endable),
                ("Longest", idle[0].StateAge),
                ("OldestSnapshotAge", idle.Max(session => session.XminAge)),
                ("ProcessIds", idle.Take(MostNamed).Select(session => session.ProcessId).ToArray()),
                ("Roles", idle.Select(session => session.Role).OfType<string>().Distinct().Take(MostNamed).ToArray())) with
            {
                Remedy = endable > 0 ? IssueRemedies.EndIdleTransactions(policy) : null,
            });
        }

        if (hidden > 0)
        {
            findings.Add(Issue.NotKnown(
                Kind, FindingSeverity.Medium, Say.Text($"What {Say.Count(hidden, "session does", "sessions do")}, the role may not see: they may be idle in a transaction."),
                SessionRights.Grant(rights, "pg_monitor"), MaintenanceErrorCode.PermissionDenied, "hidden sessions"));
        }

        return findings.OrPassed(Kind, $"No session has been idle in a transaction for more than {Say.Duration(policy.IdleInTransaction)}.", ("Sessions", sessions.Count));
    }
}
