using Maintenance.Engine.Security.Access;

namespace Maintenance.Engine.Tests.Security;

/// <summary>What samples tell of roles together, and what of that is enough to call one inactive.</summary>
public sealed class RoleWatchTests
{
    private const long Role = 20000;
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 8, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Reset = Start.AddDays(-5);
    private static readonly TimeSpan NinetyDays = TimeSpan.FromDays(90);

    private static RoleSample Sample(double day, RoleSessions? sessions = null, double? calls = null, DateTimeOffset? reset = null, double discarded = 0, long system = 7, bool everyRole = true, bool exists = true) => new(
        Start.AddDays(day),
        system,
        exists ? [Role] : [],
        sessions is null ? new Dictionary<long, RoleSessions>() : new Dictionary<long, RoleSessions> { [Role] = sessions },
        calls is null ? null : new StatementTotals(new Dictionary<long, double> { [Role] = calls.Value }, reset ?? Reset, discarded),
        everyRole);

    private static RoleWatch After(params RoleSample[] samples) => samples.Aggregate(RoleWatch.Empty, (watch, sample) => RoleWatch.Read(watch.With(sample).Write("t", "k", sample.At)));

    private static ActivityVerdict Judge(RoleWatch watch, IReadOnlyList<DateTimeOffset> times, double day) =>
        ActivityVerdict.Of(watch.Roles[Role], times, watch.CountedSince, NinetyDays, Start.AddDays(day));

    private static (RoleWatch Watch, IReadOnlyList<DateTimeOffset> Times) Daily(int days) =>
        (After([.. Enumerable.Range(0, days + 1).Select(day => Sample(day))]), [.. Enumerable.Range(0, days + 1).Select(day => Start.AddDays(day))]);

    [Fact]
    public void A_session_tells_when_it_did_something_last()
    {
        var role = After(Sample(1, new RoleSessions(1, 0, TimeSpan.FromHours(6), 1))).Roles[Role];
        Assert.Equal((Start.AddDays(1).AddHours(-6), RoleActivitySource.Session), (role.LastActivityAt, role.Source));
    }

    [Fact]
    public void A_hidden_session_tells_only_that_somebody_is_connected()
    {
        var role = After(Sample(1, new RoleSessions(2, 1, TimeSpan.FromDays(3), 1))).Roles[Role];
        Assert.Equal((Start.AddDays(1), RoleActivitySource.Connected), (role.LastActivityAt, role.Source));
    }

    [Fact]
    public void A_session_that_has_been_idle_for_months_is_no_activity()
    {
        var samples = Enumerable.Range(0, 101).Select(day => Sample(day, new RoleSessions(1, 0, TimeSpan.FromDays(10 + day), 1))).ToArray();
        var verdict = Judge(After(samples), [.. samples.Select(sample => sample.At)], 100);
        Assert.Equal(RoleActivity.Inactive, verdict.Activity);
        Assert.Equal(Start.AddDays(-10), verdict.LastActivityAt);
    }

    [Fact]
    public void Statements_that_became_more_are_activity_and_those_of_before_the_watch_are_not()
    {
        Assert.Null(After(Sample(0, calls: 500)).Roles[Role].LastActivityAt);
        Assert.Null(After(Sample(0, calls: 500), Sample(1, calls: 500)).Roles[Role].LastActivityAt);
        var role = After(Sample(0, calls: 500), Sample(1, calls: 501), Sample(2, calls: 501)).Roles[Role];
        Assert.Equal((Start.AddDays(1), RoleActivitySource.Statements), (role.LastActivityAt, role.Source));
    }

    [Fact]
    public void After_a_reset_whatever_is_counted_is_new()
    {
        Assert.Equal(Start.AddDays(2), After(Sample(0, calls: 500), Sample(2, calls: 3, reset: Start.AddDays(1))).Roles[Role].LastActivityAt);
        Assert.Null(After(Sample(0, calls: 500), Sample(2, calls: 0, reset: Start.AddDays(1))).Roles[Role].LastActivityAt);
    }

    [Fact]
    public void A_role_that_was_made_during_the_watch_has_new_statements_only()
    {
        var role = After(Sample(0, calls: 0, exists: false) with { Roles = [1] }, Sample(1, calls: 4)).Roles[Role];
        Assert.Equal((Start.AddDays(1), Start.AddDays(1)), (role.KnownSince, role.LastActivityAt));
    }

    [Fact]
    public void Counting_is_without_a_break_until_a_reset_a_discard_or_an_exemption()
    {
        Assert.Equal(Start, After(Sample(0, calls: 1), Sample(1, calls: 1), Sample(2, calls: 4)).CountedSince);
        Assert.Equal(Start.AddDays(1), After(Sample(0, calls: 1), Sample(1, calls: 1, reset: Start), Sample(2, calls: 1, reset: Start)).CountedSince);
        Assert.Equal(Start.AddDays(1), After(Sample(0, calls: 1), Sample(1, calls: 1, discarded: 2)).CountedSince);
        // Statements of one role were reset alone, which the server does not tell.
        Assert.Equal(Start.AddDays(1), After(Sample(0, calls: 5), Sample(1, calls: 1)).CountedSince);
        Assert.Null(After(Sample(0, calls: 1), Sample(1, calls: 1, everyRole: false)).CountedSince);
        Assert.Null(After(Sample(0, calls: 1), Sample(1)).CountedSince);
    }

