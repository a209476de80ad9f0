using Maintenance.Engine.Backup.Drill;
using static Maintenance.Engine.Tests.Backup.Drill.DrillSample;

namespace Maintenance.Engine.Tests.Backup.Drill;

public sealed class DrillEvaluatorTests
{
    private static string[] Ids(RecoveryDrill drill) => [.. drill.Findings.Select(finding => finding.Id)];

    private static RecoveryDrill With(DrillFacts facts, Func<MaintenanceTarget, MaintenanceTarget> change) => DrillEvaluator.Evaluate(facts with { Target = change(facts.Target) });

    [Fact]
    public void Everything_restored_in_time_is_ok_and_the_times_of_the_databases_add_up()
    {
        var drill = Judged(Attempt(Restored(Dumped("app"), 600)), Attempt(Restored(Dumped("crm", age: TimeSpan.FromHours(7)), 300)));
        Assert.Equal(HealthStatus.Ok, drill.Status);
        Assert.Empty(drill.Findings);
        Assert.Equal(TimeSpan.FromSeconds(900), drill.RecoveryTime);
        Assert.Equal(TimeSpan.FromHours(7), drill.RecoveryPoint);
        Assert.Equal((ObjectiveResult.Met, ObjectiveResult.Met), (drill.RecoveryTimeResult, drill.RecoveryPointResult));
        Assert.Equal("The system was recovered within 15 min, losing what was written in the last 7 h. Both objectives are met.", drill.Verdict);
        Assert.Contains("app 10 min, crm 5 min", drill.RecoveryTimeNote, StringComparison.Ordinal);
        Assert.Contains("crm-", drill.RecoveryPointNote, StringComparison.Ordinal);
    }

    [Fact]
    public void An_objective_is_met_to_the_very_limit_and_missed_beyond_it()
    {
        Assert.Equal(ObjectiveResult.Met, DrillEvaluator.Compare(TimeSpan.FromHours(1), TimeSpan.FromHours(1)));
        Assert.Equal(ObjectiveResult.Missed, DrillEvaluator.Compare(TimeSpan.FromHours(1) + TimeSpan.FromTicks(1), TimeSpan.FromHours(1)));
        Assert.Equal(ObjectiveResult.Unknown, DrillEvaluator.Compare(null, TimeSpan.FromHours(1)));
        Assert.Equal(ObjectiveResult.NoObjective, DrillEvaluator.Compare(TimeSpan.FromHours(1), null));
        Assert.Equal(ObjectiveResult.NoObjective, DrillEvaluator.Compare(null, null));
    }

    [Fact]
    public void A_missed_time_and_a_missed_loss_are_findings_with_figures()
    {
        var drill = Judged(Attempt(Restored(Dumped("app", age: TimeSpan.FromHours(30)), 4000)));
        Assert.Equal(HealthStatus.Critical, drill.Status);
        Assert.Equal(["DRILL-RTO-MISSED", "DRILL-RPO-MISSED"], Ids(drill));
        Assert.Equal(4000.0, drill.Findings[0].Evidence["MeasuredSeconds"]);
        Assert.Equal(3600.0, drill.Findings[0].Evidence["ObjectiveSeconds"]);
        Assert.All(drill.Findings, finding => Assert.NotNull(finding.Recommendation));
        Assert.EndsWith("The objective for the time is missed, that for the loss is missed.", drill.Verdict, StringComparison.Ordinal);
    }

    [Fact]
    public void An_objective_that_nobody_set_is_told_as_none_and_is_not_green()
    {
        var drill = With(Facts(Attempt(Restored(Dumped("app")))), target => target with { Recovery = new(), BackupStore = target.BackupStore! with { MaximumAge = null } });
        Assert.Equal((ObjectiveResult.NoObjective, ObjectiveResult.NoObjective), (drill.RecoveryTimeResult, drill.RecoveryPointResult));
        Assert.Equal(["DRILL-NO-OBJECTIVE", "DRILL-NO-OBJECTIVE"], Ids(drill));
        Assert.Equal(HealthStatus.Warning, drill.Status);
        Assert.Contains("No objective is set", drill.Verdict, StringComparison.Ordinal);
        Assert.DoesNotContain("met", drill.Verdict, StringComparison.Ordinal);
    }

    [Fact]
    public void The_objective_for_the_loss_is_the_age_that_a_backup_may_have_unless_another_is_set()
    {
        var facts = Facts(Attempt(Restored(Dumped("app"))));
        Assert.Equal(TimeSpan.FromHours(24), DrillEvaluator.Evaluate(facts).RecoveryPointObjective);
        var strict = With(facts, target => target with { Recovery = target.Recovery with { PointObjective = TimeSpan.FromMinutes(15) } });
        Assert.Equal((TimeSpan.FromMinutes(15), ObjectiveResult.Missed), (strict.RecoveryPointObjective, strict.RecoveryPointResult));
    }

