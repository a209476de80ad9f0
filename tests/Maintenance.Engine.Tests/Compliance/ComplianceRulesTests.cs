using Maintenance.Engine.Compliance;

namespace Maintenance.Engine.Tests.Compliance;

/// <summary>The rules, over facts made up here and a clock that stands still.</summary>
public sealed class ComplianceRulesTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 31, 12, 0, 0, TimeSpan.Zero);

    private static readonly MaintenanceTarget Target = new() { Name = "t", Retention = [new() { Table = "logs", TimeColumn = "at", Age = TimeSpan.FromDays(30) }] };

    private static readonly RequestFacts Answered = new() { Table = "requests", Kind = "access", HasDue = true, Total = 10, FellDue = 10, InTime = 10 };

    private static ComplianceFacts Good => new()
    {
        Database = "d",
        Consents = Reading<ConsentFacts>.Of(new ConsentFacts("consents", 200, 200, 0)),
        Access = Reading<RequestFacts>.Of(Answered),
        Deletion = Reading<RequestFacts>.Of(Answered with { Kind = "erasure" }),
        Audit = Reading<AuditCoverageFacts>.Of(Coverage()),
        Sequence = Reading<AuditSequenceFacts>.Of(new AuditSequenceFacts("log", 900, 0, 0, 0, 0, 0)),
        Retention = [Policy(0)],
    };

    private static AuditCoverageFacts Coverage(params int[] without) => new(
        "log", 900, Enumerable.Range(0, 30).Except(without).ToHashSet(), Now.AddHours(-50), Now.AddHours(-2), Now);

    private static PolicyReading Policy(long rows, bool bound = false) => new(
        Target.Retention[0], Reading<RetentionFacts>.Of(new RetentionFacts("public.logs", rows, bound, rows > 0 ? Now.AddDays(-45) : null, false)));

    private static ComplianceVerdict Judge(ComplianceFacts facts, MaintenanceTarget? target = null) => ComplianceVerdict.Of(target ?? Target, facts, Now);

    private static MaintenanceException Error(MaintenanceErrorCode code, string recommendation = "Do this.") => new(code, "Not so.", recommendation);

    [Fact]
    public void Where_all_is_well_each_check_passes_once_and_the_score_is_100()
    {
        var verdict = Judge(Good);

        Assert.Equal((100d, 100d), (verdict.Score!.Value, verdict.Coverage));
        Assert.Equal(
            ComplianceCheck.All.Select(check => check.Id).Except(["GDPR-SCORES-DISAGREE", "GDPR-FUNCTION-SCORE-LOW"]).Order(StringComparer.Ordinal),
            verdict.Findings.Select(finding => finding.Id).Order(StringComparer.Ordinal));
        Assert.All(verdict.Findings, finding => Assert.Equal((FindingOutcome.Pass, HealthStatus.Ok), (finding.Outcome, finding.Status)));
        Assert.Empty(verdict.Issues);
        Assert.Empty(verdict.ActionItems);
    }

    [Fact]
    public void The_score_is_the_mean_of_the_four_parts_that_the_guide_names()
    {
        var verdict = Judge(Good with
        {
            Consents = Reading<ConsentFacts>.Of(new ConsentFacts("consents", 200, 190, 0)),
            Access = Reading<RequestFacts>.Of(Answered with { InTime = 8, AnsweredLate = 2 }),
            Audit = Reading<AuditCoverageFacts>.Of(Coverage(3, 4, 5)),
            // Retention is told beside it.
            Retention = [Policy(5)],
        });

        Assert.Equal((95 + 80 + 100 + 90) / 4.0, verdict.Score!.Value, 9);
        Assert.Equal(0, verdict.Retention.Percent);
    }

    [Theory]
    [InlineData(190, FindingSeverity.Medium)]
    [InlineData(179, FindingSeverity.High)]
    public void Accounts_without_consent_are_a_fault_and_many_a_grave_one(long consented, FindingSeverity severity)
    {
        var finding = Assert.Single(Judge(Good with { Consents = Reading<ConsentFacts>.Of(new ConsentFacts("consents", 200, consented, 0)) }).Consents.Findings);
        Assert.Equal(("GDPR-CONSENT-MISSING", FindingOutcome.Fail, severity, "consents"), (finding.Id, finding.Outcome, finding.Severity, finding.Subject));
        Assert.Equal(200 - consented, finding.Evidence["Missing"]);
        Assert.Contains(finding.Mappings, mapping => mapping == new FindingMapping("GDPR", "Art. 7(1)"));
    }

    [Fact]
    public void An_account_with_a_consent_and_a_refusal_is_unknown_and_so_is_the_score()
    {
        var verdict = Judge(Good with { Consents = Reading<ConsentFacts>.Of(new ConsentFacts("consents", 200, 200, 1)) });

        Assert.Equal((null, 75d), (verdict.Score, verdict.Coverage));
        Assert.Contains("nothing tells which is newer", verdict.Reason!, StringComparison.Ordinal);
        Assert.Equal((FindingOutcome.Unknown, HealthStatus.Unknown), (verdict.Consents.Findings.Single().Outcome, verdict.Consents.Findings.Single().Status));
    }

    [Fact]
    public void Open_requests_past_their_time_and_late_answers_are_two_findings()
    {
        var verdict = Judge(Good with
        {
            Deletion = Reading<RequestFacts>.Of(Answered with
            {
                FellDue = 10, InTime = 6, AnsweredLate = 1, Open = 5, Overdue = 3, DueWithinWeek = 1, OldestOpen = Now.AddDays(-70), FirstDue = Now.AddDays(-40),
            }),
        });

        Assert.Equal(60, verdict.Deletion.Percent);
        Assert.Equal(
            [("GDPR-DELETION-OVERDUE", FindingSeverity.High), ("GDPR-DELETION-LATE", FindingSeverity.Medium)],
            verdict.Deletion.Findings.Select(finding => (finding.Id, finding.Severity)));
        Assert.Equal(Now.AddDays(-70), verdict.Deletion.Findings[0].Evidence["OldestOpen"]);
        Assert.Contains("2026-02-19", verdict.Deletion.Findings[0].Message, StringComparison.Ordinal);
        Assert.Equal([CompliancePriority.High, CompliancePriority.Medium], verdict.ActionItems.Select(item => item.PriorityLevel));
    }

    [Fact]
    public void Where_no_request_fell_due_there_is_no_share_and_nothing_unknown()
    {
        var verdict = Judge(Good with { Access = Reading<RequestFacts>.Of(Answered with { Total = 0, FellDue = 0, InTime = 0 }) });

        Assert.Equal((null, false), (verdict.Access.Percent, verdict.Access.IsUnknown));
        Assert.Equal(100, verdict.Score);
        Assert.All(verdict.Access.Findings, finding => Assert.Equal(FindingOutcome.Pass, finding.Outcome));
    }

    [Fact]
    public void Where_nothing_is_there_to_judge_the_checks_say_so_and_the_score_does_not_stand_on_it()
    {
        var none = Answered with { Total = 0, FellDue = 0, InTime = 0 };
        var verdict = Judge(Good with
        {
            Consents = Reading<ConsentFacts>.Of(new ConsentFacts("consents", 0, 0, 0)),
            Access = Reading<RequestFacts>.Of(none),
            Deletion = Reading<RequestFacts>.Of(none),
            Sequence = Reading<AuditSequenceFacts>.Of(new AuditSequenceFacts("log", 0, 0, 0, 0, 0, 0)),
        });

        Assert.Equal((100d, 25d), (verdict.Score, verdict.Coverage));
        Assert.StartsWith("There are no accounts", Assert.Single(verdict.Consents.Findings).Message, StringComparison.Ordinal);
        Assert.Equal(["There is no open access request.", "No access request fell due within 30 days: there was none to be answered late."], verdict.Access.Findings.Select(finding => finding.Message));
        // All entries may have been removed.
        Assert.Equal([FindingOutcome.Unknown, FindingOutcome.Unknown], verdict.Sequence.Findings.Select(finding => finding.Outcome));
    }

    [Fact]
    public void Kinds_that_nobody_knows_leave_both_parts_unknown_though_there_are_requests_of_the_right_kind()
    {
        var strange = Answered with { Unrecognised = 2, UnrecognisedKinds = 2, UnrecognisedNames = ["wipe_me"], AnsweredLate = 1 };
        var verdict = Judge(Good with { Access = Reading<RequestFacts>.Of(strange), Deletion = Reading<RequestFacts>.Of(strange) });

        Assert.Equal((null, 50d), (verdict.Score, verdict.Coverage));
        foreach (var part in new[] { verdict.Access, verdict.Deletion })
        {
            Assert.True(part.IsUnknown);
            Assert.Equal([FindingOutcome.Unknown, FindingOutcome.Fail, FindingOutcome.Unknown], part.Findings.Select(finding => finding.Outcome));
            Assert.Contains("2 in all (wipe_me)", part.Reason!, StringComparison.Ordinal);
            Assert.Contains("otherTypes", part.Findings[0].Recommendation!, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void An_answered_request_of_which_no_time_is_known_may_have_been_late()
    {
        var part = Judge(Good with { Access = Reading<RequestFacts>.Of(Answered with { UndatedAnswered = 1 }) }).Access;

        Assert.True(part.IsUnknown);
        Assert.Equal(
            [("GDPR-ACCESS-OVERDUE", FindingOutcome.Pass), ("GDPR-ACCESS-LATE", FindingOutcome.Unknown)],
            part.Findings.Select(finding => (finding.Id, finding.Outcome)));
    }

    [Fact]
    public void Usual_names_of_a_kind_are_that_kind_unless_the_configuration_says_otherwise()
    {
        var usual = new RequestKinds(new SubjectRequestSettings());
        Assert.Contains("deletion", usual.Erasure);
        Assert.Contains("subject_access", usual.Access);

        var own = new RequestKinds(new SubjectRequestSettings { ErasureType = " Forget-Me ", OtherTypes = ["Deletion", "complaint"] });
        Assert.Equal("forget_me", own.Erasure[0]);
        Assert.DoesNotContain("deletion", own.Erasure);
        Assert.Contains("complaint", own.Known);
        Assert.DoesNotContain("wipe", own.Known);
    }

    [Fact]
    public void A_check_that_could_not_be_made_names_the_table_as_the_server_would()
    {
        var verdict = Judge(ComplianceFacts.Nothing(ComplianceReportType.Monthly, Target, Error(MaintenanceErrorCode.MappingInvalid)));

        Assert.Equal("public.user_consents", verdict.Consents.Findings.Single().Subject);
        Assert.All(verdict.Access.Findings, finding => Assert.Equal("public.data_subject_requests", finding.Subject));
        Assert.All(verdict.Audit.Findings.Concat(verdict.Sequence.Findings), finding => Assert.Equal("public.gdpr_audit_log", finding.Subject));
        Assert.Equal("public.logs", verdict.Retention.Findings.Single().Subject);
        Assert.Equal("app.\"My Events\"", TableName.Of("app.\"My Events\""));
    }

    [Fact]
    public void Without_configuration_rows_past_the_guides_age_are_told_as_the_guides_and_configuring_comes_first()
    {
        var finding = Judge(Good with { Retention = [Policy(5)] }, new MaintenanceTarget { Name = "t" }).Retention.Findings.Single();

        Assert.Contains("the guide's", finding.Message, StringComparison.Ordinal);
        Assert.StartsWith("Say in \"retention\"", finding.Recommendation, StringComparison.Ordinal);
        Assert.Equal(false, finding.Evidence["Configured"]);
        Assert.StartsWith("Run Invoke-DbRetention", Judge(Good with { Retention = [Policy(5)] }).Retention.Findings.Single().Recommendation, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_the_kind_may_have_another_name_nothing_is_taken_for_well()
    {
        var verdict = Judge(Good with { Access = Reading<RequestFacts>.Of(Answered with { Total = 0, FellDue = 0, InTime = 0, Unrecognised = 12 }) });

        Assert.Null(verdict.Score);
        Assert.Equal([FindingOutcome.Unknown, FindingOutcome.Unknown], verdict.Access.Findings.Select(finding => finding.Outcome));
        Assert.Contains("accessType", verdict.Access.Findings[0].Recommendation!, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_late_is_told_though_there_are_requests_without_a_time()
    {
        var verdict = Judge(Good with { Access = Reading<RequestFacts>.Of(Answered with { Open = 3, Overdue = 1, Undated = 2, FirstDue = Now.AddDays(-1) }) });

        Assert.Null(verdict.Score);
        Assert.Equal([FindingOutcome.Fail, FindingOutcome.Unknown], verdict.Access.Findings.Where(finding => finding.Id == "GDPR-ACCESS-OVERDUE").Select(finding => finding.Outcome));
    }

    [Fact]
    public void Days_without_entries_are_told_with_the_longest_gap_and_its_ends()
    {
        var part = Judge(Good with { Audit = Reading<AuditCoverageFacts>.Of(Coverage(0, 7)) }).Audit;

        var finding = Assert.Single(part.Findings);
        Assert.Equal(100.0 * 28 / 30, part.Percent!.Value, 9);
        Assert.Equal((2, "2026-03-23 12:00, 2026-03-30 12:00", TimeSpan.FromHours(48)), (finding.Evidence["DaysWithoutEntry"], finding.Evidence["WithoutEntryFrom"], finding.Evidence["LargestGap"]));
        Assert.Contains("48 hours", finding.Message, StringComparison.Ordinal);
        Assert.Equal("log", finding.Subject);
    }

    [Fact]
    public void Missing_numbers_and_entries_written_later_are_signs_and_no_part_of_the_score()
    {
        var verdict = Judge(Good with { Sequence = Reading<AuditSequenceFacts>.Of(new AuditSequenceFacts("log", 900, 4, 2, 7, 1, 0)) });

        Assert.Equal(100, verdict.Score);
        Assert.Equal(["GDPR-AUDIT-SEQUENCE", "GDPR-AUDIT-ORDER"], verdict.Sequence.Findings.Select(finding => finding.Id));
        Assert.All(verdict.Sequence.Findings, finding => Assert.Equal((FindingOutcome.Fail, FindingSeverity.Low), (finding.Outcome, finding.Severity)));
    }

    [Fact]
    public void A_log_without_numbers_is_for_a_person_to_check()
    {
        var verdict = Judge(Good with { Sequence = Reading<AuditSequenceFacts>.Failed(Error(MaintenanceErrorCode.MappingInvalid)) });
        Assert.All(verdict.Sequence.Findings, finding => Assert.Equal(FindingOutcome.Manual, finding.Outcome));
    }

    [Theory]
    [InlineData(MaintenanceErrorCode.PermissionDenied, FindingOutcome.NotPermitted)]
    [InlineData(MaintenanceErrorCode.MappingInvalid, FindingOutcome.Unknown)]
    [InlineData(MaintenanceErrorCode.StatementTimeout, FindingOutcome.Unknown)]
    public void What_could_not_be_read_is_told_for_each_check_of_its_part(MaintenanceErrorCode code, FindingOutcome outcome)
    {
        var verdict = Judge(ComplianceFacts.Nothing(ComplianceReportType.Monthly, Target, Error(code, "Run as an administrator: GRANT SELECT ON x TO y;")));

        Assert.Equal((null, 0d, "Not so."), (verdict.Score, verdict.Coverage, verdict.Reason));
        Assert.Equal(
            ComplianceCheck.All.Select(check => check.Id).Except(["GDPR-SCORES-DISAGREE", "GDPR-FUNCTION-SCORE-LOW"]).Order(StringComparer.Ordinal),
            verdict.Findings.Select(finding => finding.Id).Order(StringComparer.Ordinal));
        Assert.All(verdict.Findings, finding => Assert.Equal((outcome, HealthStatus.Unknown), (finding.Outcome, finding.Status)));
        Assert.All(verdict.Findings, finding => Assert.Equal(code == MaintenanceErrorCode.PermissionDenied ? "GRANT SELECT ON x TO y;" : null, finding.FixSql));
    }

    [Fact]
    public void A_part_that_is_unknown_leaves_the_score_unknown_and_says_how_much_is_known()
    {
        var verdict = Judge(Good with { Audit = Reading<AuditCoverageFacts>.Failed(Error(MaintenanceErrorCode.MappingInvalid)) });
        Assert.Equal((null, 75d, "Not so."), (verdict.Score, verdict.Coverage, verdict.Reason));
    }

    [Theory]
    [InlineData(5, false, "5 rows of public.logs are more than 7 days past their age of 30 days; the oldest is 45 days old.")]
    [InlineData(100_000, true, "More than 100000 rows of public.logs are more than 7 days past their age of 30 days; one of the oldest seen is 45 days old.")]
    public void Rows_past_their_age_are_counted_up_to_a_bound_that_is_told(long rows, bool bound, string message)
    {
        var part = Judge(Good with { Retention = [Policy(rows, bound), Policy(0)] }).Retention;

        Assert.Equal(50, part.Percent);
        var finding = Assert.Single(part.Findings);
        Assert.Equal(("public.logs", message, bound), (finding.Subject, finding.Message, finding.Evidence["IsLowerBound"]));
        Assert.Contains(finding.Mappings, mapping => mapping.Section == "Art. 5(1)(e)");
    }

    [Fact]
    public void The_guides_tables_need_not_be_there_but_without_any_policy_nobody_knows()
    {
        var unconfigured = new MaintenanceTarget { Name = "t" };
        var gone = new PolicyReading(RetentionDefaults.Guide[0], Reading<RetentionFacts>.Failed(Error(MaintenanceErrorCode.ObjectNotFound)));

        Assert.Equal(100, Judge(Good with { Retention = [gone, Policy(0)] }, unconfigured).Retention.Percent);
        var none = Judge(Good with { Retention = [gone] }, unconfigured).Retention;
        Assert.Equal((true, FindingOutcome.Unknown), (none.IsUnknown, Assert.Single(none.Findings).Outcome));
        // A policy that somebody wrote must have its table.
        Assert.Equal(FindingOutcome.Unknown, Assert.Single(Judge(Good with { Retention = [gone] }).Retention.Findings).Outcome);
    }

    [Fact]
    public void Names_from_the_catalogue_stay_as_they_are_quoted()
    {
        const string Hostile = "public.\"a\"\"; DROP TABLE {x} <b>\"";
        var finding = Judge(Good with { Consents = Reading<ConsentFacts>.Of(new ConsentFacts(Hostile, 2, 1, 0)) }).Consents.Findings.Single();
        Assert.Equal(Hostile, finding.Subject);
    }
}
