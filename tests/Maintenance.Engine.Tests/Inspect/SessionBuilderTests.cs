using Maintenance.Engine.Inspect;

namespace Maintenance.Engine.Tests.Inspect;

public sealed class SessionBuilderTests
{
    private static readonly DateTimeOffset Now = new(2025, 6, 1, 12, 0, 0, TimeSpan.Zero);

    private static SessionRow Session(int process, string state = "active") => new()
    {
        ProcessId = process,
        Role = $"role{process}",
        BackendType = "client backend",
        State = state,
        BackendStart = Now.AddHours(-1),
        TransactionStart = Now.AddSeconds(-process),
        StateChange = Now.AddSeconds(-process),
    };

    private static LockRow Lock(int? process, string mode, bool granted, int waited = 0, int[]? blockers = null, string locked = "relation/1", string type = "relation") => new()
    {
        ProcessId = process,
        Owner = $"{process}/1",
        LockedObject = locked,
        LockType = type,
        RelationOid = type == "relation" ? 16384 : null,
        IsLocal = true,
        Mode = mode,
        Granted = granted,
        WaitStart = granted ? null : Now.AddSeconds(-waited),
        Blockers = blockers ?? [],
    };

    private static SessionSnapshot Snapshot(SessionRow[] sessions, LockRow[] locks, params PreparedRow[] prepared) => new()
    {
        Target = "t",
        ServerTime = Now,
        CollectedAt = Now,
        Sessions = sessions,
        Locks = locks,
        Prepared = prepared,
        RelationNames = new Dictionary<long, string> { [16384] = "public.\"Big Table\"" },
    };

    [Fact]
    public void A_change_of_schema_behind_a_reader_stops_everybody_and_is_named()
    {
        var sessions = SessionBuilder.Build(Snapshot(
            [Session(3), Session(2), Session(1, "idle in transaction"), Session(4)],
            [
                Lock(1, "AccessShareLock", granted: true),
                Lock(2, "AccessExclusiveLock", granted: false, 20, [1]),
                Lock(3, "AccessShareLock", granted: false, 10, [2]),
            ]));

        Assert.Equal([1, 2, 3, 4], sessions.Select(session => session.ProcessId));
        var (root, change, reader, other) = (sessions[0], sessions[1], sessions[2], sessions[3]);
        Assert.True(root is { IsRootBlocker: true, Victims: 2, IsWaiting: false, RootBlocker: 1, IsIdleInTransaction: true });
        Assert.Equal(TimeSpan.FromSeconds(30), root.VictimWait);
        Assert.True(change is { IsDdlQueue: true, Depth: 1, QueuePosition: 1, Victims: 1, VictimWait: null, Relation: "public.\"Big Table\"", LockMode: "AccessExclusiveLock" });
        Assert.Equal(TimeSpan.FromSeconds(20), change.WaitAge);
        Assert.Empty(change.QueuedBehind);
        Assert.True(reader is { IsDdlQueue: false, Depth: 2, QueuePosition: 2, RootBlocker: 1 });
        Assert.Equal([2], reader.QueuedBehind);
        Assert.True(other is { RootBlocker: null, Samples: 0 });
    }

    [Fact]
    public void A_prepared_transaction_is_named_by_the_locks_it_holds()
    {
        PreparedRow Prepared(string gid, string number) => new(gid, $"'{gid}'", "owner", "db", Now.AddHours(-2), number, 500);
        LockRow Of(string owner, LockRow row) => row with { Owner = owner };
        var sessions = SessionBuilder.Build(Snapshot(
            [Session(7)],
            [
                Of("5/9", Lock(null, "RowExclusiveLock", granted: true)),
                Of("5/9", Lock(null, "ExclusiveLock", granted: true, locked: "xid/701", type: "transactionid") with { TransactionId = "701" }),
                Of("5/8", Lock(null, "AccessShareLock", granted: true)),
                Of("5/8", Lock(null, "ExclusiveLock", granted: true, locked: "xid/702", type: "transactionid") with { TransactionId = "702" }),
                Lock(7, "ShareLock", granted: false, 5, [0]),
            ],
            Prepared("innocent", "702"),
            Prepared("guilty", "701")));

        Assert.Equal("guilty", sessions[0].PreparedTransaction);
        Assert.True(sessions[0] is { ProcessId: 0, IsRootBlocker: true, Victims: 1, State: DbSessionState.Prepared, Protection: DbSessionProtection.Always, XidAge: 500 });
        Assert.Contains("ROLLBACK PREPARED 'guilty'", sessions[0].ProtectionReason, StringComparison.Ordinal);
        Assert.Equal([0], sessions[1].BlockedBy);
        Assert.Equal(["guilty"], sessions[1].BlockedByPrepared);
        Assert.Equal(0, sessions[1].RootBlocker);
        Assert.False(sessions[2].IsRootBlocker);
    }

    [Fact]
    public void A_waiter_for_a_row_names_the_table_of_that_row()
    {
        var sessions = SessionBuilder.Build(Snapshot(
            [Session(1), Session(2)],
            [
                Lock(1, "ExclusiveLock", granted: true, locked: "xid/9", type: "transactionid"),
                Lock(2, "ShareLock", granted: false, 1, [1], locked: "xid/9", type: "transactionid"),
                Lock(2, "ExclusiveLock", granted: true, locked: "tuple/1", type: "tuple") with { RelationOid = 16384 },
            ]));
        Assert.True(sessions[1] is { LockType: "transactionid", Relation: "public.\"Big Table\"", IsDdlQueue: false });
        Assert.Empty(sessions[1].QueuedBehind);
    }