    [Fact]
    public void A_backup_that_fails_is_critical_and_the_time_of_the_whole_is_not_known()
    {
        var drill = Judged(Attempt(Restored(Dumped("app"))), Attempt(Broken(Dumped("crm"))));
        Assert.Equal(HealthStatus.Critical, drill.Status);
        Assert.Equal(["DRILL-RESTORE-FAILED"], Ids(drill));
        Assert.Null(drill.RecoveryTime);
        Assert.Equal((ObjectiveResult.Unknown, ObjectiveResult.Unknown), (drill.RecoveryTimeResult, drill.RecoveryPointResult));
        Assert.Equal("The system could not be recovered. Not everything came back: crm.", drill.Verdict);
        Assert.Equal("DataDamaged", drill.Findings[0].Evidence["Fault"]);
    }

    [Fact]
    public void Where_the_newest_is_broken_the_one_before_it_counts_and_the_verdict_says_so()
    {
        var drill = Judged(Attempt(Broken(Dumped("app")), Restored(Dumped("app", age: TimeSpan.FromHours(29)), 600)));
        Assert.Equal(HealthStatus.Critical, drill.Status);
        Assert.Equal(TimeSpan.FromSeconds(600), drill.RecoveryTime);
        Assert.Equal(TimeSpan.FromHours(29), drill.RecoveryPoint);
        Assert.Equal(["DRILL-RESTORE-FAILED", "DRILL-RPO-MISSED"], Ids(drill));
        Assert.Contains("was restored in its place", drill.Findings[0].Message, StringComparison.Ordinal);
        Assert.EndsWith("But not every backup could be restored.", drill.Verdict, StringComparison.Ordinal);
    }

    [Fact]
    public void A_backup_that_could_not_be_tested_is_unknown_never_green()
    {
        var drill = Judged(Attempt(Restored(Dumped("app"))), Attempt(Undecided(Dumped("crm"))));
        Assert.Equal(HealthStatus.Unknown, drill.Status);
        Assert.Equal(["DRILL-NOT-TESTED"], Ids(drill));
        Assert.StartsWith("Whether the system can be recovered could not be found out.", drill.Verdict, StringComparison.Ordinal);
        Assert.Equal("Give a folder with more space: -ScratchPath.", drill.Findings[0].Recommendation);
    }

