using System.Globalization;

namespace Maintenance.Formatting;

/// <summary>How views show sessions.</summary>
public static class SessionText
{
    /// <summary>The process number, indented by the depth in the blocking tree.</summary>
    /// <param name="session">The session.</param>
    public static string Process(DbSession session)
    {
        ArgumentNullException.ThrowIfNull(session);
        // Deep trees would push the number out of its column.
        var indent = session.Depth == 0 ? "" : new string(' ', Math.Min(session.Depth, 4) * 2 - 2) + "└ ";
        return indent + (session.PreparedTransaction is null ? session.ProcessId.ToString(CultureInfo.InvariantCulture) : "prepared");
    }

    /// <summary>The state in few letters.</summary>
    /// <param name="session">The session.</param>
    public static string State(DbSession session)
    {
        ArgumentNullException.ThrowIfNull(session);
        return session.State switch
        {
            _ when session.IsDeadlocked => "deadlocked",
            _ when session.IsWaiting => "waiting",
            DbSessionState.IdleInTransaction => "idle in tx",
            DbSessionState.IdleInTransactionAborted => "failed tx",
            DbSessionState.FastPathFunctionCall => "function",
            var state => state.ToString().ToLowerInvariant(),
        };
    }

    /// <summary>How long it has waited, or else been in its state.</summary>
    /// <param name="session">The session.</param>
    public static string Age(DbSession session)
    {
        ArgumentNullException.ThrowIfNull(session);
        return DisplayText.Duration(Rounded(session.WaitAge ?? session.StateAge));
    }

    /// <summary>What it waits for: lock and table, or the event.</summary>
    /// <param name="session">The session.</param>
    public static string Wait(DbSession session)
    {
        ArgumentNullException.ThrowIfNull(session);
        if (!session.IsWaiting)
        {
            // An idle session waits for its client, which says nothing more than its state does.
            return session.State == DbSessionState.Active && session.WaitEvent is not null ? DisplayText.Harmless($"{session.WaitEventType}: {session.WaitEvent}") : "";
        }

        var mode = session.LockMode?.EndsWith("Lock", StringComparison.Ordinal) == true ? session.LockMode[..^4] : session.LockMode;
        var what = session.LockType switch
        {
            "transactionid" => "row",
            "relation" => "",
            var type => type,
        };
        var relation = session.Relation ?? (session.RelationOid is { } oid ? string.Create(CultureInfo.InvariantCulture, $"relation {oid}") : null);
        return DisplayText.Harmless(string.Join(' ', new[] { mode, what, relation, session.IsDdlQueue ? "(DDL queue)" : null }.Where(part => !string.IsNullOrEmpty(part))));
    }

    /// <summary>Victims of a blocker and how long they have waited.</summary>
    /// <param name="session">The session.</param>
    public static string Victims(DbSession session)
    {
        ArgumentNullException.ThrowIfNull(session);
        return session.Victims == 0 ? ""
            : session.Victims.ToString(CultureInfo.InvariantCulture) + (session.VictimWait is { } wait ? $" ({DisplayText.Duration(Rounded(wait))})" : "");
    }

    /// <summary>Who it waits for.</summary>
    /// <param name="session">The session.</param>
    public static string Blockers(DbSession session)
    {
        ArgumentNullException.ThrowIfNull(session);
        var known = session.BlockedBy.Where(process => process != 0).Select(process => process.ToString(CultureInfo.InvariantCulture));
        return DisplayText.Harmless(string.Join(", ", known.Concat(session.BlockedByPrepared.Select(name => $"prepared '{name}'"))));
    }

    /// <summary>One line for a list of completions.</summary>
    /// <param name="session">The session.</param>
    public static string ToolTip(DbSession session)
    {
        ArgumentNullException.ThrowIfNull(session);
        var blocks = session.Victims > 0 ? string.Create(CultureInfo.InvariantCulture, $", blocks {session.Victims}") : "";
        return DisplayText.Harmless($"{session.Role ?? session.BackendType}, {session.ApplicationName ?? "unnamed"}, {State(session)} {Age(session)}{blocks}").TrimEnd();
    }

    private static TimeSpan? Rounded(TimeSpan? time) => time is { } span && span >= TimeSpan.FromSeconds(1)
        ? TimeSpan.FromSeconds(Math.Floor(span.TotalSeconds * 10) / 10)
        : time;
}
