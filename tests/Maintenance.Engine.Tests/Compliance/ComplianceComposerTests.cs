using Maintenance.Engine.Compliance;
using Maintenance.Engine.Functions;
using Newtonsoft.Json.Linq;

namespace Maintenance.Engine.Tests.Compliance;

/// <summary>Our figures and the function's, beside each other.</summary>
public sealed class ComplianceComposerTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 31, 12, 0, 0, TimeSpan.Zero);
    private static readonly MaintenanceTarget Target = new() { Name = "t", Database = new DatabaseSettings { Database = "d" } };
    private static readonly RequestFacts Answered = new() { Table = "requests", Kind = "access", HasDue = true, Total = 10, FellDue = 10, InTime = 10 };

    private static readonly ComplianceFacts Facts = new()
    {
        Database = "d",
        Consents = Reading<ConsentFacts>.Of(new ConsentFacts("consents", 100, 100, 0)),
        Access = Reading<RequestFacts>.Of(Answered),
        Deletion = Reading<RequestFacts>.Of(Answered),
        Audit = Reading<AuditCoverageFacts>.Of(new AuditCoverageFacts("log", 900, Enumerable.Range(0, 30).ToHashSet(), Now.AddHours(-3), Now.AddHours(-2), Now)),
    };

    private static Reading<ComplianceOpinion> Says(string json) =>
        Reading<ComplianceOpinion>.Of(ComplianceOpinion.Of(FunctionCatalogue.ComplianceReport.Read(JObject.Parse($$"""{"result":{{json}}}"""))));

    private static ComplianceReport Compose(ComplianceFacts? facts, Reading<ComplianceOpinion>? opinion, MeasurementSourceChoice choice = MeasurementSourceChoice.Auto) =>
        new ComplianceComposer(Target, ComplianceReportType.Quick, choice, Now).Compose(facts, opinion);

    private static MaintenanceException Error(MaintenanceErrorCode code) => new(code, "Not so.", "Do this.");

    [Fact]
    public void Both_are_shown_and_where_they_agree_a_check_says_so()
    {
        var report = Compose(Facts, Says("""{"compliance_score":97,"consent_compliance":96,"audit_compliance":100}"""));

        Assert.Equal((100d, 97d, 96d, MeasurementSource.Database), (report.Score, report.FunctionScore, report.FunctionConsentPercent, report.Source));
        Assert.Null(report.FunctionDeletionPercent);
        Assert.Equal(HealthStatus.Ok, report.Status);
        Assert.Equal(FindingOutcome.Pass, Assert.Single(report.Findings, finding => finding.Id == "GDPR-SCORES-DISAGREE").Outcome);
        Assert.Contains(report.Metrics, metric => metric is { Name: "function_compliance_score", Value: 97 });
    }

    [Fact]
    public void Further_apart_than_the_tolerance_is_a_finding_for_each_figure()
    {
        var report = Compose(Facts, Says("""{"compliance_score":95,"consent_compliance":94.9,"deletion_compliance":40}"""));

        Assert.Equal(
            ["Consents", "Deletion requests"],
            report.Findings.Where(finding => finding is { Id: "GDPR-SCORES-DISAGREE", Outcome: FindingOutcome.Fail }).Select(finding => finding.Subject));
        Assert.Equal(HealthStatus.Warning, report.Status);
    }

    [Theory]
    [InlineData(94, FindingSeverity.Medium)]
    [InlineData(40, FindingSeverity.High)]
    public void A_low_score_of_the_function_is_told_whatever_ours_is(double score, FindingSeverity severity)
    {
        var finding = Assert.Single(Compose(Facts, Says($$"""{"compliance_score":{{score}},"issues":["a","mail a.person@example.com"]}""")).Findings, finding => finding.Id == "GDPR-FUNCTION-SCORE-LOW");
        Assert.Equal((FindingOutcome.Fail, severity), (finding.Outcome, finding.Severity));
        Assert.DoesNotContain("a.person", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_function_that_fails_is_unknown_with_the_reason_and_ours_is_told()
    {
        var report = Compose(Facts, Reading<ComplianceOpinion>.Failed(Error(MaintenanceErrorCode.FunctionFailed)));

        Assert.Equal((100d, null, HealthStatus.Unknown), (report.Score, report.FunctionScore, report.Status));
        Assert.Contains("FunctionFailed", report.FunctionReason!, StringComparison.Ordinal);
        var finding = Assert.Single(report.Findings, finding => finding.Id == "GDPR-SCORES-DISAGREE");
        Assert.Equal((FindingOutcome.Unknown, "Do this."), (finding.Outcome, finding.Recommendation));
    }

    [Fact]
    public void Where_the_database_tells_nothing_the_functions_word_is_taken_and_never_for_well()
    {
        var report = Compose(ComplianceFacts.Nothing(ComplianceReportType.Quick, Target, Error(MaintenanceErrorCode.MappingInvalid)), Says("""{"compliance_score":100,"consent_compliance":100}"""));

        Assert.Equal((100d, 100d, MeasurementSource.Function, HealthStatus.Unknown), (report.Score, report.ConsentPercent, report.Source, report.Status));
        Assert.Contains("Not so.", report.SourceReason, StringComparison.Ordinal);
        Assert.Equal(FindingOutcome.Unknown, Assert.Single(report.Findings, finding => finding.Id == "GDPR-SCORES-DISAGREE").Outcome);
    }

    [Fact]
    public void Without_functions_there_is_nothing_to_compare_and_nothing_is_said_of_it()
    {
        var report = Compose(Facts, null);

        Assert.Equal(("The functions are not configured.", HealthStatus.Ok), (report.FunctionReason, report.Status));
        Assert.DoesNotContain(report.Findings, finding => finding.Id is "GDPR-SCORES-DISAGREE" or "GDPR-FUNCTION-SCORE-LOW");
    }

    [Fact]
    public void The_function_alone_tells_its_own_figures()
    {
        var report = Compose(null, Says("""{"compliance_score":99,"consent_compliance":98}"""), MeasurementSourceChoice.Function);

        Assert.Equal((99d, 98d, MeasurementSource.Function), (report.Score, report.ConsentPercent, report.Source));
        Assert.Null(report.CoveragePercent);
        Assert.Equal(HealthStatus.Ok, report.Status);
    }

    [Fact]
    public void Defect_37_a_priority_may_be_a_number_or_missing()
    {
        var items = Compose(null, Says("""{"compliance_score":99,"action_items":[{"action":"a","priority":1},{"action":"b"},{"action":"c","priority":" URGENT "},{"action":"d","priority":"low"}]}"""), MeasurementSourceChoice.Function).ActionItems;

        Assert.Equal(
            [("c", CompliancePriority.Critical), ("d", CompliancePriority.Low), ("a", CompliancePriority.Unknown), ("b", CompliancePriority.Unknown)],
            items.Select(item => (item.Action, item.PriorityLevel)));
        Assert.Equal(["[1] a", "b"], items.Skip(2).Select(item => item.ToString()));
    }

    [Fact]
    public void What_only_a_person_can_tell_does_not_change_the_verdict_on_the_rest()
    {
        var report = Compose(Facts with { Sequence = Reading<AuditSequenceFacts>.Failed(Error(MaintenanceErrorCode.MappingInvalid)) }, null);
        Assert.Contains(report.Findings, finding => finding.Outcome == FindingOutcome.Manual);
        Assert.Equal(HealthStatus.Ok, report.Status);
    }

    [Fact]
    public void A_part_where_nothing_was_to_do_has_no_metric_and_an_unknown_one_has_one_without_a_value()
    {
        var report = Compose(Facts with { Access = Reading<RequestFacts>.Of(Answered with { FellDue = 0, InTime = 0 }), Audit = Reading<AuditCoverageFacts>.Failed(Error(MaintenanceErrorCode.StatementTimeout)) }, null);
        Assert.DoesNotContain(report.Metrics, metric => metric.Name == "gdpr_access_request_percent");
        Assert.Equal((null, "Not so."), report.Metrics.Where(metric => metric.Name == "gdpr_audit_percent").Select(metric => (metric.Value, metric.Reason)).Single());
        Assert.Equal(HealthStatus.Unknown, report.Status);
    }
}
