using Maintenance.Engine.Inspect;

namespace Maintenance.Engine.Repair.Issues;

/// <summary>Who keeps others waiting for a lock.</summary>
internal sealed class BlockingProbe : IIssueProbe
{
    /// <summary>Shorter waits are everyday (ours).</summary>
    private static readonly TimeSpan LongEnough = TimeSpan.FromSeconds(5);

    /// <summary>From here on somebody has noticed (ours).</summary>
    private static readonly TimeSpan Serious = TimeSpan.FromMinutes(1);

    private static readonly IssueKind Kind = IssueCatalogue.Blocking;

    public string Name => "who waits for whom";

    public IReadOnlyList<IssueKind> Kinds => [Kind];

    public bool AppliesTo(MaintenanceTarget target) => IssueScope.HasDatabase(target);

    public async Task<IReadOnlyList<Finding>> FindAsync(IssueContext context, CancellationToken cancellationToken)
    {
        var sessions = await context.SessionsAsync();
        return Judge(sessions, context.Target.Repair, sessions.Any(session => session.IsRootBlocker) ? await context.RightsAsync() : null);
    }

    /// <summary>One finding for each session at the root of a blocking tree. Pure.</summary>
    public static IReadOnlyList<Finding> Judge(IReadOnlyList<DbSession> sessions, RepairPolicy policy, SessionRights? rights = null)
    {
        var waiting = sessions.Where(session => session.IsWaiting).ToList();
        return sessions
            .Where(session => session is { IsRootBlocker: true, IsDeadlocked: false })
            .Select(root => (Root: root, Longest: Longest(root, waiting)))
            // Before PostgreSQL 14 nobody knows how long: then whoever waits counts.
            .Where(tree => tree.Longest is null || tree.Longest >= LongEnough)
            .OrderByDescending(tree => tree.Longest ?? TimeSpan.MaxValue)
            .Select(tree => Of(tree.Root, tree.Longest, policy, rights))
            .OrPassed(
                Kind,
                waiting.Count == 0 ? "Nobody waits for a lock." : Say.Text($"{Say.Count(waiting.Count, "session waits", "sessions wait")} for a lock, none for more than {Say.Duration(LongEnough)}."),
                ("Waiting", waiting.Count));
    }

    private static Finding Of(DbSession root, TimeSpan? longest, RepairPolicy policy, SessionRights? rights)
    {
        var subject = root.PreparedTransaction is { } prepared ? $"prepared transaction '{prepared}'" : Say.Text($"session {root.ProcessId}");
        var isIdle = IdleSessions.IsTooLongInTransaction(root, policy);
        var doing = root.PreparedTransaction is not null ? "nobody's any more"
            : root.IsHidden ? "the role may not see what it does"
            : root.IsIdleInTransaction ? $"idle in its transaction for {Say.Duration(root.StateAge ?? TimeSpan.Zero)}"
            : $"{root.State.ToString().ToLowerInvariant()} for {Say.Duration(root.StateAge ?? TimeSpan.Zero)}";
        return Issue.Found(
            Kind,
            longest is null || longest < Serious ? FindingSeverity.Medium : FindingSeverity.High,
            subject,
            Say.Text($"{char.ToUpperInvariant(subject[0])}{subject[1..]} ({root.Role ?? "?"}, {doing}) keeps {Say.Count(root.Victims, "session", "sessions")} waiting for a lock{(longest is { } time ? $", the longest for {Say.Duration(time)}" : "")}."),
            // What is hidden is protected for that very reason, and who is told the reason alone cannot do anything about it.
            root is { IsHidden: true, Role: not null, PreparedTransaction: null } ? $"{SessionRights.Grant(rights, "pg_monitor")} Then it can be told what it does."
            : root.Protection == DbSessionProtection.Always ? $"{root.ProtectionReason}"
            : rights?.MayEnd(root) == false && root.PreparedTransaction is null ? $"See what it does before you end it: Get-DbSession -Blocking | Format-List. To end it: {SessionRights.Grant(rights, "pg_signal_backend")} Then: Get-DbSession -Blocking | Stop-DbSession."
            : "See what it does before you end it: Get-DbSession -Blocking | Format-List. Then: Get-DbSession -Blocking | Stop-DbSession.",
            ("ProcessId", root.ProcessId),
            ("BackendStart", root.BackendStart),
            ("Role", root.Role),
            ("ApplicationName", root.ApplicationName),
            ("State", root.State.ToString()),
            ("Victims", root.Victims),
            ("LongestWait", longest),
            ("Query", root.Query)) with
        {
            Database = root.Database,
            Remedy = isIdle && root.BackendStart is not null && IdleSessions.IsEndable(root, rights) ? IssueRemedies.EndIdle(root, policy) : null,
        };
    }

    private static TimeSpan? Longest(DbSession root, IEnumerable<DbSession> waiting) =>
        waiting.Where(session => session.RootBlocker == root.ProcessId && session != root).Max(session => session.WaitAge);
}
