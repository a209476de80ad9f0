using Maintenance.Engine.Backup;
using Maintenance.Engine.Backup.Drill;
using static Maintenance.Engine.Tests.Backup.Drill.DrillSample;

namespace Maintenance.Engine.Tests.Backup.Drill;

public sealed class RecoveryDrillServiceTests : IDisposable
{
    private readonly BackupFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private RecoveryDrillService Drills(TestBackupAsync? test = null) => new(new BackupService(TimeProvider.System), test ?? _folder.Test, TimeProvider.System, _folder.Locks);

    private Task<RecoveryDrill> RunAsync(MaintenanceTarget? target = null, TestBackupAsync? test = null, TimeSpan? timeout = null) =>
        Drills(test).RunAsync(target ?? _folder.Target, new BackupTestOptions(), Calls.Silent(timeout), TestContext.Current.CancellationToken);

    [Fact]
    public async Task The_newest_of_each_database_is_restored_whole_whatever_the_ledger_knows()
    {
        _folder.Write("app", 30);
        var (app, crm) = (_folder.Write("app", 2), _folder.Write("crm", 3));
        var drill = await RunAsync();
        Assert.Equal([(app, BackupLevel.Full, true), (crm, BackupLevel.Full, true)], _folder.Tested.Select(test => (test.Name, test.Level, test.Force)));
        Assert.Equal(HealthStatus.Ok, drill.Status);
        Assert.Equal(TimeSpan.FromMinutes(2), drill.RecoveryTime);
        Assert.Equal(["Find the backups", "Fetch the backup", "Start a scratch server"], drill.Timeline.Take(3).Select(moment => moment.What));
        Assert.Equal(2, drill.Recencies.Count);
    }

    [Fact]
    public async Task One_that_fails_stops_no_other_and_the_one_before_it_is_tried()
    {
        var (old, app, crm) = (_folder.Write("app", 30), _folder.Write("app", 2), _folder.Write("crm", 3));
        _folder.Results[app] = backup => Broken(backup);
        var drill = await RunAsync();
        Assert.Equal([app, old, crm], _folder.Tested.Select(test => test.Name));
        Assert.Equal(["DRILL-RESTORE-FAILED"], drill.Findings.Select(finding => finding.Id));
        Assert.NotNull(drill.RecoveryTime);
    }

    [Fact]
    public async Task One_that_cannot_be_tested_is_not_taken_for_broken_and_no_older_one_is_tried()
    {
        var (_, app) = (_folder.Write("app", 30), _folder.Write("app", 2));
        _folder.Results[app] = Undecided;
        Assert.Equal(HealthStatus.Unknown, (await RunAsync()).Status);
        Assert.Equal([app], _folder.Tested.Select(test => test.Name));
    }

    [Fact]
    public async Task A_test_that_throws_is_a_record_and_the_others_go_on()
    {
        var (app, crm) = (_folder.Write("app", 2), _folder.Write("crm", 3));
        _folder.Results[app] = _ => throw new InvalidOperationException("Something is wrong.");
        var drill = await RunAsync();
        Assert.Equal([MaintenanceErrorCode.Unexpected, null], drill.Verifications.Select(test => test.Error));
        Assert.Equal([app, crm], _folder.Tested.Select(test => test.Name));
        Assert.Equal(HealthStatus.Unknown, drill.Status);
    }

    [Fact]
    public async Task What_there_is_no_time_for_is_said()
    {
        _folder.Write("app", 2);
        _folder.Write("crm", 3);
        var drill = await RunAsync(
            test: async (backup, target, options, call, token) =>
            {
                // As a test does whose time is up; a timer counts whole milliseconds, and may be early by a part of one.
                await Task.Delay(call.Timeout!.Value + TimeSpan.FromMilliseconds(50), TimeProvider.System, token);
                return Undecided(backup) with { Error = MaintenanceErrorCode.DeadlineExceeded };
            },
            timeout: TimeSpan.FromSeconds(3));
        Assert.Equal(["DRILL-NOT-TESTED", "DRILL-NOT-TESTED"], drill.Findings.Select(finding => finding.Id));
        Assert.Contains(drill.Findings, finding => finding.Message.Contains("no time left", StringComparison.Ordinal));
        Assert.Single(drill.Verifications);
    }

    [Fact]
    public async Task A_store_that_is_not_there_is_unknown_and_one_that_is_not_configured_an_error()
    {
        var drill = await RunAsync(_folder.Target with { BackupStore = new StoreSettings { Path = Path.Combine(_folder.Locks, "missing") } });
        Assert.Equal(HealthStatus.Unknown, drill.Status);
        Assert.Equal(["DRILL-NOT-TESTED"], drill.Findings.Where(finding => finding.Outcome == FindingOutcome.Unknown).Select(finding => finding.Id));
        var problem = await Assert.ThrowsAsync<MaintenanceException>(() => RunAsync(_folder.Target with { BackupStore = null }));
        Assert.Equal(MaintenanceErrorCode.NotConfigured, problem.Code);
    }

    [Fact]
    public async Task Two_drills_at_once_are_refused_and_one_after_another_are_not()
    {
        _folder.Write("app", 2);
        var begun = new TaskCompletionSource();
        var free = new TaskCompletionSource();
        var first = RunAsync(test: async (backup, target, options, call, token) =>
        {
            begun.SetResult();
            await free.Task;
            return Restored(backup);
        });
        await begun.Task.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, TestContext.Current.CancellationToken);
        var problem = await Assert.ThrowsAsync<MaintenanceException>(() => RunAsync());
        Assert.Equal(MaintenanceErrorCode.AlreadyRunning, problem.Code);
        free.SetResult();
        Assert.Equal(HealthStatus.Ok, (await first).Status);
        Assert.Equal(HealthStatus.Ok, (await RunAsync()).Status);
    }

    [Fact]
    public async Task A_drill_that_is_stopped_ends_and_frees_the_machine()
    {
        _folder.Write("app", 2);
        using var stop = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Drills(async (_, _, _, _, token) =>
        {
            await stop.CancelAsync();
            token.ThrowIfCancellationRequested();
            throw new InvalidOperationException();
        }).RunAsync(_folder.Target, new BackupTestOptions(), Calls.Silent(), stop.Token));
        Assert.Equal(HealthStatus.Ok, (await RunAsync()).Status);
    }
}
