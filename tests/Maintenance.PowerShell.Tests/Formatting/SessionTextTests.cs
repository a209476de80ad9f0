using Maintenance.Formatting;

namespace Maintenance.ModuleTests.Formatting;

public sealed class SessionTextTests
{
    private static readonly DbSession Session = new() { Target = "t", ProcessId = 42, State = DbSessionState.Active, CollectedAt = DateTimeOffset.UnixEpoch };

    [Theory]
    [InlineData(0, "42")]
    [InlineData(1, "└ 42")]
    [InlineData(3, "    └ 42")]
    [InlineData(50, "      └ 42")]
    public void A_process_is_indented_by_its_depth_as_far_as_the_column_allows(int depth, string expected) =>
        Assert.Equal(expected, SessionText.Process(Session with { Depth = depth }));

    [Fact]
    public void A_waiter_shows_what_it_wants()
    {
        var waiting = Session with { IsWaiting = true, LockType = "relation", LockMode = "AccessExclusiveLock", Relation = "public.t", IsDdlQueue = true };
        Assert.Equal("AccessExclusive public.t (DDL queue)", SessionText.Wait(waiting));
        Assert.Equal("Share row relation 16384", SessionText.Wait(waiting with { LockType = "transactionid", LockMode = "ShareLock", Relation = null, RelationOid = 16384, IsDdlQueue = false }));
        Assert.Equal("waiting", SessionText.State(waiting));
        Assert.Equal("deadlocked", SessionText.State(waiting with { IsDeadlocked = true }));
        Assert.Equal("", SessionText.Wait(Session with { State = DbSessionState.Idle, WaitEvent = "ClientRead", WaitEventType = "Client" }));
        Assert.Equal("IO: DataFileRead", SessionText.Wait(Session with { WaitEvent = "DataFileRead", WaitEventType = "IO" }));
    }

    [Fact]
    public void Victims_and_blockers_are_told_in_few_words()
    {
        Assert.Equal("", SessionText.Victims(Session));
        Assert.Equal("3 (1 min 30 s)", SessionText.Victims(Session with { Victims = 3, VictimWait = TimeSpan.FromSeconds(90.04) }));
        Assert.Equal("7, prepared 'x\uFFFD'", SessionText.Blockers(Session with { BlockedBy = [7, 0], BlockedByPrepared = ["x\n"] }));
    }
}
