namespace Maintenance.Engine.Inspect;

/// <summary>What a session waits for, and for whom.</summary>
internal sealed record LockWait
{
    /// <summary>The lock it waits for.</summary>
    public required LockRow Wanted { get; init; }

    /// <summary>The relation it is about, where it is about one.</summary>
    public LockRow? Relation { get; init; }

    /// <summary>Those it waits for, who hold what it wants first; places in <see cref="LockWaits.Nodes"/>.</summary>
    public required IReadOnlyList<int> Blockers { get; init; }

    /// <summary>Those of them that hold nothing it wants, but stand before it in the queue.</summary>
    public required IReadOnlyList<int> QueuedBehind { get; init; }

    /// <summary>Its place in the queue; null if the server does not tell.</summary>
    public int? QueuePosition { get; init; }
}

/// <summary>A session or a prepared transaction: whoever can hold a lock.</summary>
internal sealed record LockOwner(SessionRow? Session, PreparedRow? Prepared);

/// <summary>
/// Reads from the lock table who waits for whom. pg_blocking_pids knows best, except that it calls every prepared transaction 0;
/// which one is meant follows from the locks.
/// </summary>
internal sealed class LockWaits
{
    private readonly SessionSnapshot _snapshot;
    private readonly Dictionary<int, int> _nodeOfProcess;
    private readonly Dictionary<string, int> _nodeOfPrepared;
    private readonly ILookup<string, LockRow> _byObject;

    public LockWaits(SessionSnapshot snapshot)
    {
        _snapshot = snapshot;
        // Who has waited longest comes first wherever nothing else decides.
        var since = snapshot.Locks.Where(row => row is { Granted: false, ProcessId: not null })
            .GroupBy(row => row.ProcessId!.Value)
            .ToDictionary(group => group.Key, group => group.Min(row => row.WaitStart));
        Nodes =
        [
            .. snapshot.Sessions
                .OrderBy(session => since.GetValueOrDefault(session.ProcessId) ?? DateTimeOffset.MaxValue)
                .ThenBy(session => session.TransactionStart ?? DateTimeOffset.MaxValue)
                .ThenBy(session => session.ProcessId)
                .Select(session => new LockOwner(session, null)),
            .. snapshot.Prepared.Select(prepared => new LockOwner(null, prepared)),
        ];
        _nodeOfProcess = Nodes.Index().Where(node => node.Item.Session is not null).ToDictionary(node => node.Item.Session!.ProcessId, node => node.Index);
        // Workers of a parallel query wait and hold for the session that leads them.
        foreach (var worker in snapshot.Sessions.Where(session => session.LeaderProcessId is { } leader && session.BackendType == "parallel worker" && _nodeOfProcess.ContainsKey(leader)))
        {
            _nodeOfProcess[worker.ProcessId] = _nodeOfProcess[worker.LeaderProcessId!.Value];
        }

        var preparedByNumber = Nodes.Index().Where(node => node.Item.Prepared is not null).ToDictionary(node => node.Item.Prepared!.TransactionId, node => node.Index);
        _nodeOfPrepared = snapshot.Locks
            .Where(row => row is { ProcessId: null, LockType: "transactionid", TransactionId: not null } && preparedByNumber.ContainsKey(row.TransactionId))
            .GroupBy(row => row.Owner)
            .ToDictionary(group => group.Key, group => preparedByNumber[group.First().TransactionId!]);
        _byObject = snapshot.Locks.ToLookup(row => row.LockedObject);
        Waits = new LockWait?[Nodes.Count];
        foreach (var row in snapshot.Locks.Where(row => !row.Granted))
        {
            if (NodeOf(row) is { } node)
            {
                Waits[node] ??= Read(node, row);
            }
        }
    }

    /// <summary>Everybody.</summary>
    public IReadOnlyList<LockOwner> Nodes { get; }

    /// <summary>What each of them waits for; null for who does not wait.</summary>
    public LockWait?[] Waits { get; }

    private LockWait Read(int node, LockRow wanted)
    {
        var blockers = wanted.Blockers.Where(process => process != 0)
            .Select(process => _nodeOfProcess.TryGetValue(process, out var blocker) ? blocker : (int?)null)
            .OfType<int>()
            .Concat(wanted.Blockers.Contains(0) ? PreparedHolders(wanted) : [])
            .Where(blocker => blocker != node)
            .Distinct()
            .ToList();
        var holders = Holders(wanted).ToHashSet();
        return new LockWait
        {
            Wanted = wanted,
            Relation = wanted.RelationOid is not null ? wanted
                : _snapshot.Locks.FirstOrDefault(row => row is { LockType: "tuple", Granted: true } && row.ProcessId == wanted.ProcessId),
            Blockers = [.. blockers.OrderBy(blocker => holders.Contains(blocker) ? 0 : 1)],
            QueuedBehind = [.. blockers.Where(blocker => !holders.Contains(blocker))],
            QueuePosition = wanted.WaitStart is null ? null
                : 1 + _byObject[wanted.LockedObject].Count(row => !row.Granted && row.WaitStart < wanted.WaitStart),
        };
    }

    private IEnumerable<int> Holders(LockRow wanted) => _byObject[wanted.LockedObject]
        .Where(row => row.Granted && LockConflicts.Exclude(row.Mode, wanted.Mode))
        .Select(NodeOf)
        .OfType<int>();

    private IEnumerable<int> PreparedHolders(LockRow wanted) => Holders(wanted).Where(holder => Nodes[holder].Prepared is not null);

    private int? NodeOf(LockRow row) =>
        row.ProcessId is { } process
            ? _nodeOfProcess.TryGetValue(process, out var session) ? session : null
            : _nodeOfPrepared.TryGetValue(row.Owner, out var prepared) ? prepared : null;
}
