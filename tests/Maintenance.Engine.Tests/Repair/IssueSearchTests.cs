using Maintenance.Engine.Repair.Issues;
using Microsoft.Extensions.Time.Testing;

namespace Maintenance.Engine.Tests.Repair;

/// <summary>How probes are run together, and how one is run again.</summary>
public sealed class IssueSearchTests
{
    private static readonly MaintenanceTarget Target = new() { Name = "t" };

    private static readonly IssueKind One = new("TEST-ONE", "A", "One");

    private static readonly IssueKind Two = new("TEST-TWO", "B", "Two");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static IssueService Service(params IIssueProbe[] probes) => new(probes, null!, TimeProvider.System);

    private static Finding Wrong(IssueKind kind, string? subject = null) => Issue.Found(kind, FindingSeverity.High, subject, "It is wrong.", "Mend it.");

    [Fact]
    public void Where_requests_are_not_watched_on_purpose_nobody_asks_how_long_they_take() => Assert.Equal(
        [true, false],
        new[] { Target, Target with { ExcludedComponents = ["errors"] } }.Select(new SlowResponseProbe(null!, null!).AppliesTo));

    [Fact]
    public async Task One_that_fails_or_is_not_permitted_is_a_finding_and_the_others_go_on()
    {
        var found = await Service(
            new Probe(One, _ => throw new MaintenanceException(MaintenanceErrorCode.PermissionDenied, "May not.", "Grant.")),
            new Probe(Two, _ => throw new InvalidOperationException("broken")),
            new Probe(new IssueKind("TEST-THREE", "B", "Three"), _ => Task.FromResult<IReadOnlyList<Finding>>([Wrong(Two, "x")])))
            .FindAsync(Target, new IssueSelection(), Calls.Silent(), Token);

        Assert.Equal([FindingOutcome.Fail, FindingOutcome.NotPermitted, FindingOutcome.Unknown], found.Select(finding => finding.Outcome));
        Assert.All(found, finding => Assert.Equal(("t", true), (finding.Target, finding.CollectedAt > DateTimeOffset.UnixEpoch)));
        Assert.Equal("Grant.", found[1].Recommendation);
        Assert.Equal(nameof(MaintenanceErrorCode.Unexpected), found[2].Evidence["Error"]);
        Assert.All(found.Skip(1), finding => Assert.Null(finding.Remedy));
    }

    [Fact]
    public async Task One_that_hangs_is_unknown_when_the_time_is_up_and_the_others_have_been_told()
    {
        var time = new FakeTimeProvider();
        var begun = new TaskCompletionSource();
        var told = new TaskCompletionSource();
        var service = new IssueService(
            [
                new Probe(One, async token =>
                {
                    begun.SetResult();
                    await Task.Delay(Timeout.InfiniteTimeSpan, token);
                    return [];
                }),
                new Probe(Two, _ =>
                {
                    told.SetResult();
                    return Task.FromResult<IReadOnlyList<Finding>>([Issue.Passed(Two, "Well.")]);
                }),
            ],
            null!,
            time);

        var searching = service.FindAsync(Target, new IssueSelection { IncludePassed = true }, Calls.Silent(TimeSpan.FromSeconds(5)), Token);
        await Task.WhenAll(begun.Task, told.Task);
        time.Advance(TimeSpan.FromSeconds(6));

        Assert.Equal([("TEST-ONE", FindingOutcome.Unknown), ("TEST-TWO", FindingOutcome.Pass)], (await searching).Select(finding => (finding.Id, finding.Outcome)));
        Assert.Equal(nameof(MaintenanceErrorCode.DeadlineExceeded), (await searching)[0].Evidence["Error"]);
    }