    [Fact]
    public void A_relation_of_another_database_has_its_number_alone()
    {
        var sessions = SessionBuilder.Build(Snapshot([Session(1), Session(2)], [
            Lock(1, "AccessExclusiveLock", granted: true) with { IsLocal = false },
            Lock(2, "AccessShareLock", granted: false, 1, [1]) with { IsLocal = false },
        ]));
        Assert.True(sessions[1] is { Relation: null, RelationOid: 16384 });
    }

    [Fact]
    public void A_parallel_worker_waits_for_its_leader()
    {
        var sessions = SessionBuilder.Build(Snapshot(
            [Session(1), Session(2), Session(3) with { BackendType = "parallel worker", LeaderProcessId = 2 }],
            [Lock(1, "AccessExclusiveLock", granted: true), Lock(3, "AccessShareLock", granted: false, 1, [1])]));
        Assert.True(sessions.Single(session => session.ProcessId == 2).IsWaiting);
        Assert.Equal(1, sessions[0].Victims);
    }

    [Fact]
    public void Blockers_that_have_gone_between_two_looks_do_not_matter()
    {
        var sessions = SessionBuilder.Build(Snapshot([Session(2)], [Lock(2, "ShareLock", granted: false, 1, [99]), Lock(98, "ShareLock", granted: false, 1, [2])]));
        Assert.True(Assert.Single(sessions) is { IsWaiting: true, Victims: 0, IsRootBlocker: false });
    }

    [Fact]
    public void Without_waiting_times_no_sum_of_them_is_told()
    {
        var snapshot = Snapshot([Session(1), Session(2)], [Lock(1, "ShareLock", granted: true), Lock(2, "ExclusiveLock", granted: false, 1, [1]) with { WaitStart = null }]) with { TellsWaits = false };
        var sessions = SessionBuilder.Build(snapshot);
        Assert.True(sessions[0] is { Victims: 1, VictimWait: null });
        Assert.True(sessions[1] is { WaitAge: null, QueuePosition: null });
    }

    [Fact]
    public void A_session_that_may_not_be_looked_at_is_unknown_and_a_process_of_the_server_is_not_a_session()
    {
        var hidden = new SessionRow { ProcessId = 1, Role = "other", HasRole = true };
        var process = new SessionRow { ProcessId = 2, HasRole = false, BackendType = "checkpointer" };
        var sessions = SessionBuilder.Build(Snapshot([hidden, process], []));
        Assert.True(sessions.Single(session => session.ProcessId == 1) is { IsHidden: true, State: DbSessionState.Unknown, Query: null, StateAge: null });
        Assert.Equal(DbSessionState.Background, sessions.Single(session => session.ProcessId == 2).State);
        Assert.Equal([1], new DbSessionQuery().Apply(sessions).Select(session => session.ProcessId));
        Assert.Equal(2, new DbSessionQuery { All = true }.Apply(sessions).Count());
    }

    [Fact]
    public void A_burst_keeps_each_at_its_worst_moment_and_counts_the_looks()
    {
        IReadOnlyList<DbSession> Look(int waited, bool third) => SessionBuilder.Build(Snapshot(
            [Session(1), Session(2), Session(3)],
            [
                Lock(1, "AccessExclusiveLock", granted: true), Lock(2, "AccessShareLock", granted: false, waited, [1]),
                .. third ? new[] { Lock(3, "AccessShareLock", granted: false, waited, [1]) } : [],
            ]));
        var burst = new SessionBurst();
        burst.Add(Look(1, third: false));
        burst.Add(Look(2, third: true));
        burst.Add(Look(3, third: false));
        burst.Add(SessionBuilder.Build(Snapshot([Session(1), Session(2), Session(3)], [])));
        var merged = burst.Merge();
        Assert.Equal([1, 2, 3], merged.Select(session => session.ProcessId));
        Assert.Equal([3, 3, 1], merged.Select(session => session.Samples));
        Assert.All(merged, session => Assert.Equal(4, session.SampleCount));
        Assert.Equal(2, merged[0].Victims);
        Assert.Equal(TimeSpan.FromSeconds(3), merged[1].WaitAge);
    }

    [Theory]
    [InlineData("AccessShareLock", "AccessExclusiveLock", true)]
    [InlineData("AccessShareLock", "ExclusiveLock", false)]
    [InlineData("RowExclusiveLock", "RowExclusiveLock", false)]
    [InlineData("RowExclusiveLock", "ShareLock", true)]
    [InlineData("ShareUpdateExclusiveLock", "ShareUpdateExclusiveLock", true)]
    [InlineData("ShareLock", "ShareLock", false)]
    [InlineData("SIReadLock", "AccessExclusiveLock", false)]
    public void Modes_exclude_each_other_as_the_manual_says_and_both_ways(string one, string other, bool expected)
    {
        Assert.Equal(expected, LockConflicts.Exclude(one, other));
        Assert.Equal(expected, LockConflicts.Exclude(other, one));
    }
}
