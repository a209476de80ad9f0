namespace Maintenance.ModuleTests.Backup;

/// <summary>New-DatabaseBackup as people use it.</summary>
public sealed class NewDatabaseBackupTests(SandboxFixture fixture) : IDisposable
{
    private readonly ModuleRunspace _session = new();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("maintenance-test-");

    public void Dispose()
    {
        _session.Dispose();
        _folder.Delete(recursive: true);
    }

    private IEnumerable<string> Files => _folder.EnumerateFiles("*", SearchOption.AllDirectories).Select(file => file.Name).Order(StringComparer.Ordinal);

    [Fact]
    public void A_backup_is_made_listed_and_tested_in_one_pipeline()
    {
        var made = Assert.Single(Run<DatabaseBackup>("New-DatabaseBackup -Target $target -Path $folder"));
        Assert.Equal((BackupKind.Custom, BackupCompleteness.Complete, "postgres", 64), (made.Kind, made.Completeness, made.Database, made.Sha256!.Length));
        Assert.Equal([made.Name, $"{made.Name}.manifest.json"], Files);
        var listed = Assert.Single(Run<DatabaseBackup>("Get-DatabaseBackup -Path $folder"));
        Assert.Equal((made.Name, made.SizeBytes, made.ETag, made.TakenAt), (listed.Name, listed.SizeBytes, listed.ETag, listed.TakenAt));
        Assert.Equal(BackupVerdict.Verified, Assert.Single(Run<BackupVerification>("New-DatabaseBackup -Target $target -Path $folder -Name again.dump -SkipRowCount | Test-BackupRestore -Target $target")).Verdict);
    }

    [Theory]
    [InlineData("Directory", "folder")]
    [InlineData("Plain", "x.sql")]
    [InlineData("PlainCompressed", "x.sql.gz")]
    public void Every_format_can_be_made(string format, string name)
    {
        var made = Assert.Single(Run<DatabaseBackup>($"New-DatabaseBackup -Target $target -Path $folder -Format {format} -Name {name} -Jobs 2"));
        Assert.Equal((name, format), (made.Name, made.Kind.ToString()));
        Assert.Equal(made.SizeBytes, Assert.Single(Run<DatabaseBackup>("Get-DatabaseBackup -Path $folder")).SizeBytes);
    }

    [Fact]
    public void What_is_asked_is_what_is_dumped_where_and_what_would_go_and_what_if_does_neither()
    {
        Run<DatabaseBackup>("New-DatabaseBackup -Target $target -Path $folder -Name old.dump -SkipRowCount");
        var before = Files.ToList();
        Assert.Empty(Run<DatabaseBackup>("New-DatabaseBackup -Target $target -Path $folder -Name new.dump -KeepLast 1 -WhatIf"));
        Assert.Equal(before, Files);

        var result = _session.Run("New-DatabaseBackup -Target $target -Path $folder -Name new.dump -KeepLast 1 -Confirm:$false -Verbose", ("target", fixture.Sandbox.Target), ("folder", _folder.FullName));
        var asked = result.Verbose.Where(message => message.StartsWith("Performing", StringComparison.Ordinal)).ToList();
        Assert.Matches($"\"Dump as Custom with pg_dump [0-9.]+ to 'new.dump' in {_folder.FullName}\" on target \"database 'postgres' on '{fixture.Sandbox.Target.Name}'\"", asked[0]);
        Assert.Contains("which no rule keeps", asked[1], StringComparison.Ordinal);
        Assert.Contains("'old.dump'", asked[1], StringComparison.Ordinal);
        Assert.Contains(result.Verbose, message => message.StartsWith("Deleted the old backup old.dump", StringComparison.Ordinal));
    }

    [Fact]
    public void Old_ones_go_by_the_rules_given()
    {
        foreach (var name in new[] { "1", "2", "3" })
        {
            Run<DatabaseBackup>($"New-DatabaseBackup -Target $target -Path $folder -Name {name}.dump -SkipRowCount");
        }

        Run<DatabaseBackup>("New-DatabaseBackup -Target $target -Path $folder -Name 4.dump -SkipRowCount -KeepLast 2 -Confirm:$false");
        Assert.Equal(["3.dump", "3.dump.manifest.json", "4.dump", "4.dump.manifest.json"], Files);
        Run<DatabaseBackup>("New-DatabaseBackup -Target $target -Path $folder -Name 5.dump -SkipRowCount -KeepLast 1 -KeepWithin 7d -Confirm:$false");
        Assert.Equal(6, Files.Count());
    }

    [Theory]
    [InlineData("-Name ../x.dump", "InvalidArgument")]
    [InlineData("-Name x.txt", "InvalidArgument")]
    [InlineData("-Format Tar", "InvalidArgument")]
    [InlineData("-Database nowhere", "DatabaseNotFound")]
    [InlineData("-PostgresPath /nowhere", "ProgramNotFound")]
    [InlineData("-Path /nowhere/at/all", "StoreNotFound")]
    public void Mistakes_have_errors_of_their_own(string arguments, string error)
    {
        var path = arguments.Contains("-Path", StringComparison.Ordinal) ? "" : "-Path $folder";
        var result = _session.Run($"New-DatabaseBackup -Target $target {path} {arguments}", ("target", fixture.Sandbox.Target), ("folder", _folder.FullName));
        Assert.Equal($"{error},Maintenance.Commands.NewDatabaseBackupCommand", Assert.Single(result.Errors).FullyQualifiedErrorId);
        Assert.Empty(Files);
    }

    private List<T> Run<T>(string script)
    {
        var result = _session.Run(script, ("target", fixture.Sandbox.Target), ("folder", _folder.FullName));
        Assert.Null(result.Terminating);
        Assert.Empty(result.Errors);
        return [.. result.Output.Select(output => Assert.IsType<T>(output.BaseObject))];
    }
}