    [Fact]
    public async Task The_caller_s_wish_to_stop_ends_the_search()
    {
        using var stop = new CancellationTokenSource();
        var begun = new TaskCompletionSource();
        var searching = Service(new Probe(One, async token =>
        {
            begun.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, token);
            return [];
        })).FindAsync(Target, new IssueSelection(), Calls.Silent(), stop.Token);
        await begun.Task;
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => searching);
    }

    [Fact]
    public async Task No_more_than_three_look_at_the_same_time()
    {
        var (now, most) = (0, 0);
        var probes = Enumerable.Range(0, 10).Select(number => new Probe(new IssueKind($"TEST-{number}", "A", ""), async token =>
        {
            InterlockedMax(ref most, Interlocked.Increment(ref now));
            await Task.Delay(5, token);
            Interlocked.Decrement(ref now);
            return [];
        })).ToArray();

        await Service(probes).FindAsync(Target, new IssueSelection(), Calls.Silent(), Token);

        Assert.InRange(most, 1, 3);
    }

    [Fact]
    public async Task Ids_areas_and_severities_choose_and_what_is_not_wanted_is_not_looked_at()
    {
        var asked = new List<string>();
        Probe Asking(IssueKind kind) => new(kind, _ =>
        {
            asked.Add(kind.Id);
            return Task.FromResult<IReadOnlyList<Finding>>([Wrong(kind)]);
        });
        var service = Service(Asking(One), Asking(Two));

        Assert.Equal("TEST-ONE", Assert.Single(await service.FindAsync(Target, new IssueSelection { Ids = id => id == "TEST-ONE" }, Calls.Silent(), Token)).Id);
        Assert.Equal("TEST-TWO", Assert.Single(await service.FindAsync(Target, new IssueSelection { Areas = area => area == "B" }, Calls.Silent(), Token)).Id);
        Assert.Equal(["TEST-ONE", "TEST-TWO"], asked);
        Assert.Empty(await service.FindAsync(Target, new IssueSelection { MinimumSeverity = FindingSeverity.Critical }, Calls.Silent(), Token));
    }

    [Fact]
    public async Task What_a_probe_as_a_whole_could_not_see_is_told_whichever_of_its_ids_was_asked_for()
    {
        var service = Service(new Probe([One, Two], _ => throw new MaintenanceException(MaintenanceErrorCode.DatabaseUnreachable, "Gone.", "")));

        Assert.Equal(FindingOutcome.Unknown, Assert.Single(await service.FindAsync(Target, new IssueSelection { Ids = id => id == "TEST-TWO" }, Calls.Silent(), Token)).Outcome);
    }

    [Fact]
    public async Task A_remedy_of_one_s_own_is_put_on_what_is_wrong_and_has_none()
    {
        var policy = new RepairPolicy
        {
            Remedies =
            [
                new CustomRemedy { Name = "restart", Finding = "TEST-*", Program = "/opt/re start", Arguments = ["--what", "{subject}", "it's {target}"], Risk = RemedyRisk.Medium },
                new CustomRemedy { Name = "second", Finding = "*", Program = "/x" },
            ],
        };
        var has = new Remedy { Kind = "Vacuum", Command = "VACUUM" };
        var found = await Service(new Probe(One, _ => Task.FromResult<IReadOnlyList<Finding>>(
            [Wrong(One, "{target}"), Wrong(One, "has one") with { Remedy = has }, Issue.NotKnown(One, FindingSeverity.Low, "?", null), Issue.Passed(One, "Well.")])))
            .FindAsync(Target with { Repair = policy }, new IssueSelection { IncludePassed = true }, Calls.Silent(), Token);

        Assert.Equal(["Custom", "Vacuum", null, null], found.Select(finding => finding.Remedy?.Kind));
        Assert.Equal(("'/opt/re start' --what '{target}' 'it''s t'", RemedyRisk.Medium, "restart"), (found[0].Remedy!.Command, found[0].Remedy!.Risk, found[0].Remedy!.Parameters["name"]));
    }

    [Fact]
    public async Task Looked_at_again_an_issue_is_there_gone_or_unknown()
    {
        IReadOnlyList<Finding> now = [];
        var service = Service(new Probe(One, _ => Task.FromResult(now)));
        var before = Wrong(One, "a");
        async Task<bool?> AgainAsync(params Finding[] found)
        {
            now = found;
            return (await service.FindAgainAsync(Target, before, Calls.Silent(), Token)).IsThere;
        }

        Assert.True(await AgainAsync(Wrong(One, "a")));
        Assert.False(await AgainAsync(Wrong(One, "b")));
        Assert.False(await AgainAsync(Issue.Passed(One, "Well.")));
        Assert.Null(await AgainAsync(Issue.NotKnown(One, FindingSeverity.Low, "?", null)));
        Assert.Null(await AgainAsync(Wrong(One, "b"), Issue.NotKnown(One, FindingSeverity.Low, "?", null, subject: "a")));
        Assert.False(await AgainAsync(Wrong(One, "b"), Issue.NotKnown(One, FindingSeverity.Low, "?", null, subject: "c")));
        var elsewhere = await service.FindAgainAsync(Target, before with { Id = "BACKUP-STALE" }, Calls.Silent(), Token);
        Assert.Null(elsewhere.IsThere);
        Assert.Contains("BACKUP-STALE", elsewhere.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Errors_that_name_another_component_are_the_same_issue()
    {
        var service = Service(new Probe(One, _ => Task.FromResult<IReadOnlyList<Finding>>([Wrong(One, "b")]), isOneIssue: true));

        var again = await service.FindAgainAsync(Target, Wrong(One, "a"), Calls.Silent(), Token);

        Assert.Equal((true, "b"), (again.IsThere, again.Finding!.Subject));
    }

    [Fact]
    public async Task Expected_runs_are_looked_for_where_any_are_expected()
    {
        var missed = new Finding { Id = "ALERT-RUN-MISSED", Area = "Alerts", Severity = FindingSeverity.High, Message = "Daily did not run." };
        var service = Service(new MissedRunProbe((_, _, _) => Task.FromResult<IReadOnlyList<Finding>>([missed])));

        Assert.Empty(await service.FindAsync(Target, new IssueSelection(), Calls.Silent(), Token));
        var expecting = Target with { Alerts = new AlertPolicy { Expected = new Dictionary<string, TimeSpan> { ["Daily"] = TimeSpan.FromDays(1) } } };
        Assert.Equal("ALERT-RUN-MISSED", Assert.Single(await service.FindAsync(expecting, new IssueSelection(), Calls.Silent(), Token)).Id);
    }

    [Fact]
    public async Task Kinds_have_ids_of_their_own_and_titles()
    {
        await using var engine = new MaintenanceEngine();
        var kinds = engine.Issues.Kinds;

        Assert.Equal(kinds.Count, kinds.Select(kind => kind.Id).Distinct(StringComparer.OrdinalIgnoreCase).Count());
        Assert.All(kinds, kind => Assert.Matches("^[A-Z]+(-[A-Z]+)+$", kind.Id));
        Assert.All(kinds, kind => Assert.NotEqual("", kind.Title));
        Assert.Contains("ISSUE-CONNECTIONS", engine.Issues.NoSuchId("ISSUE-CONECTIONS").Recommendation, StringComparison.Ordinal);
    }

    private static void InterlockedMax(ref int most, int value)
    {
        for (var seen = Volatile.Read(ref most); value > seen; seen = Volatile.Read(ref most))
        {
            Interlocked.CompareExchange(ref most, value, seen);
        }
    }

    private sealed class Probe(IReadOnlyList<IssueKind> kinds, Func<CancellationToken, Task<IReadOnlyList<Finding>>> find, bool isOneIssue = false) : IIssueProbe
    {
        public Probe(IssueKind kind, Func<CancellationToken, Task<IReadOnlyList<Finding>>> find, bool isOneIssue = false)
            : this([kind], find, isOneIssue)
        {
        }

        public string Name => "something";

        public IReadOnlyList<IssueKind> Kinds => kinds;

        public bool IsOneIssue => isOneIssue;

        public Task<IReadOnlyList<Finding>> FindAsync(IssueContext context, CancellationToken cancellationToken) => find(cancellationToken);
    }
}