    [Fact]
    public void A_backup_that_was_only_looked_at_was_not_restored()
    {
        var drill = Judged(Attempt(Restored(Dumped("app")) with { RecoveryTime = null }));
        Assert.Equal(HealthStatus.Unknown, drill.Status);
        Assert.Contains("it was not restored whole", drill.Findings[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_loss_that_is_not_known_is_unknown_although_the_time_is_known()
    {
        var drill = Judged(Attempt(Restored(Dumped("app")) with { RecoveryPoint = null }));
        Assert.Equal((ObjectiveResult.Met, ObjectiveResult.Unknown), (drill.RecoveryTimeResult, drill.RecoveryPointResult));
        Assert.Equal(["DRILL-RPO-UNKNOWN"], Ids(drill));
        Assert.Equal(HealthStatus.Unknown, drill.Status);
        Assert.Contains("losing an unknown amount", drill.Verdict, StringComparison.Ordinal);
    }

    [Fact]
    public void A_database_of_the_configuration_without_a_backup_is_critical()
    {
        var drill = With(Facts(Attempt(Restored(Dumped("app")))), target => target with { Backups = new BackupSettings { Databases = ["APP", "crm"] } });
        Assert.Equal(["DRILL-NO-BACKUP"], Ids(drill));
        Assert.Equal("crm", drill.Findings[0].Subject);
        Assert.Equal(HealthStatus.Critical, drill.Status);
        Assert.Null(drill.RecoveryTime);
        Assert.StartsWith("The system could not be recovered.", drill.Verdict, StringComparison.Ordinal);
    }

    [Fact]
    public void A_kind_of_the_configuration_without_a_backup_is_critical_but_the_other_brings_the_system_back()
    {
        var settings = new BackupSettings { Databases = ["app"], Kinds = [BackupKind.Custom, BackupKind.BaseBackup] };
        var restored = Restored(Dumped("app"));
        var drill = With(Facts(new DrillAttempt(DrillItem.Of(restored.Backup, settings), [restored])), target => target with { Backups = settings });
        Assert.Equal(["DRILL-NO-BACKUP"], Ids(drill));
        Assert.Equal("app (BaseBackup)", drill.Findings[0].Subject);
        Assert.NotNull(drill.RecoveryTime);
        Assert.EndsWith("But not everything was tested, or has a backup.", drill.Verdict, StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_store_has_nothing_to_restore()
    {
        var drill = Judged();
        Assert.Equal(["DRILL-NO-BACKUP"], Ids(drill));
        Assert.Equal((HealthStatus.Critical, ObjectiveResult.Unknown), (drill.Status, drill.RecoveryTimeResult));
        Assert.Equal("The system could not be recovered. There is no backup to restore.", drill.Verdict);
    }

    [Fact]
    public void A_store_that_cannot_be_listed_says_nothing_about_the_backups()
    {
        var drill = DrillEvaluator.Evaluate(Facts() with { Unlisted = new MaintenanceException(MaintenanceErrorCode.StoreUnreachable, "The store does not answer.", "Look at the network.") });
        Assert.Equal(["DRILL-NOT-TESTED"], Ids(drill));
        Assert.Equal(HealthStatus.Unknown, drill.Status);
        Assert.StartsWith("Whether the system can be recovered could not be found out.", drill.Verdict, StringComparison.Ordinal);
    }

    [Fact]
    public void Backups_of_which_none_is_whole_are_no_backup_and_one_that_had_no_time_is_unknown()
    {
        var drill = Judged(
            new DrillAttempt(new DrillItem("app", false, null), [], "app-1.dump is empty.") { NoneComplete = true },
            new DrillAttempt(new DrillItem("crm", false, null), [], "there was no time left."));
        Assert.Equal(["DRILL-NO-BACKUP", "DRILL-NOT-TESTED"], Ids(drill));
        Assert.Equal([FindingOutcome.Fail, FindingOutcome.Unknown], drill.Findings.Select(finding => finding.Outcome));
    }

    [Fact]
    public void Of_two_ways_back_the_figures_are_those_of_the_one_that_loses_least_never_of_both()
    {
        var drill = Judged(Attempt(Restored(Dumped("app"), 600)), Attempt(Restored(Dumped(null, BackupKind.BaseBackup), 1200, point: TimeSpan.FromMinutes(4))));
        Assert.Equal((TimeSpan.FromSeconds(1200), TimeSpan.FromMinutes(4)), (drill.RecoveryTime, drill.RecoveryPoint));
    }

    [Fact]
    public void A_base_backup_that_is_broken_does_not_hide_that_the_dumps_bring_everything_back()
    {
        var drill = Judged(Attempt(Restored(Dumped("app"), 600)), Attempt(Broken(Dumped(null, BackupKind.BaseBackup))));
        Assert.Equal(TimeSpan.FromSeconds(600), drill.RecoveryTime);
        Assert.Equal(HealthStatus.Critical, drill.Status);
        Assert.EndsWith("But not every backup could be restored.", drill.Verdict, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_kinds_of_dump_of_one_database_are_restored_both_but_counted_once()
    {
        var settings = new BackupSettings { Kinds = [BackupKind.Custom, BackupKind.Plain] };
        var (custom, plain) = (Restored(Dumped("app"), 600), Restored(Dumped("app", BackupKind.Plain, TimeSpan.FromHours(6)), 900));
        var drill = Judged(new DrillAttempt(DrillItem.Of(custom.Backup, settings), [custom]), new DrillAttempt(DrillItem.Of(plain.Backup, settings), [plain]));
        Assert.Equal((TimeSpan.FromSeconds(600), TimeSpan.FromHours(5)), (drill.RecoveryTime, drill.RecoveryPoint));
        Assert.Equal(2, drill.Verifications.Count);
    }

    [Fact]
    public void A_backup_that_is_too_old_is_told_as_the_daily_check_tells_it()
    {
        var facts = Facts(Attempt(Restored(Dumped("app"))));
        var drill = DrillEvaluator.Evaluate(facts with { Recencies = [Fresh("app") with { State = BackupRecencyState.Stale }] });
        Assert.Equal(["BACKUP-STALE"], Ids(drill));
    }

    [Fact]
    public void What_is_not_known_is_evidence_too()
    {
        var drill = Judged(Attempt(Restored(Dumped("app")) with { Sha256 = null }));
        Assert.Null(drill.Evidence.Single(fact => fact.Name == "SHA-256, read").Value);
        Assert.Contains(drill.Evidence, fact => fact.Name == "Size" && fact.Value == "5368709120 bytes");
        Assert.EndsWith("unknown", drill.Evidence.Single(fact => fact.Name == "SHA-256, read").ToString(), StringComparison.Ordinal);
    }
}
