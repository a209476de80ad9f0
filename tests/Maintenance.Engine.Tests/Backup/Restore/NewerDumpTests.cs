namespace Maintenance.Engine.Tests.Backup.Restore;

/// <summary>A dump by a newer pg_dump than the pg_restore that is to be used.</summary>
public sealed class NewerDumpTests : IAsyncDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("maintenance-newer-");
    private readonly MaintenanceEngine _engine = new();

    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        _root.Delete(recursive: true);
    }

    [Theory]
    [InlineData(15, BackupLevel.Toc)]
    [InlineData(15, BackupLevel.Checksum)]
    [InlineData(15, BackupLevel.Sample)]
    [InlineData(15, BackupLevel.Full)]
    [InlineData(16, BackupLevel.Full)]
    public async Task It_is_read_and_not_restored_and_nothing_is_said_against_it(int form, BackupLevel level)
    {
        var verification = await TestAsync(form, "15.18", level);
        Assert.Equal((BackupVerdict.CannotDetermine, BackupFault.NewerVersion), (verification.Verdict, verification.Fault));
        Assert.Null(verification.Error);
        Assert.Contains($"PostgreSQL {form + 1} or later", verification.Message, StringComparison.Ordinal);
        Assert.Contains("-PostgresPath", verification.Recommendation, StringComparison.Ordinal);
        Assert.Equal(level >= BackupLevel.Checksum, verification.Checks.Any(check => check is { Name: "Data", Outcome: FindingOutcome.Pass }));
        Assert.DoesNotContain(_root.GetFileSystemInfos(), item => item.Name.StartsWith("maintenance-scratch", StringComparison.Ordinal));
    }

    [Fact]
    public async Task One_that_pg_restore_is_new_enough_for_passes() =>
        Assert.Equal(BackupVerdict.Verified, (await TestAsync(15, "16.4", BackupLevel.Checksum)).Verdict);

    private async Task<BackupVerification> TestAsync(int form, string program, BackupLevel level)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The program is a script.");
        var path = Path.Combine(_root.FullName, "app.dump");
        await File.WriteAllBytesAsync(path, new ArchiveWriter(form).Header().Number(0).ToArray(), TestContext.Current.CancellationToken);
        var script = Path.Combine(_root.CreateSubdirectory("bin").FullName, "pg_restore");
        ShellScript.Write(script, $"#!/bin/sh\necho 'pg_restore (PostgreSQL) {program}'\n");
        var options = new BackupTestOptions { Level = level, PostgresPath = Path.GetDirectoryName(script), ScratchPath = _root.FullName };
        return await _engine.BackupTests.TestAsync(_engine.BackupTests.FromPath(path), null, options, Calls.Silent(), TestContext.Current.CancellationToken);
    }
}
