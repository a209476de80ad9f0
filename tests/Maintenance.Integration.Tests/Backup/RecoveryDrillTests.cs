using Maintenance.Engine;
using Maintenance.IntegrationTests.Infrastructure;

namespace Maintenance.IntegrationTests.Backup;

/// <summary>Recoveries rehearsed with real dumps and real scratch servers, and the daily verification of the same.</summary>
public sealed class RecoveryDrillTests(SandboxFixture fixture) : IAsyncDisposable
{
    private readonly MaintenanceEngine _engine = new();
    private readonly TemporaryFolder _home = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        _home.Dispose();
    }

    private MaintenanceTarget Of(RestoreScene scene) => new()
    {
        Name = "drill",
        BackupStore = new StoreSettings { Path = scene.Store, MaximumAge = TimeSpan.FromHours(24) },
        ArtifactStore = new StoreSettings { Path = Path.Combine(_home.Path, "artifacts") },
        History = new HistorySettings { Path = Path.Combine(_home.Path, "history.db") },
        Recovery = new RecoverySettings { TimeObjective = TimeSpan.FromHours(1), ScratchPath = scene.Scratch },
    };

    private Task<MaintenanceRun> RunAsync(MaintenanceTarget target, string task) => _engine.Tasks.RunAsync(target, task, new() { Approval = new() { By = "a test" } }, Calls.Silent(), Token);

    private static string Text(MaintenanceRun run) => string.Join('\n', run.Steps.Select(step => $"{step.Status} {step.Name}: {step.Message}"));

    [Fact]
    public async Task The_quarterly_test_restores_real_dumps_and_reports_and_a_damaged_one_is_found()
    {
        await using var scene = await RestoreScene.CreateAsync(await fixture.PostgresAsync(15), "drill_quarter");
        var backup = await scene.DumpAsync();
        var run = await RunAsync(Of(scene), "DisasterRecoveryTest");
        Assert.True(run.Status == HealthStatus.Ok, Text(run));
        Assert.True(run.Metrics.First(metric => metric.Name == "recovery_time_seconds").Value > 0);
        Assert.Equal(2, Directory.GetFiles(Path.Combine(_home.Path, "artifacts", "disaster-recovery-tests"), "drill-*").Count(path => path.EndsWith(".html", StringComparison.Ordinal) || path.EndsWith(".md", StringComparison.Ordinal)));
        Assert.Empty(scene.Remains());

        var path = Path.Combine(scene.Store, backup.Name);
        var bytes = await File.ReadAllBytesAsync(path, Token);
        await File.WriteAllBytesAsync(path, bytes[..(bytes.Length / 2)], Token);
        var damaged = await RunAsync(Of(scene), "DisasterRecoveryTest");
        Assert.True(damaged.Status == HealthStatus.Critical, Text(damaged));
        Assert.Contains(damaged.Findings, finding => finding.Id == "DRILL-RESTORE-FAILED");
        Assert.Null(damaged.Metrics.First(metric => metric.Name == "recovery_time_seconds").Value);
        Assert.Empty(scene.Remains());
    }

    [Fact]
    public async Task The_daily_verification_reads_nothing_twice_and_finds_what_was_damaged_since()
    {
        await using var scene = await RestoreScene.CreateAsync(await fixture.PostgresAsync(15), "drill_daily");
        var backup = await scene.DumpAsync();
        double Read(MaintenanceRun run) => run.Metrics.Single(metric => metric.Name == "backups_read_bytes").Value!.Value;
        var first = await RunAsync(Of(scene), "BackupVerification");
        Assert.True(first.Status == HealthStatus.Ok, Text(first));
        Assert.True(Read(first) >= backup.SizeBytes);
        var second = await RunAsync(Of(scene), "BackupVerification");
        Assert.True(second.Status == HealthStatus.Ok, Text(second));
        Assert.Equal(0, Read(second));

        var path = Path.Combine(scene.Store, backup.Name);
        var bytes = await File.ReadAllBytesAsync(path, Token);
        bytes.AsSpan(bytes.Length / 2, 64).Fill(0xFF);
        await File.WriteAllBytesAsync(path, bytes, Token);
        var third = await RunAsync(Of(scene), "BackupVerification");
        Assert.True(third.Status == HealthStatus.Critical, Text(third));
        Assert.Contains(third.Findings, finding => finding.Id == "BACKUP-DAMAGED" && finding.Subject == backup.Name);
    }
}
