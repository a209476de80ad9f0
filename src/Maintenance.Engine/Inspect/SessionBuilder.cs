using Maintenance.Engine.Database;

namespace Maintenance.Engine.Inspect;

/// <summary>Makes of what was read what users see: sessions in their blocking trees. Pure.</summary>
internal static class SessionBuilder
{
    /// <summary>Everybody: first the blocking trees, each root followed by those below it, then the others, longest transaction first.</summary>
    public static IReadOnlyList<DbSession> Build(SessionSnapshot snapshot)
    {
        var waits = new LockWaits(snapshot);
        var tree = new BlockingTree([.. waits.Waits.Select(wait => wait?.Blockers ?? [])]);
        var sessions = waits.Nodes.Index().Select(node => node.Item.Session is { } row
            ? Placed(FromSession(snapshot, row), node.Index, snapshot, waits, tree)
            : Placed(FromPrepared(snapshot, node.Item.Prepared!), node.Index, snapshot, waits, tree)).ToList();
        return
        [
            .. tree.InOrder().Select(node => sessions[node]),
            .. sessions.Where((_, node) => !tree.Places[node].IsInTree)
                .OrderByDescending(session => session.TransactionAge ?? TimeSpan.MinValue)
                .ThenByDescending(session => session.StateAge ?? TimeSpan.MinValue)
                .ThenBy(session => session.ProcessId),
        ];
    }

    private static DbSession Placed(DbSession session, int node, SessionSnapshot snapshot, LockWaits waits, BlockingTree tree)
    {
        var place = tree.Places[node];
        session = session with
        {
            Depth = place.Depth,
            RootBlocker = place.Root is { } root ? ProcessId(waits.Nodes[root]) : null,
            IsRootBlocker = place.IsRootBlocker,
            IsDeadlocked = place.IsDeadlocked,
            Victims = place.Victims,
            VictimWait = place.IsRootBlocker && snapshot.TellsWaits
                ? tree.VictimsOf(node).Where(victim => tree.Places[victim].OnlyRoot == node)
                    .Aggregate(TimeSpan.Zero, (sum, victim) => sum + (Age(snapshot, waits.Waits[victim]?.Wanted.WaitStart) ?? TimeSpan.Zero))
                : null,
            Samples = place.IsInTree ? 1 : 0,
        };
        if (waits.Waits[node] is not { } wait)
        {
            return session;
        }

        return session with
        {
            IsWaiting = true,
            WaitAge = Age(snapshot, wait.Wanted.WaitStart),
            LockType = wait.Wanted.LockType,
            LockMode = wait.Wanted.Mode,
            RelationOid = wait.Relation?.RelationOid,
            Relation = wait.Relation is { IsLocal: true, RelationOid: { } oid } ? snapshot.RelationNames.GetValueOrDefault(oid) : null,
            QueuePosition = wait.QueuePosition,
            IsDdlQueue = wait.Wanted is { LockType: "relation", Mode: LockConflicts.AccessExclusive }
                && waits.Waits.Any(other => other is not null && other.QueuedBehind.Contains(node)),
            BlockedBy = [.. wait.Blockers.Select(blocker => ProcessId(waits.Nodes[blocker]))],
            QueuedBehind = [.. wait.QueuedBehind.Select(blocker => ProcessId(waits.Nodes[blocker]))],
            BlockedByPrepared = [.. wait.Blockers.Select(blocker => waits.Nodes[blocker].Prepared?.Gid).OfType<string>()],
        };
    }

    private static DbSession FromSession(SessionSnapshot snapshot, SessionRow row)
    {
        var (protection, reason) = SessionProtection.Of(row, snapshot.Own);
        return new DbSession
        {
            Target = snapshot.Target,
            Database = row.Database,
            ProcessId = row.ProcessId,
            BackendStart = row.BackendStart,
            BackendType = row.BackendType,
            Role = row.Role,
            ApplicationName = string.IsNullOrEmpty(row.ApplicationName) ? null : row.ApplicationName,
            ClientAddress = row.ClientAddress,
            State = StateOf(row),
            StateSince = row.StateChange,
            StateAge = Age(snapshot, row.StateChange),
            TransactionStart = row.TransactionStart,
            TransactionAge = Age(snapshot, row.TransactionStart),
            QueryAge = Age(snapshot, row.QueryStart),
            WaitEventType = row.WaitEventType,
            WaitEvent = row.WaitEvent,
            XminAge = row.XminAge,
            XidAge = row.XidAge,
            Protection = protection,
            ProtectionReason = reason,
            IsHidden = row.IsHidden,
            Query = row.Query is null ? null : QueryText.Redact(row.Query),
            CollectedAt = snapshot.CollectedAt,
        };
    }

    private static DbSession FromPrepared(SessionSnapshot snapshot, PreparedRow row) => new()
    {
        Target = snapshot.Target,
        Database = row.Database,
        ProcessId = 0,
        BackendType = "prepared transaction",
        Role = row.Owner,
        State = DbSessionState.Prepared,
        StateSince = row.Prepared,
        StateAge = Age(snapshot, row.Prepared),
        TransactionStart = row.Prepared,
        TransactionAge = Age(snapshot, row.Prepared),
        XminAge = row.XidAge,
        XidAge = row.XidAge,
        PreparedTransaction = row.Gid,
        Protection = DbSessionProtection.Always,
        ProtectionReason = $"It is a prepared transaction, which no signal ends: ROLLBACK PREPARED {row.QuotedGid} or COMMIT PREPARED does, in its database.",
        CollectedAt = snapshot.CollectedAt,
    };

    private static int ProcessId(LockOwner owner) => owner.Session?.ProcessId ?? 0;

    private static DbSessionState StateOf(SessionRow row) => row.State switch
    {
        "active" => DbSessionState.Active,
        "idle" => DbSessionState.Idle,
        "idle in transaction" => DbSessionState.IdleInTransaction,
        "idle in transaction (aborted)" => DbSessionState.IdleInTransactionAborted,
        "fastpath function call" => DbSessionState.FastPathFunctionCall,
        "starting" => DbSessionState.Starting,
        null when row is { HasRole: false } => DbSessionState.Background,
        _ => DbSessionState.Unknown,
    };

    // Clocks of one server: what lies a moment ahead has just begun.
    private static TimeSpan? Age(SessionSnapshot snapshot, DateTimeOffset? since) =>
        since is { } time ? snapshot.ServerTime > time ? snapshot.ServerTime - time : TimeSpan.Zero : null;
}
