using Maintenance.Engine.Alerts;
using Maintenance.Engine.Inspect;
using Maintenance.Engine.Repair.Issues;

namespace Maintenance.Engine.Tests.Repair;

/// <summary>What figures amount to: the guide's limits, contradictions, and what nobody knows.</summary>
public sealed class IssueJudgeTests
{
    private static readonly MaintenanceTarget Target = new() { Name = "t" };

    private static readonly DateTimeOffset Now = new(2025, 6, 1, 12, 0, 0, TimeSpan.Zero);

    private static Figure Says(double? value, string? reason = null) => new("The function", value, reason);

    private static Figure Measured(double? value, string? reason = null, MaintenanceErrorCode? error = null) => new("The log of requests", value, reason, error, "Grant it.");

    private static FigureComparison Rates(Figure? function, Figure? own) => new(function, own, 5, WrongAbove: true, MetricUnit.Percent);

    private static FigureComparison Usage(Figure? function, Figure? own) => new(function, own, 90, WrongAbove: true, MetricUnit.Percent, OwnDecides: true);

    private static FunctionError Error(string? component, long? count = 3) => new() { Message = "timeout after 30 s for a@b.example", Component = component, Count = count };

    private static DbSession Session(int process, DbSessionState state, double idleMinutes, DbSessionProtection protection = DbSessionProtection.None, bool hidden = false) => new()
    {
        Target = "t",
        ProcessId = process,
        Role = "web",
        State = hidden ? DbSessionState.Unknown : state,
        StateAge = hidden ? null : TimeSpan.FromMinutes(idleMinutes),
        BackendStart = Now.AddDays(-1),
        Protection = protection,
        IsHidden = hidden,
        CollectedAt = Now,
    };

    [Theory]
    [InlineData(4.99, null, (int)IssueVerdict.Well)]
    [InlineData(5.0, null, (int)IssueVerdict.Well)]
    [InlineData(5.01, null, (int)IssueVerdict.Wrong)]
    [InlineData(1.0, 5.01, (int)IssueVerdict.Wrong)]
    [InlineData(5.01, 1.0, (int)IssueVerdict.Wrong)]
    [InlineData(1.0, 1.0, (int)IssueVerdict.Well)]
    public void Whoever_says_that_it_is_wrong_is_believed(double function, double? own, int verdict) =>
        Assert.Equal((IssueVerdict)verdict, Rates(Says(function), own is null ? null : Measured(own)).Verdict);

    [Fact]
    public void A_function_that_fails_leaves_it_unknown_though_the_log_is_well_and_what_the_server_itself_counts_decides()
    {
        var failed = Says(null, "It answered 500.");
        Assert.Equal(IssueVerdict.NotKnown, Rates(failed, Measured(0.1)).Verdict);
        Assert.Equal(IssueVerdict.Wrong, Rates(failed, Measured(9)).Verdict);
        Assert.Equal(IssueVerdict.Well, Rates(null, Measured(0.1)).Verdict);
        Assert.Equal(IssueVerdict.Well, Rates(Says(0.1), Measured(null)).Verdict);
        Assert.Equal(IssueVerdict.NotKnown, Rates(null, null).Verdict);
        Assert.Equal(IssueVerdict.Well, Usage(failed, Measured(20)).Verdict);
        Assert.Equal(IssueVerdict.NotKnown, Usage(Says(20), Measured(null)).Verdict);
    }

    [Fact]
    public void What_nobody_knows_says_why_from_each_source_and_has_no_remedy()
    {
        var finding = Assert.Single(ErrorRateProbe.Judge(Target, Rates(Says(null, "It answered 500."), Measured(null, "May not read it.", MaintenanceErrorCode.PermissionDenied)), [], null));

        Assert.Equal((FindingOutcome.NotPermitted, "ISSUE-ERROR-RATE"), (finding.Outcome, finding.Id));
        Assert.Equal("Whether many requests fail is not known. The function does not tell: It answered 500. The log of requests does not tell: May not read it.", finding.Message);
        Assert.Equal("Grant it.", finding.Recommendation);
        Assert.Null(finding.Remedy);

        var nothing = Assert.Single(ErrorRateProbe.Judge(Target, Rates(null, null), [], null));
        Assert.Equal((FindingOutcome.Unknown, nameof(MaintenanceErrorCode.NotConfigured)), (nothing.Outcome, nothing.Evidence["Error"]));
    }

