using Maintenance.Engine.Maintain;

namespace Maintenance.Engine.Tests.Maintain;

public sealed class ReindexPlannerTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 5, 12, 0, 0, TimeSpan.Zero);

    private static readonly ReindexFacts Facts = new()
    {
        Target = "app",
        Database = "db",
        ServerVersionNumber = 150004,
        Server = new PreflightFacts { IsStandby = false, IsPooled = false },
        Options = new ReindexOptions(),
        Now = Now,
    };

    private static readonly IndexState Index = new()
    {
        Oid = 20000, Schema = "s", Name = "i", TableOid = 19000, Table = "s.t", Shape = "shape", QualifiedName = "s.i", SizeBytes = 80 << 20, Owner = "owner", User = "me", QuotedSchema = "s",
    };

    private static DbAction Plan(IndexState index, ReindexFacts? facts = null) => ReindexPlanner.Rebuild(facts ?? Facts, index, [index]);

    [Fact]
    public void A_plan_tells_statement_lock_size_and_duration()
    {
        var action = Plan(Index);
        Assert.Equal(StepState.Planned, action.State);
        Assert.Equal("REINDEX INDEX CONCURRENTLY s.i", action.Sql);
        Assert.Equal(TimeSpan.FromSeconds(2), action.PredictedDuration);
        Assert.Equal(80 << 20, action.SizeBytes);
    }

    [Theory]
    [InlineData(140000, true)]
    [InlineData(140003, true)]
    [InlineData(140004, false)]
    [InlineData(130020, false)]
    public void The_versions_that_corrupt_indexes_are_refused(int version, bool refused)
    {
        var action = Plan(Index, Facts with { ServerVersionNumber = version });
        Assert.Equal(refused ? StepState.Skipped : StepState.Planned, action.State);
        Assert.Equal(refused, action.Message.Contains("17485", StringComparison.Ordinal));
    }

    [Fact]
    public void Who_has_only_MAINTAIN_is_told_what_that_does_not_allow()
    {
        var action = Plan(Index with { IsOwner = false, MayMaintain = true });
        Assert.Equal(StepState.Planned, action.State);
        Assert.Contains("only owner can drop", action.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void MAINTAIN_is_recommended_where_the_server_knows_it()
    {
        var index = Index with { IsOwner = false };
        var refused = Plan(index);
        Assert.Equal((StepState.Failed, MaintenanceErrorCode.PermissionDenied, HealthStatus.Warning), (refused.State, refused.Error, refused.Status));
        var old = Facts with { ServerVersionNumber = 160009 };
        Assert.EndsWith(" may: GRANT owner TO me;", Plan(index, old).Recommendation, StringComparison.Ordinal);
        var powerful = Plan(index with { OwnerIsPowerful = true }, old).Recommendation!;
        Assert.DoesNotContain("GRANT", powerful, StringComparison.Ordinal);
        Assert.Contains("Run it as owner", powerful, StringComparison.Ordinal);
        Assert.Contains("ALTER TABLE s.t OWNER TO", powerful, StringComparison.Ordinal);
        Assert.Equal("GRANT MAINTAIN ON TABLE s.t TO me; or, for all tables, GRANT pg_maintain TO me;", Plan(index, Facts with { ServerVersionNumber = 170000 }).Recommendation);
        Assert.Contains("GRANT USAGE ON SCHEMA s TO me;", Plan(Index with { ReachesSchema = false }).Recommendation, StringComparison.Ordinal);
    }

    [Fact]
    public void Space_for_a_tenth_more_than_the_index_must_be_free()
    {
        ReindexFacts WithFree(long bytes) => Facts with { Server = Facts.Server with { FreeBytes = bytes } };
        Assert.Equal(StepState.Planned, Plan(Index, WithFree(89 << 20)).State);
        var action = Plan(Index, WithFree(87 << 20));
        Assert.Equal((StepState.Deferred, MaintenanceErrorCode.UnsafeNow), (action.State, action.Error));
    }

    [Fact]
    public void An_old_snapshot_is_in_the_way_of_all_and_a_lock_of_its_table_alone()
    {
        ReindexFacts With(string kind, long relation) => Facts with { Obstacles = [new Obstacle(kind, relation, 77, "psql", "joe", "idle in transaction", Now, TimeSpan.FromMinutes(1))] };
        var action = Plan(Index, With("Snapshot", 0));
        Assert.Equal((StepState.Deferred, MaintenanceErrorCode.HeldBack), (action.State, action.Error));
        Assert.Contains("session 77 (psql, role joe, idle in transaction, since 2026-01-05 12:00:00Z) has an old snapshot", action.Message, StringComparison.Ordinal);
        Assert.Equal(StepState.Deferred, Plan(Index, With("Lock", 19000)).State);
        Assert.Equal(StepState.Planned, Plan(Index, With("Lock", 19001)).State);
        Assert.Equal(StepState.Planned, ReindexPlanner.Drop(With("Snapshot", 0), Index, "why").State);
        Assert.Equal(StepState.Deferred, ReindexPlanner.Drop(With("Lock", 19000), Index, "why").State);
    }

    [Fact]
    public void What_cannot_end_by_the_deadline_is_put_off()
    {
        Assert.Equal(MaintenanceErrorCode.DoesNotFit, Plan(Index, Facts with { Options = new ReindexOptions { Deadline = Now.AddSeconds(1.9) } }).Error);
        Assert.Equal(StepState.Planned, Plan(Index, Facts with { Options = new ReindexOptions { Deadline = Now.AddSeconds(2.1) } }).State);
    }

    [Fact]
    public void A_late_wait_is_worth_as_long_as_the_build_took_and_never_more_than_a_minute()
    {
        Assert.Equal([2, 4, 8, 16], Enumerable.Range(1, 4).Select(attempt => LockTimeoutLadder.For(attempt, TimeSpan.FromMilliseconds(10)).TotalSeconds));
        Assert.Equal(20, LockTimeoutLadder.For(1, TimeSpan.FromSeconds(20)).TotalSeconds);
        Assert.Equal(60, LockTimeoutLadder.For(3, TimeSpan.FromSeconds(20)).TotalSeconds);
        Assert.Equal(60, LockTimeoutLadder.For(100, TimeSpan.FromHours(5)).TotalSeconds);
    }

    [Fact]
    public void What_a_killed_run_noted_is_found_until_it_is_closed()
    {
        var action = Plan(Index);
        var origin = new RebuildOrigin(19000, 20000, "shape", new HashSet<long> { 20000, 20001 });
        var intent = InterruptedRebuilds.Intent(action, origin);
        var found = Assert.Single(InterruptedRebuilds.Find(new PastActions([intent]), "db"));
        Assert.Equal(origin.KnownOids, found.Origin.KnownOids);
        Assert.Equal((19000, 20000, "shape"), (found.Origin.TableOid, found.Origin.IndexOid, found.Origin.Shape));
        Assert.Empty(InterruptedRebuilds.Find(new PastActions([intent]), "other"));
        Assert.Empty(InterruptedRebuilds.Find(new PastActions([action with { State = StepState.Done, Oid = 30000 }, intent]), "db"));
        Assert.Empty(InterruptedRebuilds.Find(new PastActions([InterruptedRebuilds.Close(found, null), intent]), "db"));
        Assert.Equal(StepState.Failed, InterruptedRebuilds.Close(found, null).State);
        Assert.Equal(StepState.Done, InterruptedRebuilds.Close(found, Index).State);
        Assert.Single(InterruptedRebuilds.Find(new PastActions([intent with { StartedAt = Now.AddDays(1) }, action with { State = StepState.Done }, intent]), "db"));
    }

    [Fact]
    public async Task The_queue_hands_out_one_action_for_a_table_and_lets_some_run_alone()
    {
        QueuedAction Queued(string name, long table, bool alone = false) => new(Plan(Index) with { Name = name }, table, alone);
        var (a, b, c, d) = (Queued("a", 1), Queued("b", 1), Queued("c", 2, alone: true), Queued("d", 3));
        var queue = new ReindexQueue([a, b, c, d]);
        var stop = TestContext.Current.CancellationToken;
        Assert.Same(a, Assert.Single(await queue.TakeAsync(2, stop)));
        Assert.Same(d, Assert.Single(await queue.TakeAsync(2, stop)));
        var next = queue.TakeAsync(2, stop);
        Assert.False(next.IsCompleted);
        queue.Release([a]);
        Assert.Same(b, Assert.Single(await next));
        var last = queue.TakeAsync(2, stop);
        queue.Release([b]);
        Assert.False(last.IsCompleted);
        queue.Release([d]);
        Assert.Same(c, Assert.Single(await last));
        Assert.Empty(await queue.TakeAsync(2, stop));
    }

    [Fact]
    public async Task Small_ones_share_a_turn_up_to_the_first_that_is_large()
    {
        var oid = 1;
        QueuedAction Queued(double milliseconds, bool alone = false) =>
            new(Plan(Index) with { Oid = oid++, PredictedDuration = TimeSpan.FromMilliseconds(milliseconds) }, oid, alone);
        var queue = new ReindexQueue([Queued(60), .. Enumerable.Range(0, 5).Select(_ => Queued(10)), Queued(60), .. Enumerable.Range(0, 13).Select(_ => Queued(50)), Queued(1, alone: true)]);
        var stop = TestContext.Current.CancellationToken;
        var turns = new List<int>();
        while (await queue.TakeAsync(1, stop) is { Count: > 0 } taken)
        {
            turns.Add(taken.Count);
            queue.Release(taken);
        }

        Assert.Equal([1, 5, 1, 10, 3, 1], turns);
        var shared = new ReindexQueue(Enumerable.Range(0, 6).Select(_ => Queued(10)));
        foreach (var expected in new[] { 2, 2, 1, 1, 0 })
        {
            Assert.Equal(expected, (await shared.TakeAsync(3, stop)).Count);
        }
    }
}
