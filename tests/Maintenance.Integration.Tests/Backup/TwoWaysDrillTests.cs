using Maintenance.Engine;
using Maintenance.Engine.Backup.Drill;
using Maintenance.Engine.Programs;
using Maintenance.Engine.Reporting;
using Maintenance.IntegrationTests.Infrastructure;

namespace Maintenance.IntegrationTests.Backup;

/// <summary>A recovery rehearsed where there are two ways back: a dump, and a base backup with the archived log.</summary>
public sealed class TwoWaysDrillTests(ArchivingServer server) : IClassFixture<ArchivingServer>, IAsyncDisposable
{
    private readonly MaintenanceEngine _engine = new();
    private readonly TemporaryFolder _home = new();
    private readonly TemporaryFolder _store = new();
    private readonly TemporaryFolder _scratch = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    // Drills of other tests must not be in the way.
    private RecoveryDrillService Drills => new(_engine.Backups, _engine.BackupTests.TestAsync, TimeProvider.System, _home.Path);

    private MaintenanceTarget Target => new()
    {
        Name = "two-ways",
        BackupStore = new StoreSettings { Path = _store.Path, MaximumAge = TimeSpan.FromHours(24) },
        WalArchive = new StoreSettings { Path = server.Archive },
        History = new HistorySettings { Path = Path.Combine(_home.Path, "history.db") },
        Recovery = new RecoverySettings { TimeObjective = TimeSpan.FromHours(1), ScratchPath = _scratch.Path },
    };

    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        Assert.Empty(Directory.GetFileSystemEntries(_scratch.Path));
        _home.Dispose();
        _store.Dispose();
        _scratch.Dispose();
    }

    [Fact]
    public async Task The_figures_are_those_of_the_way_that_loses_least_and_the_report_shows_both()
    {
        CopyFolder(Path.Combine(server.Backups, "archives"), Path.Combine(_store.Path, "base-20260101"));
        await DumpAsync();
        await SandboxDatabase.ExecuteAsync(server.Server.Sandbox, "INSERT INTO moments VALUES (3)");
        await server.SwitchAsync();
        await server.ArchivedAsync();

        var drill = await Drills.RunAsync(Target, new BackupTestOptions(), Calls.Silent(), Token);
        Assert.True(drill.Verifications.All(test => test.Verdict == BackupVerdict.Verified), string.Join('\n', drill.Verifications.Select(RestoreScene.Text)));
        var (dump, whole) = (drill.Verifications.Single(test => test.Format == BackupKind.Custom), drill.Verifications.Single(test => test.Format == BackupKind.BaseBackup));
        Assert.True(whole.RecoveryPoint < dump.RecoveryPoint);
        Assert.Equal((whole.RecoveryPoint, whole.RecoveryTime), (drill.RecoveryPoint, drill.RecoveryTime));
        Assert.Contains(whole.Name, drill.RecoveryPointNote, StringComparison.Ordinal);

        var report = DrillReport.Of(drill);
        foreach (var text in new[] { HtmlReportWriter.Write([report], drill.CollectedAt), MarkdownReportWriter.Write(report) })
        {
            Assert.All(["base-20260101", "postgres.dump", "Replay", "the cluster"], what => Assert.Contains(what, text, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Without_the_log_between_the_dump_is_the_way_back_and_the_drill_says_what_failed()
    {
        CopyFolder(Path.Combine(server.Backups, "plain"), Path.Combine(_store.Path, "base-20260101"));
        await DumpAsync();
        using var empty = new TemporaryFolder();
        var drill = await Drills.RunAsync(Target with { WalArchive = new StoreSettings { Path = empty.Path } }, new BackupTestOptions(), Calls.Silent(), Token);
        var dump = drill.Verifications.Single(test => test.Format == BackupKind.Custom);
        Assert.Equal((HealthStatus.Critical, dump.RecoveryTime), (drill.Status, drill.RecoveryTime));
        Assert.Contains("not every backup could be restored", drill.Verdict, StringComparison.Ordinal);
        Assert.Contains(drill.Findings, finding => finding is { Id: "DRILL-RESTORE-FAILED", Subject: "the cluster (base backup)" });
    }

    private async Task DumpAsync()
    {
        var program = await PostgresTools.FindAsync("pg_dump", 15, null, Token);
        var call = new ProgramCall(program.Path, ["--format", "custom", "--file", Path.Combine(_store.Path, "postgres.dump")], "/")
        {
            Environment = ToolConnection.EnvironmentOf(SandboxFixture.ConnectionString(server.Server.Sandbox), "postgres"),
        };
        var result = await call.RunAsync(Token);
        Assert.True(result.ExitCode == 0, result.Output);
    }

    private static void CopyFolder(string source, string copy)
    {
        foreach (var folder in Directory.GetDirectories(source, "*", SearchOption.AllDirectories).Prepend(source))
        {
            Directory.CreateDirectory(Path.Combine(copy, Path.GetRelativePath(source, folder)));
        }

        foreach (var file in Directory.GetFiles(source, "*", SearchOption.AllDirectories))
        {
            File.Copy(file, Path.Combine(copy, Path.GetRelativePath(source, file)));
        }
    }
}