    [Fact]
    public void Another_server_under_the_same_name_begins_anew()
    {
        var watch = After(Sample(0, new RoleSessions(1, 0, TimeSpan.Zero, 1), calls: 1), Sample(5, calls: 9, system: -8));
        Assert.Equal((Start.AddDays(5), null), (watch.Roles[Role].KnownSince, watch.Roles[Role].LastActivityAt));
        Assert.Equal(Start.AddDays(5), watch.CountedSince);
        // An identifier of 64 bits, negative too, is kept exactly.
        Assert.Equal(Start.AddDays(5), After(Sample(5, calls: 9, system: -7712341503580834775), Sample(6, calls: 9, system: -7712341503580834775)).Roles[Role].KnownSince);
        Assert.Equal(Start.AddDays(6), After(Sample(5, calls: 9, system: -7712341503580834775), Sample(6, calls: 9, system: -7712341503580834774)).Roles[Role].KnownSince);
    }

    [Fact]
    public void Samples_of_two_processes_at_once_are_put_together()
    {
        var before = After(Sample(0));
        var one = before.With(Sample(1, new RoleSessions(1, 0, TimeSpan.Zero, 1)));
        var other = before.With(Sample(1.001));
        Assert.Equal(Start.AddDays(1), RoleWatch.Merge([one, other]).Roles[Role].LastActivityAt);
        Assert.Empty(RoleWatch.Merge([]).Roles);
    }

    [Fact]
    public void A_role_that_is_gone_is_forgotten_and_one_that_comes_back_is_watched_anew() =>
        Assert.Equal(Start.AddDays(9), After(Sample(0), Sample(1, exists: false) with { Roles = [1] }, Sample(9)).Roles[Role].KnownSince);

    [Fact]
    public void Nobody_is_inactive_before_he_was_watched_for_the_whole_time()
    {
        var (watch, times) = Daily(89);
        var verdict = Judge(watch, times, 89);
        Assert.Equal(RoleActivity.Unknown, verdict.Activity);
        Assert.Equal("Not seen since 2026-01-01 08:00Z, the first sample. It has been watched for 89 days of the 90 days after which it would be inactive.", verdict.Note);
        (watch, times) = Daily(90);
        Assert.Equal(RoleActivity.Inactive, Judge(watch, times, 90).Activity);
    }

    [Theory]
    // 31 samples, three days apart; a dozen, a week apart; 31, but with a gap of ten days.
    [InlineData(31, 3, 0, RoleActivity.Inactive)]
    [InlineData(14, 7, 0, RoleActivity.Unknown)]
    [InlineData(100, 1, 10, RoleActivity.Unknown)]
    [InlineData(100, 1, 7, RoleActivity.Inactive)]
    public void Samples_that_are_few_or_far_apart_prove_nothing(int count, double apart, double pause, RoleActivity expected)
    {
        var days = Enumerable.Range(0, count).Select(number => number * apart).Where(day => day <= 40 || day >= 40 + pause).ToList();
        var samples = days.Select(day => Sample(day)).ToArray();
        var verdict = Judge(After(samples), [.. samples.Select(sample => sample.At)], days[^1]);
        Assert.Equal(expected, verdict.Activity);
        Assert.Contains("largest gap", verdict.Note, StringComparison.Ordinal);
        Assert.True(verdict.Watch!.Samples > 0);
    }

    [Fact]
    public void Statements_counted_without_a_break_prove_nothing_by_themselves()
    {
        // Who logged in and ran nothing, or only what failed, is not counted: a password that works is no unused one.
        var verdict = Judge(After(Sample(0, calls: 5), Sample(95, calls: 5)), [Start, Start.AddDays(95)], 95);
        Assert.Equal((RoleActivity.Unknown, Start), (verdict.Activity, verdict.Watch!.CountedSince));
        Assert.Contains("not closely enough", verdict.Note, StringComparison.Ordinal);
        Assert.DoesNotContain("pg_stat_statements", verdict.Note, StringComparison.Ordinal);
        var samples = Enumerable.Range(0, 33).Select(number => Sample(number * 3, calls: 5)).ToArray();
        verdict = Judge(After(samples), [.. samples.Select(sample => sample.At)], 96);
        Assert.Equal(RoleActivity.Inactive, verdict.Activity);
        Assert.EndsWith("A session that fell between two samples was not seen, unless a statement of it succeeded.", verdict.Note, StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_before_the_first_sample_is_no_gap()
    {
        var watch = After(Sample(0), Sample(0.01)).Roles[Role];
        Assert.Equal(TimeSpan.Zero, ActivityVerdict.Of(watch, [Start], null, NinetyDays, Start).Watch!.LargestGap);
        Assert.Equal(TimeSpan.FromDays(0.01), ActivityVerdict.Of(watch, [Start, Start.AddDays(0.01)], null, NinetyDays, Start.AddDays(0.01)).Watch!.LargestGap);
        // Once it is watched for longer than the time, the edge of the time is one of a gap.
        Assert.Equal(TimeSpan.FromDays(90), ActivityVerdict.Of(watch, [Start, Start.AddDays(100)], null, NinetyDays, Start.AddDays(100)).Watch!.LargestGap);
    }

    [Fact]
    public void Who_was_seen_within_the_time_is_active_whatever_the_samples()
    {
        var watch = After(Sample(0, new RoleSessions(1, 0, TimeSpan.Zero, 1)), Sample(89));
        Assert.Equal(RoleActivity.Active, Judge(watch, [Start, Start.AddDays(89)], 89).Activity);
        Assert.Equal(RoleActivity.Unknown, Judge(After(Sample(0, new RoleSessions(1, 0, TimeSpan.Zero, 1)), Sample(91)), [Start, Start.AddDays(91)], 91).Activity);
    }
}
