using Maintenance.Engine.Alerts;
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
    public void Each_function_among_the_errors_is_a_finding_with_the_command_that_deploys_it()
    {
        var target = Target with { Repair = new RepairPolicy { FunctionDeployment = new FunctionDeployment { ProjectRef = "abcd", Source = "/src", Revision = new string('a', 40) } } };
        var found = ErrorRateProbe.Judge(target, Rates(Says(8), null), [Error("edge-function-orders", 40), Error("database"), Error("function-mail", null), Error("edge-function-orders", 2)], null);

        Assert.Equal(["orders", "mail"], found.Select(finding => finding.Subject!));
        Assert.Equal(
            ["supabase functions deploy orders --project-ref abcd", "supabase functions deploy mail --project-ref abcd"],
            found.Select(finding => finding.Remedy!.Command));
        Assert.All(found, finding => Assert.True(finding.Remedy is { Kind: "DeployFunction", Risk: RemedyRisk.High, IsReversible: false }));
        Assert.Equal("orders", found[0].Remedy!.Parameters["name"]);
        Assert.StartsWith("8 % of the requests of the last 15m failed (limit 5 %), as the function says. The function orders is among the most frequent errors (42 of them).", found[0].Message, StringComparison.Ordinal);
        Assert.DoesNotContain("a@b.example", string.Join(' ', (string[])found[0].Evidence["TopErrors"]!), StringComparison.Ordinal);
        Assert.Equal(2, found.Select(finding => finding.Fingerprint).Distinct().Count());
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
        Assert.Contains("The log of requests says 0.2 %. The two contradict each other.", finding.Message, StringComparison.Ordinal);
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
        Assert.Contains("1 more are idle, but protected.", finding.Message, StringComparison.Ordinal);
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
        Assert.Contains("The two contradict each other.", doubted.Message, StringComparison.Ordinal);
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
            [.. new[] { "error_rate_critical", "db_connections_critical", "from_a_pipeline" }.Select(rule => new AlertMemory { Key = new AlertKey(rule, ""), State = AlertState.Firing, Since = Now, ObservedAt = Now })],
            Now);

        var found = FiringAlertProbe.JudgeNow(rules, remembered, new AlertsNow([Now_("error_rate_critical", AlertState.Firing), Now_("db_connections_critical", AlertState.Inactive), Now_("system_health", AlertState.Firing)], ["Errors", "Backups"], ["Errors"]));

        Assert.Equal(["error_rate_critical", "system_health", "from_a_pipeline"], found.Select(finding => finding.Subject));
        Assert.Equal("It is 24.71 %, limit 5 %.", found[0].Message);
        Assert.Equal("It is 24.71 %, limit 5 %. Not well: Errors, Backups.", found[1].Message);
        Assert.Equal(FindingOutcome.Pass, Assert.Single(FiringAlertProbe.JudgeNow(rules, [], new AlertsNow([Now_("error_rate_critical", AlertState.Inactive)], [], []))).Outcome);
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
