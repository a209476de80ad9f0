using Maintenance.Engine.Backup;
using Maintenance.Engine.Backup.Drill;
using Maintenance.Engine.Resilience;
using Maintenance.Engine.Tasks;
using static Maintenance.Engine.Tests.Backup.Drill.DrillSample;

namespace Maintenance.Engine.Tests.Backup.Drill;

/// <summary>The tasks DisasterRecoveryTest and BackupVerification, over a folder, and what people are told of them.</summary>
public sealed class RecoveryTaskTests : IAsyncDisposable
{
    private readonly BackupFolder _folder = new();
    private readonly MaintenanceEngine _engine = new();

    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        _folder.Dispose();
    }

    private DisasterRecoveryTask Quarterly => new(new RecoveryDrillService(new BackupService(TimeProvider.System), _folder.Test, TimeProvider.System, _folder.Locks));

    private BackupVerificationTask Daily(BackupVerificationTask.TestWalAsync? wal = null, int most = 100) => new(new BackupService(TimeProvider.System), _folder.Test, wal, most);

    private Task<MaintenanceRun> RunAsync(IMaintenanceTask task, MaintenanceTarget? target = null, TimeSpan? timeout = null) =>
        _engine.Tasks.RunAsync(target ?? _folder.Target, task, new() { Approval = new() { By = "a test" } }, Calls.Silent(timeout), TestContext.Current.CancellationToken);

    private static string[] Told(DisasterRecoveryTask task, MaintenanceRun run) => [.. task.MessagesFor(run).Select(message => $"{message.Channel}: {message.Title}")];

    private static MaintenanceStep Step(MaintenanceRun run, string name) => run.Steps.Single(step => step.Name == name);

    [Fact]
    public async Task A_drill_that_passes_is_a_run_with_its_figures_and_a_summary()
    {
        _folder.Write("app", 2);
        _folder.Write("crm", 3);
        var run = await RunAsync(Quarterly);
        Assert.Equal(["Find the backups", "Restore app", "Restore crm", "Recovery time", "Recovery point", "Verdict"], run.Steps.Take(6).Select(step => step.Name));
        Assert.Equal(HealthStatus.Ok, run.Status);
        Assert.Equal("DisasterRecoveryTest: every check passed.", run.Message);
        Assert.Equal(120.0, run.Metrics.First(metric => metric.Name == "recovery_time_seconds").Value);
        Assert.Equal(3600.0, run.Metrics.First(metric => metric.Name == "recovery_point_seconds").Value);
        Assert.Equal(2.0, run.Metrics.Single(metric => metric.Name == "backups_verified").Value);
        Assert.Contains(run.Metrics, metric => metric.Name == "recovery_time_seconds" && metric.Labels.GetValueOrDefault("database") == "crm" && metric.Value == 60);
        Assert.Equal(["Default: The recovery drill of production passed"], Told(Quarterly, run));
        var fields = Quarterly.MessagesFor(run)[0].Fields;
        Assert.Equal(["2 min; wanted: at most 1 h", "1 h; wanted: at most 1 d"], fields.Select(field => field.Value));
    }

    [Fact]
    public async Task Its_report_is_kept_and_published_for_people_beside_the_log()
    {
        _folder.Write("app", 2);
        var run = await RunAsync(Quarterly);
        Assert.Equal(["Log", "JsonLog", "Report", "DrillReport", "DrillReport"], run.Artifacts.Select(artifact => artifact.Kind));
        Assert.All(run.Artifacts, artifact => Assert.Equal(artifact.SizeBytes, new FileInfo(artifact.Path).Length));
        Assert.Equal(HealthStatus.Ok, Step(run, "Publish").Status);
        var day = run.StartedAt.UtcDateTime.ToString("yyyyMMdd", System.Globalization.CultureInfo.InvariantCulture);
        Assert.StartsWith("<!DOCTYPE html>", await File.ReadAllTextAsync(Path.Combine(_folder.Artifacts, "disaster-recovery-tests", $"drill-{day}.html"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.StartsWith("# Recovery drill of production", await File.ReadAllTextAsync(Path.Combine(_folder.Artifacts, "disaster-recovery-tests", $"drill-{day}.md"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(_folder.Artifacts, "drill-logs", $"maintenance-{day}.log")));
    }

    [Fact]
    public async Task A_drill_that_fails_is_an_emergency_and_a_summary()
    {
        _folder.Write("app", 2);
        var crm = _folder.Write("crm", 3);
        _folder.Results[crm] = backup => Broken(backup);
        var run = await RunAsync(Quarterly, _folder.Target with { Backups = new BackupSettings { Databases = ["app", "crm", "billing"] } });
        Assert.Equal((HealthStatus.Critical, 2), (run.Status, run.ExitCode));
        Assert.Equal(HealthStatus.Critical, Step(run, "Restore crm").Status);
        Assert.Equal(HealthStatus.Critical, Step(run, "Restore billing").Status);
        Assert.Equal([(StepState.Skipped, HealthStatus.Warning), (StepState.Skipped, HealthStatus.Ok)], run.Steps.Where(step => step.Name == "Notify").Select(step => (step.State, step.Status)));
        Assert.Equal(HealthStatus.Unknown, Step(run, "Recovery time").Status);
        Assert.Null(run.Metrics.First(metric => metric.Name == "recovery_time_seconds").Value);
        Assert.Equal(["Emergency: CRITICAL: The recovery drill of production failed", "Default: The recovery drill of production needs attention (critical)"], Told(Quarterly, run));
        var emergency = Quarterly.MessagesFor(run)[0];
        Assert.Contains("billing", emergency.Text, StringComparison.Ordinal);
        Assert.Contains(crm, emergency.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missed_objective_is_critical_and_in_the_summary_but_no_emergency()
    {
        _folder.Write("app", 2);
        var run = await RunAsync(Quarterly, _folder.Target with { Recovery = new RecoverySettings { TimeObjective = TimeSpan.FromSeconds(59) } });
        Assert.Equal(HealthStatus.Critical, Step(run, "Recovery time").Status);
        Assert.Equal(HealthStatus.Critical, run.Metrics.First(metric => metric.Name == "recovery_time_seconds").Status);
        Assert.Equal(["Default: The recovery drill of production needs attention (critical)"], Told(Quarterly, run));
    }

    [Fact]
    public async Task The_plan_asks_nobody_and_names_what_is_configured()
    {
        var target = _folder.Target with { Backups = new BackupSettings { Databases = ["app", "crm"] } };
        Assert.Equal(["Find the backups", "Restore app", "Restore crm", "Recovery time", "Recovery point"], Quarterly.Plan(target).Select(step => step.Name));
        Assert.Equal(["Find the backups", "Restore each database", "Recovery time", "Recovery point", "Notify", "Publish", "Record"], _engine.Tasks.Plan(_folder.Target, "disasterrecoverytest", new TaskRequest { Approval = new TaskApproval { By = "ada" } }).Select(step => step.Name));
        Assert.Empty(_folder.Tested);
        await Task.CompletedTask;
    }

    [Fact]
    public async Task The_daily_verification_tells_nobody_where_all_is_well()
    {
        _folder.Write("app", 30);
        var (app, crm) = (_folder.Write("app", 2, size: 500), _folder.Write("crm", 3));
        var run = await RunAsync(Daily());
        Assert.Equal(["Recency of app", "Recency of crm", "Checksums", "Contents"], run.Steps.Select(step => step.Name));
        Assert.Equal(HealthStatus.Ok, run.Status);
        // The smallest of the newest comes first; what is read whole is not looked at again.
        Assert.Equal([BackupLevel.Checksum, BackupLevel.Checksum, BackupLevel.Toc], _folder.Tested.Select(test => test.Level));
        Assert.Equal([crm, app], _folder.Tested.Take(2).Select(test => test.Name));
        Assert.All(_folder.Tested, test => Assert.False(test.Force));
        // In a folder a file that decays keeps its size and its time.
        Assert.Equal([20, 20, 720], _folder.Tested.Select(test => test.ReverifyAfter.TotalHours));
        Assert.Empty(Daily().MessagesFor(run));
        Assert.False(Directory.Exists(_folder.Artifacts));
        Assert.Equal(3.0, run.Metrics.Single(metric => metric.Name == "backups_verified").Value);
    }

    [Fact]
    public async Task More_backups_than_are_looked_at_are_counted()
    {
        var newest = Enumerable.Range(1, 5).Select(hours => _folder.Write("app", hours)).ToList();
        var run = await RunAsync(Daily(most: 2));
        Assert.Equal(newest.Take(2), _folder.Tested.Select(test => test.Name));
        Assert.Contains("3 older ones left out", Step(run, "Contents").Message, StringComparison.Ordinal);
        Assert.DoesNotContain("left out", Step(run, "Checksums").Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_damaged_backup_is_an_emergency_and_one_that_could_not_be_read_is_told_as_unknown()
    {
        var (app, crm) = (_folder.Write("app", 2), _folder.Write("crm", 3));
        _folder.Results[app] = Undecided;
        var unknown = await RunAsync(Daily());
        Assert.Equal(HealthStatus.Unknown, unknown.Status);
        Assert.Equal(["Default"], Daily().MessagesFor(unknown).Select(message => message.Channel));
        Assert.Equal(["BACKUP-NOT-VERIFIED"], unknown.Findings.Select(finding => finding.Id));

        _folder.Results[crm] = backup => Broken(backup);
        var damaged = await RunAsync(Daily());
        Assert.Equal(HealthStatus.Critical, damaged.Status);
        Assert.Equal(["Emergency", "Default"], Daily().MessagesFor(damaged).Select(message => message.Channel));
        Assert.Contains(crm, Daily().MessagesFor(damaged)[0].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_backup_is_an_emergency_and_a_store_that_cannot_be_read_is_not()
    {
        var missing = await RunAsync(Daily());
        Assert.Equal(["Emergency", "Default"], Daily().MessagesFor(missing).Select(message => message.Channel));
        Assert.Contains("BACKUP-NONE", missing.Findings.Select(finding => finding.Id));

        var unread = await RunAsync(Daily(), _folder.Target with { BackupStore = new StoreSettings { Path = Path.Combine(_folder.Locks, "missing") } });
        Assert.Equal(HealthStatus.Unknown, unread.Status);
        Assert.Equal(["Default"], Daily().MessagesFor(unread).Select(message => message.Channel));
    }

    [Fact]
    public async Task A_gap_in_the_write_ahead_log_is_an_emergency_where_it_is_archived()
    {
        _folder.Write("app", 2);
        var task = Daily((_, _, _, _) => Task.FromResult(Fresh("x") with { Database = null, State = BackupRecencyState.Incomplete, Message = "Segment 0000000100000000000000A7 is missing." }));
        Assert.DoesNotContain("Write-ahead log", (await RunAsync(task)).Steps.Select(step => step.Name));
        var run = await RunAsync(task, _folder.Target with { WalArchive = new StoreSettings { Path = _folder.StorePath } });
        Assert.Equal(HealthStatus.Critical, Step(run, "Write-ahead log").Status);
        Assert.Contains("0000000100000000000000A7", task.MessagesFor(run)[0].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_there_is_no_time_for_is_left_for_the_next_day_and_said()
    {
        for (var i = 0; i < 5; i++)
        {
            _folder.Results[_folder.Write("app", 2 + i)] = backup =>
            {
                _folder.Time.Advance(TimeSpan.FromMinutes(2));
                return Restored(backup);
            };
        }

        using var deadline = new Deadline(TimeSpan.FromMinutes(8), _folder.Time, CancellationToken.None);
        var outcome = await Daily().RunAsync(new TaskContext(_folder.Target, Calls.Silent(), deadline, _folder.Time), TestContext.Current.CancellationToken);
        var contents = outcome.Steps.Single(step => step.Name == "Contents");
        Assert.Equal((StepState.Deferred, HealthStatus.Warning), (contents.State, contents.Status));
        Assert.Contains("3 backups passed; 1 left for next time", contents.Message, StringComparison.Ordinal);
        Assert.Equal(HealthStatus.Ok, outcome.Steps.Single(step => step.Name == "Checksums").Status);
    }

    [Fact]
    public void Backups_that_fail_for_the_same_reason_are_one_finding()
    {
        var tests = Enumerable.Range(1, 300).Select(i => Undecided(Dumped("app", age: TimeSpan.FromHours(i))) with { Error = MaintenanceErrorCode.StoreUnreachable }).ToList();
        var finding = Assert.Single(VerificationFindings.Of(tests, DrillSample.Target, Start));
        Assert.Equal(300, finding.Evidence["Count"]);
        Assert.Contains("299 other backups", finding.Message, StringComparison.Ordinal);
        Assert.Equal(HealthStatus.Unknown, finding.Status);
    }

    [Fact]
    public void A_damaged_backup_is_an_emergency_until_a_newer_whole_one_of_the_same_database_and_kind_follows()
    {
        var damaged = Restored(Dumped("app", age: TimeSpan.FromDays(2))) with { Verdict = BackupVerdict.Failed, Fault = BackupFault.Truncated };
        var (newer, older, other) = (
            Restored(Dumped("app", age: TimeSpan.FromDays(1))), Restored(Dumped("app", age: TimeSpan.FromDays(3))), Restored(Dumped("crm", age: TimeSpan.FromDays(1))));

        FindingSeverity Severity(params BackupVerification[] tests) =>
            VerificationFindings.Of(tests, DrillSample.Target, Start).Single(finding => finding.Id == "BACKUP-DAMAGED").Severity;
        Assert.Equal(FindingSeverity.Critical, Severity(damaged));
        Assert.Equal(FindingSeverity.Critical, Severity(damaged, older, other));
        Assert.Equal(FindingSeverity.Medium, Severity(damaged, newer));
        Assert.Equal(HealthStatus.Critical, VerificationFindings.Describe(BackupLevel.Toc, [damaged], [older, damaged], left: 0, archived: 0).Status);
        Assert.Equal(HealthStatus.Warning, VerificationFindings.Describe(BackupLevel.Toc, [damaged], [newer, damaged], left: 0, archived: 0).Status);
    }

    [Fact]
    public void A_newest_that_was_not_read_is_unknown_and_an_older_one_is_put_off()
    {
        Assert.Equal(HealthStatus.Unknown, VerificationFindings.Describe(BackupLevel.Checksum, [], [], left: 1, archived: 0).Status);
        Assert.Equal(HealthStatus.Warning, VerificationFindings.Describe(BackupLevel.Toc, [], [], left: 1, archived: 0).Status);
        Assert.Contains("7 in the Archive tier", VerificationFindings.Describe(BackupLevel.Toc, [], [], left: 0, archived: 7).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Both_tasks_are_there_by_name()
    {
        var names = _engine.Tasks.List().Select(task => task.Name).ToList();
        Assert.Contains("BackupVerification", names);
        Assert.Contains("DisasterRecoveryTest", names);
    }
}