    [Fact]
    public void A_function_that_makes_most_of_the_errors_is_named_with_the_command_that_deploys_it_and_what_it_deploys()
    {
        var target = Target with { Repair = new RepairPolicy { FunctionDeployment = new FunctionDeployment { ProjectRef = "abcd", Source = "/src", Revision = new string('a', 40) } } };
        var found = Assert.Single(ErrorRateProbe.Judge(target, Rates(Says(8), null), [Error("edge-function-orders", 40), Error("database", 8), Error("function-mail", 4), Error("edge-function-orders", 8)], null));

        Assert.Equal("orders", found.Subject);
        Assert.Equal($"supabase functions deploy orders --project-ref abcd # revision {new string('a', 40)} of /src", found.Remedy!.Command);
        Assert.True(found.Remedy is { Kind: "DeployFunction", Risk: RemedyRisk.High, IsReversible: false });
        Assert.Equal("orders", found.Remedy.Parameters["name"]);
        Assert.StartsWith("8 % of the requests of the last 15m failed (limit 5 %), as the function says. The function orders makes 48 of the 60 most frequent errors (80 %).", found.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("a@b.example", string.Join(' ', (string[])found.Evidence["TopErrors"]!), StringComparison.Ordinal);

        var other = Assert.Single(ErrorRateProbe.Judge(target, Rates(Says(8), null), [Error("function-mail", null)], null));
        Assert.Equal(("mail", found.Fingerprint), (other.Subject, other.Fingerprint));
        Assert.EndsWith("All of the most frequent errors come from the function mail.", other.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(40, 20, true)]
    [InlineData(39, 20, false)]
    [InlineData(20, 40, false)]
    [InlineData(45, null, false)]
    public void Nothing_is_deployed_where_no_function_stands_out(int function, int? rest, bool stands)
    {
        var found = Assert.Single(ErrorRateProbe.Judge(Target, Rates(Says(8), null), [Error("function-orders", function), Error("database", rest)], null));

        Assert.Equal((stands ? "orders" : null, stands), (found.Subject, found.Remedy is not null));
        Assert.Contains("orders", found.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("edge-function-gdpr-compliance", "gdpr-compliance")]
    [InlineData("FUNCTION-a_1", "a_1")]
    [InlineData("the function of something", null)]
    [InlineData("function-", null)]
    [InlineData("function-../../etc", null)]
    [InlineData("function-x; rm -rf /", null)]
    [InlineData("function---project-ref", null)]
    [InlineData("function-a\nb", null)]
    [InlineData(null, null)]
    public void A_component_names_a_function_or_nothing_that_could_be_run(string? component, string? function) => Assert.Equal(function, IssueRemedies.FunctionOf(component));

    [Fact]
    public void Where_function_and_log_contradict_each_other_it_is_said_and_nothing_is_deployed()
    {
        var finding = Assert.Single(ErrorRateProbe.Judge(Target, Rates(Says(8), Measured(0.2)), [Error("function-a")], null));

        Assert.Equal(FindingOutcome.Fail, finding.Outcome);
        Assert.Contains("The log of requests says 0.2 %. The limit lies between the two.", finding.Message, StringComparison.Ordinal);
        Assert.Null(finding.Remedy);
    }

    [Fact]
    public void Errors_that_name_no_function_or_cannot_be_told_have_no_remedy()
    {
        Assert.Null(Assert.Single(ErrorRateProbe.Judge(Target, Rates(Says(8), null), [Error("database")], null)).Remedy);
        var unknown = Assert.Single(ErrorRateProbe.Judge(Target, Rates(Says(8), null), [], "It answered 500."));
        Assert.EndsWith("What fails is not known: It answered 500.", unknown.Message, StringComparison.Ordinal);
        Assert.Null(unknown.Remedy);
    }

    [Theory]
    [InlineData(2000, 11, null, FindingOutcome.Pass, false)]
    [InlineData(2001, 10, null, FindingOutcome.Fail, false)]
    [InlineData(2001, 11, null, FindingOutcome.Fail, true)]
    [InlineData(2001, 11, 12, FindingOutcome.Fail, true)]
    [InlineData(2001, 11, 0, FindingOutcome.Fail, false)]
    [InlineData(2001, null, 12, FindingOutcome.Fail, false)]
    public void Slow_responses_are_optimised_only_where_slow_statements_are_why(double time, int? slow, int? measuredSlow, FindingOutcome outcome, bool hasRemedy)
    {
        var times = new FigureComparison(Says(time), null, 2000, WrongAbove: true, MetricUnit.Milliseconds);
        var statements = new FigureComparison(Says(slow, "It answered 500."), measuredSlow is null ? null : Measured(measuredSlow), 10, WrongAbove: true, MetricUnit.Count);

        var finding = SlowResponseProbe.Judge(times, statements);

        Assert.Equal((outcome, hasRemedy), (finding.Outcome, finding.Remedy is not null));
        Assert.True(!hasRemedy || finding.Remedy is { Kind: "OptimizePerformance", Risk: RemedyRisk.Medium, Command: "Invoke-EdgeFunction database-scalability optimize_performance" });
    }

    [Fact]
    public void Connections_that_run_out_are_an_issue_and_idle_sessions_its_remedy()
    {
        DbSession[] sessions =
        [
            Session(1, DbSessionState.Idle, 31), Session(2, DbSessionState.Idle, 29), Session(3, DbSessionState.IdleInTransaction, 11), Session(4, DbSessionState.IdleInTransaction, 9),
            Session(5, DbSessionState.Idle, 99, DbSessionProtection.NeedsForce), Session(6, DbSessionState.Active, 99),
        ];
        var idle = IdleSessions.Of(sessions, Target.Repair);
        Assert.Equal((1, 1, 1, 0), (idle!.Idle, idle.InTransaction, idle.Protected, idle.Hidden));

        var finding = ConnectionProbe.Judge(Target, Usage(Says(91), Measured(92)), Headroom(92), idle, null, 95);

        Assert.Equal((FindingOutcome.Fail, FindingSeverity.High), (finding.Outcome, finding.Severity));
        Assert.Contains("92 % of the connections are in use (92 of 100) (limit 90 %).", finding.Message, StringComparison.Ordinal);
        Assert.Contains("1 more is idle, but protected.", finding.Message, StringComparison.Ordinal);
        Assert.True(finding.Remedy is { Kind: "EndIdleSessions", Risk: RemedyRisk.Medium });
        Assert.Equal(("00:10:00", "00:30:00"), (finding.Remedy.Parameters["idleInTransaction"], finding.Remedy.Parameters["idleSession"]));
        Assert.Equal(FindingSeverity.Critical, ConnectionProbe.Judge(Target, Usage(null, Measured(96)), Headroom(96), idle, null, 95).Severity);
        Assert.Equal(FindingOutcome.Pass, ConnectionProbe.Judge(Target, Usage(null, Measured(90)), Headroom(90), idle, null, 95).Outcome);
    }

    [Fact]
    public void Connections_have_no_remedy_where_no_session_could_be_ended_or_nobody_may_see_or_only_the_function_says_so()
    {
        var none = IdleSessions.Of([Session(1, DbSessionState.Idle, 1)], Target.Repair);
        var hidden = IdleSessions.Of([Session(1, DbSessionState.Idle, 1, hidden: true)], Target.Repair);
        var some = IdleSessions.Of([Session(1, DbSessionState.Idle, 99)], Target.Repair);

        Assert.Null(ConnectionProbe.Judge(Target, Usage(null, Measured(96)), Headroom(96), none, null, 95).Remedy);
        var unseen = ConnectionProbe.Judge(Target, Usage(null, Measured(96)), Headroom(96), hidden, null, 95);
        Assert.Null(unseen.Remedy);
        Assert.Contains("pg_monitor", unseen.Recommendation, StringComparison.Ordinal);
        var doubted = ConnectionProbe.Judge(Target, Usage(Says(97), Measured(20)), Headroom(20), some, null, 95);
        Assert.Equal((FindingOutcome.Fail, FindingSeverity.Low, (Remedy?)null), (doubted.Outcome, doubted.Severity, doubted.Remedy));
        Assert.Contains("The limit lies between the two.", doubted.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_not_idle_for_long_enough_yet_or_may_not_be_ended_by_the_role_is_told_so()
    {
        var young = ConnectionProbe.Judge(Target, Usage(null, Measured(96)), Headroom(96), IdleSessions.Of([Session(1, DbSessionState.Idle, 1), Session(2, DbSessionState.Idle, 20)], Target.Repair), null, 95);
        Assert.Null(young.Remedy);
        Assert.EndsWith("None of the sessions could be ended: none that may be has been idle for more than 30 minutes, or idle in a transaction for more than 10 minutes. 2 are idle for less, for 20 minutes at the most.", young.Message, StringComparison.Ordinal);
        Assert.StartsWith("Look again in 10 minutes", young.Recommendation, StringComparison.Ordinal);

        var rights = new SessionRights("m9", new HashSet<int> { 1, 2 });
        var forbidden = ConnectionProbe.Judge(Target, Usage(null, Measured(96)), Headroom(96), IdleSessions.Of([Session(1, DbSessionState.Idle, 31), Session(2, DbSessionState.Idle, 31)], Target.Repair, rights), null, 95);
        Assert.Equal((null, "Run as an administrator: GRANT pg_signal_backend TO m9;"), (forbidden.Remedy, forbidden.Recommendation));
        Assert.Contains("2 have been idle for long enough, but the role m9 may not end them.", forbidden.Message, StringComparison.Ordinal);

        var some = ConnectionProbe.Judge(Target, Usage(null, Measured(96)), Headroom(96), IdleSessions.Of([Session(1, DbSessionState.Idle, 31), Session(3, DbSessionState.Idle, 31)], Target.Repair, rights), null, 95);
        Assert.Equal((1, 1, "Server"), (some.Evidence["Idle"], some.Evidence["IdleForbidden"], some.Remedy!.Parameters["scope"]));
    }

    [Fact]
    public void A_limit_of_its_own_is_an_issue_of_its_own_that_ends_no_sessions_but_those_under_it()
    {
        var limit = Headroom(5) with { Scope = DbConnectionScope.Role, Name = "it's me", Limit = 5 };
        var idle = IdleSessions.Of([Session(1, DbSessionState.Idle, 99)], Target.Repair);

        var found = ConnectionProbe.JudgeOther(Target, limit, 90, idle, null);
        Assert.Equal(("role it's me", "Role", "it's me"), (found.Subject, found.Remedy!.Parameters["scope"], found.Remedy.Parameters["name"]));
        Assert.Equal(
            "@(Get-DbSession -IdleInTransaction -OlderThan 00:10:00 -Role 'it''s me' | Where-Object { -not $_.IsProtected } | Sort-Object StateAge -Descending) + @(Get-DbSession -State Idle -OlderThan 00:30:00 -Role 'it''s me' | Where-Object { -not $_.IsProtected } | Sort-Object StateAge -Descending) | Select-Object -First 2 | Stop-DbSession",
            found.Remedy.Command);

        var well = ConnectionProbe.JudgeOther(Target, limit with { Used = 1 }, 90, idle, null);
        Assert.Equal((FindingOutcome.Pass, found.Fingerprint, "20 % of the connections that the role it's me may have are in use (1 of 5)."), (well.Outcome, well.Fingerprint, well.Message));
        Assert.Contains("-and $_.Database -ceq 'shop' }", ConnectionProbe.JudgeOther(Target, limit with { Scope = DbConnectionScope.Database, Name = "shop" }, 90, idle, null).Remedy!.Command, StringComparison.Ordinal);
    }

    [Fact]
    public void All_connections_are_not_more_than_all_and_those_of_administrators_are_told_apart()
    {
        var full = Headroom(98) with { Limit = 97 };

        Assert.Equal(100, full.UsagePercent);
        Assert.Equal(250, (full with { Scope = DbConnectionScope.Role, Name = "r", Used = 5, Limit = 2 }).UsagePercent);
        Assert.Contains("100 % of the connections are in use (all 97 for ordinary roles, and 1 of those kept for administrators) (limit 90 %).", ConnectionProbe.Judge(Target, Usage(null, Measured(full.UsagePercent)), full, null, null, 95).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_server_that_has_no_connection_left_has_told_what_is_wrong()
    {
        var refused = new Figure("The server", null, "The server of 't' has no connection left: sorry, too many clients already.", MaintenanceErrorCode.DatabaseUnreachable, "Close sessions.");
        var finding = ConnectionProbe.Judge(Target, Usage(null, refused), null, null, null, 95);
        Assert.Equal((FindingOutcome.Fail, FindingSeverity.Critical, (Remedy?)null), (finding.Outcome, finding.Severity, finding.Remedy));

        var gone = refused with { Reason = "The server cannot be reached." };
        Assert.Equal(FindingOutcome.Unknown, ConnectionProbe.Judge(Target, Usage(null, gone), null, null, null, 95).Outcome);
    }

    [Fact]
    public void Compliance_is_resolved_only_where_the_function_tells_of_low_issues()
    {
        FigureComparison Scores(double? function, double? own) => new(Says(function, "It answered 500."), own is null ? null : Measured(own), 95, WrongAbove: false, MetricUnit.None);
        ComplianceResolution Plan(ComplianceResolutionState state) => new() { Target = "t", State = state, Reason = "1 of 2 issues are of low severity.", CollectedAt = Now, Issues = [new ComplianceIssue { Issue = "old alerts", Severity = "low" }] };

        var low = IssueComplianceProbe.Judge(Scores(94.9, null), Plan(ComplianceResolutionState.Planned), 90);
        Assert.True(low is { Outcome: FindingOutcome.Fail, Severity: FindingSeverity.Medium, Remedy: { Kind: "ResolveLowComplianceIssues", Risk: RemedyRisk.Low } });
        Assert.Equal(FindingSeverity.High, IssueComplianceProbe.Judge(Scores(89, null), Plan(ComplianceResolutionState.NothingToDo), 90).Severity);
        Assert.Null(IssueComplianceProbe.Judge(Scores(89, null), Plan(ComplianceResolutionState.NothingToDo), 90).Remedy);
        Assert.Null(IssueComplianceProbe.Judge(Scores(89, null), Plan(ComplianceResolutionState.NotPossible), 90).Remedy);
        Assert.Equal(FindingOutcome.Pass, IssueComplianceProbe.Judge(Scores(95, null), null, 90).Outcome);
        Assert.Equal(FindingOutcome.Unknown, IssueComplianceProbe.Judge(Scores(null, 99), null, 90).Outcome);
    }

    [Fact]
    public void A_root_blocker_is_an_issue_when_somebody_has_waited_and_its_remedy_names_that_session_alone()
    {
        var root = Session(1, DbSessionState.IdleInTransaction, 12) with { IsRootBlocker = true, RootBlocker = 1, Victims = 2 };
        DbSession Victim(int process, double seconds) => Session(process, DbSessionState.Active, 0) with { IsWaiting = true, RootBlocker = 1, WaitAge = TimeSpan.FromSeconds(seconds) };

        var finding = Assert.Single(BlockingProbe.Judge([root, Victim(2, 6), Victim(3, 70)], Target.Repair));
        Assert.Equal(("session 1", FindingSeverity.High), (finding.Subject, finding.Severity));
        Assert.Equal("Session 1 (web, idle in its transaction for 12 minutes) keeps 2 sessions waiting for a lock, the longest for 70 seconds.", finding.Message);
        Assert.Equal(("1", "Get-DbSession -ProcessId 1 | Stop-DbSession"), (finding.Remedy!.Parameters["process"], finding.Remedy.Command));
        Assert.Equal(Now.AddDays(-1), DateTimeOffset.Parse(finding.Remedy.Parameters["connected"], System.Globalization.CultureInfo.InvariantCulture));

        Assert.Equal(FindingOutcome.Pass, Assert.Single(BlockingProbe.Judge([root, Victim(2, 4)], Target.Repair)).Outcome);
        Assert.Null(Assert.Single(BlockingProbe.Judge([root with { State = DbSessionState.Active }, Victim(2, 6)], Target.Repair)).Remedy);
        Assert.Null(Assert.Single(BlockingProbe.Judge([root with { Protection = DbSessionProtection.NeedsForce }, Victim(2, 6)], Target.Repair)).Remedy);
        // Who may not see what it is has to be told how to see it.
        var unseen = BlockingProbe.Judge([root with { IsHidden = true, Protection = DbSessionProtection.Always, ProtectionReason = "The role may not see what it is." }, Victim(2, 6)], Target.Repair, new SessionRights("m9", new HashSet<int>()));
        Assert.StartsWith("Run as an administrator: GRANT pg_monitor TO m9;", Assert.Single(unseen).Recommendation, StringComparison.Ordinal);
        Assert.Null(Assert.Single(BlockingProbe.Judge([root, Victim(2, 6)], Target.Repair, new SessionRights("m9", new HashSet<int> { 1 }))).Remedy);
        // Before PostgreSQL 14 nobody knows how long somebody has waited.
        Assert.Equal(FindingOutcome.Fail, Assert.Single(BlockingProbe.Judge([root, Victim(2, 0) with { WaitAge = null }], Target.Repair)).Outcome);
    }

    [Fact]
    public void Idle_transactions_are_one_finding_and_what_is_hidden_another()
    {
        var findings = IdleInTransactionProbe.Judge(
            [Session(1, DbSessionState.IdleInTransaction, 11), Session(2, DbSessionState.IdleInTransactionAborted, 61, DbSessionProtection.NeedsForce), Session(3, DbSessionState.IdleInTransaction, 10), Session(4, DbSessionState.Idle, 99), Session(5, DbSessionState.Idle, 1, hidden: true)],
            Target.Repair);

        Assert.Equal([FindingOutcome.Fail, FindingOutcome.NotPermitted], findings.Select(finding => finding.Outcome));
        var lacking = IdleInTransactionProbe.Judge([Session(1, DbSessionState.IdleInTransaction, 11), Session(5, DbSessionState.Idle, 1, hidden: true)], Target.Repair, new SessionRights("\"M 9\"", new HashSet<int> { 1 }));
        Assert.Contains("1 of them the role \"M 9\" may not end.", lacking[0].Message, StringComparison.Ordinal);
        Assert.StartsWith("Run as an administrator: GRANT pg_signal_backend TO \"M 9\";", lacking[0].Recommendation, StringComparison.Ordinal);
        Assert.Equal((null, "Run as an administrator: GRANT pg_monitor TO \"M 9\";"), (lacking[0].Remedy, lacking[1].Recommendation));
        Assert.Equal("2 sessions have been idle in a transaction for more than 10 minutes, the longest for 61 minutes. 1 of them are protected.", findings[0].Message);
        Assert.Equal((FindingSeverity.High, 1), (findings[0].Severity, findings[0].Evidence["Endable"]));
        Assert.False(findings[0].Remedy!.Parameters.ContainsKey("idleSession"));
        Assert.Null(Assert.Single(IdleInTransactionProbe.Judge([Session(2, DbSessionState.IdleInTransaction, 61, DbSessionProtection.Always)], Target.Repair)).Remedy);
    }

    [Fact]
    public void Of_invalid_indexes_only_what_nobody_works_on_is_an_issue_and_only_a_leftover_is_dropped()
    {
        IndexAdvice Index(string name, HealthStatus status, IndexVerdict verdict, params string[] sql) => new()
        {
            Target = "t", Database = "d", Schema = "public", Name = name, Oid = 4711, Table = "orders", TableOid = 1, Kind = IndexAdviceKind.Invalid, Verdict = verdict, Status = status,
            Reasons = ["It failed."], Sql = sql, RollbackSql = [$"CREATE INDEX CONCURRENTLY {name} ON public.orders (id)"], CollectedAt = Now,
        };

        var findings = InvalidIndexProbe.Judge(
        [
            Index("left", HealthStatus.Warning, IndexVerdict.Drop, "DROP INDEX CONCURRENTLY public.left_"),
            Index("bound", HealthStatus.Warning, IndexVerdict.Observe, "REINDEX INDEX CONCURRENTLY public.bound"),
            Index("building", HealthStatus.Ok, IndexVerdict.Observe),
            Index("unseen", HealthStatus.Unknown, IndexVerdict.Observe),
        ]);

        Assert.Equal([("public.left", FindingOutcome.Fail, true), ("public.bound", FindingOutcome.Fail, false), ("public.unseen", FindingOutcome.NotPermitted, false)], findings.Select(finding => (finding.Subject!, finding.Outcome, finding.Remedy is not null)));
        var remedy = findings[0].Remedy!;
        Assert.Equal(("DropInvalidIndex", "DROP INDEX CONCURRENTLY public.left_", true, "4711", "left", "public", "d"), (remedy.Kind, remedy.Command, remedy.IsReversible, remedy.Parameters["oid"], remedy.Parameters["name"], remedy.Parameters["schema"], remedy.Parameters["database"]));
        Assert.Contains("somebody works on it now", Assert.Single(InvalidIndexProbe.Judge([Index("building", HealthStatus.Ok, IndexVerdict.Observe)])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_runs_out_is_an_issue_and_what_cannot_be_told_is_one_finding()
    {
        CapacityForecast Forecast(string subject, HealthStatus status, double? limit = 100) => new()
        {
            Target = "t", Resource = CapacityResource.Storage, Subject = subject, Status = status, Message = "The limit is reached.", Limit = limit, Current = 1, Reasons = ["Too few days."], CollectedAt = Now,
        };

        var findings = CapacityProbe.Judge([Forecast("a", HealthStatus.Critical), Forecast("b", HealthStatus.Warning), Forecast("c", HealthStatus.Unknown), Forecast("d", HealthStatus.Unknown), Forecast("e", HealthStatus.Unknown, limit: null), Forecast("f", HealthStatus.Ok)]);

        Assert.Equal([FindingSeverity.High, FindingSeverity.Medium, FindingSeverity.Low], findings.Select(finding => finding.Severity));
        Assert.Equal((FindingOutcome.Unknown, "Whether these run out is not known: Storage (c), Storage (d). Too few days."), (findings[2].Outcome, findings[2].Message));
        Assert.Equal(FindingOutcome.Pass, Assert.Single(CapacityProbe.Judge([Forecast("f", HealthStatus.Ok)])).Outcome);
    }

    [Fact]
    public void Alerts_that_fire_are_issues_and_memories_that_are_old_say_nothing_about_now()
    {
        var rules = AlertRules.Of(new AlertPolicy(), []);
        AlertMemory Memory(string rule, AlertState state, int minutesAgo) => new() { Key = new AlertKey(rule, ""), State = state, Since = Now.AddHours(-2), ObservedAt = Now.AddMinutes(-minutesAgo) };

        var fires = Assert.Single(FiringAlertProbe.Judge(rules, [Memory("critical_response_time", AlertState.Firing, 3), Memory("system_health", AlertState.Inactive, 3)], Now));
        Assert.Equal(("critical_response_time", FindingSeverity.High, FindingOutcome.Fail), (fires.Subject, fires.Severity, fires.Outcome));
        Assert.Equal(FindingOutcome.Pass, Assert.Single(FiringAlertProbe.Judge(rules, [Memory("system_health", AlertState.Inactive, 3)], Now)).Outcome);
        Assert.Equal([FindingOutcome.Fail, FindingOutcome.Unknown], FiringAlertProbe.Judge(rules, [Memory("system_health", AlertState.Recovering, 61)], Now).Select(finding => finding.Outcome));
        Assert.Equal(FindingOutcome.Unknown, Assert.Single(FiringAlertProbe.Judge(rules, [], Now)).Outcome);
        // What the alerts remember for themselves is no rule.
        Assert.Equal(FindingOutcome.Unknown, Assert.Single(FiringAlertProbe.Judge(rules, [Memory("no such rule", AlertState.Inactive, 1)], Now)).Outcome);
    }

    [Fact]
    public void Of_alerts_that_fired_those_count_that_still_do_and_those_that_nobody_can_evaluate()
    {
        var rules = AlertRules.Of(new AlertPolicy(), []);
        Alert Now_(string rule, AlertState state) => new()
        {
            Target = "t",
            Rule = rule,
            Definition = rules[0],
            Metric = rule == "system_health" ? "overall_health_percent" : "error_rate",
            State = state,
            PreviousState = AlertState.Firing,
            Since = Now,
            Severity = AlertSeverity.Critical,
            Threshold = 5,
            Message = "It is 24.71 %, limit 5 %.",
            CollectedAt = Now,
        };
        IReadOnlyList<Finding> remembered = FiringAlertProbe.Judge(
            rules,
            [.. new[] { "error_rate_critical", "db_connections_critical", "from_a_pipeline" }.Select(rule => new AlertMemory { Key = new AlertKey(rule, ""), State = AlertState.Firing, Since = Now, ObservedAt = Now, IsGiven = rule == "from_a_pipeline" })],
            Now);

        var found = FiringAlertProbe.JudgeNow(rules, remembered, new AlertsNow([Now_("error_rate_critical", AlertState.Firing), Now_("db_connections_critical", AlertState.Inactive), Now_("system_health", AlertState.Firing)], [new UnwellPart("Errors", HealthStatus.Critical, ["ISSUE-ERROR-RATE"]), new UnwellPart("Backups", HealthStatus.Warning, ["BACKUP-OLD"])]));

        Assert.Equal(["error_rate_critical", "system_health", "from_a_pipeline"], found.Select(finding => finding.Subject));
        Assert.Equal("It is 24.71 %, limit 5 %.", found[0].Message);
        Assert.Equal("It is 24.71 %, limit 5 %. Not well: Errors, Backups.", found[1].Message);
        Assert.Equal(["ISSUE-ERROR-RATE"], Assert.IsType<string[]>(found[1].Evidence["Causes"]));
        Assert.Equal(FindingOutcome.Pass, Assert.Single(FiringAlertProbe.JudgeNow(rules, [], new AlertsNow([Now_("error_rate_critical", AlertState.Inactive)], []))).Outcome);
    }

    [Fact]
    public void Who_holds_rows_back_is_told_once_for_the_server()
    {
        Finding Of(string id, string database) => new() { Id = id, Area = "Wraparound", Severity = FindingSeverity.Medium, Subject = "sessions", Message = "It is so.", Database = database };
        var found = WraparoundProbe.OnceForTheServer([Of("XID-HOLDERS-NOT-PERMITTED", "a"), Of("XID-AGE-HIGH", "a"), Of("XID-HOLDERS-NOT-PERMITTED", "b"), Of("XID-AGE-HIGH", "b")]).ToList();
        Assert.Equal([("XID-HOLDERS-NOT-PERMITTED", null), ("XID-AGE-HIGH", "a"), ("XID-AGE-HIGH", "b")], found.Select(finding => (finding.Id, finding.Database)));
    }

    [Fact]
    public void That_no_connection_is_left_is_said_once()
    {
        var server = new Figure("The server", null, "The server of 't' has no connection left: too many clients already.", MaintenanceErrorCode.DatabaseUnreachable);
        var found = ConnectionProbe.Judge(new MaintenanceTarget { Name = "t" }, new FigureComparison(null, server, 90, WrongAbove: true, MetricUnit.Percent, OwnDecides: true), null, null, null, 95);
        Assert.Equal((server.Reason, FindingSeverity.Critical), (found.Message, found.Severity));
    }

    private static DbConnectionHeadroom Headroom(int used) => new() { Target = "t", Scope = DbConnectionScope.Server, Used = used, Limit = 100, Status = HealthStatus.Ok, CollectedAt = Now };
}
