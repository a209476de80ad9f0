using System.Diagnostics;
using Maintenance.TestSupport;

namespace Maintenance.ModuleTests.Backup;

/// <summary>Test-BackupRestore at the levels that restore: its parameters, and a process that is killed in the middle.</summary>
public sealed class RestoreTestCmdletTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly DirectoryInfo _store = Directory.CreateTempSubdirectory("maintenance-backups-");
    private readonly DirectoryInfo _scratch = Directory.CreateTempSubdirectory("maintenance-test-");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _store.Delete(recursive: true);
        _scratch.Delete(recursive: true);
    }

    [Theory]
    [InlineData("@{ Name = 'a'; Sql = 'SELECT true'; Expect = '5' }", "no setting 'Expect'")]
    [InlineData("@{ Name = 'a' }", "needs Sql")]
    public void An_assertion_that_is_none_is_refused(string assertion, string message)
    {
        using var session = new ModuleRunspace();
        Write("SELECT 1;");
        var result = session.Run($"Get-DatabaseBackup -Path $root | Test-BackupRestore -Assertion {assertion}", ("root", _store.FullName));
        Assert.Contains(message, Assert.Single(result.Errors).Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Assertions_are_taken_as_people_write_them()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Needs psql.");
        Open();
        using var session = new ModuleRunspace();
        Write("CREATE TABLE public.t AS SELECT 5 AS n;");
        var verification = (BackupVerification)Assert.Single(session.Run(
            "Get-DatabaseBackup -Path $root | Test-BackupRestore -Level Full -ScratchPath $scratch -Assertion @{ Name = 'Five'; Sql = 'SELECT n FROM t'; Expected = 5 }, @{ Name = 'Any'; Sql = 'SELECT count(*) > 0 FROM t' }",
            ("root", _store.FullName),
            ("scratch", _scratch.FullName)).Output).BaseObject;
        Assert.True(verification.Verdict == BackupVerdict.Verified, string.Join('\n', verification.Checks));
        Assert.Equal(2, verification.Checks.Count(check => check.Name.StartsWith("Assertion", StringComparison.Ordinal)));
        Assert.Empty(_scratch.EnumerateFileSystemInfos());
    }

    [Fact]
    public async Task Nothing_is_left_when_the_process_is_killed_while_it_restores()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Finds the server by its processes.");
        Open();
        Write("SELECT pg_catalog.pg_sleep(600);");
        using var owner = Process.Start(new ProcessStartInfo(
            "dotnet", [ModuleRunspace.HostPath, "-NonInteractive", "-Command", $"Get-DatabaseBackup -Path '{_store.FullName}' | Test-BackupRestore -Level Full -ScratchPath '{_scratch.FullName}'"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        await UntilAsync(() => Processes().Any(process => process.Contains("maintenance-scratch", StringComparison.Ordinal) && process.Contains("SELECT", StringComparison.Ordinal)));
        owner.Kill();
        await owner.WaitForExitAsync(Token);
        await UntilAsync(() => !_scratch.EnumerateFileSystemInfos().Any() && Processes().Count == 0);
        await UntilAsync(() => SandboxRemains.RecordContaining(_scratch.Name) is null);
    }

    // A server's process says in its title what it does: "postgres: postgres maintenance_restore_... 127.0.0.1(1) SELECT", in the data folder.
    private IReadOnlyList<string> Processes() =>
        [.. SandboxRemains.ProcessesOf(_scratch.Name).Select(process => process.Contains("postgres:", StringComparison.Ordinal) ? "maintenance-scratch " + process : process)];

    // The server's account has to pass through.
    private void Open()
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(_scratch.FullName, File.GetUnixFileMode(_scratch.FullName) | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        }
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(began) < Patience, "It did not come to that.");
            await Task.Delay(50, Token);
        }
    }

    private void Write(string sql) => File.WriteAllText(
        Path.Combine(_store.FullName, "app.sql"),
        $"--\n-- PostgreSQL database dump\n--\n\n-- Dumped from database version 15.1\n\n{sql}\n\n--\n-- PostgreSQL database dump complete\n--\n\n");
}
