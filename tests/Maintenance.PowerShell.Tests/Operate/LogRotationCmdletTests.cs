using System.Management.Automation;

namespace Maintenance.ModuleTests.Operate;

public sealed class LogRotationCmdletTests : IDisposable
{
    private readonly ModuleRunspace _runspace = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("maintenance-test-").FullName;

    private ScriptResult Run(string script) => _runspace.Run(script, ("folder", _folder), ("target", Target));

    private MaintenanceTarget Target => new()
    {
        Name = "files",
        History = new HistorySettings { Path = Path.Combine(_folder, "state", "history.db") },
        ArtifactStore = new StoreSettings { Path = Path.Combine(_folder, "artifacts") },
        LogRotation = [new LogRotationRule { Path = Path.Combine(_folder, "app"), DeleteAfter = TimeSpan.FromDays(30) }, new LogRotationRule { Source = LogSource.OwnLogs, DeleteAfter = TimeSpan.FromDays(30) }],
    };

    private string[] Words(string script)
    {
        var result = Run(script);
        Assert.Null(result.Terminating);
        Assert.Empty(result.Errors);
        return [.. result.Output.Select(item => item.BaseObject.ToString()!)];
    }

    private string ErrorOf(string script)
    {
        var result = Run(script);
        return result.Errors.Count > 0 ? result.Errors[0].FullyQualifiedErrorId : ((RuntimeException)result.Terminating!).ErrorRecord.FullyQualifiedErrorId;
    }

    private void Write(string name, double days)
    {
        var path = Path.Combine(_folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, new string('x', 5000));
        File.SetLastWriteTimeUtc(path, (TimeProvider.System.GetUtcNow() - TimeSpan.FromDays(days)).UtcDateTime);
    }

    [Fact]
    public void A_folder_is_rotated_by_age_number_and_size_as_people_write_them()
    {
        for (var i = 1; i <= 5; i++)
        {
            Write($"app/{i}.log", i * 10);
        }

        Assert.Equal(["Done Delete 5.log"], Words("Invoke-LogRotation $folder/app -DeleteAfter 45d"));
        Assert.Equal(["Done Compress 4.log", "Done Compress 3.log"], Words("Invoke-LogRotation -Path $folder/app -Include *.log -CompressAfter 3w"));
        Assert.Equal(["Done Delete 4.log.gz"], Words("Invoke-LogRotation $folder/app -Keep 3"));
        Assert.Equal(["Done Delete 3.log.gz", "Done Delete 2.log"], Words("Invoke-LogRotation $folder/app -MaximumTotalSize 5kB -Confirm:$false"));
        Assert.Equal(["1.log"], Directory.GetFiles(Path.Combine(_folder, "app")).Select(Path.GetFileName));
        Assert.Empty(Words("Invoke-LogRotation $folder/app -MaximumTotalSize 5kB"));
    }

    [Fact]
    public void What_if_shows_each_file_and_touches_none()
    {
        Write("app/a.log", 100);
        Assert.Equal(["Planned Delete a.log"], Words("Invoke-LogRotation $folder/app -DeleteAfter 90d -WhatIf"));
        Assert.True(File.Exists(Path.Combine(_folder, "app", "a.log")));
    }

    [Fact]
    public void Rules_of_a_target_are_followed_also_from_the_pipeline()
    {
        Write("app/a.log", 100);
        Write("app/b.log", 100);
        Assert.Equal(["Planned Delete a.log", "Planned Delete b.log"], Words("$target.LogRotation | Invoke-LogRotation -Target $target -WhatIf"));
        Assert.Equal(["files", "files"], Words("(Invoke-LogRotation -Target $target).Target"));
        Write("app/c.log", 100);
        Assert.Equal(["Done Delete c.log"], Words("[Maintenance.LogRotationRule]@{ Path = \"$folder/app\"; Keep = 1; DeleteAfter = [timespan]::FromDays(1) }, [Maintenance.LogRotationRule]@{ Path = \"$folder/app\"; DeleteAfter = [timespan]::FromDays(1) } | Invoke-LogRotation"));
    }

    [Fact]
    public void Published_logs_are_rotated_below_a_prefix()
    {
        Write("artifacts/weekly-trends/a.md", 100);
        Write("artifacts/other/a.md", 100);
        Assert.Equal(["Done Delete weekly-trends/a.md"], Words("Invoke-LogRotation -Target $target -Prefix weekly-trends/ -DeleteAfter 90d"));
        Assert.StartsWith("InvalidArgument,", ErrorOf("Invoke-LogRotation -Target $target -Prefix '' -TierAfter 30d"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Invoke-LogRotation $folder/none -DeleteAfter 1d", "StoreNotFound,")]
    [InlineData("Invoke-LogRotation $folder", "InvalidArgument,")]
    [InlineData("Invoke-LogRotation $folder -CompressAfter 9d -DeleteAfter 8d", "InvalidArgument,")]
    [InlineData("Invoke-LogRotation $folder -DeleteAfter 0s", "InvalidArgument,")]
    [InlineData("Invoke-LogRotation $folder -DeleteAfter soon", "ParameterArgumentTransformationError,")]
    [InlineData("Invoke-LogRotation", "TargetNotConnected,")]
    [InlineData("Invoke-LogRotation -Prefix x/ -DeleteAfter 1d", "TargetNotConnected,")]
    [InlineData("[Maintenance.LogRotationRule]@{ Source = 'OwnLogs'; Keep = 1 } | Invoke-LogRotation", "TargetNotConnected,")]
    public void What_cannot_be_done_is_an_error_that_says_so(string script, string id) => Assert.StartsWith(id, ErrorOf(script), StringComparison.Ordinal);

    [Fact]
    public void One_folder_that_fails_does_not_stop_the_next()
    {
        Write("app/a.log", 100);
        var result = Run("Invoke-LogRotation $folder/none, $folder/app -DeleteAfter 90d");
        Assert.Single(result.Errors);
        Assert.Single(result.Output);
    }

    [Fact]
    public void The_task_of_the_matrix_runs_without_a_database()
    {
        Write("app/a.log", 100);
        var result = Run("Invoke-MaintenanceTask LogRotation -Target $target");
        Assert.Empty(result.Errors);
        var run = (MaintenanceRun)Assert.Single(result.Output).BaseObject;
        Assert.Equal(HealthStatus.Ok, run.Status);
        Assert.False(File.Exists(Path.Combine(_folder, "app", "a.log")));
    }

    [Fact]
    public void A_name_from_outside_reaches_no_terminal()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Such names cannot be there.");
        Write("app/\e[31mred\nline.log", 100);
        var result = Run("Invoke-LogRotation $folder/app -DeleteAfter 90d -Verbose");
        Assert.Equal("\e[31mred\nline.log", ((LogRotation)Assert.Single(result.Output).BaseObject).Name);
        Assert.DoesNotContain(result.Verbose, message => message.Any(character => char.IsControl(character)));
    }

    public void Dispose()
    {
        _runspace.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
