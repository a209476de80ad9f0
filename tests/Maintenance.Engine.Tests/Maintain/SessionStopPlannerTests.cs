using Maintenance.Engine.Maintain;

namespace Maintenance.Engine.Tests.Maintain;

public sealed class SessionStopPlannerTests
{
    private static readonly DateTimeOffset Now = new(2025, 6, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly DbSession Active = new()
    {
        Target = "t",
        ProcessId = 42,
        BackendStart = Now.AddHours(-1),
        TransactionStart = Now.AddMinutes(-5),
        BackendType = "client backend",
        Role = "app",
        ApplicationName = "web",
        State = DbSessionState.Active,
        StateAge = TimeSpan.FromMinutes(5),
        TransactionAge = TimeSpan.FromMinutes(5),
        Victims = 3,
        VictimWait = TimeSpan.FromSeconds(90),
        CollectedAt = Now,
    };

    private static DbSessionStopPlan Plan(DbSession? seen, DbSession? now, DbSessionStopMode mode = DbSessionStopMode.CancelThenTerminate, bool force = false) =>
        SessionStopPlanner.Plan(new DbSessionStopRequest { ProcessId = 42, Seen = seen, Mode = mode, Force = force }, now, "t", Now);

    [Fact]
    public void A_plan_says_who_it_is_what_it_does_and_whom_it_blocks_for_how_long()
    {
        var plan = Plan(Active, Active);
        Assert.Null(plan.Decided);
        Assert.Equal(DbSessionStopMode.CancelThenTerminate, plan.Mode);
        Assert.Equal("session 42 of t (role app, application web, active for 5 min, transaction open for 5 min, blocks 3 session(s), which have waited 90 s together)", plan.Description);
        Assert.Equal("Cancel the statement; if the transaction is still open after 5 s, terminate the session", plan.Action);
    }

    [Fact]
    public void Idle_in_a_transaction_is_ended_at_once_and_cannot_be_cancelled()
    {
        var idle = Active with { State = DbSessionState.IdleInTransaction };
        Assert.Equal(DbSessionStopMode.Terminate, Plan(idle, idle).Mode);
        Assert.Contains("a cancel does nothing", Plan(idle, idle).Action, StringComparison.Ordinal);
        Assert.Equal(DbSessionStopOutcome.Refused, Plan(idle, idle, DbSessionStopMode.Cancel).Decided!.Outcome);
    }

    [Fact]
    public void Another_session_with_the_same_number_is_left_alone() =>
        Assert.Equal(DbSessionStopOutcome.AlreadyGone, Plan(Active, Active with { BackendStart = Active.BackendStart!.Value.AddMicroseconds(1) }).Decided!.Outcome);

    [Fact]
    public void A_session_that_is_gone_is_gone() => Assert.Equal(DbSessionStopOutcome.AlreadyGone, Plan(Active, null).Decided!.Outcome);

    [Fact]
    public void A_session_in_another_transaction_is_left_alone_unless_its_number_was_given()
    {
        var later = Active with { TransactionStart = Now };
        Assert.Equal(DbSessionStopOutcome.AlreadyGone, Plan(Active, later).Decided!.Outcome);
        Assert.Null(Plan(null, later).Decided);
    }

    [Fact]
    public void A_victim_is_skipped_unless_it_is_named_or_forced()
    {
        var victim = Active with { BlockedBy = [7] };
        Assert.Equal(DbSessionStopOutcome.Skipped, Plan(victim, victim).Decided!.Outcome);
        Assert.Contains("its blocker (7) comes first", Plan(victim, victim).Decided!.Message, StringComparison.Ordinal);
        Assert.Null(Plan(null, victim).Decided);
        Assert.Null(Plan(victim, victim, force: true).Decided);
    }

    [Theory]
    [InlineData(DbSessionProtection.NeedsForce, false, true)]
    [InlineData(DbSessionProtection.NeedsForce, true, false)]
    [InlineData(DbSessionProtection.Always, false, true)]
    [InlineData(DbSessionProtection.Always, true, true)]
    public void Force_overcomes_what_needs_force_and_nothing_more(DbSessionProtection protection, bool force, bool refused)
    {
        var session = Active with { Protection = protection, ProtectionReason = "For a reason." };
        var decided = Plan(session, session, force: force).Decided;
        Assert.Equal(refused, decided is { Outcome: DbSessionStopOutcome.Refused });
        Assert.True(decided is null || decided.Message.Contains("For a reason.", StringComparison.Ordinal));
    }

    [Fact]
    public void A_prepared_transaction_names_the_command_that_ends_it()
    {
        var prepared = Active with { ProcessId = 0, PreparedTransaction = "x", Protection = DbSessionProtection.Always, ProtectionReason = "ROLLBACK PREPARED 'x'" };
        var decided = SessionStopPlanner.Plan(new DbSessionStopRequest { ProcessId = 0, Seen = prepared, Force = true }, null, "t", Now).Decided!;
        Assert.Equal(DbSessionStopOutcome.Refused, decided.Outcome);
        Assert.Contains("ROLLBACK PREPARED 'x'", decided.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_client_calls_itself_cannot_forge_the_question()
    {
        var plan = Plan(null, Active with { ApplicationName = "x)\r\n\u001b[2JPerform nothing\u202e" });
        Assert.DoesNotContain(plan.Description, character => char.IsControl(character) || character == '\u202e');
    }
}
